/**
 * A session of the shell: one app for its whole length, and for each line an app of its own on the same sockets.
 *
 * It owns the streams, knows which command caused which record, and closes what lines have opened. What the lines say is
 * `interpreter.ts`'s; where they come from, `script_input.ts`, `program_input.ts` and `prompt.ts`'s.
 *
 * @module
 */

import type { App, Stop } from "../app.ts";
import { type Config, resolveConfig, type Settings } from "../config.ts";
import { UnreachableError, UsageError } from "../errors.ts";
import type { Ports } from "../io/ports.ts";
import type { BookView, Feed, Origin } from "../market/feed.ts";
import { isDataRecord, type StreamRecord, subscriptionIdOf } from "../model/record.ts";
import { type Subscription, subscriptionId } from "../model/subscription.ts";
import { type Destination, Output } from "../output/output.ts";
import type { Redactor } from "../output/redact.ts";
import type { SubscriptionOutcome } from "../session/session.ts";
import type { Tokens } from "../session/token.ts";
import { requireOne } from "../stream.ts";
import type { Predicate } from "./condition.ts";
import { type Ownership, type Stream, Streams } from "./streams.ts";

/** What a line says beside its command. */
export interface LineOptions {
  readonly cause?: string | undefined;
  readonly alias?: string | undefined;
  readonly where?: Predicate | undefined;
  /** The file that takes the records. */
  readonly sink?: { readonly path: string; readonly append: boolean } | undefined;
}

export class Shell {
  readonly app: App;
  readonly streams: Streams;
  /** Which line made a request. */
  readonly #requests = new Map<string, Line>();
  readonly #sinks = new Set<Sink>();

  constructor(app: App) {
    this.app = app;
    this.streams = new Streams(app.output);
    app.output.route((record, origin) => this.#route(record, origin));
  }

  /** An app for one line. */
  line(options: LineOptions): Line {
    const sink = options.sink === undefined ? undefined : this.#openSink(options.sink);
    return new Line(this, { cause: options.cause, alias: options.alias, where: options.where, output: sink?.output });
  }

  /** Subscribes for a line, and settles when the exchange has confirmed, or has had the time to. */
  async subscribe(line: Line, subscriptions: readonly Subscription[], view: BookView): Promise<void> {
    for (const subscription of subscriptions) this.streams.adopt(subscription, line.ownership);
    const { feed, config, ports } = this.app;
    const late = Promise.withResolvers<undefined>();
    const timer = ports.clock.setTimer(config.timeoutMs, () => late.resolve(undefined));
    let outcomes: SubscriptionOutcome[] | undefined;
    try {
      outcomes = await Promise.race([feed.subscribe(subscriptions, view), late.promise]);
    } catch (error) {
      for (const subscription of subscriptions) this.streams.forget(subscription);
      throw error;
    } finally {
      timer.cancel();
    }
    if (outcomes === undefined) {
      throw new UnreachableError("unconfirmed", `Not confirmed within ${config.timeoutMs / 1000} s; it stays wanted`, {
        hint: "subs tells when it is confirmed; unsubscribe takes it back",
      });
    }
    for (const { type, subscription } of outcomes) {
      if (type !== "subscribed") this.streams.forget(subscription);
    }
    requireOne(outcomes);
  }

  /** Ends these streams, on behalf of a command. */
  async unsubscribe(streams: readonly Stream[], cause?: string): Promise<void> {
    // What the exchange says to this is this command's doing.
    for (const stream of streams) this.streams.adopt(stream.subscription, { ...stream, cause: cause ?? stream.cause });
    await this.app.feed.unsubscribe(streams.map(({ subscription }) => subscription));
    for (const { subscription } of streams) this.streams.forget(subscription);
    this.#closeSinks();
  }

  /** Notes that a request is a line's, so that its answers are. */
  own(reqid: number, line: Line): void {
    this.#requests.set(String(reqid), line);
  }

  /** Writes a record on behalf of a line. */
  emit(record: StreamRecord, line: Line): void {
    this.#emitting = line;
    this.app.emit(record);
    this.#emitting = undefined;
  }

  #emitting: Line | undefined;

  /** Ends the files that lines have opened. */
  close(): void {
    for (const sink of this.#sinks) this.#close(sink);
  }

  #route(record: StreamRecord, origin: Origin): Destination | undefined {
    const line = this.#emitting ?? this.#lineOf(record);
    line?.heard(record);
    const destination = this.streams.route(record, origin);
    if (destination !== undefined || line === undefined) return destination;
    const { output = this.app.output, cause } = line.ownership;
    return { output, cause };
  }

  #lineOf(record: StreamRecord): Line | undefined {
    return "reqid" in record && record.reqid !== undefined ? this.#requests.get(String(record.reqid)) : undefined;
  }

