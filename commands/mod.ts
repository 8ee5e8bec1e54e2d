/** The command tree: which verbs there are, and nothing else. @module */

import type { Command } from "@cliffy/command";
import deno from "../deno.json" with { type: "json" };
import type { Settings } from "../lib/config.ts";
import { helpPage } from "./_help.ts";
import type { Host } from "./_host.ts";
import { bookCommand } from "./book.ts";
import { ohlcCommand } from "./ohlc.ts";
import { pingCommand } from "./ping.ts";
import { spreadCommand } from "./spread.ts";
import { statusCommand } from "./status.ts";
import { tickerCommand } from "./ticker.ts";
import { tradeCommand } from "./trade.ts";
import { rootCommand, withExamples } from "./_options.ts";

/** A verb's parser, made anew for each command line. */
export type Verb = (host: Host) => unknown;

export type Verbs = Readonly<Record<string, Verb>>;

/** The parser of each verb; those that bring much with them are loaded when they are needed, so that no other waits for it. */
const VERBS: Readonly<Record<string, () => Verb | Promise<Verb>>> = {
  ticker: () => tickerCommand,
  book: () => bookCommand,
  trade: () => tradeCommand,
  spread: () => spreadCommand,
  ohlc: () => ohlcCommand,
  ping: () => pingCommand,
  status: () => statusCommand,
  openOrders: async () => (await import("./open_orders.ts")).openOrdersCommand,
  ownTrades: async () => (await import("./own_trades.ts")).ownTradesCommand,
  balances: async () => (await import("./balances.ts")).balancesCommand,
  addOrder: async () => (await import("./add_order.ts")).addOrderCommand,
  amendOrder: async () => (await import("./amend_order.ts")).amendOrderCommand,
  editOrder: async () => (await import("./edit_order.ts")).editOrderCommand,
  cancelOrder: async () => (await import("./cancel_order.ts")).cancelOrderCommand,
  cancelAll: async () => (await import("./cancel_all.ts")).cancelAllCommand,
  cancelAllOrdersAfter: async () => (await import("./cancel_all_orders_after.ts")).cancelAllOrdersAfterCommand,
  schema: async () => (await import("./schema.ts")).schemaCommand,
  completions: async () => (await import("./completions.ts")).completionsCommand,
  complete: async () => (await import("./complete.ts")).completeCommand,
  token: async () => (await import("./token.ts")).tokenCommand,
  sandbox: async () => (await import("./sandbox.ts")).sandboxCommand,
  shell: async () => (await import("./shell.ts")).shellCommand,
  run: async () => (await import("./run.ts")).runCommand,
};

export const VERB_NAMES: readonly string[] = Object.keys(VERBS);

/** The verbs that a command line can mean: the one it begins with, or all of them where that is left open. */
export async function loadVerbs([first = ""]: readonly string[] = []): Promise<Verbs> {
  const names = Object.hasOwn(VERBS, first) ? [first] : VERB_NAMES;
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await VERBS[name]!()] as const)));
}

/** A fresh tree: one keeps the state of its last parse, so that each line needs its own. */
export function commandTree(host: Host, verbs: Verbs): Command {
  // What a verb's options are is known inside the verb; the tree has no use for those types.
  const root = rootCommand() as unknown as Command;
  root
    .name("krakenws")
    .version(deno.version)
    .description(withExamples("Kraken's WebSocket API from the command line: NDJSON on stdout.", [
      "krakenws ticker XBT/USD ETH/EUR",
      "krakenws book XBT/USD 10 | jq -c .data",
      "krakenws --sandbox trade XBT/USD --count 5",
      "krakenws",
    ], "Without a command it opens a session: the same commands, line by line, over sockets that stay open."))
    .noExit()
    .help(helpPage)
    .helpOption("-h, --help", "Show this help.", {
      action() {
        host.print(this.getHelp());
      },
    })
    .versionOption("-V, --version", "Show the version.", {
      action() {
        host.print(`krakenws ${deno.version}`);
      },
    })
    // Alone it is a session.
    .action(async (settings: Settings | void) => (await import("./shell.ts")).openShell(host, settings ?? {}));
  for (const [name, verb] of Object.entries(verbs)) root.command(name, verb(host) as Command);
  return root;
}
