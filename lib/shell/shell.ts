/**
 * A session of the shell: one app for its whole length, and for each line an app of its own on the same sockets.
 *
 * It owns the streams, knows which command caused which record, and closes what lines have opened. What the lines say is
 * `interpreter.ts`'s; where they come from, `script_input.ts`, `program_input.ts` and `prompt.ts`'s.
 *
 * @module
 */

import type { App, Stop, StreamView } from "../app.ts";
import { type Config, resolveConfig, type Settings } from "../config.ts";
import { OutputError, UnreachableError, UsageError } from "../errors.ts";
import type { Ask, ClosedPipeError, Ports } from "../io/ports.ts";
import type { BookView, Feed, Origin } from "../market/feed.ts";
import { type DeadmanRecord, isDataRecord, type StreamRecord, subscriptionIdOf } from "../model/record.ts";
import { type Subscription, subscriptionId } from "../model/subscription.ts";
import { type Destination, Output } from "../output/output.ts";
import type { Redactor } from "../output/redact.ts";
import type { Tokens } from "../session/token.ts";
import type { SubscriptionOutcome } from "../session/subscriber.ts";
import { requireOne } from "../stream.ts";
import type { Predicate } from "./condition.ts";
import { Deadman } from "./deadman.ts";
import { deadmanExchange } from "./deadman_exchange.ts";
import { OpenOrders } from "./open_orders.ts";
import { type Ownership, type Stream, Streams } from "./streams.ts";

/** What a line says beside its command. */
export interface LineOptions {
  readonly cause?: string | undefined;
  readonly alias?: string | undefined;
  readonly where?: Predicate | undefined;
  /** The file that takes the records. */
  readonly sink?: { readonly path: string; readonly append: boolean } | undefined;
}

/** How many requests are remembered: answers to older ones do not come any more. */
const OWNED_REQUESTS = 10_000;

export class Shell {
  readonly app: App;
  readonly streams: Streams;
  readonly openOrders = new OpenOrders();
  readonly deadman: Deadman;
  /** The line that gave the dead man's switch its last command. */
  deadmanLine: Line | undefined;
  /** Whether orders are only to be checked by the exchange. */
  validate: boolean;
  /** Told when something fails that no line waits for: a file that takes no more. */
  onFailure: (error: unknown) => void;
  /** How a person is asked; `undefined` where there is none. */
  ask: Ask | undefined;
  #lastAnswer: Promise<unknown> = Promise.resolve();
  /** Which line made a request. */
  readonly #requests = new Map<string, Line>();
  readonly #sinks = new Map<string, Sink>();
  /** Lines with a file whose commands are under way. */
  readonly #running = new Set<Line>();
  #holds = 0;
  #released = Promise.withResolvers<void>();

