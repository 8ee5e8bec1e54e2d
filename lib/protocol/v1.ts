/**
 * Version 1 of the exchange's WebSocket protocol, and the only place that knows its arrays.
 *
 * A frame with data is an array whose last two entries are the channel's name and
 * the pair (in account channels: the name and the sequence), so it is read from the
 * end. Everything else is an object with an `event`.
 *
 * Pure. Numbers that mean money or time arrive as text and stay text; a frame in
 * which one is missing or is no decimal is `unrecognized`, never half a record.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/systemstatus and its sibling
 * pages. Where their tables and their examples differ (the order of pair and channel
 * name, the place of `reqid`), recorded traffic agrees with the examples, and so do we.
 *
 * @module
 */

import { type Decimal, isDecimal } from "../model/decimal.ts";
import type { AccountEntry, BookSides, Level, RequestId, ServerEvent, Ticker, Trade } from "../model/event.ts";
import { isPair, type Pair } from "../model/pair.ts";
import {
  channelName,
  DEPTHS,
  INTERVALS,
  type PrivateChannel,
  type PrivateFeed,
  type PublicFeed,
} from "../model/subscription.ts";
import type { Protocol, Request, SubscriptionRequest } from "./mod.ts";

export const v1: Protocol = { decode, encode };

// ---------------------------------------------------------------- from the exchange

function decode(frame: string): ServerEvent {
  try {
    const message: unknown = JSON.parse(frame);
    const event = Array.isArray(message)
      ? dataEvent(message)
      : isObject(message)
      ? controlEvent(message, frame)
      : undefined;
    if (event !== undefined) return event;
  } catch {
    // No JSON: the proxy in front of the exchange also sends plain text.
  }
  return { type: "unrecognized", text: frame };
}

function dataEvent(message: readonly unknown[]): ServerEvent | undefined {
  const last = message.at(-1);
  const name = message.at(-2);
  if (isObject(last)) return accountEvent(message[0], name, last["sequence"]);
  const feed = typeof name === "string" ? FEEDS.get(name) : undefined;
  if (feed === undefined || !isPair(last)) return undefined;
  const payload = message[1];
  switch (feed.channel) {
    case "ticker": {
      const data = ticker(payload);
      return data && { type: "ticker", pair: last, data };
    }
    case "trade": {
      const data = list(payload, trade);
      return data && { type: "trade", pair: last, data };
    }
    case "spread":
      return spreadEvent(payload, last);
    case "ohlc":
      return candleEvent(payload, last, feed.interval);
    case "book":
      return bookEvent(message, last, feed.depth);
  }
}

/** Every channel name that carries public data, with what it stands for. */
const FEEDS: ReadonlyMap<string, PublicFeed> = new Map(
  [
    { channel: "ticker" } as const,
    { channel: "trade" } as const,
    { channel: "spread" } as const,
    ...DEPTHS.map((depth) => ({ channel: "book", depth }) as const),
    ...INTERVALS.map((interval) => ({ channel: "ohlc", interval }) as const),
  ].map((feed) => [channelName(feed), feed]),
);

function ticker(payload: unknown): Ticker | undefined {
  if (!isObject(payload)) return undefined;
  const { a, b, c, v, p, t, l, h, o } = payload;
  const ask = quote(a);
  const bid = quote(b);
  const volume = dayWindow(v, isDecimal);
  const vwap = dayWindow(p, isDecimal);
  const trades = dayWindow(t, isNumber);
  const low = dayWindow(l, isDecimal);
  const high = dayWindow(h, isDecimal);
  const open = dayWindow(o, isDecimal);
  if (!ask || !bid || !volume || !vwap || !trades || !low || !high || !open || !decimals(c, 2)) return undefined;
  return { ask, bid, last: { price: c[0], volume: c[1] }, volume, vwap, trades, low, high, open };
}

function quote(value: unknown): Ticker["ask"] | undefined {
  if (!Array.isArray(value)) return undefined;
  const [price, whole_lot_volume, lot_volume] = value;
  if (!isDecimal(price) || !isNumber(whole_lot_volume) || !isDecimal(lot_volume)) return undefined;
  return { price, whole_lot_volume, lot_volume };
}

function dayWindow<T>(value: unknown, is: (entry: unknown) => entry is T): { today: T; last_24h: T } | undefined {
  if (!Array.isArray(value)) return undefined;
  const [today, last_24h] = value;
  return is(today) && is(last_24h) ? { today, last_24h } : undefined;
}

const SIDES: Readonly<Record<string, string>> = { b: "buy", s: "sell" };
const ORDER_TYPES: Readonly<Record<string, string>> = { m: "market", l: "limit" };

