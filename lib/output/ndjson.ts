/**
 * A record as one line of text.
 *
 * Pure. The result is one line whatever the exchange sent: JSON has no raw newline in it, and the few further characters
 * that a terminal would act on are written as escapes (see `printable.ts`).
 *
 * @module
 */

import type { Decimal } from "../model/decimal.ts";
import type { DayWindow, Level, Quote, Ticker, Trade } from "../model/event.ts";
import type { BookRecord, StreamRecord } from "../model/record.ts";
import { isoMicros } from "../model/time.ts";
import { isPrintable, printable } from "./printable.ts";

export { printable };

export interface Envelope {
  readonly seq: number;
  readonly atMicros: number;
  /** The command that caused the record, by the name that a program gave it. */
  readonly cause?: string | undefined;
  /** The untouched frame, to be added as the last key. */
  readonly frame?: string | undefined;
}

/**
 * One JSON object with a newline behind it; `seq` and `time` come first, then the record's keys in their order.
 *
 * A frame that is JSON stands under `frame` as it came, put in by concatenation; any other is a string there.
 */
export function recordLine(record: StreamRecord, { seq, atMicros, cause, frame }: Envelope): string {
  const caused = cause === undefined ? "" : `"cause":${printable(JSON.stringify(cause))},`;
  const head = `{"seq":${seq},"time":"${isoMicros(atMicros)}",${caused}${keys(record)}`;
  return frame === undefined ? `${head}\n` : `${head.slice(0, -1)},"frame":${embedded(record, frame)}}\n`;
}

/**
 * The record's keys in their order, up to the closing brace.
 *
 * The three that come by the million, from busy markets, are put together by hand, in half the time (see `bench/`). That is
 * right because every text in them has been read as a pair, a decimal or plain words, in which nothing is to be escaped.
 */
function keys(record: StreamRecord): string {
  switch (record.channel) {
    case "trade":
      return `"channel":"trade","type":"update","pair":"${record.pair}","data":[${joined(record.data, tradeJson)}]}`;
    case "book":
      return bookKeys(record);
    case "ticker":
      return `"channel":"ticker","type":"update","pair":"${record.pair}","data":${tickerJson(record.data)}}`;
    default: {
      const json = JSON.stringify(record);
      return (PRINTABLE.has(record.channel) ? json : printable(json)).slice(1);
    }
  }
}

function tradeJson({ price, volume, time, side, order_type, misc }: Trade): string {
  const words = `"side":"${side}","order_type":"${order_type}","misc":"${misc}"`;
  return `{"price":"${price}","volume":"${volume}","time":"${time}",${words}}`;
}

function bookKeys({ type, pair, depth, top, checksum, verified, data }: BookRecord): string {
  let head = `"channel":"book","type":"${type}","pair":"${pair}","depth":${depth}`;
  if (top !== undefined) head += `,"top":${top}`;
  if (checksum !== undefined) head += `,"checksum":"${checksum}"`;
  if (verified !== undefined) head += `,"verified":${verified}`;
  return `${head},"data":{"asks":[${joined(data.asks, levelJson)}],"bids":[${joined(data.bids, levelJson)}]}}`;
}

function levelJson({ price, volume, time, republished }: Level): string {
  const level = `{"price":"${price}","volume":"${volume}","time":"${time}"`;
  return republished ? `${level},"republished":true}` : `${level}}`;
}

function tickerJson({ ask, bid, last, volume, vwap, trades, low, high, open }: Ticker): string {
  return `{"ask":${quoteJson(ask)},"bid":${quoteJson(bid)},"last":{"price":"${last.price}","volume":"${last.volume}"}` +
    `,"volume":${windowJson(volume)},"vwap":${windowJson(vwap)}` +
    `,"trades":{"today":${trades.today},"last_24h":${trades.last_24h}}` +
    `,"low":${windowJson(low)},"high":${windowJson(high)},"open":${windowJson(open)}}`;
}

function quoteJson({ price, whole_lot_volume, lot_volume }: Quote): string {
  return `{"price":"${price}","whole_lot_volume":${whole_lot_volume},"lot_volume":"${lot_volume}"}`;
}

function windowJson({ today, last_24h }: DayWindow<Decimal>): string {
  return `{"today":"${today}","last_24h":"${last_24h}"}`;
}

function joined<T>(entries: readonly T[], json: (entry: T) => string): string {
  let text = "";
  for (const entry of entries) text += text === "" ? json(entry) : `,${json(entry)}`;
  return text;
}

/** Channels whose texts have all been read as pairs and decimals: nothing in them is unsafe. */
const PRINTABLE: ReadonlySet<string> = new Set(["ohlc", "spread"] satisfies StreamRecord["channel"][]);

function embedded(record: StreamRecord, frame: string): string {
  const asItCame = record.channel !== "unrecognized" && isPrintable(frame);
  return asItCame ? frame : printable(JSON.stringify(frame));
}
