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

/**
 * What a stretch of the hashed text adds to the checksum.
 *
 * A level is hashed once, when it comes. CRC-32 is linear: what a text adds to a checksum is its own remainder, and what
 * was there before moves on by the text's length. So the checksum of a book is put together from its levels, and the
 * hundreds of digits that have not changed are not read again with each update.
 */
export interface Remainder {
  readonly remainder: number;
  /** How many digits it stands for. */
  readonly length: number;
}

/** Of a level: its price, then its volume, each without its point and without leading zeros. */
export function levelRemainder(price: Decimal, volume: Decimal): Remainder {
  return withDigits(withDigits(NOTHING, price), volume);
}

const NOTHING: Remainder = { remainder: 0, length: 0 };

function withDigits(before: Remainder, value: Decimal): Remainder {
  let { remainder, length } = before;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    const isLeadingZero = code === ZERO && length === before.length;
    if (code === POINT || isLeadingZero) continue;
    remainder = addByte(remainder, code);
    length++;
  }
  return { remainder, length };
}

const POINT = 0x2e;
const ZERO = 0x30;

/** The value to begin a checksum with. */
export const CHECKSUM_START = -1;

/** The checksum so far with a further stretch behind it. */
export function addRemainder(checksum: number, { remainder, length }: Remainder): number {
  return remainder ^ moved(checksum, shiftBy(length));
}

/**
 * Whether the finished checksum is the one that the exchange wrote, in decimal.
 *
 * Its digits are counted together, since writing ours as text takes longer than all the rest.
 */
export function isChecksum(checksum: number, text: string): boolean {
  let written = 0;
  for (let index = 0; index < text.length; index++) written = written * 10 + text.charCodeAt(index) - ZERO;
  return written === ~checksum >>> 0;
}

/** CRC-32 (IEEE, as in zlib), one character further. */
function addByte(crc: number, byte: number): number {
  return TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** Where each of the four bytes of a checksum moves when a number of characters follow: by that number. */
const SHIFTS: Int32Array[] = [];

function shiftBy(length: number): Int32Array {
  return SHIFTS[length] ??= shiftTable(length);
}

/** A long way is two ways of half its length. */
function shiftTable(length: number): Int32Array {
  if (length > 1) {
    const half = length >>> 1;
    const rest = shiftBy(length - half);
    return shiftBy(half).map((crc) => moved(crc, rest));
  }
  return Int32Array.from({ length: 4 * 256 }, (_, index) => {
    const crc = (index & 0xff) << (8 * (index >>> 8));
    return length === 0 ? crc : addByte(crc, 0);
  });
}

function moved(crc: number, shift: Int32Array): number {
  return shift[crc & 0xff]! ^ shift[256 + ((crc >>> 8) & 0xff)]! ^ shift[512 + ((crc >>> 16) & 0xff)]! ^
    shift[768 + (crc >>> 24)]!;
}
