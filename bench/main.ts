/**
 * How fast krakenws is, beside the limit and beside what a user would otherwise pick: `deno task bench`.
 *
 * The contestants run in turn, so that what else the machine does falls on all of them alike; what counts are the ratios
 * of one run. Tables go to stdout, progress to stderr.
 *
 * Options: `--rounds N` (5), `--frames N` (1000000, for each contestant and round), `--only throughput|start|latency|memory|echo`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  type Contestant,
  denoScript,
  installed,
  krakenws,
  NDJSON,
  PARSE,
  PRINT,
  RAW,
  succeeds,
} from "./contestants.ts";
import { startBlaster } from "./blaster.ts";
import {
  type Latency,
  measureEcho,
  measureLatency,
  measureMemory,
  measureRun,
  measureStartup,
  measureThroughput,
  type Throughput,
} from "./measure.ts";
import { figure, median, table } from "./statistics.ts";
import { captureTraffic, type Feed, underPairs } from "./traffic.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "5" },
    frames: { type: "string", default: "1000000" },
    only: { type: "string" },
  },
});
const ROUNDS = Number(options.rounds);
const FRAMES = Number(options.frames);

const TICKER: Feed = { name: "ticker", pairs: ["XBT/USD"] };
const TRADE: Feed = { name: "trade", pairs: ["XBT/USD"] };
const BOOK: Feed = { name: "book", depth: 10, pairs: ["XBT/USD"] };

/** Twelve deep books, for what they take of memory. */
const DEEP_BOOKS: Feed = {
  name: "book",
  depth: 1000,
  pairs: "XBT/USD XBT/EUR ETH/USD ETH/EUR ETH/XBT SOL/USD XRP/USD ADA/USD LTC/USD LTC/EUR XDG/USD DOT/USD".split(" "),
};

/** Enough to move prices about, and few enough to be made in a moment. */
const BLOCK_FRAMES = 3_000;

const { present, missing } = await installed();
const machine = `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}, ${ROUNDS} rounds`;
print(`${new Date().toISOString().slice(0, 10)}, ${machine}. Not installed: ${missing.join(", ") || "none"}.`);

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  throughput: reportThroughput,
  start: reportStart,
  latency: reportLatency,
  memory: reportMemory,
  echo: reportEcho,
};
for (const [name, report] of Object.entries(PARTS)) {
  if (options.only === undefined || options.only === name) await report();
}

async function reportThroughput(): Promise<void> {
  for (const feed of [TICKER, TRADE, BOOK]) {
    const traffic = captureTraffic(feed, BLOCK_FRAMES);
    const runs = await inTurn(present, feed.name, (contestant) => measureThroughput(contestant, traffic, FRAMES));
    const limit = runs.get(PARSE)!;
    print(`\n${feed.name}: as fast as it goes\n`);
    print(table(
      ["contestant", "frames/s", "CPU s per million", "peak MB", "speed beside parsing", "CPU beside parsing"],
      [...runs].map(([{ name }, measured]) => [
        name,
        figure(middle(measured, "framesPerSecond")),
        figure(middle(measured, "cpuPerMillion"), 2),
        figure(middle(measured, "peakMegabytes")),
        // Rounds are compared with themselves: a busy moment falls on both.
        figure(median(measured.map((run, round) => run.framesPerSecond / limit[round]!.framesPerSecond)), 2),
        figure(median(measured.map((run, round) => limit[round]!.cpuPerMillion / run.cpuPerMillion)), 2),
      ]),
    ));
  }
}

async function reportStart(): Promise<void> {
  const traffic = captureTraffic(TICKER, 10);
  const firstRecord = await inTurn(present, "start-up", (contestant) => measureStartup(contestant, traffic));
  await using blaster = startBlaster(traffic);
  const commands = new Map([
    ["bare ping", denoScript("ping.ts", blaster.url)],
    ["krakenws ping", krakenws("ping", "--target", blaster.url)],
    ["Deno and Cliffy, help", denoScript("help.ts")],
    ["krakenws --help", krakenws("--help")],
  ]);
  const runs = await inTurn([...commands.keys()], "commands", (name) => measureRun(commands.get(name)!));
  print("\nStart-up: from the process to its first line with data, or to its end\n");
  print(table(["contestant", "ms"], [
    ...[...firstRecord].map(([{ name }, times]) => [name, figure(median(times))]),
    ...[...runs].map(([name, times]) => [name, figure(median(times))]),
  ]));
  const ratio = (name: string, base: string): string =>
    figure(median(runs.get(name)!.map((ms, round) => ms / runs.get(base)![round]!)), 2);
  print(
    `\nping takes ${ratio("krakenws ping", "bare ping")} times as long as the bare script, help ` +
      `${ratio("krakenws --help", "Deno and Cliffy, help")} times as long as Deno and Cliffy.`,
  );
}

