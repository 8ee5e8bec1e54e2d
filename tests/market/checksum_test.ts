import { assert, assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { Book } from "../../lib/market/book.ts";
import { addRemainder, CHECKSUM_START, isChecksum, levelRemainder } from "../../lib/market/checksum.ts";
import type { Decimal } from "../../lib/model/decimal.ts";
import type { Level } from "../../lib/model/event.ts";

/** Whether the checksum over these levels alone is that of the digits. */
function comesTo(levels: readonly (readonly [price: string, volume: string])[], digits: string): boolean {
  const sum = levels
    .map(([price, volume]) => levelRemainder(price as Decimal, volume as Decimal))
    .reduce(addRemainder, CHECKSUM_START);
  return isChecksum(sum, String(crc32(digits)));
}

Deno.test("a level is hashed without its points and the zeros in front, and keeps all else", () => {
  const CASES = [
    ["0.05000", "0.00000304", "5000304"],
    ["91254.10000", "10.00000000", "91254100001000000000"],
    ["0.00000176", "250000.00000000", "17625000000000000"],
    ["100", "1", "1001"],
    ["0100.50", "0.5", "100505"],
    ["0.0", "10", "10"],
  ] as const;
  for (const [price, volume, digits] of CASES) {
    assert(comesTo([[price, volume]], digits), digits);
    assertEquals(levelRemainder(price as Decimal, volume as Decimal).length, digits.length);
  }
});

Deno.test("levels put together come to the checksum of their digits, whatever they are", () => {
  const decimal = fc.stringMatching(/^\d{1,12}\.\d{1,8}$/);
  const digits = (value: string): string => value.replace(".", "").replace(/^0+/, "");
  fc.assert(fc.property(fc.array(fc.tuple(decimal, decimal), { maxLength: 20 }), (levels) => {
    const text = levels.flat().map(digits).join("");
    assert(comesTo(levels, text));
    assert(!comesTo(levels, `${text}1`));
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
  assert(new Book(10, { asks, bids }).matches("974947235" as Decimal));
});

Deno.test("the checksum covers ten levels a side, whatever the depth", () => {
  const bids = levels(5000, 4950, [4985]);
  const deep = new Book(25, { asks: levels(5005, 5100), bids: [...bids, ...levels(4945, 4900)] });
  assert(deep.matches("974947235" as Decimal));
});
