/**
 * One word of a line: what it is made of, and what it comes to.
 *
 * - `'…'` keeps everything as it is.
 * - In `"…"` only `$name`, `\"`, `\\` and `\$` mean something.
 * - A backslash elsewhere keeps the next character.
 * - `$name`, `$o.txid` and `${name}` stand for values (see `variable.ts`), which are never split or read again.
 *
 * Pure.
 *
 * @module
 */

import { quote, ShellSyntaxError, skipBlanks } from "./syntax.ts";
import { readVariable, valueOf, type Variable, type Variables } from "./variable.ts";

/** One word, its variables still open. */
export interface Word {
  readonly parts: readonly WordPart[];
  /** Whether a quote or a backslash was used: such a word is never a keyword. */
  readonly quoted: boolean;
  /** Offset of the first character. */
  readonly start: number;
  /** Offset past the last character. */
  readonly end: number;
}

export type WordPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "variable"; readonly variable: Variable };

/**
 * Reads the word that starts at `start`, where there is neither a blank nor a comment.
 *
 * @throws {ShellSyntaxError} If a quote stays open, or a `>` stands inside the word.
 */
export function readWord(text: string, start: number): Word {
  const parts = new PartList();
  let quoted = false;
  let at = start;
  while (at < text.length && text[at] !== "\n" && skipBlanks(text, at) === at) {
    const character = text[at] ?? "";
    quoted ||= QUOTING.includes(character);
    if (character === ">") {
      throw new ShellSyntaxError('put a space before ">" to redirect, or quote it to mean the character', at);
    }
    if (character === "'") at = readSingleQuoted(text, at, parts);
    else if (character === '"') at = readDoubleQuoted(text, at, parts);
    else if (character === "\\") at = readEscaped(text, at, parts);
    else at = readPlain(text, at, parts);
  }
  return { parts: parts.finish(), quoted, start, end: at };
}

const QUOTING = "'\"\\";

function readSingleQuoted(text: string, at: number, parts: PartList): number {
  const close = text.indexOf("'", at + 1);
  const content = text.slice(at + 1, close === -1 ? text.length : close);
  if (close === -1 || content.includes("\n")) throw new ShellSyntaxError("the quote ' is never closed", at);
  parts.addText(content);
  return close + 1;
}

function readDoubleQuoted(text: string, opened: number, parts: PartList): number {
  let at = opened + 1;
  for (;;) {
    const character = text[at];
    if (character === undefined || character === "\n") {
      throw new ShellSyntaxError('the quote " is never closed', opened);
    }
    if (character === '"') return at + 1;
    const isEscape = character === "\\" && '"\\$\r\n'.includes(text[at + 1] ?? " ");
    at = isEscape ? readEscaped(text, at, parts) : readPlain(text, at, parts);
  }
}

/** A backslash and what it keeps; inside quotes a line's end behind it is dropped with it. */
function readEscaped(text: string, at: number, parts: PartList): number {
  const kept = text[at + 1];
  if (kept === undefined) {
    throw new ShellSyntaxError("a backslash at the end joins the next line, and there is none", at, {
      incomplete: true,
    });
  }
  if (kept === "\n") return at + 2;
  if (kept === "\r") return at + 3;
  parts.addText(kept);
  return at + 2;
}

function readPlain(text: string, at: number, parts: PartList): number {
  const read = text[at] === "$" ? readVariable(text, at) : undefined;
  if (read === undefined) {
    parts.addText(text[at] ?? "");
    return at + 1;
  }
  parts.addVariable(read.variable);
  return read.end;
}

/** Gathers a word's parts, neighbouring texts in one. */
class PartList {
  readonly #parts: WordPart[] = [];
  #text = "";

  addText(text: string): void {
    this.#text += text;
  }

  addVariable(variable: Variable): void {
    this.#flush();
    this.#parts.push({ type: "variable", variable });
  }

  finish(): readonly WordPart[] {
    this.#flush();
    return this.#parts;
  }

  #flush(): void {
    if (this.#text !== "") this.#parts.push({ type: "text", text: this.#text });
    this.#text = "";
  }
}

/** The word's text, if it has no variables. */
export function literalOf(word: Word): string | undefined {
  if (word.parts.some((part) => part.type === "variable")) return undefined;
  return word.parts.map((part) => part.type === "text" ? part.text : "").join("");
}

/** The word's text, if it can be a keyword: typed without quotes and variables. */
export function keywordOf(word: Word): string | undefined {
  return word.quoted ? undefined : literalOf(word);
}

/**
 * The word with its variables' values in their places. It stays one word, whatever is in them.
 *
 * @throws {ShellSyntaxError} If a variable is not defined, has no such field or no value.
 */
export function expand(word: Word, variables: Variables): string {
  return word.parts.map((part) => {
    if (part.type === "text") return part.text;
    const value = valueOf(part.variable, variables);
    if (value === null) throw new ShellSyntaxError(`${part.variable.text} has no value (null)`, part.variable.start);
    return String(value);
  }).join("");
}

/**
 * The words as a command gets them.
 *
 * A reply of the exchange must not become an option of ours, so a word may not get its leading dash from a variable.
 *
 * @throws {ShellSyntaxError} As {@linkcode expand}, or for such a dash.
 */
export function expandArguments(words: readonly Word[], variables: Variables): string[] {
  return words.map((word) => {
    const text = expand(word, variables);
    const first = word.parts[0];
    if (first?.type === "variable" && text.startsWith("-")) {
      throw new ShellSyntaxError(
        `${first.variable.text} is ${quote(text)}, which would be read as an option`,
        word.start,
      );
    }
    return text;
  });
}
