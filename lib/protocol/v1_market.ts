/**
 * Market data in version 1 of the protocol, and the only place that knows its arrays.
 *
 * A frame with data is a list whose last two entries are the channel's name and the pair, so that what it is stands at its
 * end, and is looked up there. What stands before is read in place by a {@linkcode JsonReader}.
 *
 * Pure, but for a memory of endings that were seen before. A frame in which a number is missing or is no decimal cannot be
 * read, so that there is never half an event.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/ticker and its sibling pages.
 *
 * @module
 */

import type { Decimal } from "../model/decimal.ts";
import type { BookSides, Candle, DayWindow, Level, MarketEvent, Quote, Spread, Ticker, Trade } from "../model/event.ts";
import { isPair, type Pair } from "../model/pair.ts";
import { channelName, type Depth, DEPTHS, INTERVALS, type PublicFeed } from "../model/subscription.ts";
import { JsonReader } from "./json_reader.ts";

/**
 * What a frame tells of the market; `undefined` if it does not end as market data do.
 *
 * @throws {SyntaxError} If it does, but what should be in it is not, or is not written in the plainest way.
 */
export function marketEvent(frame: string): MarketEvent | undefined {
  const end = endingStart(frame);
  const ending = endingOf(frame.slice(end));
  if (ending === undefined) return undefined;
  const { feed, pair } = ending;
  const reader = new JsonReader(frame);
  reader.openList();
  // The channel's number: its name says more.
  reader.skip();
  const event = payload(reader, feed, pair, end);
  if (reader.position !== end) throw new SyntaxError(`There is more in a frame of ${feed.channel} than is known`);
  return event;
}

/** Where a list's last two entries begin, with the comma before them, if those are texts without quotation marks. */
function endingStart(frame: string): number {
  let quotes = 0;
  let index = frame.length - 1;
  while (index > 0 && quotes < 4) {
    if (frame.charCodeAt(--index) === QUOTE) quotes++;
  }
  return index - 1;
}

const QUOTE = 0x22;

interface Ending {
  readonly feed: PublicFeed;
  readonly pair: Pair;
}

/** What frames end with is one of few: channels times pairs. */
const ENDINGS = new Map<string, Ending>();
const MOST_ENDINGS = 10_000;

function endingOf(text: string): Ending | undefined {
  const known = ENDINGS.get(text);
  if (known !== undefined) return known;
  const [, name = "", pair] = /^,"([^"]*)","([^"]*)"\]$/.exec(text) ?? [];
  const feed = FEEDS.get(name);
  if (feed === undefined || !isPair(pair)) return undefined;
  if (ENDINGS.size === MOST_ENDINGS) ENDINGS.clear();
  const ending = { feed, pair: copy(pair) };
  ENDINGS.set(copy(text), ending);
  return ending;
}

