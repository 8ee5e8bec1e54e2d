/**
 * Trades summed up over time: the candles of every interval, and the day's figures for the ticker.
 *
 * Pure but for its own state.
 *
 * Sources: https://docs.kraken.com/api/docs/websocket-v1/ohlc and https://docs.kraken.com/api/docs/websocket-v1/ticker
 *
 * @module
 */

/** Lengths of candles that one can subscribe to, in minutes. */
export const INTERVALS: readonly number[] = [1, 5, 15, 30, 60, 240, 1440, 10080, 21600];

/** What happened between two times. */
export interface Candle {
  readonly startMicros: number;
  lastMicros: number;
  open: bigint;
  high: bigint;
  low: bigint;
  close: bigint;
  volume: bigint;
  /** Sum of price times volume, not rounded. */
  turnover: bigint;
  count: number;
}

/** One execution, as the sums need it. */
export interface Execution {
  readonly price: bigint;
  readonly volume: bigint;
  readonly atMicros: number;
}

const MINUTE_MICROS = 60e6;
const DAY_MICROS = 1440 * MINUTE_MICROS;

/** The candles and day figures of one pair. */
export class Candles {
  readonly #current: (Candle | undefined)[] = INTERVALS.map(() => undefined);
  /** The last 24 hours in pieces of at least a minute, oldest first. */
  readonly #pieces: Candle[] = [];
  #day: Candle | undefined;
  #last24: Candle | undefined;
  #lastPrice = 0n;

  /** Adds an execution to everything. */
  add(execution: Execution): void {
    const { atMicros } = execution;
    this.roll(atMicros);
    this.#lastPrice = execution.price;
    for (let index = 0; index < INTERVALS.length; index++) {
      const startMicros = floorTo(atMicros, INTERVALS[index]! * MINUTE_MICROS);
      const current = this.#current[index];
      if (current?.startMicros === startMicros) extend(current, execution);
      else this.#current[index] = begin(startMicros, execution);
    }
    const minute = floorTo(atMicros, MINUTE_MICROS);
    const piece = this.#pieces.at(-1);
    if (piece?.startMicros === minute) extend(piece, execution);
    else this.#pieces.push(begin(minute, execution));
    if (this.#day === undefined) this.#day = begin(floorTo(atMicros, DAY_MICROS), execution);
    else extend(this.#day, execution);
    if (this.#last24 === undefined) this.#last24 = begin(atMicros, execution);
    else extend(this.#last24, execution);
  }

  /** Lets go of what has become older than a day, or belongs to yesterday. */
  roll(nowMicros: number): void {
    if (this.#day !== undefined && this.#day.startMicros !== floorTo(nowMicros, DAY_MICROS)) this.#day = undefined;
    const oldest = this.#pieces[0];
    if (oldest === undefined || oldest.startMicros > nowMicros - DAY_MICROS) return;
    const kept = this.#pieces.findIndex((piece) => piece.startMicros > nowMicros - DAY_MICROS);
    this.#pieces.splice(0, kept < 0 ? this.#pieces.length : kept);
    this.#last24 = this.#pieces.reduce<Candle | undefined>((sum, piece) => merge(sum, piece), undefined);
  }

  /** The last candle of the `index`-th interval that had a trade. */
  candle(index: number): Candle | undefined {
    return this.#current[index];
  }

  /** The figures since midnight UTC; without a trade since then, a candle of no volume at the last price. */
  get today(): Candle {
    return this.#day ?? empty(this.#lastPrice);
  }

  /** The figures of the last 24 hours, to the minute. */
  get last24Hours(): Candle {
    return this.#last24 ?? empty(this.#lastPrice);
  }
}

/** Volume-weighted average price, in units of a price; the open where nothing was traded. */
export function averagePrice({ turnover, volume, open }: Candle): bigint {
  return volume === 0n ? open : (turnover * 2n + volume) / (volume * 2n);
}

/** When an interval of so many minutes that holds `startMicros` ends. */
export function endOfInterval(startMicros: number, minutes: number): number {
  return startMicros + minutes * MINUTE_MICROS;
}

function floorTo(micros: number, step: number): number {
  return micros - (micros % step);
}

function begin(startMicros: number, { price, volume, atMicros }: Execution): Candle {
  return {
    startMicros,
    lastMicros: atMicros,
    open: price,
    high: price,
    low: price,
    close: price,
    volume,
    turnover: price * volume,
    count: 1,
  };
}

function empty(price: bigint): Candle {
  return { ...begin(0, { price, volume: 0n, atMicros: 0 }), count: 0 };
}

function extend(candle: Candle, { price, volume, atMicros }: Execution): void {
  candle.lastMicros = atMicros;
  if (price > candle.high) candle.high = price;
  if (price < candle.low) candle.low = price;
  candle.close = price;
  candle.volume += volume;
  candle.turnover += price * volume;
  candle.count += 1;
}

function merge(sum: Candle | undefined, next: Candle): Candle {
  if (sum === undefined) return { ...next };
  return {
    startMicros: sum.startMicros,
    lastMicros: next.lastMicros,
    open: sum.open,
    high: next.high > sum.high ? next.high : sum.high,
    low: next.low < sum.low ? next.low : sum.low,
    close: next.close,
    volume: sum.volume + next.volume,
    turnover: sum.turnover + next.turnover,
    count: sum.count + next.count,
  };
}
