/**
 * The matching engine: the book of one pair, in price-time priority.
 *
 * Orders at one price stand in a queue; a taker fills the best price first and, at one price, the oldest order
 * first, always at the price of the order that was there. The book knows neither accounts nor frames. It does keep
 * a log of the levels that a step has changed, from which {@linkcode ./book_feed.ts} writes the public updates.
 *
 * Pure but for its own state.
 *
 * @module
 */

export type Side = "buy" | "sell";

/** An order as the book sees it. The book changes `remaining` only. */
export interface Order {
  readonly side: Side;
  /** In units of a price. */
  readonly price: bigint;
  /** What is left to fill, in units of a volume. */
  remaining: bigint;
  /** Whose it is; the crowd's orders have none. */
  readonly account?: string;
}

/** Two orders met. */
export interface Fill {
  readonly maker: Order;
  readonly taker: Order;
  readonly price: bigint;
  readonly volume: bigint;
}

/** The orders at one price. */
export interface Level {
  readonly price: bigint;
  /** Oldest first. */
  readonly queue: Order[];
  /** Sum of what is left to fill; 0 once the level has left the book. */
  volume: bigint;
  changedMicros: number;
  /** Whether the step now running has changed it, and whether it made it. */
  changed: boolean;
  made: boolean;
  /** The level as the feed writes it, kept until it changes; empty when it must be written anew. */
  entry: string;
  digits: string;
}

/** What a taker does when it meets an order it must not fill. */
export type Meeting = "fill" | "remove_maker" | "stop" | "remove_both";

/** One side of a book: its levels by rank, 0 the best. */
export class BookSide {
  readonly side: Side;
  /** Levels that the running step has changed, in that order; a level made and removed in it is among them. */
  readonly changed: Level[] = [];
  /** Best last, because that is where nearly all changes happen. */
  readonly #levels: Level[] = [];
  readonly #depths: readonly number[];
  readonly #edges: (bigint | undefined)[] = [];

  constructor(side: Side, depths: readonly number[]) {
    this.side = side;
    this.#depths = depths;
  }

  get length(): number {
    return this.#levels.length;
  }

  at(rank: number): Level | undefined {
    return this.#levels[this.#levels.length - 1 - rank];
  }

  get best(): Level | undefined {
    return this.#levels[this.#levels.length - 1];
  }

  /** Whether price `a` is better than price `b` on this side. */
  isBetter(a: bigint, b: bigint): boolean {
    return this.side === "buy" ? a > b : a < b;
  }

  find(price: bigint): Level | undefined {
    const level = this.#levels[this.#place(price)];
    return level?.price === price ? level : undefined;
  }

  /**
   * The price of the last level that a window of the `index`-th depth showed before the step now running;
   * `undefined` when the window was not full. Only meaningful while {@linkcode changed} is not empty.
   */
  edgeBefore(index: number): bigint | undefined {
    return this.#edges[index];
  }

  /** The level at `price`, made when there is none, and noted as changed. */
  open(price: bigint, nowMicros: number): Level {
    const index = this.#place(price);
    const found = this.#levels[index];
    if (found?.price === price) {
      this.touch(found, nowMicros);
      return found;
    }
    const level: Level = {
      price,
      queue: [],
      volume: 0n,
      changedMicros: nowMicros,
      changed: false,
      made: true,
      entry: "",
      digits: "",
    };
    this.touch(level, nowMicros);
    this.#levels.splice(index, 0, level);
    return level;
  }

  /** Notes that a level is about to change. Must come before the change, so that the edges are those of before. */
  touch(level: Level, nowMicros: number): void {
    level.changedMicros = nowMicros;
    level.entry = "";
    level.digits = "";
    if (level.changed) return;
    if (this.changed.length === 0) {
      for (let index = 0; index < this.#depths.length; index++) {
        this.#edges[index] = this.at(this.#depths[index]! - 1)?.price;
      }
    }
    level.changed = true;
    this.changed.push(level);
  }

