/**
 * The options that every command with a connection has, and how pairs and numbers are told apart.
 *
 * @module
 */

import { Command, ValidationError } from "@cliffy/command";
import { UsageError } from "../lib/errors.ts";
import { VARIABLES } from "../lib/config.ts";
import { type Pair, parsePair } from "../lib/model/pair.ts";
import { suggest } from "../lib/model/suggest.ts";

/** The root of the tree, with the options that all commands share. */
export function rootCommand() {
  return new Command()
    .globalOption("--target <target:string>", `live (the default), beta, sandbox or a URL. ${variable("target")}`)
    .globalOption("--sandbox", `The exchange in this process: no account, no network. ${variable("sandbox")}`)
    .globalOption("--public-url <url:string>", `Market data's address. ${variable("publicUrl")}`)
    .globalOption("--private-url <url:string>", `Account data's and orders' address. ${variable("privateUrl")}`)
    .globalOption("--rest-url <url:string>", `The address that makes tokens. ${variable("restUrl")}`)
    .globalOption("--token-file <path:string>", `A file that holds a token. ${variable("tokenFile")}`)
    .globalOption("-o, --output <mode:string>", `ndjson (the default), raw or table. ${variable("output")}`)
    .globalOption("--raw-frame", `Add the exchange's untouched frame to each record. ${variable("rawFrame")}`)
    .globalOption("--heartbeats", `Show heartbeats, too. ${variable("heartbeats")}`)
    .globalOption("-q, --quiet", `Say nothing on stderr but errors. ${variable("quiet")}`)
    .globalOption("-v, --verbose", `Show every frame sent and received on stderr. ${variable("verbose")}`)
    .globalOption("--timeout <duration:string>", `How long to wait for an answer; 10s. ${variable("timeout")}`)
    .globalOption("--no-reconnect", `End when the connection is lost. ${variable("reconnect")}=0`)
    .globalOption("--strict", `End with exit code 8 at the first gap in the data. ${variable("strict")}`)
    .globalOption("--stats <duration:string>", `Tell this often how the program itself does. ${variable("stats")}`)
    .globalOption("--count <records:string>", `End after this many data records. ${variable("count")}`)
    .globalOption("--for <duration:string>", `End after this long, such as 30s. ${variable("for")}`);
}

function variable(key: keyof typeof VARIABLES): string {
  return `$${VARIABLES[key]}`;
}

/** A description that opens with examples; its first line is what lists of commands show. */
export function withExamples(summary: string, examples: readonly string[], details = ""): string {
  const lines = [summary, "", "Examples:", ...examples.map((example) => `  ${example}`)];
  return (details === "" ? lines : [...lines, "", details]).join("\n");
}

/** What was typed behind a feed's name: pairs, and a number wherever it stands. */
export interface FeedArguments {
  readonly pairs: readonly Pair[];
  /** The last whole number among the words: a depth or an interval. */
  readonly number: number | undefined;
}

/**
 * Tells pairs from numbers, in the grammar `book XBT/USD XBT/EUR 10`.
 *
 * @throws {UsageError} If a word is neither, or if no pair is among them.
 */
export function parseFeedArguments(words: readonly string[], verb: string): FeedArguments {
  const numbers = words.filter((word) => /^\d+$/.test(word));
  const pairs = words.filter((word) => !numbers.includes(word)).map(parsePair);
  if (pairs.length === 0) {
    throw new UsageError("no_pair", `${verb} needs at least one pair`, {
      hint: `For example: krakenws ${verb} XBT/USD`,
    });
  }
  const last = numbers.at(-1);
  return { pairs: [...new Set(pairs)], number: last === undefined ? undefined : Number(last) };
}

/** The number among the words of a feed that takes none is a mistake worth telling. */
export function parsePairs(words: readonly string[], verb: string): readonly Pair[] {
  const { pairs, number } = parseFeedArguments(words, verb);
  if (number === undefined) return pairs;
  throw new UsageError("stray_number", `${verb} takes pairs, and "${number}" is none`, {
    hint: "Only book (a depth) and ohlc (an interval) take a number",
  });
}

/**
 * The one number meant by an option and by a word.
 *
 * @throws {UsageError} If both are there and differ.
 */
export function oneNumber(option: number | undefined, word: number | undefined, name: string): number | undefined {
  if (option !== undefined && word !== undefined && option !== word) {
    throw new UsageError("two_numbers", `--${name} ${option} and ${word} contradict each other`, {
      hint: `Give the ${name} once`,
    });
  }
  return option ?? word;
}

/** What the parser of the command line complains of is a mistake in the command line; the hint says where help is. */
export function asUsageError(error: unknown, hint: string): unknown {
  if (!(error instanceof ValidationError)) return error;
  return new UsageError("bad_command_line", withoutWildGuess(error.message), { hint });
}

/** The parser suggests some option for any word: one that is far from it is no help. */
function withoutWildGuess(message: string): string {
  const [, fact, typed, guess] = /^(Unknown option "-*(.*?)"\.) Did you mean option "-*(.*?)"\?$/.exec(message) ?? [];
  if (fact === undefined || typed === undefined || guess === undefined) return message;
  return suggest(typed, [guess]) === undefined ? fact : message;
}

/** The command that is not there, if that is what the parser complains of: it has no type of its own for this. */
export function unknownCommand(error: unknown): string | undefined {
  return error instanceof ValidationError ? /^Unknown command "(.*?)"\./.exec(error.message)?.[1] : undefined;
}
