import { assert, assertEquals } from "@std/assert";
import { RefusedError, UnreachableError } from "../../lib/errors.ts";
import { parsePair } from "../../lib/model/pair.ts";
import { Secret } from "../../lib/model/secret.ts";
import { type Subscription, subscriptionId } from "../../lib/model/subscription.ts";
import { v1 } from "../../lib/protocol/v1.ts";
import { DEFAULT_POLICY, type Policy } from "../../lib/session/connection.ts";
import { Session } from "../../lib/session/session.ts";
import type { SubscriptionOutcome } from "../../lib/session/subscriber.ts";
import type { TokenSource } from "../../lib/session/token.ts";
import { type FakeTransport, FakeWorld, settle, START_MICROS } from "../_fakes.ts";

function ticker(pair: string): Subscription {
  return { channel: "ticker", pair: parsePair(pair) };
}

function book(pair: string): Subscription {
  return { channel: "book", depth: 10, pair: parsePair(pair) };
}

const XBT = ticker("XBT/USD");
const ETH = ticker("ETH/USD");
const HEARTBEAT = { event: "heartbeat" };

interface NewSessionOptions {
  readonly policy?: Partial<Policy>;
  readonly tokens?: TokenSource;
  /** When connections were made before this one: milliseconds from the start. */
  readonly connects?: readonly number[];
}

/** A session in a world of its own, and what it told its listener, in words. */
function newSession(options: NewSessionOptions = {}) {
  const world = new FakeWorld();
  const log: string[] = [];
  const connects = (options.connects ?? []).map((ms) => START_MICROS / 1000 + ms);
  let lastRequestId = 0;
  const session = new Session(
    {
      socket: "public",
      url: "wss://exchange.test",
      protocol: v1,
      policy: { ...DEFAULT_POLICY, ...options.policy },
      confirmTimeoutMs: 10_000,
      nextRequestId: () => ++lastRequestId,
      tokens: options.tokens ?? { get: () => Promise.resolve(new Secret("t0ken")), spend: () => {} },
      connects: { read: () => connects, add: (ms) => connects.push(ms) },
    },
    world.ports,
    {
      frame: (event) => log.push(`frame ${event.type}`),
      binary: (bytes) => log.push(`binary ${bytes.length}`),
      connection: (change) => {
        const { type } = change;
        if (type === "lost") log.push(`lost ${change.loss.kind}, try ${change.attempt} in ${change.retryInMs}`);
        else if (type === "waiting") log.push(`waiting ${change.retryInMs}`);
        else log.push(type === "failed" ? `failed ${change.loss.kind}` : type);
      },
      requested: (subscription, { again }) => log.push(`${again ? "again" : "ask"} ${subscriptionId(subscription)}`),
      unanswered: (subscription, { retry }) => log.push(`unanswered ${subscriptionId(subscription)}, retry ${retry}`),
      tokenless: (subscription, _, { retry }) => log.push(`tokenless ${subscriptionId(subscription)}, retry ${retry}`),
      oversized: (length) => log.push(`oversized ${length}`),
      postponed: (subscription, { attempt, retryInMs }) =>
        log.push(`postponed ${subscriptionId(subscription)}, try ${attempt} in ${retryInMs}`),
      confirmed: (subscription) => log.push(`confirmed ${subscriptionId(subscription)}`),
      failed: (subscription, reason) => log.push(`failed ${subscriptionId(subscription)}: ${reason}`),
      interrupted: (subscriptions, cause) =>
        log.push(`interrupted ${subscriptions.map(subscriptionId).join(" ")} (${cause})`),
      sent: () => {},
    },
  );
  return { ...world, world, dials: world.dials, clock: world.clock, session, log, connects };
}

/** A session whose connection stands. */
async function openSession(options: Parameters<typeof newSession>[0] = {}) {
  const context = newSession(options);
  const opening = context.session.open();
  context.dials.last.open();
  assertEquals(await opening, undefined);
  context.log.length = 0;
  return context;
}

/** A session with these confirmed. */
async function subscribedSession(...subscriptions: Subscription[]) {
  const context = await openSession();
  const outcomes = context.session.subscribe(subscriptions);
  do {
    context.dials.last.confirm();
    await context.clock.advance(200);
  } while (context.dials.last.unanswered.length > 0);
  assertEquals((await outcomes).map(({ type }) => type), subscriptions.map(() => "subscribed"));
  context.log.length = 0;
  return context;
}

