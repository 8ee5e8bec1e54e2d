/**
 * How an error is told: in words to a person, as a record to a program.
 *
 * Pure.
 *
 * @module
 */

import { KrakenwsError } from "./errors.ts";
import type { ErrorRecord } from "./model/record.ts";

/** What a person reads, without a newline at the end. A stack trace is for a defect of ours only. */
export function explain(error: unknown): string {
  if (error instanceof KrakenwsError) {
    return [`krakenws: ${error.message}`, ...(error.hint === undefined ? [] : [`  ${error.hint}`])].join("\n");
  }
  const details = error instanceof Error ? error.stack ?? error.message : String(error);
  return `krakenws: internal error, please report it\n${details}`;
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
