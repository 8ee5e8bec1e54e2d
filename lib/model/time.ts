/**
 * Moments, as records show them.
 *
 * Pure: it is told the time and does not ask for it.
 *
 * @module
 */

/**
 * A moment in ISO 8601, UTC, with microseconds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isoMicros } from "./time.ts";
 *
 * assertEquals(isoMicros(1_582_905_486_493_008), "2020-02-28T15:58:06.493008Z");
 * ```
 *
 * @param atMicros Microseconds since the Unix epoch.
 */
export function isoMicros(atMicros: number): string {
  const milli = Math.floor(atMicros / 1000);
  const micros = atMicros - milli * 1000;
  return isoMilli(milli) + (MICROS[micros] ??= `${String(micros).padStart(3, "0")}Z`);
}

/** What stands behind the milliseconds, by the microseconds in it; filled as needed. */
const MICROS: string[] = [];

/** `09:30:00.123`, from microseconds since the epoch. */
export function timeOfDay(atMicros: number): string {
  return isoMicros(atMicros).slice(11, 23);
}

/**
 * `09:30:00`, from seconds since the epoch as the exchange writes them; any other text stays as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { secondsOfDay } from "./time.ts";
 *
 * assertEquals(secondsOfDay("1582905486.493008"), "15:58:06");
 * assertEquals(secondsOfDay("soon"), "soon");
 * ```
 */
export function secondsOfDay(text: string): string {
  const seconds = /^(\d{1,10})(?:\.\d*)?$/.exec(text)?.[1];
  return seconds === undefined ? text : isoMilli(Number(seconds) * 1000).slice(11, 19);
}

// In a busy market many records share a millisecond, and writing a date is the dear part.
let lastMilli = -1;
let lastText = "";

/** A moment up to its milliseconds, from milliseconds since the epoch. */
function isoMilli(milli: number): string {
  if (milli !== lastMilli) {
    lastMilli = milli;
    lastText = new Date(milli).toISOString().slice(0, -1);
  }
  return lastText;
}