function told(outcomes: readonly SubscriptionOutcome[]): string[] {
  return outcomes.map(({ subscription, type, reason }) =>
    [subscriptionId(subscription), type, reason].filter((part) => part !== undefined).join(" ")
  );
}

Deno.test("open() dials once, however often it is called", async () => {
  const { session, dials, log } = newSession();
  const opening = [session.open(), session.open()];
  dials.last.open();
  assertEquals(await Promise.all(opening), [undefined, undefined]);
  assertEquals([dials.transports.length, dials.last.url, log], [1, "wss://exchange.test", ["connecting", "open"]]);
});

Deno.test("open() says why the first connection failed, and does not try again", async () => {
  const { session, dials, clock, log } = newSession();
  const opening = session.open();
  dials.last.lose({ kind: "refused", message: "the connection was refused" });
  assertEquals((await opening)?.kind, "refused");
  await clock.advance(600_000);
  assertEquals([dials.transports.length, log], [1, ["connecting", "failed refused"]]);
});

Deno.test("open() gives up on a handshake that takes too long", async () => {
  const { session, dials, clock } = newSession();
  const opening = session.open();
  await clock.advance(10_000);
  assertEquals((await opening)?.kind, "timeout");
  assertEquals([dials.last.closed, clock.pending], [true, 0]);
});

Deno.test("subscribe() names many pairs in one request and settles each on its own", async () => {
  const { session, dials } = await openSession();
  const outcomes = session.subscribe([XBT, ETH, ticker("NO/SUCH")]);
  assertEquals(dials.last.requests.map(({ event, pair }) => [event, pair]), [
    ["subscribe", ["XBT/USD", "ETH/USD", "NO/SUCH"]],
  ]);
  const reqid = dials.last.requests[0]?.reqid;
  const status = (pair: string, more: object) => ({ event: "subscriptionStatus", pair, reqid, ...more });
  dials.last.frame(status("NO/SUCH", {
    errorMessage: "Currency pair not supported NO/SUCH",
    status: "error",
    subscription: { name: "ticker" },
  }));
  dials.last.frame(status("ETH/USD", { channelName: "ticker", status: "subscribed" }));
  dials.last.frame(status("XBT/USD", { channelName: "ticker", status: "subscribed" }));
  assertEquals(told(await outcomes), [
    "ticker:XBT/USD subscribed",
    "ticker:ETH/USD subscribed",
    "ticker:NO/SUCH rejected Currency pair not supported NO/SUCH",
  ]);
});

Deno.test("subscribe() of what is confirmed already asks for nothing", async () => {
  const { session, dials } = await subscribedSession(XBT);
  assertEquals(told(await session.subscribe([XBT])), ["ticker:XBT/USD subscribed"]);
  assertEquals(dials.last.sent.length, 1);
});

Deno.test("subscribe() of a refused request refuses each of its subscriptions", async () => {
  const { session, dials } = await openSession();
  const outcomes = session.subscribe([XBT, ETH]);
  dials.last.frame({ errorMessage: "Malformed request", event: "error", reqid: dials.last.requests[0]?.reqid });
  assertEquals(told(await outcomes), [
    "ticker:XBT/USD rejected Malformed request",
    "ticker:ETH/USD rejected Malformed request",
  ]);
});

Deno.test("subscribe() sends at most five requests a second", async () => {
  const { session, dials, clock } = await openSession();
  const intervals = [1, 5, 15, 30, 60, 240, 1440, 10080, 21600] as const;
  const candles = intervals.map((interval): Subscription => ({
    channel: "ohlc",
    interval,
    pair: parsePair("XBT/USD"),
  }));
  void session.subscribe(candles);
  const sentAt: number[] = [];
  for (let ms = 0; ms < 3_000; ms += 50) {
    while (sentAt.length < dials.last.sent.length) sentAt.push(clock.nowMs());
    await clock.advance(50);
  }
  assertEquals(sentAt.length, candles.length);
  for (const [index, ms] of sentAt.slice(5).entries()) assert(ms - sentAt[index]! >= 1_000, `request ${index + 6}`);
});

