/** `krakenws balances`: asks for the account's balances. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { readFlags } from "./_account.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export function balancesCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples(
      "Stream the account's balances, if the exchange offers them.",
      ["krakenws balances"],
      "The exchange's own script asks for this channel and its reference does not have it: what it answers is told.",
    ))
    .arguments("[parameters...:string]")
    .action(async (options, ...words) => {
      readFlags("balances", words, []);
      return streamBalances(await host.open(options));
    });
}

/** Streams the balances until the app is to end. */
export function streamBalances(app: App): Promise<void> {
  return app.stream([{ channel: "balances" }]);
}
