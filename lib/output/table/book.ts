/**
 * Order books for eyes: a ladder of prices with the asks above the bids, and bars for the volume that stands between a
 * level and the best one.
 *
 * Pure.
 *
 * @module
 */

import type { Decimal } from "../../model/decimal.ts";
import type { BookSides, Level } from "../../model/event.ts";
import type { BookRecord } from "../../model/record.ts";
import { decimalsNeeded, difference, sum, withDecimals } from "../../model/scale.ts";
import type { Column } from "./grid.ts";
import { bar, extent, ZERO } from "./shapes.ts";
import { type Row, type Span, span, type Style } from "./text.ts";
import type { Area } from "./tiles.ts";

/** Narrower ladders are not put side by side. */
export const BOOK_COLUMNS_LEAST = 36;

/** What one book is drawn from; `gap` says why it cannot be trusted, if it cannot. */
export interface BookPicture {
  readonly book: BookRecord;
  readonly gap: string | undefined;
}

export const BOOK_COLUMNS: readonly Column<BookRecord>[] = [
  { title: "pair", align: "left", cell: ({ pair }) => span(pair) },
  { title: "bid volume", align: "right", cell: ({ data }) => span(data.bids[0]?.volume ?? "-") },
  { title: "bid", align: "right", cell: ({ data }) => span(data.bids[0]?.price ?? "-") },
  { title: "ask", align: "right", cell: ({ data }) => span(data.asks[0]?.price ?? "-") },
  { title: "ask volume", align: "right", cell: ({ data }) => span(data.asks[0]?.volume ?? "-") },
  { title: "spread", align: "right", cell: ({ data }) => span(spreadOf(data) ?? "-") },
  { title: "checksum", align: "left", cell: (book) => checksumCell(book) },
];

/** The title row, then as many levels of each side as fit. */
export function renderBook({ book, gap }: BookPicture, { columns, rows }: Area): Row[] {
  const titled = rows >= LEAST_ROWS_WITH_TITLES;
  const count = Math.max(Math.floor((rows - (titled ? 3 : 2)) / 2), 1);
  const asks = ladder(book.data.asks.slice(0, count));
  const bids = ladder(book.data.bids.slice(0, count));
  const layout = layoutOf([...asks, ...bids], { data: book.data, columns });
  const spread = spreadOf(book.data);
  return [
    headRow(book, gap),
    ...(titled ? [titlesRow(layout)] : []),
    ...asks.toReversed().map((rung) => rungRow(rung, layout, gap === undefined ? "down" : "faint")),
    [span(
      `${"─".repeat(layout.price)}  spread ${spread === undefined ? "-" : withDecimals(spread, layout.decimals)}`,
      "faint",
    )],
    ...bids.map((rung) => rungRow(rung, layout, gap === undefined ? "up" : "faint")),
  ];
}

const LEAST_ROWS_WITH_TITLES = 8;

function headRow(book: BookRecord, gap: string | undefined): Row {
  const state = gap === undefined ? checksumCell(book) : span(`GAP: ${gap}`, "warning");
  const name = gap === undefined ? "  checksum " : "  ";
  return [span(book.pair, "strong"), span(`  depth ${book.depth}`, "faint"), span(name, "faint"), state];
}

function checksumCell({ verified, checksum }: BookRecord): Span {
  if (verified === undefined) return span("pending", "faint");
  return verified ? span("ok", "up") : span(checksum === undefined ? "missing" : "DIFFERS", "warning");
}

/** A level, and the volume from the best level up to it. */
interface Rung {
  readonly level: Level;
  readonly depth: Decimal;
}

function ladder(levels: readonly Level[]): Rung[] {
  let depth = ZERO;
  return levels.map((level) => ({ level, depth: depth = sum(depth, level.volume) }));
}

interface Layout {
  /** Columns of a price, and its decimals. */
  readonly price: number;
  readonly decimals: number;
  readonly volume: number;
  readonly bar: number;
  readonly most: Decimal;
}

function layoutOf(rungs: readonly Rung[], { data, columns }: Pick<BookRecord, "data"> & Pick<Area, "columns">): Layout {
  // Of all levels that are known, so that a price does not change its looks when it comes nearer.
  const decimals = decimalsNeeded([...data.asks, ...data.bids].map((level) => level.price));
  const price = Math.max("price".length, ...rungs.map(({ level }) => withDecimals(level.price, decimals).length));
  const volume = Math.max("volume".length, ...rungs.map(({ level }) => level.volume.length));
  const { high } = extent(rungs.map(({ depth }) => depth));
  return { price, decimals, volume, bar: Math.max(columns - price - volume - 4, 0), most: high };
}

function titlesRow({ price, volume, bar }: Layout): Row {
  return [span(`${"price".padStart(price)}  ${"volume".padStart(volume)}${bar > 0 ? "  depth" : ""}`, "faint")];
}

function rungRow({ level, depth }: Rung, layout: Layout, style: Style): Row {
  return [
    span(withDecimals(level.price, layout.decimals).padStart(layout.price), style),
    span(`  ${level.volume.padStart(layout.volume)}  `),
    span(bar(depth, { most: layout.most, columns: layout.bar }), style),
  ];
}

function spreadOf({ asks: [ask], bids: [bid] }: BookSides): Decimal | undefined {
  return ask === undefined || bid === undefined ? undefined : difference(ask.price, bid.price);
}
