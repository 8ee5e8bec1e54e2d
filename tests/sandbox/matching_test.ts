import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { bookChecksum, bookUpdate, changesChecksum, DEPTHS } from "../../lib/sandbox/book_feed.ts";
import { Book, type Order, type Side } from "../../lib/sandbox/matching.ts";
import { BookReader } from "./_reader.ts";

function order(side: Side, price: number, volume: number, account?: string): Order {
  return { side, price: BigInt(price), remaining: BigInt(volume), ...account === undefined ? {} : { account } };
}

Deno.test("match() fills the best price first, and the oldest order first at one price", () => {
  const book = new Book(DEPTHS);
  const [late, first, second] = [order("sell", 102, 5), order("sell", 101, 3), order("sell", 101, 3)];
  for (const maker of [late, first, second]) book.rest(maker, 0);
  const fills = book.match(order("buy", 0, 8), { limit: undefined, nowMicros: 1 });
  assertEquals(fills.map(({ maker, price, volume }) => [maker, price, volume]), [
    [first, 101n, 3n],
    [second, 101n, 3n],
    [late, 102n, 2n],
  ]);
  assertEquals(late.remaining, 3n);
});

Deno.test("match() stops at the limit and leaves the rest with the taker", () => {
  const book = new Book(DEPTHS);
  book.rest(order("sell", 101, 3), 0);
  book.rest(order("sell", 103, 3), 0);
  const taker = order("buy", 102, 10);
  assertEquals(book.match(taker, { limit: 102n, nowMicros: 1 }).length, 1);
  assertEquals(taker.remaining, 7n);
  assertEquals(book.sell.best?.price, 103n);
});

Deno.test("reduce() keeps an order's place in the queue", () => {
  const book = new Book(DEPTHS);
  const [first, second] = [order("buy", 100, 9), order("buy", 100, 9)];
  book.rest(first, 0);
  book.rest(second, 0);
  book.reduce(first, 2n, 1);
  assertEquals(book.buy.best?.volume, 11n);
  const fills = book.match(order("sell", 0, 3), { limit: undefined, nowMicros: 2 });
  assertEquals(fills.map(({ maker, volume }) => [maker, volume]), [[first, 2n], [second, 1n]]);
});

Deno.test("match() meets an order that must not be filled as it is told to", () => {
  const fill = (meeting: "stop" | "remove_maker" | "remove_both") => {
    const book = new Book(DEPTHS);
    book.rest(order("sell", 101, 1, "me"), 0);
    book.rest(order("sell", 102, 1), 0);
    const meets = (maker: Order) => maker.account === "me" ? meeting : "fill" as const;
    const fills = book.match(order("buy", 0, 2), { limit: undefined, nowMicros: 1, meets });
    return [fills.length, book.sell.length];
  };
  assertEquals(fill("stop"), [0, 2]);
  assertEquals(fill("remove_maker"), [1, 0]);
  assertEquals(fill("remove_both"), [0, 1]);
});

/** What a random client does to a small book. */
const STEPS = fc.array(
  fc.record({
    kind: fc.constantFrom("limit", "limit", "limit", "market", "cancel", "reduce"),
    side: fc.constantFrom<Side>("buy", "sell"),
    price: fc.integer({ min: 80, max: 120 }),
    volume: fc.integer({ min: 1, max: 50 }),
    pick: fc.nat(),
  }),
  { minLength: 1, maxLength: 150, size: "max" },
);

