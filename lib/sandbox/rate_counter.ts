/**
 * The trading rate counter: what each transaction costs, and how the count decays.
 *
 * There is one counter for each account and pair. Young orders cost more to change than old ones. The figures are those
 * of the intermediate tier.
 *
 * Pure but for its own state.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ratelimits
 *
 * @module
 */

/** The count that must not be passed: the `maxratecount` of an openOrders subscription. */
export const MAX_RATE_COUNT = 125;

/** Open orders that an account may have in a pair. */
export const MAX_OPEN_ORDERS = 80;

const DECAY_PER_SECOND = 2.34;

type Transaction = "add" | "amend" | "edit" | "cancel";

/** What a transaction costs whatever it is about. */
const FIXED: Readonly<Record<Transaction, number>> = { add: 1, amend: 1, edit: 1, cancel: 0 };

/** What it costs in addition while the order is younger than so many seconds. */
const BY_AGE: Readonly<Record<Transaction, readonly (readonly [seconds: number, cost: number])[]>> = {
  add: [],
  amend: [[5, 3], [10, 2], [15, 1]],
  edit: [[5, 6], [10, 5], [15, 4], [45, 2], [90, 1]],
  cancel: [[5, 8], [10, 6], [15, 5], [45, 4], [90, 2], [300, 1]],
};

/**
 * What a transaction adds to the counter.
 *
 * @param ageMicros Time since the order was added or last amended; `undefined` for an order that is not there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rateCost } from "./rate_counter.ts";
 *
 * assertEquals(rateCost("amend", 7e6), 3);
 * assertEquals(rateCost("cancel", 36e6), 4);
 * ```
 */
export function rateCost(transaction: Transaction, ageMicros?: number): number {
  if (ageMicros === undefined) return FIXED[transaction];
  const decaying = BY_AGE[transaction].find(([seconds]) => ageMicros < seconds * 1e6)?.[1] ?? 0;
  return FIXED[transaction] + decaying;
}

/** One account's counter for one pair. */
export class RateCounter {
  #count = 0;
  #atMicros = 0;

  /** The count now. */
  count(nowMicros: number): number {
    return Math.max(0, this.#count - (nowMicros - this.#atMicros) / 1e6 * DECAY_PER_SECOND);
  }

  /** Adds a cost unless that passes `limit`; whether it did. */
  charge(cost: number, { nowMicros, limit }: { readonly nowMicros: number; readonly limit: number }): boolean {
    const count = this.count(nowMicros);
    if (count + cost > limit) return false;
    this.#count = count + cost;
    this.#atMicros = nowMicros;
    return true;
  }
}
