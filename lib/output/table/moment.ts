/**
 * Times for eyes: of the day, UTC.
 *
 * Pure.
 *
 * @module
 */

import { isoMicros } from "../../model/time.ts";

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
 * import { secondsOfDay } from "./moment.ts";
 *
 * assertEquals(secondsOfDay("1582905486.493008"), "15:58:06");
 * assertEquals(secondsOfDay("soon"), "soon");
 * ```
 */
export function secondsOfDay(text: string): string {
  const seconds = +(/^\d{1,10}(?=\.|$)/.exec(text)?.[0] ?? NaN);
  return seconds >= 0 ? isoMicros(seconds * 1_000_000).slice(11, 19) : text;
}

/** How long ago something was: `0.3 s`, `42 s`, `3 min`. */
export function age(ms: number): string {
  if (ms < 10_000) return `${(Math.max(ms, 0) / 1000).toFixed(1)} s`;
  return ms < 120_000 ? `${Math.floor(ms / 1000)} s` : `${Math.floor(ms / 60_000)} min`;
}