/** The same text of its own: a piece of a frame keeps the whole frame in memory. */
function copy<T extends string>(text: T): T {
  return JSON.parse(JSON.stringify(text));
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

/** What stands between the channel's number and `end`. */
function payload(reader: JsonReader, feed: PublicFeed, pair: Pair, end: number): MarketEvent {
  switch (feed.channel) {
    case "ticker":
      return { type: "ticker", pair, data: ticker(reader) };
    case "trade":
      return { type: "trade", pair, data: list(reader, trade) };
    case "spread":
      return { type: "spread", pair, data: spread(reader) };
    case "ohlc":
      return { type: "ohlc", pair, interval: feed.interval, data: candle(reader) };
    case "book":
      return bookEvent(reader, pair, feed.depth, end);
  }
}

function ticker(reader: JsonReader): Ticker {
  let ask, bid, last, volume, vwap, trades, low, high, open;
  reader.openObject();
  for (let key = reader.key(); key !== undefined; key = reader.key()) {
    switch (key) {
      case "a":
        ask = quote(reader);
        break;
      case "b":
        bid = quote(reader);
        break;
      case "c":
        last = lastTrade(reader);
        break;
      case "v":
        volume = decimalWindow(reader);
        break;
      case "p":
        vwap = decimalWindow(reader);
        break;
      case "t":
        trades = countWindow(reader);
        break;
      case "l":
        low = decimalWindow(reader);
        break;
      case "h":
        high = decimalWindow(reader);
        break;
      case "o":
        open = decimalWindow(reader);
        break;
      default:
        reader.skip();
    }
  }
  if (ask && bid && last && volume && vwap && trades && low && high && open) {
    return { ask, bid, last, volume, vwap, trades, low, high, open };
  }
  throw new SyntaxError("A ticker is not whole");
}

function quote(reader: JsonReader): Quote {
  reader.openList();
  const quote = { price: reader.decimal(), whole_lot_volume: reader.number(), lot_volume: reader.decimal() };
  reader.closeList();
  return quote;
}

function lastTrade(reader: JsonReader): Ticker["last"] {
  reader.openList();
  const last = { price: reader.decimal(), volume: reader.decimal() };
  reader.closeList();
  return last;
}

function decimalWindow(reader: JsonReader): DayWindow<Decimal> {
  reader.openList();
  const window = { today: reader.decimal(), last_24h: reader.decimal() };
  reader.closeList();
  return window;
}

function countWindow(reader: JsonReader): DayWindow<number> {
  reader.openList();
  const window = { today: reader.number(), last_24h: reader.number() };
  reader.closeList();
  return window;
}

function trade(reader: JsonReader): Trade {
  reader.openList();
  const trade = {
    price: reader.decimal(),
    volume: reader.decimal(),
    time: reader.decimal(),
    side: sideName(reader.word()),
    order_type: orderTypeName(reader.word()),
    misc: reader.word(),
  };
  reader.closeList();
  return trade;
}

/** A letter that is not known here is shown as it came. */
function sideName(letter: string): string {
  return letter === "b" ? "buy" : letter === "s" ? "sell" : letter;
}

function orderTypeName(letter: string): string {
  return letter === "l" ? "limit" : letter === "m" ? "market" : letter;
}

function spread(reader: JsonReader): Spread {
  reader.openList();
  const bid = reader.decimal();
  const ask = reader.decimal();
  const time = reader.decimal();
  const bidVolume = reader.decimal();
  const askVolume = reader.decimal();
  reader.closeList();
  return { bid: { price: bid, volume: bidVolume }, ask: { price: ask, volume: askVolume }, time };
}

function candle(reader: JsonReader): Candle {
  reader.openList();
  const candle = {
    time: reader.decimal(),
    etime: reader.decimal(),
    open: reader.decimal(),
    high: reader.decimal(),
    low: reader.decimal(),
    close: reader.decimal(),
    vwap: reader.decimal(),
    volume: reader.decimal(),
    count: reader.number(),
  };
  reader.closeList();
  return candle;
}

/** A two-sided update comes as two maps, of which the last carries the checksum. */
function bookEvent(reader: JsonReader, pair: Pair, depth: Depth, end: number): MarketEvent {
  let asks: readonly Level[] = [];
  let bids: readonly Level[] = [];
  let snapshot = false;
  let checksum: Decimal | undefined;
  while (reader.position < end) {
    checksum = undefined;
    reader.openObject();
    for (let key = reader.key(); key !== undefined; key = reader.key()) {
      switch (key) {
        case "a":
        case "as":
          asks = joined(asks, list(reader, level));
          break;
        case "b":
        case "bs":
          bids = joined(bids, list(reader, level));
          break;
        case "c":
          checksum = reader.decimal();
          break;
        default:
          reader.skip();
      }
      snapshot ||= key === "as" || key === "bs";
    }
  }
  const data: BookSides = { asks, bids };
  if (snapshot) return { type: "book_snapshot", pair, depth, data };
  if (asks.length + bids.length === 0) throw new SyntaxError("A book update changes nothing");
  return { type: "book_update", pair, depth, data, checksum };
}

function joined<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.length === 0 ? after : [...before, ...after];
}

function level(reader: JsonReader): Level {
  reader.openList();
  const price = reader.decimal();
  const volume = reader.decimal();
  const time = reader.decimal();
  if (!reader.hasEntry()) return { price, volume, time };
  const republished = reader.word() === "r";
  reader.closeList();
  return republished ? { price, volume, time, republished } : { price, volume, time };
}

/** Every entry of a list. Most have one, for which an array that is about to grow would be wasteful. */
function list<T>(reader: JsonReader, read: (reader: JsonReader) => T): readonly T[] {
  reader.openList();
  if (!reader.hasEntry()) return [];
  const entries = [read(reader)];
  while (reader.hasEntry()) entries.push(read(reader));
  return entries;
}
