/** `krakenws run`: runs a script. @module */

import { Command } from "@cliffy/command";
import type { Settings } from "../lib/config.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

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
      if (check) {
        const { checkScript } = await import("./_check.ts");
        return await checkScript(app, file);
      }
      const { runShell } = await import("./_session.ts");
      await runShell(app, { commands: [], files: [file], input: "none", keepGoing, onEof: "drain" });
    });
}
