/**
 * Commands from a file, from options, or from a pipe that is a script: one after the other, and no further than the first
 * that fails.
 *
 * @module
 */

import { ExitCode, KrakenwsError, UsageError, worstExitCode } from "../errors.ts";
import { exitCodeOf } from "../app.ts";
import type { Interpreter } from "./interpreter.ts";
import { type Line, LineDecoder } from "./lines.ts";
import { parseLine, type ScriptLine } from "./script.ts";
import { ShellSyntaxError } from "./syntax.ts";

/** Tells of an error: a message for people, a record for programs. */
export type Report = (error: unknown) => void;

export interface ScriptOptions {
  /** Takes a failure, after which the script goes on; `undefined` where the first one ends it. */
  readonly outlive: ((error: unknown) => void) | undefined;
}

/** A step of a script: a statement, or the reason why a line is none. */
export type Step = ScriptLine | { readonly error: unknown };

/**
 * Runs the steps in order.
 *
 * @throws {KrakenwsError} The first failure, unless it is to be outlived.
 */
export async function runSteps(
  interpreter: Interpreter,
  steps: AsyncIterable<Step> | Iterable<Step>,
  { outlive }: ScriptOptions,
): Promise<void> {
  for await (const step of steps) {
    try {
      if ("error" in step) throw step.error;
      await interpreter.execute(step);
    } catch (error) {
      if (outlive === undefined) throw error;
      outlive(error);
    }
  }
}

/** Some lines or actions of a script that was to keep going have failed; each has been reported. */
export class ScriptFailedError extends KrakenwsError {
  readonly exitCode: ExitCode;

  constructor(failures: readonly unknown[]) {
    super("script_failed", `The script went on after failures, ${failures.length} in all`);
    this.exitCode = worstExitCode(failures.map(exitCodeOf));
  }
}

/** The steps of a piped script, each as soon as its line is there. */
export async function* pipedSteps(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Step> {
  let open: { text: string; firstLine: number } | undefined;
  for await (const line of decodedLines(chunks)) {
    if (line.type === "problem") {
      open = undefined;
      yield { error: new UsageError("bad_line", `${file}:${line.number}: ${line.problem}`) };
      continue;
    }
    const source = open === undefined
      ? { file, text: line.text, firstLine: line.number }
      : { file, text: `${open.text}\n${line.text}`, firstLine: open.firstLine };
    open = undefined;
    try {
      const step = parseLine(source);
      if (step !== undefined) yield step;
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      if (error.incomplete) open = { text: source.text, firstLine: source.firstLine };
      else yield { error: new UsageError("bad_line", error.within(source).message) };
    }
  }
  if (open !== undefined) {
    yield { error: new UsageError("bad_line", `${file}:${open.firstLine}: the input ends in the middle of a line`) };
  }
}

/** Every line of the input, as text or as a problem. */
export async function* decodedLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new LineDecoder();
  for await (const chunk of chunks) yield* decoder.push(chunk);
  yield* decoder.end();
}