Deno.test("resync() of many books at once also keeps to five requests a second", async () => {
  const books = ["XBT/USD", "ETH/USD", "LTC/EUR", "XDG/USD", "SOL/USD", "ADA/EUR", "DOT/USD", "XRP/USD"].map(book);
  const { session, dials, clock } = await subscribedSession(...books);
  for (const subscription of books) session.resync(subscription);
  const before = dials.last.sent.length;
  await clock.advance(999);
  assert(dials.last.sent.length - before <= 5, `${dials.last.sent.length - before} requests in the first second`);
});

Deno.test("a subscription that is not confirmed in time is told as such, and asked for until it stands", async () => {
  const context = await openSession();
  const { session, dials, log } = context;
  const outcomes = session.subscribe([XBT]);
  await pass(context, 11);
  assertEquals(told(await outcomes), ["ticker:XBT/USD unanswered no answer came in time"]);
  assertEquals(without(log, "frame"), [
    "ask ticker:XBT/USD",
    "unanswered ticker:XBT/USD, retry true",
    "ask ticker:XBT/USD",
  ]);
  // The answer to the first request, late.
  log.length = 0;
  dials.last.frame({
    channelName: "ticker",
    event: "subscriptionStatus",
    pair: "XBT/USD",
    reqid: dials.last.requests[0]?.reqid,
    status: "subscribed",
  });
  dials.last.reject("Already subscribed");
  assertEquals(session.entries.map(({ state }) => state), ["active"]);
  dials.last.lose();
  assertEquals(without(log, "frame", "lost"), [
    "confirmed ticker:XBT/USD",
    "interrupted ticker:XBT/USD (disconnected)",
  ]);
});

Deno.test("a subscription that is never answered is given up after some minutes, and told as such", async () => {
  const context = await openSession();
  const { session, dials, log } = context;
  void session.subscribe([XBT]);
  await pass(context, 150);
  assertEquals(dials.last.requests.filter(({ event }) => event === "subscribe").length, 13);
  assertEquals(without(log, "frame", "ask").slice(-2), [
    "unanswered ticker:XBT/USD, retry false",
    "failed ticker:XBT/USD: undefined",
  ]);
  assertEquals(session.entries, []);
});

Deno.test("a subscription that was not answered can be taken back", async () => {
  const context = await openSession();
  const { session, dials } = context;
  void session.subscribe([XBT]);
  await pass(context, 11);
  const leaving = session.unsubscribe([XBT]);
  await settle();
  dials.last.confirm();
  assertEquals([told(await leaving), session.entries], [["ticker:XBT/USD unsubscribed"], []]);
});

Deno.test("a subscription that once stood is asked for until it stands again", async () => {
  const { session, dials, clock, log } = await subscribedSession(XBT);
  dials.last.lose();
  await clock.advance(0);
  dials.last.open();
  for (let second = 0; second < 11; second++) {
    dials.last.frame(HEARTBEAT);
    await clock.advance(1_000);
  }
  assertEquals(log.filter((line) => line.startsWith("unanswered")), ["unanswered ticker:XBT/USD, retry true"]);
  assertEquals(dials.last.requests.map(({ event }) => event), ["subscribe", "subscribe"]);
  dials.last.confirm();
  assertEquals(session.entries.map(({ state }) => state), ["active"]);
});

Deno.test("unsubscribe() settles when the exchange has confirmed", async () => {
  const { session, dials } = await subscribedSession(XBT, ETH);
  const outcomes = session.unsubscribe([XBT]);
  await settle();
  assertEquals(dials.last.requests.at(-1)?.event, "unsubscribe");
  dials.last.confirm();
  assertEquals(told(await outcomes), ["ticker:XBT/USD unsubscribed"]);
  assertEquals(session.entries.map(({ id }) => id), ["ticker:ETH/USD"]);
});

Deno.test("unsubscribe() settles whoever still waits to be subscribed", async () => {
  const { session } = newSession();
  const subscribing = session.subscribe([XBT]);
  await session.unsubscribe([XBT]);
  assertEquals(told(await subscribing), ["ticker:XBT/USD unsubscribed"]);
});

