/**
 * One pair's market: its book, its crowd, its figures, and the public feeds that derive from them.
 *
 * Everything happens in steps. A step works on the book; then every feed is written from what the step did, at once
 * and in a fixed order, so that book, trades, spread, ticker and candles agree at any moment.
 *
 * Pure but for its own state.
 *
 * @module
 */

import { bookChecksum, bookSnapshot, bookUpdate, changesChecksum, DEPTHS } from "./book_feed.ts";
import { Candles, INTERVALS } from "./candles.ts";
import { createChannels, type Feed, type MarketChannel } from "./channels.ts";
import { Book, type Fill, type Order, type Side } from "./matching.ts";
import type { Pair } from "./pairs.ts";
import type { Random } from "./random.ts";
import { type Decision, Traders } from "./traders.ts";
import { writeCandle, writeSpread, writeTicker, writeTrades } from "./wire_v1.ts";

/** An execution as the public sees it. */
export interface PublicTrade {
  readonly price: bigint;
  readonly volume: bigint;
  readonly atMicros: number;
  /** The taker's side. */
  readonly side: Side;
  readonly orderType: "market" | "limit";
}

/** The best of a side. */
export interface Best {
  readonly price: bigint;
  readonly volume: bigint;
}

/** The market of one pair. */
export class Market {
  readonly pair: Pair;
  readonly book = new Book(DEPTHS);
  readonly candles = new Candles();
  readonly channels: ReadonlyMap<string, MarketChannel>;
  readonly #traders: Traders;
  readonly #channelsOf: Readonly<Record<Feed, readonly MarketChannel[]>>;
  #trades: PublicTrade[] = [];
  #lastTrade: PublicTrade;
  #bid: Best | undefined;
  #ask: Best | undefined;
  #checksum = "";
  #spreadMicros: number;

