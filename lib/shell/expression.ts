/**
 * Reads the text of a condition into its tree. The grammar and its meaning are told in `condition.ts`.
 *
 * Pure.
 *
 * @module
 */

import { type Decimal } from "../model/decimal.ts";
import { type Path, readPath } from "./path.ts";
import { matchAt, quote, ShellSyntaxError, skipBlanks } from "./syntax.ts";
import { readVariable, type Variable } from "./variable.ts";

const OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "contains"] as const;

export type Operator = typeof OPERATORS[number];

export type ArithmeticOperator = "+" | "-" | "*";

export type Value =
  | { readonly type: "path"; readonly path: Path }
  | { readonly type: "variable"; readonly variable: Variable }
  | { readonly type: "decimal"; readonly value: Decimal }
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "constant"; readonly value: boolean | null }
  | Arithmetic;

/** Operators of one rank, to be carried out from left to right. */
export interface Arithmetic {
  readonly type: "arithmetic";
  readonly first: Value;
  readonly rest: readonly { readonly operator: ArithmeticOperator; readonly value: Value }[];
}

export type Expression =
  | { readonly type: "or" | "and"; readonly parts: readonly Expression[] }
  | { readonly type: "not"; readonly negated: Expression }
  | { readonly type: "comparison"; readonly operator: Operator; readonly left: Value; readonly right: Value }
  /** A value alone asks whether it is there. */
  | Value;

export interface ReadExpression {
  readonly expression: Expression;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset past its last character. */
  readonly past: number;
  /** Offset of what follows, spaces skipped. */
  readonly end: number;
}

/**
 * Reads the expression that starts at `at`, as far as it goes.
 *
 * @throws {ShellSyntaxError} If none starts there.
 */
export function readExpression(text: string, at: number): ReadExpression {
  const reader = new ExpressionReader(text, at);
  const start = reader.at;
  const expression = reader.readOr(0);
  return { expression, start, past: reader.past, end: reader.at };
}

/** The names of the variables in an expression. */
export function variablesIn(expression: Expression): string[] {
  switch (expression.type) {
    case "variable":
      return [expression.variable.name];
    case "or":
    case "and":
      return expression.parts.flatMap(variablesIn);
    case "not":
      return variablesIn(expression.negated);
    case "comparison":
      return [expression.left, expression.right].flatMap(variablesIn);
    case "arithmetic":
      return [expression.first, ...expression.rest.map(({ value }) => value)].flatMap(variablesIn);
    default:
      return [];
  }
}

/** Nesting costs stack when it is read and when it is run. */
const MAX_NESTING = 50;

