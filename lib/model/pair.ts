/**
 * Currency pairs as the v1 wire names them: `XBT/USD`.
 *
 * Pure. Whether the exchange lists a pair is the exchange's to say; this module
 * only knows the form.
 *
 * Source: the `wsname` of https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
 *
 * @module
 */

import { UsageError } from "../errors.ts";

declare const pair: unique symbol;

/** A base and a quote currency in upper case, with a slash between them. */
export type Pair = string & { readonly [pair]: true };

const PAIR = /^[A-Z0-9.]{1,16}\/[A-Z0-9.]{1,16}$/;

/** Whether `value` has the form of a pair; narrows it to {@linkcode Pair}. */
export function isPair(value: unknown): value is Pair {
  return typeof value === "string" && PAIR.test(value);
}

/**
 * Reads a pair as a person types it, in either case.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePair } from "./pair.ts";
 *
 * assertEquals(parsePair("xbt/usd"), "XBT/USD");
 * ```
 *
 * @throws {UsageError} If `text` is not two currencies with a slash between them.
 */
export function parsePair(text: string): Pair {
  const upper = text.toUpperCase();
  if (isPair(upper)) return upper;
  throw new UsageError("not_a_pair", `"${text}" is not a pair`, {
    hint: "A pair is two currencies with a slash between them, such as XBT/USD or ETH/EUR",
  });
}
