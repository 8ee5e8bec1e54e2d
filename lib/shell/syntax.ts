/**
 * What the shell's small languages share: one way to say that a text is wrong and where, and two ways to look at it.
 *
 * Offsets count from 0 in the text that is read, which may be a line or a whole
 * script; people are told lines and columns, which count from 1.
 *
 * Pure.
 *
 * @module
 */

/** Where a text came from: what an error names before the line. */
export interface Source {
  /** A path, or a name in brackets such as `<stdin>`. */
  readonly file: string;
  readonly text: string;
  /** The number of the text's first line, when the text is a part of something longer. */
  readonly firstLine?: number;
}

/** A line, a condition or a script is not as the grammar wants it. */
export class ShellSyntaxError extends Error {
  override readonly name = "ShellSyntaxError";
  /** What is wrong and what would be right, without the place. */
  readonly problem: string;
  /** Offset of the first wrong character. */
  readonly at: number;
  /** Whether the text ended in a backslash, so that one more line may complete it. */
  readonly incomplete: boolean;

  constructor(problem: string, at: number, { incomplete = false, place = `column ${at + 1}` } = {}) {
    super(`${place}: ${problem}`);
    this.problem = problem;
    this.at = at;
    this.incomplete = incomplete;
  }

  /** The same error, its message opening with `file:line:column`. */
  within(source: Source): ShellSyntaxError {
    const { line, column } = positionOf(source, this.at);
    const place = `${source.file}:${line}:${column}`;
    return new ShellSyntaxError(this.problem, this.at, { incomplete: this.incomplete, place });
  }
}

/** The line and column, both from 1, of an offset in a source. */
function positionOf(source: Source, at: number): { readonly line: number; readonly column: number } {
  const before = source.text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = (source.firstLine ?? 1) + before.split("\n").length - 1;
  return { line, column: at - lineStart + 1 };
}

/** What a sticky pattern (`/…/y`) matches exactly at an offset; `undefined` when it does not. */
export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** The offset of the next character that is not blank. A backslash before a line's end joins the next line. */
export function skipBlanks(text: string, at: number): number {
  return at + (matchAt(BLANKS, text, at) ?? "").length;
}

const BLANKS = /(?:[ \t]|\\\r?\n|\r(?=\n|$))*/y;

/** A value as an error quotes it: on one line, without control characters, and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length <= 40 ? text : `${text.slice(0, 39)}…`);
}
