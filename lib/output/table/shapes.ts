/**
 * Values as shapes: a line of small bars, and one long bar.
 *
 * Pure.
 *
 * @module
 */

import { compareDecimals, type Decimal } from "../../model/decimal.ts";
import { stepOn } from "../../model/scale.ts";

const RISING = "▁▂▃▄▅▆▇█";
const GROWING = " ▏▎▍▌▋▊▉";

/**
 * The last of these values, one a column, each as high as it stands between the least and the greatest shown.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Decimal } from "../../model/decimal.ts";
 * import { sparkline } from "./shapes.ts";
 *
 * assertEquals(sparkline(["3", "1", "2.5", "8"] as Decimal[], 3), "▁▃█");
 * ```
 */
export function sparkline(values: readonly Decimal[], columns: number): string {
  const shown = values.slice(-columns);
  const range = { ...extent(shown), steps: RISING.length - 1 };
  return shown.map((value) => RISING[stepOn(range, value)]).join("");
}

/**
 * A bar from the left that fills all columns at `most`, exact to an eighth of a column.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Decimal } from "../../model/decimal.ts";
 * import { bar } from "./shapes.ts";
 *
 * assertEquals(bar("2.5" as Decimal, { most: "4" as Decimal, columns: 4 }), "██▌");
 * ```
 */
export function bar(value: Decimal, { most, columns }: { readonly most: Decimal; readonly columns: number }): string {
  const eighths = stepOn({ low: ZERO, high: most, steps: columns * GROWING.length }, value);
  const part = GROWING[eighths % GROWING.length]!.trim();
  return "█".repeat(Math.floor(eighths / GROWING.length)) + part;
}

/** The least and the greatest of the values; zero for none. */
export function extent(values: readonly Decimal[]): { readonly low: Decimal; readonly high: Decimal } {
  return {
    low: values.reduce((low, value) => compareDecimals(value, low) < 0 ? value : low, values[0] ?? ZERO),
    high: values.reduce((high, value) => compareDecimals(value, high) > 0 ? value : high, values[0] ?? ZERO),
  };
}

export const ZERO = "0" as Decimal;
