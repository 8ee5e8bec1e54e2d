/**
 * Account data for eyes: orders with what became of them, the account's trades, its balances.
 *
 * The exchange sends an order whole once and then only what changed, so changes are laid over what is known. Fields are
 * shown as they came; one that is missing shows as a dash.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/openorders and ownTrades beside it.
 *
 * @module
 */

import type { StreamRecord } from "../../model/record.ts";
import type { PrivateChannel } from "../../model/subscription.ts";
import { secondsOfDay } from "../../model/time.ts";
import { type Column, grid } from "./grid.ts";
import { type Row, type Span, span, type Style } from "./text.ts";
import { sideCell } from "./trade.ts";

export type AccountRecord = Extract<StreamRecord, { readonly channel: PrivateChannel }>;

/** An order, a trade or a balance, by the names that the exchange gives its fields. */
export type Entry = Readonly<Record<string, unknown>>;

/** Entries by their ids, in the order in which they came. */
export type Entries = ReadonlyMap<string, Entry>;

/** How many orders that are over stay in view, and how many trades. */
const KEPT_OVER = 50;

export function nextEntries(before: Entries, { type, data }: AccountRecord): Entries {
  const entries = new Map(type === "snapshot" ? [] : before);
  for (const entry of data) entries.set(idOf(entry), { ...entries.get(idOf(entry)), ...entry });
  const over = [...entries].filter(([, entry]) => isOver(entry));
  for (const [id] of over.slice(0, -KEPT_OVER)) entries.delete(id);
  return entries;
}

/** Trades are final; after a new connection the exchange repeats the last ones. */
export function nextOwnTrades(before: Entries, { data }: AccountRecord): Entries {
  const trades = new Map(before);
  for (const trade of data) trades.set(idOf(trade), trade);
  return new Map([...trades].sort(([, a], [, b]) => byTime(a, b)).slice(-KEPT_OVER));
}

export const ACCOUNT_COLUMNS: Readonly<Record<PrivateChannel, readonly Column<Entry>[]>> = {
  openOrders: [
    { title: "status", align: "left", cell: statusCell },
    { title: "pair", align: "left", cell: (order) => span(field(order, "descr", "pair"), "strong") },
    { title: "side", align: "left", cell: (order) => sideCell(field(order, "descr", "type")) },
    { title: "price", align: "right", cell: (order) => span(field(order, "descr", "price")) },
    { title: "volume", align: "right", cell: (order) => span(field(order, "vol")) },
    { title: "executed", align: "right", cell: (order) => span(field(order, "vol_exec")) },
    { title: "order", align: "left", cell: (order) => span(field(order, "descr", "ordertype"), "faint") },
    { title: "txid", align: "left", cell: (order) => span(idOf(order)) },
    { title: "average", align: "right", cell: (order) => span(field(order, "avg_price")) },
    { title: "opened", align: "left", cell: (order) => span(secondsOfDay(field(order, "opentm")), "faint") },
  ],
  ownTrades: [
    { title: "traded", align: "left", cell: (trade) => span(secondsOfDay(field(trade, "time")), "faint") },
    { title: "pair", align: "left", cell: (trade) => span(field(trade, "pair"), "strong") },
    { title: "side", align: "left", cell: (trade) => sideCell(field(trade, "type")) },
    { title: "price", align: "right", cell: (trade) => span(field(trade, "price")) },
    { title: "volume", align: "right", cell: (trade) => span(field(trade, "vol")) },
    { title: "cost", align: "right", cell: (trade) => span(field(trade, "cost")) },
    { title: "fee", align: "right", cell: (trade) => span(field(trade, "fee")) },
    { title: "order", align: "left", cell: (trade) => span(field(trade, "ordertype"), "faint") },
    { title: "trade_id", align: "left", cell: (trade) => span(idOf(trade)) },
    { title: "ordertxid", align: "left", cell: (trade) => span(field(trade, "ordertxid")) },
  ],
  balances: [
    { title: "asset", align: "left", cell: (balance) => span(idOf(balance), "strong") },
    { title: "balance", align: "left", cell: (balance) => span(otherFields(balance)) },
  ],
};

/** Orders that are over follow those that are open; of trades, the newest comes first. */
export function renderEntries(channel: PrivateChannel, entries: Entries, width: number): Row[] {
  const shown = [...entries.values()].reverse();
  const sorted = [...shown.filter((entry) => !isOver(entry)), ...shown.filter(isOver)];
  return sorted.length > 0 ? grid(ACCOUNT_COLUMNS[channel], sorted, { width }) : [[span(NONE[channel], "faint")]];
}

const NONE: Readonly<Record<PrivateChannel, string>> = {
  openOrders: "No open orders",
  ownTrades: "No trades yet",
  balances: "No balances",
};

const STATUS_STYLES: Readonly<Record<string, Style>> = {
  open: "up",
  pending: "strong",
  closed: "faint",
  canceled: "faint",
  expired: "faint",
};

function statusCell(order: Entry): Span {
  const status = field(order, "status");
  return span(status, STATUS_STYLES[status]);
}

function isOver({ status }: Entry): boolean {
  return status === "closed" || status === "canceled" || status === "expired";
}

export function idOf({ txid, trade_id }: Entry): string {
  return String(txid ?? trade_id ?? "-");
}

function field(entry: Entry, ...path: readonly string[]): string {
  let value: unknown = entry;
  for (const key of path) value = typeof value === "object" && value !== null ? (value as Entry)[key] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : "-";
}

function otherFields({ txid: _txid, ...fields }: Entry): string {
  const texts = Object.entries(fields).map((
    [key, value],
  ) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return texts.map((parts) => parts.join(" ")).join("  ");
}

function byTime(a: Entry, b: Entry): number {
  return field(a, "time").localeCompare(field(b, "time"));
}
