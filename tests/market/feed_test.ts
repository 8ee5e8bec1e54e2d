import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UnreachableError, UsageError } from "../../lib/errors.ts";
import { Feed, type Origin } from "../../lib/market/feed.ts";
import { parsePair } from "../../lib/model/pair.ts";
import type { StreamRecord } from "../../lib/model/record.ts";
import { Secret } from "../../lib/model/secret.ts";
import type { PrivateFeed, Subscription } from "../../lib/model/subscription.ts";
import { v1 } from "../../lib/protocol/v1.ts";
import { DEFAULT_POLICY, type Policy } from "../../lib/session/connection.ts";
import { type FakeTransport, FakeWorld, settle } from "../_fakes.ts";
import { type Change, NaiveBook, sides } from "./_books.ts";

function newFeed(policy: Partial<Policy> = {}) {
  const world = new FakeWorld();
  const records: (StreamRecord & { readonly origin: Origin })[] = [];
  const feed = new Feed(
    {
      urls: { public: "wss://public.test", private: "wss://private.test" },
      protocol: v1,
      policy: { ...DEFAULT_POLICY, ...policy },
      confirmTimeoutMs: 10_000,
      tokens: { get: () => Promise.resolve(new Secret("t0ken")), spend: () => {} },
    },
    world.ports,
    (record, origin) => records.push({ ...record, origin }),
  );
  return {
    feed,
    clock: world.clock,
    dials: world.dials,
    records,
    /** Records of a channel, in short. */
    told: (channel: string) =>
      records.filter((record) => record.channel === channel)
        .map((record) => Object.values(short(record)).filter((value) => value !== undefined).join(" ")),
  };
}

function short(record: StreamRecord): Record<string, unknown> {
  const { type, pair, subscription, verified, to, sequence } = { ...record } as Record<string, unknown>;
  const known = verified === undefined ? undefined : verified ? "verified" : "unverified";
  const closed = to === undefined ? undefined : to === null ? "opens" : "closes";
  return { type, of: subscription ?? pair, known, closed, sequence };
}

/** A feed that has confirmed these. */
async function subscribed(subscriptions: readonly Subscription[], view = {}) {
  const context = newFeed();
  const outcomes = context.feed.subscribe(subscriptions, view);
  await settle();
  for (const transport of context.dials.transports) transport.open();
  await settle();
  for (let round = 0; round < 3; round++) {
    for (const transport of context.dials.transports) transport.confirm();
    await context.clock.advance(200);
  }
  assertEquals((await outcomes).map(({ type }) => type), subscriptions.map(() => "subscribed"));
  context.records.length = 0;
  return context;
}

function book(pair: string): Subscription {
  return { channel: "book", depth: 10, pair: parsePair(pair) };
}

const XBT = book("XBT/USD");
const ETH = book("ETH/USD");

/** The exchange's side of one book. */
class Exchange {
  readonly #model = new NaiveBook(10);
  readonly #pair: string;
  readonly #transport: FakeTransport;

  constructor(transport: FakeTransport, pair: string) {
    this.#transport = transport;
    this.#pair = pair;
  }

  snapshot(changes: readonly Change[]): void {
    this.#model.apply(sides(changes));
    const { asks, bids } = this.#model.top(10);
    this.#frame({ as: asks.map(wire), bs: bids.map(wire) });
  }

  update(changes: readonly Change[], { checksum }: { readonly checksum?: string } = {}): void {
    const { asks, bids } = sides(changes);
    this.#model.apply({ asks, bids });
    const maps = [
      ...(asks.length > 0 ? [{ a: asks.map(wire) }] : []),
      ...(bids.length > 0 ? [{ b: bids.map(wire) }] : []),
    ];
    const c = checksum ?? this.#model.checksum();
    this.#frame(...maps.slice(0, -1), { ...maps.at(-1), c });
  }

  #frame(...maps: object[]): void {
    this.#transport.frame([336, ...maps, "book-10", this.#pair]);
  }
}

function wire({ price, volume, time }: { readonly price: string; readonly volume: string; readonly time: string }) {
  return [price, volume, time];
}

function ask(ticks: number, volume: number): Change {
  return { side: "asks", ticks, volume };
}

function bid(ticks: number, volume: number): Change {
  return { side: "bids", ticks, volume };
}

