/**
 * Which records an `on`, `wait` or `expect` is about.
 *
 * ```text
 * event       = CHANNEL[.TYPE] { PAIR | "where" CONDITION }
 * expectation = CHANNEL[.TYPE] { PAIR | "where" CONDITION | "within" DURATION | "count" N | "since" NAME }
 * ```
 *
 * The parts behind the channel come in any order, each once at most: `trade XBT/USD`, `order.accepted within 5s`.
 *
 * Pure.
 *
 * @module
 */

import { suggest } from "../model/suggest.ts";
import type { Condition } from "./condition.ts";
import { quote, ShellSyntaxError } from "./syntax.ts";
import type { TokenReader } from "./token_reader.ts";
import { literalOf, type Word } from "./word.ts";

/** What a record can be about, as its `channel` says. */
export const CHANNELS: readonly string[] = [
  ...["ticker", "ohlc", "trade", "spread", "book", "openOrders", "ownTrades", "balances"],
  ...["connection", "status", "subscription", "gap", "reply", "order", "error", "pong", "heartbeat", "stat", "mark"],
  ...["deadman", "result", "end", "unrecognized"],
];

export interface EventPattern {
  readonly channel: string;
  /** A record's `type`; `undefined` for any. */
  readonly type: string | undefined;
  /** `undefined` for any pair. */
  readonly pair: Word | undefined;
  readonly where: Condition | undefined;
}

export interface Expectation extends EventPattern {
  readonly withinMs: number;
  /** How many such records, at least 1. */
  readonly count: number;
  /** The mark from which records count; `undefined` where the statement's own rule holds. */
  readonly since: string | undefined;
}

/** Reads an event up to the end or a word that is no part of it. */
export function readEvent(reader: TokenReader): EventPattern {
  return readParts(reader, ["where"]);
}

/** Reads an expectation up to the end of the line. */
export function readExpectation(reader: TokenReader, { withinMs }: { readonly withinMs: number }): Expectation {
  const parts = readParts(reader, CLAUSES);
  if (reader.peek() !== undefined) throw reader.wrong(`expected a pair, ${CLAUSES.join(", ")} or the end`, CLAUSES);
  return { withinMs, count: 1, since: undefined, ...parts };
}

const CLAUSES = ["within", "where", "count", "since"] as const;

type Clause = typeof CLAUSES[number];

/** The parts as they are gathered, in whatever order they come. */
interface Parts {
  readonly channel: string;
  readonly type: string | undefined;
  pair: Word | undefined;
  where: Condition | undefined;
  withinMs?: number;
  count?: number;
  since?: string;
}

function readParts(reader: TokenReader, clauses: readonly Clause[]): Parts {
  const parts: Parts = { ...readChannel(reader), pair: undefined, where: undefined };
  const given = new Set<Clause | "pair">();
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    const clause = clauses.find((candidate) => candidate === reader.peekKeyword());
    if (clause === undefined && (token.type !== "word" || !canBePair(token.word))) break;
    const part = clause ?? "pair";
    if (given.has(part)) {
      throw new ShellSyntaxError(`there is a second ${quote(part)} here; one is the limit`, token.start);
    }
    given.add(part);
    if (clause === undefined) parts.pair = reader.takeWord("a pair");
    else readClause(reader, clause, parts);
  }
  return parts;
}

function readChannel(reader: TokenReader): { readonly channel: string; readonly type: string | undefined } {
  const at = reader.at;
  const [channel = "", ...types] = reader.takeLiteral("a channel, such as ticker or order.accepted").split(".");
  if (channel === "") {
    throw new ShellSyntaxError(
      "expected a channel, such as ticker or order.accepted; a condition comes after where",
      at,
    );
  }
  if (!CHANNELS.includes(channel)) {
    const near = suggest(channel, CHANNELS);
    const hint = near === undefined ? `there are: ${CHANNELS.join(", ")}` : `did you mean "${near}"?`;
    throw new ShellSyntaxError(`there is no channel ${quote(channel)}; ${hint}`, at);
  }
  const type = types.length === 0 ? undefined : types.join(".");
  if (type === "") throw new ShellSyntaxError("expected a type after the dot, as in order.accepted", at);
  return { channel, type };
}

function canBePair(word: Word): boolean {
  const literal = literalOf(word);
  return literal === undefined || literal.includes("/");
}

function readClause(reader: TokenReader, clause: Clause, parts: Parts): void {
  reader.take();
  switch (clause) {
    case "where":
      parts.where = reader.takeCondition();
      break;
    case "within":
      parts.withinMs = reader.takeDuration("a duration, such as 5s");
      break;
    case "count":
      parts.count = reader.takeInteger("a whole number", { least: 1, most: 1_000_000 });
      break;
    case "since":
      parts.since = reader.takeName("the name of a mark");
      break;
    default:
      clause satisfies never;
  }
}
