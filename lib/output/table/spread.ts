/**
 * Spreads for eyes: a row for each pair, with a line of its latest spreads.
 *
 * Pure.
 *
 * @module
 */

import type { Decimal } from "../../model/decimal.ts";
import type { Spread } from "../../model/event.ts";
import type { Pair } from "../../model/pair.ts";
import type { StreamRecord } from "../../model/record.ts";
import { decimalsNeeded, difference, withDecimals } from "../../model/scale.ts";
import { type Column, type Filling, grid } from "./grid.ts";
import { sparkline, ZERO } from "./shapes.ts";
import { type Row, span } from "./text.ts";

type SpreadRecord = Extract<StreamRecord, { readonly channel: "spread" }>;

/** What is known of one pair. */
export interface SpreadRow {
  readonly pair: Pair;
  readonly spread: Spread;
  /** How many decimals it has taken to write the prices so far. */
  readonly decimals: number;
  /** How wide the spread was, the newest at the end. */
  readonly widths: readonly Decimal[];
}

const KEPT_WIDTHS = 120;

export function nextSpread(before: SpreadRow | undefined, { pair, data }: SpreadRecord): SpreadRow {
  const width = difference(data.ask.price, data.bid.price);
  const decimals = Math.max(before?.decimals ?? 0, decimalsNeeded([data.ask.price, data.bid.price]));
  return { pair, spread: data, decimals, widths: [...(before?.widths ?? []).slice(1 - KEPT_WIDTHS), width] };
}

/** With the exchange's own digits. */
export const SPREAD_COLUMNS = spreadColumns((price) => price);

/** Without the zeros that no price has needed. */
const EYE_COLUMNS = spreadColumns((price, { decimals }) => withDecimals(price, decimals));

function spreadColumns(text: (price: Decimal, row: SpreadRow) => string): readonly Column<SpreadRow>[] {
  return [
    { title: "pair", align: "left", cell: ({ pair }) => span(pair, "strong") },
    { title: "bid", align: "right", cell: (row) => span(text(row.spread.bid.price, row), "up") },
    { title: "ask", align: "right", cell: (row) => span(text(row.spread.ask.price, row), "down") },
    { title: "spread", align: "right", cell: (row) => span(text(row.widths.at(-1) ?? ZERO, row)) },
    { title: "bid volume", align: "right", cell: ({ spread }) => span(spread.bid.volume) },
    { title: "ask volume", align: "right", cell: ({ spread }) => span(spread.ask.volume) },
  ];
}

const WIDTH_LINE: Filling<SpreadRow> = {
  title: "trend",
  least: 8,
  draw: ({ widths }, columns) => [span(sparkline(widths, columns))],
};

export function renderSpreads(rows: readonly SpreadRow[], width: number): Row[] {
  return grid(EYE_COLUMNS, rows, { width, filling: WIDTH_LINE });
}
