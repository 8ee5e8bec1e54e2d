/**
 * Completion: what the word at the cursor can become.
 *
 * It knows the shape of lines, and nothing of commands: the verbs, and the values
 * that can stand in their places, come from the caller as data. Conditions and
 * files are not completed. Capitals do not matter: `xbt` finds `XBT/USD`.
 *
 * Pure.
 *
 * @module
 */

import { ShellSyntaxError, skipBlanks } from "./syntax.ts";
import { keywordOf, type Word } from "./word.ts";
import { readLine } from "./words.ts";

/** The name of a list of values, such as `pair`, `depth` or `order`. */
export type Kind = string;

/** What completion needs to know of a verb. */
export interface Verb {
  /** What can stand in the first place, the second and so on; the last entry holds for all places that follow. */
  readonly places?: readonly (readonly Kind[])[];
  /**
   * Words such as `--depth` or `within`, each with the kind of the value that follows, or `undefined` if none does.
   * Values that are free are of a kind that has none.
   */
  readonly options?: Readonly<Record<string, Kind | undefined>>;
  /** Keys of key=value arguments, each with the kind of its value, or `undefined` for a value that is free. */
  readonly keys?: Readonly<Record<string, Kind | undefined>>;
  /** The first argument is a verb, and the line completes from there on as that verb's: `subscribe book …`. */
  readonly delegates?: boolean;
}

export interface CompletionContext {
  readonly verbs: Readonly<Record<string, Verb>>;
  /** The values of each kind, as they are now. Those of `variable` are offered behind a `$`. */
  readonly values: Readonly<Record<Kind, readonly string[]>>;
}

export interface Completion {
  /** What could stand in place of the text from `from` to the cursor, in the order of the context. */
  readonly items: readonly string[];
  /** An offset in the line. */
  readonly from: number;
}

const EXPECTATION = { where: undefined, within: "duration", count: undefined, since: "mark" } as const;

/** The statements of `statement.ts`. Their values are of the kinds `channel`, `pair`, `duration` and `mark`. */
export const STATEMENT_VERBS: Readonly<Record<string, Verb>> = {
  let: {},
  source: {},
  sleep: { places: [["duration"], []] },
  mark: {},
  echo: {},
  assert: {},
  exit: {},
  every: { places: [["duration"], []], options: { do: undefined } },
  on: { places: [["channel"], ["pair"]], options: { where: undefined, do: undefined } },
  wait: { places: [["channel"], ["pair"]], options: EXPECTATION },
  expect: { places: [["channel"], ["pair"]], options: EXPECTATION },
};

/**
 * What the word at the cursor can become. What stands behind the cursor does not matter.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { complete } from "./complete.ts";
 *
 * const context = {
 *   verbs: { book: { places: [["pair", "depth"]] } },
 *   values: { pair: ["XBT/EUR", "XBT/USD", "ETH/USD"], depth: ["10", "25"] },
 * };
 * assertEquals(complete("book xbt", 8, context), { items: ["XBT/EUR", "XBT/USD"], from: 5 });
 * ```
 */
