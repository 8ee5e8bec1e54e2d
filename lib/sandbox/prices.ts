/**
 * Prices as orders give them: absolute, or relative to another price.
 *
 * `+5` and `-5` are added to the reference; `#5` goes to the side that makes sense for the order; a `%` behind the
 * number makes it a part of the reference. What results is brought to the tick.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder
 *
 * @module
 */

import { divideRounded, parseFixed } from "./fixed.ts";
import type { Pair } from "./pairs.ts";

/** The price as an order gave it. */
export interface PriceText {
  readonly sign: "" | "+" | "-" | "#";
  /** In units of the pair's price; with `isPercent`, percents in the same units. */
  readonly amount: bigint;
  readonly isPercent: boolean;
}

/** Why a price cannot be taken, in the exchange's words. */
export type PriceProblem = "malformed" | "tick";

/**
 * Reads the text of a price.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findPair } from "./pairs.ts";
 * import { readPrice } from "./prices.ts";
 *
 * const pair = findPair("XBT/USD")!;
 * assertEquals(readPrice("+2.5%", pair), { sign: "+", amount: 250_000n, isPercent: true });
 * assertEquals(readPrice("9000.05", pair), "tick");
 * assertEquals(readPrice("nine", pair), "malformed");
 * ```
 */
export function readPrice(text: string, pair: Pair): PriceText | PriceProblem {
  const match = /^([+\-#]?)(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null) return "malformed";
  const [, sign = "", digits = "", percent = ""] = match;
  const isPercent = percent !== "";
  if (isPercent && sign === "") return "malformed";
  const amount = parseFixed(digits, pair.priceDecimals);
  if (amount === undefined) return isPercent ? "malformed" : "tick";
  if (amount === 0n && sign === "") return "malformed";
  if (!isPercent && amount % pair.tick !== 0n) return "tick";
  return { sign: sign as PriceText["sign"], amount, isPercent };
}

/** How far a relative price is from its reference. */
export function distance({ amount, isPercent }: PriceText, reference: bigint, pair: Pair): bigint {
  return isPercent ? divideRounded(reference * amount, 100n * 10n ** BigInt(pair.priceDecimals)) : amount;
}

/**
 * The price that is meant.
 *
 * @param auto The direction of `#`.
 * @returns A positive multiple of the tick; `undefined` if there is none.
 */
export function resolvePrice(
  price: PriceText,
  { reference, auto, pair }: { readonly reference: bigint; readonly auto: "+" | "-"; readonly pair: Pair },
): bigint | undefined {
  if (price.sign === "") return price.amount;
  const away = distance(price, reference, pair);
  const sign = price.sign === "#" ? auto : price.sign;
  const resolved = sign === "+" ? reference + away : reference - away;
  return roundToTick(resolved, pair);
}

/** The nearest multiple of the tick; `undefined` below the first. */
export function roundToTick(price: bigint, { tick }: Pair): bigint | undefined {
  if (price < tick) return undefined;
  return divideRounded(price, tick) * tick;
}
