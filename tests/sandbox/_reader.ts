/** A reader of book frames as any client would write it, naive on purpose: it sorts everything after each frame. */

import { crc32 } from "node:zlib";

type Entry = [price: string, volume: string, time: string, flag?: string];
type Maps = { as?: Entry[]; bs?: Entry[]; a?: Entry[]; b?: Entry[]; c?: string }[];

export class BookReader {
  readonly asks = new Map<string, string>();
  readonly bids = new Map<string, string>();
  /** How many updates carried a checksum, and how many of those were right. */
  readonly checksums = { seen: 0, right: 0 };
  republished = 0;
  twoMaps = 0;

  constructor(readonly depth: number) {}

  /** Applies a frame of the book's channel. */
  apply(frame: string): void {
    const maps = JSON.parse(frame).slice(1, -2) as Maps;
    if (maps.length === 2) this.twoMaps++;
    for (const map of maps) {
      this.#set(this.asks, [...map.as ?? [], ...map.a ?? []]);
      this.#set(this.bids, [...map.bs ?? [], ...map.b ?? []]);
    }
    this.#cut(this.asks, 1);
    this.#cut(this.bids, -1);
    const expected = maps.at(-1)?.c;
    if (expected === undefined) return;
    this.checksums.seen++;
    if (String(this.checksum()) === expected) this.checksums.right++;
  }

  checksum(): number {
    const digits = (text: string) => text.replace(".", "").replace(/^0+/, "");
    const best = [...[...this.asks].slice(0, 10), ...[...this.bids].slice(0, 10)];
    return crc32(best.map(([price, volume]) => digits(price) + digits(volume)).join(""));
  }

  #set(side: Map<string, string>, entries: readonly Entry[]): void {
    for (const [price, volume, , flag] of entries) {
      if (flag === "r") this.republished++;
      if (Number(volume) === 0) side.delete(price);
      else side.set(price, volume);
    }
  }

  #cut(side: Map<string, string>, direction: number): void {
    const sorted = [...side].sort(([a], [b]) => direction * (Number(a) - Number(b))).slice(0, this.depth);
    side.clear();
    for (const [price, volume] of sorted) side.set(price, volume);
  }
}
