/**
 * The language of `where`: which records count.
 *
 * ```text
 * condition  = and-chain { "or" and-chain }
 * and-chain  = term { "and" term }
 * term       = "not" term | sum [ operator sum ]
 * operator   = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains"
 * sum        = product { ( "+" | "-" ) product }
 * product    = factor { "*" factor }
 * factor     = "(" condition ")" | operand
 * operand    = .path | $name[.path] | decimal | "text" | 'text' | true | false | null
 * ```
 *
 * What is in parentheses is a value if it compares nothing: `(.a + .b) * 2 > 5`. `+`, `-` and `*` have blanks around them,
 * since `-5` is a decimal, and `["like-this"]` a key. There is no division: not every quotient is a decimal, and
 * `.a > 2 * .b` asks the same as `.a / .b > 2`.
 *
 * A condition ends where the next word cannot continue it, so that other words
 * may follow: `where .data.ask.price > 60000 count 3`.
 *
 * What a comparison means, in this order:
 * 1. Nothing found at a path: false, and true for `!=`. So `.x != 1` holds where there is no `x`.
 * 2. Decimals on both sides, be they JSON text, JSON numbers or bare literals: by value and exactly, `5.10` equals `5.1`.
 * 3. A quoted literal on a side, or text that is no decimal on both: as text, in the order of its code units, which is
 *    the right order for the times of records.
 * 4. `true`, `false` and `null` equal themselves.
 * 5. Anything else is unequal, and neither more nor less.
 *
 * Sums, differences and products are exact, of decimals in any of these forms. Where one of them is missing or is no
 * decimal, there is no result, as at a path where nothing is; a variable that is no decimal is an error.
 *
 * A value alone holds when it is there and neither `false` nor `null`.
 *
 * Pure. No `eval`, no patterns of the user's: a condition takes time in proportion to its length.
 *
 * @module
 */

import { compareDecimals, type Decimal, isDecimal, multiplyDecimals } from "../model/decimal.ts";
import { difference, sum } from "../model/scale.ts";
import { type Arithmetic, type Expression, type Operator, readExpression, type Value } from "./expression.ts";
import { follow } from "./path.ts";
import { quote, ShellSyntaxError } from "./syntax.ts";
import { valueOf, type Variables } from "./variable.ts";

/** A condition that was read, with the variables in it still open. */
export interface Condition {
  /** As it was typed. */
  readonly text: string;
  readonly expression: Expression;
}

/** Whether a record counts. */
export type Predicate = (record: unknown) => boolean;

/**
 * Reads a whole text as a condition.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compile, parseCondition } from "./condition.ts";
 *
 * const holds = compile(parseCondition('.pair == "XBT/USD" and .data.ask.price > 60000'));
 * assertEquals(holds({ pair: "XBT/USD", data: { ask: { price: "60000.10000" } } }), true);
 * assertEquals(holds({ pair: "XBT/USD", data: { ask: { price: "9999.90000" } } }), false);
 * ```
 *
 * @throws {ShellSyntaxError} If it is none; the error tells the column and what was expected there.
 */
export function parseCondition(text: string): Condition {
  const { condition, end } = readCondition(text, 0);
  if (end < text.length) {
    const rest = quote(text.slice(end, end + 20));
    throw new ShellSyntaxError(`expected "and", "or" or the end of the condition, not ${rest}`, end);
  }
  return condition;
}

/**
 * Reads the condition that starts at `at` and returns it with the offset of what follows it, spaces skipped.
 *
 * @throws {ShellSyntaxError} If none starts there.
 */
export function readCondition(text: string, at: number): { readonly condition: Condition; readonly end: number } {
  const { expression, start, past, end } = readExpression(text, at);
  return { condition: { text: text.slice(start, past), expression }, end };
}

/**
 * Turns a condition into a predicate, with the variables as they are now.
 *
 * @throws {ShellSyntaxError} If a variable in it is not defined.
 */
export function compile(condition: Condition, variables: Variables = new Map()): Predicate {
  return predicateOf(condition.expression, variables);
}

