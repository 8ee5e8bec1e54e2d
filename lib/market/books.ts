/**
 * The books that are kept, and how each is to be shown.
 *
 * Each is found by its depth and pair as the exchange names them with every change: at a hundred thousand changes a second,
 * making up a name to look under costs as much as reading a price.
 *
 * @module
 */

import type { BookRecord } from "../model/record.ts";
import type { Pair } from "../model/pair.ts";
import type { Depth } from "../model/subscription.ts";
import type { Book } from "./book.ts";

export type BookKey = Pick<BookRecord, "pair" | "depth">;

export interface KeptBook {
  /** `undefined` until its snapshot comes, and while it cannot be trusted. */
  book: Book | undefined;
  /** How many of the best levels to show in place of the changes. */
  top: number | undefined;
}

export class Books {
  readonly #byDepth = new Map<Depth, Map<Pair, KeptBook>>();

  /** What is kept under a key, if anything is. */
  find({ pair, depth }: BookKey): KeptBook | undefined {
    return this.#byDepth.get(depth)?.get(pair);
  }

  /** What is kept under a key from now on. */
  keep({ pair, depth }: BookKey): KeptBook {
    const byPair = this.#byDepth.get(depth) ?? new Map<Pair, KeptBook>();
    this.#byDepth.set(depth, byPair);
    const kept = byPair.get(pair) ?? { book: undefined, top: undefined };
    byPair.set(pair, kept);
    return kept;
  }

  forget({ pair, depth }: BookKey): void {
    this.#byDepth.get(depth)?.delete(pair);
  }
}