const SNAPSHOT = [ask(101, 1), ask(102, 2), bid(100, 3), bid(99, 4)];

Deno.test("a book's updates are verified against the exchange's checksum, one- and two-sided", async () => {
  const { dials, told } = await subscribed([XBT]);
  const exchange = new Exchange(dials.last, "XBT/USD");
  exchange.snapshot(SNAPSHOT);
  exchange.update([ask(101, 0)]);
  exchange.update([bid(100, 7)]);
  exchange.update([ask(103, 1), bid(98, 1)]);
  assertEquals(told("book"), [
    "snapshot XBT/USD",
    "update XBT/USD verified",
    "update XBT/USD verified",
    "update XBT/USD verified",
  ]);
});

Deno.test("a mismatch opens a gap, asks for that pair alone again, and the new snapshot closes the gap", async () => {
  const { dials, clock, told, records, feed } = await subscribed([XBT, ETH]);
  const xbt = new Exchange(dials.last, "XBT/USD");
  const eth = new Exchange(dials.last, "ETH/USD");
  xbt.snapshot(SNAPSHOT);
  eth.snapshot(SNAPSHOT);
  const before = dials.last.sent.length;
  xbt.update([ask(101, 5)], { checksum: "1" });
  eth.update([ask(101, 5)]);
  assertEquals(told("gap"), ["checksum book-10:XBT/USD opens"]);
  assertEquals(feed.book(XBT), undefined);

  await clock.advance(200);
  dials.last.confirm();
  await clock.advance(200);
  dials.last.confirm();
  assertEquals(dials.last.requests.slice(before).map(({ event, pair, subscription }) => [event, pair, subscription]), [
    ["unsubscribe", ["XBT/USD"], { name: "book", depth: 10 }],
    ["subscribe", ["XBT/USD"], { name: "book", depth: 10 }],
  ]);
  assertEquals(told("gap").length, 1, "confirmed is not yet whole");

  new Exchange(dials.last, "XBT/USD").snapshot(SNAPSHOT);
  assertEquals(told("gap"), ["checksum book-10:XBT/USD opens", "checksum book-10:XBT/USD closes"]);
  assertEquals(told("subscription"), [
    "unsubscribed book-10:XBT/USD",
    "resubscribing book-10:XBT/USD",
    "subscribed book-10:XBT/USD",
  ]);
  eth.update([bid(100, 0)]);
  assertEquals(told("book").filter((line) => line.includes("ETH")), [
    "snapshot ETH/USD",
    "update ETH/USD verified",
    "update ETH/USD verified",
  ]);
  const [opened, closed] = records.filter(({ channel }) => channel === "gap") as { from?: string; to?: string }[];
  assertEquals(opened?.from, closed?.from);
  assert(closed!.to! > opened!.from!);
});

Deno.test("the gap stands before the closing snapshot, so that trust can be told from the stream in order", async () => {
  const { dials, clock, records } = await subscribed([XBT]);
  new Exchange(dials.last, "XBT/USD").snapshot(SNAPSHOT);
  new Exchange(dials.last, "XBT/USD").update([ask(101, 5)], { checksum: "1" });
  for (let round = 0; round < 2; round++) {
    await clock.advance(200);
    dials.last.confirm();
  }
  new Exchange(dials.last, "XBT/USD").snapshot(SNAPSHOT);
  assertEquals(records.map(({ channel, type }) => `${channel} ${type}`), [
    "book snapshot",
    "book update",
    "gap checksum",
    "subscription unsubscribed",
    "subscription resubscribing",
    "subscription subscribed",
    "gap checksum",
    "book snapshot",
  ]);
});

Deno.test("updates inside a gap are told as unverified and start nothing", async () => {
  const { dials, told } = await subscribed([XBT]);
  const exchange = new Exchange(dials.last, "XBT/USD");
  exchange.snapshot(SNAPSHOT);
  exchange.update([ask(101, 5)], { checksum: "1" });
  const before = dials.last.sent.length;
  exchange.update([ask(101, 6)]);
  exchange.update([ask(101, 7)]);
  assertEquals(told("book").slice(-2), ["update XBT/USD unverified", "update XBT/USD unverified"]);
  assertEquals([told("gap").length, dials.last.sent.length], [1, before]);
});

