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
  let line = `{"seq":${seq},"time":"${isoMicros(atMicros)}",`;
  if (cause !== undefined) line += `"cause":${printable(JSON.stringify(cause))},`;
  line = addKeys(line, record);
  return frame === undefined ? `${line}}\n` : `${line},"frame":${embedded(record, frame)}}\n`;
}

/**
 * The record's keys in their order, behind what the line has so far.
 *
 * The three that come by the million, from busy markets, are put together by hand, in half the time (see `bench/`). That is
 * right because every text in them has been read as a pair, a decimal or plain words, in which nothing is to be escaped.
 * Each part is added to the line and not to a text of its own: a line that grows at its end alone is copied faster.
 */
function addKeys(line: string, record: StreamRecord): string {
  switch (record.channel) {
    case "trade":
      return addTrades(`${line}"channel":"trade","type":"update","pair":"${record.pair}","data":[`, record.data);
    case "book":
      return addBook(line, record);
    case "ticker":
      return addTicker(`${line}"channel":"ticker","type":"update","pair":"${record.pair}","data":`, record.data);
    default: {
      const json = JSON.stringify(record);
      return line + (PRINTABLE.has(record.channel) ? json : printable(json)).slice(1, -1);
    }
  }
}

function addTrades(line: string, trades: readonly Trade[]): string {
  let text = line;
  let comma = "";
  for (const { price, volume, time, side, order_type, misc } of trades) {
    text += `${comma}{"price":"${price}","volume":"${volume}","time":"${time}",`;
    text += `"side":"${side}","order_type":"${order_type}","misc":"${misc}"}`;
    comma = ",";
  }
  return `${text}]`;
}

function addBook(line: string, { type, pair, depth, top, checksum, verified, data }: BookRecord): string {
  let text = `${line}"channel":"book","type":"${type}","pair":"${pair}","depth":${depth}`;
  if (top !== undefined) text += `,"top":${top}`;
  if (checksum !== undefined) text += `,"checksum":"${checksum}"`;
  if (verified !== undefined) text += `,"verified":${verified}`;
  text = addLevels(`${text},"data":{"asks":[`, data.asks);
  text = addLevels(`${text}],"bids":[`, data.bids);
  return `${text}]}`;
}

function addLevels(line: string, levels: readonly Level[]): string {
  let text = line;
  let comma = "";
  for (const { price, volume, time, republished } of levels) {
    text += `${comma}{"price":"${price}","volume":"${volume}","time":"${time}"`;
    text += republished ? ',"republished":true}' : "}";
    comma = ",";
  }
  return text;
}

function addTicker(line: string, { ask, bid, last, volume, vwap, trades, low, high, open }: Ticker): string {
  let text = addQuote(`${line}{"ask":`, ask);
  text = addQuote(`${text},"bid":`, bid);
  text += `,"last":{"price":"${last.price}","volume":"${last.volume}"}`;
  text = addWindow(`${text},"volume":`, volume);
  text = addWindow(`${text},"vwap":`, vwap);
  text += `,"trades":{"today":${trades.today},"last_24h":${trades.last_24h}}`;
  text = addWindow(`${text},"low":`, low);
  text = addWindow(`${text},"high":`, high);
  text = addWindow(`${text},"open":`, open);
  return `${text}}`;
}

function addQuote(line: string, { price, whole_lot_volume, lot_volume }: Quote): string {
  return `${line}{"price":"${price}","whole_lot_volume":${whole_lot_volume},"lot_volume":"${lot_volume}"}`;
}

function addWindow(line: string, { today, last_24h }: DayWindow<Decimal>): string {
  return `${line}{"today":"${today}","last_24h":"${last_24h}"}`;
}

/** Channels whose texts have all been read as pairs and decimals: nothing in them is unsafe. */
const PRINTABLE: ReadonlySet<string> = new Set(["ohlc", "spread"] satisfies StreamRecord["channel"][]);

function embedded(record: StreamRecord, frame: string): string {
  const asItCame = record.channel !== "unrecognized" && isPrintable(frame);
  return asItCame ? frame : printable(JSON.stringify(frame));
}