Deno.test("a lost connection is dialed again, and what was wanted is asked for again", async () => {
  const { session, dials, clock, log } = await subscribedSession(XBT, ETH, book("XBT/USD"));
  dials.last.lose();
  assertEquals(log, [
    "interrupted ticker:XBT/USD ticker:ETH/USD book-10:XBT/USD (disconnected)",
    "lost closed, try 1 in 0",
  ]);
  await clock.advance(0);
  dials.last.open();
  await clock.advance(1_000);
  dials.last.confirm();
  assertEquals(dials.transports.length, 2);
  assertEquals(dials.last.requests.map(({ event, pair, subscription }) => [event, pair, subscription.name]), [
    ["subscribe", ["XBT/USD", "ETH/USD"], "ticker"],
    ["subscribe", ["XBT/USD"], "book"],
  ]);
  assertEquals(session.entries.map(({ state }) => state), ["active", "active", "active"]);
  assert(log.includes("again ticker:XBT/USD") && !log.includes("ask ticker:XBT/USD"));
});

Deno.test("a rejection after a reconnect ends that subscription alone", async () => {
  const { session, dials, clock } = await subscribedSession(XBT, book("XBT/USD"));
  dials.last.lose();
  await clock.advance(0);
  dials.last.open();
  dials.last.reject("Market in maintenance");
  await clock.advance(1_000);
  dials.last.confirm();
  assertEquals(session.entries.map(({ id, state }) => [id, state]), [["book-10:XBT/USD", "active"]]);
});

Deno.test("reconnecting goes on with growing waits, and ends when the policy says so", async () => {
  const { session, dials, clock, log } = newSession({ policy: { maxAttempts: 3 } });
  void session.open();
  dials.last.open();
  for (let tries = 0; tries < 4; tries++) {
    dials.last.lose();
    await clock.advance(3_000);
  }
  assertEquals(log.filter((line) => /lost|failed/.test(line)), [
    "lost closed, try 1 in 0",
    "lost closed, try 2 in 1000",
    "lost closed, try 3 in 2000",
    "failed closed",
  ]);
  assertEquals([session.phase, clock.pending], ["stopped", 0]);
});

Deno.test("after maintenance the exchange gets five seconds", async () => {
  const { dials, log } = await subscribedSession(XBT);
  dials.last.frame({ event: "systemStatus", status: "maintenance", version: "1.9.1" });
  dials.last.lose();
  assertEquals(log.at(-1), "lost closed, try 1 in 5000");
});

Deno.test("silence is answered with a ping, and further silence with a new connection", async () => {
  const { dials, clock, log } = await subscribedSession(XBT);
  const first = dials.last;
  first.frame(HEARTBEAT);
  log.length = 0;
  await clock.advance(10_000);
  assertEquals(first.requests.at(-1)?.event, "ping");
  await clock.advance(4_999);
  assertEquals(first.closed, false);
  await clock.advance(1);
  assertEquals(first.closed, true);
  assertEquals(log.slice(0, 2), ["interrupted ticker:XBT/USD (stall)", "lost stall, try 1 in 0"]);
  assertEquals(dials.transports.length, 2);
});

Deno.test("an exchange that speaks is never taken for silent", async () => {
  const { dials, clock } = await subscribedSession(XBT);
  for (let second = 0; second < 120; second++) {
    dials.last.frame(HEARTBEAT);
    await clock.advance(1_000);
  }
  assertEquals([dials.transports.length, dials.last.sent.length], [1, 1]);
});

Deno.test("a connection without subscriptions is kept by a ping every fifteen seconds", async () => {
  const { dials, clock } = await openSession();
  for (let second = 0; second < 61; second++) {
    await clock.advance(1_000);
    dials.last.confirm();
  }
  assertEquals(dials.last.requests.map(({ event }) => event), ["ping", "ping", "ping", "ping"]);
  assertEquals(dials.transports.length, 1);
});

Deno.test("time in which this program could not listen costs a ping at most, and no connection", async () => {
  const { dials, clock } = await subscribedSession(XBT);
  // A laptop that sleeps, or a write that blocks, for an hour.
  await clock.oversleep(3_600_000);
  await clock.advance(4_000);
  assertEquals(dials.last.requests.map(({ event }) => event), ["subscribe", "ping"]);
  // And once more, while the answer waits unread.
  await clock.oversleep(3_600_000);
  dials.last.confirm();
  await clock.advance(9_000);
  assertEquals([dials.last.closed, dials.transports.length], [false, 1]);
});

