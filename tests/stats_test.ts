/** `--stats` and `--strict`, and what a one-shot makes of a stream that it loses: on a clock that moves when told. */

import { assert, assertEquals } from "@std/assert";
import { invoke } from "../commands/_invoke.ts";
import type { TextOut } from "../lib/io/ports.ts";
import { FakeWorld, settle } from "./_fakes.ts";

/** A stream that stands, and what stops it. */
async function stream(line: string, { world = new FakeWorld(), stdin }: { world?: FakeWorld; stdin?: string } = {}) {
  const chunks = (async function* () {
    if (stdin !== undefined) yield await Promise.resolve(new TextEncoder().encode(stdin));
  })();
  const ports = { ...world.ports, stdin: { isTerminal: () => false, chunks } };
  const running = invoke(line.split(" "), ports);
  for (let round = 0; round < 10 && world.dials.transports.length === 0; round++) await settle();
  world.dials.last.open();
  await settle();
  world.dials.last.confirm();
  await settle();
  return { world, running, last: () => world.dials.last };
}

Deno.test("--stats tells from time to time how the program does", async () => {
  const { world, running, last } = await stream("ticker XBT/USD --stats 10s");
  for (let second = 0; second < 25; second++) {
    last().frame({ event: "heartbeat" });
    await world.clock.advance(1_000);
  }
  world.signal("SIGINT");
  assertEquals(await running, 130);
  const stats = world.stdout.records.filter(({ channel }) => channel === "stat");
  assertEquals(stats.map(({ type, data }) => [type, data.uptime_ms, data.frames, data.lag_ms]), [
    ["update", 10_000, 11, 0],
    ["update", 20_000, 21, 0],
  ]);
  assertEquals(Object.keys(stats[0].data), [
    "uptime_ms",
    "frames",
    "bytes",
    "records",
    "gaps",
    "blocked_ms",
    "lag_ms",
    "rss_bytes",
    "heap_bytes",
  ]);
  assertEquals(stats[0].data.records, stats[0].seq - 1);
  assertEquals(world.clock.pending, 0);
});

Deno.test("--stats tells how long the program was busy, and how long its reader kept it waiting", async () => {
  const world = new FakeWorld();
  const slow: TextOut = {
    isTerminal: () => false,
    write(text) {
      world.stdout.write(text);
      // The reader takes half a second for each piece.
      void world.clock.oversleep(500);
    },
  };
  Object.assign(world.ports, { stdout: slow });
  const { running, last } = await stream("ticker XBT/USD --stats 10s", { world });
  last().frame({ event: "heartbeat" });
  await world.clock.oversleep(12_000);
  await world.clock.advance(0);
  world.signal("SIGINT");
  await running;
  const { data } = world.stdout.records.find(({ channel }) => channel === "stat");
  assert(data.lag_ms >= 2_000, JSON.stringify(data));
  assert(data.blocked_ms >= 1_000 && data.blocked_ms % 500 === 0, JSON.stringify(data));
});

Deno.test("--strict lets a stream without gaps be, and ends with 8 at the first", async () => {
  const { world, running, last } = await stream("ticker XBT/USD ETH/USD --strict");
  last().frame({ event: "heartbeat" });
  await world.clock.advance(5_000);
  last().lose();
  assertEquals(await running, 8);
  const told = world.stdout.records.slice(-5).map(({ channel, type, exit }) => [channel, type, exit]);
  assertEquals(told.at(-1), ["end", "failed", 8]);
  assertEquals(told.filter(([channel]) => channel === "error").length, 1);
  assert(world.stderr.text.includes("ticker:XBT/USD has a gap from 2026-01-05T09:30:00"), world.stderr.text);
});

Deno.test("KRAKENWS_STRICT and KRAKENWS_STATS are what the options are", async () => {
  const world = new FakeWorld();
  Object.assign(world.environment, { KRAKENWS_STRICT: "1", KRAKENWS_STATS: "2s" });
  const { running, last } = await stream("ticker XBT/USD", { world });
  await world.clock.advance(2_000);
  last().lose();
  assertEquals(await running, 8);
  assertEquals(world.stdout.records.filter(({ channel }) => channel === "stat").length, 1);
});

Deno.test("a one-shot ends when the exchange takes the last of its streams away", async () => {
  const { world, running, last } = await stream("ticker XBT/USD ETH/USD");
  last().lose();
  await world.clock.advance(0);
  last().open();
  // Requests keep their distance from each other, on the new connection as well.
  await world.clock.advance(200);
  last().reject("Currency pair not supported");
  assertEquals(await running, 4);
  const failed = world.stdout.records.filter(({ channel, type }) => channel === "subscription" && type === "failed");
  assertEquals(failed.map(({ subscription, reason }) => [subscription, reason]), [
    ["ticker:XBT/USD", "Currency pair not supported"],
    ["ticker:ETH/USD", "Currency pair not supported"],
  ]);
});

Deno.test("processes share the budget of connections, in the state folder", async () => {
  const world = new FakeWorld();
  const files = new Map<string, string>();
  const now = world.clock.epochMicros() / 1000;
  files.set("/state/krakenws/connects", Array.from({ length: 100 }, (_, index) => `${now - index}\n`).join(""));
  Object.assign(world.environment, { XDG_STATE_HOME: "/state" });
  Object.assign(world.ports.files, { read: (path: string) => files.get(path) });
  const running = invoke(["ticker", "XBT/USD"], world.ports);
  for (let round = 0; round < 5; round++) await settle();
  assertEquals(world.dials.transports.length, 0);
  const [waiting] = world.stdout.records;
  assertEquals([waiting.channel, waiting.type, waiting.reason, waiting.retry_in_ms], [
    "connection",
    "waiting",
    "budget",
    599_901,
  ]);
  world.signal("SIGINT");
  assertEquals(await running, 130);
});

Deno.test("actions of a shell that come faster than they are done are a gap, which closes when they are", async () => {
  const script = "ticker XBT/USD\non heartbeat do echo beat\nsleep 1h\n";
  const { world, running, last } = await stream("shell --keep-going --heartbeats", { stdin: script });
  for (let round = 0; round < 5; round++) await settle();
  for (let beat = 0; beat < 1_200; beat++) last().frame({ event: "heartbeat" });
  // One action a turn.
  for (let round = 0; round < 1_005; round++) await settle();
  const gaps = world.stdout.records.filter(({ channel }) => channel === "gap");
  assertEquals(gaps.map(({ type, subscription, to }) => [type, subscription, to]), [
    ["overflow", "actions", null],
    ["overflow", "actions", "2026-01-05T09:30:00.000000Z"],
  ]);
  assertEquals(world.stderr.lines.filter((line) => line === "beat").length, 1_000);
  world.signal("SIGINT");
  assertEquals(await running, 130);
});
