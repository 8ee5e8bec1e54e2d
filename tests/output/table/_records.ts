/** Records for views, and the screens that views come to. @module */

import type { Decimal } from "../../../lib/model/decimal.ts";
import type { BookSides, Candle } from "../../../lib/model/event.ts";
import type { Pair } from "../../../lib/model/pair.ts";
import type { StreamRecord } from "../../../lib/model/record.ts";
import { emptyView, nextView, render, type View } from "../../../lib/output/table/view.ts";
import { START_MICROS } from "../../_fakes.ts";

export const XBT = "XBT/USD" as Pair;
export const ETH = "ETH/EUR" as Pair;

export const OPEN: StreamRecord = { channel: "connection", type: "open", socket: "public", url: "ws://x", epoch: 1 };

export function decimals(...texts: readonly string[]): Decimal[] {
  return texts as Decimal[];
}

export function pending(subscription: string): StreamRecord {
  return { channel: "subscription", type: "pending", subscription, reqid: 1 };
}

/** Prices with their neighbours; everything else of a day. */
export function ticker(pair: Pair, [last, bid, ask]: readonly [last: string, bid: string, ask: string]): StreamRecord {
  const quote = (price: string) => ({ price: price as Decimal, whole_lot_volume: 1, lot_volume: "1.000" as Decimal });
  const day = (today: string, last_24h = today) => ({ today: today as Decimal, last_24h: last_24h as Decimal });
  return {
    channel: "ticker",
    type: "update",
    pair,
    data: {
      ask: quote(ask),
      bid: quote(bid),
      last: { price: last as Decimal, volume: "0.5" as Decimal },
      volume: day("10.00000000", "236.50000000"),
      vwap: day("40000.00000"),
      trades: { today: 3, last_24h: 9 },
      low: day("39000.00000"),
      high: day("42000.00000"),
      open: day("40000.00000"),
    },
  };
}

export type LevelText = readonly [price: string, volume: string];

export function sides(asks: readonly LevelText[], bids: readonly LevelText[]): BookSides {
  const levels = (texts: readonly LevelText[]) =>
    texts.map(([price, volume]) => ({ price: price as Decimal, volume: volume as Decimal, time: "1.0" as Decimal }));
  return { asks: levels(asks), bids: levels(bids) };
}

export function book(pair: Pair, data: BookSides, verified = true): StreamRecord {
  return { channel: "book", type: "update", pair, depth: 10, top: 100, checksum: "974942666", verified, data };
}

export function trade(pair: Pair, side: string, price: string, time = "1767605400.123456"): StreamRecord {
  const data = { price: price as Decimal, volume: "0.25000000" as Decimal, time: time as Decimal, side };
  return { channel: "trade", type: "update", pair, data: [{ ...data, order_type: "limit", misc: "" }] };
}

/** The candle of a minute, from its four prices. */
export function candle(minute: number, [open, high, low, close]: readonly string[]): StreamRecord {
  const text = (price: string | undefined) => price as Decimal;
  const data: Candle = {
    time: String(1_767_605_400 + minute * 60) as Decimal,
    etime: `${1_767_605_460 + minute * 60}.000000` as Decimal,
    open: text(open),
    high: text(high),
    low: text(low),
    close: text(close),
    vwap: text(open),
    volume: "1.50000000" as Decimal,
    count: 7,
  };
  return { channel: "ohlc", type: "update", pair: XBT, interval: 1, data };
}

export function gap(subscription: string, to: string | null): StreamRecord {
  return { channel: "gap", type: "checksum", subscription, from: "2026-01-05T09:30:00.000000Z", to };
}

/** A view that has seen these records, each as a frame that came at the start of time. */
export function seen(records: readonly StreamRecord[]): View {
  const arrival = { atMicros: START_MICROS, framed: true };
  return records.reduce((view, record) => nextView(view, record, arrival), emptyView("sandbox"));
}

/** The rows of a window that shows these records, with the blank ones between body and foot left out. */
export function screen(
  records: readonly StreamRecord[],
  { columns = 80, rows = 24, color = false, afterMs = 500 } = {},
): readonly string[] {
  const { body, foot } = render(seen(records), { columns, rows, color, nowMicros: START_MICROS + afterMs * 1000 });
  return [...body, ...foot];
}
