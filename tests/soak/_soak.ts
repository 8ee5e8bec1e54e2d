/**
 * Millions of frames through the whole client, with random faults, on one clock that both sides share.
 *
 * The exchange's time is moved on as fast as the client takes its frames, so that a day of trouble fits into minutes. The
 * judge is the exchange: at the end its books are compared with the client's, level by level.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { resolveConfig } from "../../lib/config.ts";
import { Invocation } from "../../lib/invocation.ts";
import { denoPorts } from "../../lib/io/deno.ts";
import type { GapRecord, StreamRecord } from "../../lib/model/record.ts";
import { parsePair } from "../../lib/model/pair.ts";
import { type Subscription, subscriptionId } from "../../lib/model/subscription.ts";
import { Redactor } from "../../lib/output/redact.ts";
import { PAIRS } from "../../lib/sandbox/pairs.ts";
import { createRandom } from "../../lib/sandbox/random.ts";
import { DENO_RUN } from "../_cli.ts";
import { FakeClock } from "../_fakes.ts";

export interface SoakOptions {
  readonly frames: number;
  /** Frames between two faults, on average. */
  readonly faultEvery: number;
  readonly seed: number;
  /** Told now and then how far it has come. */
  readonly progress?: (frames: number, rssBytes: number) => void;
}

export interface SoakResult {
  readonly frames: number;
  readonly records: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly gaps: Readonly<Record<string, number>>;
  /** How often the connection stood. */
  readonly connections: number;
  /** Mean resident memory of the first and of the last quarter, in bytes. */
  readonly rss: readonly [first: number, last: number];
  /** What did not hold: nothing, if all is well. */
  readonly complaints: readonly string[];
}

const FAULTS = [
  "drop",
  "drop 2s",
  "close 1012",
  "refuse 503 for 1s",
  "stall",
  "delay 200ms",
  "corrupt-checksum",
  "corrupt-checksum",
  "malformed",
  "duplicate",
  "reject EService:Busy",
  "rate-limit 1s",
];

/** A busy market: more frames for the same time. Much more, and a stall would be more than the exchange keeps. */
const SPEED = 10;

/** How much of the exchange's time passes between two looks at what has arrived. */
const STEP_MS = 250;

/** How long the exchange may take to heal at the end, in its own time. */
const HEALING_MS = 600_000;

const SUBSCRIPTIONS = PAIRS.slice(0, 12)
  .map(({ wsname }): Subscription => ({ channel: "book", depth: 10, pair: parsePair(wsname) }));

export async function soak({ frames, faultEvery, seed, progress = () => {} }: SoakOptions): Promise<SoakResult> {
  const startedMs = performance.now();
  const random = createRandom(seed, "soak");
  await using exchange = await ExchangeProcess.start(seed);
  const clock = new FakeClock();
  const auditor = new Auditor();
  const app = openApp(exchange.url, clock, auditor);
  app.watch((record) => auditor.look(record));
  const streaming = app.stream(SUBSCRIPTIONS);
  const faults: Record<string, number> = {};
  const memory: number[] = [];
  const step = async (): Promise<void> => {
    await exchange.ask(`advance ${STEP_MS}`);
    await drained(app);
    await clock.advance(STEP_MS);
  };
  let nextFault = faultEvery;
  let nextSample = 0;
  while (app.feed.received.frames < frames) {
    await step();
    const { frames: received } = app.feed.received;
    if (received >= nextSample) {
      memory.push(Deno.memoryUsage().rss);
      progress(received, memory.at(-1) ?? 0);
      nextSample += Math.ceil(frames / 40);
    }
    if (received < nextFault) continue;
    nextFault = received + 1 + random.below(2 * faultEvery);
    const fault = FAULTS[random.below(FAULTS.length)] ?? "drop";
    await exchange.ask("fault clear");
    await exchange.ask(`fault ${fault}`);
    faults[fault] = (faults[fault] ?? 0) + 1;
  }
  await exchange.ask("fault clear");
  for (let ms = 0; ms < HEALING_MS && !isHealed(app, auditor); ms += STEP_MS) await step();
  // Its answer comes after everything that was sent before it.
  await app.feed.ping("public", { reqid: app.nextRequestId(), timeoutMs: HEALING_MS });
  const complaints = [...auditor.complaints, ...await differences(app, exchange)];
  if (auditor.open.size > 0) complaints.push(`gaps that never closed: ${[...auditor.open].join(", ")}`);
  app.stop({ type: "done", exit: 0 });
  await streaming;
  await app.finish({ type: "done", exit: 0 });
  const quarter = Math.ceil(memory.length / 4);
  return {
    frames: app.feed.received.frames,
    records: auditor.lines,
    seconds: Math.round(performance.now() - startedMs) / 1000,
    faults,
    gaps: auditor.gaps,
    connections: auditor.connections,
    rss: [mean(memory.slice(0, quarter)), mean(memory.slice(-quarter))],
    complaints,
  };
}