  constructor(app: App) {
    this.app = app;
    this.streams = new Streams(app.output);
    this.validate = app.config.validate;
    this.onFailure = (error) => app.stop({ type: "failed", error });
    this.ask = app.ports.ask;
    const { clock } = app.ports;
    this.deadman = new Deadman({ exchange: deadmanExchange(app), clock, emit: (record) => this.#emitDeadman(record) });
    app.output.route((record, origin) => this.#route(record, origin));
    app.watch((record) => this.#watch(record));
  }

  #watch(record: StreamRecord): void {
    this.streams.tell(record);
    this.openOrders.update(record);
    if (record.channel === "connection" && record.socket === "private" && record.type === "open") {
      this.deadman.reconnected();
    }
  }

  #emitDeadman(record: DeadmanRecord): void {
    if (this.deadmanLine === undefined) this.app.emit(record);
    else this.emit(record, this.deadmanLine);
  }

  /** Keeps the session from ending until disposed of. */
  hold(): Disposable {
    const held = this.app.hold();
    this.#holds++;
    return {
      [Symbol.dispose]: () => {
        held[Symbol.dispose]();
        if (--this.#holds === 0) this.#released.resolve();
      },
    };
  }

  /** Settles when no line holds the session: no order is on its way any more. */
  async released(): Promise<void> {
    while (this.#holds > 0) {
      this.#released = Promise.withResolvers();
      await this.#released.promise;
    }
  }

  /** How lines ask: one question after the other, so that no answer is taken for that of another. */
  get askInTurn(): Ask | undefined {
    const { ask } = this;
    if (ask === undefined) return undefined;
    return (question) => {
      const answer = this.#lastAnswer.then(() => ask(question));
      this.#lastAnswer = answer.catch(() => {});
      return answer;
    };
  }

  /** An app for one line. */
  line(options: LineOptions): Line {
    const sink = options.sink === undefined ? undefined : this.#openSink(options.sink);
    const line = new Line(this, {
      cause: options.cause,
      alias: options.alias,
      where: options.where,
      output: sink?.output,
    });
    if (sink !== undefined) this.#running.add(line);
    return line;
  }

  /** A line's command has come to its end; what it has subscribed to goes on. */
  finished(line: Line): void {
    this.#running.delete(line);
    this.#closeSinks();
  }

  /** Subscribes for a line, and settles when the exchange has confirmed, or has had the time to. */
  async subscribe(
    owner: Ownership,
    subscriptions: readonly Subscription[],
    view: BookView,
  ): Promise<SubscriptionOutcome[]> {
    const adopted = subscriptions.map((subscription) => this.streams.adopt(subscription, owner));
    const forget = (kept: ReadonlySet<Subscription>): void => {
      for (const stream of adopted) if (!kept.has(stream.subscription)) this.streams.forget(stream);
    };
    const { feed, config, ports } = this.app;
    const settled = feed.subscribe(subscriptions, view).then((outcomes) => {
      const kept = outcomes.filter(({ type }) => type === "subscribed" || type === "unanswered");
      forget(new Set(kept.map(({ subscription }) => subscription)));
      return outcomes;
    }, (error) => {
      forget(new Set());
      throw error;
    });
    const late = Promise.withResolvers<undefined>();
    const timer = ports.clock.setTimer(config.timeoutMs, () => late.resolve(undefined));
    const outcomes = await Promise.race([settled, late.promise]).finally(() => timer.cancel());
    if (outcomes === undefined || outcomes.every(({ type }) => type === "unanswered")) {
      throw new UnreachableError("unconfirmed", `Not confirmed within ${config.timeoutMs / 1000} s; it stays wanted`, {
        hint: "subs tells when it is confirmed; unsubscribe takes it back",
      });
    }
    requireOne(outcomes);
    return outcomes;
  }

  /** Ends these streams, on behalf of a command. */
  async unsubscribe(streams: readonly Stream[], cause?: string): Promise<void> {
    for (const stream of streams) stream.farewell = cause;
    await this.app.feed.unsubscribe(streams.map(({ subscription }) => subscription));
    for (const stream of streams) this.streams.forget(stream);
    this.#closeSinks();
  }

  /** Notes that a request is a line's, so that its answers are. */
  own(reqid: number, line: Line): void {
    this.#requests.set(String(reqid), line);
    const [oldest = ""] = this.#requests.keys();
    if (this.#requests.size > OWNED_REQUESTS) this.#requests.delete(oldest);
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
    for (const [path, sink] of this.#sinks) this.#close(path, sink);
  }

  #route(record: StreamRecord, origin: Origin): Destination | undefined {
    const line = this.#emitting ?? this.#lineOf(record);
    line?.heard(record);
    const destination = this.streams.route(record, origin);
    if (record.channel === "subscription" && record.type === "failed") this.streams.drop(record.subscription);
    if (destination !== undefined || line === undefined) return destination;
    const { output = this.app.output, cause } = line.ownership;
    return { output, cause };
  }

  #lineOf(record: StreamRecord): Line | undefined {
    return "reqid" in record && record.reqid !== undefined ? this.#requests.get(String(record.reqid)) : undefined;
  }

  #openSink({ path, append }: { readonly path: string; readonly append: boolean }): Sink {
    const { ports, output } = this.app;
    const open = this.#sinks.get(path);
    if (open !== undefined && append) return open;
    if (open !== undefined) {
      throw new UsageError("file_in_use", `${path} is being written already`, { hint: `>> ${path} adds to it` });
    }
    let file;
    try {
      file = ports.files.open(path, { append });
    } catch (error) {
      throw new UsageError("cannot_write", `Cannot write to ${path}: ${(error as Error).message}`);
    }
    const lost = (error: ClosedPipeError | OutputError): void => this.onFailure(fileLost(path, error));
    const sink: Sink = { file, output: new Output(output.options, { ...ports, stdout: file }, lost) };
    this.#sinks.set(path, sink);
    return sink;
  }

  #closeSinks(): void {
    const users = [...this.streams.all(), ...[...this.#running].map(({ ownership }) => ownership)];
    const used = new Set(users.map(({ output }) => output));
    for (const [path, sink] of this.#sinks) {
      if (!used.has(sink.output)) this.#close(path, sink);
    }
  }

  #close(path: string, sink: Sink): void {
    sink.output.end("done", { exit: 0, atMicros: this.app.ports.clock.epochMicros() });
    sink.file[Symbol.dispose]();
    this.#sinks.delete(path);
  }
}

/** Records that were meant for the file are lost from here on, and whoever reads exit codes must hear of it. */
function fileLost(path: string, { cause }: Error): OutputError {
  const reason = cause instanceof Error ? cause.message : "nobody reads it";
  return new OutputError("cannot_write", `Cannot write to ${path} any more: ${reason}`, { cause });
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
    const { validate } = shell;
    this.#config = { ...shell.app.config, validate, limits: { count: undefined, forMs: undefined } };
  }

  /**
   * Takes the options of the line.
   *
   * @throws {UsageError} For those that concern the whole session.
   */
  open(settings: Settings): this {
    const { count, for: forText, validate, reconnect, ...others } = settings;
    // The parser says that there is to be a reconnect where nobody said otherwise.
    const said = Object.entries({ ...others, reconnect: reconnect === false ? reconnect : undefined });
    const foreign = said.find(([key, value]) => SESSION_WIDE.has(key) && value !== undefined);
    if (foreign !== undefined) {
      throw new UsageError("session_wide", `"${foreign[0]}" holds for the whole session and cannot change in a line`, {
        hint: "Give it when the shell starts, or see set",
      });
    }
    const { limits } = resolveConfig({ count, for: forText }, () => undefined);
    this.#config = { ...this.#config, limits, validate: this.#config.validate || validate === true };
    return this;
  }

  get config(): Config {
    return this.#config;
  }

  /** In a shell the keyboard is the screen's, and so are the questions. */
  get ports(): Ports {
    return { ...this.#shell.app.ports, ask: this.#shell.askInTurn };
  }

  get tokens(): Tokens {
    return this.#shell.app.tokens;
  }

  get redactor(): Redactor {
    return this.#shell.app.redactor;
  }

  hold(): Disposable {
    return this.#shell.hold();
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

  nextRequestId(chosen?: number): number {
    const reqid = this.feed.nextRequestId(chosen);
    this.#shell.own(reqid, this);
    return reqid;
  }

  emit(record: StreamRecord): void {
    this.#shell.emit(record, this);
  }

  flush(): boolean {
    const { output } = this.ownership;
    output?.flush();
    return this.#shell.app.flush() && output?.closed !== true;
  }

  /** Subscribes and returns; limits end the subscription later. */
  async stream(subscriptions: readonly Subscription[], { follow, ...view }: StreamView = {}): Promise<void> {
    const owner: Ownership = { ...this.ownership, follow };
    const unlimit = this.#limit(subscriptions, owner);
    try {
      const outcomes = await this.#shell.subscribe(owner, subscriptions, view);
      this.answer = outcomes.map(({ subscription, type, reason }) => ({
        subscription: subscriptionId(subscription),
        type,
        ...(reason === undefined ? {} : { reason }),
      }));
    } catch (error) {
      unlimit();
      throw error;
    }
  }

  /** Notes a record that came of this line. */
  heard(record: StreamRecord): void {
    if (record.channel !== "heartbeat") this.reply = record;
  }

  /** @returns How to lift the limits. */
  #limit(subscriptions: readonly Subscription[], owner: Ownership): () => void {
    const { count, forMs } = this.#config.limits;
    const ids = new Set(subscriptions.map(subscriptionId));
    const unlimit = (): void => {
      unwatch?.();
      timer?.cancel();
    };
    const end = (): void => {
      unlimit();
      // What another line has asked for since is that line's.
      const own = this.#shell.streams.all().filter((stream) => stream.owner === owner);
      void this.#shell.unsubscribe(own, this.ownership.cause);
    };
    let records = 0;
    const unwatch = count === undefined ? undefined : this.watch((record) => {
      if (isDataRecord(record) && ids.has(subscriptionIdOf(record) ?? "") && ++records === count) end();
    });
    const timer = forMs === undefined ? undefined : this.ports.clock.setTimer(forMs, end);
    return unlimit;
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
    "reconnect",
    "strict",
    "stats",
  ] satisfies (keyof Settings)[],
);
