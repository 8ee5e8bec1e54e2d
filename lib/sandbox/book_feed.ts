/**
 * The public book: snapshots, updates and checksums as v1 writes them, for every depth from one engine.
 *
 * A subscriber of depth `d` sees a window of the `d` best levels of each side and is told what happens in it. A level
 * that enters the window from below because another left it is republished with its old time and an `"r"`. A level
 * that is pushed out of the window gets no update: the subscriber cuts it off.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/book
 *
 * @module
 */

import { CHECKSUM_LEVELS, crc32 } from "./checksum.ts";
import { formatFixed, formatMicros, VOLUME_DECIMALS } from "./fixed.ts";
import type { Book, BookSide, Level } from "./matching.ts";

/** The depths one can subscribe to. */
export const DEPTHS: readonly number[] = [10, 25, 100, 500, 1000];

/** The payload of a snapshot: `{"as":[…],"bs":[…]}`. */
export function bookSnapshot(book: Book, depth: number, priceDecimals: number): string {
  return `{"as":[${window(book.sell, depth, priceDecimals)}],"bs":[${window(book.buy, depth, priceDecimals)}]}`;
}

/**
 * What the step now running means to a subscriber of the depth.
 *
 * @param depthIndex Place of the depth in {@linkcode DEPTHS}.
 * @param checksumText The checksum of the book after the step.
 * @returns One payload, or two joined by a comma when both sides changed; `undefined` when the window stayed as it was.
 */
export function bookUpdate(
  book: Book,
  depthIndex: number,
  options: { readonly priceDecimals: number; readonly checksumText: string },
): string | undefined {
  const asks = changes(book.sell, depthIndex, options.priceDecimals);
  const bids = changes(book.buy, depthIndex, options.priceDecimals);
  if (bids !== "") {
    return `${asks === "" ? "" : `{"a":[${asks}]},`}{"b":[${bids}],"c":"${options.checksumText}"}`;
  }
  return asks === "" ? undefined : `{"a":[${asks}],"c":"${options.checksumText}"}`;
}

/** The checksum of a book as it stands. */
export function bookChecksum(book: Book): string {
  return String(addBest(book.buy, addBest(book.sell, 0)));
}

/** Whether the step now running has changed one of the levels that the checksum covers. */
export function changesChecksum(book: Book): boolean {
  return changesBest(book.sell) || changesBest(book.buy);
}

function changesBest(side: BookSide): boolean {
  const before = side.edgeBefore(0);
  const after = edge(side, 0);
  return side.changed.some((level) => isWithin(side, level, before) || isWithin(side, level, after));
}

function changes(side: BookSide, depthIndex: number, priceDecimals: number): string {
  if (side.changed.length === 0) return "";
  const before = side.edgeBefore(depthIndex);
  const after = edge(side, depthIndex);
  let removed = "";
  let set = "";
  for (const level of side.changed) {
    if (level.volume > 0n) {
      if (isWithin(side, level, after)) set += `,${entryOf(level, priceDecimals)}`;
    } else if (!level.made && isWithin(side, level, before)) {
      removed += `,${entryOf(level, priceDecimals)}`;
    }
  }
  // Removals first: a reader who cuts after each entry instead of at the end then never cuts too much.
  return (removed + set + republished(side, depthIndex, priceDecimals)).slice(1);
}

/** Levels that stood below the window before the step and are in it now, best first. */
function republished(side: BookSide, depthIndex: number, priceDecimals: number): string {
  const before = side.edgeBefore(depthIndex);
  if (before === undefined) return "";
  let entries = "";
  for (let rank = Math.min(DEPTHS[depthIndex]!, side.length) - 1; rank >= 0; rank--) {
    const level = side.at(rank)!;
    if (!side.isBetter(before, level.price)) break;
    if (!level.changed) entries = `,${entryOf(level, priceDecimals).slice(0, -1)},"r"]${entries}`;
  }
  return entries;
}

/** The worst price in the window now; `undefined` when the window is not full. */
function edge(side: BookSide, depthIndex: number): bigint | undefined {
  return side.at(DEPTHS[depthIndex]! - 1)?.price;
}

function isWithin(side: BookSide, level: Level, worst: bigint | undefined): boolean {
  return worst === undefined || !side.isBetter(worst, level.price);
}

function window(side: BookSide, depth: number, priceDecimals: number): string {
  let entries = "";
  for (let rank = 0; rank < depth && rank < side.length; rank++) {
    entries += `,${entryOf(side.at(rank)!, priceDecimals)}`;
  }
  return entries.slice(1);
}

function entryOf(level: Level, priceDecimals: number): string {
  if (level.entry === "") {
    const price = formatFixed(level.price, priceDecimals);
    const volume = formatFixed(level.volume, VOLUME_DECIMALS);
    level.entry = `["${price}","${volume}","${formatMicros(level.changedMicros)}"]`;
  }
  return level.entry;
}

/** Adds the ten best levels of a side to a checksum. */
function addBest(side: BookSide, checksum: number): number {
  for (let rank = 0; rank < CHECKSUM_LEVELS && rank < side.length; rank++) {
    const level = side.at(rank)!;
    // Counted in the wire's last digit, an amount is its own text without point and leading zeros.
    if (level.digits === "") level.digits = `${level.price}${level.volume}`;
    checksum = crc32(level.digits, checksum);
  }
  return checksum;
}