function predicateOf(expression: Expression, variables: Variables): Predicate {
  switch (expression.type) {
    case "or": {
      const parts = expression.parts.map((part) => predicateOf(part, variables));
      return (record) => parts.some((holds) => holds(record));
    }
    case "and": {
      const parts = expression.parts.map((part) => predicateOf(part, variables));
      return (record) => parts.every((holds) => holds(record));
    }
    case "not": {
      const holds = predicateOf(expression.negated, variables);
      return (record) => !holds(record);
    }
    case "comparison": {
      const left = getterOf(expression.left, variables);
      const right = getterOf(expression.right, variables);
      const asText = expression.left.type === "text" || expression.right.type === "text";
      const { operator } = expression;
      return (record) => test(operator, left(record), right(record), { asText });
    }
    default: {
      const value = getterOf(expression, variables);
      return (record) => {
        const found = value(record);
        return found !== undefined && found !== null && found !== false;
      };
    }
  }
}

function getterOf(value: Value, variables: Variables): (record: unknown) => unknown {
  switch (value.type) {
    case "path":
      return (record) => follow(record, value.path);
    case "arithmetic":
      return resultOf(value, variables);
    case "variable": {
      const bound = valueOf(value.variable, variables);
      return () => bound;
    }
    case "decimal":
    case "text":
    case "constant":
      return () => value.value;
    default:
      return value satisfies never;
  }
}

const COMPUTE = { "+": sum, "-": difference, "*": multiplyDecimals } as const;

function resultOf({ first, rest }: Arithmetic, variables: Variables): (record: unknown) => Decimal | undefined {
  const start = decimalGetterOf(first, variables);
  const steps = rest.map(({ operator, value }) => ({
    compute: COMPUTE[operator],
    operand: decimalGetterOf(value, variables),
  }));
  return (record) => {
    let result = start(record);
    for (const { compute, operand } of steps) {
      const other = operand(record);
      if (result === undefined || other === undefined) return undefined;
      result = compute(result, other);
    }
    return result;
  };
}

/** @throws {ShellSyntaxError} If it is a variable that no record could make a decimal. */
function decimalGetterOf(value: Value, variables: Variables): (record: unknown) => Decimal | undefined {
  const get = getterOf(value, variables);
  if (value.type === "variable" && decimalOf(get(undefined)) === undefined) {
    const { text, start } = value.variable;
    throw new ShellSyntaxError(
      `${text} is ${quote(String(get(undefined)))}, and only decimals can be computed with`,
      start,
    );
  }
  return (record) => decimalOf(get(record));
}

function test(operator: Operator, left: unknown, right: unknown, { asText }: { readonly asText: boolean }): boolean {
  if (left === undefined || right === undefined) return operator === "!=";
  if (operator === "contains") return typeof left === "string" && typeof right === "string" && left.includes(right);
  const order = compare(left, right, { asText });
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order === -1;
    case "<=":
      return order === -1 || order === 0;
    case ">":
      return order === 1;
    case ">=":
      return order === 1 || order === 0;
    default:
      return operator satisfies never;
  }
}

/** `undefined` when the two are of kinds that cannot be compared, or are unequal and have no order. */
function compare(left: unknown, right: unknown, { asText }: { readonly asText: boolean }): -1 | 0 | 1 | undefined {
  const leftDecimal = asText ? undefined : decimalOf(left);
  const rightDecimal = asText ? undefined : decimalOf(right);
  if (leftDecimal !== undefined && rightDecimal !== undefined) return compareDecimals(leftDecimal, rightDecimal);
  if (leftDecimal !== undefined || rightDecimal !== undefined) return undefined;
  const leftText = textOf(left);
  const rightText = textOf(right);
  if (leftText !== undefined && rightText !== undefined) {
    return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
  }
  const isConstant = left === null || typeof left === "boolean";
  return isConstant && left === right ? 0 : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

function decimalOf(value: unknown): Decimal | undefined {
  if (isDecimal(value)) return value;
  if (typeof value !== "number") return undefined;
  const text = /e/.test(String(value)) ? withoutExponent(value) : String(value);
  return isDecimal(text) ? text : undefined;
}

/** JavaScript writes `1e+21` and `1e-7`; the value is the same with all its digits. */
function withoutExponent(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [mantissa = "", exponent = ""] = Math.abs(value).toString().split("e-");
  return `${value < 0 ? "-" : ""}0.${"0".repeat(Number(exponent) - 1)}${mantissa.replace(".", "")}`;
}
