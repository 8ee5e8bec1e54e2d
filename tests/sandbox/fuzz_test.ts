import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { connect, openExchange } from "./_exchange.ts";

const EVENTS = [
  ..."ping subscribe unsubscribe addOrder amendOrder editOrder cancelOrder cancelAll cancelAllOrdersAfter".split(" "),
  ..."toString __proto__ constructor".split(" "),
];
const FIELDS = [
  ..."reqid pair subscription token ordertype type volume price price2 leverage oflags txid orderid userref".split(" "),
  ..."cl_ord_id timeout starttm expiretm deadline validate channelID toString __proto__ timeinforce".split(" "),
];
const VALUES = fc.oneof(
  fc.constantFrom<unknown>(
    "XBT/USD",
    ["XBT/USD"],
    "book",
    "limit",
    "market",
    "buy",
    "0.1",
    "9000",
    "+1%",
    10,
    true,
    null,
    "",
  ),
  fc.constantFrom<unknown>(
    { name: "book" },
    { name: "ohlc", interval: 5 },
    { name: "openOrders" },
    { toString: 1 },
    {},
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

Deno.test("whatever a client sends is answered with JSON or not at all, and never stops the exchange", () => {
  const exchange = openExchange({ speed: 1e-9 });
  const clients = [connect(exchange), connect(exchange, "private")];
  const token = exchange.issueToken();
  let answers = 0;
  const send = (text: string) => {
    for (const client of clients) {
      client.send(text);
      for (const frame of client.take()) {
        JSON.parse(frame);
        answers++;
      }
    }
  };
  const requests = fc.tuple(
    fc.constantFrom(...EVENTS),
    fc.dictionary(fc.constantFrom(...FIELDS), VALUES, { maxKeys: 8 }),
  );
  fc.assert(
    fc.property(requests, fc.nat(), ([event, fields], cut) => {
      const text = JSON.stringify({ event, token: event === "ping" ? undefined : token, ...fields });
      send(text);
      send(text.slice(0, cut % (text.length + 1)));
    }),
    { numRuns: 1500, seed: 3, endOnFailure: true },
  );
  fc.assert(fc.property(fc.string(), send), { numRuns: 200, seed: 3 });
  assert(answers > 3000);
  clients[0]!.send({ event: "ping" });
  assertEquals(clients[0]!.take(), ['{"event":"pong"}']);
});
