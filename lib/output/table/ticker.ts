/**
 * Tickers for eyes: a row for each pair, with its direction, its spread and a line of its latest prices.
 *
 * Pure.
 *
 * @module
 */

import { compareDecimals, type Decimal } from "../../model/decimal.ts";
import type { Ticker } from "../../model/event.ts";
import type { Pair } from "../../model/pair.ts";
import type { StreamRecord } from "../../model/record.ts";
import { difference, percentOf } from "../../model/scale.ts";
import { type Column, type Filling, grid } from "./grid.ts";
import { sparkline } from "./shapes.ts";
import { type Row, type Span, span, type Style } from "./text.ts";

type TickerRecord = Extract<StreamRecord, { readonly channel: "ticker" }>;

/** What is known of one pair. */
export interface TickerRow {
  readonly pair: Pair;
  readonly ticker: Ticker;
  /** Which way each price went when it last changed. */
  readonly last: Move;
  readonly bid: Move;
  readonly ask: Move;
  /** Last prices, the newest at the end. */
  readonly prices: readonly Decimal[];
}

type Move = "up" | "down" | "none";

const KEPT_PRICES = 120;

export function nextTicker(before: TickerRow | undefined, { pair, data }: TickerRecord): TickerRow {
  const move = (key: "last" | "bid" | "ask"): Move =>
    before === undefined ? "none" : moved(before.ticker[key].price, data[key].price, before[key]);
  return {
    pair,
    ticker: data,
    last: move("last"),
    bid: move("bid"),
    ask: move("ask"),
    prices: [...(before?.prices ?? []).slice(1 - KEPT_PRICES), data.last.price],
  };
}

function moved(from: Decimal, to: Decimal, before: Move): Move {
  const order = compareDecimals(to, from);
  return order > 0 ? "up" : order < 0 ? "down" : before;
}

const MARKS: Readonly<Record<Move, string>> = { up: "▲", down: "▼", none: " " };

export const TICKER_COLUMNS: readonly Column<TickerRow>[] = [
  { title: "pair", align: "left", cell: ({ pair }) => span(pair, "strong") },
  { title: "last", align: "right", cell: ({ ticker, last }) => priceCell(ticker.last.price, last) },
  { title: "bid", align: "right", cell: ({ ticker, bid }) => priceCell(ticker.bid.price, bid) },
  { title: "ask", align: "right", cell: ({ ticker, ask }) => priceCell(ticker.ask.price, ask) },
  { title: "spread", align: "right", cell: ({ ticker }) => span(difference(ticker.ask.price, ticker.bid.price)) },
  { title: "today", align: "right", cell: todayCell },
  { title: "volume 24h", align: "right", cell: ({ ticker }) => span(ticker.volume.last_24h) },
];

const PRICE_LINE: Filling<TickerRow> = {
  title: "last prices",
  least: 8,
  draw: ({ prices, last }, columns) => [span(sparkline(prices, columns), styleOf(last))],
};

export function renderTickers(rows: readonly TickerRow[], width: number): Row[] {
  return grid(TICKER_COLUMNS, rows, { width, filling: PRICE_LINE });
}

function priceCell(price: Decimal, move: Move): Span {
  return span(`${MARKS[move]}${price}`, styleOf(move));
}

function todayCell({ ticker: { last, open } }: TickerRow): Span {
  const percent = percentOf(difference(last.price, open.today), open.today);
  if (percent === undefined) return span("-");
  return percent.startsWith("-") ? span(`${percent}%`, "down") : span(`+${percent}%`, "up");
}

function styleOf(move: Move): Style | undefined {
  return move === "none" ? undefined : move;
}
