/**
 * One pair's order book, kept as the exchange keeps it: to a depth, in order, checked.
 *
 * The book holds the exchange's own texts and compares prices by value. It does
 * not know where updates come from, nor what to do about a bad checksum.
 *
 * Rules, from https://docs.kraken.com/api/docs/guides/spot-ws-book-v1:
 * - entries apply in the order of the message; the same price may come twice;
 * - a volume of zero deletes, anything else inserts or replaces;
 * - after the message each side is cut to the depth, since no deletion is sent for
 *   a level that is pushed out;
 * - then the checksum must match.
 *
 * @module
 */

import { compareDecimals, type Decimal, isZero } from "../model/decimal.ts";
import type { BookSides, Level } from "../model/event.ts";
import type { Depth } from "../model/subscription.ts";
import {
  addRemainder,
  CHECKSUM_LEVELS,
  CHECKSUM_START,
  isChecksum,
  levelRemainder,
  type Remainder,
} from "./checksum.ts";

/** The best price comes first. */
export class Book {
  readonly depth: Depth;
  readonly #asks: Side;
  readonly #bids: Side;

  constructor(depth: Depth, snapshot: BookSides) {
    this.depth = depth;
    this.#asks = new Side(1, depth, snapshot.asks);
    this.#bids = new Side(-1, depth, snapshot.bids);
  }

  /** Applies one message. */
  update({ asks, bids }: BookSides): void {
    this.#asks.apply(asks);
    this.#bids.apply(bids);
  }

  /** Whether the exchange's checksum, a CRC-32 over the best ten levels of each side in decimal, is that of this book. */
  matches(checksum: Decimal): boolean {
    return isChecksum(addRemainder(addRemainder(CHECKSUM_START, this.#asks.best()), this.#bids.best()), checksum);
  }

  /** The best `count` levels of each side. */
  top(count: number): BookSides {
    return { asks: this.#asks.top(count), bids: this.#bids.top(count) };
  }
}

interface Entry extends Remainder {
  readonly level: Level;
}

/** Asks rise (`direction` 1), bids fall (-1): either way the best price is the first entry. */
class Side {
  readonly #direction: 1 | -1;
  readonly #depth: number;
  readonly #entries: Entry[] = [];
  /** What the best levels add to the checksum; `undefined` since one of them changed. */
  #best: Remainder | undefined;

  constructor(direction: 1 | -1, depth: number, levels: readonly Level[]) {
    this.#direction = direction;
    this.#depth = depth;
    this.apply(levels);
  }

  apply(levels: readonly Level[]): void {
    for (const level of levels) {
      const found = this.#find(level.price);
      const index = found < 0 ? ~found : found;
      if (index < CHECKSUM_LEVELS) this.#best = undefined;
      if (isZero(level.volume)) {
        if (found >= 0) this.#entries.splice(index, 1);
      } else {
        const { remainder, length } = levelRemainder(level.price, level.volume);
        const entry = { level, remainder, length };
        if (found >= 0) this.#entries[index] = entry;
        else this.#entries.splice(index, 0, entry);
      }
    }
    if (this.#entries.length > this.#depth) this.#entries.length = this.#depth;
  }

  /** What the levels that count add to the checksum, one behind the other. */
  best(): Remainder {
    return this.#best ??= this.#sumOfBest();
  }

  #sumOfBest(): Remainder {
    let remainder = 0;
    let length = 0;
    for (let index = 0; index < CHECKSUM_LEVELS && index < this.#entries.length; index++) {
      const entry = this.#entries[index]!;
      remainder = addRemainder(remainder, entry);
      length += entry.length;
    }
    return { remainder, length };
  }

  top(count: number): Level[] {
    return this.#entries.slice(0, count).map((entry) => entry.level);
  }

  /** Where the price stands; where it would have to stand, with all bits turned, if it does not. */
  #find(price: Decimal): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      // Most of what changes is near the best price: steps grow from there, until there is a stretch to halve.
      const middle = Math.min((low + high) >>> 1, 2 * low);
      const order = compareDecimals(this.#entries[middle]!.level.price, price) * this.#direction;
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return ~low;
  }
}
