/**
 * Trades for eyes: a tape, the newest on top.
 *
 * Pure.
 *
 * @module
 */

import type { Trade } from "../../model/event.ts";
import type { Pair } from "../../model/pair.ts";
import type { StreamRecord } from "../../model/record.ts";
import { secondsOfDay } from "../../model/time.ts";
import { type Column, grid } from "./grid.ts";
import { type Row, type Span, span } from "./text.ts";

type TradeRecord = Extract<StreamRecord, { readonly channel: "trade" }>;

export interface TapeRow {
  readonly pair: Pair;
  readonly trade: Trade;
}

/** More than any window has rows. */
const KEPT_TRADES = 300;

export function tapeRows({ pair, data }: TradeRecord): TapeRow[] {
  return data.map((trade) => ({ pair, trade }));
}

export function nextTape(before: readonly TapeRow[], record: TradeRecord): readonly TapeRow[] {
  return [...tapeRows(record).reverse(), ...before].slice(0, KEPT_TRADES);
}

export const TRADE_COLUMNS: readonly Column<TapeRow>[] = [
  { title: "traded", align: "left", cell: ({ trade }) => span(secondsOfDay(trade.time), "faint") },
  { title: "pair", align: "left", cell: ({ pair }) => span(pair, "strong") },
  { title: "side", align: "left", cell: ({ trade }) => sideCell(trade.side) },
  { title: "price", align: "right", cell: ({ trade }) => span(trade.price) },
  { title: "volume", align: "right", cell: ({ trade }) => span(trade.volume) },
  { title: "order", align: "left", cell: ({ trade }) => span(trade.order_type, "faint") },
];

export function sideCell(side: string): Span {
  if (side === "buy") return span("▲ buy", "up");
  return side === "sell" ? span("▼ sell", "down") : span(side);
}

export function renderTape(tape: readonly TapeRow[], width: number): Row[] {
  return grid(TRADE_COLUMNS, tape, { width });
}
