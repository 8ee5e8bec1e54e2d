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
  addLevel,
  CHECKSUM_LEVELS,
  CHECKSUM_START,
  checksumText,
  type LevelChecksum,
  levelChecksum,
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

  /** The CRC-32 over the best ten levels of each side, in decimal as the exchange writes it. */
  checksum(): string {
    return checksumText(this.#bids.addTo(this.#asks.addTo(CHECKSUM_START)));
  }

  /** The best `count` levels of each side. */
  top(count: number): BookSides {
    return { asks: this.#asks.top(count), bids: this.#bids.top(count) };
  }
}

interface Entry {
  readonly level: Level;
  readonly checksum: LevelChecksum;
}

/** Asks rise (`direction` 1), bids fall (-1): either way the best price is the first entry. */
class Side {
  readonly #direction: 1 | -1;
  readonly #depth: number;
  readonly #entries: Entry[] = [];

  constructor(direction: 1 | -1, depth: number, levels: readonly Level[]) {
    this.#direction = direction;
    this.#depth = depth;
    this.apply(levels);
  }

  apply(levels: readonly Level[]): void {
    for (const level of levels) {
      const index = this.#position(level.price);
      const found = this.#entries[index];
      const exists = found !== undefined && compareDecimals(found.level.price, level.price) === 0;
      if (isZero(level.volume)) {
        if (exists) this.#entries.splice(index, 1);
      } else {
        const entry = { level, checksum: levelChecksum(level.price, level.volume) };
        this.#entries.splice(index, exists ? 1 : 0, entry);
      }
    }
    if (this.#entries.length > this.#depth) this.#entries.length = this.#depth;
  }

  /** The checksum so far, with this side behind it. */
  addTo(checksum: number): number {
    const count = Math.min(this.#entries.length, CHECKSUM_LEVELS);
    let sum = checksum;
    for (let index = 0; index < count; index++) sum = addLevel(sum, this.#entries[index]!.checksum);
    return sum;
  }

  top(count: number): Level[] {
    return this.#entries.slice(0, count).map((entry) => entry.level);
  }

  /** Where the price stands, or where it would have to stand. */
  #position(price: Decimal): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareDecimals(this.#entries[middle]!.level.price, price) * this.#direction < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
