/**
 * The parameters of `addOrder`, read and checked into an {@linkcode OrderSpec}.
 *
 * What only the request can get wrong is found here; what depends on the account (funds, limits, positions) is found
 * in {@linkcode ./trading.ts}. Amounts must be text: a JSON number has lost its digits before anyone can look.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder
 *
 * @module
 */

import { volumeForCost } from "./book_walk.ts";
import { costOf, parseFixed, VOLUME_DECIMALS } from "./fixed.ts";
import type { Market } from "./market.ts";
import {
  type ConditionalClose,
  endsAsLimit,
  isTriggered,
  ORDER_TYPES,
  type OrderSpec,
  type OrderType,
  type SelfTradePrevention,
} from "./orders.ts";
import type { Pair } from "./pairs.ts";
import { type PriceText, readPrice, resolvePrice } from "./prices.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { Fields } from "./requests.ts";

/** Fields an `addOrder` may have besides those of every request. */
export const ORDER_FIELDS: readonly string[] = [
  ..."ordertype type pair volume price price2 leverage margin reduce_only oflags starttm expiretm deadline".split(" "),
  ..."cl_ord_id userref sender_sub_id stp_type timeinforce validate trading_agreement".split(" "),
  ..."close[ordertype] close[price] close[price2]".split(" "),
];

const FLAGS = ["fcib", "fciq", "nompp", "post", "viqc"];
const STP_TYPES: readonly SelfTradePrevention[] = ["cancel_newest", "cancel_oldest", "cancel_both"];
const MONTH_MICROS = 31 * 86_400e6;

/**
 * Reads an order.
 *
 * @throws {Refusal} If it is none that the exchange would take from anyone.
 */
export function readOrder(fields: Fields, { market, nowMicros }: {
  readonly market: Market;
  readonly nowMicros: number;
}): OrderSpec {
  const { pair } = market;
  const side = oneOf(fields, "type", ["buy", "sell"] as const);
  const ordertype = oneOf(fields, "ordertype", ORDER_TYPES);
  const flags = readFlags(fields, { ordertype, side });
  const leverage = readLeverage(fields, pair);
  const expireMicros = readTime(fields, "expiretm", nowMicros);
  const timeinforce = readTimeInForce(fields, { flags, expireMicros, nowMicros });
  const prices = readPrices(fields, { ordertype, side, market });
  const references = readReferences(fields);
  checkDeadline(fields, nowMicros);
  const spec: OrderSpec = {
    pair,
    side,
    ordertype,
    volume: readVolume(fields, { ordertype, market, isCost: flags.includes("viqc") }),
    ...prices,
    leverage,
    reduceOnly: readBoolean(fields, "reduce_only"),
    isPostOnly: flags.includes("post"),
    feeIn: flags.includes("fcib") || (side === "sell" && !flags.includes("fciq")) ? "base" : "quote",
    timeinforce,
    startMicros: readTime(fields, "starttm", nowMicros),
    expireMicros,
    ...references,
    stp: fields["stp_type"] === undefined ? "cancel_newest" : oneOf(fields, "stp_type", STP_TYPES),
    close: readClose(fields, pair),
  };
  if (spec.reduceOnly && leverage === 0) throw invalid("reduce_only");
  if (ordertype === "settle-position" && leverage === 0) throw invalid("leverage");
  if (ordertype !== "settle-position") checkMinimum(spec, market.lastPrice);
  return spec;
}

/**
 * Checks an order's volume and cost against the least that a pair takes.
 *
 * @throws {Refusal} If either is too small.
 */
export function checkMinimum({ pair, volume, price, price2 }: OrderSpec, lastPrice: bigint): void {
  if (volume < pair.ordermin) throw new Refusal("EOrder:Order minimum not met");
  if (costOf(price2 ?? price ?? lastPrice, volume) < pair.costmin) throw new Refusal("EOrder:Cost minimum not met");
}

/**
 * Reads one price field into what an order holds.
 *
 * @throws {Refusal} If it is malformed or off the tick.
 */
