/**
 * Decimals measured against each other: differences, sums, shares, and places on a scale.
 *
 * The values are counted in `bigint` units that all of them are whole multiples of, so that nothing is rounded on the
 * way; only a place on a scale, which is a small number of ours, leaves as a `number`.
 *
 * Pure.
 *
 * @module
 */

import type { Decimal } from "./decimal.ts";

/**
 * `a - b`, with as many decimals as the longer of the two has.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Decimal } from "./decimal.ts";
 * import { difference } from "./scale.ts";
 *
 * assertEquals(difference("37080.20000" as Decimal, "37080.1" as Decimal), "0.10000");
 * assertEquals(difference("0.5" as Decimal, "0.75" as Decimal), "-0.25");
 * ```
 */
export function difference(a: Decimal, b: Decimal): Decimal {
  const decimals = Math.max(decimalsOf(a), decimalsOf(b));
  return written(unitsOf(a, decimals) - unitsOf(b, decimals), decimals);
}

/** `a + b`, with as many decimals as the longer of the two has. */
export function sum(a: Decimal, b: Decimal): Decimal {
  const decimals = Math.max(decimalsOf(a), decimalsOf(b));
  return written(unitsOf(a, decimals) + unitsOf(b, decimals), decimals);
}

/**
 * How many decimals it takes to write all of these without losing a digit that counts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Decimal } from "./decimal.ts";
 * import { decimalsNeeded, withDecimals } from "./scale.ts";
 *
 * const prices = ["37080.20000", "37081.00000"] as Decimal[];
 * assertEquals(decimalsNeeded(prices), 1);
 * assertEquals(prices.map((price) => withDecimals(price, 1)), ["37080.2", "37081.0"]);
 * ```
 */
export function decimalsNeeded(values: readonly Decimal[]): number {
  return Math.max(0, ...values.map((value) => /\.(\d*[1-9])0*$/.exec(value)?.[1]?.length ?? 0));
}

/** The value with this many decimals, the rest cut off. */
export function withDecimals(value: Decimal, decimals: number): Decimal {
  const cut = Math.max(decimalsOf(value) - decimals, 0);
  return written(unitsOf(value, Math.max(decimals, decimalsOf(value))) / 10n ** BigInt(cut), decimals);
}

const PERCENT_DECIMALS = 2;
const PERCENT_UNITS = 100n * 10n ** 2n;

/**
 * What `part` is of `whole` in percent, cut to two decimals; `undefined` where `whole` is zero.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Decimal } from "./decimal.ts";
 * import { percentOf } from "./scale.ts";
 *
 * assertEquals(percentOf("-0.5" as Decimal, "40" as Decimal), "-1.25");
 * assertEquals(percentOf("1" as Decimal, "0.00" as Decimal), undefined);
 * ```
 */
export function percentOf(part: Decimal, whole: Decimal): Decimal | undefined {
  const decimals = Math.max(decimalsOf(part), decimalsOf(whole));
  const wholeUnits = unitsOf(whole, decimals);
  if (wholeUnits === 0n) return undefined;
  return written(unitsOf(part, decimals) * PERCENT_UNITS / wholeUnits, PERCENT_DECIMALS);
}

/** Two ends of a scale, and into how many steps it is divided. */
export interface Scale {
  readonly low: Decimal;
  readonly high: Decimal;
  readonly steps: number;
}

/**
 * The step of a scale that is nearest to a value, from 0 at `low` to `steps` at `high`; the middle if the two are one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Decimal } from "./decimal.ts";
 * import { stepOn } from "./scale.ts";
 *
 * const scale = { low: "10" as Decimal, high: "20.0" as Decimal, steps: 8 };
 * assertEquals(stepOn(scale, "15" as Decimal), 4);
 * assertEquals(stepOn(scale, "99" as Decimal), 8);
 * ```
 */
export function stepOn({ low, high, steps }: Scale, value: Decimal): number {
  const decimals = Math.max(decimalsOf(low), decimalsOf(high), decimalsOf(value));
  const lowUnits = unitsOf(low, decimals);
  const span = unitsOf(high, decimals) - lowUnits;
  if (span <= 0n) return Math.floor(steps / 2);
  const offset = unitsOf(value, decimals) - lowUnits;
  const nearest = Number((offset * BigInt(2 * steps) + span) / (2n * span));
  return Math.min(Math.max(nearest, 0), steps);
}

function decimalsOf(value: Decimal): number {
  const point = value.indexOf(".");
  return point < 0 ? 0 : value.length - point - 1;
}

function unitsOf(value: Decimal, decimals: number): bigint {
  return BigInt(value.replace(".", "") + "0".repeat(decimals - decimalsOf(value)));
}

function written(units: bigint, decimals: number): Decimal {
  const sign = units < 0n ? "-" : "";
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = decimals === 0 ? "" : `.${digits.slice(point)}`;
  return `${sign}${digits.slice(0, point)}${fraction}` as Decimal;
}
