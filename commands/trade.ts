/** `krakenws trade`: streams trades. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import type { Pair } from "../lib/model/pair.ts";
import type { Host } from "./_host.ts";
import { parsePairs, withExamples } from "./_options.ts";

export function tradeCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Stream trades: price, volume, side and order type of each.", [
      "krakenws trade XBT/USD",
      "krakenws trade XBT/USD --count 10 | jq -r 'select(.channel==\"trade\").data[].price'",
    ]))
    .arguments("[pairs...:string]")
    .action(async (options, ...words) => streamTrade(await host.open(options), parsePairs(words, "trade")));
}

/** Streams the trades of these pairs until the app is to end. */
export function streamTrade(app: App, pairs: readonly Pair[]): Promise<void> {
  return app.stream(pairs.map((pair) => ({ channel: "trade", pair })));
}
