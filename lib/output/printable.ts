/**
 * Text that can be shown on a terminal, whoever wrote it.
 *
 * What the exchange sends may hold anything, and a terminal obeys: an escape sequence can recolour, retitle, move the
 * cursor over an earlier line, or answer as if typed; a line end can feign a record; a mark can turn the direction of what
 * follows. Such characters are shown as `\u001b`, which inside of JSON even means the same.
 *
 * Pure.
 *
 * Source: https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing for the marks that turn text around.
 *
 * @module
 */

// C0, DEL, C1, what changes the direction of text, and line and paragraph separator, which end lines for some readers.
// deno-lint-ignore no-control-regex
const UNSAFE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text on one line, with each unsafe character replaced by its escape, line ends and tabs among them.
 *
 * JSON text means the same afterwards: outside of its strings it has none of these, unless it is laid out in lines.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { printable } from "./printable.ts";
 *
 * assertEquals(printable('{"text":"\x1b[2J"}\n'), '{"text":"\\u001b[2J"}\\u000a');
 * ```
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** Whether {@linkcode printable} has nothing to replace in a text. */
export function isPrintable(text: string): boolean {
  return text.search(UNSAFE) < 0;
}

/** As {@linkcode printable}, but line ends and tabs stay: for a text of several lines. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => character === "\n" || character === "\t" ? character : escaped(character));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