/** The exchange, in its own process. */
class ExchangeProcess implements AsyncDisposable {
  readonly url: string;
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(process: Deno.ChildProcess, lines: AsyncIterator<string>, url: string) {
    this.#process = process;
    this.#lines = lines;
    this.#stdin = process.stdin.getWriter();
    this.url = url;
  }

  static async start(seed: number): Promise<ExchangeProcess> {
    const script = new URL("./_exchange_process.ts", import.meta.url).pathname;
    const [deno = "", ...run] = DENO_RUN;
    const process = new Deno.Command(deno, {
      args: [...run, "--no-prompt", "--allow-net=127.0.0.1", script, String(seed), String(SPEED)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = linesFrom(process.stdout);
    return new ExchangeProcess(process, lines, JSON.parse((await lines.next()).value));
  }

  /** Gives a command and waits for its answer. */
  async ask(command: string): Promise<unknown> {
    await this.#stdin.write(new TextEncoder().encode(`${command}\n`));
    return JSON.parse((await this.#lines.next()).value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close();
    this.#process.kill("SIGTERM");
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next());
    await this.#process.status;
  }
}

async function* linesFrom(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
}

function openApp(url: string, clock: FakeClock, stdout: Auditor): Invocation {
  const config = resolveConfig({ target: url, quiet: true }, () => undefined);
  const ports = { ...denoPorts(), clock, stdout, environment: () => undefined };
  return new Invocation(config, config.target, ports, new Redactor());
}

/** How long nothing must have come before nothing is on its way any more. */
const QUIET_MS = 0.5;

/** Lets everything arrive that is on its way. */
async function drained(app: Invocation): Promise<void> {
  let seen = -1;
  let sinceMs = 0;
  for (let nowMs = 0; seen < 0 || nowMs - sinceMs < QUIET_MS; nowMs = performance.now()) {
    const { frames } = app.feed.received;
    if (frames !== seen) sinceMs = performance.now();
    seen = frames;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // A handshake takes real time, which must not look like a minute of the exchange's.
  if (app.feed.session("public")?.phase === "dialing") await new Promise((resolve) => setTimeout(resolve, 5));
}

function isHealed(app: Invocation, { open }: Auditor): boolean {
  const entries = app.feed.session("public")?.entries ?? [];
  return open.size === 0 && entries.length === SUBSCRIPTIONS.length && entries.every(({ state }) => state === "active");
}

/** Compares each book with what the exchange tells a client that has just come. */
async function differences(app: Invocation, exchange: ExchangeProcess): Promise<string[]> {
  const pairs = SUBSCRIPTIONS.flatMap((subscription) => "pair" in subscription ? [subscription.pair] : []);
  const theirs = await exchange.ask(`books ${pairs.join(" ")}`) as Readonly<Record<string, unknown>>;
  return SUBSCRIPTIONS.flatMap((subscription, index) => {
    const { asks = [], bids = [] } = app.feed.book(subscription)?.top(10) ?? {};
    const ours = JSON.stringify([asks, bids].map((side) => side.map(({ price, volume }) => [price, volume])));
    const other = JSON.stringify(theirs[pairs[index] ?? ""]);
    return ours === other ? [] : [`${subscriptionId(subscription)} is not the exchange's: ${ours} for ${other}`];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Reads what goes to stdout, and holds the records to their promises. */
class Auditor {
  readonly complaints: string[] = [];
  readonly open = new Set<string>();
  readonly gaps: Record<string, number> = {};
  lines = 0;
  connections = 0;
  /** Updates that were not verified, outside of any gap: each must be followed by one. */
  #suspect: string | undefined;

  isTerminal(): boolean {
    return false;
  }

  write(text: string): void {
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      if (!text.startsWith(`{"seq":${++this.lines},`, start)) this.#complain(`line ${this.lines} is out of order`);
      if (end < 0) return this.#complain(`line ${this.lines} has no end`);
      start = end + 1;
    }
  }

  look(record: StreamRecord): void {
    if (record.channel === "book") return this.#book(`book-${record.depth}:${record.pair}`, record.verified);
    if (record.channel === "gap") return this.#gap(record);
    if (record.channel === "connection" && record.type === "open") this.connections++;
  }

  #book(id: string, verified: boolean | undefined): void {
    if (this.#suspect !== undefined) this.#complain(`${this.#suspect} was not verified, and no gap was opened`);
    this.#suspect = verified === false && !this.open.has(id) ? id : undefined;
    if (verified === true && this.open.has(id)) this.#complain(`${id} was verified within a gap`);
  }

  #gap({ subscription, type, to }: GapRecord): void {
    if (subscription === this.#suspect) this.#suspect = undefined;
    if (to === null) {
      if (this.open.has(subscription)) this.#complain(`${subscription} is in two gaps`);
      this.open.add(subscription);
      this.gaps[type] = (this.gaps[type] ?? 0) + 1;
    } else if (!this.open.delete(subscription)) this.#complain(`${subscription} has a gap that never opened`);
  }

  #complain(text: string): void {
    if (this.complaints.length < 20) this.complaints.push(text);
  }
}
