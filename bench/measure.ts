/**
 * One contestant, one run: what it carried, and what that cost.
 *
 * What a process cost is read from /proc; elsewhere than on Linux those figures are missing.
 *
 * @module
 */

import { type Contestant, krakenws } from "./contestants.ts";
import { type Blaster, startBlaster, type Subscriber } from "./blaster.ts";
import { LAST_PAIR, type Traffic } from "./traffic.ts";

export interface Throughput {
  readonly framesPerSecond: number;
  /** CPU seconds for each million frames, start-up not counted. */
  readonly cpuPerMillion: number;
  readonly peakMegabytes: number;
}

/** Sends at least `frames` frames as fast as they are taken, and waits until the last is out of the pipe. */
export async function measureThroughput(
  { command, share = 1 }: Contestant,
  traffic: Traffic,
  frames: number,
): Promise<Throughput> {
  await using blaster = startBlaster(traffic);
  await using process = start(command(blaster.url, traffic.feed));
  const subscriber = await subscriberOf(process, blaster);
  const blocks = Math.max(1, Math.round(frames * share / traffic.frames.length));
  const before = await usage(process.pid);
  const startMs = performance.now();
  const [elapsedMs] = await Promise.all([drain(process.stdout, startMs), subscriber.blast(blocks)]);
  const after = await usage(process.pid);
  const sent = blocks * traffic.frames.length;
  return {
    framesPerSecond: sent / elapsedMs * 1000,
    cpuPerMillion: (after.cpuSeconds - before.cpuSeconds) / sent * 1e6,
    peakMegabytes: after.peakMegabytes,
  };
}

/** Reads until the last frame has come, and returns how long that took. */
async function drain(stdout: ReadableStream<Uint8Array>, startMs: number): Promise<number> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of stdout.values({ preventCancel: true })) {
    tail = (tail + decoder.decode(chunk.subarray(-TAIL_BYTES))).slice(-TAIL_BYTES);
    if (tail.includes(LAST_PAIR)) return performance.now() - startMs;
  }
  throw new Error("The contestant ended before its last frame");
}

/** Longer than a record of the last frame. */
const TAIL_BYTES = 4096;

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Sends at a steady rate, and tells how long a frame takes from the server's write to the line behind the pipe.
 *
 * The first fifth does not count: compilers are warming up.
 */
export async function measureLatency(
  { command }: Contestant,
  traffic: Traffic,
  { framesPerSecond, seconds }: { readonly framesPerSecond: number; readonly seconds: number },
): Promise<Latency> {
  await using blaster = startBlaster(traffic);
  await using process = start(command(blaster.url, traffic.feed));
  const subscriber = await subscriberOf(process, blaster);
  const count = framesPerSecond * seconds;
  const sentMs: number[] = [];
  const received = receiveLines(process.stdout, count);
  for await (const frame of paced(traffic, framesPerSecond, count)) {
    sentMs.push(performance.now());
    await subscriber.send(frame);
  }
  const receivedMs = await received;
  const latencies = receivedMs.map((atMs, index) => atMs - sentMs[index]!).slice(count / 5).sort((a, b) => a - b);
  const percentile = (part: number): number => latencies[Math.floor(part * (latencies.length - 1))]!;
  return { p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
}

/** `count` frames at a steady rate, the traffic over and over. */
async function* paced({ frames }: Traffic, framesPerSecond: number, count: number): AsyncGenerator<Uint8Array> {
  const startMs = performance.now();
  for (let index = 0; index < count;) {
    const due = Math.min(count, Math.floor((performance.now() - startMs) * framesPerSecond / 1000));
    while (index < due) yield frames[index++ % frames.length]!;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** When each of the first `count` lines with data came out of the pipe. */
async function receiveLines(stdout: ReadableStream<Uint8Array>, count: number): Promise<number[]> {
  const receivedMs: number[] = [];
  let rest = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream()).values({ preventCancel: true })) {
    const nowMs = performance.now();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (isData(line)) receivedMs.push(nowMs);
    if (receivedMs.length >= count) return receivedMs.slice(0, count);
  }
  throw new Error(`The contestant ended after ${receivedMs.length} of ${count} lines`);
}

export interface SteadyOptions {
  readonly framesPerSecond: number;
  /** At which of these seconds to look. */
  readonly atSeconds: readonly number[];
}

/** Megabytes of memory that a contestant has after so many seconds of a steady stream. */
export async function measureMemory(
  { command }: Contestant,
  traffic: Traffic,
  { framesPerSecond, atSeconds }: SteadyOptions,
): Promise<number[]> {
  await using blaster = startBlaster(traffic);
  await using process = start(command(blaster.url, traffic.feed));
  const subscriber = await subscriberOf(process, blaster);
  void process.stdout.pipeTo(new WritableStream()).catch(() => {});
  const looks = new Set(atSeconds.map((seconds) => seconds * framesPerSecond));
  const megabytes: number[] = [];
  let sent = 0;
  for await (const frame of paced(traffic, framesPerSecond, Math.max(...looks))) {
    await subscriber.send(frame);
    if (looks.has(++sent)) megabytes.push((await usage(process.pid)).megabytes);
  }
  return megabytes;
}

export interface EchoOptions {
  readonly framesPerSecond: number;
  readonly keys: number;
  /** Whether the records go to the terminal that is typed at, too. */
  readonly onScreen: boolean;
}

/**
 * How long each key takes to appear at the prompt of a session that subscribes to this traffic, in milliseconds.
 *
 * `script` gives the session a terminal, and passes on what is typed and shown.
 */
export async function measureEcho(
  traffic: Traffic,
  { framesPerSecond, keys, onScreen }: EchoOptions,
): Promise<number[]> {
  await using blaster = startBlaster(traffic);
  const shell = krakenws("shell", "--target", blaster.url).map((word) => `'${word}'`).join(" ");
  const line = `stty rows 40 cols 120; exec ${shell}${onScreen ? "" : " > /dev/null"}`;
  await using process = start(["script", "-qfec", line, "/dev/null"]);
  const screen = new Screen(process.stdout);
  const keyboard = process.stdin.getWriter();
  const type = (text: string): Promise<void> => keyboard.write(new TextEncoder().encode(text));

  await screen.shows("> ");
  const subscribing = subscriberOf(process, blaster);
  await type(`${traffic.feed.name} ${traffic.feed.pairs.join(" ")}\r`);
  const subscriber = await subscribing;
  await screen.shows(`${traffic.feed.pairs.length} subs`);
  let typing = true;
  const streaming = (async () => {
    for await (const frame of paced(traffic, framesPerSecond, Infinity)) {
      if (!typing) return;
      await subscriber.send(frame);
    }
  })();

  const latencies: number[] = [];
  let typed = "";
  for (let key = -KEYS_TO_WARM_UP; key < keys; key++) {
    // Not at the rhythm of the screen, and not at that of the stream.
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 50));
    const letter = String.fromCharCode("a".charCodeAt(0) + (key + KEYS_TO_WARM_UP) % 26);
    typed += letter;
    const sentMs = performance.now();
    screen.forget();
    await type(letter);
    await screen.shows(onScreen ? typed : letter);
    if (key >= 0) latencies.push(performance.now() - sentMs);
  }
  typing = false;
  await streaming;
  // Ctrl-U empties the line.
  await type("\u0015exit\r");
  await process.status;
  return latencies;
}

