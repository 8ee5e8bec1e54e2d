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
  const micros = String(atMicros % 1_000_000).padStart(6, "0");
  return `${isoSecond(Math.floor(atMicros / 1_000_000))}.${micros}Z`;
}

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
  return seconds === undefined ? text : isoSecond(Number(seconds)).slice(11);
}

// Many records share a second, and writing a date is the dear part.
let lastSecond = -1;
let lastText = "";

function isoSecond(second: number): string {
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toISOString().slice(0, 19);
  }
  return lastText;
}
