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
import { difference } from "../../model/scale.ts";
import { type Column, type Filling, grid } from "./grid.ts";
import { sparkline } from "./shapes.ts";
import { type Row, span } from "./text.ts";

type SpreadRecord = Extract<StreamRecord, { readonly channel: "spread" }>;

/** What is known of one pair. */
export interface SpreadRow {
  readonly pair: Pair;
  readonly spread: Spread;
  /** The newest at the end. */
  readonly widths: readonly Decimal[];
}

const KEPT_WIDTHS = 120;

export function nextSpread(before: SpreadRow | undefined, { pair, data }: SpreadRecord): SpreadRow {
  const width = difference(data.ask.price, data.bid.price);
  return { pair, spread: data, widths: [...(before?.widths ?? []).slice(1 - KEPT_WIDTHS), width] };
}

export const SPREAD_COLUMNS: readonly Column<SpreadRow>[] = [
  { title: "pair", align: "left", cell: ({ pair }) => span(pair, "strong") },
  { title: "bid", align: "right", cell: ({ spread }) => span(spread.bid.price, "up") },
  { title: "ask", align: "right", cell: ({ spread }) => span(spread.ask.price, "down") },
  { title: "spread", align: "right", cell: ({ widths }) => span(widths.at(-1) ?? "-") },
  { title: "bid volume", align: "right", cell: ({ spread }) => span(spread.bid.volume) },
  { title: "ask volume", align: "right", cell: ({ spread }) => span(spread.ask.volume) },
];

const WIDTH_LINE: Filling<SpreadRow> = {
  title: "last spreads",
  least: 8,
  draw: ({ widths }, columns) => [span(sparkline(widths, columns))],
};

export function renderSpreads(rows: readonly SpreadRow[], width: number): Row[] {
  return grid(SPREAD_COLUMNS, rows, { width, filling: WIDTH_LINE });
}
