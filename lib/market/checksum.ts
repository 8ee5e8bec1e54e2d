/**
 * The order-book checksum, as the exchange defines it.
 *
 * Every book update carries a CRC-32 over the ten best levels of each side.
 * Computing it again after the update is how a missed or misapplied one is
 * noticed. The digits are hashed as they were sent, so this module works on
 * {@linkcode Decimal} text and never on a `number`.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-book-v1
 *
 * @module
 */

import type { Decimal } from "../model/decimal.ts";

/** How many levels a side the checksum covers, whatever the depth of the subscription. */
export const CHECKSUM_LEVELS = 10;

/** What a level adds to the hashed text: price, then volume, each without its point and without leading zeros. */
export function checksumDigits(price: Decimal, volume: Decimal): string {
  return significantDigits(price) + significantDigits(volume);
}

function significantDigits(value: Decimal): string {
  const point = value.indexOf(".");
  const digits = point < 0 ? value : value.slice(0, point) + value.slice(point + 1);
  let start = 0;
  while (digits.charCodeAt(start) === 0x30) start++;
  return digits.slice(start);
}

/**
 * What a level adds to the checksum.
 *
 * A level is hashed once, when it comes. CRC-32 is linear: what a text adds to a checksum is its own remainder, and what
 * was there before moves on by the text's length. So the checksum of a book is put together from its levels, and the
 * hundreds of digits that have not changed are not read again with each update.
 */
export interface LevelChecksum {
  readonly remainder: number;
  readonly length: number;
}

export function levelChecksum(price: Decimal, volume: Decimal): LevelChecksum {
  const digits = checksumDigits(price, volume);
  return { remainder: remainderOf(digits, 0), length: digits.length };
}

/** The value to begin a checksum with. */
export const CHECKSUM_START = -1;

/** The checksum so far with one more level behind it. */
export function addLevel(checksum: number, { remainder, length }: LevelChecksum): number {
  const moved = SHIFTS[length] ??= shiftTable(length);
  return remainder ^ moved[checksum & 0xff]! ^ moved[256 + ((checksum >>> 8) & 0xff)]! ^
    moved[512 + ((checksum >>> 16) & 0xff)]! ^ moved[768 + (checksum >>> 24)]!;
}

/** The finished checksum, in decimal as the exchange writes it. */
export function checksumText(checksum: number): string {
  return String(~checksum >>> 0);
}

/**
 * CRC-32 (IEEE, as in zlib) of ASCII text, as an unsigned number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32 } from "./checksum.ts";
 *
 * assertEquals(crc32("123456789"), 0xcbf43926);
 * ```
 */
export function crc32(text: string): number {
  return ~remainderOf(text, CHECKSUM_START) >>> 0;
}

function remainderOf(text: string, start: number): number {
  let crc = start;
  for (let index = 0; index < text.length; index++) {
    crc = TABLE[(crc ^ text.charCodeAt(index)) & 0xff]! ^ (crc >>> 8);
  }
  return crc;
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** By length: where each of the four bytes of a checksum moves when that many characters follow. */
const SHIFTS: Int32Array[] = [];

function shiftTable(length: number): Int32Array {
  return Int32Array.from({ length: 4 * 256 }, (_, index) => {
    let crc = (index & 0xff) << (8 * (index >>> 8));
    for (let step = 0; step < length; step++) crc = TABLE[crc & 0xff]! ^ (crc >>> 8);
    return crc;
  });
}