Deno.test("--top shows the maintained best levels in place of the changes", async () => {
  const { dials, records } = await subscribed([XBT], { top: 1 });
  const exchange = new Exchange(dials.last, "XBT/USD");
  exchange.snapshot(SNAPSHOT);
  exchange.update([ask(101, 0), bid(95, 1)]);
  const shown = records.flatMap((record) => record.channel === "book" ? [record] : []);
  assertEquals(shown.map(({ top, verified }) => [top, verified]), [[1, undefined], [1, true]]);
  const prices = shown.map(({ data: { asks, bids } }) => `${bids[0]?.price} ${asks[0]?.price}`);
  assertEquals(prices, ["1.00000 1.01000", "1.00000 1.02000"]);
  assertEquals(shown.map(({ data }) => [data.asks.length, data.bids.length]), [[1, 1], [1, 1]]);
});

Deno.test("a lost connection is a gap in every confirmed subscription, from the last frame heard", async () => {
  const { dials, clock, told, records } = await subscribed([XBT, { channel: "ticker", pair: parsePair("ETH/USD") }]);
  const exchange = new Exchange(dials.last, "XBT/USD");
  exchange.snapshot(SNAPSHOT);
  const heardAt = clock.epochMicros();
  await clock.advance(3_000);
  dials.last.lose();
  assertEquals(told("gap"), ["disconnected book-10:XBT/USD opens", "disconnected ticker:ETH/USD opens"]);
  const [gap] = records.filter(({ channel }) => channel === "gap") as { from?: string }[];
  assertEquals(Date.parse(gap!.from!) * 1000, heardAt);

  await clock.advance(0);
  dials.last.open();
  await clock.advance(200);
  dials.last.confirm();
  assertEquals(told("gap").slice(2), ["disconnected ticker:ETH/USD closes"], "a book is whole with its snapshot only");
  new Exchange(dials.last, "XBT/USD").snapshot(SNAPSHOT);
  assertEquals(told("gap").slice(3), ["disconnected book-10:XBT/USD closes"]);
});

Deno.test("each frame gives one record, with the frame and the moment it came", async () => {
  const { dials, clock, records } = await subscribed([XBT]);
  await clock.advance(1_234);
  const frames = [
    '{"event":"heartbeat"}',
    "CloudFlare WebSocket proxy restarting",
    '[1,[["1.5","2.0","1700000000.000001","b","l",""]],"trade","XBT/USD"]',
    '{"errorMessage":"Malformed request","event":"error"}',
    '{"event":"pong"}',
  ];
  for (const frame of frames) dials.last.frame(frame);
  assertEquals(records.map(({ channel }) => channel), ["heartbeat", "unrecognized", "trade", "error", "pong"]);
  assertEquals(records.map(({ origin }) => origin.frame), frames);
  for (const { origin } of records) assertEquals(origin.atMicros, clock.epochMicros());
});

Deno.test("bytes are kept, in base64", async () => {
  const { dials, records } = await subscribed([XBT]);
  dials.last.binary(new Uint8Array([1, 2, 3]));
  assertEquals(records.map(({ origin: _, ...record }) => record) as unknown, [
    { channel: "unrecognized", type: "binary", socket: "public", text: "AQID" },
  ]);
});

const ORDERS: PrivateFeed = { channel: "openOrders", ratecounter: false };
const TRADES: Subscription = { channel: "ownTrades", snapshot: true, consolidateTaker: true };

function orders(sequence: number): unknown {
  return [[{ "OABC": { status: "open", userref: 0 } }], "openOrders", { sequence }];
}

Deno.test("account channels come over the private socket, with their ids in the records", async () => {
  const { dials, records } = await subscribed([ORDERS]);
  assertEquals(dials.transports.map(({ url }) => url), ["wss://private.test"]);
  dials.last.frame(orders(1));
  dials.last.frame(orders(2));
  assertEquals(records.map(({ origin: _, ...record }) => record) as unknown, [
    { channel: "openOrders", type: "snapshot", sequence: 1, data: [{ txid: "OABC", status: "open", userref: 0 }] },
    { channel: "openOrders", type: "update", sequence: 2, data: [{ txid: "OABC", status: "open", userref: 0 }] },
  ]);
});

