/**
 * What to do when the exchange does not take a request: whether to ask again, when, and how fast to go on.
 *
 * Pure. A refusal that names a passing state of the exchange (too busy, too many messages) is worth another try; one that
 * names the request itself will be repeated word for word, and is final. This is about subscriptions: an order is sent
 * once, whatever the answer.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-errors
 *
 * @module
 */

/** Refusals that may be over in a moment. */
const PASSING = /^(?:Exceeded msg rate|EService:(?:Unavailable|Busy|Throttled)|EGeneral:Internal error)/;

const TOO_FAST = /^Exceeded msg rate/;

/** The request was needless: what it asks for is there, since an earlier confirmation was lost on its way. */
const NEEDLESS = /^Already subscribed/;

/** What a refusal calls for. */
export type Remedy = "none" | "retry" | "slow_down" | "believe";

/**
 * What to do about a refusal, by its text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { remedyOf } from "./retries.ts";
 *
 * assertEquals(remedyOf("Exceeded msg rate"), "slow_down");
 * assertEquals(remedyOf("Currency pair not supported NO/SUCH"), "none");
 * ```
 */
export function remedyOf(reason: string): Remedy {
  if (TOO_FAST.test(reason)) return "slow_down";
  if (NEEDLESS.test(reason)) return "believe";
  return PASSING.test(reason) ? "retry" : "none";
}

/** How often a subscription is asked for again in a row: for about eight minutes in all. */
const MOST_TRIES = 12;

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/**
 * Milliseconds before a subscription is asked for again, or `undefined` to give it up.
 *
 * @param tries How often in a row it has been asked for again already.
 */
export function retryDelayMs(tries: number): number | undefined {
  return tries >= MOST_TRIES ? undefined : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tries);
}

// ---------------------------------------------------------------- pace

/** How fast requests may follow each other. */
export interface Pace {
  readonly spacingMs: number;
  /** When the exchange last said that this is too fast. */
  readonly refusedMs: number;
}

/** Five requests a second: the exchange names no limit, and refuses bursts. */
export const FULL_PACE: Pace = { spacingMs: 200, refusedMs: 0 };

const SLOWEST_SPACING_MS = 5_000;

/** How long the exchange must have been content before the spacing is halved again. */
const EASING_MS = 30_000;

/** Half as fast as now. */
export function slower(pace: Pace, nowMs: number): Pace {
  return { spacingMs: Math.min(SLOWEST_SPACING_MS, spacingMs(pace, nowMs) * 2), refusedMs: nowMs };
}

/** Milliseconds between two requests. */
export function spacingMs({ spacingMs, refusedMs }: Pace, nowMs: number): number {
  const easings = Math.floor(Math.max(0, nowMs - refusedMs) / EASING_MS);
  return Math.max(FULL_PACE.spacingMs, spacingMs / 2 ** easings);
}
