/** The command tree: which verbs there are, and nothing else. @module */

import type { Command } from "@cliffy/command";
import deno from "../deno.json" with { type: "json" };
import type { Settings } from "../lib/config.ts";
import type { Host } from "./_host.ts";
import { rootCommand, withExamples } from "./_options.ts";
import { addOrderCommand } from "./add_order.ts";
import { amendOrderCommand } from "./amend_order.ts";
import { balancesCommand } from "./balances.ts";
import { bookCommand } from "./book.ts";
import { cancelAllCommand } from "./cancel_all.ts";
import { cancelAllOrdersAfterCommand } from "./cancel_all_orders_after.ts";
import { cancelOrderCommand } from "./cancel_order.ts";
import { editOrderCommand } from "./edit_order.ts";
import { ohlcCommand } from "./ohlc.ts";
import { openOrdersCommand } from "./open_orders.ts";
import { ownTradesCommand } from "./own_trades.ts";
import { pingCommand } from "./ping.ts";
import { runCommand } from "./run.ts";
import { sandboxCommand } from "./sandbox.ts";
import { openShell, shellCommand } from "./shell.ts";
import { spreadCommand } from "./spread.ts";
import { statusCommand } from "./status.ts";
import { tickerCommand } from "./ticker.ts";
import { tokenCommand } from "./token.ts";
import { tradeCommand } from "./trade.ts";

/** The parser of each verb. */
const VERBS: Readonly<Record<string, (host: Host) => unknown>> = {
  ticker: tickerCommand,
  book: bookCommand,
  trade: tradeCommand,
  spread: spreadCommand,
  ohlc: ohlcCommand,
  ping: pingCommand,
  status: statusCommand,
  openOrders: openOrdersCommand,
  ownTrades: ownTradesCommand,
  balances: balancesCommand,
  addOrder: addOrderCommand,
  amendOrder: amendOrderCommand,
  editOrder: editOrderCommand,
  cancelOrder: cancelOrderCommand,
  cancelAll: cancelAllCommand,
  cancelAllOrdersAfter: cancelAllOrdersAfterCommand,
  token: tokenCommand,
  sandbox: sandboxCommand,
  shell: shellCommand,
  run: runCommand,
};

/**
 * A fresh tree: one keeps the state of its last parse, so that each line needs its own.
 *
 * @param more Further commands, such as those that only a shell has.
 */
export function commandTree(host: Host, more: Readonly<Record<string, unknown>> = {}): Command {
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
    .help({ colors: host.ports.stdout.isTerminal() && !host.ports.environment("NO_COLOR") })
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
    .action((settings: Settings | void) => openShell(host, settings ?? {}));
  for (const [name, verb] of Object.entries(VERBS)) root.command(name, verb(host) as Command);
  for (const [name, command] of Object.entries(more)) root.command(name, command as Command);
  return root;
}
