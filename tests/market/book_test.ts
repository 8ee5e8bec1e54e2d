import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Book } from "../../lib/market/book.ts";
import type { Decimal } from "../../lib/model/decimal.ts";
import type { Level } from "../../lib/model/event.ts";
import { type Change, level, NaiveBook, sides } from "./_books.ts";

const DEPTH = 10;

/** Messages of up to six changes among few prices, so that levels collide, vanish and are pushed out all the time. */
const MESSAGES: fc.Arbitrary<readonly Change[][]> = fc.array(
  fc.array(
    fc.record({
      side: fc.constantFrom("asks" as const, "bids" as const),
      ticks: fc.integer({ min: 1, max: 40 }),
      volume: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 99 })),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  // Long enough that a side fills up, is pushed over its depth and thins out again.
  { minLength: 30, maxLength: 60 },
);

/** Runs messages through a book and a model; says where their checksums or levels first differ. */
function firstDifference(messages: readonly Change[][], model: NaiveBook): number | undefined {
  const book = new Book(DEPTH, { asks: [], bids: [] });
  for (const [index, message] of messages.entries()) {
    const changes = sides(message);
    book.update(changes);
    model.apply(changes);
    const same = book.matches(model.checksum()) &&
      JSON.stringify(book.top(DEPTH)) === JSON.stringify(model.top(DEPTH));
    if (!same) return index;
  }
}

Deno.test("a book agrees with a naive model under any updates at depth 10", () => {
  fc.assert(fc.property(MESSAGES, (messages) => {
    assertEquals(firstDifference(messages, new NaiveBook(DEPTH)), undefined);
  }));
});

Deno.test("a book that forgot to cut itself to its depth would be caught by those updates", () => {
  const property = fc.property(
    MESSAGES,
    (messages) => firstDifference(messages, new NaiveBook(Infinity)) === undefined,
  );
  assert(fc.check(property, { seed: 1 }).failed);
});

Deno.test("a book never holds more than its depth, and always in order", () => {
  fc.assert(fc.property(MESSAGES, (messages) => {
    const book = new Book(DEPTH, { asks: [], bids: [] });
    for (const message of messages) {
      book.update(sides(message));
      const { asks, bids } = book.top(Infinity);
      assert(asks.length <= DEPTH && bids.length <= DEPTH);
      const rising = (levels: readonly Level[]) => levels.map(({ price }) => Number(price));
      assertEquals(rising(asks), rising(asks).toSorted((a, b) => a - b));
      assertEquals(rising(bids), rising(bids).toSorted((a, b) => b - a));
    }
  }));
});

function ask(ticks: number, volume: number): Level {
  return level({ ticks, volume });
}

Deno.test("update() applies entries in the order of the message: the last word on a price counts", () => {
  const book = new Book(10, { asks: [ask(100, 1)], bids: [] });
  book.update({ asks: [ask(100, 2), ask(100, 0), ask(100, 3)], bids: [] });
  assertEquals(book.top(10).asks, [ask(100, 3)]);
  book.update({ asks: [ask(100, 4), ask(100, 0)], bids: [] });
  assertEquals(book.top(10).asks, []);
});

Deno.test("update() takes a republished level in like any other", () => {
  const book = new Book(10, { asks: [ask(100, 1)], bids: [] });
  const republished: Level = { ...ask(200, 2), republished: true };
  book.update({ asks: [ask(100, 0), republished], bids: [] });
  assertEquals(book.top(10).asks, [republished]);
});

Deno.test("update() ignores the deletion of a level that is not there", () => {
  const book = new Book(10, { asks: [ask(100, 1)], bids: [] });
  book.update({ asks: [ask(99, 0), ask(101, 0)], bids: [ask(99, 0)] });
  assertEquals(book.top(10), { asks: [ask(100, 1)], bids: [] });
});

Deno.test("update() compares prices by value, and keeps the digits that came last", () => {
  const book = new Book(10, { asks: [{ ...ask(100, 1), price: "1.0" as Decimal }], bids: [] });
  book.update({ asks: [{ ...ask(100, 2), price: "1.00000" as Decimal }], bids: [] });
  assertEquals(book.top(10).asks.map(({ price, volume }) => [price, volume]), [["1.00000", "2.00000000"]]);
});

Deno.test("update() keeps a level that was pushed out from coming back by itself", () => {
  const full = Array.from({ length: 10 }, (_, index) => ask(100 + index, 1));
  const book = new Book(10, { asks: full, bids: [] });
  book.update({ asks: [ask(99, 1)], bids: [] });
  book.update({ asks: [ask(99, 0)], bids: [] });
  assertEquals(book.top(10).asks, full.slice(0, 9));
});

Deno.test("a snapshot deeper than the subscription is cut, too", () => {
  const asks = Array.from({ length: 12 }, (_, index) => ask(100 + index, 1));
  assertEquals(new Book(10, { asks, bids: [] }).top(Infinity).asks.length, 10);
});