  #openSink({ path, append }: { readonly path: string; readonly append: boolean }): Sink {
    const { ports, output } = this.app;
    let file;
    try {
      file = ports.files.open(path, { append });
    } catch (error) {
      throw new UsageError("cannot_write", `Cannot write to ${path}: ${(error as Error).message}`);
    }
    const lost = (error: unknown) => output.complain(`Cannot write to ${path} any more: ${(error as Error).message}`);
    const sink: Sink = { file, output: new Output(output.options, { ...ports, stdout: file }, lost) };
    this.#sinks.add(sink);
    return sink;
  }

  #closeSinks(): void {
    const used = new Set(this.streams.all().map(({ output }) => output));
    for (const sink of this.#sinks) {
      if (!used.has(sink.output)) this.#close(sink);
    }
  }

  #close(sink: Sink): void {
    sink.output.end("done", { exit: 0, atMicros: this.app.ports.clock.epochMicros() });
    sink.file[Symbol.dispose]();
    this.#sinks.delete(sink);
  }
}

interface Sink {
  readonly output: Output;
  readonly file: Disposable;
}

/** The app that a line's command is given: the shell's, but for what the line says of its own. */
export class Line implements App {
  readonly ownership: Ownership;
  /** The record that answers the line: the last that came of its requests or that its command made. */
  reply: StreamRecord | undefined;
  /** What the command was asked to tell, for a program: the table of `subs`, say. */
  answer: unknown;

  readonly #shell: Shell;
  #config: Config;

  constructor(shell: Shell, ownership: Ownership) {
    this.ownership = ownership;
    this.#shell = shell;
    this.#config = { ...shell.app.config, limits: { count: undefined, forMs: undefined } };
  }

  /**
   * Takes the options of the line.
   *
   * @throws {UsageError} For those that concern the whole session.
   */
  open(settings: Settings): this {
    const { count, for: forText, ...others } = settings;
    const foreign = Object.entries(others).find(([key, value]) => SESSION_WIDE.has(key) && value !== undefined);
    if (foreign !== undefined) {
      throw new UsageError("session_wide", `"${foreign[0]}" holds for the whole session and cannot change in a line`, {
        hint: "Give it when the shell starts, or see set",
      });
    }
    const { limits } = resolveConfig({ count, for: forText }, () => undefined);
    this.#config = { ...this.#config, limits };
    return this;
  }

  get config(): Config {
    return this.#config;
  }

  /** A line is one of many, and the keyboard is the next one's: nobody is asked in the middle. */
  get ports(): Ports {
    return { ...this.#shell.app.ports, ask: undefined };
  }

  get tokens(): Tokens {
    return this.#shell.app.tokens;
  }

  get redactor(): Redactor {
    return this.#shell.app.redactor;
  }

  hold(): Disposable {
    return this.#shell.app.hold();
  }

  get feed(): Feed {
    return this.#shell.app.feed;
  }

  get output(): Output {
    return this.#shell.app.output;
  }

  get stopped(): Promise<Stop> {
    return this.#shell.app.stopped;
  }

  stop(stop: Stop): void {
    this.#shell.app.stop(stop);
  }

  watch(watcher: (record: StreamRecord) => void): () => void {
    return this.#shell.app.watch(watcher);
  }

  nextRequestId(): number {
    const reqid = this.feed.nextRequestId();
    this.#shell.own(reqid, this);
    return reqid;
  }

  emit(record: StreamRecord): void {
    this.#shell.emit(record, this);
  }

  /** Subscribes and returns; limits end the subscription later. */
  async stream(subscriptions: readonly Subscription[], view: BookView = {}): Promise<void> {
    this.#limit(subscriptions);
    await this.#shell.subscribe(this, subscriptions, view);
  }

  /** Notes a record that came of this line. */
  heard(record: StreamRecord): void {
    if (record.channel !== "heartbeat") this.reply = record;
  }

  #limit(subscriptions: readonly Subscription[]): void {
    const { count, forMs } = this.#config.limits;
    const ids = new Set(subscriptions.map(subscriptionId));
    const end = (): void => {
      unwatch?.();
      timer?.cancel();
      const own = this.#shell.streams.all().filter(({ id }) => ids.has(id));
      void this.#shell.unsubscribe(own, this.ownership.cause);
    };
    let records = 0;
    const unwatch = count === undefined ? undefined : this.watch((record) => {
      if (isDataRecord(record) && ids.has(subscriptionIdOf(record) ?? "") && ++records === count) end();
    });
    const timer = forMs === undefined ? undefined : this.ports.clock.setTimer(forMs, end);
  }
}

/** Settings of the connection and of stdout: one set for all lines. */
const SESSION_WIDE: ReadonlySet<string> = new Set(
  [
    "target",
    "sandbox",
    "publicUrl",
    "privateUrl",
    "restUrl",
    "tokenFile",
    "output",
    "rawFrame",
    "heartbeats",
    "quiet",
    "verbose",
    "timeout",
  ] satisfies (keyof Settings)[],
);
