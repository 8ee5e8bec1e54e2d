/**
 * What Tab can complete: the verbs and options of the tree, and the values that stand in their places.
 *
 * @module
 */

import type { Command } from "@cliffy/command";
import { DEPTHS, INTERVALS } from "../lib/model/subscription.ts";
import { type CompletionContext, type Kind, STATEMENT_VERBS, type Verb } from "../lib/shell/complete.ts";
import { ON_EXIT } from "../lib/shell/deadman.ts";
import { CHANNELS } from "../lib/shell/event.ts";

/** What stands behind each verb that takes words. Verbs that are missing here take options only. */
const PLACES: Readonly<Record<string, readonly (readonly Kind[])[]>> = {
  ticker: [["pair"]],
  trade: [["pair"]],
  spread: [["pair"]],
  book: [["pair", "depth"]],
  ohlc: [["pair", "interval"]],
  unsubscribe: [["subscription"], ["pair"]],
  mute: [["subscription"], ["pair"]],
  unmute: [["subscription"], ["pair"]],
  help: [["verb"], []],
  completions: [["completed"], []],
  set: [["setting"], ["value"]],
  deadman: [["switch"], ["duration"], []],
};

/** The kind of an option's value, by the option's name. */
const OPTION_KINDS: Readonly<Record<string, Kind>> = {
  depth: "depth",
  interval: "interval",
  target: "target",
  output: "output",
  pair: "pair",
  type: "side",
  ordertype: "ordertype",
  for: "duration",
  timeout: "duration",
  onExit: "onExit",
};

/** Pairs that many people trade; those of the session's own subscriptions come before them. */
const FREQUENT_PAIRS: readonly string[] = ["XBT", "ETH", "SOL", "XRP", "ADA", "XDG", "LTC", "DOT", "LINK", "AVAX"]
  .flatMap((base) => [`${base}/USD`, `${base}/EUR`])
  .concat("ETH/XBT", "SOL/XBT", "XDG/XBT", "LTC/XBT", "USDT/USD", "USDC/USD", "EUR/USD")
  .concat("SPYx/USD", "TSLAx/USD", "NVDAx/USD", "AAPLx/USD");

/** What a session adds from what is going on in it. */
export interface LiveValues {
  readonly pairs: readonly string[];
  readonly subscriptions: readonly string[];
  readonly orders: readonly string[];
  readonly variables: readonly string[];
  readonly marks: readonly string[];
}

/** The context for {@linkcode complete}, from a tree and from what is live. */
export function completionContext(tree: Command, live: LiveValues): CompletionContext {
  const commands = tree.getCommands();
  const verbs = commands.map((command): [string, Verb] => [command.getName(), verbOf(command)]);
  return {
    verbs: { ...Object.fromEntries(verbs), ...STATEMENT_VERBS },
    values: {
      verb: commands.map((command) => command.getName()),
      pair: [...new Set([...live.pairs, ...FREQUENT_PAIRS])],
      depth: DEPTHS.map(String),
      interval: INTERVALS.map(String),
      subscription: ["all", ...live.subscriptions],
      order: live.orders,
      variable: live.variables,
      mark: live.marks,
      completed: ["bash", "zsh", "fish"],
      target: ["live", "beta", "sandbox"],
      output: ["ndjson", "raw", "table"],
      setting: ["output", "heartbeats", "raw-frame", "quiet", "validate"],
      value: ["on", "off", "ndjson", "raw"],
      switch: ["on", "off"],
      onExit: [...ON_EXIT],
      duration: ["500ms", "5s", "30s", "1m", "1h"],
      side: ["buy", "sell"],
      ordertype: ORDER_TYPES,
      channel: CHANNELS,
    },
  };
}

/** Source: https://docs.kraken.com/api/docs/websocket-v1/addorder */
const ORDER_TYPES = ["limit", "market", "stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit"]
  .concat("trailing-stop", "trailing-stop-limit", "settle-position");

/** The options, keys and places of a command. */
export function verbOf(command: Command): Verb {
  const name = command.getName();
  const options = command.getOptions().flatMap(({ flags, name: option, args }) => {
    const kind = OPTION_KINDS[option] ?? (args.length > 0 ? "free" : undefined);
    return flags.map((flag) => [flag, kind] as const);
  });
  return {
    places: PLACES[name] ?? [[]],
    options: Object.fromEntries(options),
    ...(name === "subscribe" ? { delegates: true } : {}),
    ...(Object.hasOwn(KEYS, name) ? { keys: KEYS[name]! } : {}),
  };
}

/** The keys of key=value words, with the kind of their values. */
const KEYS: Readonly<Record<string, Readonly<Record<string, Kind | undefined>>>> = {
  addOrder: {
    pair: "pair",
    type: "side",
    ordertype: "ordertype",
    volume: undefined,
    price: undefined,
    price2: undefined,
    leverage: undefined,
    oflags: undefined,
    userref: undefined,
    timeinforce: undefined,
  },
  amendOrder: {
    txid: "order",
    cl_ord_id: undefined,
    volume: undefined,
    limit_price: undefined,
    trigger_price: undefined,
  },
  editOrder: { orderid: "order", pair: "pair", volume: undefined, price: undefined, price2: undefined },
  cancelOrder: { txid: "order", cl_ord_id: undefined },
  cancelAllOrdersAfter: { timeout: undefined },
  openOrders: { ratecounter: undefined },
  ownTrades: { snapshot: undefined },
};
