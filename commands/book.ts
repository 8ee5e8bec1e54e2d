/** `krakenws book`: streams order books, checked against the exchange's checksum after every update. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { UsageError } from "../lib/errors.ts";
import type { Pair } from "../lib/model/pair.ts";
import { type Depth, DEPTHS, parseDepth } from "../lib/model/subscription.ts";
import type { Host } from "./_host.ts";
import { oneNumber, parseFeedArguments, withExamples } from "./_options.ts";

export interface BookOptions {
  readonly pairs: readonly Pair[];
  readonly depth: Depth;
  /** Show this many of the best levels after each update; `undefined` shows the raw changes. */
  readonly top: number | undefined;
}

export function bookCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples(
      "Stream order books: a snapshot, then changes, each checked.",
      [
        "krakenws book ETH/USD 10",
        "krakenws book XBT/USD XBT/EUR --depth 100",
        "krakenws book XBT/USD --top 1 | jq -c 'select(.channel==\"book\").data | [.bids[0].price, .asks[0].price]'",
      ],
      "After each update the book kept here is compared with the exchange's CRC-32: `verified` tells. A book that differs " +
        "is a gap, and is asked for again.",
    ))
    .arguments("[pairs...:string]")
    .option("--depth <levels:integer>", `Levels a side: ${DEPTHS.join(", ")}. Also as a word; 10 if not given.`)
    .option("--top <levels:integer>", "Show this many of the best levels after each update, not the changes.")
    .action(async ({ depth, top, ...options }, ...words) => {
      const app = await host.open(options);
      return streamBook(app, parseBook(words, depth, top));
    });
}

function parseBook(words: readonly string[], depthOption: number | undefined, top: number | undefined): BookOptions {
  const { pairs, number } = parseFeedArguments(words, "book");
  const depth = parseDepth(oneNumber(depthOption, number, "depth") ?? DEPTHS[0]);
  if (top !== undefined && (top < 1 || top > depth)) {
    const deeper = top > depth ? DEPTHS.find((candidate) => candidate >= top) : undefined;
    throw new UsageError("bad_top", `Cannot show ${top} levels of a book of ${depth}`, {
      hint: `--top takes a number from 1 to the depth${
        deeper === undefined ? "" : `; a deeper book is --depth ${deeper}`
      }`,
    });
  }
  return { pairs, depth, top };
}

/** Streams the books of these pairs until the app is to end. */
export function streamBook(app: App, { pairs, depth, top }: BookOptions): Promise<void> {
  return app.stream(pairs.map((pair) => ({ channel: "book", depth, pair })), { top });
}