Deno.test("a number that does not follow is a gap, and the channel is asked for again", async () => {
  const { dials, clock, told } = await subscribed([ORDERS, TRADES]);
  const [transport] = dials.transports;
  assert(transport);
  transport.frame(orders(1));
  transport.frame([[], "ownTrades", { sequence: 1 }]);
  transport.frame(orders(3));
  transport.frame([[], "ownTrades", { sequence: 2 }]);
  assertEquals(told("gap"), ["sequence openOrders opens"]);
  for (let round = 0; round < 2; round++) {
    await clock.advance(200);
    transport.confirm();
  }
  await clock.advance(200);
  transport.frame(orders(1));
  assertEquals(told("gap"), ["sequence openOrders opens", "sequence openOrders closes"]);
  assertEquals(transport.requests.slice(-2).map(({ event, subscription }) => [event, subscription.name]), [
    ["unsubscribe", "openOrders"],
    ["subscribe", "openOrders"],
  ]);
});

Deno.test("an account channel without its snapshot is a gap, and is asked for again", async () => {
  const { dials, clock, told } = await subscribed([ORDERS]);
  dials.last.frame('[[{"OABC":{"status":"op');
  dials.last.frame(orders(2));
  assertEquals(told("gap"), ["sequence openOrders opens"]);
  for (let round = 0; round < 2; round++) {
    await clock.advance(200);
    dials.last.confirm();
  }
  dials.last.frame(orders(1));
  dials.last.frame(orders(2));
  assertEquals(told("gap"), ["sequence openOrders opens", "sequence openOrders closes"]);
});

Deno.test("a snapshot that comes before its confirmation begins the count", async () => {
  const { feed, dials, told } = newFeed();
  void feed.subscribe([ORDERS]);
  await settle();
  dials.last.open();
  await settle();
  dials.last.frame(orders(1));
  dials.last.confirm();
  dials.last.frame(orders(2));
  assertEquals(told("gap"), []);
  dials.last.frame(orders(4));
  assertEquals(told("gap"), ["sequence openOrders opens"]);
});

Deno.test("sequences start over with each connection", async () => {
  const { dials, clock, told } = await subscribed([ORDERS]);
  dials.last.frame(orders(1));
  dials.last.frame(orders(2));
  dials.last.lose();
  await clock.advance(0);
  dials.last.open();
  await settle();
  dials.last.confirm();
  dials.last.frame(orders(1));
  dials.last.frame(orders(2));
  assertEquals(told("gap"), ["disconnected openOrders opens", "disconnected openOrders closes"]);
});

Deno.test("both sockets open when they are first needed, and share one series of request numbers", async () => {
  const { dials } = await subscribed([XBT, ORDERS]);
  assertEquals(dials.transports.map(({ url }) => url).sort(), ["wss://private.test", "wss://public.test"]);
  const reqids = dials.transports.flatMap(({ requests }) => requests.map(({ reqid }) => reqid));
  assertEquals(new Set(reqids).size, reqids.length);
});

Deno.test("a pong tells how long it took", async () => {
  const { feed, dials, clock, records } = await subscribed([XBT]);
  const answered = feed.ping("public", { reqid: 99, timeoutMs: 3_000 });
  await clock.advance(12.5);
  dials.last.frame({ event: "pong", reqid: 99 });
  assertEquals(await answered, true);
  assertEquals(records.map(({ origin: _, ...record }) => record) as unknown, [
    { channel: "pong", type: "reply", reqid: 99, round_trip_ms: 12.5 },
  ]);
});

Deno.test("a first connection that fails is an error that names the address, and the next one starts afresh", async () => {
  const { feed, dials } = newFeed();
  const failing = feed.subscribe([XBT]);
  dials.last.lose({ kind: "http_status", message: "the server answered HTTP 429", code: 429 });
  const error = await assertRejects(() => failing, UnreachableError, "Cannot connect to wss://public.test");
  assertEquals(error.code, "http_status");
  const trying = feed.subscribe([XBT]);
  assertEquals(dials.transports.length, 2);
  dials.last.open();
  await settle();
  dials.last.confirm();
  assertEquals((await trying).map(({ type }) => type), ["subscribed"]);
});

