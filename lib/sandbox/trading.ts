/**
 * Customers' orders from acceptance to their end, in the same books as everyone else's.
 *
 * {@linkcode Trading.accept} checks an order against the account and sets money aside; {@linkcode Trading.begin} lets it
 * live: it waits for its time or its price, takes from the book, rests in it, is filled, ends. Whoever wants to tell
 * the customer listens through {@linkcode TradingEvents}.
 *
 * Pure but for its own state.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder
 *
 * @module
 */

import { checkOrder, findPosition, reserveFor, type Standing } from "./acceptance.ts";
import { formatFixed, VOLUME_DECIMALS } from "./fixed.ts";
import type { Account } from "./ledger.ts";
import type { Market } from "./market.ts";
import type { Fill, Meeting, Order } from "./matching.ts";
import { readOrder } from "./order_requests.ts";
import { finalUpdate, progressOf, referenceOf, wholeOrder } from "./order_messages.ts";
import { OrderRegistry } from "./order_registry.ts";
import {
  createOrder,
  endsAsLimit,
  isLive,
  isTriggered,
  type OrderSpec,
  type OrderStatus,
  remainingVolume,
  type UserOrder,
} from "./orders.ts";
import { Refusal } from "./refusal.ts";
import type { Fields } from "./requests.ts";
import type { Schedule } from "./schedule.ts";
import { Settlement, type Trade } from "./settlement.ts";
import { arm, isDue, spring } from "./triggers.ts";

/** Who hears of what happens to orders. */
export interface TradingEvents {
  /** An order has changed; `update` holds the fields that private feeds show of it. */
  order(order: UserOrder, update: Readonly<Record<string, unknown>>): void;
  /** Fills of one step. */
  trades(trades: readonly Trade[]): void;
}

/** What trading needs of the exchange. */
export interface TradingContext {
  readonly nowMicros: number;
  readonly schedule: Schedule;
  readonly events: TradingEvents;
  createId(prefix: "O" | "T"): string;
}

/** The life of all customers' orders. */
export class Trading {
  readonly orders = new OrderRegistry();
  readonly settlement: Settlement;
  readonly #context: TradingContext;
  readonly #resting = new Map<Order, UserOrder>();

  constructor(context: TradingContext) {
    this.#context = context;
    this.settlement = new Settlement(() => context.createId("T"));
  }

