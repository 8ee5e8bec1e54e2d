/** `krakenws ohlc`: streams candles. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import type { Pair } from "../lib/model/pair.ts";
import { type Interval, INTERVALS, parseInterval } from "../lib/model/subscription.ts";
import type { Host } from "./_host.ts";
import { oneNumber, parseFeedArguments, withExamples } from "./_options.ts";

export interface OhlcOptions {
  readonly pairs: readonly Pair[];
  readonly interval: Interval;
}

export function ohlcCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Stream candles: the current one at once, then on every trade.", [
      "krakenws ohlc LTC/EUR XBT/USD 60",
      "krakenws ohlc XBT/USD --interval 5 | jq -c 'select(.channel==\"ohlc\").data | [.etime, .close]'",
    ]))
    .arguments("[pairs...:string]")
    .option("--interval <minutes:integer>", `Minutes: ${INTERVALS.join(", ")}. Also as a word; 1 if not given.`)
    .action(async ({ interval, ...options }, ...words) => {
      const app = await host.open(options);
      return streamOhlc(app, parseOhlc(words, interval));
    });
}

function parseOhlc(words: readonly string[], option: number | undefined): OhlcOptions {
  const { pairs, number } = parseFeedArguments(words, "ohlc");
  return { pairs, interval: parseInterval(oneNumber(option, number, "interval") ?? INTERVALS[0]) };
}

/** Streams the candles of these pairs until the app is to end. */
export function streamOhlc(app: App, { pairs, interval }: OhlcOptions): Promise<void> {
  return app.stream(pairs.map((pair) => ({ channel: "ohlc", interval, pair })));
}