const WORD = /[A-Za-z_]\w*/y;
const DECIMAL = /-?\d+(?:\.\d+)?/y;
const TEXT = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/y;
const OPERATOR = /==|!=|<=|>=|<(?!>)|>(?!>)|contains(?!\w)/y;
// A word that only begins with a sign, such as `--depth`, is none of ours.
const SUM = /[+-](?=[\s\\]|$)/y;
const PRODUCT = /\*(?=[\s\\]|$)/y;
const GLUED = /[+\-*](?=[.$\d(])/y;
const OPERAND_END = /[\s)=<>!&|\\]|$/y;
// A `>` may be a redirect, except before what cannot be the name of a file there.
const CHAINED = /==|!=|<|>=|contains(?!\w)|>(?=[ \t]*(?:-?\d|\.[A-Za-z_[]))/y;
const FOREIGN = /&&|\|\||<>|!(?!=)|=(?!=)/y;
const OURS: Readonly<Record<string, string>> = { "&&": "and", "||": "or", "<>": "!=", "!": "not", "=": "==" };

/** Recursive descent; `at` is always on the next thing to read, `past` behind the last thing read. */
class ExpressionReader {
  at: number;
  past: number;
  readonly #text: string;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
    this.#advance(0);
    this.past = this.at;
  }

  readOr(depth: number): Expression {
    const parts = [this.#readAnd(depth)];
    while (this.#skip("or")) parts.push(this.#readAnd(depth));
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { type: "or", parts };
  }

  #readAnd(depth: number): Expression {
    const parts = [this.#readTerm(depth)];
    while (this.#skip("and")) parts.push(this.#readTerm(depth));
    this.#refuseForeign();
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { type: "and", parts };
  }

  #readTerm(depth: number): Expression {
    if (depth > MAX_NESTING) throw new ShellSyntaxError(`more than ${MAX_NESTING} levels of nesting`, this.at);
    this.#refuseForeign();
    if (this.#skip("not")) return { type: "not", negated: this.#readTerm(depth + 1) };
    const term = this.#readComparison(depth);
    if (matchAt(CHAINED, this.#text, this.at) !== undefined) {
      throw new ShellSyntaxError('comparisons do not chain; join two of them with "and"', this.at);
    }
    return term;
  }

  #readComparison(depth: number): Expression {
    const left = this.#readSum(depth);
    this.#refuseForeign();
    const operator = isValue(left) ? matchAt(OPERATOR, this.#text, this.at) as Operator | undefined : undefined;
    if (!isValue(left) || operator === undefined) return left;
    this.#advance(operator.length);
    const start = this.at;
    const right = this.#readSum(depth, operator === ">" ? "; to redirect, put > FILE before where" : "");
    if (!isValue(right)) throw new ShellSyntaxError("expected a value to compare with, not a condition", start);
    return { type: "comparison", operator, left, right };
  }

  #readSum(depth: number, advice = ""): Expression {
    return this.#readArithmetic(SUM, () => this.#readProduct(depth, advice));
  }

  #readProduct(depth: number, advice: string): Expression {
    const readFactor = () => this.#text[this.at] === "(" ? this.#readGroup(depth) : this.#readOperand(advice);
    return this.#readArithmetic(PRODUCT, readFactor);
  }

  /** What stands between operators of one rank, or the only one, if there is no operator. */
  #readArithmetic(operators: RegExp, readNext: () => Expression): Expression {
    const start = this.at;
    const first = readNext();
    const rest: Arithmetic["rest"][number][] = [];
    for (let operator = this.#take(operators); operator !== undefined; operator = this.#take(operators)) {
      const at = this.at;
      rest.push({ operator, value: computable(readNext(), at) });
    }
    return rest.length === 0 ? first : { type: "arithmetic", first: computable(first, start), rest };
  }

  #take(operators: RegExp): ArithmeticOperator | undefined {
    const glued = matchAt(GLUED, this.#text, this.at);
    if (glued !== undefined) throw new ShellSyntaxError(`put blanks around "${glued}"`, this.at);
    if (this.#text[this.at] === "/") {
      throw new ShellSyntaxError('there is no "/": not every quotient is a decimal; multiply the other side', this.at);
    }
    const operator = matchAt(operators, this.#text, this.at) as ArithmeticOperator | undefined;
    if (operator !== undefined) this.#advance(operator.length);
    return operator;
  }

  #readGroup(depth: number): Expression {
    this.#advance(1);
    const group = this.readOr(depth + 1);
    if (this.#text[this.at] !== ")") {
      throw new ShellSyntaxError(
        `expected ")" to close "(", not ${this.#found()}`,
        this.at,
      );
    }
    this.#advance(1);
    return group;
  }

  #readOperand(advice: string): Value {
    const text = this.#text;
    switch (text[this.at]) {
      case ".": {
        const { path, end } = readPath(text, this.at);
        if (path.length === 0) {
          throw new ShellSyntaxError("expected a name after the dot, as in .data.price", this.at + 1);
        }
        return this.#operand({ type: "path", path }, end);
      }
      case "$": {
        const read = readVariable(text, this.at);
        if (read === undefined) throw new ShellSyntaxError('expected a name after "$"', this.at + 1);
        return this.#operand({ type: "variable", variable: read.variable }, read.end);
      }
      case '"':
      case "'": {
        const quoted = matchAt(TEXT, text, this.at);
        if (quoted === undefined) throw new ShellSyntaxError(`the quote ${text[this.at]} is never closed`, this.at);
        return this.#operand({ type: "text", value: unescape(quoted) }, this.at + quoted.length);
      }
    }
    const decimal = matchAt(DECIMAL, text, this.at);
    if (decimal !== undefined) {
      return this.#operand({ type: "decimal", value: decimal as Decimal }, this.at + decimal.length);
    }
    const word = matchAt(WORD, text, this.at) ?? "";
    if (CONSTANTS.has(word)) {
      return this.#operand({ type: "constant", value: CONSTANTS.get(word) ?? null }, this.at + word.length);
    }
    const hint = hintFor(word, text, this.at) + advice;
    throw new ShellSyntaxError(`expected ${OPERAND_FORMS}, not ${this.#found()}${hint}`, this.at);
  }

  #operand(operand: Value, end: number): Value {
    if (matchAt(OPERAND_END, this.#text, end) === undefined) {
      const found = this.#text.slice(end, end + 1);
      const key = operand.type === "path" ? '; a key with such a character is written ["like-this"]' : "";
      const operator = "+-*/".includes(found) ? "; an operator has blanks around it" : "";
      throw new ShellSyntaxError(`unexpected ${quote(found)} behind a value${key}${operator}`, end);
    }
    this.#advance(end - this.at);
    return operand;
  }

  /** Steps over a word, if it is the next one. */
  #skip(word: "and" | "or" | "not"): boolean {
    if (matchAt(WORD, this.#text, this.at) !== word) return false;
    this.#advance(word.length);
    return true;
  }

  #advance(length: number): void {
    this.past = this.at + length;
    this.at = skipBlanks(this.#text, this.past);
  }

  #refuseForeign(): void {
    const foreign = matchAt(FOREIGN, this.#text, this.at);
    if (foreign === undefined) return;
    throw new ShellSyntaxError(`write "${OURS[foreign]}" instead of "${foreign}"`, this.at);
  }

  #found(): string {
    const line = this.#text.slice(this.at, this.at + 60).split(/[\r\n]/)[0] ?? "";
    return line === "" ? "the end" : quote(line.split(" ")[0] ?? line);
  }
}

const CONDITIONS: ReadonlySet<string> = new Set(["or", "and", "not", "comparison"] satisfies Expression["type"][]);

function isValue(expression: Expression): expression is Value {
  return !CONDITIONS.has(expression.type);
}

/** @throws {ShellSyntaxError} If it can be seen from here that it is no decimal. */
function computable(expression: Expression, at: number): Value {
  if (isValue(expression) && expression.type !== "text" && expression.type !== "constant") return expression;
  throw new ShellSyntaxError("expected a path, a variable or a decimal to compute with", at);
}

const OPERAND_FORMS = 'a path (.data.price), a decimal, a "text", true, false or null';

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([["true", true], ["false", false], ["null", null]]);

function hintFor(word: string, text: string, at: number): string {
  if (word === "") return "";
  const isPath = [".", "["].includes(text[at + word.length] ?? "");
  return isPath ? "; a path starts with a dot" : `; a text is written in quotes: "${word}"`;
}

function unescape(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}
