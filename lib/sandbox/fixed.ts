/**
 * Money as whole numbers: decimal text on the wire, `bigint` inside, nothing lost between.
 *
 * An amount is counted in units of `10^-decimals`; who holds it knows how many decimals it has.
 *
 * Pure.
 *
 * @module
 */

/** Decimals of every volume on the wire, and of every base amount. */
export const VOLUME_DECIMALS = 8;

/** One whole coin, in units of a volume. */
export const ONE_VOLUME = 10n ** 8n;

const DECIMAL = /^(\d{1,30})(?:\.(\d{1,30}))?$/;

/**
 * Reads decimal text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseFixed } from "./fixed.ts";
 *
 * assertEquals(parseFixed("37080.1", 5), 3_708_010_000n);
 * assertEquals(parseFixed("0.000001", 5), undefined);
 * ```
 *
 * @returns Units of `10^-decimals`, or `undefined` if `text` is no such number or holds finer digits than that.
 */
export function parseFixed(text: string, decimals: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  const digits = fraction.replace(/0+$/, "");
  return digits.length > decimals ? undefined : BigInt(whole + digits.padEnd(decimals, "0"));
}

/**
 * Writes an amount with exactly `decimals` digits behind the point.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatFixed } from "./fixed.ts";
 *
 * assertEquals(formatFixed(3_708_010_000n, 5), "37080.10000");
 * assertEquals(formatFixed(-5n, 2), "-0.05");
 * ```
 */
export function formatFixed(amount: bigint, decimals: number): string {
  if (amount < 0n) return `-${formatFixed(-amount, decimals)}`;
  const digits = amount.toString().padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Divides and rounds halves up; both operands must not be negative. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/**
 * What `volume` costs at `price`, in units of the price, rounded down.
 *
 * Rounding down keeps a sum of parts at most what the whole would cost, so that what was set aside for an order is
 * always enough for its fills.
 */
export function costOf(price: bigint, volume: bigint): bigint {
  return price * volume / ONE_VOLUME;
}

/** Microseconds since the epoch as the wire writes them: seconds with six decimals. */
export function formatMicros(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  return `${seconds}.${String(micros - seconds * 1e6).padStart(6, "0")}`;
}
