/** Whole invocations in a world of the test's own: what takes minutes outside takes none here. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { invoke } from "../../commands/_invoke.ts";
import { FakeWorld, settle } from "../_fakes.ts";

const HEARTBEAT = { event: "heartbeat" };
const STATUS = '{"connectionID":13935949241502919679,"event":"systemStatus","status":"online","version":"1.9.1"}';
const TRADE = '[1,[["1.5","2.0","1700000000.1","b","l",""]],"trade","XBT/USD"]';

/** Starts a command line against an exchange that the test plays. */
async function start(line: string) {
  const world = new FakeWorld();
  const exit = invoke(line.split(" "), world.ports);
  await Promise.race([world.dials.dialed, exit]);
  await settle();
  return {
    world,
    exit,
    clock: world.clock,
    dials: world.dials,
    /** The exchange accepts the connection and everything that is asked. */
    async accept() {
      world.dials.last.open();
      await settle();
      world.dials.last.frame(STATUS);
      world.dials.last.confirm();
      await settle();
    },
    get types() {
      return world.stdout.records.map(({ channel, type }) => `${channel} ${type}`);
    },
    get end() {
      return world.stdout.records.at(-1);
    },
  };
}

Deno.test("ping waits three seconds for an answer and no longer: exit 7", async () => {
  const run = await start("ping");
  run.dials.last.open().frame(STATUS);
  await run.clock.advance(2_999);
  assertEquals(run.end.channel, "status");
  await run.clock.advance(1);
  assertEquals(await run.exit, 7);
  assertMatch(run.world.stderr.text, /^krakenws: The exchange did not answer a ping within 3 s\n$/);
  assertEquals([run.end.type, run.end.exit, run.clock.pending], ["failed", 7, 0]);
});

Deno.test("ping waits for less where --timeout says so", async () => {
  const run = await start("ping --timeout 500ms");
  run.dials.last.open();
  await run.clock.advance(500);
  assertEquals(await run.exit, 7);
  assertMatch(run.world.stderr.text, /within 0\.5 s/);
});

Deno.test("ping tells the round trip to the microsecond", async () => {
  const run = await start("ping");
  run.dials.last.open();
  await run.clock.advance(41.25);
  run.dials.last.confirm();
  assertEquals(await run.exit, 0);
  assertEquals(run.world.stdout.records.find(({ channel }) => channel === "pong").round_trip_ms, 41.25);
});

Deno.test("a stream survives the loss of its connection, and stdout tells which stretch is missing", async () => {
  const run = await start("trade XBT/USD --count 2");
  await run.accept();
  run.dials.last.frame(TRADE);
  await run.clock.advance(2_000);
  run.dials.last.lose();
  await run.clock.advance(1);
  await run.accept();
  run.dials.last.frame(TRADE);
  assertEquals(await run.exit, 0);
  assertEquals(run.types, [
    "connection connecting",
    "connection open",
    "subscription pending",
    "status update",
    "subscription subscribed",
    "trade update",
    "gap disconnected",
    "connection lost",
    "connection connecting",
    "connection open",
    "subscription resubscribing",
    "status update",
    "subscription subscribed",
    "gap disconnected",
    "trade update",
    "connection closed",
    "end count",
  ]);
  assertEquals(run.end.data, { records: 16, gaps: 1 });
});

Deno.test("--no-reconnect ends with the connection: exit 7", async () => {
  const run = await start("trade XBT/USD --no-reconnect");
  await run.accept();
  run.dials.last.lose();
  assertEquals(await run.exit, 7);
  assertEquals(run.types.slice(-4), ["gap disconnected", "connection failed", "error local", "end failed"]);
  assertEquals(run.dials.transports.length, 1);
});

Deno.test("an interrupt ends whatever is going on, at once", async () => {
  for (const stage of ["dialing", "subscribing", "streaming", "waiting"]) {
    const run = await start("trade XBT/USD");
    if (stage === "subscribing") run.dials.last.open();
    if (stage === "streaming" || stage === "waiting") await run.accept();
    if (stage === "waiting") {
      run.dials.last.lose({ kind: "http_status", message: "HTTP 429", code: 429 });
      await settle();
    }
    run.world.signal("SIGINT");
    assertEquals(await run.exit, 130, stage);
    assertEquals([run.end.channel, run.end.type, run.end.exit], ["end", "interrupted", 130], stage);
    assertEquals([run.clock.pending, run.world.stderr.text], [0, ""], stage);
  }
});

Deno.test("the first reason to end counts", async () => {
  const run = await start("trade XBT/USD --count 1");
  await run.accept();
  run.dials.last.frame(TRADE);
  run.world.signal("SIGTERM");
  assertEquals(await run.exit, 0);
  assertEquals(run.end.type, "count");
});

Deno.test("nothing comes after what --count asked for", async () => {
  const run = await start("trade XBT/USD --count 2");
  await run.accept();
  for (let count = 0; count < 5; count++) run.dials.last.frame(TRADE);
  assertEquals(await run.exit, 0);
  assertEquals(run.types.filter((type) => type === "trade update").length, 2);
});

Deno.test("--count counts data, not what happens around it", async () => {
  const run = await start("trade XBT/USD --count 1 --heartbeats");
  await run.accept();
  for (let count = 0; count < 3; count++) run.dials.last.frame(HEARTBEAT);
  run.dials.last.frame(TRADE);
  assertEquals(await run.exit, 0);
  assertEquals(run.types.filter((type) => type === "heartbeat update").length, 3);
});

Deno.test("--for ends a stream after that time, connected or not", async () => {
  const run = await start("trade XBT/USD --for 90s");
  await run.accept();
  await run.clock.advance(89_999);
  assert(run.end.channel !== "end");
  await run.clock.advance(1);
  assertEquals(await run.exit, 0);
  assertEquals([run.end.type, run.clock.pending], ["time", 0]);
});

Deno.test("a subscription that is refused after a reconnect ends a stream that has nothing else: exit 4", async () => {
  const run = await start("trade XBT/USD");
  await run.accept();
  run.dials.last.lose();
  await run.clock.advance(1);
  run.dials.last.open();
  await run.clock.advance(200);
  run.dials.last.reject("Currency pair not supported XBT/USD");
  assertEquals(await run.exit, 4);
  assertMatch(run.world.stderr.text, /Currency pair not supported XBT\/USD/);
});