  /** Takes a level without orders out of the book. */
  drop(level: Level): void {
    this.#levels.splice(this.#place(level.price), 1);
  }

  /** Forgets what the step has changed. */
  settle(): void {
    for (const level of this.changed) {
      level.changed = false;
      level.made = false;
    }
    this.changed.length = 0;
  }

  /** Where `price` stands or would stand. */
  #place(price: bigint): number {
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.isBetter(price, this.#levels[middle]!.price)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The book of one pair. */
export class Book {
  readonly buy: BookSide;
  readonly sell: BookSide;

  /** @param depths The depths whose windows {@linkcode BookSide.edgeBefore} remembers. */
  constructor(depths: readonly number[]) {
    this.buy = new BookSide("buy", depths);
    this.sell = new BookSide("sell", depths);
  }

  /** The side on which an order rests. */
  own(order: Order): BookSide {
    return order.side === "buy" ? this.buy : this.sell;
  }

  /** The side that an order takes from. */
  other(order: Order): BookSide {
    return order.side === "buy" ? this.sell : this.buy;
  }

  /** Whether a limit order would fill something at once. */
  crosses(order: Order): boolean {
    const best = this.other(order).best;
    return best !== undefined && !this.other(order).isBetter(order.price, best.price);
  }

  /**
   * Fills `taker` from the other side as far as `limit` allows.
   *
   * @param limit The worst price to take; `undefined` takes any.
   * @param meets Asked at each order in the way; makers that it removes are reported to `removed`.
   */
  match(taker: Order, options: {
    readonly limit: bigint | undefined;
    readonly nowMicros: number;
    readonly meets?: (maker: Order) => Meeting;
    readonly removed?: (maker: Order) => void;
  }): Fill[] {
    const side = this.other(taker);
    const fills: Fill[] = [];
    while (taker.remaining > 0n) {
      const level = side.best;
      if (level === undefined || (options.limit !== undefined && side.isBetter(options.limit, level.price))) break;
      const maker = level.queue[0]!;
      const meeting = options.meets?.(maker) ?? "fill";
      if (meeting === "stop") break;
      if (meeting !== "fill") {
        this.remove(maker, options.nowMicros);
        options.removed?.(maker);
        if (meeting === "remove_both") break;
        continue;
      }
      const volume = maker.remaining < taker.remaining ? maker.remaining : taker.remaining;
      taker.remaining -= volume;
      this.reduce(maker, maker.remaining - volume, options.nowMicros);
      fills.push({ maker, taker, price: level.price, volume });
    }
    return fills;
  }

  /** Puts what is left of an order at the end of the queue at its price. */
  rest(order: Order, nowMicros: number): void {
    const level = this.own(order).open(order.price, nowMicros);
    level.queue.push(order);
    level.volume += order.remaining;
  }

  /** Takes a resting order out; `remaining` keeps what was not filled. */
  remove(order: Order, nowMicros: number): void {
    const side = this.own(order);
    const level = side.find(order.price);
    const index = level?.queue.indexOf(order) ?? -1;
    if (level === undefined || index < 0) return;
    side.touch(level, nowMicros);
    level.queue.splice(index, 1);
    level.volume -= order.remaining;
    if (level.queue.length === 0) side.drop(level);
  }

  /** Lowers what is left of a resting order, which keeps its place in the queue; at 0 it leaves the book. */
  reduce(order: Order, remaining: bigint, nowMicros: number): void {
    const side = this.own(order);
    const level = side.find(order.price);
    if (level === undefined) return;
    if (remaining <= 0n) {
      this.remove(order, nowMicros);
      order.remaining = 0n;
      return;
    }
    side.touch(level, nowMicros);
    level.volume -= order.remaining - remaining;
    order.remaining = remaining;
  }

  /** Ends the step now running. */
  settle(): void {
    this.buy.settle();
    this.sell.settle();
  }
}