export function readPriceField(fields: Fields, name: string, pair: Pair): PriceText {
  const text = readText(fields, name);
  const price = text === undefined ? "malformed" : readPrice(text, pair);
  if (price === "malformed") throw invalid(name);
  if (price === "tick") throw new Refusal("EOrder:Tick size check failed");
  return price;
}

/** A volume as text; {@linkcode Refusal} if it is none. */
export function readVolumeField(fields: Fields, name: string): bigint {
  const text = readText(fields, name);
  const volume = text === undefined ? undefined : parseFixed(text, VOLUME_DECIMALS);
  if (volume === undefined) throw invalid(name);
  return volume;
}

/** A text field; {@linkcode Refusal} if it is something else. */
export function readText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value !== undefined && typeof value !== "string") throw invalid(name);
  return value;
}

/** A boolean, which clients also write as text. */
export function readBoolean(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (value === undefined || value === false || value === "false") return false;
  if (value === true || value === "true") return true;
  throw invalid(name);
}

/** The user reference: a whole number of 32 bits, as text or as a number. */
export function readUserref(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (!/^-?\d{1,10}$/.test(String(value)) || Number(value) !== (Number(value) | 0)) throw invalid(name);
  return Number(value);
}

/**
 * Refuses a request whose deadline has passed, or is further away than the exchange takes.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder
 */
export function checkDeadline(fields: Fields, nowMicros: number): void {
  const text = readText(fields, "deadline");
  if (text === undefined) return;
  const micros = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) ? Date.parse(text) * 1000 : NaN;
  if (Number.isNaN(micros) || micros > nowMicros + 60e6) throw invalid("deadline");
  if (micros < nowMicros) throw new Refusal("EService:Deadline elapsed");
}

function readVolume(fields: Fields, { ordertype, market, isCost }: {
  readonly ordertype: OrderType;
  readonly market: Market;
  readonly isCost: boolean;
}): bigint {
  if (isCost) {
    const cost = parseFixed(readText(fields, "volume") ?? "", market.pair.priceDecimals);
    if (cost === undefined) throw invalid("volume");
    return volumeForCost(market.book.sell, cost);
  }
  const volume = readVolumeField(fields, "volume");
  if (volume === 0n && ordertype !== "settle-position") throw invalid("volume");
  return volume;
}

function readFlags(fields: Fields, order: { readonly ordertype: OrderType; readonly side: string }): readonly string[] {
  const flags = (readText(fields, "oflags") ?? "").split(",").map((flag) => flag.trim()).filter((flag) => flag !== "");
  const isWrong = flags.some((flag) => !FLAGS.includes(flag)) ||
    (flags.includes("fcib") && flags.includes("fciq")) ||
    (flags.includes("post") && order.ordertype !== "limit") ||
    (flags.includes("viqc") && (order.ordertype !== "market" || order.side !== "buy"));
  if (isWrong) throw invalid("oflags");
  return flags;
}

function readLeverage(fields: Fields, pair: Pair): number {
  const text = readText(fields, "leverage");
  if (readBoolean(fields, "margin") && text === undefined) {
    const most = pair.leverage.at(-1);
    if (most === undefined) throw invalid("margin");
    return most;
  }
  if (text === undefined || text === "none" || text === "0") return 0;
  const leverage = Number(/^(\d+)(?::1)?$/.exec(text)?.[1]);
  if (!pair.leverage.includes(leverage)) throw invalid("leverage");
  return leverage;
}

function readTime(fields: Fields, name: string, nowMicros: number): number | undefined {
  const text = readText(fields, name);
  if (text === undefined || text === "0" || text === "+0") return undefined;
  const match = /^(\+?)(\d{1,10})$/.exec(text);
  if (match === null) throw invalid(name);
  const micros = Number(match[2]) * 1e6 + (match[1] === "+" ? nowMicros : 0);
  if (micros <= nowMicros || micros > nowMicros + MONTH_MICROS) throw invalid(name);
  return micros;
}

