/** `krakenws ownTrades`: streams the account's trades. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { readFlags } from "./_account.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export interface OwnTradesOptions {
  /** Begin with the last 50 trades. */
  readonly snapshot: boolean;
  /** Join the fills of one taking order into one trade. */
  readonly consolidateTaker: boolean;
}

export function ownTradesCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Stream the account's trades: the last 50 at first, then each as it happens.", [
      "krakenws ownTrades",
      "krakenws ownTrades snapshot=false",
      "krakenws ownTrades --no-snapshot --no-consolidate-taker",
    ]))
    .alias("own-trades")
    .arguments("[parameters...:string]")
    .option("--no-snapshot", "Begin with the next trade. Also as the word snapshot=false.")
    .option("--no-consolidate-taker", "Tell every fill of a taking order. Also as consolidate_taker=false.")
    .action(async ({ snapshot, consolidateTaker, ...options }, ...words) => {
      const flags = readFlags("ownTrades", words, ["snapshot", "consolidate_taker"]);
      return streamOwnTrades(await host.open(options), {
        snapshot: flags.snapshot ?? snapshot,
        consolidateTaker: flags.consolidate_taker ?? consolidateTaker,
      });
    });
}

/** Streams the account's trades until the app is to end. */
export function streamOwnTrades(app: App, options: OwnTradesOptions): Promise<void> {
  return app.stream([{ channel: "ownTrades", ...options }]);
}