export function complete(line: string, cursor: number, context: CompletionContext): Completion {
  const before = line.slice(0, cursor);
  const variable = /\$\{?(\w*)$/.exec(before)?.[1];
  if (variable !== undefined) return matching(variable, context.values["variable"] ?? [], cursor - variable.length);

  const words = wordsOf(before);
  if (words === undefined) return { items: [], from: cursor };
  const last = words.at(-1);
  const start = last !== undefined && last.end === before.length ? last.start : before.length;
  const done = words.filter(({ end }) => end < before.length || start === before.length)
    .map((word) => keywordOf(word) ?? "");
  return completeWord(before.slice(start), { start, done, context });
}

/**
 * What Tab does with a completion: one word is what to put in place of the typed one, several are a list to show, none is
 * nothing.
 *
 * A single fitting word gets a blank behind it, unless more of it is to come. Of several, what they have in common is put in,
 * as long as that is more than what is typed.
 */
export function replacements(line: string, { items, from }: Completion): readonly string[] {
  const [only = ""] = items;
  if (items.length === 1) return [/[=,]$/.test(only) ? only : `${only} `];
  const common = commonPrefix(items);
  return common.length > line.length - from ? [common] : items;
}

function commonPrefix(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

/** The words so far; `undefined` in quotes, conditions, redirects and comments, where there is nothing to complete. */
function wordsOf(text: string): readonly Word[] | undefined {
  try {
    const { tokens } = readLine(text);
    const last = tokens.at(-1);
    if (last !== undefined && last.type !== "word" && last.end === text.length) return undefined;
    const isComment = skipBlanks(text, last?.end ?? 0) < text.length;
    if (isComment) return undefined;
    return tokens.flatMap((token) => token.type === "word" ? [token.word] : []);
  } catch (error) {
    if (error instanceof ShellSyntaxError) return undefined;
    throw error;
  }
}

interface Place {
  /** Offset of the word in the line. */
  readonly start: number;
  /** The words before it; one with quotes or variables is empty. */
  readonly done: readonly string[];
  readonly context: CompletionContext;
}

function completeWord(typed: string, { start, done, context }: Place): Completion {
  const { values } = context;
  const [name, ...before] = commandIn(done, context.verbs);
  const verb = name === undefined ? undefined : own(context.verbs, name);
  if (name === undefined) return matching(typed, Object.keys(context.verbs), start);
  if (verb === undefined) return { items: [], from: start };

  const option = own(verb.options ?? {}, before.at(-1) ?? "");
  if (option !== undefined) return matching(typed, values[option] ?? [], start);

  const [, key, value] = /^([^=]*)=(.*)$/s.exec(typed) ?? [];
  if (key !== undefined && value !== undefined) {
    const kind = own(verb.options ?? {}, key) ?? own(verb.keys ?? {}, key);
    return matchingInList(value, kind === undefined ? [] : values[kind] ?? [], start + key.length + 1);
  }
  return matching(typed, candidatesAt(typed, before, verb, values), start);
}

/** The words of the innermost command: behind `on … do`, `every … do`, `let NAME =` and verbs that delegate. */
function commandIn(done: readonly string[], verbs: CompletionContext["verbs"]): readonly string[] {
  const [name, ...rest] = done;
  if (name === "on" || name === "every") {
    const at = done.indexOf("do");
    return at === -1 ? done : commandIn(done.slice(at + 1), verbs);
  }
  if (name === "let" && done[2] === "=") return commandIn(done.slice(3), verbs);
  const verb = own(verbs, name ?? "");
  const [delegate = ""] = verb?.delegates === true ? argumentsOf(verb, rest) : [];
  return own(verbs, delegate) === undefined ? done : commandIn(rest.slice(rest.indexOf(delegate)), verbs);
}

/** The words behind a verb that are neither options nor their values. */
function argumentsOf({ options = {} }: Verb, words: readonly string[]): readonly string[] {
  const isOption = (word: string): boolean => word.startsWith("-") || Object.hasOwn(options, word);
  return words.filter((word, at) => !isOption(word) && own(options, words[at - 1] ?? "") === undefined);
}

function candidatesAt(
  typed: string,
  before: readonly string[],
  verb: Verb,
  values: CompletionContext["values"],
): readonly string[] {
  const used = new Set(before);
  const keysUsed = new Set(before.map((word) => word.split("=")[0]));
  const kinds = verb.places?.[argumentsOf(verb, before).length] ?? verb.places?.at(-1) ?? [];
  const options = Object.keys(verb.options ?? {});
  return [
    ...kinds.flatMap((kind) => values[kind] ?? []),
    // Dashes are for those who ask for them.
    ...options.filter((option) => typed.startsWith("-") || !option.startsWith("-")),
    ...Object.keys(verb.keys ?? {}).filter((key) => !keysUsed.has(key)).map((key) => `${key}=`),
  ].filter((candidate) => !used.has(candidate));
}

/** Completes the last entry of a list with commas, such as `txid=O1,O2`. */
function matchingInList(typed: string, candidates: readonly string[], from: number): Completion {
  const entries = typed.split(",");
  const last = entries.pop() ?? "";
  const others = new Set(entries);
  return matching(last, candidates.filter((candidate) => !others.has(candidate)), from + typed.length - last.length);
}

function matching(typed: string, candidates: readonly string[], from: number): Completion {
  const folded = typed.toUpperCase();
  return { items: [...new Set(candidates)].filter((item) => item.toUpperCase().startsWith(folded)), from };
}

/** Never what an object inherits: `constructor` is no verb. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
