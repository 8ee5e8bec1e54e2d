/** A customer on the private endpoint, who reads answers and feeds as data. */

import type { Exchange } from "../../lib/sandbox/exchange.ts";
import { connect } from "./_exchange.ts";

// deno-lint-ignore no-explicit-any -- tests look into answers of every shape
export type Answer = Record<string, any>;

export interface Customer {
  readonly token: string;
  /** Sends a request with the token; the answers that came back, feeds left out. */
  ask(request: Answer): Answer[];
  /** Places an order in XBT/USD unless told otherwise; its status message. */
  add(order: Answer): Answer;
  /** What the feed has said since the last call: one `[id, fields]` for each entry. */
  heard(feed: "openOrders" | "ownTrades"): [id: string, fields: Answer][];
  /** Raw frames since the last call. */
  take(): string[];
}

export function openCustomer(exchange: Exchange, key = "sandbox"): Customer {
  const client = connect(exchange, "private");
  const token = exchange.issueToken(key);
  const kept: string[] = [];
  const read = () => kept.push(...client.take());
  for (const name of ["openOrders", "ownTrades"]) {
    client.send({
      event: "subscribe",
      subscription: { name, token, ...name === "ownTrades" ? { snapshot: false } : {} },
    });
  }
  client.take();
  const ask = (request: Answer) => {
    read();
    const from = kept.length;
    client.send({ token, ...request });
    read();
    return kept.slice(from).map((frame) => JSON.parse(frame)).filter((frame) => !Array.isArray(frame));
  };
  return {
    token,
    ask,
    add: (order) => ask({ event: "addOrder", pair: "XBT/USD", type: "buy", ordertype: "limit", ...order })[0]!,
    heard(feed) {
      read();
      const messages = kept.filter((frame) => frame.includes(`],"${feed}",`));
      for (const message of messages) kept.splice(kept.indexOf(message), 1);
      return messages.flatMap((message) => JSON.parse(message)[0].flatMap(Object.entries));
    },
    take() {
      read();
      return kept.splice(0);
    },
  };
}
