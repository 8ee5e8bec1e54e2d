/**
 * What the trading commands share: a parser made from the table of their parameters, and the way from it to the order.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import type { Settings } from "../lib/config.ts";
import { readParameters, type RequestName, REQUESTS } from "../lib/trading/parameters.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export interface Help {
  readonly summary: string;
  readonly examples: readonly string[];
  readonly details?: string;
}

/** A command that makes one trading request: its parameters as `key=value` words, and each also as an option. */
export function tradingCommand(host: Host, request: RequestName, { summary, examples, details = "" }: Help) {
  const command = new Command<Settings>()
    .description(withExamples(summary, examples, [details, WORDS].join(" ").trim()))
    .alias(kebab(request))
    .arguments("[parameters...:string]")
    .option("-y, --yes", "Do not ask before a live order is sent.")
    .option("--dry-run", "Show the frame that would be sent, and send nothing.");
  if (hasValidate(request)) command.option("--validate", "Have the exchange check it, and do nothing.");
  if ("deadline" in REQUESTS[request]) {
    command.option("--no-deadline", "Let it be placed however late it comes.");
  }
  for (const [key, { help, wire }] of Object.entries(REQUESTS[request])) {
    if (key !== "validate") command.option(wire === "boolean" ? flagOf(key) : `${flagOf(key)} <value:string>`, help);
  }
  return command.action(async (options, ...words) => {
    const typed: TypedOptions = options;
    const app = await host.open(settingsOf(typed));
    const { trade } = await import("../lib/trading/trade.ts");
    await trade(app, request, {
      parameters: readParameters(request, words, parameterOptions(request, typed)),
      yes: typed["yes"] === true,
      dryRun: typed["dryRun"] === true,
      validate: app.config.validate,
      deadline: typed["deadline"] !== false,
    });
  });
}

const WORDS =
  "Parameters are key=value words, as the exchange spells them, or options; what is not known here is passed on.";

/** What was typed: the options are made from a table, so that their types are not known to the compiler. */
type TypedOptions = Readonly<Record<string, unknown>>;

function hasValidate(request: RequestName): boolean {
  return "validate" in REQUESTS[request];
}

/** `cancelAllOrdersAfter` has a timeout of its own: every command's is how long to wait for an answer. */
const RENAMED: Readonly<Record<string, string>> = { timeout: "after" };

/** The option of a parameter: `close[price]` is `--close-price`. */
function flagOf(key: string): string {
  return `--${RENAMED[key] ?? key.replaceAll(/\W+|_/g, "-").replace(/-$/, "")}`;
}

function parameterOptions(request: RequestName, options: TypedOptions): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const key of Object.keys(REQUESTS[request])) {
    const value = options[camel(flagOf(key).slice(2))];
    if (key !== "validate" && (typeof value === "string" || value === true)) parameters[key] = String(value);
  }
  return parameters;
}

function settingsOf(options: TypedOptions): Settings {
  return options as Settings;
}

/** `addOrder` is also `add-order`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function camel(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
