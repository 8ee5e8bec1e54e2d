/**
 * When a waiting order comes alive.
 *
 * Stop-loss orders wait for the price to go against the position they protect, take-profit orders for it to go the
 * other way, trailing stops for a turn of a given size. The price watched is that of the last trade.
 *
 * Pure but for the order it moves on.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder
 *
 * @module
 */

import type { UserOrder } from "./orders.ts";
import { distance, roundToTick } from "./prices.ts";

/** Sets where an order triggers when it begins to wait. */
export function arm(order: UserOrder, lastPrice: bigint): void {
  if (order.spec.trail === undefined) order.trigger = order.spec.price;
  else {
    order.peak = undefined;
    follow(order, lastPrice);
  }
}

/** Whether the last price brings a waiting order to life; a trailing order follows the price meanwhile. */
export function isDue(order: UserOrder, lastPrice: bigint): boolean {
  if (order.spec.trail !== undefined) follow(order, lastPrice);
  const { trigger, spec: { side, ordertype } } = order;
  if (trigger === undefined) return false;
  // A buying stop waits above the market, a buying take-profit below; selling is the mirror image.
  const waitsAbove = (side === "buy") !== ordertype.startsWith("take-profit");
  return waitsAbove ? lastPrice >= trigger : lastPrice <= trigger;
}

/** Marks an order as triggered, and sets the limit it goes to the market with. */
export function spring(order: UserOrder): void {
  const { spec, trigger } = order;
  order.stopprice = trigger;
  order.misc = spec.ordertype.startsWith("take-profit") ? "touched" : "stopped";
  if (spec.trail?.limit !== undefined && trigger !== undefined) {
    const away = distance(spec.trail.limit, trigger, spec.pair);
    const limit = spec.trail.limit.sign === "+" ? trigger + away : trigger - away;
    order.limitprice = roundToTick(limit, spec.pair) ?? spec.pair.tick;
  } else {
    order.limitprice = spec.price2;
  }
}

/** Keeps a trailing order's trigger its distance behind the best price so far. */
function follow(order: UserOrder, lastPrice: bigint): void {
  const { spec: { side, trail, pair }, peak } = order;
  if (trail === undefined) return;
  if (peak !== undefined && (side === "sell" ? lastPrice <= peak : lastPrice >= peak)) return;
  order.peak = lastPrice;
  const away = distance(trail.offset, lastPrice, pair);
  order.trigger = roundToTick(side === "sell" ? lastPrice - away : lastPrice + away, pair) ?? pair.tick;
}
