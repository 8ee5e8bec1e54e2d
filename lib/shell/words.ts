/**
 * A line of the shell, cut into words the way a POSIX shell does it, where that matters here.
 *
 * - Blanks separate words; quotes, backslashes and variables work as `word.ts` tells.
 * - `#` at the start of a word opens a comment. `price=#5%` is a value.
 * - `> FILE` and `>> FILE` say where the records go.
 * - `where` opens a condition (see `condition.ts`), and so does `assert` as a command. What follows a condition can
 *   only be a redirect, a pair or a clause such as `count 3`, so that a slip in the condition is not taken for an argument. A
 *   `>` that can compare does; write the redirect before `where` to leave no doubt.
 * - A backslash at a line's end joins the next line, as a blank.
 *
 * There are no pipes, lists, globs or substitutions; the signs of the first two are refused unless quoted, the others
 * are ordinary characters. `close[price]=+5%` and `a=b=c` are one word each.
 *
 * Pure. Offsets count from 0 in the text that was given.
 *
 * @module
 */

import { suggest } from "../model/suggest.ts";
import { type Condition, readCondition } from "./condition.ts";
import { quote, ShellSyntaxError, skipBlanks } from "./syntax.ts";
import { keywordOf, literalOf, readWord, type Word } from "./word.ts";

/** Where a command's records go instead of stdout. */
export interface Redirect {
  readonly target: Word;
  /** `>>` adds to the file, `>` starts it over. */
  readonly append: boolean;
}

export type Token =
  & { readonly start: number; readonly end: number }
  & (
    | { readonly type: "word"; readonly word: Word }
    | { readonly type: "redirect"; readonly redirect: Redirect }
    | { readonly type: "condition"; readonly condition: Condition }
  );

/** The longest line that is read, in UTF-16 units: far more than anyone types, far less than what exhausts memory. */
export const MAX_LINE_LENGTH = 65_536;

/** What may follow a condition, pairs aside: the clauses of `expect`, `wait`, `on` and `subscribe`. */
const CLAUSES = ["as", "count", "do", "since", "within"];

/**
 * Reads the line that starts at `at`, which ends at a line's end that no backslash joins to the next.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readLine } from "./words.ts";
 *
 * const { tokens } = readLine("book XBT/USD 25 where .verified == true > book.ndjson # kept");
 * assertEquals(tokens.map((token) => token.type), ["word", "word", "word", "word", "condition", "redirect"]);
 * ```
 *
 * @returns Its tokens, the word that opens a condition among them, and the offset at which the next line starts.
 * @throws {ShellSyntaxError} If a quote stays open, a character cannot be part of a line, or the line is too long.
 */
export function readLine(text: string, at = 0): { readonly tokens: readonly Token[]; readonly next: number } {
  const end = endOfLine(text, at);
  refuseUnreadable(text, at, end);
  const tokens: Token[] = [];
  let place = skipBlanks(text, at);
  while (place < end && text[place] !== "#") {
    const token = readToken(text, place, tokens);
    tokens.push(token);
    place = skipBlanks(text, token.end);
  }
  if (opensCondition(tokens)) readCondition(text, place);
  // A comment ends with its own line, whatever its last character.
  const next = text[place] === "#" ? text.indexOf("\n", place) : end;
  return { tokens, next: next === -1 ? text.length : Math.min(next + 1, text.length) };
}

/** Offset of the line's end that closes the line starting at `at`. */
export function endOfLine(text: string, at: number): number {
  for (let end = text.indexOf("\n", at); end !== -1; end = text.indexOf("\n", end + 1)) {
    let before = text[end - 1] === "\r" ? end - 2 : end - 1;
    let backslashes = 0;
    for (; before >= at && text[before] === "\\"; before--) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function readToken(text: string, at: number, before: readonly Token[]): Token {
  if (opensCondition(before)) {
    const { condition, end } = readCondition(text, at);
    return { type: "condition", condition, start: at, end };
  }
  if (text[at] === ">") return readRedirect(text, at);
  const word = readWord(text, at);
  const keyword = keywordOf(word);
  if (keyword !== undefined && FOREIGN.has(keyword)) {
    throw new ShellSyntaxError(`unexpected "${keyword}": a line is one command; quote it to mean the character`, at);
  }
  if (before.at(-1)?.type === "condition") refuseStray(keyword, text.slice(at, word.end), at);
  return { type: "word", word, start: at, end: word.end };
}

const FOREIGN: ReadonlySet<string> = new Set(["|", "||", "&", "&&", ";", "<"]);

/** Whether what was read last is `where`, or `assert` as a command. */
function opensCondition(before: readonly Token[]): boolean {
  const last = keywordAt(before, -1);
  if (last === "where") return before.length > 1;
  return last === "assert" && (before.length === 1 || keywordAt(before, -2) === "do");
}

function keywordAt(tokens: readonly Token[], index: number): string | undefined {
  const token = tokens.at(index);
  return token?.type === "word" ? keywordOf(token.word) : undefined;
}

function refuseStray(keyword: string | undefined, typed: string, at: number): void {
  if (keyword !== undefined && (CLAUSES.includes(keyword) || keyword.includes("/"))) return;
  const near = suggest(typed, ["and", "or", ...CLAUSES]);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  throw new ShellSyntaxError(`expected "and", "or" or the end of the condition, not ${quote(typed)}${hint}`, at);
}

function readRedirect(text: string, at: number): Token {
  const append = text[at + 1] === ">";
  const start = skipBlanks(text, at + (append ? 2 : 1));
  const isMissing = start >= text.length || "\n#>".includes(text[start] ?? "");
  const target = isMissing ? undefined : readWord(text, start);
  if (target === undefined || literalOf(target) === "") {
    throw new ShellSyntaxError(`expected a file after "${append ? ">>" : ">"}"`, start);
  }
  return { type: "redirect", redirect: { target, append }, start: at, end: target.end };
}

// Control characters, and the sign a decoder leaves where the bytes were no UTF-8. Tabs and line ends are blanks.
// deno-lint-ignore no-control-regex
const UNREADABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]|\r(?!\n|$)/;

function refuseUnreadable(text: string, at: number, end: number): void {
  if (end - at > MAX_LINE_LENGTH) {
    throw new ShellSyntaxError(`the line is longer than ${MAX_LINE_LENGTH} characters`, at);
  }
  const line = text.slice(at, end + 1);
  const found = line.search(UNREADABLE);
  if (found === -1) return;
  const code = line.charCodeAt(found).toString(16).toUpperCase().padStart(4, "0");
  const what = code === "FFFD" ? "bytes that are no UTF-8" : `the control character U+${code}`;
  throw new ShellSyntaxError(`a line cannot hold ${what}`, at + found);
}