  constructor(pair: Pair, options: { readonly random: Random; readonly startMicros: number }) {
    this.pair = pair;
    this.channels = createChannels(pair);
    const channels = [...this.channels.values()];
    const of = (feed: Feed) => channels.filter((channel) => channel.feed === feed);
    this.#channelsOf = {
      book: of("book"),
      trade: of("trade"),
      ticker: of("ticker"),
      spread: of("spread"),
      ohlc: of("ohlc"),
    };
    this.#traders = new Traders(pair, options.random);
    this.#spreadMicros = options.startMicros;
    this.#lastTrade = this.#remember(options);
    for (const side of ["buy", "sell"] as const) {
      for (const { price, volume } of this.#traders.opening(side)) {
        const micros = options.startMicros - options.random.below(3600e6);
        this.book.rest({ side, price, remaining: volume }, micros);
      }
    }
    this.#noteBest(options.startMicros);
    this.#checksum = bookChecksum(this.book);
    this.book.settle();
  }

  get lastPrice(): bigint {
    return this.#lastTrade.price;
  }

  /** Microseconds until the crowd acts again. */
  pauseMicros(speed: number): number {
    return this.#traders.pauseMicros(speed);
  }

  /** Lets the crowd act once. */
  actCrowd(nowMicros: number): readonly Fill[] {
    const { buy, sell } = this.book;
    const decision = this.#traders.decide({
      bid: buy.best?.price,
      ask: sell.best?.price,
      bidLevels: buy.length,
      askLevels: sell.length,
    });
    const fills = this.#carryOut(decision, nowMicros);
    this.publish(nowMicros);
    return fills;
  }

  /** Notes executions for the feeds of the step now running. */
  note(fills: readonly Fill[], options: { readonly orderType: "market" | "limit"; readonly nowMicros: number }): void {
    for (const { taker, price, volume } of fills) {
      const trade = { price, volume, atMicros: options.nowMicros, side: taker.side, orderType: options.orderType };
      this.#trades.push(trade);
      this.#lastTrade = trade;
      this.candles.add(trade);
    }
  }

  /** Ends a step: writes to every subscriber what it did. */
  publish(nowMicros: number): void {
    const trades = this.#trades;
    if (trades.length > 0) {
      this.#trades = [];
      for (const channel of this.#channelsOf.trade) {
        if (channel.subscribers.size > 0) channel.send(writeTrades(trades, this.pair));
      }
    }
    this.#publishBook();
    if (this.#noteBest(nowMicros)) {
      for (const channel of this.#channelsOf.spread) {
        if (channel.subscribers.size > 0) channel.send(this.#spread());
      }
      this.#publishTicker(nowMicros);
    } else if (trades.length > 0) {
      this.#publishTicker(nowMicros);
    }
    if (trades.length > 0) this.#publishCandles();
    this.book.settle();
  }

  /** What a new subscriber of the channel gets first; `undefined` where the feed has no snapshot. */
  snapshot(channel: MarketChannel, nowMicros: number): string | undefined {
    switch (channel.feed) {
      case "book":
        return bookSnapshot(this.book, DEPTHS[channel.variant]!, this.pair.priceDecimals);
      case "ticker":
        return this.#ticker(nowMicros);
      case "spread":
        return this.#spread();
      case "ohlc": {
        const candle = this.candles.candle(channel.variant);
        return candle && writeCandle(candle, INTERVALS[channel.variant]!, this.pair);
      }
      case "trade":
        return undefined;
    }
  }

  #carryOut(decision: Decision, nowMicros: number): readonly Fill[] {
    switch (decision.type) {
      case "quote":
        this.book.rest({ side: decision.side, price: decision.price, remaining: decision.volume }, nowMicros);
        return [];
      case "withdraw":
        this.#withdraw(decision.side, decision.rank, nowMicros);
        return [];
      case "turn":
        this.#withdraw(decision.side === "buy" ? "sell" : "buy", decision.rank, nowMicros);
        this.book.rest({ side: decision.side, price: decision.price, remaining: decision.volume }, nowMicros);
        return [];
      case "take": {
        const taker: Order = { side: decision.side, price: decision.limit ?? 0n, remaining: decision.volume };
        const fills = this.book.match(taker, { limit: decision.limit, nowMicros });
        this.note(fills, { orderType: decision.limit === undefined ? "market" : "limit", nowMicros });
        return fills;
      }
    }
  }

  #withdraw(side: Side, rank: number, nowMicros: number): void {
    const level = this.book[side].at(rank);
    // The crowd withdraws its own orders only.
    const order = level?.queue.find((candidate) => candidate.account === undefined);
    if (order !== undefined) this.book.remove(order, nowMicros);
  }

  #publishBook(): void {
    if (this.book.buy.changed.length === 0 && this.book.sell.changed.length === 0) return;
    if (changesChecksum(this.book)) this.#checksum = "";
    for (const channel of this.#channelsOf.book) {
      if (channel.subscribers.size === 0) continue;
      if (this.#checksum === "") this.#checksum = bookChecksum(this.book);
      const options = { priceDecimals: this.pair.priceDecimals, checksumText: this.#checksum };
      const update = bookUpdate(this.book, channel.variant, options);
      if (update !== undefined) channel.send(update);
    }
  }

  #publishTicker(nowMicros: number): void {
    for (const channel of this.#channelsOf.ticker) {
      if (channel.subscribers.size > 0) channel.send(this.#ticker(nowMicros));
    }
  }

  #publishCandles(): void {
    for (const channel of this.#channelsOf.ohlc) {
      if (channel.subscribers.size === 0) continue;
      const candle = this.candles.candle(channel.variant);
      if (candle !== undefined) channel.send(writeCandle(candle, INTERVALS[channel.variant]!, this.pair));
    }
  }

  /** Looks at the best of both sides; whether one has changed. */
  #noteBest(nowMicros: number): boolean {
    const bid = this.book.buy.best;
    const ask = this.book.sell.best;
    if (isSame(this.#bid, bid) && isSame(this.#ask, ask)) return false;
    this.#bid = bid && { price: bid.price, volume: bid.volume };
    this.#ask = ask && { price: ask.price, volume: ask.volume };
    this.#spreadMicros = nowMicros;
    return true;
  }

  #spread(): string {
    return writeSpread({ bid: this.#bid, ask: this.#ask, atMicros: this.#spreadMicros }, this.pair);
  }

  #ticker(nowMicros: number): string {
    this.candles.roll(nowMicros);
    const { today, last24Hours } = this.candles;
    return writeTicker({ bid: this.#bid, ask: this.#ask, last: this.#lastTrade, today, last24Hours }, this.pair);
  }

  /** A day of half-hourly executions that lead to the opening price, so that no figure begins at nothing. */
  #remember({ random, startMicros }: { readonly random: Random; readonly startMicros: number }): PublicTrade {
    const { habits, tick } = this.pair;
    const startTicks = Number(habits.startPrice / tick);
    let last: PublicTrade | undefined;
    for (let age = 47; age >= 0; age--) {
      const drift = Math.sin(age / 9) * age * 0.0004 + (age === 0 ? 0 : (random.fraction() - 0.5) * 0.002);
      last = {
        price: BigInt(Math.max(1, Math.round(startTicks * (1 + drift)))) * tick,
        volume: BigInt(Math.round((0.5 + random.fraction()) * habits.usualVolume * 400)) * 10_000_000n + 1n,
        atMicros: startMicros - age * 1800e6 - 1 - random.below(1000e6),
        side: random.fraction() < 0.5 ? "buy" : "sell",
        orderType: "limit",
      };
      this.candles.add(last);
    }
    return last!;
  }
}

function isSame(a: Best | undefined, b: Best | undefined): boolean {
  return a?.price === b?.price && a?.volume === b?.volume;
}
