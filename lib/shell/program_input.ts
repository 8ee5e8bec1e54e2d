/**
 * A program on the other end: one JSON object a line in, one `result` record for each out.
 *
 * `{"id":"a1","cmd":"subscribe","args":["ticker","XBT/USD"]}` is a command, its words taken as they are;
 * `{"id":"a2","cmd":"exit","args":["3"]}` a statement; with `{"id":"a3","line":"expect ticker XBT/USD within 5s"}` a
 * program can say any line of the shell. Every record that a
 * command causes carries its id as `cause`. Commands start in the order in which they come and do not wait for each
 * other's answers.
 *
 * A line that cannot be read is an `error` record, and the session lives on.
 *
 * @module
 */

import { exitCodeOf } from "../app.ts";
import { KrakenwsError, UsageError } from "../errors.ts";
import type { ResultRecord, StreamRecord } from "../model/record.ts";
import { STATEMENT_VERBS } from "./complete.ts";
import { parseLine, type ScriptLine } from "./script.ts";
import { decodedLines, type Report } from "./script_input.ts";
import { ShellSyntaxError } from "./syntax.ts";
import type { Word } from "./word.ts";

/** One request of the program. */
export interface ProgramRequest {
  /** A string, or a number's text: what `cause` and `result` repeat. */
  readonly id: string;
  readonly step: ScriptLine;
}

export interface ProgramOptions {
  /** Runs a request and gives back what it answers. */
  readonly execute: (request: ProgramRequest) => Promise<unknown>;
  readonly emit: (record: StreamRecord, cause: string) => void;
  readonly report: Report;
}

/** How many commands may be under way: one more waits until one has its answer. */
const UNDER_WAY_LIMIT = 1_000;

/** Serves the program until its input ends and every command has its result. */
export async function serveProgram(chunks: AsyncIterable<Uint8Array>, options: ProgramOptions): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for await (const line of decodedLines(chunks)) {
    if (line.type === "text" && line.text.trim() === "") continue;
    try {
      if (line.type === "problem") throw new UsageError("bad_line", `Line ${line.number}: ${line.problem}`);
      const run: Promise<void> = answer(parseRequest(line.text, line.number), options).finally(() =>
        underWay.delete(run)
      );
      underWay.add(run);
    } catch (error) {
      options.report(error);
    }
    if (underWay.size >= UNDER_WAY_LIMIT) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

async function answer(request: ProgramRequest, { execute, emit }: ProgramOptions): Promise<void> {
  let result: ResultRecord;
  try {
    result = { channel: "result", type: "ok", data: await execute(request) ?? null };
  } catch (error) {
    result = failure(error);
  }
  emit(result, request.id);
}

function failure(error: unknown): ResultRecord {
  const exit = exitCodeOf(error);
  if (!(error instanceof KrakenwsError)) {
    return { channel: "result", type: "error", code: "internal", message: "Internal error", exit, data: null };
  }
  const { code, message, hint } = error;
  return { channel: "result", type: "error", code, message, ...(hint === undefined ? {} : { hint }), exit, data: null };
}

/**
 * Reads a line of the program.
 *
 * @throws {UsageError} If it is no request, and says what one looks like.
 */
export function parseRequest(text: string, number: number): ProgramRequest {
  const wrong = (problem: string): UsageError =>
    new UsageError("bad_request", `Line ${number}: ${problem}`, {
      hint: 'A request is {"id":"a1","cmd":"subscribe","args":["ticker","XBT/USD"]}, or {"id":"a1","line":"…"}',
    });
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    throw wrong("this is not JSON");
  }
  if (typeof request !== "object" || request === null || Array.isArray(request)) throw wrong("this is not an object");
  const { id, cmd, args = [], line } = request as Record<string, unknown>;
  if (typeof id !== "string" && typeof id !== "number") throw wrong('"id" must be a string or a number');
  if (line !== undefined) {
    if (typeof line !== "string" || cmd !== undefined) throw wrong('"line" must be a string, and stand without "cmd"');
    return { id: String(id), step: parsedLine(line, wrong) };
  }
  if (typeof cmd !== "string" || cmd === "") throw wrong('"cmd" must be a string');
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) {
    throw wrong('"args" must be a list of strings');
  }
  // What a statement takes is syntax: exit 3, wait within 5s.
  if (Object.hasOwn(STATEMENT_VERBS, cmd)) return { id: String(id), step: parsedLine([cmd, ...args].join(" "), wrong) };
  const words = [cmd, ...args].map(literalWord);
  const command = { words, redirect: undefined, where: undefined };
  return {
    id: String(id),
    step: { statement: { type: "command", command }, source: { file: "", text }, line: number },
  };
}

function parsedLine(text: string, wrong: (problem: string) => UsageError): ScriptLine {
  try {
    const step = parseLine({ file: "", text });
    if (step !== undefined) return step;
  } catch (error) {
    if (error instanceof ShellSyntaxError) throw wrong(error.message);
    throw error;
  }
  throw wrong("the line is empty");
}

/** A word that is only itself: no quote, dollar or keyword is read in it. */
function literalWord(text: string): Word {
  return { parts: text === "" ? [] : [{ type: "text", text }], quoted: true, start: 0, end: 0 };
}
