/**
 * What became of a request whose answer never came: looked up in the account, never by sending it again.
 *
 * An order is found by the names that its request gave it. Trades of a snapshot carry no such name, so where no order is
 * open, trades of the same pair and side that came after the request are told as possible ones.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/owntrades (which fields only updates have)
 *
 * @module
 */

import type { App } from "../app.ts";
import type { OrderRecord } from "../model/record.ts";
import type { Parameters, RequestName } from "./parameters.ts";
import { openOrders, ownTrades } from "./snapshots.ts";
import { type OrderFields, orderRecord, orderState } from "./tracker.ts";

/** A request that was sent, as far as the account can tell of it. */
export interface SentRequest {
  readonly request: RequestName;
  readonly parameters: Parameters;
  /** Microseconds since the epoch, by this machine's clock. */
  readonly sentMicros: number;
}

/** What the account knows of it; `undefined` where the exchange did not tell. */
export interface Account {
  readonly orders: readonly OrderFields[] | undefined;
  readonly trades: readonly OrderFields[] | undefined;
}

export interface Finding {
  readonly records: readonly OrderRecord[];
  /** For people: one or two sentences. */
  readonly summary: string;
}

/** Looks a request up in fresh snapshots. Takes at most the configured timeout. */
export async function reconcile(app: App, sent: SentRequest): Promise<Finding> {
  if (sent.request === "cancelAllOrdersAfter") {
    return { records: [], summary: "The timer may or may not be set. To set it again is safe." };
  }
  const [orders, trades] = await Promise.all([openOrders(app), ownTrades(app)]);
  return find(sent, { orders, trades });
}

/** What snapshots tell of a request; pure. */
export function find(sent: SentRequest, account: Account): Finding {
  const { request, parameters } = sent;
  if (account.orders === undefined) {
    return { records: [], summary: `The open orders could not be looked at. ${LOOK_AGAIN}` };
  }
  const open = request === "cancelAll" ? account.orders : account.orders.filter((order) => isNamed(order, parameters));
  const records = open.map((order) => orderRecord(orderState(order) ?? "open", order));
  if (request === "cancelOrder" || request === "cancelAll") {
    const ids = records.map(({ txid }) => txid).join(", ");
    return { records, summary: open.length === 0 ? "None of the orders is open." : `Still open: ${ids}.` };
  }
  if (open.length > 0) {
    const found = records.map(({ txid, type }) => `${txid} (${type})`).join(", ");
    return { records, summary: `Found ${found}: see whether it is as you wanted it.` };
  }
  if (account.trades === undefined) {
    return { records, summary: `No such order is open; the trades could not be looked at. ${LOOK_AGAIN}` };
  }
  return findTrades(sent, account.trades);
}

function findTrades(sent: SentRequest, trades: readonly OrderFields[]): Finding {
  const named = trades.filter((trade) => isNamed(trade, sent.parameters));
  const found = named.length > 0 ? named : trades.filter((trade) => isPossible(trade, sent));
  const byOrder = Map.groupBy(found, ({ ordertxid }) => String(ordertxid));
  const records = [...byOrder].map(([txid, fills]): OrderRecord => ({
    channel: "order",
    type: "closed",
    txid,
    data: { certain: named.length > 0, trades: fills },
  }));
  const ids = [...byOrder.keys()].join(", ");
  if (records.length === 0) return { records, summary: `No such order is open, and none was filled. ${LOOK_AGAIN}` };
  return named.length > 0
    ? { records, summary: `It was filled: order ${ids}.` }
    : { records, summary: `No such order is open; it may be order ${ids}, which was filled since. ${LOOK_AGAIN}` };
}

const LOOK_AGAIN = "The exchange may still be at work: look at openOrders and ownTrades before you send anything.";

/** How far the clocks may differ: an older trade that is told as possible costs a look, one that is kept back an order. */
const CLOCK_MARGIN_MICROS = 60_000_000n;

function isPossible({ pair, type, time }: OrderFields, { parameters, sentMicros, request }: SentRequest): boolean {
  return request === "addOrder" && pair === parameters.get("pair") && type === parameters.get("type") &&
    typeof time === "string" && tradeMicros(time) >= BigInt(sentMicros) - CLOCK_MARGIN_MICROS;
}

function tradeMicros(seconds: string): bigint {
  const [whole = "0", fraction = ""] = seconds.split(".");
  return /^\d+$/.test(whole + fraction) ? BigInt(whole + fraction.slice(0, 6).padEnd(6, "0")) : 0n;
}

/** Whether an order or a trade has one of the names by which a request knows its order. */
function isNamed({ txid, ordertxid, userref, cl_ord_id }: OrderFields, parameters: Parameters): boolean {
  const names = NAMES.flatMap((key) => parameters.get(key)?.split(",") ?? []);
  return [txid, ordertxid, userref, cl_ord_id].some((name) =>
    name !== undefined && name !== 0 && names.includes(String(name))
  );
}

const NAMES = ["userref", "newuserref", "cl_ord_id", "txid", "orderid"] as const;
