/**
 * How an order is told: in words, whole, in what changed, and to who looks from outside.
 *
 * Whole orders have their keys in alphabetical order, partial updates in the order seen live.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/openorders
 *
 * @module
 */

import { formatFixed, formatMicros, ONE_VOLUME, VOLUME_DECIMALS } from "./fixed.ts";
import type { Side } from "./matching.ts";
import { isTriggered, type OrderSpec, type OrderStatus, type OrderType, type UserOrder } from "./orders.ts";
import type { Pair } from "./pairs.ts";
import type { PriceText } from "./prices.ts";

/** The order in words, with wire names as in the feeds. */
function describeOrder(spec: OrderSpec): string {
  return describe(spec, spec.pair.wsname, spec.pair.priceDecimals, "0");
}

/** The order in words as an `addOrderStatus` gives it: other names, fewer digits. */
export function describeReply(spec: OrderSpec): string {
  return describe(spec, spec.pair.altname, spec.pair.pairDecimals, undefined);
}

function describe(spec: OrderSpec, name: string, decimals: number, noPrice: "0" | undefined): string {
  const { side, ordertype, volume, pair, leverage } = spec;
  const price = (value: bigint) =>
    formatFixed(value / 10n ** BigInt(pair.priceDecimals - Math.min(decimals, pair.priceDecimals)), decimals);
  let text = `${side} ${formatFixed(volume, VOLUME_DECIMALS)} ${name} @ ${ordertype}`;
  if (spec.trail !== undefined) text += ` ${trailText(spec.trail.offset, pair)}`;
  else if (spec.price !== undefined) text += ` ${price(spec.price)}`;
  else if (noPrice !== undefined) text += ` ${formatFixed(0n, decimals)}`;
  if (spec.trail?.limit !== undefined) text += `, limit ${trailText(spec.trail.limit, pair)}`;
  else if (spec.price2 !== undefined) text += `, limit ${price(spec.price2)}`;
  return leverage > 0 ? `${text} with ${leverage}:1 leverage` : text;
}

function trailText({ sign, amount, isPercent }: PriceText, pair: Pair): string {
  return `${sign}${formatFixed(amount, pair.priceDecimals)}${isPercent ? "%" : ""}`;
}

/** The `descr` of the feeds. */
export function descriptionOf(spec: OrderSpec): Readonly<Record<string, unknown>> {
  const { pair, close } = spec;
  const price = (value: bigint | undefined) => formatFixed(value ?? 0n, pair.priceDecimals);
  const closeText = close &&
    `close position @ ${[close.ordertype, close.price].filter(Boolean).join(" ")}${
      close.price2 === undefined ? "" : ` -> limit ${close.price2}`
    }`;
  return {
    close: closeText ?? null,
    leverage: spec.leverage > 0 ? `${spec.leverage}:1` : null,
    order: describeOrder(spec),
    ordertype: spec.ordertype,
    pair: pair.wsname,
    price: spec.trail === undefined ? price(spec.price) : trailText(spec.trail.offset, pair),
    price2: spec.trail?.limit === undefined ? price(spec.price2) : trailText(spec.trail.limit, pair),
    type: spec.side,
  };
}

/** The whole order, as a snapshot or its first message shows it; keys in alphabetical order. */
export function wholeOrder(order: UserOrder): Readonly<Record<string, unknown>> {
  const { spec } = order;
  const time = (micros: number | undefined) => micros === undefined ? null : formatMicros(micros);
  const price = (value: bigint | undefined) => formatFixed(value ?? 0n, spec.pair.priceDecimals);
  const progress = progressOf(order);
  return {
    avg_price: progress.avg_price,
    cl_ord_id: spec.clOrdId,
    contingent: spec.close && { ordertype: spec.close.ordertype, price: spec.close.price, price2: spec.close.price2 },
    cost: progress.cost,
    descr: descriptionOf(spec),
    expiretm: time(spec.expireMicros),
    fee: progress.fee,
    limitprice: price(order.limitprice),
    misc: order.misc,
    oflags: flagsOf(spec),
    opentm: formatMicros(order.openMicros),
    refid: order.refid ?? null,
    starttm: time(spec.startMicros),
    status: order.status,
    stopprice: price(order.stopprice),
    timeinforce: spec.timeinforce,
    trigger: isTriggered(spec.ordertype) ? "last" : undefined,
    userref: spec.userref ?? 0,
    vol: formatFixed(spec.volume, VOLUME_DECIMALS),
    vol_exec: progress.vol_exec,
  };
}

/** How far the order has come, in the order of keys that partial updates have. */
export function progressOf({ spec, volumeExecuted, cost, fee }: UserOrder): Readonly<Record<string, string>> {
  const { priceDecimals } = spec.pair;
  const average = volumeExecuted === 0n ? 0n : (cost * ONE_VOLUME * 2n + volumeExecuted) / (volumeExecuted * 2n);
  return {
    vol_exec: formatFixed(volumeExecuted, VOLUME_DECIMALS),
    cost: formatFixed(cost, priceDecimals),
    fee: formatFixed(fee, priceDecimals),
    avg_price: formatFixed(average, priceDecimals),
  };
}

/** What ends the order: its last status with the final figures. */
export function finalUpdate(order: UserOrder): Readonly<Record<string, unknown>> {
  return {
    lastupdated: formatMicros(order.updatedMicros ?? order.openMicros),
    status: order.status,
    ...progressOf(order),
    ...referenceOf(order),
    cancel_reason: order.cancelReason,
  };
}

/** The customer's own references, which every partial update repeats. */
export function referenceOf({ spec }: UserOrder): Readonly<Record<string, unknown>> {
  return { userref: spec.userref ?? 0, cl_ord_id: spec.clOrdId };
}

/** An order as tests and tools look at it from outside. */
export interface OrderView {
  readonly txid: string;
  readonly pair: string;
  readonly type: Side;
  readonly ordertype: OrderType;
  readonly status: OrderStatus;
  readonly price: string;
  readonly vol: string;
  readonly vol_exec: string;
  readonly cost: string;
  readonly fee: string;
  readonly userref: number | undefined;
  readonly cl_ord_id: string | undefined;
  readonly refid: string | undefined;
  readonly cancel_reason: string | undefined;
}

/** Shows an order from outside. */
export function viewOrder(order: UserOrder): OrderView {
  const { txid, spec, status, refid, cancelReason } = order;
  const { priceDecimals } = spec.pair;
  return {
    txid,
    pair: spec.pair.wsname,
    type: spec.side,
    ordertype: spec.ordertype,
    status,
    price: formatFixed(spec.price ?? 0n, priceDecimals),
    vol: formatFixed(spec.volume, VOLUME_DECIMALS),
    vol_exec: formatFixed(order.volumeExecuted, VOLUME_DECIMALS),
    cost: formatFixed(order.cost, priceDecimals),
    fee: formatFixed(order.fee, priceDecimals),
    userref: spec.userref,
    cl_ord_id: spec.clOrdId,
    refid,
    cancel_reason: cancelReason,
  };
}

function flagsOf(spec: OrderSpec): string {
  return [spec.feeIn === "base" ? "fcib" : "fciq", ...spec.isPostOnly ? ["post"] : []].join(",");
}
