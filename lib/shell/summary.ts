/**
 * What a script would use, told without running it: `run --check`.
 *
 * It says what the lines say. A variable appears as it is typed, and what a condition, an event or a sourced file decides is
 * not known before the script runs; the files are listed, for the caller to read and summarize as well.
 *
 * Pure.
 *
 * @module
 */

import { DEPTHS, INTERVALS, type PrivateChannel, type PublicChannel, type Socket } from "../model/subscription.ts";
import type { ScriptLine } from "./script.ts";
import type { Command, Statement } from "./statement.ts";
import type { Word } from "./word.ts";

export interface ScriptSummary {
  /** The sockets it would open, the public one first. */
  readonly sockets: readonly Socket[];
  readonly subscriptions: readonly SummaryEntry[];
  /** Whatever makes, changes or cancels orders, or sets the dead man's switch. */
  readonly orders: readonly SummaryEntry[];
  /** The files it would source. */
  readonly sources: readonly SummaryEntry[];
}

export interface SummaryEntry {
  /** A subscription's name such as `book-10:XBT/USD`, or the words as typed. */
  readonly text: string;
  readonly line: number;
  /** When it would happen, such as `on gap` or `every 5s`, if not once in its turn. */
  readonly when?: string;
}

/** A feed's name, and how the number that it may take is called and what it is if not given. */
const PUBLIC_FEEDS: Readonly<Record<PublicChannel, { readonly option: string; readonly number: number } | undefined>> =
  {
    ticker: undefined,
    trade: undefined,
    spread: undefined,
    book: { option: "--depth", number: DEPTHS[0] },
    ohlc: { option: "--interval", number: INTERVALS[0] },
  };
const PRIVATE_FEEDS: ReadonlySet<string> = new Set(
  ["openOrders", "ownTrades", "balances"] satisfies PrivateChannel[],
);
const PUBLIC_REQUESTS: ReadonlySet<string> = new Set(["ping", "status"]);
const ORDER_REQUESTS: ReadonlySet<string> = new Set([
  ...["addOrder", "amendOrder", "editOrder", "cancelOrder", "cancelAll", "cancelAllOrdersAfter", "deadman"],
]);

/**
 * Lists the sockets, subscriptions, orders and files of a script.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseScript } from "./script.ts";
 * import { summarize } from "./summary.ts";
 *
 * const { lines } = parseScript({ file: "a.kws", text: "book XBT/USD 25\non gap do cancelAll" });
 * assertEquals(summarize(lines), {
 *   sockets: ["public", "private"],
 *   subscriptions: [{ text: "book-25:XBT/USD", line: 1 }],
 *   orders: [{ text: "cancelAll", line: 2, when: "on gap" }],
 *   sources: [],
 * });
 * ```
 */
export function summarize(lines: readonly ScriptLine[]): ScriptSummary {
  const sockets = new Set<Socket>();
  const subscriptions: SummaryEntry[] = [];
  const orders: SummaryEntry[] = [];
  const sources: SummaryEntry[] = [];
  for (const { statement, source, line } of lines) {
    const typed = ({ start, end }: Pick<Word, "start" | "end">): string => source.text.slice(start, end);
    if (statement.type === "source") sources.push({ text: typed(statement.file), line });
    const { command, when } = commandIn(statement);
    if (command === undefined) continue;
    const words = command.words.map(typed);
    const use = useOf(words);
    if (use === undefined) continue;
    sockets.add(use.socket);
    const place = { line, ...(when !== undefined && { when }) };
    subscriptions.push(...use.subscriptions.map((text) => ({ text, ...place })));
    if (use.isOrder) orders.push({ text: words.join(" "), ...place });
  }
  return {
    sockets: (["public", "private"] as const).filter((name) => sockets.has(name)),
    subscriptions,
    orders,
    sources,
  };
}

function commandIn(statement: Statement): { readonly command?: Command; readonly when?: string } {
  switch (statement.type) {
    case "command":
    case "let":
      return { command: statement.command };
    case "on": {
      const { channel, type } = statement.event;
      return { ...commandIn(statement.action), when: `on ${type === undefined ? channel : `${channel}.${type}`}` };
    }
    case "every":
      return { ...commandIn(statement.action), when: `every ${statement.everyMs / 1_000}s` };
    default:
      return {};
  }
}

interface Use {
  readonly socket: Socket;
  readonly subscriptions: readonly string[];
  readonly isOrder: boolean;
}

/** What a command's words use; `undefined` for one that sends nothing. */
function useOf([typedVerb = "", ...rest]: readonly string[]): Use | undefined {
  const verb = camelCase(typedVerb);
  if (verb === "subscribe") return useOf(rest);
  if (Object.hasOwn(PUBLIC_FEEDS, verb)) {
    return { socket: "public", subscriptions: publicSubscriptions(verb as PublicChannel, rest), isOrder: false };
  }
  if (PRIVATE_FEEDS.has(verb)) return { socket: "private", subscriptions: [verb], isOrder: false };
  if (ORDER_REQUESTS.has(verb)) return { socket: "private", subscriptions: [], isOrder: true };
  return PUBLIC_REQUESTS.has(verb) ? { socket: "public", subscriptions: [], isOrder: false } : undefined;
}

/** One name for each word that is or may be a pair. */
function publicSubscriptions(channel: PublicChannel, words: readonly string[]): readonly string[] {
  const feed = PUBLIC_FEEDS[channel];
  const pairs = words.filter((word) => word.startsWith("$") || word.includes("/") && !word.startsWith("-"))
    .map((word) => word.startsWith("$") ? word : word.toUpperCase());
  if (feed === undefined) return pairs.map((pair) => `${channel}:${pair}`);
  const option = words.findLastIndex((word) => word === feed.option);
  const number = option === -1 ? words.findLast((word) => /^\d+$/.test(word)) : words[option + 1];
  return pairs.map((pair) => `${channel}-${number ?? feed.number}:${pair}`);
}

/** `add-order` is `addOrder`. */
function camelCase(verb: string): string {
  return verb.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
