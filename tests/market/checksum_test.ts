import { assertEquals } from "@std/assert";
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { Book } from "../../lib/market/book.ts";
import {
  addLevel,
  CHECKSUM_START,
  checksumDigits,
  checksumText,
  crc32,
  levelChecksum,
} from "../../lib/market/checksum.ts";
import type { Decimal } from "../../lib/model/decimal.ts";
import type { Level } from "../../lib/model/event.ts";

function digits(price: string, volume: string): string {
  return checksumDigits(price as Decimal, volume as Decimal);
}

Deno.test("checksumDigits() drops the point and the zeros in front, and no other", () => {
  assertEquals(digits("0.05000", "0.00000304"), "5000304");
  assertEquals(digits("91254.10000", "10.00000000"), "91254100001000000000");
  assertEquals(digits("0.00000176", "250000.00000000"), "17625000000000000");
  assertEquals(digits("100", "1"), "1001");
  assertEquals(digits("0100.50", "0.5"), "100505");
});

Deno.test("crc32() is the one of zlib, for every text", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => assertEquals(crc32(text), zlibCrc32(text))));
});

Deno.test("levels put together come to the checksum of their digits, whatever they are", () => {
  const decimal = fc.stringMatching(/^\d{1,12}\.\d{1,8}$/).map((text) => text as Decimal);
  fc.assert(fc.property(fc.array(fc.tuple(decimal, decimal), { maxLength: 20 }), (levels) => {
    const whole = levels.map(([price, volume]) => checksumDigits(price, volume)).join("");
    const added = levels.reduce((sum, level) => addLevel(sum, levelChecksum(...level)), CHECKSUM_START);
    assertEquals(checksumText(added), String(crc32(whole)));
  }));
});

/** Levels of the documented example: equal volumes, prices in steps of 5. */
function levels(first: number, last: number, except: readonly number[] = []): Level[] {
  const step = first < last ? 5 : -5;
  const count = (last - first) / step + 1;
  return Array.from({ length: count }, (_, index) => first + step * index)
    .filter((price) => !except.includes(price))
    .map((price) => ({
      price: `0.0${price}` as Decimal,
      volume: "0.00000500" as Decimal,
      time: "1582905487.000000" as Decimal,
    }));
}

Deno.test("a book comes to the checksum of the documented example", () => {
  // https://docs.kraken.com/api/docs/guides/spot-ws-book-v1
  const asks = levels(5005, 5050);
  const bids = levels(5000, 4950, [4985]);
  assertEquals([asks.length, bids.length, asks[0]?.price, bids.at(-1)?.price], [10, 10, "0.05005", "0.04950"]);
  assertEquals(new Book(10, { asks, bids }).checksum(), "974947235");
});

Deno.test("the checksum covers ten levels a side, whatever the depth", () => {
  const bids = levels(5000, 4950, [4985]);
  const deep = new Book(25, { asks: levels(5005, 5100), bids: [...bids, ...levels(4945, 4900)] });
  assertEquals(deep.checksum(), "974947235");
});
