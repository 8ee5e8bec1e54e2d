/**
 * Scripts: one statement a line, read whole before anything runs.
 *
 * A script may hold orders, so a mistake in its last line is told before its
 * first line has done anything, together with every other mistake. What a line
 * may be is told in `statement.ts`; `#` opens a comment, a backslash at a line's
 * end joins the next line.
 *
 * Pure: the caller reads the file. Variables get their values when a statement
 * runs.
 *
 * @module
 */

import { readStatement, type Statement } from "./statement.ts";
import { ShellSyntaxError, type Source } from "./syntax.ts";
import { endOfLine, readLine } from "./words.ts";

/** A statement and where it stands. */
export interface ScriptLine {
  readonly statement: Statement;
  /** For errors that come up when the statement runs: `error.within(source)`. */
  readonly source: Source;
  /** The line it starts on, from 1. */
  readonly line: number;
}

export interface Script {
  readonly lines: readonly ScriptLine[];
  /** Every mistake found, in order; each message opens with `file:line:column`. Nothing should run unless there is none. */
  readonly errors: readonly ShellSyntaxError[];
}

/**
 * Reads a script.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseScript } from "./script.ts";
 *
 * const { lines, errors } = parseScript({ file: "watch.kws", text: "subscribe ticker XBT/USD\nslep 2s\nsleep 2\n" });
 * assertEquals(lines.map(({ line, statement }) => [line, statement.type]), [[1, "command"], [2, "command"]]);
 * assertEquals(errors.map((error) => error.message.slice(0, 45)), ['watch.kws:3:7: Cannot read the duration "2": ']);
 * ```
 */
export function parseScript(source: Source): Script {
  const lines: ScriptLine[] = [];
  const errors: ShellSyntaxError[] = [];
  const { text, firstLine = 1 } = source;
  let line = firstLine;
  let counted = 0;
  for (let at = 0; at < text.length;) {
    try {
      const { tokens, next } = readLine(text, at);
      at = next;
      const start = tokens[0]?.start;
      if (start === undefined) continue;
      line += countLines(text, counted, start);
      counted = start;
      lines.push({ statement: readStatement(tokens), source, line });
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      errors.push(error.within(source));
      at = Math.max(at, endOfLine(text, error.at) + 1);
    }
  }
  return { lines, errors };
}

/**
 * Reads one line, as typed at the prompt or taken from a pipe.
 *
 * @returns `undefined` when there is nothing on it, or only a comment.
 * @throws {ShellSyntaxError} If it is no statement, or more than one line. `incomplete` tells that it ends in a backslash:
 * add a line's end and the next line, and read again.
 */
export function parseLine(source: Source): ScriptLine | undefined {
  const { text, firstLine = 1 } = source;
  const { tokens, next } = readLine(text);
  if (next < text.length) throw new ShellSyntaxError("expected one line, and there are more", next);
  const start = tokens[0]?.start;
  if (start === undefined) return undefined;
  return { statement: readStatement(tokens), source, line: firstLine + countLines(text, 0, start) };
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
