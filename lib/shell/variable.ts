/**
 * Variables: `$price`, `$o.txid`, `${pair}`, `${o.data[0].txid}`.
 *
 * A name is bound by `let` to a reply or to a text. A path behind the name leads
 * into the reply. What a variable stands for is a value, used as it is: it is
 * never split into words and never read as syntax.
 *
 * Pure.
 *
 * @module
 */

import { suggest } from "../model/suggest.ts";
import { follow, type Path, readPath } from "./path.ts";
import { matchAt, quote, ShellSyntaxError } from "./syntax.ts";

/** A variable where it is used. */
export interface Variable {
  readonly name: string;
  /** Empty for the bound value itself. */
  readonly path: Path;
  /** As typed, for messages. */
  readonly text: string;
  /** Offset of the `$`. */
  readonly start: number;
}

/** What `let` has bound so far. */
export type Variables = ReadonlyMap<string, unknown>;

/** What a variable may stand for in a word or a condition. */
export type Scalar = string | number | boolean | null;

const NAME = /[A-Za-z_]\w*/y;

/**
 * Reads the variable whose `$` is at `at`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readVariable } from "./variable.ts";
 *
 * assertEquals(readVariable("txid=$o.txid", 5), {
 *   variable: { name: "o", path: ["txid"], text: "$o.txid", start: 5 },
 *   end: 12,
 * });
 * ```
 *
 * @returns The variable and the offset behind it; `undefined` when the `$` is only a dollar, as in `5$`.
 * @throws {ShellSyntaxError} If braces open and hold no variable.
 */
export function readVariable(
  text: string,
  at: number,
): { readonly variable: Variable; readonly end: number } | undefined {
  const braced = text[at + 1] === "{";
  const nameStart = at + (braced ? 2 : 1);
  const name = matchAt(NAME, text, nameStart);
  if (name === undefined) {
    if (!braced) return undefined;
    throw new ShellSyntaxError('expected a name after "${", as in ${pair}', nameStart);
  }
  const { path, end } = readPath(text, nameStart + name.length);
  if (braced && text[end] !== "}") throw new ShellSyntaxError('expected "}" to close "${"', end);
  const past = braced ? end + 1 : end;
  return { variable: { name, path, text: text.slice(at, past), start: at }, end: past };
}

/**
 * What a variable stands for now.
 *
 * @throws {ShellSyntaxError} If nothing is bound to the name, the path leads nowhere, or what is there is a whole record.
 */
export function valueOf(variable: Variable, variables: Variables): Scalar {
  const { name, path, text, start } = variable;
  if (!variables.has(name)) {
    const near = suggest(name, variables.keys());
    const hint = near === undefined ? `bind it first: let ${name} = …` : `did you mean $${near}?`;
    throw new ShellSyntaxError(`$${name} is not defined; ${hint}`, start);
  }
  const value = follow(variables.get(name), path);
  if (value === undefined) {
    throw new ShellSyntaxError(`${text} is not there; ${missingStep(variable, variables)}`, start);
  }
  if (typeof value === "object" && value !== null) {
    throw new ShellSyntaxError(`${text} is a whole record; name one of its fields: ${fieldsOf(value)}`, start);
  }
  return value as Scalar;
}

/** Says where on the way the path broke off, and what was there instead. */
function missingStep({ name, path }: Variable, variables: Variables): string {
  let value = variables.get(name);
  for (const step of path) {
    const next = follow(value, [step]);
    if (next === undefined) {
      if (typeof value !== "object" || value === null) {
        return `what is before ${quote(String(step))} has no fields (write \${${name}} where a dot follows the name)`;
      }
      const near = suggest(String(step), Object.keys(value));
      return near === undefined ? `there are: ${fieldsOf(value)}` : `did you mean ${quote(near)}?`;
    }
    value = next;
  }
  return "it has no value";
}

function fieldsOf(value: object): string {
  const names = Object.keys(value);
  return names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "") || "it has none";
}
