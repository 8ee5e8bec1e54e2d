/** Each command line that streams, in this process against the exchange of `--sandbox`. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Finished, runHere } from "../_cli.ts";

function words(line: string): string[] {
  return line.split(" ").slice(1);
}

// deno-lint-ignore no-explicit-any -- records as a consumer reads them
function data({ records }: Finished, channel: string): any[] {
  return records.filter((record) => record.channel === channel);
}

function confirmed({ records }: Finished): string[] {
  return records.filter(({ channel, type }) => channel === "subscription" && type === "subscribed")
    .map(({ subscription }) => subscription);
}

const LINES: readonly (readonly [line: string, channel: string, subscriptions: readonly string[]])[] = [
  ["krakenws ticker XBT/USD ETH/EUR XDG/XBT", "ticker", ["ticker:XBT/USD", "ticker:ETH/EUR", "ticker:XDG/XBT"]],
  ["krakenws ticker xbt/usd eth/eur", "ticker", ["ticker:XBT/USD", "ticker:ETH/EUR"]],
  ["krakenws book ETH/USD 10", "book", ["book-10:ETH/USD"]],
  ["krakenws book XBT/USD XBT/EUR 10", "book", ["book-10:XBT/USD", "book-10:XBT/EUR"]],
  ["krakenws book XBT/USD --depth 100", "book", ["book-100:XBT/USD"]],
  ["krakenws book 25 XBT/USD", "book", ["book-25:XBT/USD"]],
  ["krakenws ohlc LTC/EUR XBT/USD 60", "ohlc", ["ohlc-60:LTC/EUR", "ohlc-60:XBT/USD"]],
  ["krakenws ohlc LTC/EUR", "ohlc", ["ohlc-1:LTC/EUR"]],
  ["krakenws ohlc XBT/USD --interval 240", "ohlc", ["ohlc-240:XBT/USD"]],
  [
    "krakenws spread XBT/USD XBT/EUR ETH/USD LTC/EUR",
    "spread",
    ["spread:XBT/USD", "spread:XBT/EUR", "spread:ETH/USD", "spread:LTC/EUR"],
  ],
  ["krakenws trade XBT/USD", "trade", ["trade:XBT/USD"]],
  ["krakenws ticker XBT/USD xbt/usd", "ticker", ["ticker:XBT/USD"]],
  ["krakenws ticker AAPLx/USD AAPLx/usd", "ticker", ["ticker:AAPLx/USD"]],
  ["krakenws book AAPLx/USD 10", "book", ["book-10:AAPLx/USD"]],
];

for (const [line, channel, subscriptions] of LINES) {
  Deno.test(`${line} streams ${subscriptions.join(", ")}`, async () => {
    const result = await runHere([...words(line), "--sandbox", "--count", String(subscriptions.length)]);
    assertEquals(result.stderr, "");
    assertEquals(result.code, 0);
    assertEquals(confirmed(result), subscriptions);
    assertEquals(data(result, channel).length, subscriptions.length);
  });
}

Deno.test("a stream tells its life in order, numbers it without holes and ends with an end record", async () => {
  const { records } = await runHere(["ticker", "XBT/USD", "--sandbox", "--count", "1"]);
  const told = records.map(({ channel, type }) => `${channel} ${type}`);
  // Our request and the exchange's greeting cross on the wire: either can come first.
  assertEquals(told.filter((what) => what === "status update").length, 1);
  assertEquals(told.filter((what) => what !== "status update"), [
    "connection connecting",
    "connection open",
    "subscription pending",
    "subscription subscribed",
    "ticker update",
    "connection closed",
    "end count",
  ]);
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  for (const { time } of records) assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assertEquals(records.map(({ time }) => time), records.map(({ time }) => time).toSorted());
});

Deno.test("every update of a book is verified, at each depth", async () => {
  for (const depth of ["10", "1000"]) {
    const result = await runHere(["book", "XBT/USD", depth, "--sandbox", "--count", "15"]);
    const [snapshot, ...updates] = data(result, "book");
    assertEquals(snapshot.type, "snapshot");
    assertEquals(updates.map(({ type, verified }) => [type, verified]), updates.map(() => ["update", true]));
    for (const { checksum } of updates) assertMatch(checksum, /^\d+$/);
  }
});

Deno.test("book --top shows the best levels after each update", async () => {
  const result = await runHere(["book", "XBT/USD", "--top", "2", "--sandbox", "--count", "5"]);
  for (const { top, data: { asks, bids } } of data(result, "book")) {
    assertEquals([top, asks.length, bids.length], [2, 2, 2]);
    assert(Number(bids[1].price) < Number(bids[0].price));
    assert(Number(bids[0].price) < Number(asks[0].price));
    assert(Number(asks[0].price) < Number(asks[1].price));
  }
});

Deno.test("prices and volumes are text with the wire's digits", async () => {
  const result = await runHere(["spread", "XBT/USD", "--sandbox", "--count", "1", "--raw-frame"]);
  const [{ data: { bid, ask, time }, frame }] = data(result, "spread");
  assertEquals(frame.slice(1), [
    [bid.price, ask.price, time, bid.volume, ask.volume],
    "spread",
    "XBT/USD",
  ]);
});

Deno.test("--raw-frame puts the untouched frame last", async () => {
  const { stdout } = await runHere(["ticker", "XBT/USD", "--sandbox", "--count", "1", "--raw-frame"]);
  const line = stdout.split("\n").find((text) => text.includes('"channel":"ticker"'));
  assertMatch(line ?? "", /,"frame":\[\d+,\{"a":\[.*\},"ticker","XBT\/USD"\]\}$/);
  const status = stdout.split("\n").find((text) => text.includes('"channel":"status"'));
  assertMatch(status ?? "", /,"frame":\{"connectionID":\d{19,20},/);
});

Deno.test("-o raw gives frames and nothing else on stdout, and the rest on stderr", async () => {
  const { stdout, stderr, code } = await runHere(["ticker", "XBT/USD", "--sandbox", "--count", "1", "-o", "raw"]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(code, 0);
  assertMatch(lines[0] ?? "", /^\{"connectionID":\d+,"event":"systemStatus"/);
  assertMatch(lines[1] ?? "", /"event":"subscriptionStatus"/);
  assertMatch(lines[2] ?? "", /^\[\d+,\{"a":.*,"ticker","XBT\/USD"\]$/);
  assertEquals(lines.length, 3);
  assertMatch(stderr, /connection open/);
});

Deno.test("--quiet leaves stderr to errors", async () => {
  const { stderr } = await runHere(["ticker", "XBT/USD", "--sandbox", "--count", "1", "-o", "raw", "-q"]);
  assertEquals(stderr, "");
});

Deno.test("--verbose shows the frames of both directions on stderr", async () => {
  const { stderr, records } = await runHere(["ticker", "XBT/USD", "--sandbox", "--count", "1", "-v"]);
  assertMatch(stderr, /^> public \{"event":"subscribe","reqid":1,"pair":\["XBT\/USD"\]/m);
  assertMatch(stderr, /^< public \{"channelID":/m);
  assertEquals(records.at(-1)?.channel, "end");
});

Deno.test("--heartbeats shows them, and they are hidden without", async () => {
  const [shown, hidden] = await Promise.all([
    runHere(["ohlc", "ADA/EUR", "--sandbox", "--for", "1200ms", "--heartbeats"]),
    runHere(["ohlc", "ADA/EUR", "--sandbox", "--for", "1200ms"]),
  ]);
  assert(data(shown, "heartbeat").length >= 1);
  assertEquals(data(hidden, "heartbeat"), []);
  assertEquals(hidden.records.map(({ seq }) => seq), hidden.records.map((_, index) => index + 1));
});

Deno.test("--for ends a stream after that time", async () => {
  const { code, records } = await runHere(["trade", "XBT/USD", "--sandbox", "--for", "50ms"]);
  assertEquals(code, 0);
  assertEquals(records.at(-1), {
    ...records.at(-1),
    channel: "end",
    type: "time",
    exit: 0,
    data: { records: records.length - 1, gaps: 0 },
  });
});

Deno.test("one pair refused among several is a record, and the others stream on to exit 0", async () => {
  const result = await runHere(["ticker", "NO/SUCH", "XBT/USD", "--sandbox", "--count", "2"]);
  assertEquals(result.code, 0);
  const refused = result.records.find(({ type }) => type === "rejected");
  assertEquals([refused.pair, refused.reason], ["NO/SUCH", "Currency pair not supported NO/SUCH"]);
  assertEquals(data(result, "ticker").length, 2);
});

Deno.test("every pair refused is exit 4", async () => {
  const { code, stderr, records } = await runHere(["ticker", "NO/SUCH", "NOR/THIS", "--sandbox"]);
  assertEquals(code, 4);
  assertEquals(records.filter(({ type }) => type === "rejected").length, 2);
  assertEquals(records.at(-2)?.code, "subscription_rejected");
  assertEquals(records.at(-1)?.exit, 4);
  assertMatch(stderr, /did not accept any of the 2 subscriptions: Currency pair not supported NO\/SUCH;/);
});

Deno.test("ping tells the round trip in milliseconds and ends", async () => {
  const result = await runHere(["ping", "--sandbox"]);
  const [pong] = data(result, "pong");
  assertEquals([result.code, result.stderr], [0, ""]);
  assertEquals(typeof pong.round_trip_ms, "number");
  assert(pong.round_trip_ms > 0 && pong.round_trip_ms < 3000);
  assertEquals(result.records.at(-1)?.type, "done");
});

Deno.test("status tells the exchange's state and ends", async () => {
  const result = await runHere(["status", "--sandbox"]);
  const [{ data: { status, connection_id } }] = data(result, "status");
  assertEquals([result.code, status], [0, "online"]);
  // Beyond 2^53: a number would have lost digits.
  assertMatch(connection_id, /^\d{19,20}$/);
});

Deno.test("every option is also an environment variable", async () => {
  const { code, records } = await runHere(["ticker", "XBT/USD"], {
    KRAKENWS_SANDBOX: "1",
    KRAKENWS_COUNT: "1",
    KRAKENWS_RAW_FRAME: "true",
  });
  assertEquals(code, 0);
  assertEquals(records.at(-1)?.type, "count");
  assert(records.find(({ channel }) => channel === "ticker").frame);
});
