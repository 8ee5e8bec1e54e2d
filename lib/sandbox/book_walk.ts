/**
 * What it would take to trade, asked of the book without touching it.
 *
 * Pure.
 *
 * @module
 */

import { costOf, ONE_VOLUME } from "./fixed.ts";
import type { BookSide } from "./matching.ts";

/** What a taker of `volume` would pay or get, in units of the price; less if the side holds less. */
export function costToTake(side: BookSide, volume: bigint, options: {
  readonly limit: bigint | undefined;
  /** Orders of this account are not taken. */
  readonly account: string;
}): bigint {
  let cost = 0n;
  let left = volume;
  for (let rank = 0; rank < side.length && left > 0n; rank++) {
    const level = side.at(rank)!;
    if (options.limit !== undefined && side.isBetter(options.limit, level.price)) break;
    for (const order of level.queue) {
      if (order.account === options.account) continue;
      const part = order.remaining < left ? order.remaining : left;
      cost += costOf(level.price, part);
      left -= part;
      if (left === 0n) break;
    }
  }
  return cost;
}

/** The volume that `cost` buys from a side, rounded down. */
export function volumeForCost(side: BookSide, cost: bigint): bigint {
  let volume = 0n;
  let left = cost;
  for (let rank = 0; rank < side.length && left > 0n; rank++) {
    const level = side.at(rank)!;
    const all = costOf(level.price, level.volume);
    if (all > left) return volume + left * ONE_VOLUME / level.price;
    volume += level.volume;
    left -= all;
  }
  return volume;
}
