/**
 * What every command receives: the configuration, the exchange as a feed, and the output.
 *
 * An {@linkcode App} is made for one invocation. Commands say what they want of it and throw when they
 * cannot have it; what an error looks like, and which exit code it is, is decided here and in `errors.ts`.
 *
 * @module
 */

import type { Config, Target } from "./config.ts";
import { ExitCode, KrakenwsError } from "./errors.ts";
import { ClosedPipeError, type Ports } from "./io/ports.ts";
import { Feed, type Origin } from "./market/feed.ts";
import type { EndType, StreamRecord } from "./model/record.ts";
import { Output } from "./output/output.ts";
import { v1 } from "./protocol/v1.ts";
import { DEFAULT_POLICY } from "./session/connection.ts";

export class App {
  readonly config: Config;
  readonly ports: Ports;
  readonly feed: Feed;
  readonly output: Output;

  readonly #stopped = Promise.withResolvers<Stop>();
  #stopping = false;
  readonly #watchers = new Set<(record: StreamRecord) => void>();

  constructor(config: Config, target: Target, ports: Ports) {
    const { clock, dial, random } = ports;
    this.config = config;
    this.ports = ports;
    this.output = new Output({ ...config, mode: config.output }, ports, (error) => this.#stdoutLost(error));
    const options = {
      urls: target.urls,
      protocol: v1,
      policy: { ...DEFAULT_POLICY, reconnect: config.reconnect, dialTimeoutMs: config.timeoutMs },
      confirmTimeoutMs: config.timeoutMs,
      token: () => Promise.reject(new TypeError("no token source yet")),
      ...(config.verbose ? { trace: this.#trace } : {}),
    };
    this.feed = new Feed(options, { clock, dial, random }, (record, origin) => this.#record(record, origin));
  }

  /** Shows each record to `watcher` once it is written, until the returned function is called. */
  watch(watcher: (record: StreamRecord) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Writes a record of our own, stamped now. */
  emit(record: StreamRecord): void {
    this.#record(record, { atMicros: this.ports.clock.epochMicros() });
  }

  /** Asks the invocation to end before its work is done; the first reason counts. */
  stop(stop: Stop): void {
    this.#stopping = true;
    this.#stopped.resolve(stop);
  }

  /** Settles when the invocation is to end, and says why. */
  get stopped(): Promise<Stop> {
    return this.#stopped.promise;
  }

  /** Closes the sockets, then writes the `end` record, and before it the error that led there, if one did. */
  async finish(stop: Stop): Promise<ExitCode> {
    await this.feed.close();
    if (stop.type === "failed") this.emit(errorRecord(stop.error));
    const exit = stop.type === "failed" ? exitCodeOf(stop.error) : stop.exit;
    this.output.end(stop.type, { exit, atMicros: this.ports.clock.epochMicros() });
    return exit;
  }

  #record(record: StreamRecord, origin: Origin): void {
    // What was asked for has been written; what still arrives until the sockets are closed was not asked for.
    if (this.#stopping && origin.frame !== undefined) return;
    this.output.record(record, origin);
    for (const watcher of this.#watchers) watcher(record);
  }

  #stdoutLost(error: unknown): void {
    this.stop(error instanceof ClosedPipeError ? { type: "done", exit: ExitCode.Done } : { type: "failed", error });
  }

  readonly #trace = (direction: "sent" | "received", socket: string, frame: string): void => {
    this.output.complain(`${direction === "sent" ? ">" : "<"} ${socket} ${frame}`);
  };
}

/** Why an invocation ends. */
export type Stop =
  | { readonly type: Exclude<EndType, "failed">; readonly exit: ExitCode }
  | { readonly type: "failed"; readonly error: unknown };

/** What an error means to the caller of the process. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof KrakenwsError ? error.exitCode : ExitCode.Internal;
}

/** A defect of ours says no more than that it is one: its text is on stderr. */
function errorRecord(error: unknown): StreamRecord {
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