/** Compilers warm up in the meantime. */
const KEYS_TO_WARM_UP = 20;

/** What a terminal was sent, as far as it is of interest. */
class Screen {
  #text = "";
  #wake: (() => void) | undefined;

  constructor(output: ReadableStream<Uint8Array>) {
    void this.#read(output);
  }

  async #read(output: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
      this.#text = (this.#text + chunk).slice(-SCREEN_CHARACTERS);
      this.#wake?.();
    }
  }

  forget(): void {
    this.#text = "";
  }

  async shows(text: string): Promise<void> {
    while (!this.#text.includes(text)) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

const SCREEN_CHARACTERS = 100_000;

function isData(line: string): boolean {
  return line.startsWith("[") || /"channel":"(?:ticker|trade|book)"/.test(line);
}

/** From the start of the process to its first line with data, in milliseconds. */
export async function measureStartup({ command }: Contestant, traffic: Traffic): Promise<number> {
  await using blaster = startBlaster(traffic);
  const startMs = performance.now();
  await using process = start(command(blaster.url, traffic.feed));
  const first = receiveLines(process.stdout, 1);
  await (await subscriberOf(process, blaster)).send(traffic.frames[0]!);
  return (await first)[0]! - startMs;
}

/** How long a command line takes from its start to its end, in milliseconds. */
export async function measureRun([program = "", ...args]: readonly string[]): Promise<number> {
  const startMs = performance.now();
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "piped" })
    .output();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return performance.now() - startMs;
}

/** The connection of a contestant, which must subscribe within a reasonable time. */
async function subscriberOf(process: Deno.ChildProcess, blaster: Blaster): Promise<Subscriber> {
  const late = setTimeout(() => process.kill(), SUBSCRIBE_TIMEOUT_MS);
  const ended = process.status.then(({ code }) => {
    throw new Error(`The contestant ended with ${code} before it subscribed`);
  });
  try {
    return await Promise.race([blaster.subscriber(), ended]);
  } finally {
    clearTimeout(late);
    ended.catch(() => {});
  }
}

const SUBSCRIBE_TIMEOUT_MS = 20_000;

function start([program = "", ...args]: readonly string[]): Deno.ChildProcess {
  // wscat ends when its standard input does.
  return new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
}

interface Usage {
  readonly cpuSeconds: number;
  readonly megabytes: number;
  readonly peakMegabytes: number;
}

/** How often a second Linux counts a process's time. */
const TICKS_PER_SECOND = 100;

async function usage(pid: number): Promise<Usage> {
  if (Deno.build.os !== "linux") return { cpuSeconds: NaN, megabytes: NaN, peakMegabytes: NaN };
  // Deno itself may read /proc with all permissions only; cat needs none.
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`, `/proc/${pid}/status`] }).output();
  const text = new TextDecoder().decode(stdout);
  // The name in parentheses may hold blanks; behind it, user and system time are the 12th and 13th.
  const times = text.slice(text.indexOf(") ") + 2).split(" ", 13).slice(11).map(Number);
  const megabytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(text)?.[1]) / 1024;
  return {
    cpuSeconds: (times[0]! + times[1]!) / TICKS_PER_SECOND,
    megabytes: megabytes("VmRSS"),
    peakMegabytes: megabytes("VmHWM"),
  };
}
