/**
 * Chance that repeats: the same seed gives the same market, token and order id every time.
 *
 * The generator is mulberry32, a 32-bit generator in the public domain. It is neither
 * fit for secrets nor meant to be: the sandbox has none.
 *
 * Pure but for its own state.
 *
 * Source: https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32
 *
 * @module
 */

/** A stream of chance. */
export interface Random {
  /** A fraction of at least 0 and less than 1. */
  fraction(): number;
  /** A whole number of at least 0 and less than `limit`. */
  below(limit: number): number;
  /** A waiting time whose average is `mean`, as between independent arrivals. */
  exponential(mean: number): number;
  /** `length` characters drawn from `alphabet`. */
  text(length: number, alphabet: string): string;
}

/**
 * Opens the stream that belongs to a seed and a name; streams of different names are independent.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRandom } from "./random.ts";
 *
 * assertEquals(createRandom(1, "XBT/USD").below(1000), createRandom(1, "XBT/USD").below(1000));
 * ```
 */
export function createRandom(seed: number, name: string): Random {
  let state = hash(seed, name);

  function fraction(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  return {
    fraction,
    below: (limit) => Math.floor(fraction() * limit),
    exponential: (mean) => -Math.log(1 - fraction()) * mean,
    text: (length, alphabet) =>
      Array.from({ length }, () => alphabet.charAt(Math.floor(fraction() * alphabet.length))).join(""),
  };
}

/** FNV-1a over the seed and the name, so that near seeds start far apart. */
function hash(seed: number, name: string): number {
  let value = 0x811c9dc5;
  for (const character of `${seed}:${name}`) {
    value = Math.imul(value ^ character.charCodeAt(0), 0x01000193);
  }
  return value;
}
