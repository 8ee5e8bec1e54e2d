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
import { decimalsNeeded, difference, percentOf, withDecimals } from "../../model/scale.ts";
import { type Column, type Filling, grid } from "./grid.ts";
import { sparkline } from "./shapes.ts";
import { type Row, type Span, span, type Style } from "./text.ts";

type TickerRecord = Extract<StreamRecord, { readonly channel: "ticker" }>;

/** What is known of one pair. */
export interface TickerRow {
  readonly pair: Pair;
  readonly ticker: Ticker;
  /** Which way each price went when it last changed. */
  readonly moves: Readonly<Record<PriceKey, Move>>;
  /** How many decimals it has taken to write the prices so far. */
  readonly decimals: number;
  /** Last prices, the newest at the end. */
  readonly prices: readonly Decimal[];
}

type PriceKey = "last" | "bid" | "ask";
type Move = "up" | "down" | "none";

const KEPT_PRICES = 120;

export function nextTicker(before: TickerRow | undefined, { pair, data }: TickerRecord): TickerRow {
  const move = (key: PriceKey): Move =>
    before === undefined ? "none" : moved(before.ticker[key].price, data[key].price, before.moves[key]);
  const needed = decimalsNeeded([data.last.price, data.bid.price, data.ask.price]);
  return {
    pair,
    ticker: data,
    moves: { last: move("last"), bid: move("bid"), ask: move("ask") },
    decimals: Math.max(before?.decimals ?? 0, needed),
    prices: [...(before?.prices ?? []).slice(1 - KEPT_PRICES), data.last.price],
  };
}

function moved(from: Decimal, to: Decimal, before: Move): Move {
  const order = compareDecimals(to, from);
  return order > 0 ? "up" : order < 0 ? "down" : before;
}

/** With the exchange's own digits. */
export const TICKER_COLUMNS: readonly Column<TickerRow>[] = tickerColumns({
  price: ({ ticker }, key) => span(ticker[key].price),
  spread: ({ ticker }) => span(spreadOf(ticker)),
});

const MARKS: Readonly<Record<Move, string>> = { up: "▲", down: "▼", none: " " };

/** With marks, and without the zeros that no price has needed. */
const EYE_COLUMNS = tickerColumns({
  price: ({ ticker, decimals, moves }, key) => {
    const move = moves[key];
    return span(`${MARKS[move]}${withDecimals(ticker[key].price, decimals)}`, styleOf(move));
  },
  spread: ({ ticker, decimals }) => span(withDecimals(spreadOf(ticker), decimals)),
});

interface Cells {
  readonly price: (row: TickerRow, key: PriceKey) => Span;
  readonly spread: (row: TickerRow) => Span;
}

function tickerColumns({ price, spread }: Cells): readonly Column<TickerRow>[] {
  return [
    { title: "pair", align: "left", cell: ({ pair }) => span(pair, "strong") },
    { title: "last", align: "right", cell: (row) => price(row, "last") },
    { title: "bid", align: "right", cell: (row) => price(row, "bid") },
    { title: "ask", align: "right", cell: (row) => price(row, "ask") },
    { title: "spread", align: "right", cell: spread },
    { title: "today", align: "right", cell: todayCell },
    { title: "volume 24h", align: "right", cell: ({ ticker }) => span(ticker.volume.last_24h) },
  ];
}

const PRICE_LINE: Filling<TickerRow> = {
  title: "trend",
  least: 8,
  draw: ({ prices, moves }, columns) => [span(sparkline(prices, columns), styleOf(moves.last))],
};

export function renderTickers(rows: readonly TickerRow[], width: number): Row[] {
  return grid(EYE_COLUMNS, rows, { width, filling: PRICE_LINE });
}

function spreadOf({ ask, bid }: Ticker): Decimal {
  return difference(ask.price, bid.price);
}

function todayCell({ ticker: { last, open } }: TickerRow): Span {
  const percent = percentOf(difference(last.price, open.today), open.today);
  if (percent === undefined) return span("-");
  return percent.startsWith("-") ? span(`${percent}%`, "down") : span(`+${percent}%`, "up");
}

function styleOf(move: Move): Style | undefined {
  return move === "none" ? undefined : move;
}
