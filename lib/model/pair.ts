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

/** A base and a quote currency as the exchange spells them, with a slash between them. */
export type Pair = string & { readonly [pair]: true };

const PAIR = /^[A-Za-z0-9.]{1,16}\/[A-Za-z0-9.]{1,16}$/;

/** Whether `value` has the form of a pair; narrows it to {@linkcode Pair}. */
export function isPair(value: unknown): value is Pair {
  return typeof value === "string" && PAIR.test(value);
}

/**
 * A pair's name as the exchange would spell it: a currency that was typed in small letters only is put in capitals.
 *
 * Tokenized stocks mix them (`AAPLx/USD`), so that a currency with a capital in it is taken at its word.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { spellPair } from "./pair.ts";
 *
 * assertEquals(spellPair("xbt/usd"), "XBT/USD");
 * assertEquals(spellPair("AAPLx/usd"), "AAPLx/USD");
 * ```
 */
export function spellPair(text: string): string {
  return text.split("/").map((name) => /^[a-z0-9.]+$/.test(name) ? name.toUpperCase() : name).join("/");
}

/**
 * Reads a pair as a person types it; {@linkcode spellPair} says what small letters mean.
 *
 * @throws {UsageError} If `text` is not two currencies with a slash between them.
 */
export function parsePair(text: string): Pair {
  const spelled = spellPair(text);
  if (isPair(spelled)) return spelled;
  throw new UsageError("not_a_pair", `"${text}" is not a pair`, {
    hint: "A pair is two currencies with a slash between them, such as XBT/USD or ETH/EUR",
  });
}
