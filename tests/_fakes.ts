/**
 * The outside world for tests: a clock that moves when told, sockets that a test plays the other end of, and memory in
 * place of stdout.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Clock, Dial, Loss, Ports, TextOut, Timer, Transport, TransportListener } from "../lib/io/ports.ts";

/** When a {@linkcode FakeClock} begins: 2026-01-05T09:30:00Z. */
export const START_MICROS = Date.UTC(2026, 0, 5, 9, 30) * 1000;

/** Lets everything run that waits for no timer and no socket. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  turnMs(): number {
    return this.#nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  epochMicros(): number {
    return START_MICROS + Math.round(this.#nowMs * 1000);
  }

  setTimer(ms: number, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + ms, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass; each timer fires at its time, and what follows from it runs before the next. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#fire(next);
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** Time passes in which the program could not run: every timer that became due fires late, now. */
  async oversleep(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = [...this.#timers].filter(({ atMs }) => atMs <= this.#nowMs).sort((a, b) => a.atMs - b.atMs);
    for (const timer of due) if (this.#timers.has(timer)) this.#fire(timer);
    await settle();
  }

  #next(untilMs: number) {
    return [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  }

  #fire(timer: { readonly atMs: number; readonly callback: () => void }): void {
    this.#timers.delete(timer);
    timer.callback();
  }
}

/** One connection that a test holds the other end of. */
export class FakeTransport implements Transport {
  readonly url: string;
  readonly sent: string[] = [];
  closed = false;
  readonly #told: TransportListener;
  #answered = 0;

  constructor(url: string, listener: TransportListener) {
    this.url = url;
    this.#told = listener;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  /** Nobody, once the connection was closed from this side. */
  get #listener(): TransportListener | undefined {
    return this.closed ? undefined : this.#told;
  }

  close(): void {
    this.closed = true;
  }

  /** The handshake succeeds. */
  open(): this {
    this.#listener?.opened();
    return this;
  }

  /** The exchange sends a frame; an object goes as JSON. */
  frame(frame: unknown): void {
    this.#listener?.frame(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  binary(bytes: Uint8Array): void {
    this.#listener?.binary(bytes);
  }

  lose(loss: Loss = { kind: "closed", message: "the connection was closed with code 1006", code: 1006 }): void {
    this.#listener?.lost(loss);
  }

  /** What was sent, read. */
  get requests(): Wire[] {
    return this.sent.map((text) => JSON.parse(text));
  }

  /** Requests that {@linkcode confirm} has not answered. */
  get unanswered(): Wire[] {
    return this.requests.slice(this.#answered);
  }

  /** Answers every request so far as a willing exchange does: one confirmation a pair. */
  confirm(): void {
    const requests = this.unanswered;
    this.#answered = this.sent.length;
    for (const { event, reqid, pair, subscription } of requests) {
      if (event === "ping") {
        this.frame({ event: "pong", reqid });
        continue;
      }
      const { token: _token, ...echoed } = subscription;
      const head = { channelName: wireName(subscription), event: "subscriptionStatus" };
      const tail = { reqid, status: `${event}d`, subscription: echoed };
      for (const name of pair ?? [undefined]) this.frame({ ...head, pair: name, ...tail });
    }
  }

  /** Answers every request so far with a refusal, for each pair. */
  reject(errorMessage: string): void {
    const requests = this.unanswered;
    this.#answered = this.sent.length;
    for (const { reqid, pair, subscription } of requests) {
      for (const name of pair ?? [undefined]) {
        this.frame({ errorMessage, event: "subscriptionStatus", pair: name, reqid, status: "error", subscription });
      }
    }
  }
}

/** A request as it stands on the wire. */
export interface Wire {
  readonly event: string;
  readonly reqid: number;
  readonly pair?: readonly string[];
  readonly subscription: {
    readonly name: string;
    readonly depth?: number;
    readonly interval?: number;
    readonly token?: string;
    readonly ratecounter?: boolean;
  };
}

function wireName({ name, depth, interval }: Wire["subscription"]): string {
  return [name, depth ?? interval].filter((part) => part !== undefined).join("-");
}

/** Keeps every connection that was made. */
export class FakeDial {
  readonly transports: FakeTransport[] = [];
  readonly #first = Promise.withResolvers<void>();

  readonly dial: Dial = (url, listener) => {
    const transport = new FakeTransport(url, listener);
    this.transports.push(transport);
    this.#first.resolve();
    return transport;
  };

  /** Settles once a connection is being made: a command may have to be loaded first. */
  get dialed(): Promise<void> {
    return this.#first.promise;
  }

  /** The connection made last. */
  get last(): FakeTransport {
    const transport = this.transports.at(-1);
    if (transport === undefined) throw new Error("nothing was dialed");
    return transport;
  }
}

/** Stdout in memory. */
export class MemoryOut implements TextOut {
  /** What each call of `write` brought. */
  readonly writes: string[] = [];
  /** From now on every write throws this. */
  failure: Error | undefined;
  terminal = false;

  write(text: string): void {
    if (this.failure !== undefined) throw this.failure;
    this.writes.push(text);
  }

  isTerminal(): boolean {
    return this.terminal;
  }

  get text(): string {
    return this.writes.join("");
  }

  get lines(): string[] {
    return linesOf(this.text);
  }

  // deno-lint-ignore no-explicit-any -- what a record holds is what the tests are about
  get records(): any[] {
    return this.lines.map((line) => JSON.parse(line));
  }
}

/** Complete lines; an unfinished one at the end would be a mistake, and is kept so that it shows. */
export function linesOf(text: string): string[] {
  return text.split("\n").filter((line, index, lines) => line !== "" || index < lines.length - 1);
}

/** A whole outside world. */
export class FakeWorld {
  readonly clock = new FakeClock();
  readonly dials = new FakeDial();
  readonly stdout = new MemoryOut();
  readonly stderr = new MemoryOut();
  readonly environment: Record<string, string> = {};
  readonly #stopCallbacks = new Set<(signal: "SIGINT" | "SIGTERM") => void>();

  readonly ports: Ports = {
    clock: this.clock,
    random: () => 0.5,
    dial: this.dials.dial,
    defer: (callback) => void setImmediate(callback),
    gather: (callback) => void setImmediate(callback),
    stdout: this.stdout,
    stderr: this.stderr,
    stdin: { isTerminal: () => false, chunks: (async function* () {})() },
    files: { read: () => undefined, readableByOthers: () => false, write: () => {}, open: () => this.#noFile() },
    terminal: () => Promise.reject(new Error("There is no terminal in this test")),
    memory: () => ({ rss: 64 * 2 ** 20, heap: 16 * 2 ** 20 }),
    environment: (name) => this.environment[name],
    post: () => Promise.resolve({ type: "lost", loss: { kind: "refused", message: "this world has no network" } }),
    ask: undefined,
    onStopSignal: (callback) => {
      this.#stopCallbacks.add(callback);
      return () => this.#stopCallbacks.delete(callback);
    },
  };

  #noFile(): never {
    throw new Error("this world has no files");
  }

  signal(signal: "SIGINT" | "SIGTERM"): void {
    for (const callback of this.#stopCallbacks) callback(signal);
  }
}
