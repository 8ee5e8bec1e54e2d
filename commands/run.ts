/** `krakenws run`: runs a script. @module */

import { Command } from "@cliffy/command";
import type { Settings } from "../lib/config.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";
import { checkScript } from "./_check.ts";
import { SHELL_VERBS } from "./_shell_verbs.ts";
import { runShell } from "./shell.ts";

export function runCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Run a script; it ends at the first line that fails.", [
      "krakenws run morning.kws --sandbox",
      "krakenws run morning.kws --keep-going",
      "krakenws run morning.kws --check",
    ], "The same script runs on the sandbox and on the live exchange."))
    .arguments("<file:string>")
    .option("--validate", "Have the exchange check orders and place none.")
    .option("--keep-going", "Go on after a line that fails; the exit code tells the worst.")
    .option("--check", "Run nothing: tell the sockets, subscriptions and orders that the script would use.")
    .action(async ({ keepGoing = false, check = false, ...settings }, file) => {
      const app = await host.open(settings);
      if (check) return await checkScript(app, file, Object.keys(SHELL_VERBS));
      await runShell(app, { commands: [], files: [file], input: "none", keepGoing, onEof: "drain" });
    });
}
