/**
 * Steps through the tokens of a line, for parsers that take them one by one.
 *
 * @module
 */

import { parseDuration } from "../model/duration.ts";
import { suggest } from "../model/suggest.ts";
import type { Condition } from "./condition.ts";
import { quote, ShellSyntaxError } from "./syntax.ts";
import { keywordOf, literalOf, type Word } from "./word.ts";
import type { Token } from "./words.ts";

/** A name for `let`, `mark` and `since`. */
const NAME = /^[A-Za-z_]\w*$/;

export class TokenReader {
  readonly #tokens: readonly Token[];
  /** Offset that an error about something missing points to. */
  readonly #end: number;
  #index = 0;

  constructor(tokens: readonly Token[], start = 0) {
    this.#tokens = tokens;
    this.#end = tokens.at(-1)?.end ?? start;
  }

  /** Offset of the next token, or of the end. */
  get at(): number {
    return this.peek()?.start ?? this.#end;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#index];
  }

  take(): Token | undefined {
    return this.#tokens[this.#index++];
  }

  /** The next token if it is an unquoted word without variables, without taking it. */
  peekKeyword(): string | undefined {
    const token = this.peek();
    return token?.type === "word" ? keywordOf(token.word) : undefined;
  }

  /** Takes the next token if it is this keyword. */
  skip(keyword: string): boolean {
    if (this.peekKeyword() !== keyword) return false;
    this.#index++;
    return true;
  }

  takeWord(expected: string): Word {
    const token = this.peek();
    if (token?.type !== "word") throw this.wrong(`expected ${expected}`);
    this.#index++;
    return token.word;
  }

  /** A word whose text is known when it is read. */
  takeLiteral(expected: string): string {
    const at = this.at;
    const literal = literalOf(this.takeWord(expected));
    if (literal === undefined) {
      throw new ShellSyntaxError(`expected ${expected}, written out: no variable can stand here`, at);
    }
    return literal;
  }

  takeName(expected: string): string {
    const at = this.at;
    const word = this.takeWord(expected);
    const variable = word.parts[0];
    if (variable?.type === "variable") {
      throw new ShellSyntaxError(`write the name without a dollar: ${variable.variable.name}`, at);
    }
    const name = literalOf(word) ?? "";
    if (!NAME.test(name)) {
      throw new ShellSyntaxError(`expected ${expected} of letters, digits and _, not ${quote(name)}`, at);
    }
    return name;
  }

  /** A duration, in milliseconds. */
  takeDuration(expected: string): number {
    const at = this.at;
    const text = this.takeLiteral(expected);
    try {
      return parseDuration(text);
    } catch (error) {
      throw error instanceof Error ? new ShellSyntaxError(error.message, at) : error;
    }
  }

  /** A whole number from `least` to `most`. */
  takeInteger(expected: string, { least, most }: { readonly least: number; readonly most: number }): number {
    const at = this.at;
    const text = this.takeLiteral(expected);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new ShellSyntaxError(`expected ${expected} from ${least} to ${most}, not ${quote(text)}`, at);
  }

  takeCondition(): Condition {
    const token = this.peek();
    if (token?.type !== "condition") throw this.wrong("expected a condition");
    this.#index++;
    return token.condition;
  }

  /** Every token up to the end. */
  takeRest(): readonly Token[] {
    const rest = this.#tokens.slice(this.#index);
    this.#index = this.#tokens.length;
    return rest;
  }

  /** @throws {ShellSyntaxError} If there is anything left. */
  expectEnd(): void {
    if (this.peek() !== undefined) throw this.wrong("expected the end of the line");
  }

  /** An error about the next token; `candidates` are what a typist may have meant by it. */
  wrong(expectation: string, candidates: readonly string[] = []): ShellSyntaxError {
    const token = this.peek();
    if (token === undefined) return new ShellSyntaxError(expectation, this.#end);
    const found = describe(token);
    const near = suggest(this.peekKeyword() ?? "", candidates);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return new ShellSyntaxError(`${expectation}, not ${found}${hint}`, token.start);
  }
}

function describe(token: Token): string {
  switch (token.type) {
    case "word":
      return quote(literalOf(token.word) ?? "$…");
    case "redirect":
      return "a redirect";
    case "condition":
      return "a condition";
    default:
      return token satisfies never;
  }
}
