/**
 * An {@linkcode App} for a process that runs one command and ends.
 *
 * It joins the parts: the feed hands its records to the output, and whatever ends the process (a limit, a signal, a reader
 * that left) ends both in order, with the `end` record last.
 *
 * @module
 */

import type { App, Stop, StreamView } from "./app.ts";
import { exitCodeOf } from "./app.ts";
import { type Config, isLoopback, isPractice, stateFolder, type Target } from "./config.ts";
import { ExitCode, IntegrityError, type OutputError } from "./errors.ts";
import { ClosedPipeError, type Ports } from "./io/ports.ts";
import { Feed, type Origin } from "./market/feed.ts";
import type { GapRecord, StreamRecord } from "./model/record.ts";
import type { Subscription } from "./model/subscription.ts";
import { Output } from "./output/output.ts";
import type { Redactor } from "./output/redact.ts";
import { leavingDataUnread } from "./protocol/unread.ts";
import { v1 } from "./protocol/v1.ts";
import { errorRecord } from "./report.ts";
import { type ConnectLog, connectLog } from "./session/budget.ts";
import { DEFAULT_POLICY } from "./session/connection.ts";
import { SANDBOX_ACCOUNT, Tokens } from "./session/token.ts";
import { StopWatch, watchStats } from "./stats.ts";
import { streamSubscriptions } from "./stream.ts";

/** As many levels of a book as the rows of any window have room for. */
const DISPLAYED_LEVELS = 100;

export class Invocation implements App {
  readonly config: Config;
  readonly ports: Ports;
  readonly feed: Feed;
  readonly tokens: Tokens;
  readonly redactor: Redactor;
  readonly output: Output;

  readonly #stopped = Promise.withResolvers<Stop>();
  readonly #stats: Disposable;
  #stopping = false;
  #stdoutFailure: OutputError | undefined;
  readonly #watchers = new Set<(record: StreamRecord) => void>();

  #released = Promise.withResolvers<void>();
  #holds = 0;

  constructor(config: Config, target: Target, ports: Ports, redactor: Redactor) {
    const { clock, dial, random } = ports;
    // Where the sandbox of this process is, is known only now.
    this.config = { ...config, target };
    this.ports = ports;
    const blocked = new StopWatch(clock);
    const outputPorts = { ...ports, stdout: blocked.around(ports.stdout) };
    this.output = new Output({ ...config, mode: config.output }, outputPorts, (error) => this.#stdoutLost(error));
    this.redactor = redactor;
    this.tokens = new Tokens({
      restUrl: target.restUrl,
      timeoutMs: config.timeoutMs,
      tokenFile: config.tokenFile,
      account: target.name === "sandbox" ? SANDBOX_ACCOUNT : undefined,
      practice: isPractice(target),
      onSecret: (secret) => redactor.add(secret),
      warn: (text) => this.output.note(text),
    }, ports);
    const options = {
      urls: target.urls,
      protocol: config.output === "raw" ? leavingDataUnread(v1) : v1,
      policy: { ...DEFAULT_POLICY, reconnect: config.reconnect, dialTimeoutMs: config.timeoutMs },
      confirmTimeoutMs: config.timeoutMs,
      tokens: this.tokens,
      connects: connectsTo(target, ports),
      ...(config.verbose ? { trace: this.#trace } : {}),
    };
    this.feed = new Feed(options, { clock, dial, random }, (record, origin) => this.#record(record, origin));
    this.#stats = watchStats(this, blocked);
  }

  async stream(subscriptions: readonly Subscription[], view: StreamView = {}): Promise<void> {
    const { display } = this.output;
    await display?.begin();
    // Eyes want to see the book, and not how it changes.
    const shown = display === undefined ? view : { ...view, top: view.top ?? DISPLAYED_LEVELS };
    return await streamSubscriptions(this, subscriptions, shown);
  }

  nextRequestId(chosen?: number): number {
    return this.feed.nextRequestId(chosen);
  }

  watch(watcher: (record: StreamRecord) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  emit(record: StreamRecord): void {
    this.#record(record, { atMicros: this.ports.clock.epochMicros() });
  }

  stop(stop: Stop): void {
    this.#stopping = true;
    this.#stopped.resolve(stop);
  }

  hold(): Disposable {
    this.#holds++;
    return {
      [Symbol.dispose]: () => {
        if (--this.#holds === 0) this.#released.resolve();
      },
    };
  }

  /** Settles when nothing holds the app. */
  async released(): Promise<void> {
    while (this.#holds > 0) {
      this.#released = Promise.withResolvers();
      await this.#released.promise;
    }
  }

  get stopped(): Promise<Stop> {
    return this.#stopped.promise;
  }

  /**
   * Closes the sockets, then writes the `end` record, and before it the error that led there, if one did.
   *
   * @throws {OutputError} If stdout fails only now.
   */
  async finish(stop: Stop): Promise<number> {
    this.#stats[Symbol.dispose]();
    await this.feed.close();
    if (stop.type === "failed") this.emit(errorRecord(stop.error));
    const exit = stop.type === "failed" ? exitCodeOf(stop.error) : stop.exit;
    const failedBefore = this.#stdoutFailure !== undefined;
    this.output.end(stop.type, { exit, atMicros: this.ports.clock.epochMicros() });
    if (this.#stdoutFailure !== undefined && !failedBefore) throw this.#stdoutFailure;
    return exit;
  }

  #record(record: StreamRecord, origin: Origin): void {
    // What was asked for has been written; what still arrives until the sockets are closed was not asked for, unless an
    // order waits for it.
    if (this.#stopping && this.#holds === 0 && origin.frame !== undefined) return;
    this.output.record(record, origin);
    for (const watcher of this.#watchers) watcher(record);
    if (this.config.strict && record.channel === "gap" && record.to === null) {
      this.stop({ type: "failed", error: gapError(record) });
    }
  }

  #stdoutLost(error: ClosedPipeError | OutputError): void {
    if (error instanceof ClosedPipeError) return this.stop({ type: "done", exit: ExitCode.Done });
    this.#stdoutFailure = error;
    this.stop({ type: "failed", error });
  }

  readonly #trace = (direction: "sent" | "received", socket: string, frame: string): void => {
    this.output.complain(`${direction === "sent" ? ">" : "<"} ${socket} ${frame}`);
  };
}

/** Connections count where the exchange counts them; one on this machine bans nobody. */
function connectsTo({ urls }: Target, { files, environment }: Ports): ConnectLog | undefined {
  if (isLoopback(new URL(urls.public).hostname)) return undefined;
  const folder = stateFolder(environment);
  return connectLog(files, folder === undefined ? undefined : `${folder}/connects`);
}

function gapError({ type, subscription, from }: GapRecord): IntegrityError {
  return new IntegrityError("gap", `${subscription} has a gap from ${from} on (${type})`, {
    hint: "Without --strict, the stream goes on and says when the gap is closed",
  });
}