Deno.test("any sequence of orders leaves no crossed book, loses no volume and keeps price-time priority", () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      const book = new Book(DEPTHS);
      const resting: Order[] = [];
      let placed = 0n, filled = 0n, withdrawn = 0n;
      for (const [index, { kind, side, price, volume, pick }] of steps.entries()) {
        const live = resting.filter((candidate) => candidate.remaining > 0n);
        const chosen = live[pick % Math.max(1, live.length)];
        if (kind === "cancel" || kind === "reduce") {
          if (chosen === undefined) continue;
          const left = kind === "cancel" ? 0n : chosen.remaining / 2n;
          withdrawn += chosen.remaining - left;
          book.reduce(chosen, left, index);
        } else {
          const taker = order(side, price, volume);
          placed += taker.remaining;
          const limit = kind === "limit" ? taker.price : undefined;
          const fills = book.match(taker, { limit, nowMicros: index });
          for (const fill of fills) filled += fill.volume * 2n;
          // Nobody better or older may be left behind by a fill.
          for (const fill of fills) {
            for (const other of live) {
              if (other === fill.maker || other.side !== fill.maker.side || other.remaining === 0n) continue;
              const isBetter = side === "buy" ? other.price < fill.price : other.price > fill.price;
              assert(!isBetter);
              if (other.price === fill.price) {
                assert(resting.indexOf(other) > resting.indexOf(fill.maker) || other.remaining === 0n);
              }
            }
          }
          if (limit === undefined) withdrawn += taker.remaining;
          else if (taker.remaining > 0n) {
            book.rest(taker, index);
            resting.push(taker);
          }
        }
        if (book.buy.best && book.sell.best) assert(book.buy.best.price < book.sell.best.price);
        book.settle();
      }
      const left = resting.reduce((sum, { remaining }) => sum + remaining, 0n);
      assertEquals(placed, filled + withdrawn + left);
      for (const side of [book.buy, book.sell]) {
        for (let rank = 0; rank < side.length; rank++) {
          const level = side.at(rank)!;
          assertEquals(level.volume, level.queue.reduce((sum, { remaining }) => sum + remaining, 0n));
        }
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});

Deno.test("readers of every depth have the book and its checksum after any steps", () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      const depths = DEPTHS.slice(0, 2);
      const book = new Book(DEPTHS);
      const readers = depths.map((depth) => new BookReader(depth));
      for (let price = 40; price < 100; price++) book.rest(order("buy", price, 7), 0);
      for (let price = 101; price < 160; price++) book.rest(order("sell", price, 7), 0);
      book.settle();
      for (const [index, reader] of readers.entries()) {
        reader.apply(`[0,${snapshot(book, depths[index]!)},"book","T"]`);
      }
      for (const [index, { kind, side, price, volume, pick }] of steps.entries()) {
        const from = book[side].at(pick % Math.max(1, book[side].length))?.queue[0];
        if (kind === "cancel" && from !== undefined) book.remove(from, index);
        else if (kind === "reduce" && from !== undefined) book.reduce(from, from.remaining - 1n, index);
        else {
          const taker = order(side, price, volume);
          const limit = kind === "market" ? undefined : taker.price;
          book.match(taker, { limit, nowMicros: index });
          if (limit !== undefined && taker.remaining > 0n) book.rest(taker, index);
        }
        const changed = changesChecksum(book);
        const before = readers[0]!.checksum();
        const checksumText = bookChecksum(book);
        if (!changed) assertEquals(String(before), checksumText);
        for (const [place, reader] of readers.entries()) {
          const update = bookUpdate(book, place, { priceDecimals: 0, checksumText });
          if (update !== undefined) reader.apply(`[0,${update},"book","T"]`);
          assertEquals(String(reader.checksum()), checksumText);
          assertEquals(reader.checksums.seen, reader.checksums.right);
        }
        book.settle();
      }
    }),
    { numRuns: 100, seed: 1 },
  );
});

function snapshot(book: Book, depth: number): string {
  const side = (levels: "buy" | "sell") =>
    Array.from({ length: Math.min(depth, book[levels].length) }, (_, rank) => {
      const { price, volume } = book[levels].at(rank)!;
      return [String(price), `0.${String(volume).padStart(8, "0")}`, "0.000000"];
    });
  return JSON.stringify({ as: side("sell"), bs: side("buy") });
}