  /**
   * Checks an order against its account without making it.
   *
   * @param instead The live order whose place it would take; what that one holds counts as free.
   * @returns The order as it would be taken.
   * @throws {Refusal} If it would not.
   */
  check(account: Account, market: Market, asked: OrderSpec, instead?: UserOrder): OrderSpec {
    return checkOrder(this.#standing(account, market), asked, instead);
  }

  /**
   * Takes an order: it has an id and its money is set aside, but nothing has happened yet.
   *
   * @throws {Refusal} If it is not taken.
   */
  accept(account: Account, market: Market, asked: OrderSpec, { txid, refid }: {
    readonly txid?: string;
    /** The order that this one comes from. */
    readonly refid?: string;
  } = {}): UserOrder {
    const spec = this.check(account, market, asked);
    const { hold, feeIn } = reserveFor(this.#standing(account, market), spec);
    const { nowMicros } = this.#context;
    const identity = { txid: txid ?? this.#context.createId("O"), account, market, refid };
    const order = createOrder(identity, { spec: { ...spec, feeIn }, hold, nowMicros });
    this.orders.add(order);
    return order;
  }

  /** Lets an accepted order live. */
  begin(order: UserOrder): void {
    if (!isLive(order)) return;
    const { schedule, events } = this.#context;
    const { startMicros, expireMicros } = order.spec;
    events.order(order, wholeOrder(order));
    if (expireMicros !== undefined) {
      order.timers.push(schedule.at(expireMicros, () => this.end(order, { status: "expired" })));
    }
    if (startMicros === undefined) this.#open(order);
    else order.timers.push(schedule.at(startMicros, () => this.#open(order)));
  }

  /**
   * Replaces what is set aside for an order by what `rest` needs.
   *
   * @param rest The unfilled part of the order, as it will be.
   * @throws {Refusal} If the account does not have it; everything then stays as it was.
   */
  rehold(order: UserOrder, rest: OrderSpec): void {
    const { account, market, hold } = order;
    const before = hold?.left ?? 0n;
    if (hold !== undefined) account.release(hold);
    try {
      const reserve = reserveFor(this.#standing(account, market), rest);
      order.hold = reserve.hold;
      order.spec = { ...order.spec, feeIn: reserve.feeIn };
    } catch (error) {
      if (hold !== undefined) account.extend(hold, before);
      throw error;
    }
  }

  /** Ends a live order before it is filled. */
  end(order: UserOrder, { status, reason }: { readonly status: OrderStatus; readonly reason?: string }): void {
    if (!isLive(order)) return;
    this.leave(order);
    order.market.publish(this.#context.nowMicros);
    this.#finish(order, status, reason);
  }

  /** Takes an order out of the book, if it rests there, without ending it. */
  leave(order: UserOrder): void {
    const { resting, market } = order;
    if (resting === undefined) return;
    market.book.remove(resting, this.#context.nowMicros);
    this.#resting.delete(resting);
    order.resting = undefined;
  }

  /** Books fills of the crowd's takers against customers' resting orders. */
  settleCrowd(market: Market, fills: readonly Fill[]): void {
    const trades: Trade[] = [];
    for (const fill of fills) {
      if (fill.maker.account !== undefined) trades.push(...this.#settle(fill, undefined));
    }
    this.#tell(trades);
    if (fills.length > 0) this.watch(market);
  }

  /** Brings to life what waits for the market's last price, until nothing is due any more. */
  watch(market: Market): void {
    for (;;) {
      const due = this.orders.findWaiting(market, (order) => isDue(order, market.lastPrice));
      if (due === undefined) return;
      spring(due);
      this.#context.events.order(due, {
        misc: due.misc,
        stopprice: formatFixed(due.stopprice ?? 0n, due.spec.pair.priceDecimals),
        limitprice: formatFixed(due.limitprice ?? 0n, due.spec.pair.priceDecimals),
        ...referenceOf(due),
      });
      this.enter(due, due.limitprice);
    }
  }

  /** Sends an order to the book with its remaining volume: it takes what it can, then rests or ends. */
  enter(order: UserOrder, limit: bigint | undefined): void {
    const { market, spec } = order;
    const { nowMicros } = this.#context;
    const taker: Order = {
      side: spec.side,
      price: limit ?? 0n,
      remaining: remainingVolume(order),
      account: order.account.name,
    };
    if (spec.isPostOnly && market.book.crosses(taker)) return this.#finish(order, "canceled", "Post only order");
    if (!this.#reserve(order, limit)) return this.#finish(order, "canceled", "Insufficient funds");
    const removed: UserOrder[] = [];
    let isStopped = false;
    const meets = (maker: Order): Meeting => {
      if (maker.account !== order.account.name) return "fill";
      isStopped ||= spec.stp !== "cancel_oldest";
      return spec.stp === "cancel_newest" ? "stop" : spec.stp === "cancel_oldest" ? "remove_maker" : "remove_both";
    };
    const note = (maker: Order) => removed.push(this.#resting.get(maker)!);
    const fills = market.book.match(taker, { limit, nowMicros, meets, removed: note });
    market.note(fills, { orderType: limit === undefined ? "market" : "limit", nowMicros });
    const rests = taker.remaining > 0n && limit !== undefined && !isStopped && spec.timeinforce !== "IOC";
    if (rests) {
      order.resting = taker;
      this.#resting.set(taker, order);
      market.book.rest(taker, nowMicros);
    }
    market.publish(nowMicros);
    for (const maker of removed) this.#finish(maker, "canceled", "Self trade prevention");
    this.#tell(fills.flatMap((fill) => this.#settle(fill, order)));
    if (!rests && isLive(order)) this.#finish(order, "canceled", whyNotFilled(order, isStopped));
  }

  #open(order: UserOrder): void {
    if (!isLive(order)) return;
    const { spec, market } = order;
    order.status = "open";
    this.#context.events.order(order, { status: "open", ...referenceOf(order) });
    if (spec.ordertype === "settle-position") this.#settlePosition(order);
    else if (isTriggered(spec.ordertype)) arm(order, market.lastPrice);
    else this.enter(order, endsAsLimit(spec.ordertype) ? spec.price : undefined);
    this.watch(market);
  }

  /** Sets aside anew what the rest of an order needs now that it goes to the market; whether it is there. */
  #reserve(order: UserOrder, limit: bigint | undefined): boolean {
    const ordertype = limit === undefined ? "market" : "limit";
    try {
      this.rehold(order, { ...order.spec, ordertype, price: limit, price2: undefined, volume: remainingVolume(order) });
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  #settle(fill: Fill, takerOrder: UserOrder | undefined): readonly Trade[] {
    const makerOrder = this.#resting.get(fill.maker);
    return this.settlement.settle(fill, { makerOrder, takerOrder, atMicros: this.#context.nowMicros });
  }

  /** Reports fills, and ends the orders they have filled. */
  #tell(trades: readonly Trade[]): void {
    if (trades.length === 0) return;
    this.#context.events.trades(trades);
    for (const order of new Set(trades.map((trade) => trade.order))) {
      this.#context.events.order(order, { ...progressOf(order), ...referenceOf(order) });
      if (remainingVolume(order) === 0n) this.#finish(order, "closed", undefined);
      if (order.spec.close !== undefined) this.#close(order);
    }
  }

  #finish(order: UserOrder, status: OrderStatus, reason: string | undefined): void {
    order.status = status;
    order.cancelReason = reason;
    order.updatedMicros = this.#context.nowMicros;
    // Whoever was filled or removed by a taker has left the book already.
    if (order.resting !== undefined) this.#resting.delete(order.resting);
    order.resting = undefined;
    if (order.hold !== undefined) order.account.release(order.hold);
    order.hold = undefined;
    for (const timer of order.timers) timer.cancel();
    this.orders.end(order);
    this.#context.events.order(order, finalUpdate(order));
  }

  /**
   * Places the conditional close for what has been filled since the last one. What is too little for an order of its
   * own waits for the next fill; what the account cannot afford is left.
   */
  #close(filled: UserOrder): void {
    const { account, market } = filled;
    try {
      const closing = readOrder(closingFields(filled), { market, nowMicros: this.#context.nowMicros });
      const order = this.accept(account, market, closing, { refid: filled.txid });
      filled.volumeFollowed = filled.volumeExecuted;
      // It begins a step of its own: the one that filled the first order has to end before.
      this.#context.schedule.at(this.#context.nowMicros, () => this.begin(order));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  #settlePosition(order: UserOrder): void {
    const position = findPosition(this.settlement.positions, order.account, order.spec);
    // It may have changed since the order was accepted, if that was to start later.
    if (position === undefined || position.side === order.spec.side || position.volume < order.spec.volume) {
      return this.#finish(order, "canceled", "Position is closed");
    }
    this.settlement.settlePosition(order);
    this.#context.events.order(order, { ...progressOf(order), ...referenceOf(order) });
    this.#finish(order, "closed", undefined);
  }

  #standing(account: Account, market: Market): Standing {
    return { account, market, orders: this.orders, positions: this.settlement.positions };
  }
}

function whyNotFilled({ spec }: UserOrder, isStopped: boolean): string {
  if (isStopped) return "Self trade prevention";
  return spec.timeinforce === "IOC" && endsAsLimit(spec.ordertype) ? "Immediate or cancel" : "No liquidity";
}

/** The conditional close of what has been filled, in the words of a request. */
function closingFields({ spec, volumeExecuted, volumeFollowed }: UserOrder): Fields {
  return {
    type: spec.side === "buy" ? "sell" : "buy",
    ordertype: spec.close?.ordertype,
    volume: formatFixed(volumeExecuted - volumeFollowed, VOLUME_DECIMALS),
    price: spec.close?.price,
    price2: spec.close?.price2,
    leverage: spec.leverage > 0 ? String(spec.leverage) : undefined,
    userref: spec.userref,
  };
}
