/**
 * Every order there ever was, and the ways to find one.
 *
 * Pure but for its own state.
 *
 * @module
 */

import type { Account } from "./ledger.ts";
import type { Market } from "./market.ts";
import { isTriggered, type UserOrder } from "./orders.ts";

/** All orders, in the order of acceptance. */
export class OrderRegistry {
  readonly #all: UserOrder[] = [];
  readonly #live = new Set<UserOrder>();

  add(order: UserOrder): void {
    this.#all.push(order);
    this.#live.add(order);
  }

  /** Notes that an order is not live any more. */
  end(order: UserOrder): void {
    this.#live.delete(order);
  }

  /** All orders of an account, the ended ones included. */
  of(account: Account): readonly UserOrder[] {
    return this.#all.filter((order) => order.account === account);
  }

  /** The orders of an account that may still be filled. */
  liveOf(account: Account): readonly UserOrder[] {
    return [...this.#live].filter((order) => order.account === account);
  }

  /** Live orders that a client means by an order id or a user reference. */
  findLive(account: Account, reference: string): readonly UserOrder[] {
    return this.liveOf(account).filter(({ txid, spec }) =>
      txid === reference || (spec.userref !== undefined && String(spec.userref) === reference)
    );
  }

  /** The live order of a client's own id. */
  findByClientId(account: Account, clOrdId: string): UserOrder | undefined {
    return this.liveOf(account).find(({ spec }) => spec.clOrdId === clOrdId);
  }

  /** The oldest order that waits for its price in a market and that `isDue` lets come alive. */
  findWaiting(market: Market, isDue: (order: UserOrder) => boolean): UserOrder | undefined {
    for (const order of this.#live) {
      if (order.market === market && isWaiting(order) && isDue(order)) return order;
    }
    return undefined;
  }
}

/** Whether an order waits for its price. */
export function isWaiting(order: UserOrder): boolean {
  return order.status === "open" && isTriggered(order.spec.ordertype) && order.stopprice === undefined;
}
