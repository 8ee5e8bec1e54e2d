/**
 * The checksum that closes every book update.
 *
 * CRC-32 (IEEE 802.3) over the ten best asks, then the ten best bids, each level as the digits of its price and of
 * its volume without point and leading zeros.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-book-v1
 *
 * @module
 */

/** Levels of each side that the checksum covers, whatever the depth of the subscription. */
export const CHECKSUM_LEVELS = 10;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * CRC-32 over the characters of `text`, which must be ASCII.
 *
 * @param previous The checksum of what came before `text`.
 * @returns An unsigned 32-bit number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32 } from "./checksum.ts";
 *
 * assertEquals(crc32("123456789"), 3_421_780_262);
 * assertEquals(crc32("6789", crc32("12345")), 3_421_780_262);
 * ```
 */
export function crc32(text: string, previous = 0): number {
  let value = previous ^ -1;
  for (let index = 0; index < text.length; index++) {
    value = (value >>> 8) ^ TABLE[(value ^ text.charCodeAt(index)) & 0xff]!;
  }
  return (value ^ -1) >>> 0;
}
