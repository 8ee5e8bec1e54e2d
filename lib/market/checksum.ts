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
  let crc = -1;
  for (let index = 0; index < text.length; index++) {
    crc = TABLE[(crc ^ text.charCodeAt(index)) & 0xff]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});
