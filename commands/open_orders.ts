/** `krakenws openOrders`: streams the account's open orders and what becomes of them. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import type { DataRecord } from "../lib/model/record.ts";
import { OrderTracker } from "../lib/trading/tracker.ts";
import { readFlags } from "./_account.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export interface OpenOrdersOptions {
  /** Have the exchange tell the rate counter with each change. */
  readonly ratecounter: boolean;
}

export function openOrdersCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples(
      "Stream the account's open orders: all of them at first, then every change.",
      [
        "krakenws openOrders",
        "krakenws openOrders ratecounter=true",
        "krakenws openOrders --count 1 | jq -r 'select(.channel==\"openOrders\").data[].txid'",
      ],
      "A change of an order's state is also an `order` record: open, partial, closed, canceled, expired.",
    ))
    .alias("open-orders")
    .arguments("[parameters...:string]")
    .option("--ratecounter", "Tell the trading rate counter, too. Also as the word ratecounter=true.")
    .action(async ({ ratecounter, ...options }, ...words) => {
      const flags = readFlags("openOrders", words, ["ratecounter"]);
      return streamOpenOrders(await host.open(options), { ratecounter: flags.ratecounter ?? ratecounter ?? false });
    });
}

/** Streams the open orders, with a record for each change of an order's state, until the app is to end. */
export function streamOpenOrders(app: App, { ratecounter }: OpenOrdersOptions): Promise<void> {
  const tracker = new OrderTracker();
  const follow = (record: DataRecord): void => {
    if (record.channel !== "openOrders") return;
    for (const news of tracker.update(record)) app.emit(news);
  };
  return app.stream([{ channel: "openOrders", ratecounter }], { follow });
}
