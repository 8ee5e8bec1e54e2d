/**
 * The synthetic traders of a pair: a seeded crowd that quotes, withdraws and takes.
 *
 * They follow a fair price that wanders and is drawn back to where it began, so that a sandbox can run for days. They
 * decide only; {@linkcode ./market.ts} carries their decisions out in the same book in which everyone else trades.
 * Prices are kept in whole ticks here, and chance is a fraction: neither is anyone's money.
 *
 * Pure but for its own state.
 *
 * @module
 */

import { ONE_VOLUME } from "./fixed.ts";
import type { Side } from "./matching.ts";
import type { Pair } from "./pairs.ts";
import type { Random } from "./random.ts";

/** What the crowd does next. */
export type Decision =
  /** Quote a price without taking. */
  | { readonly type: "quote"; readonly side: Side; readonly price: bigint; readonly volume: bigint }
  /** Withdraw an order at the rank, counted from the best. */
  | { readonly type: "withdraw"; readonly side: Side; readonly rank: number }
  /** Withdraw from one side and quote on the other in one step. */
  | {
    readonly type: "turn";
    readonly side: Side;
    readonly rank: number;
    readonly price: bigint;
    readonly volume: bigint;
  }
  /** Take from the other side; `limit` is the worst price, `undefined` for a market order. */
  | { readonly type: "take"; readonly side: Side; readonly volume: bigint; readonly limit: bigint | undefined };

/** What the crowd looks at. */
export interface View {
  readonly bid: bigint | undefined;
  readonly ask: bigint | undefined;
  readonly bidLevels: number;
  readonly askLevels: number;
}

/** The crowd of one pair. */
export class Traders {
  readonly #pair: Pair;
  readonly #random: Random;
  readonly #startTicks: number;
  #fairTicks: number;

  constructor(pair: Pair, random: Random) {
    this.#pair = pair;
    this.#random = random;
    this.#startTicks = Number(pair.habits.startPrice / pair.tick);
    this.#fairTicks = this.#startTicks;
  }

  /** Microseconds until the crowd acts again when it is `speed` times as busy as usual. */
  pauseMicros(speed: number): number {
    return Math.ceil(this.#random.exponential(1e6 / (this.#pair.habits.eventsPerSecond * speed)));
  }

  /** A quote for the `rank`-th level of an empty book, the best first; distances grow with the rank. */
  *opening(side: Side): Iterable<{ readonly price: bigint; readonly volume: bigint }> {
    const { levels, gapTicks } = this.#pair.habits;
    const direction = side === "buy" ? -1 : 1;
    let ticks = this.#startTicks + (side === "buy" ? 0 : 1);
    for (let rank = 0; rank < levels && ticks > 0; rank++) {
      yield { price: BigInt(ticks) * this.#pair.tick, volume: this.#volume(1 + rank / 60) };
      ticks += direction * (1 + this.#random.below(2 * gapTicks - 1));
    }
  }

  /** What happens next, given what the book looks like. */
  decide(view: View): Decision {
    this.#wander();
    const draw = this.#random.fraction();
    const side: Side = this.#random.fraction() < 0.5 ? "buy" : "sell";
    if (draw < 0.12) return this.#take(view);
    const stale = this.#stale(view);
    if (stale !== undefined && draw < 0.35) return { type: "withdraw", side: stale, rank: this.#random.below(3) };
    const levels = side === "buy" ? view.bidLevels : view.askLevels;
    const wanted = this.#pair.habits.levels;
    // The fuller a side is, the likelier someone withdraws from it: its length hovers around what is usual.
    if (levels > 2 && draw < 0.12 + 0.8 * clamp(0.5 + (levels - wanted) / wanted * 4, 0.05, 0.95)) {
      return { type: "withdraw", side, rank: this.#rank(levels) };
    }
    const other = side === "buy" ? view.askLevels : view.bidLevels;
    const quote = { price: this.#price(side, view), volume: this.#volume(1) };
    if (draw > 0.96 && other > 2) return { type: "turn", side, rank: this.#rank(other), ...quote };
    return { type: "quote", side, ...quote };
  }

  /** The side whose best price has been overtaken by the fair one, if either was. */
  #stale({ bid, ask, bidLevels, askLevels }: View): Side | undefined {
    const fair = this.#fairTicks;
    if (ask !== undefined && askLevels > 10 && Number(ask / this.#pair.tick) < fair) return "sell";
    if (bid !== undefined && bidLevels > 10 && Number(bid / this.#pair.tick) > fair) return "buy";
    return undefined;
  }

  #wander(): void {
    // Where a tick is a large part of the price, the price wanders by less than a tick at a time.
    const reach = Math.min(this.#pair.habits.gapTicks * 1.5, this.#startTicks * 3e-5);
    const step = (this.#random.fraction() + this.#random.fraction() - 1) * reach;
    this.#fairTicks = Math.max(2, this.#fairTicks + step + (this.#startTicks - this.#fairTicks) * 0.00003);
  }

  #take(view: View): Decision {
    const middle = view.bid === undefined || view.ask === undefined
      ? this.#fairTicks
      : Number((view.bid + view.ask) / this.#pair.tick) / 2;
    const side: Side = this.#random.fraction() < (this.#fairTicks > middle ? 0.8 : 0.2) ? "buy" : "sell";
    const best = side === "buy" ? view.ask : view.bid;
    const volume = this.#volume(this.#random.fraction() < 0.06 ? 6 : 0.8);
    if (best === undefined || this.#random.fraction() < 0.5) return { type: "take", side, volume, limit: undefined };
    const slack = BigInt(this.#random.below(3 * this.#pair.habits.gapTicks)) * this.#pair.tick;
    const limit = side === "buy" ? best + slack : best - slack;
    return { type: "take", side, volume, limit: limit < this.#pair.tick ? this.#pair.tick : limit };
  }

  /** Near the fair price most of the time, and never across the book. */
  #price(side: Side, view: View): bigint {
    const { tick, habits } = this.#pair;
    const levels = side === "buy" ? view.bidLevels : view.askLevels;
    // A side that has become thin is filled up where there is room: further away.
    const [near, reach] = levels < habits.levels * 0.8 ? [0.3, habits.levels / 3] : [0.7, 40];
    const distance = 0.5 + this.#random.exponential(habits.gapTicks * (this.#random.fraction() < near ? 2 : reach));
    const ticks = BigInt(Math.max(1, Math.round(this.#fairTicks + (side === "buy" ? -distance : distance))));
    const price = ticks * tick;
    if (side === "buy") return view.ask !== undefined && price >= view.ask ? lowest(view.ask - tick, tick) : price;
    return view.bid !== undefined && price <= view.bid ? view.bid + tick : price;
  }

  /** Mostly near the best. */
  #rank(levels: number): number {
    return Math.floor(this.#random.fraction() ** 4 * levels);
  }

  #volume(factor: number): bigint {
    const coins = this.#pair.habits.usualVolume * factor * (0.02 + this.#random.exponential(1));
    // Some orders are round to the eye, as people's orders are.
    const scale = this.#random.fraction() < 0.3 ? 10 ** Math.floor(Math.log10(coins)) : 1e-8;
    const volume = BigInt(Math.round(Math.max(1, coins / scale))) * BigInt(Math.round(scale * Number(ONE_VOLUME)));
    return volume < this.#pair.ordermin ? this.#pair.ordermin : volume;
  }
}

function lowest(price: bigint, tick: bigint): bigint {
  return price < tick ? tick : price;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