async function reportLatency(): Promise<void> {
  const traffic = captureTraffic(TRADE, BLOCK_FRAMES);
  print("\nLatency: from the server's write to the line behind the pipe, in ms\n");
  const rows: string[][] = [];
  for (const framesPerSecond of [100, 1_000, 10_000]) {
    const runs = await inTurn(
      [PRINT, RAW, NDJSON],
      `${framesPerSecond}/s`,
      (contestant) => measureLatency(contestant, traffic, { framesPerSecond, seconds: 2 }),
    );
    for (const [{ name }, measured] of runs) {
      rows.push([
        name,
        figure(framesPerSecond),
        ...(["p50Ms", "p99Ms"] as const).map((key) => figure(middle(measured, key), 2)),
      ]);
    }
  }
  print(table(["contestant", "frames/s", "p50", "p99"], rows));
}

async function reportMemory(): Promise<void> {
  const traffic = captureTraffic(DEEP_BOOKS, 20_000);
  const steady = { framesPerSecond: 20_000, atSeconds: [5, 10, 20, 30] };
  progress(`memory: ${steady.atSeconds.at(-1)} s at ${steady.framesPerSecond}/s`);
  const megabytes = await measureMemory(NDJSON, traffic, steady);
  print(`\nMemory: 12 books of 1000 levels a side, at ${figure(steady.framesPerSecond)} frames/s\n`);
  print(table(["", "MB"], megabytes.map((mb, index) => [`krakenws, after ${steady.atSeconds[index]} s`, figure(mb)])));

  const runs = await inTurn([PARSE, NDJSON], "memory", (contestant) => measureThroughput(contestant, traffic, FRAMES));
  print("\nMemory: the same, as fast as it goes, where Deno's own buffer of what came in grows, too\n");
  print(table(
    ["contestant", "peak MB"],
    [...runs].map(([{ name }, measured]) => [
      name,
      figure(middle(measured, "peakMegabytes")),
    ]),
  ));
}

async function reportEcho(): Promise<void> {
  if (!(await succeeds(["script", "--version"]))) return print("\nEcho: not measured without `script`.");
  const pairs = Array.from({ length: 50 }, (_, index) => `A${index}/USD`);
  const traffic = underPairs(captureTraffic(TICKER, BLOCK_FRAMES), pairs);
  const rows: string[][] = [];
  for (const onScreen of [false, true]) {
    const where = onScreen ? "on the screen" : "in a file";
    progress(`echo: records ${where}`);
    const latencies = await measureEcho(traffic, { framesPerSecond: 20_000, keys: 100, onScreen });
    rows.push([`records ${where}`, figure(median(latencies), 1), figure(Math.max(...latencies), 1)]);
  }
  print("\nEcho: from a key to its letter at the prompt, with 50 subscriptions at 20,000 frames/s, in ms\n");
  print(table(["", "p50", "longest of 100"], rows));
}

/** Runs all in turn, round after round, and returns each one's figures in the order of the rounds. */
async function inTurn<C extends Contestant | string, T>(
  contestants: readonly C[],
  what: string,
  measure: (contestant: C) => Promise<T>,
): Promise<Map<C, T[]>> {
  const runs = new Map(contestants.map((contestant): [C, T[]] => [contestant, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [contestant, measured] of runs) {
      const name = typeof contestant === "string" ? contestant : contestant.name;
      progress(`${what}, round ${round} of ${ROUNDS}: ${name}`);
      measured.push(await measure(contestant));
    }
  }
  return runs;
}

function middle<K extends keyof (Throughput & Latency)>(
  runs: readonly Readonly<Record<K, number>>[],
  key: K,
): number {
  return median(runs.map((run) => run[key]));
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function progress(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
