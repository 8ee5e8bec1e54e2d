/** `krakenws spread`: streams the best bid and ask. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import type { Pair } from "../lib/model/pair.ts";
import type { Host } from "./_host.ts";
import { parsePairs, withExamples } from "./_options.ts";

export function spreadCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Stream spreads: the best bid and ask with their volumes, on every change.", [
      "krakenws spread XBT/USD XBT/EUR ETH/USD LTC/EUR",
      "krakenws spread XBT/USD | jq -c 'select(.channel==\"spread\") | [.data.bid.price, .data.ask.price]'",
    ]))
    .arguments("[pairs...:string]")
    .action(async (options, ...words) => streamSpread(await host.open(options), parsePairs(words, "spread")));
}

/** Streams the spreads of these pairs until the app is to end. */
export function streamSpread(app: App, pairs: readonly Pair[]): Promise<void> {
  return app.stream(pairs.map((pair) => ({ channel: "spread", pair })));
}
