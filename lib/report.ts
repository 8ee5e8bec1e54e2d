/**
 * How an error is told: in words to a person, as a record to a program.
 *
 * Pure.
 *
 * @module
 */

import { KrakenwsError } from "./errors.ts";
import type { ErrorRecord } from "./model/record.ts";
import { printable } from "./output/printable.ts";

/** What a person reads, without a newline at the end. A stack trace is for a defect of ours only. */
export function explain(error: unknown): string {
  const lines = error instanceof KrakenwsError
    ? [...`krakenws: ${error.message}`.split("\n"), ...(error.hint === undefined ? [] : [`  ${error.hint}`])]
    : ["krakenws: internal error, please report it", ...traceOf(error).split("\n")];
  // The exchange's words stand in some messages: they must not steer a terminal.
  return lines.map(printable).join("\n");
}

function traceOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** What a program reads. A defect of ours says no more than that it is one: its text is on stderr. */
export function errorRecord(error: unknown): ErrorRecord {
  const known = error instanceof KrakenwsError;
  return {
    channel: "error",
    type: "local",
    code: known ? error.code : "internal",
    message: known ? error.message : "Internal error",
    retryable: false,
    ...(known && error.hint !== undefined ? { hint: error.hint } : {}),
  };
}
