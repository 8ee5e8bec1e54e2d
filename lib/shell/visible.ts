/**
 * Text that can be shown on a terminal, whoever wrote it.
 *
 * What the exchange sends may hold anything, and a terminal obeys: an escape
 * sequence can recolour, retitle, move the cursor over an earlier line, or
 * answer as if typed. On a terminal, such characters are therefore shown as
 * `\u001b`, which inside of JSON even means the same.
 *
 * Pure.
 *
 * Source: https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing for the marks that turn text around.
 *
 * @module
 */

// C0 but for tab and line end, DEL, C1, and what changes the direction of text.
// deno-lint-ignore no-control-regex
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text with each unsafe character replaced by its escape. Line ends and tabs stay.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { visible } from "./visible.ts";
 *
 * assertEquals(visible('{"text":"\x1b[2J"}\n'), '{"text":"\\u001b[2J"}\n');
 * ```
 */
export function visible(text: string): string {
  return text.replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
