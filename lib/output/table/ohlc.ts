/**
 * Candles for eyes: a chart for each pair, the newest candle on the right.
 *
 * The exchange sends the candle that is being drawn and none before it, so the chart grows while it is watched.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/ohlc
 *
 * @module
 */

import { compareDecimals, type Decimal } from "../../model/decimal.ts";
import type { Candle } from "../../model/event.ts";
import type { StreamRecord } from "../../model/record.ts";
import { decimalsNeeded, stepOn, withDecimals } from "../../model/scale.ts";
import { secondsOfDay } from "../../model/time.ts";
import type { Column } from "./grid.ts";
import { extent } from "./shapes.ts";
import { type Row, type Span, span } from "./text.ts";
import type { Area } from "./tiles.ts";

export type CandleRecord = Extract<StreamRecord, { readonly channel: "ohlc" }>;

/** The candles of one pair, the newest at the end. */
export interface Chart {
  readonly last: CandleRecord;
  readonly candles: readonly Candle[];
}

/** Narrower charts are not put side by side. */
export const CHART_COLUMNS_LEAST = 36;

/** More than any window has columns for. */
const KEPT_CANDLES = 300;

/** A candle with the end of the one before is that one, changed. */
export function nextChart(before: Chart | undefined, record: CandleRecord): Chart {
  const candles = (before?.candles ?? []).filter(({ etime }) => compareDecimals(etime, record.data.etime) < 0);
  return { last: record, candles: [...candles.slice(1 - KEPT_CANDLES), record.data] };
}

export const CANDLE_COLUMNS: readonly Column<CandleRecord>[] = [
  { title: "pair", align: "left", cell: ({ pair }) => span(pair) },
  { title: "minutes", align: "right", cell: ({ interval }) => span(String(interval)) },
  { title: "until", align: "left", cell: ({ data }) => span(secondsOfDay(data.etime)) },
  { title: "open", align: "right", cell: ({ data }) => span(data.open) },
  { title: "high", align: "right", cell: ({ data }) => span(data.high) },
  { title: "low", align: "right", cell: ({ data }) => span(data.low) },
  { title: "close", align: "right", cell: ({ data }) => span(data.close) },
  { title: "volume", align: "right", cell: ({ data }) => span(data.volume) },
  { title: "trades", align: "right", cell: ({ data }) => span(String(data.count)) },
];

export function renderChart({ last, candles }: Chart, { columns, rows }: Area): Row[] {
  const { pair, interval, data } = last;
  const height = rows - 2;
  const decimals = decimalsNeeded(candles.flatMap(({ open, high, low, close }) => [open, high, low, close]));
  const text = (price: Decimal): string => withDecimals(price, decimals);
  const figures = `o ${text(data.open)}  h ${text(data.high)}  l ${
    text(data.low)
  }  v ${data.volume}  ${data.count} trades`;
  const head = [
    span(pair, "strong"),
    span(`  ${interval} min until ${secondsOfDay(data.etime)}  `, "faint"),
    span(text(data.close), rises(data) ? "up" : "down"),
  ];
  return [head, ...(height < 1 ? [] : drawnCandles(candles, text, { columns, rows: height })), [span(figures, "faint")]]
    .slice(0, Math.max(rows, 1));
}

/** A candle and the gap behind it. */
const CANDLE_COLUMNS_WIDTH = 2;

function drawnCandles(candles: readonly Candle[], text: (price: Decimal) => string, { columns, rows }: Area): Row[] {
  const axis = Math.max(...candles.map(({ high }) => text(high).length)) + 1;
  const shown = candles.slice(-Math.max(Math.floor((columns - axis) / CANDLE_COLUMNS_WIDTH), 1));
  const { low } = extent(shown.map((candle) => candle.low));
  const { high } = extent(shown.map((candle) => candle.high));
  const close = shown.at(-1)!.close;
  const heightOf = (price: Decimal): number => stepOn({ low, high, steps: rows - 1 }, price);
  const labels = new Map([low, high, close].map((price) => [heightOf(price), text(price)]));
  const rowAt = (height: number): Row => [
    span(`${(labels.get(height) ?? "").padStart(axis - 1)} `, "faint"),
    ...shown.flatMap((candle) => [part(candle, height, heightOf), span(" ")]),
  ];
  return Array.from({ length: rows }, (_, row) => rowAt(rows - 1 - row));
}

/** What one candle shows at one height: its body, its wick or nothing. */
function part(candle: Candle, height: number, heightOf: (price: Decimal) => number): Span {
  const style = rises(candle) ? "up" : "down";
  const [bottom, top] = [heightOf(candle.open), heightOf(candle.close)].sort((a, b) => a - b) as [number, number];
  if (height >= bottom && height <= top) return span(rises(candle) ? "█" : "░", style);
  return height >= heightOf(candle.low) && height <= heightOf(candle.high) ? span("│", style) : span(" ");
}

function rises({ open, close }: Candle): boolean {
  return compareDecimals(close, open) >= 0;
}