Deno.test("request() settles as lost when the connection goes, and at once where there is none", async () => {
  const { session, dials } = await openSession();
  const answer = session.request({ type: "ping", reqid: 77 }, { timeoutMs: 3_000, count: 1 });
  dials.last.lose();
  assertEquals((await answer).type, "lost");
  const next = await session.request({ type: "ping", reqid: 78 }, { timeoutMs: 3_000, count: 1 });
  assertEquals(next.type, "lost");
});

Deno.test("request() takes a pong of the same number for no answer to an order", async () => {
  const { session, dials } = await openSession();
  const token = new Secret("t0ken");
  const order = { type: "trading", event: "addOrder", reqid: 7, token, parameters: {} } as const;
  const answer = session.request(order, { timeoutMs: 3_000, count: 1 });
  dials.last.frame({ event: "pong", reqid: 7 });
  dials.last.frame({ event: "addOrderStatus", reqid: 7, status: "ok", txid: "O1" });
  assertEquals((await answer).events.map(({ type }) => type), ["reply"]);
});

Deno.test("close() settles every promise and leaves no timer behind", async () => {
  const { session, dials, clock, log } = await subscribedSession(XBT);
  const waiting = [
    session.subscribe([ETH, book("ETH/USD")]),
    session.unsubscribe([XBT]),
    session.request({ type: "ping", reqid: 77 }, { timeoutMs: 3_000, count: 1 }),
  ];
  await session.close();
  const [subscribing, leaving, ping] = await Promise.all(waiting) as [
    SubscriptionOutcome[],
    SubscriptionOutcome[],
    { type: string },
  ];
  assertEquals(told(subscribing), [
    "ticker:ETH/USD closed the connection was closed",
    "book-10:ETH/USD closed the connection was closed",
  ]);
  assertEquals(told(leaving), ["ticker:XBT/USD closed the connection was closed"]);
  assertEquals(ping.type, "lost");
  assertEquals([dials.last.closed, clock.pending, log.at(-1)], [true, 0, "closed"]);
});

Deno.test("close() says nothing of a connection that was never begun", async () => {
  const { session, log } = newSession();
  const outcomes = session.subscribe([XBT]);
  await session.close();
  assertEquals([(await outcomes)[0]?.type, log], ["closed", []]);
});

Deno.test("close() settles an opening that is under way", async () => {
  const { session, clock } = newSession();
  const opening = session.open();
  await session.close();
  assertEquals((await opening)?.kind, "closed");
  assertEquals(clock.pending, 0);
});

Deno.test("subscribe() on a connection that is gone for good settles at once", async () => {
  const { session, dials } = await openSession({ policy: { reconnect: false } });
  dials.last.lose();
  assertEquals(told(await session.subscribe([XBT])), ["ticker:XBT/USD closed the connection was closed"]);
  await session.close();
  assertEquals(told(await session.subscribe([ETH])), ["ticker:ETH/USD closed the connection was closed"]);
});

Deno.test("reconnect() drops the connection for a new one", async () => {
  const { session, dials, clock } = await subscribedSession(XBT);
  session.reconnect();
  await clock.advance(0);
  assertEquals([dials.transports[0]?.closed, dials.transports.length], [true, 2]);
});

Deno.test("an account channel is asked for with its token, and alone", async () => {
  const { session, dials } = await openSession();
  void session.subscribe([{ channel: "openOrders", ratecounter: true }]);
  await settle();
  assertEquals(dials.last.requests[0]?.subscription, { name: "openOrders", ratecounter: true, token: "t0ken" });
  assertEquals(dials.last.requests[0]?.pair, undefined);
});

// ---------------------------------------------------------------- refusals and patience

/** Keeps the exchange audible while time passes. */
async function pass(context: Awaited<ReturnType<typeof openSession>>, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    context.dials.last.frame(HEARTBEAT);
    await context.clock.advance(1_000);
  }
}

function without(log: readonly string[], ...beginnings: readonly string[]): string[] {
  return log.filter((line) => !beginnings.some((beginning) => line.startsWith(beginning)));
}

