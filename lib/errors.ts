/**
 * Everything that can stop a command, and the exit code it ends with.
 *
 * A message says what was tried, what is wrong and, in `hint`, what would be
 * right. `code` is a stable slug for programs. An error of another class is a
 * defect of ours and exits with {@linkcode ExitCode.Internal}.
 *
 * @module
 */

/** What a finished process tells its caller. */
export const ExitCode = {
  Done: 0,
  Internal: 1,
  Usage: 2,
  ExpectationFailed: 3,
  Rejected: 4,
  OutcomeUnknown: 5,
  Refused: 6,
  Unreachable: 7,
  IntegrityFailed: 8,
  Interrupted: 130,
  Terminated: 143,
} as const;

export type ExitCode = typeof ExitCode[keyof typeof ExitCode];

export interface ErrorDetails {
  /** What the user could do instead. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An error that was foreseen: it has a stable code and an exit code, and never a stack trace on the screen. */
export abstract class KrakenwsError extends Error {
  /** A stable slug, for programs. */
  readonly code: string;
  readonly hint: string | undefined;
  abstract readonly exitCode: ExitCode;

  constructor(code: string, message: string, { hint, cause }: ErrorDetails = {}) {
    super(message, { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

/** The command line, an environment variable or a parameter is not of the form it must have. */
export class UsageError extends KrakenwsError {
  readonly exitCode = ExitCode.Usage;
}

/** A script's `wait`, `expect` or `assert` did not hold. */
export class ExpectationError extends KrakenwsError {
  readonly exitCode = ExitCode.ExpectationFailed;
}

/** The exchange answered, and said no. */
export class RejectedError extends KrakenwsError {
  readonly exitCode = ExitCode.Rejected;
}

/** An order was sent and its answer never came: it may or may not stand. */
export class OutcomeUnknownError extends KrakenwsError {
  readonly exitCode = ExitCode.OutcomeUnknown;
}

/** Refused here, before anything was sent: not confirmed, not armed, or no usable token. */
export class RefusedError extends KrakenwsError {
  readonly exitCode = ExitCode.Refused;
}

/** The exchange could not be reached, did not answer in time, or was lost for good. */
export class UnreachableError extends KrakenwsError {
  readonly exitCode = ExitCode.Unreachable;
}

/** The records could not be written: a full disk, a device that fails. */
export class OutputError extends KrakenwsError {
  readonly exitCode = ExitCode.Internal;
}

/** Data could not be trusted and the user asked to stop then. */
export class IntegrityError extends KrakenwsError {
  readonly exitCode = ExitCode.IntegrityFailed;
}

const PRECEDENCE: readonly ExitCode[] = [
  ExitCode.OutcomeUnknown,
  ExitCode.Internal,
  ExitCode.Rejected,
  ExitCode.IntegrityFailed,
  ExitCode.Unreachable,
  ExitCode.ExpectationFailed,
];

/** The one exit code to report when several apply: the first of 5, 1, 4, 8, 7, 3, else the first given. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? codes.find((code) => code !== ExitCode.Done) ??
    ExitCode.Done;
}