function trade(value: unknown): Trade | undefined {
  if (!Array.isArray(value)) return undefined;
  const [price, volume, time, side, orderType, misc] = value;
  if (!isDecimal(price) || !isDecimal(volume) || !isDecimal(time)) return undefined;
  if (!isPlainText(side) || !isPlainText(orderType) || !isPlainText(misc)) return undefined;
  return { price, volume, time, side: SIDES[side] ?? side, order_type: ORDER_TYPES[orderType] ?? orderType, misc };
}

function spreadEvent(payload: unknown, pair: Pair): ServerEvent | undefined {
  if (!decimals(payload, 5)) return undefined;
  const [bid, ask, time, bidVolume, askVolume] = payload;
  const data = { bid: { price: bid, volume: bidVolume }, ask: { price: ask, volume: askVolume }, time };
  return { type: "spread", pair, data };
}

function candleEvent(payload: unknown, pair: Pair, interval: typeof INTERVALS[number]): ServerEvent | undefined {
  if (!decimals(payload, 8)) return undefined;
  const [time, etime, open, high, low, close, vwap, volume, count] = payload;
  if (!isNumber(count)) return undefined;
  return { type: "ohlc", pair, interval, data: { time, etime, open, high, low, close, vwap, volume, count } };
}

/** A two-sided update comes as two maps, of which the last carries the checksum. */
function bookEvent(message: readonly unknown[], pair: Pair, depth: typeof DEPTHS[number]): ServerEvent | undefined {
  const asks: Level[] = [];
  const bids: Level[] = [];
  let snapshot = false;
  let checksum: unknown;
  for (let index = 1; index < message.length - 2; index++) {
    const map = message[index];
    if (!isObject(map)) return undefined;
    const { as, bs, a, b, c } = map;
    snapshot ||= as !== undefined || bs !== undefined;
    if (!readLevels(as ?? a, asks) || !readLevels(bs ?? b, bids)) return undefined;
    checksum = c;
  }
  const data: BookSides = { asks, bids };
  if (snapshot) return { type: "book_snapshot", pair, depth, data };
  if (asks.length + bids.length === 0 || (checksum !== undefined && !isDecimal(checksum))) return undefined;
  return { type: "book_update", pair, depth, data, checksum };
}

/** Adds the levels of one map and side, which may have none; says whether all could be read. */
function readLevels(value: unknown, levels: Level[]): boolean {
  if (value === undefined) return true;
  if (!Array.isArray(value)) return false;
  for (const entry of value) {
    const read = level(entry);
    if (read === undefined) return false;
    levels.push(read);
  }
  return true;
}

function level(value: unknown): Level | undefined {
  if (!Array.isArray(value)) return undefined;
  const [price, volume, time, flag] = value;
  if (!isDecimal(price) || !isDecimal(volume) || !isDecimal(time)) return undefined;
  return flag === "r" ? { price, volume, time, republished: true } : { price, volume, time };
}

const ACCOUNT_CHANNELS: readonly unknown[] = ["openOrders", "ownTrades", "balances"] satisfies PrivateChannel[];

function accountEvent(entries: unknown, name: unknown, sequence: unknown): ServerEvent | undefined {
  if (!isAccountChannel(name) || !isNumber(sequence) || !Array.isArray(entries)) return undefined;
  const data: AccountEntry[] = [];
  for (const entry of entries) {
    if (!isObject(entry)) return undefined;
    for (const [id, fields] of Object.entries(entry)) {
      if (!isObject(fields)) return undefined;
      data.push({ id, fields });
    }
  }
  return { type: "account", channel: name, sequence, data };
}

function isAccountChannel(name: unknown): name is PrivateChannel {
  return ACCOUNT_CHANNELS.includes(name);
}

/** What answers a trading request, and the request it answers. */
const REPLIES: ReadonlyMap<string, string> = new Map(
  ["addOrder", "amendOrder", "editOrder", "cancelOrder", "cancelAll", "cancelAllOrdersAfter"]
    .map((request) => [`${request}Status`, request]),
);

function controlEvent(message: Readonly<Record<string, unknown>>, frame: string): ServerEvent | undefined {
  const { event, reqid: _reqid, errorMessage, status, ...data } = message;
  if (typeof event !== "string") return undefined;
  const reqid = requestId(message["reqid"], frame);
  switch (event) {
    case "heartbeat":
      return { type: "heartbeat" };
    case "pong":
      return { type: "pong", reqid };
    case "systemStatus":
      return systemStatus(message, frame);
    case "subscriptionStatus":
      return subscriptionStatus(message, reqid);
    case "error":
      return typeof errorMessage === "string" ? { type: "error", message: errorMessage, reqid } : undefined;
  }
  const request = REPLIES.get(event);
  if (request === undefined) return undefined;
  if (status === "ok") return { type: "reply", request, reqid, reason: undefined, data };
  return typeof errorMessage === "string" ? { type: "reply", request, reqid, reason: errorMessage, data } : undefined;
}

