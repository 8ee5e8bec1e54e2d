/**
 * Records as aligned rows for a pipe or a file: no escapes, a title row now and then, and what happens around the data in
 * rows that begin with `#`.
 *
 * Columns only ever grow wider; when that moves the titles, they are written again.
 *
 * Pure.
 *
 * @module
 */

import type { StreamRecord } from "../../model/record.ts";
import { subscriptionIdOf } from "../../model/record.ts";
import { timeOfDay } from "../../model/time.ts";
import { ACCOUNT_COLUMNS, idOf } from "./account.ts";
import { BOOK_COLUMNS } from "./book.ts";
import { cellRow, type Column, titleRow, widthsOf } from "./grid.ts";
import type { Arrival } from "./lifecycle.ts";
import { CANDLE_COLUMNS } from "./ohlc.ts";
import { SPREAD_COLUMNS } from "./spread.ts";
import { drawn, type Row, span } from "./text.ts";
import { TICKER_COLUMNS } from "./ticker.ts";
import { tapeRows, TRADE_COLUMNS } from "./trade.ts";
import { emptyView, nextView, type View } from "./view.ts";

/** What has been written so far, as far as it matters for the next row. */
export interface Listing {
  readonly view: View;
  /** The channel under whose titles the last row stands. */
  readonly channel: string | undefined;
  readonly widths: readonly number[];
  readonly rowsSinceTitles: number;
}

export const EMPTY_LISTING: Listing = { view: emptyView(""), channel: undefined, widths: [], rowsSinceTitles: 0 };

const ROWS_BETWEEN_TITLES = 40;

/** The lines for one record, without line ends. */
export function nextListing(
  before: Listing,
  record: StreamRecord,
  arrival: Arrival,
): { readonly listing: Listing; readonly lines: readonly string[] } {
  const view = nextView(before.view, record, arrival);
  const time = timeOfDay(arrival.atMicros);
  const section = sectionOf(view, record);
  if (section === undefined) return { listing: { ...before, view }, lines: [text([span(eventText(record, time))])] };
  const sameTitles = before.channel === record.channel;
  const widths = section.widths(sameTitles ? before.widths : []);
  const titled = !sameTitles || before.rowsSinceTitles >= ROWS_BETWEEN_TITLES ||
    text(section.titles(widths)) !== text(section.titles(before.widths));
  const rows = section.rows(widths);
  const listing = {
    view,
    channel: record.channel,
    widths,
    rowsSinceTitles: rows.length + (titled ? 0 : before.rowsSinceTitles),
  };
  const titles = titled && rows.length > 0 ? [timed("received", section.titles(widths))] : [];
  return { listing, lines: [...titles, ...rows.map((row) => timed(time, row))].map(text) };
}

/** Some items in columns, whatever they are. */
interface Section {
  readonly widths: (before: readonly number[]) => readonly number[];
  readonly titles: (widths: readonly number[]) => Row;
  readonly rows: (widths: readonly number[]) => readonly Row[];
}

function section<T>(columns: readonly Column<T>[], items: readonly (T | undefined)[]): Section {
  const present = items.filter((item) => item !== undefined);
  return {
    widths: (before) => widthsOf(columns, present, before),
    titles: (widths) => titleRow(columns, widths),
    rows: (widths) => present.map((item) => cellRow(columns, item, widths)),
  };
}

function sectionOf(view: View, record: StreamRecord): Section | undefined {
  const id = subscriptionIdOf(record) ?? "";
  switch (record.channel) {
    case "ticker":
      return section(TICKER_COLUMNS, [view.tickers.get(id)]);
    case "spread":
      return section(SPREAD_COLUMNS, [view.spreads.get(id)]);
    case "book":
      return section(BOOK_COLUMNS, [record]);
    case "ohlc":
      return section(CANDLE_COLUMNS, [record]);
    case "trade":
      return section(TRADE_COLUMNS, tapeRows(record));
    case "openOrders":
    case "ownTrades":
    case "balances": {
      const known = view.accounts.get(record.channel);
      return section(ACCOUNT_COLUMNS[record.channel], record.data.map((entry) => known?.get(idOf(entry)) ?? entry));
    }
    default:
      return undefined;
  }
}

/** What happened around the data: `# 09:30:00.123 connection open socket=public …` */
function eventText({ channel, type, ...details }: StreamRecord, time: string): string {
  const shown = Object.entries(details).map(([key, value]) => `${key}=${valueText(value)}`);
  return ["#", time, channel, type, ...shown].join(" ");
}

function valueText(value: unknown): string {
  return typeof value === "string" && /^[\w.:/+-]+$/.test(value) ? value : JSON.stringify(value);
}

const TIME_COLUMNS = 12;

function timed(time: string, row: Row): Row {
  return [span(`${time.padEnd(TIME_COLUMNS)}  `), ...row];
}

function text(row: Row): string {
  return drawn(row, { columns: Infinity, color: false });
}