function readTimeInForce(fields: Fields, { flags, expireMicros, nowMicros }: {
  readonly flags: readonly string[];
  readonly expireMicros: number | undefined;
  readonly nowMicros: number;
}): OrderSpec["timeinforce"] {
  if (fields["timeinforce"] === undefined) return expireMicros === undefined ? "GTC" : "GTD";
  const timeinforce = oneOf(fields, "timeinforce", ["GTC", "GTD", "IOC"] as const);
  const isWrong = (timeinforce === "GTD") !== (expireMicros !== undefined && expireMicros > nowMicros) ||
    (timeinforce === "IOC" && flags.includes("post"));
  if (isWrong) throw invalid("timeinforce");
  return timeinforce;
}

function readPrices(fields: Fields, { ordertype, side, market }: {
  readonly ordertype: OrderType;
  readonly side: OrderSpec["side"];
  readonly market: Market;
}): Pick<OrderSpec, "price" | "price2" | "trail"> {
  const { pair, lastPrice } = market;
  const hasPrice = ordertype === "limit" || isTriggered(ordertype);
  const hasPrice2 = isTriggered(ordertype) && endsAsLimit(ordertype);
  if (!hasPrice && fields["price"] !== undefined) throw invalid("price");
  if (!hasPrice2 && fields["price2"] !== undefined) throw invalid("price2");
  if (!hasPrice) return { price: undefined, price2: undefined, trail: undefined };
  const first = readPriceField(fields, "price", pair);
  const second = hasPrice2 ? readPriceField(fields, "price2", pair) : undefined;
  if (ordertype.startsWith("trailing-stop")) {
    if (first.sign !== "+") throw invalid("price");
    if (second !== undefined && second.sign !== "+" && second.sign !== "-") throw invalid("price2");
    return { price: undefined, price2: undefined, trail: { offset: first, limit: second } };
  }
  const isStop = ordertype.startsWith("stop-loss");
  const price = resolvePrice(first, { reference: lastPrice, auto: (side === "buy") === isStop ? "+" : "-", pair });
  if (price === undefined) throw new Refusal("EOrder:Invalid price");
  if (second === undefined) return { price, price2: undefined, trail: undefined };
  const price2 = resolvePrice(second, { reference: price, auto: side === "buy" ? "+" : "-", pair });
  if (price2 === undefined) throw new Refusal("EOrder:Invalid price");
  return { price, price2, trail: undefined };
}

function readReferences(fields: Fields): Pick<OrderSpec, "userref" | "clOrdId"> {
  const userref = readUserref(fields, "userref");
  const clOrdId = readText(fields, "cl_ord_id");
  if (clOrdId === undefined) return { userref, clOrdId };
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(clOrdId) || /^[0-9a-f]{32}$/i.test(clOrdId) ||
    /^[\x21-\x7e]{1,18}$/.test(clOrdId);
  if (!isId || userref !== undefined) throw invalid("cl_ord_id");
  return { userref, clOrdId };
}

function readClose(fields: Fields, pair: Pair): ConditionalClose | undefined {
  const names = ["close[ordertype]", "close[price]", "close[price2]"];
  if (names.every((name) => fields[name] === undefined)) return undefined;
  const ordertype = oneOf(fields, "close[ordertype]", ORDER_TYPES);
  if (ordertype === "market" || ordertype === "settle-position") throw invalid("close[ordertype]");
  readPriceField(fields, "close[price]", pair);
  const hasPrice2 = isTriggered(ordertype) && endsAsLimit(ordertype);
  if (hasPrice2) readPriceField(fields, "close[price2]", pair);
  else if (fields["close[price2]"] !== undefined) throw invalid("close[price2]");
  return { ordertype, price: readText(fields, "close[price]"), price2: readText(fields, "close[price2]") };
}

function oneOf<T extends string>(fields: Fields, name: string, values: readonly T[]): T {
  const value = values.find((candidate) => candidate === fields[name]);
  if (value === undefined) throw invalid(name);
  return value;
}
