/**
 * Decimal text: prices, volumes, fees and times exactly as the exchange wrote them.
 *
 * The text is the value. Nothing here converts it to a `number`, so no digit is
 * ever lost, added or rounded between the wire and stdout.
 *
 * Pure.
 *
 * @module
 */

declare const decimal: unique symbol;

/** Text such as `37080.10000`: an optional minus sign, digits, and at most one point with digits behind it. */
export type Decimal = string & { readonly [decimal]: true };

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** Whether `value` is decimal text; narrows it to {@linkcode Decimal}. */
export function isDecimal(value: unknown): value is Decimal {
  return typeof value === "string" && DECIMAL.test(value);
}

/**
 * Compares two decimals by value, whatever number of digits they are written with.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareDecimals, type Decimal } from "./decimal.ts";
 *
 * assertEquals(compareDecimals("9.50" as Decimal, "10.1" as Decimal), -1);
 * assertEquals(compareDecimals("10.10" as Decimal, "10.1" as Decimal), 0);
 * ```
 *
 * @returns -1, 0 or 1 as `a` is less than, equal to or greater than `b`.
 */
export function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const negative = isNegative(a);
  if (negative !== isNegative(b)) return isZero(a) && isZero(b) ? 0 : negative ? -1 : 1;
  return negative ? compareMagnitudes(b.slice(1), a.slice(1)) : compareMagnitudes(a, b);
}

/** Whether the value is zero, as in `0.00000000`. */
export function isZero(value: Decimal): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code >= ONE && code <= NINE) return false;
  }
  return true;
}

/**
 * The exact product of two decimals, without zeros at the end of its fraction.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Decimal, multiplyDecimals } from "./decimal.ts";
 *
 * assertEquals(multiplyDecimals("7500.10" as Decimal, "0.125" as Decimal), "937.5125");
 * ```
 */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  const product = String(digits(a) * digits(b));
  const negative = product.startsWith("-");
  const scale = decimals(a) + decimals(b);
  const magnitude = product.slice(negative ? 1 : 0).padStart(scale + 1, "0");
  const whole = magnitude.slice(0, magnitude.length - scale);
  const fraction = magnitude.slice(magnitude.length - scale).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}` as Decimal;
}

function digits(value: Decimal): bigint {
  return BigInt(value.replace(".", ""));
}

function decimals(value: Decimal): number {
  const point = value.indexOf(".");
  return point < 0 ? 0 : value.length - point - 1;
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ONE = 0x31;
const NINE = 0x39;

function isNegative(value: Decimal): boolean {
  return value.charCodeAt(0) === MINUS;
}

function compareMagnitudes(a: string, b: string): -1 | 0 | 1 {
  // One length and one place of the point, as a pair's prices have: the first digit that differs decides.
  if (a.length === b.length && a.charCodeAt(b.indexOf(".")) === POINT) {
    for (let index = 0; index < a.length; index++) {
      const difference = a.charCodeAt(index) - b.charCodeAt(index);
      if (difference !== 0) return difference < 0 ? -1 : 1;
    }
    return 0;
  }
  const left = split(a);
  const right = split(b);
  if (left.whole.length !== right.whole.length) return left.whole.length < right.whole.length ? -1 : 1;
  if (left.whole !== right.whole) return left.whole < right.whole ? -1 : 1;
  if (left.fraction === right.fraction) return 0;
  return left.fraction < right.fraction ? -1 : 1;
}

/** Whole and fractional digits without the zeros that carry no value. */
function split(text: string): { readonly whole: string; readonly fraction: string } {
  const [whole = "", fraction = ""] = text.split(".");
  return { whole: whole.replace(/^0+/, ""), fraction: fraction.replace(/0+$/, "") };
}
