/**
 * What became of each order, from the account channel's changes.
 *
 * The exchange tells an order in full when it is new and then only what has changed, so the fields are kept here and each
 * change of state gives one `order` record. The orders of a snapshot are known and not news.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/openorders
 *
 * @module
 */

import { compareDecimals, isDecimal, isZero } from "../model/decimal.ts";
import type { DataRecord, OrderRecord, OrderState } from "../model/record.ts";

/** An order with those of its fields that are known. */
export type OrderFields = Readonly<Record<string, unknown>>;

export class OrderTracker {
  readonly #orders = new Map<string, OrderFields>();

  /** Takes a record of `openOrders`; returns what it says that was not known before. */
  update(record: Extract<DataRecord, { readonly sequence: number }>): OrderRecord[] {
    if (record.type === "snapshot") {
      this.#orders.clear();
      for (const fields of record.data) this.#orders.set(String(fields["txid"]), fields);
      return [];
    }
    return record.data.flatMap((change) => this.#change(change));
  }

  #change(change: OrderFields): OrderRecord[] {
    const txid = String(change["txid"]);
    const before = this.#orders.get(txid) ?? {};
    const after = { ...before, ...change };
    this.#orders.set(txid, after);
    const state = orderState(after);
    if (state === undefined || (state === orderState(before) && !filledMore(before, after))) return [];
    if (isFinal(state)) this.#orders.delete(txid);
    return [orderRecord(state, after)];
  }
}

/** Where an order is in its life; `undefined` while the exchange has not accepted it, or has not said. */
export function orderState({ status, vol, vol_exec }: OrderFields): OrderState | undefined {
  switch (status) {
    case "closed":
    case "canceled":
    case "expired":
      return status;
    case "open":
    case undefined:
      break;
    default:
      return undefined;
  }
  if (isDecimal(vol_exec) && !isZero(vol_exec)) {
    // An order that is wholly filled is about to be told as closed.
    return isDecimal(vol) && compareDecimals(vol, vol_exec) === 0 ? undefined : "partial";
  }
  return status;
}

function isFinal(state: OrderState): boolean {
  return state !== "open" && state !== "partial";
}

function filledMore(before: OrderFields, after: OrderFields): boolean {
  return orderState(after) === "partial" && before["vol_exec"] !== after["vol_exec"];
}

/** What to tell of an order beyond its state, where it is known. */
const TOLD = ["vol", "vol_exec", "avg_price", "cost", "fee", "cancel_reason"] as const;

/** The record of an order in a state, under the names that the user knows it by. */
export function orderRecord(type: OrderState, fields: OrderFields): OrderRecord {
  const { txid, userref, cl_ord_id, descr } = fields;
  return {
    channel: "order",
    type,
    ...(typeof userref === "number" && userref !== 0 ? { userref } : {}),
    ...(typeof cl_ord_id === "string" ? { cl_ord_id } : {}),
    txid: String(txid),
    data: {
      ...(isObject(descr) ? { pair: descr["pair"], descr: descr["order"] } : {}),
      ...Object.fromEntries(TOLD.flatMap((key) => fields[key] === undefined ? [] : [[key, fields[key]]])),
    },
  };
}

function isObject(value: unknown): value is OrderFields {
  return typeof value === "object" && value !== null;
}
