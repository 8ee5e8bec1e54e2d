/**
 * Whether an account may place an order: limits, client ids, positions, money.
 *
 * What is wrong with an order whoever places it is found earlier, in {@linkcode ./order_requests.ts}.
 *
 * Pure but for the account, of which {@linkcode reserveFor} sets a part aside.
 *
 * @module
 */

import { holdFor, type Reserve } from "./funds.ts";
import type { Account } from "./ledger.ts";
import type { Market } from "./market.ts";
import type { OrderRegistry } from "./order_registry.ts";
import type { OrderSpec, UserOrder } from "./orders.ts";
import type { Position, Positions } from "./positions.ts";
import { MAX_OPEN_ORDERS } from "./rate_counter.ts";
import { invalid, Refusal } from "./refusal.ts";

/** What an order is checked against. */
export interface Standing {
  readonly account: Account;
  readonly market: Market;
  readonly orders: OrderRegistry;
  readonly positions: Positions;
}

/**
 * Checks an order against its account.
 *
 * @param instead The live order whose place it would take; what that one holds counts as free.
 * @returns The order as it would be taken.
 * @throws {Refusal} If it would not.
 */
export function checkOrder(standing: Standing, asked: OrderSpec, instead?: UserOrder): OrderSpec {
  const { account, orders, positions } = standing;
  const spec = fitToPosition(asked, findPosition(positions, account, asked));
  const live = orders.liveOf(account).filter((order) => order.spec.pair === spec.pair && order !== instead);
  if (live.length >= MAX_OPEN_ORDERS) throw new Refusal("EOrder:Orders limit exceeded");
  if (spec.clOrdId !== undefined && orders.findByClientId(account, spec.clOrdId) !== undefined) {
    throw invalid("cl_ord_id");
  }
  const freed = instead?.hold?.left ?? 0n;
  if (instead?.hold !== undefined) account.release(instead.hold);
  try {
    account.release(reserveFor(standing, spec).hold);
  } finally {
    if (instead?.hold !== undefined) account.extend(instead.hold, freed);
  }
  return spec;
}

/**
 * Sets aside what an order may cost.
 *
 * @throws {Refusal} If the account does not have it.
 */
export function reserveFor({ account, market, positions }: Omit<Standing, "orders">, spec: OrderSpec): Reserve {
  return holdFor(spec, { account, market, position: findPosition(positions, account, spec) });
}

/** The position an order is about, if it is about one. */
export function findPosition(
  positions: Positions,
  account: Account,
  { pair, leverage }: OrderSpec,
): Position | undefined {
  return leverage > 0 ? positions.find(account, pair) : undefined;
}

/** Brings an order that may only reduce a position in line with it. */
function fitToPosition(spec: OrderSpec, position: Position | undefined): OrderSpec {
  const settles = spec.ordertype === "settle-position";
  if (!settles && !spec.reduceOnly) return spec;
  if (position === undefined) {
    throw new Refusal(settles ? "EOrder:Unknown position" : "EOrder:Reduce only:No position exists");
  }
  if (position.side === spec.side) {
    throw new Refusal(settles ? "EOrder:Unknown position" : "EOrder:Reduce only:Non-PC");
  }
  const isAll = spec.volume === 0n || spec.volume > position.volume;
  return isAll ? { ...spec, volume: position.volume } : spec;
}
