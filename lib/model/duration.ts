/**
 * Durations as people type them: `500ms`, `2s`, `1.5m`, `1h`.
 *
 * A unit is always required. A bare `30` has been read as seconds by one tool
 * and as milliseconds by the next, and on a command that cancels orders that is
 * no detail.
 *
 * Pure.
 *
 * @module
 */

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * The longest duration, in milliseconds: what a JavaScript timer can hold, a little under 25 days. A longer one would
 * wrap around and fire at once.
 *
 * Source: https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers (the timeout is a signed 32-bit `long`)
 */
export const MAX_DURATION_MS = 2 ** 31 - 1;

/**
 * Reads a duration and returns milliseconds, rounded to whole ones.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDuration } from "./duration.ts";
 *
 * assertEquals(parseDuration("1.5m"), 90_000);
 * ```
 *
 * @param text A decimal number and a unit, `ms`, `s`, `m` or `h`, without a space.
 * @returns From 0 to {@linkcode MAX_DURATION_MS}.
 * @throws {SyntaxError} If `text` is no duration, and says what would be one.
 * @throws {RangeError} If it is longer than a timer can wait.
 */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  if (match === null) throw new SyntaxError(`Cannot read the duration "${excerpt(text)}": ${reason(text)}`);
  const milliseconds = Math.round(Number(match[1]) * MILLISECONDS[match[2] as keyof typeof MILLISECONDS]);
  if (milliseconds > MAX_DURATION_MS) {
    throw new RangeError(`Cannot wait for "${excerpt(text)}": the longest duration is 596h`);
  }
  return milliseconds;
}

function reason(text: string): string {
  const examples = "write a number and a unit, such as 500ms, 2s, 1.5m or 1h";
  if (text === "") return `it is empty; ${examples}`;
  if (text.startsWith("-")) return `it is negative; ${examples}`;
  if (/^\d+(?:\.\d+)?$/.test(text)) return `the unit is missing; ${examples}`;
  if (/^\d+(?:\.\d+)?\s+\S/.test(text)) return `there is a space in it; ${examples}`;
  const unit = /^\d+(?:\.\d+)?([a-zA-Zµ]+)$/.exec(text)?.[1];
  if (unit !== undefined) return `the unit "${excerpt(unit)}" is not one of ms, s, m, h; ${examples}`;
  return examples;
}

function excerpt(text: string): string {
  return text.length <= 24 ? text : `${text.slice(0, 23)}…`;
}
