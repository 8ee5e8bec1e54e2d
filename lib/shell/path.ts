/**
 * Paths into a record: `.data.ask.price`, `.data.asks[0].volume`, `.data["O5A-…"].status`, `.data[-1]`, `.data.length`.
 *
 * A path only ever meets own properties, so that no text can reach what
 * JavaScript objects inherit. An array's `length` is one of them.
 *
 * Pure.
 *
 * @module
 */

import { matchAt, quote, ShellSyntaxError } from "./syntax.ts";

/** Keys are strings; places in an array are numbers, from its end when negative. */
export type Path = readonly (string | number)[];

const FIELD = /\.[A-Za-z_]\w*/y;
const INDEX = /\[-?\d{1,9}\]/y;
const KEY = /\.?\[(?:"(?:[^"\\\n]|\\["\\])*"|'(?:[^'\\\n]|\\['\\])*')\]/y;

/**
 * Reads as many steps as follow at `at`; none is an empty path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readPath } from "./path.ts";
 *
 * assertEquals(readPath(".data.asks[0].price > 5", 0), { path: ["data", "asks", 0, "price"], end: 19 });
 * ```
 *
 * @returns The path, and the offset behind it.
 * @throws {ShellSyntaxError} If a bracket opens something that is neither a place nor a quoted key.
 */
export function readPath(text: string, at: number): { readonly path: Path; readonly end: number } {
  const path: (string | number)[] = [];
  let end = at;
  for (;;) {
    const field = matchAt(FIELD, text, end);
    const index = field ?? matchAt(INDEX, text, end);
    const step = index ?? matchAt(KEY, text, end);
    if (step === undefined) break;
    path.push(field !== undefined ? step.slice(1) : index !== undefined ? Number(step.slice(1, -1)) : keyIn(step));
    end += step.length;
  }
  if (text[end] === "[") {
    const found = quote(text.slice(end, end + 12));
    throw new ShellSyntaxError(`expected [0] or ["key"] in a path, not ${found}`, end);
  }
  return { path, end };
}

function keyIn(step: string): string {
  return step.slice(step.indexOf("[") + 2, -2).replaceAll(/\\(.)/g, "$1");
}

/**
 * What a path leads to; `undefined` when there is no such thing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { follow } from "./path.ts";
 *
 * const record = { data: [{ price: "1.5" }, { price: "2.5" }] };
 * assertEquals(follow(record, ["data", -1, "price"]), "2.5");
 * assertEquals(follow(record, ["data", "length"]), 2);
 * assertEquals(follow(record, ["data", "constructor"]), undefined);
 * ```
 */
export function follow(record: unknown, path: Path): unknown {
  let value = record;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    if (typeof step === "number") {
      value = Array.isArray(value) ? value.at(step) : undefined;
    } else {
      value = Object.hasOwn(value, step) ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
    }
  }
  return value;
}