Deno.test("a connection that was lost for good can be asked for anew", async () => {
  const { feed, dials, records } = newFeed({ reconnect: false });
  for (const subscription of [XBT, ETH]) {
    const trying = feed.subscribe([subscription]);
    await settle();
    dials.last.open();
    await settle();
    dials.last.confirm();
    assertEquals((await trying).map(({ type }) => type), ["subscribed"]);
    dials.last.lose();
    assertEquals(records.at(-1)?.type, "failed");
  }
  assertEquals(dials.transports.length, 2);
});

Deno.test("a book that is asked for again while it is being ended is shown as it was asked for", async () => {
  const { feed, clock, dials, records } = await subscribed([XBT]);
  const exchange = new Exchange(dials.last, "XBT/USD");
  void feed.unsubscribe([XBT]);
  void feed.subscribe([XBT], { top: 1 });
  for (let round = 0; round < 2; round++) {
    dials.last.confirm();
    await clock.advance(200);
  }
  exchange.snapshot([ask(1, 1), ask(2, 1), bid(0, 1)]);
  const last = records.at(-1);
  assert(last?.channel === "book");
  assertEquals([last.top, last.data.asks.length], [1, 1]);
});

Deno.test("borrow() begins anew what is just being ended", async () => {
  const { feed, clock, dials } = await subscribed([ORDERS]);
  void feed.unsubscribe([ORDERS]);
  const underWay = feed.borrow(ORDERS);
  for (let round = 0; round < 2; round++) {
    await settle();
    dials.last.confirm();
    await clock.advance(200);
  }
  assertEquals(dials.last.requests.slice(-2).map(({ event }) => event), ["unsubscribe", "subscribe"]);
  dials.last.confirm();
  assertEquals(await underWay, true);
});

Deno.test("a book that is asked for again before there is a connection is shown as it was asked for", async () => {
  const { feed, dials, clock, records } = await subscribed([XBT]);
  dials.last.lose();
  void feed.unsubscribe([XBT]);
  void feed.subscribe([XBT], { top: 1 });
  await clock.advance(5_000);
  dials.last.open();
  await settle();
  dials.last.confirm();
  new Exchange(dials.last, "XBT/USD").snapshot(SNAPSHOT);
  const last = records.at(-1);
  assert(last?.channel === "book");
  assertEquals([last.top, last.data.asks.length], [1, 1]);
});

Deno.test("unsubscribe() forgets what is not connected, too", async () => {
  const { feed, dials, told } = await subscribed([XBT, ETH]);
  dials.last.lose();
  await feed.unsubscribe([XBT]);
  assertEquals(told("gap"), [
    "disconnected book-10:XBT/USD opens",
    "disconnected book-10:ETH/USD opens",
    "disconnected book-10:XBT/USD closes",
  ]);
});

Deno.test("unsubscribe() forgets the book and whatever was wrong with it", async () => {
  const { feed, dials, told } = await subscribed([XBT]);
  new Exchange(dials.last, "XBT/USD").snapshot(SNAPSHOT);
  const leaving = feed.unsubscribe([XBT]);
  await settle();
  dials.last.confirm();
  assertEquals((await leaving).map(({ type }) => type), ["unsubscribed"]);
  assertEquals([feed.book(XBT), told("gap")], [undefined, []]);
});

Deno.test("close() ends both sockets", async () => {
  const { feed, dials, told, clock } = await subscribed([XBT, ORDERS]);
  await feed.close();
  assertEquals(dials.transports.map(({ closed }) => closed), [true, true]);
  assertEquals([told("connection"), clock.pending], [["closed", "closed"], 0]);
});

Deno.test("nextRequestId() gives each number once, whether it is chosen or the next of the series", () => {
  const { feed } = newFeed();
  assertEquals([feed.nextRequestId(), feed.nextRequestId(3), feed.nextRequestId(4)], [1, 3, 4]);
  assertEquals([feed.nextRequestId(), feed.nextRequestId(), feed.nextRequestId(9)], [2, 5, 9]);
  for (const used of [1, 3, 5, 9]) assertThrows(() => feed.nextRequestId(used), UsageError, `reqid ${used} is that of`);
  assertEquals([feed.nextRequestId(7), feed.nextRequestId(), feed.nextRequestId()], [7, 6, 8]);
  assertEquals(feed.nextRequestId(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  assertEquals(feed.nextRequestId(), 10);
});