Deno.test("a refusal that may pass is asked for again with growing waits, and then stands", async () => {
  const context = await openSession();
  const { session, dials, log } = context;
  const outcomes = session.subscribe([XBT]);
  for (const wait of [1, 2, 4]) {
    dials.last.reject("EService:Unavailable");
    await pass(context, wait);
  }
  dials.last.confirm();
  assertEquals(told(await outcomes), ["ticker:XBT/USD subscribed"]);
  assertEquals(log.filter((line) => line.startsWith("postponed")), [
    "postponed ticker:XBT/USD, try 1 in 1000",
    "postponed ticker:XBT/USD, try 2 in 2000",
    "postponed ticker:XBT/USD, try 3 in 4000",
  ]);
});

Deno.test("a refusal that does not pass is given up after twelve tries, and the others live on", async () => {
  const context = await subscribedSession(XBT, book("XBT/USD"));
  const { session, dials, clock, log } = context;
  dials.last.lose();
  await clock.advance(0);
  dials.last.open();
  await clock.advance(0);
  for (let tries = 0; tries < 600 && !log.some((line) => line.startsWith("failed")); tries++) {
    const { reqid, subscription } = dials.last.requests.at(-1)!;
    const answer = { event: "subscriptionStatus", reqid, pair: "XBT/USD" };
    if (subscription.name === "ticker") dials.last.frame({ ...answer, status: "error", errorMessage: "EService:Busy" });
    else dials.last.frame({ ...answer, status: "subscribed", channelName: "book-10" });
    await pass(context, 1);
  }
  assertEquals(log.filter((line) => line.startsWith("postponed")).length, 12);
  assertEquals(log.filter((line) => line.startsWith("failed")), ["failed ticker:XBT/USD: EService:Busy"]);
  assertEquals(session.entries.map(({ id }) => id), ["book-10:XBT/USD"]);
  await session.close();
});

Deno.test("what stood and is refused for good after a reconnect is told as failed", async () => {
  const { session, dials, clock, log } = await subscribedSession(XBT);
  dials.last.lose();
  await clock.advance(0);
  dials.last.open();
  dials.last.reject("Currency pair not supported XBT/USD");
  assertEquals(log.at(-1), "failed ticker:XBT/USD: Currency pair not supported XBT/USD");
  assertEquals(session.entries, []);
});

Deno.test("'Exceeded msg rate' slows every further request down", async () => {
  const { session, dials, clock } = await openSession();
  void session.subscribe([XBT]);
  dials.last.reject("Exceeded msg rate");
  void session.subscribe([book("XBT/USD"), book("ETH/USD")]);
  const intervals = [1, 5, 15] as const;
  void session.subscribe(intervals.map((interval) => ({ channel: "ohlc", interval, pair: parsePair("XBT/USD") })));
  const sentAt: number[] = [];
  for (let ms = 0; ms < 3_000; ms += 50) {
    while (sentAt.length < dials.last.sent.length) sentAt.push(clock.nowMs());
    await clock.advance(50);
  }
  assertEquals(sentAt.length, 6);
  for (const [index, ms] of sentAt.slice(2).entries()) assert(ms - sentAt[index + 1]! >= 400, `${sentAt}`);
  await session.close();
});

Deno.test("'Already subscribed' says that a confirmation was lost, and is believed", async () => {
  const context = await subscribedSession(XBT);
  const { session, dials, clock, log } = context;
  dials.last.lose();
  await clock.advance(0);
  dials.last.open();
  // The confirmation gets lost, and the second request meets a subscription that stands.
  await pass(context, 11);
  dials.last.reject("Already subscribed");
  assertEquals(session.entries.map(({ state }) => state), ["active"]);
  assertEquals(without(log, "frame", "lost", "interrupted", "connecting", "open"), [
    "again ticker:XBT/USD",
    "unanswered ticker:XBT/USD, retry true",
    "again ticker:XBT/USD",
    "confirmed ticker:XBT/USD",
  ]);
});

Deno.test("what the exchange ends on its own is a break in the stream, and asked for again", async () => {
  const { session, dials, clock, log } = await subscribedSession(XBT, ETH);
  dials.last.frame({ channelName: "ticker", event: "subscriptionStatus", pair: "ETH/USD", status: "unsubscribed" });
  await clock.advance(200);
  dials.last.confirm();
  assertEquals(log, [
    "frame unsubscribed",
    "interrupted ticker:ETH/USD (disconnected)",
    "again ticker:ETH/USD",
    "frame subscribed",
    "confirmed ticker:ETH/USD",
  ]);
  assertEquals(session.entries.map(({ state }) => state), ["active", "active"]);
});

