import { assert, assertEquals } from "@std/assert";
import { PAIRS } from "../../lib/sandbox/pairs.ts";
import { advance, connect, openExchange } from "./_exchange.ts";
import { BookReader } from "./_reader.ts";

const NAMES = PAIRS.map((pair) => pair.wsname);

Deno.test("every checksum is true at every depth, republished and two-sided updates included", () => {
  const exchange = openExchange({ speed: 5 });
  const client = connect(exchange);
  const depths = [10, 25, 100];
  const readers = new Map<string, BookReader>();
  for (const depth of depths) {
    client.send({ event: "subscribe", pair: NAMES, subscription: { name: "book", depth } });
    for (const name of NAMES) readers.set(`book-${depth} ${name}`, new BookReader(depth));
  }
  advance(exchange, 6000);
  for (const frame of client.take()) {
    if (!frame.startsWith("[")) continue;
    const [name, pair] = JSON.parse(frame).slice(-2);
    readers.get(`${name} ${pair}`)!.apply(frame);
  }
  const sum = (count: (reader: BookReader) => number) => [...readers.values()].reduce((all, r) => all + count(r), 0);
  assertEquals(sum((reader) => reader.checksums.right), sum((reader) => reader.checksums.seen));
  assert(sum((reader) => reader.checksums.seen) > 5000);
  assert(sum((reader) => reader.republished) > 500);
  assert(sum((reader) => reader.twoMaps) > 50);
});

Deno.test("a reader at any depth holds exactly what a new snapshot shows", () => {
  const exchange = openExchange({ speed: 5, pairs: ["XBT/USD"] });
  for (const depth of [10, 25, 100, 500, 1000]) {
    const client = connect(exchange);
    const reader = new BookReader(depth);
    client.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book", depth } });
    advance(exchange, 3000);
    for (const frame of client.take()) if (frame.startsWith("[")) reader.apply(frame);
    const other = connect(exchange);
    other.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book", depth } });
    const fresh = new BookReader(depth);
    fresh.apply(other.frames.at(-1)!);
    assertEquals([...reader.asks], [...fresh.asks]);
    assertEquals([...reader.bids], [...fresh.bids]);
  }
});

Deno.test("book, spread, ticker, trades and candles agree after every step", () => {
  for (const pair of ["XBT/USD", "XDG/XBT", "USDT/USD"]) agree(pair);
});

function agree(pair: string): void {
  const exchange = openExchange({ speed: 10, pairs: [pair] });
  const client = connect(exchange);
  const book = new BookReader(10);
  const candle = new CandleReader();
  let last: string[] = [];
  let spread: string[] = [];
  let compared = 0;
  for (
    const subscription of [{ name: "book" }, { name: "spread" }, { name: "trade" }, { name: "ohlc" }, {
      name: "ticker",
    }]
  ) {
    client.send({ event: "subscribe", pair: [pair], subscription });
  }
  client.take();
  const other = connect(exchange);
  other.send({ event: "subscribe", pair: [pair], subscription: { name: "book" } });
  book.apply(other.frames.at(-1)!);
  advance(exchange, 65_000);
  for (const frame of client.take().filter((frame) => frame.startsWith("["))) {
    const message = JSON.parse(frame);
    const payload = message[1];
    switch (message.at(-2)) {
      case "book-10":
        book.apply(frame);
        break;
      case "spread": {
        spread = payload;
        const [bid, bidVolume] = [...book.bids][0]!;
        const [ask, askVolume] = [...book.asks][0]!;
        assertEquals([payload[0], payload[1], payload[3], payload[4]], [bid, ask, bidVolume, askVolume]);
        break;
      }
      case "trade":
        for (const trade of payload) candle.add(trade);
        last = payload.at(-1);
        break;
      case "ticker":
        // The ticker comes last but for the candles of its step, so everything before it must show the same.
        if (spread.length > 0) {
          assertEquals([payload.b[0], payload.a[0], payload.b[2], payload.a[2]], [
            spread[0],
            spread[1],
            spread[3],
            spread[4],
          ]);
        }
        if (last.length > 0) assertEquals(payload.c, last.slice(0, 2));
        compared++;
        break;
      case "ohlc-1":
        candle.compare(payload);
        break;
    }
  }
  assert(compared > 100);
  assert(candle.compared > 10);
}

/** Rebuilds one-minute candles from trades; only candles whose every trade was seen are compared. */
class CandleReader {
  compared = 0;
  #minute = -1;
  #complete = false;
  #prices: number[] = [];
  #count = 0;

  add([price, , time]: string[]): void {
    const minute = Math.floor(Number(time) / 60);
    if (minute !== this.#minute) {
      this.#complete = this.#minute >= 0;
      this.#minute = minute;
      this.#prices = [];
      this.#count = 0;
    }
    this.#prices.push(Number(price));
    this.#count++;
  }

  compare(payload: string[]): void {
    if (!this.#complete) return;
    this.compared++;
    const [, end, open, high, low, close, , , count] = payload;
    assertEquals(Number(end), (this.#minute + 1) * 60);
    assertEquals([open, high, low, close].map(Number), [
      this.#prices[0],
      Math.max(...this.#prices),
      Math.min(...this.#prices),
      this.#prices.at(-1),
    ]);
    assertEquals(Number(count), this.#count);
  }
}

Deno.test("the crowd never crosses the book and keeps both sides filled for ten minutes of its usual pace", () => {
  const exchange = openExchange({ speed: 20 });
  for (let step = 0; step < 10; step++) {
    advance(exchange, 3000);
    for (const { wsname, habits, tick } of PAIRS) {
      const { buy, sell } = exchange.market(wsname)!.book;
      assert(buy.best!.price < sell.best!.price, wsname);
      assert(Math.min(buy.length, sell.length) > habits.levels / 2, `${wsname} ${buy.length} ${sell.length}`);
      assert(sell.best!.price - buy.best!.price < BigInt(habits.gapTicks * 60) * tick, wsname);
    }
  }
});
