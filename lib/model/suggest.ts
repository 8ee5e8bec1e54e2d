/**
 * "Did you mean …": the known word nearest to a mistyped one.
 *
 * Nearness is the number of letters to insert, delete, replace or swap with a
 * neighbour (the optimal string alignment distance), capitals aside. A wrong
 * guess costs trust, so a third of the word at most may differ, and a beginning
 * of three letters counts as a word broken off.
 *
 * Pure.
 *
 * Source: https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance#Optimal_string_alignment_distance
 *
 * @module
 */

/**
 * Finds the candidate that `word` was probably meant to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { suggest } from "./suggest.ts";
 *
 * assertEquals(suggest("tikcer", ["book", "ticker", "trade"]), "ticker");
 * assertEquals(suggest("balance", ["book", "ticker", "trade"]), undefined);
 * ```
 *
 * @returns The nearest candidate, as it is spelled; the first of several equally near; `undefined` when none is near.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const distance = distanceBetween(typed, candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** `Infinity` when the words are too far apart to be a slip of the hand. */
function distanceBetween(typed: string, candidate: string): number {
  const brokenOff = typed.length >= 3 && candidate.startsWith(typed) ? MOST_SLIPS : Infinity;
  const allowed = Math.min(MOST_SLIPS, Math.floor((Math.max(typed.length, candidate.length) + 1) / 3));
  if (Math.abs(typed.length - candidate.length) > allowed) return brokenOff;
  const slips = alignmentDistance(typed, candidate);
  return slips <= allowed ? slips : brokenOff;
}

const MOST_SLIPS = 3;

function alignmentDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