Deno.test("what the exchange ends again and again is asked for again with growing waits", async () => {
  const { dials, clock } = await subscribedSession(XBT);
  const asked = dials.last.sent.length;
  for (let second = 0; second < 15; second++) {
    dials.last.frame({ channelName: "ticker", event: "subscriptionStatus", pair: "XBT/USD", status: "unsubscribed" });
    for (let beat = 0; beat < 5; beat++) {
      dials.last.confirm();
      await clock.advance(200);
    }
  }
  assertEquals(dials.last.sent.length - asked, 4);
});

Deno.test("a stream that has to start anew again and again does so with growing waits", async () => {
  const context = await subscribedSession(book("XBT/USD"));
  const { session, dials, clock } = context;
  const startedAt: number[] = [];
  for (let ms = 0; ms < 20_000; ms += 100) {
    if (session.resync(book("XBT/USD"))) startedAt.push(clock.nowMs());
    await clock.advance(100);
    dials.last.confirm();
    dials.last.frame(HEARTBEAT);
  }
  assertEquals(startedAt.length, 6);
  for (const [index, ms] of startedAt.slice(2).entries()) {
    assert(ms - startedAt[index + 1]! >= 1_000 * 2 ** index, `${startedAt}`);
  }
});

Deno.test("a frame too long to be read breaks every stream of its socket, and they start anew", async () => {
  const { session, dials, log } = await subscribedSession(XBT, ETH);
  dials.last.frame(`["${"x".repeat(16 * 2 ** 20)}"]`);
  assertEquals(log, ["oversized 16777220", "interrupted ticker:XBT/USD ticker:ETH/USD (overflow)"]);
  assertEquals(session.entries.map(({ state, again }) => [state, again]), [["leaving", true], ["leaving", true]]);
});

// ---------------------------------------------------------------- the budget of connections

Deno.test("a connection beyond the budget waits, as a record, and is made when there is room", async () => {
  const context = newSession({ connects: Array.from({ length: 100 }, (_, index) => -index * 1_000) });
  const { session, dials, clock, log } = context;
  const opening = session.open();
  assertEquals([dials.transports.length, log], [0, ["waiting 501000"]]);
  await clock.advance(500_999);
  assertEquals(dials.transports.length, 0);
  await clock.advance(1);
  dials.last.open();
  assertEquals(await opening, undefined);
  assertEquals(log, ["waiting 501000", "connecting", "open"]);
});

Deno.test("waiting for the budget ends at once when the session is closed", async () => {
  const { session, clock } = newSession({ connects: Array.from({ length: 100 }, () => 0) });
  const opening = session.open();
  await session.close();
  assertEquals([(await opening)?.kind, clock.pending], ["closed", 0]);
});

Deno.test("every connection counts, whichever way it ended", async () => {
  const { session, dials, clock, connects } = newSession();
  void session.open();
  dials.last.open();
  for (let losses = 0; losses < 3; losses++) {
    dials.last.lose();
    await clock.advance(3_000);
  }
  assertEquals(connects.length, dials.transports.length);
});

/** Hands out the tokens of a list in turn: each until it is spent, the last for ever. */
function tokensOf(...texts: readonly string[]): TokenSource & { readonly spent: string[] } {
  const spent: string[] = [];
  return {
    spent,
    get: () => Promise.resolve(new Secret(texts.find((text) => !spent.includes(text)) ?? texts.at(-1) ?? "")),
    spend: (token) => void spent.push(token.reveal()),
  };
}

const ORDERS: Subscription = { channel: "openOrders", ratecounter: false };
const TRADES: Subscription = { channel: "ownTrades", snapshot: true, consolidateTaker: true };
const INVALID_SESSION = "ESession:Invalid session";

function tokensSent(transport: FakeTransport): (string | undefined)[] {
  return transport.requests.map(({ subscription }) => subscription?.token);
}

