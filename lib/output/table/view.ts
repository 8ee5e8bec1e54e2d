/**
 * A live view: what it knows, how a record changes that, and the rows that it comes to.
 *
 * Pure. The window and the time are told with each drawing, so the same view can be drawn for any window.
 *
 * @module
 */

import type { BookRecord, StreamRecord } from "../../model/record.ts";
import { subscriptionIdOf } from "../../model/record.ts";
import type { PrivateChannel } from "../../model/subscription.ts";
import { type Entries, nextEntries, nextOwnTrades, renderEntries } from "./account.ts";
import { BOOK_COLUMNS_LEAST, renderBook } from "./book.ts";
import { type Arrival, type Lifecycle, nextLifecycle, renderLifecycle, startOfLife } from "./lifecycle.ts";
import { type Chart, CHART_COLUMNS_LEAST, nextChart, renderChart } from "./ohlc.ts";
import { nextSpread, renderSpreads, type SpreadRow } from "./spread.ts";
import { type Canvas, drawn, type Row, span } from "./text.ts";
import { nextTicker, renderTickers, type TickerRow } from "./ticker.ts";
import { type Area, tiled } from "./tiles.ts";
import { nextTape, renderTape, type TapeRow } from "./trade.ts";

/** Everything a view knows; by subscription where a map. */
export interface View {
  readonly lifecycle: Lifecycle;
  readonly tickers: ReadonlyMap<string, TickerRow>;
  readonly spreads: ReadonlyMap<string, SpreadRow>;
  readonly books: ReadonlyMap<string, BookRecord>;
  readonly charts: ReadonlyMap<string, Chart>;
  readonly tape: readonly TapeRow[];
  readonly accounts: ReadonlyMap<PrivateChannel, Entries>;
}

/** A view that has seen nothing. */
export function emptyView(target: string): View {
  return {
    lifecycle: startOfLife(target),
    tickers: new Map(),
    spreads: new Map(),
    books: new Map(),
    charts: new Map(),
    tape: [],
    accounts: new Map(),
  };
}

export function nextView(before: View, record: StreamRecord, arrival: Arrival): View {
  const view = { ...before, lifecycle: nextLifecycle(before.lifecycle, record, arrival) };
  const id = subscriptionIdOf(record) ?? "";
  switch (record.channel) {
    case "ticker":
      return { ...view, tickers: new Map(view.tickers).set(id, nextTicker(view.tickers.get(id), record)) };
    case "spread":
      return { ...view, spreads: new Map(view.spreads).set(id, nextSpread(view.spreads.get(id), record)) };
    case "book":
      return { ...view, books: new Map(view.books).set(id, record) };
    case "ohlc":
      return { ...view, charts: new Map(view.charts).set(id, nextChart(view.charts.get(id), record)) };
    case "trade":
      return { ...view, tape: nextTape(view.tape, record) };
    case "openOrders":
    case "ownTrades":
    case "balances": {
      const next = record.channel === "ownTrades" ? nextOwnTrades : nextEntries;
      const entries = next(view.accounts.get(record.channel) ?? new Map(), record);
      return { ...view, accounts: new Map(view.accounts).set(record.channel, entries) };
    }
    default:
      return view;
  }
}

export interface Frame extends Canvas {
  readonly rows: number;
  readonly nowMicros: number;
}

/** The rows from the top of the window, and those at its bottom; never more than the window has. */
export interface Drawing {
  readonly body: readonly string[];
  readonly foot: readonly string[];
}

export function render(view: View, { nowMicros, rows, ...canvas }: Frame): Drawing {
  const foot = renderLifecycle(view.lifecycle, { columns: canvas.columns, nowMicros }).slice(-rows);
  const body = bodyOf(view, { columns: canvas.columns, rows: rows - foot.length });
  const text = (row: Row): string => drawn(row, canvas);
  return { body: body.slice(0, rows - foot.length).map(text), foot: foot.map(text) };
}

function bodyOf(view: View, area: Area): Row[] {
  const { lifecycle, tape, accounts } = view;
  const { wanted, openGaps } = lifecycle;
  const { columns } = area;
  const table = <T>(entries: ReadonlyMap<string, T>, draw: (items: readonly T[], columns: number) => Row[]): Row[] => {
    if (entries.size === 0) return [];
    const ordered = inOrder(entries, wanted);
    const [titles = [], ...rows] = draw(ordered.map(([, item]) => item), columns);
    return listed(
      [titles, ...rows.map((row, index) => openGaps.has(ordered[index]![0]) ? distrusted(row) : row)],
      area,
    );
  };
  const books = inOrder(view.books, wanted).map(([id, book]) => ({ book, gap: openGaps.get(id) }));
  const charts = inOrder(view.charts, wanted).map(([, chart]) => chart);
  const body = [
    table(view.tickers, renderTickers),
    table(view.spreads, renderSpreads),
    tiled(books, { ...area, leastColumns: BOOK_COLUMNS_LEAST }, renderBook),
    tiled(charts, { ...area, leastColumns: CHART_COLUMNS_LEAST }, renderChart),
    ...[...accounts].map(([channel, entries]) => listed(renderEntries(channel, entries, columns), area)),
    tape.length > 0 ? renderTape(tape, columns) : [],
  ].flat();
  return body.length > 0 ? body : [[span(waitingFor(lifecycle), "faint")]];
}

/** What is in a gap shows what was, and not what is. */
function distrusted([first, ...others]: Row): Row {
  return [span(first?.text ?? "", "warning"), ...others.map(({ text }) => span(text, "faint"))];
}

/** As many rows as fit; the last one says how many do not. */
function listed(list: readonly Row[], { rows }: Area): Row[] {
  if (list.length <= rows) return [...list];
  const fitting = Math.max(rows - 1, 0);
  return [...list.slice(0, fitting), [span(`… ${list.length - fitting} more`, "faint")]];
}

/** As they were asked for, not as their first data came. */
function inOrder<T>(entries: ReadonlyMap<string, T>, wanted: readonly string[]): [string, T][] {
  return [...entries].sort(([a], [b]) => wanted.indexOf(a) - wanted.indexOf(b));
}

function waitingFor({ wanted }: Lifecycle): string {
  return wanted.length === 0 ? "Nothing to show yet" : `Waiting for ${wanted.join(", ")}…`;
}
