/** `krakenws ticker`: streams best prices, last trade and the day's figures. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import type { Pair } from "../lib/model/pair.ts";
import type { Host } from "./_host.ts";
import { parsePairs, withExamples } from "./_options.ts";

export function tickerCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Stream tickers: best ask and bid, last trade, the day's figures.", [
      "krakenws ticker XBT/USD ETH/EUR XDG/XBT",
      "krakenws ticker XBT/USD --count 1 | jq -r 'select(.channel==\"ticker\").data.last.price'",
    ]))
    .arguments("[pairs...:string]")
    .action(async (options, ...words) => streamTicker(await host.open(options), parsePairs(words, "ticker")));
}

/** Streams the tickers of these pairs until the app is to end. */
export function streamTicker(app: App, pairs: readonly Pair[]): Promise<void> {
  return app.stream(pairs.map((pair) => ({ channel: "ticker", pair })));
}