Deno.test("what is taken back while its token is being made is not subscribed behind its farewell", async () => {
  const made = Promise.withResolvers<Secret>();
  const { session, dials } = await openSession({ tokens: { get: () => made.promise, spend: () => {} } });
  void session.subscribe([ORDERS]);
  void session.unsubscribe([ORDERS]);
  made.resolve(new Secret("t0ken"));
  await settle();
  assertEquals(dials.last.requests.map(({ event }) => event), ["unsubscribe"]);
});

Deno.test("a subscription whose token is refused is asked for once more, with another token", async () => {
  const { session, dials, clock } = await openSession({ tokens: tokensOf("old", "new") });
  const outcome = session.subscribe([ORDERS]);
  await settle();
  dials.last.reject(INVALID_SESSION);
  await clock.advance(1_000);
  assertEquals(tokensSent(dials.last), ["old", "new"]);
  dials.last.confirm();
  assertEquals((await outcome).map(({ type }) => type), ["subscribed"]);
});

Deno.test("a second refusal of the token is final", async () => {
  const { session, dials, clock } = await openSession({ tokens: tokensOf("old", "new", "newer") });
  const outcome = session.subscribe([ORDERS]);
  await settle();
  dials.last.reject(INVALID_SESSION);
  await clock.advance(1_000);
  dials.last.reject(INVALID_SESSION);
  await clock.advance(1_000);
  assertEquals(tokensSent(dials.last), ["old", "new"]);
  assertEquals((await outcome).map(({ type, reason }) => [type, reason]), [["rejected", INVALID_SESSION]]);
});

Deno.test("a refused token of which there is no other is not sent again", async () => {
  const { session, dials, clock } = await openSession({ tokens: tokensOf("only") });
  const outcome = session.subscribe([ORDERS]);
  await settle();
  dials.last.reject(INVALID_SESSION);
  await clock.advance(1_000);
  assertEquals(tokensSent(dials.last), ["only"]);
  assertEquals((await outcome).map(({ type, reason }) => [type, reason]), [["rejected", INVALID_SESSION]]);
});

Deno.test("two subscriptions that were refused for one token share the next", async () => {
  const { session, dials, clock } = await openSession({ tokens: tokensOf("old", "new") });
  const outcome = session.subscribe([ORDERS, TRADES]);
  await clock.advance(300);
  dials.last.reject(INVALID_SESSION);
  await clock.advance(1_000);
  dials.last.confirm();
  assertEquals(tokensSent(dials.last), ["old", "old", "new", "new"]);
  assertEquals((await outcome).map(({ type }) => type), ["subscribed", "subscribed"]);
});

Deno.test("without a token the subscription is settled with the reason, and nothing is sent", async () => {
  const error = new RefusedError("no_token", "There is no token");
  const { session, dials, log } = await openSession({ tokens: { get: () => Promise.reject(error), spend: () => {} } });
  const [outcome] = await session.subscribe([ORDERS]);
  assertEquals([outcome?.type, outcome?.error], ["tokenless", error]);
  assertEquals(dials.last.sent, []);
  assertEquals(log.includes("tokenless openOrders, retry false"), true);
});

Deno.test("after a reconnect an account channel is asked for with a fresh token", async () => {
  const { session, dials, clock } = await openSession({ tokens: tokensOf("old", "new") });
  const outcome = session.subscribe([ORDERS]);
  await settle();
  dials.last.confirm();
  await outcome;
  dials.last.lose();
  await clock.advance(1_000);
  dials.last.open();
  await settle();
  assertEquals(tokensSent(dials.last), ["new"]);
});

Deno.test("a token that cannot be had after a reconnect is asked for again, for what had been confirmed", async () => {
  let reachable = true;
  const tokens: TokenSource = {
    get: () =>
      reachable ? Promise.resolve(new Secret("t0ken")) : Promise.reject(new UnreachableError("timeout", "No answer")),
    spend: () => {},
  };
  const { session, dials, clock, log } = await openSession({ tokens });
  const outcome = session.subscribe([ORDERS]);
  await settle();
  dials.last.confirm();
  await outcome;
  reachable = false;
  dials.last.lose();
  await clock.advance(1_000);
  dials.last.open();
  await settle();
  assertEquals([dials.last.sent.length, log.at(-1)], [0, "tokenless openOrders, retry true"]);
  reachable = true;
  await clock.advance(5_000);
  assertEquals(tokensSent(dials.last), ["t0ken"]);
});
