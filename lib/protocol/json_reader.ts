/**
 * JSON text, read from its beginning to its end by somebody who knows what to expect.
 *
 * Market data come by the hundred thousand a second and in few shapes. Reading them in place takes a third of the time
 * that `JSON.parse` and the checks behind it take, since every value is looked at once, and nothing is made that is not
 * kept (see `bench/`).
 *
 * What stands in the text is what `JSON.parse` would find, or reading it throws. It refuses more: white space between
 * values and escapes in texts, which machines rarely write, so that whoever calls it needs a slower way for those.
 *
 * Pure.
 *
 * @module
 */

import type { Decimal } from "../model/decimal.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** More digits than this may not be a safe integer. */
const SAFE_DIGITS = 15;

const LITERAL = /[^,[\]{}:"\s]+/y;

/**
 * Each method reads one thing and stands behind it afterwards; the comma before a value is part of it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { JsonReader } from "./json_reader.ts";
 *
 * const reader = new JsonReader('[7,["1.50","2"],"trade"]');
 * reader.openList();
 * assertEquals(reader.number(), 7);
 * reader.openList();
 * const decimals = [];
 * while (reader.hasEntry()) decimals.push(reader.decimal());
 * assertEquals([...decimals, reader.word()], ["1.50", "2", "trade"]);
 * ```
 *
 * @throws {SyntaxError} From every method that finds something else than it is to read.
 */
export class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** How many characters have been read. */
  get position(): number {
    return this.#at;
  }

  openList(): void {
    this.#open(OPEN_LIST);
  }

  /** Whether the list has another entry; if not, it has been read to its end. */
  hasEntry(): boolean {
    return !this.#ends(CLOSE_LIST);
  }

  /** Reads the rest of the list, whatever is in it. */
  closeList(): void {
    while (this.hasEntry()) this.skip();
  }

  openObject(): void {
    this.#open(OPEN_OBJECT);
  }

  /** The key of the object's next member, whose value is to be read then; `undefined` at the object's end. */
  key(): string | undefined {
    if (this.#ends(CLOSE_OBJECT)) return undefined;
    const key = this.word();
    this.#open(COLON);
    return key;
  }

  /** A text that is a decimal. */
  decimal(): Decimal {
    const text = this.#text;
    const start = this.#valueStart() + 1;
    if (text.charCodeAt(start - 1) !== QUOTE) throw unexpected(start - 1);
    let index = text.charCodeAt(start) === MINUS ? start + 1 : start;
    index = endOfDigits(text, index);
    if (text.charCodeAt(index) === POINT) index = endOfDigits(text, index + 1);
    if (text.charCodeAt(index) !== QUOTE) throw unexpected(index);
    this.#at = index + 1;
    return text.slice(start, index) as Decimal;
  }

  /** A text of printable ASCII in which JSON has nothing to escape: what the exchange's own words are made of. */
  word(): string {
    const text = this.#text;
    const start = this.#valueStart() + 1;
    if (text.charCodeAt(start - 1) !== QUOTE) throw unexpected(start - 1);
    let index = start;
    let code = text.charCodeAt(index);
    while (code >= 0x20 && code < 0x7f && code !== QUOTE && code !== BACKSLASH) code = text.charCodeAt(++index);
    if (code !== QUOTE) throw unexpected(index);
    this.#at = index + 1;
    return text.slice(start, index);
  }

  /** A number that can be written again. */
  number(): number {
    const start = this.#valueStart();
    const value = this.#wholeNumber(start) ?? this.#literal(start);
    if (Number.isFinite(value)) return value as number;
    throw unexpected(start);
  }

  /** Reads a value of any kind, and forgets it. */
  skip(): void {
    const start = this.#valueStart();
    switch (this.#text.charCodeAt(start)) {
      case QUOTE:
        return this.#skipText(start);
      case OPEN_LIST:
        this.openList();
        return this.closeList();
      case OPEN_OBJECT:
        this.openObject();
        while (this.key() !== undefined) this.skip();
        return;
      default:
        this.#wholeNumber(start) ?? this.#literal(start);
    }
  }

  /** Where the next value begins: behind a comma, unless it is the first. */
  #valueStart(): number {
    const at = this.#at;
    if (at === 0) return 0;
    if (this.#text.charCodeAt(at) === COMMA) return at + 1;
    if (!isOpening(this.#text.charCodeAt(at - 1))) throw unexpected(at);
    return at;
  }

  #open(code: number): void {
    const start = code === COLON ? this.#at : this.#valueStart();
    if (this.#text.charCodeAt(start) !== code || this.#text.charCodeAt(start + 1) === COMMA) throw unexpected(start);
    this.#at = start + 1;
  }

  #ends(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  /** The number that begins at `start`, if it is one of few digits; then it is read. */
  #wholeNumber(start: number): number | undefined {
    const text = this.#text;
    let index = start;
    let value = 0;
    let code = text.charCodeAt(index);
    while (code >= ZERO && code <= NINE) {
      value = value * 10 + code - ZERO;
      code = text.charCodeAt(++index);
    }
    const length = index - start;
    const isWhole = length === 1 || (length > 1 && length <= SAFE_DIGITS && text.charCodeAt(start) !== ZERO);
    if (!isWhole || (code !== COMMA && code !== CLOSE_LIST && code !== CLOSE_OBJECT)) return undefined;
    this.#at = index;
    return value;
  }

  /** Anything that is no text, list or object. */
  #literal(start: number): unknown {
    LITERAL.lastIndex = start;
    const literal = LITERAL.exec(this.#text)?.[0] ?? "";
    this.#at = start + literal.length;
    return JSON.parse(literal);
  }

  #skipText(start: number): void {
    const text = this.#text;
    let index = start + 1;
    for (let code = text.charCodeAt(index); code !== QUOTE; code = text.charCodeAt(++index)) {
      if (index >= text.length) throw unexpected(index);
      if (code === BACKSLASH) index++;
    }
    this.#at = index + 1;
    JSON.parse(text.slice(start, this.#at));
  }
}

/** Behind which the first value may stand. */
function isOpening(code: number): boolean {
  return code === OPEN_LIST || code === OPEN_OBJECT || code === COLON;
}

/** Where the digits end that begin at `start`: there is at least one. */
function endOfDigits(text: string, start: number): number {
  let index = start;
  let code = text.charCodeAt(index);
  while (code >= ZERO && code <= NINE) code = text.charCodeAt(++index);
  if (index === start) throw unexpected(index);
  return index;
}

function unexpected(position: number): SyntaxError {
  return new SyntaxError(`Unexpected text at ${position}`);
}