function systemStatus({ status, version }: Readonly<Record<string, unknown>>, frame: string): ServerEvent | undefined {
  if (typeof status !== "string") return undefined;
  // The id is an unsigned 64-bit number: beyond what a number holds, so its digits are taken from the text.
  const connectionId = /"connectionID"\s*:\s*(\d+)/.exec(frame)?.[1];
  return {
    type: "status",
    status,
    ...(typeof version === "string" ? { version } : {}),
    ...(connectionId !== undefined ? { connectionId } : {}),
  };
}

const SUBSCRIPTION_TYPES = new Map(
  [["subscribed", "subscribed"], ["unsubscribed", "unsubscribed"], ["error", "rejected"]] as const,
);

function subscriptionStatus(
  message: Readonly<Record<string, unknown>>,
  reqid: RequestId | undefined,
): ServerEvent | undefined {
  const { status, pair, errorMessage, subscription } = message;
  const type = SUBSCRIPTION_TYPES.get(status as "error");
  if (type === undefined) return undefined;
  const parameters = isObject(subscription) ? subscription : {};
  const { maxratecount } = parameters;
  return {
    type,
    reqid,
    channelName: typeof message["channelName"] === "string" ? message["channelName"] : nameOf(parameters),
    pair: typeof pair === "string" ? pair : undefined,
    ...(typeof errorMessage === "string" ? { reason: errorMessage } : {}),
    ...(isNumber(maxratecount) ? { maxratecount } : {}),
  };
}

/** A rejection repeats the request's parameters in place of the channel's name; a missing depth or interval was the default. */
function nameOf({ name, depth, interval }: Readonly<Record<string, unknown>>): string | undefined {
  switch (name) {
    case "book":
      return `book-${depth ?? DEPTHS[0]}`;
    case "ohlc":
      return `ohlc-${interval ?? INTERVALS[0]}`;
    default:
      return typeof name === "string" ? name : undefined;
  }
}

function requestId(value: unknown, frame: string): RequestId | undefined {
  if (typeof value !== "number") return undefined;
  return Number.isSafeInteger(value) ? value : /"reqid"\s*:\s*(\d+)/.exec(frame)?.[1];
}

// ---------------------------------------------------------------- reading what is unknown

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Printable ASCII in which JSON has nothing to escape: what the exchange's own words are made of. */
function isPlainText(value: unknown): value is string {
  return typeof value === "string" && /^[ !#-[\]-~]*$/.test(value);
}

/** A number that can be written again: digits beyond all measure are read as infinite. */
function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

type D = Decimal;

/** Whether the first `count` entries of a list are decimals. */
function decimals(value: unknown, count: 2): value is [D, D];
function decimals(value: unknown, count: 5): value is [D, D, D, D, D];
function decimals(value: unknown, count: 8): value is [D, D, D, D, D, D, D, D, ...unknown[]];
function decimals(value: unknown, count: number): boolean {
  if (!Array.isArray(value) || value.length < count) return false;
  for (let index = 0; index < count; index++) {
    if (!isDecimal(value[index])) return false;
  }
  return true;
}

/** Every entry of a list as `read` reads it, or nothing if one of them cannot be read. */
function list<T>(value: unknown, read: (entry: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const result: T[] = [];
  for (const entry of value) {
    const item = read(entry);
    if (item === undefined) return undefined;
    result.push(item);
  }
  return result;
}

// ---------------------------------------------------------------- to the exchange

function encode(request: Request): string {
  const { type, reqid } = request;
  switch (type) {
    case "ping":
      return JSON.stringify({ event: "ping", reqid });
    case "subscribe":
    case "unsubscribe":
      return JSON.stringify({
        event: type,
        reqid,
        ...("pairs" in request ? { pair: request.pairs } : {}),
        subscription: subscriptionObject(request),
      });
    case "trading":
      return JSON.stringify({
        ...request.parameters,
        event: request.event,
        reqid,
        token: request.token.reveal(),
      });
  }
}

function subscriptionObject(request: SubscriptionRequest): Record<string, unknown> {
  const { feed } = request;
  const token = "token" in request ? { token: request.token.reveal() } : {};
  return { name: feed.channel, ...parametersOf(feed), ...token };
}

/** What the exchange takes for granted is left out where leaving it out is how most clients ask. */
function parametersOf(feed: PublicFeed | PrivateFeed): Record<string, unknown> {
  switch (feed.channel) {
    case "book":
      return { depth: feed.depth };
    case "ohlc":
      return { interval: feed.interval };
    case "openOrders":
      return feed.ratecounter ? { ratecounter: true } : {};
    case "ownTrades":
      return {
        ...(feed.snapshot ? {} : { snapshot: false }),
        ...(feed.consolidateTaker ? {} : { consolidate_taker: false }),
      };
    default:
      return {};
  }
}
