/**
 * What every command receives: the configuration, the exchange as a feed, and the output.
 *
 * Commands say what they want of it and throw when they cannot have it. A process that runs one command has one kind of
 * app (`invocation.ts`), and a line of the shell another; a command cannot tell them apart.
 *
 * @module
 */

import type { Config } from "./config.ts";
import { ExitCode, KrakenwsError } from "./errors.ts";
import type { Ports } from "./io/ports.ts";
import type { BookView, Feed } from "./market/feed.ts";
import type { DataRecord, EndType, StreamRecord } from "./model/record.ts";
import type { Subscription } from "./model/subscription.ts";
import type { Output } from "./output/output.ts";
import type { Redactor } from "./output/redact.ts";
import type { Tokens } from "./session/token.ts";

/** How a stream is shown, and who else wants to see it. */
export interface StreamView extends BookView {
  /** Told of each data record of the stream once it is written, as long as the stream lives. */
  readonly follow?: ((record: DataRecord) => void) | undefined;
}

export interface App {
  readonly config: Config;
  readonly ports: Ports;
  readonly feed: Feed;
  readonly tokens: Tokens;
  /** Knows the secrets in use, so that none of them leaves. */
  readonly redactor: Redactor;
  readonly output: Output;

  /**
   * Streams these as the surroundings understand it: a one-shot until it is to end, a shell beside everything else.
   *
   * A subscription that is refused is a record, and the others go on.
   *
   * @throws {RejectedError} If the exchange accepted none of them.
   * @throws {UnreachableError} If the exchange could not be reached, did not answer, or was lost for good.
   */
  stream(subscriptions: readonly Subscription[], view?: StreamView): Promise<void>;

  /**
   * The number of a request that is about to be made on this app's behalf; `chosen` if the user chose one.
   *
   * @throws {UsageError} If a request had the chosen number before.
   */
  nextRequestId(chosen?: number): number;

  /** Writes a record of our own, stamped now. */
  emit(record: StreamRecord): void;

  /** Writes out what was emitted, wherever it goes, before anything else happens; says whether it got there. */
  flush(): boolean;

  /** Shows each record to `watcher` once it is written, until the returned function is called. */
  watch(watcher: (record: StreamRecord) => void): () => void;

  /**
   * Keeps the app from ending until disposed of, whatever the reader of stdout does: an order is on its way.
   *
   * {@linkcode App.stopped} still settles, so that whoever holds the app can hurry.
   */
  hold(): Disposable;
  /** Asks the app to end before its work is done; the first reason counts. */
  stop(stop: Stop): void;

  /** Settles when the app is to end, and says why. */
  readonly stopped: Promise<Stop>;
}

/** Why an app ends. */
export type Stop =
  | { readonly type: Exclude<EndType, "failed">; readonly exit: number }
  | { readonly type: "failed"; readonly error: unknown };

/** What an error means to the caller of the process. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof KrakenwsError ? error.exitCode : ExitCode.Internal;
}
