/**
 * Changing live orders: `amendOrder` keeps the order and, where it can, its place; `editOrder` replaces it.
 *
 * Pure but for the orders it changes.
 *
 * Sources: https://docs.kraken.com/api/docs/websocket-v1/amendorder and
 * https://docs.kraken.com/api/docs/websocket-v1/editorder
 *
 * @module
 */

import { formatFixed, formatMicros, VOLUME_DECIMALS } from "./fixed.ts";
import {
  checkMinimum,
  readBoolean,
  readOrder,
  readPriceField,
  readUserref,
  readVolumeField,
} from "./order_requests.ts";
import { descriptionOf, referenceOf } from "./order_messages.ts";
import { isWaiting } from "./order_registry.ts";
import { endsAsLimit, type OrderSpec, remainingVolume, type UserOrder } from "./orders.ts";
import { resolvePrice } from "./prices.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { Fields } from "./requests.ts";
import type { Trading, TradingContext } from "./trading.ts";
import { arm } from "./triggers.ts";

/**
 * Amends an order. Less volume at the same price keeps its place in the queue, anything else takes a new one; a volume
 * that has been filled already cancels the rest.
 *
 * @throws {Refusal} If the amendment is impossible; the order is then as it was.
 */
export function amendOrder(order: UserOrder, fields: Fields, { trading, context, accepted }: {
  readonly trading: Trading;
  readonly context: TradingContext;
  /** Called when nothing can go wrong any more, before the order changes. */
  readonly accepted: () => void;
}): void {
  const { nowMicros } = context;
  const spec = amendedSpec(order, fields);
  if (spec.volume <= order.volumeExecuted) {
    accepted();
    trading.end(order, { status: "canceled", reason: "Order amended" });
    return;
  }
  checkMinimum(spec, order.market.lastPrice);
  const limit = spec.ordertype === "limit" ? spec.price : spec.price2 ?? order.limitprice;
  if (readBoolean(fields, "post_only") && wouldTake(order, limit)) throw new Refusal("EOrder:Invalid price");
  trading.rehold(order, { ...spec, volume: spec.volume - order.volumeExecuted });
  accepted();
  const { resting, market } = order;
  const keepsPlace = resting !== undefined && resting.price === limit && spec.volume <= order.spec.volume;
  order.spec = { ...spec, feeIn: order.spec.feeIn };
  order.changedMicros = nowMicros;
  order.updatedMicros = nowMicros;
  order.isAmended = true;
  if (order.stopprice !== undefined) order.limitprice = limit;
  context.events.order(order, {
    lastupdated: formatMicros(nowMicros),
    amended: true,
    amend_reason: "User requested",
    descr: descriptionOf(order.spec),
    vol: formatFixed(spec.volume, VOLUME_DECIMALS),
    ...referenceOf(order),
  });
  if (keepsPlace) {
    market.book.reduce(resting, remainingVolume(order), nowMicros);
    market.publish(nowMicros);
  } else if (resting !== undefined) {
    trading.leave(order);
    trading.enter(order, limit);
  } else if (isWaiting(order)) {
    arm(order, market.lastPrice);
  }
  trading.watch(market);
}

/**
 * Reads what should take an order's place.
 *
 * @throws {Refusal} If the order cannot be edited, or not like this.
 */
export function readEdit(order: UserOrder, fields: Fields, nowMicros: number): OrderSpec {
  const { spec, market, volumeExecuted } = order;
  if (spec.clOrdId !== undefined || spec.close !== undefined || order.stopprice !== undefined) throw invalid("orderid");
  const whole = fields["volume"] === undefined ? spec.volume : readVolumeField(fields, "volume");
  if (whole <= volumeExecuted) throw invalid("volume");
  const price = (value: bigint | undefined) =>
    value === undefined ? undefined : formatFixed(value, spec.pair.priceDecimals);
  const trail = spec.trail === undefined ? undefined : descriptionOf(spec);
  return readOrder({
    type: spec.side,
    ordertype: spec.ordertype,
    volume: formatFixed(whole - volumeExecuted, VOLUME_DECIMALS),
    price: fields["price"] ?? trail?.["price"] ?? price(spec.price),
    price2: fields["price2"] ?? (spec.trail?.limit === undefined ? price(spec.price2) : trail?.["price2"]),
    leverage: spec.leverage > 0 ? String(spec.leverage) : undefined,
    reduce_only: spec.reduceOnly,
    oflags: fields["oflags"] ?? [spec.feeIn === "base" ? "fcib" : "fciq", ...spec.isPostOnly ? ["post"] : []].join(","),
    timeinforce: spec.timeinforce,
    expiretm: spec.expireMicros === undefined ? undefined : String(Math.ceil(spec.expireMicros / 1e6)),
    userref: readUserref(fields, "newuserref") ?? spec.userref,
    stp_type: spec.stp,
  }, { market, nowMicros });
}

function amendedSpec({ spec, market, stopprice, resting }: UserOrder, fields: Fields): OrderSpec {
  const { pair } = spec;
  const read = (name: string) => {
    const text = readPriceField(fields, name, pair);
    const price = resolvePrice(text, { reference: market.lastPrice, auto: spec.side === "buy" ? "-" : "+", pair });
    if (price === undefined) throw new Refusal("EOrder:Invalid price");
    return price;
  };
  const limit = fields["limit_price"] === undefined ? undefined : read("limit_price");
  const trigger = fields["trigger_price"] === undefined ? undefined : read("trigger_price");
  // A trailing order has neither: it follows the market. It gets its limit when it triggers.
  const hasLimit = endsAsLimit(spec.ordertype) && (spec.trail === undefined || resting !== undefined);
  const hasTrigger = spec.ordertype !== "limit" && spec.trail === undefined && stopprice === undefined;
  if (limit !== undefined && !hasLimit) throw invalid("limit_price");
  if (trigger !== undefined && !hasTrigger) throw invalid("trigger_price");
  const volume = fields["volume"] === undefined ? spec.volume : readVolumeField(fields, "volume");
  if (volume === 0n) throw invalid("volume");
  const price = spec.ordertype === "limit" ? limit ?? spec.price : trigger ?? spec.price;
  return { ...spec, volume, price, price2: spec.ordertype === "limit" ? undefined : limit ?? spec.price2 };
}

function wouldTake({ resting, market }: UserOrder, limit: bigint | undefined): boolean {
  return resting !== undefined && limit !== undefined && market.book.crosses({ ...resting, price: limit });
}
