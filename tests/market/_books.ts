/**
 * Books for tests: a naive model that sorts everything after each message, and the frames that would have led there.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import type { Decimal } from "../../lib/model/decimal.ts";
import type { BookSides, Level } from "../../lib/model/event.ts";

/** A price in ticks and a volume in units; 0 deletes. */
export interface Change {
  readonly side: "asks" | "bids";
  readonly ticks: number;
  readonly volume: number;
}

export function level({ ticks, volume }: Omit<Change, "side">): Level {
  return {
    price: (ticks / 100).toFixed(5) as Decimal,
    volume: volume.toFixed(8) as Decimal,
    time: "1700000000.000000" as Decimal,
  };
}

export function sides(changes: readonly Change[]): BookSides {
  const of = (side: Change["side"]) => changes.filter((change) => change.side === side).map(level);
  return { asks: of("asks"), bids: of("bids") };
}

/** The book as a child would keep it. */
export class NaiveBook {
  #asks: Level[] = [];
  #bids: Level[] = [];
  readonly #depth: number;

  /** `Infinity` forgets to cut. */
  constructor(depth: number) {
    this.#depth = depth;
  }

  apply({ asks, bids }: BookSides): void {
    this.#asks = this.#merge(this.#asks, asks).sort((a, b) => Number(a.price) - Number(b.price)).slice(0, this.#depth);
    this.#bids = this.#merge(this.#bids, bids).sort((a, b) => Number(b.price) - Number(a.price)).slice(0, this.#depth);
  }

  top(count: number): BookSides {
    return { asks: this.#asks.slice(0, count), bids: this.#bids.slice(0, count) };
  }

  checksum(): Decimal {
    const digits = (text: string) => text.replace(".", "").replace(/^0+/, "");
    const best = [...this.#asks.slice(0, 10), ...this.#bids.slice(0, 10)];
    return String(crc32(best.map(({ price, volume }) => digits(price) + digits(volume)).join(""))) as Decimal;
  }

  #merge(levels: readonly Level[], changes: readonly Level[]): Level[] {
    let merged = [...levels];
    for (const change of changes) {
      merged = merged.filter(({ price }) => Number(price) !== Number(change.price));
      if (Number(change.volume) > 0) merged.push(change);
    }
    return merged;
  }
}
