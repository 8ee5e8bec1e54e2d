/**
 * The private feeds: who listens to which account, and what they are told.
 *
 * Each subscription counts its own messages from 1, the snapshot; a hole in that count is how a client notices a lost
 * one. An order is shown whole once, later only in what changed.
 *
 * Pure but for the subscriptions.
 *
 * Sources: https://docs.kraken.com/api/docs/websocket-v1/openorders and
 * https://docs.kraken.com/api/docs/websocket-v1/owntrades
 *
 * @module
 */

import { divideRounded, formatFixed, formatMicros, ONE_VOLUME, VOLUME_DECIMALS } from "./fixed.ts";
import type { Account } from "./ledger.ts";
import { wholeOrder } from "./order_messages.ts";
import type { UserOrder } from "./orders.ts";
import type { Session } from "./session.ts";
import type { Trade } from "./settlement.ts";

/** The private feeds by name. */
export const PRIVATE_FEEDS = ["openOrders", "ownTrades"] as const;
export type PrivateFeed = (typeof PRIVATE_FEEDS)[number];

/** Trades in a snapshot of ownTrades. */
const SNAPSHOT_TRADES = 50;

/** One subscription. */
export interface PrivateSubscription {
  readonly session: Session;
  readonly account: Account;
  readonly feed: PrivateFeed;
  /** Whether updates of openOrders carry the rate counter. */
  readonly withRateCount: boolean;
  /** Whether the fills of one taker are shown as one trade. */
  readonly isConsolidated: boolean;
  sequence: number;
}

/** All private subscriptions. */
export class PrivateFeeds {
  readonly #subscriptions = new Set<PrivateSubscription>();
  readonly #trades = new Map<Account, Trade[]>();
  readonly #rateCount: (order: UserOrder) => number;
  readonly #skips: () => boolean;

  constructor(options: {
    /** The count of an order's account in its pair. */
    readonly rateCount: (order: UserOrder) => number;
    /** Whether the next message skips a number, as if one had been lost. */
    readonly skips: () => boolean;
  }) {
    this.#rateCount = options.rateCount;
    this.#skips = options.skips;
  }

  find(session: Session, feed: PrivateFeed): PrivateSubscription | undefined {
    return [...this.#subscriptions].find((candidate) => candidate.session === session && candidate.feed === feed);
  }

  /** Whether a connection has any private subscription. */
  isHeldBy(session: Session): boolean {
    return [...this.#subscriptions].some((candidate) => candidate.session === session);
  }

  /** Starts a subscription with its snapshot; `orders` are the account's live ones. */
  open(subscription: PrivateSubscription, options: {
    readonly orders: Iterable<UserOrder>;
    readonly withTrades: boolean;
  }): void {
    this.#subscriptions.add(subscription);
    if (subscription.feed === "openOrders") {
      const orders = [...options.orders].sort((a, b) => b.openMicros - a.openMicros);
      this.#send(
        subscription,
        orders.map((order) => ({ [order.txid]: this.#withCount(subscription, order, wholeOrder(order)) })),
      );
    } else if (options.withTrades) {
      const trades = this.#trades.get(subscription.account) ?? [];
      this.#send(subscription, written(trades, subscription).slice(-SNAPSHOT_TRADES).reverse());
    }
  }

  close(subscription: PrivateSubscription): void {
    this.#subscriptions.delete(subscription);
  }

  /** Ends everything a connection listened to. */
  drop(session: Session): void {
    for (const subscription of this.#subscriptions) {
      if (subscription.session === session) this.#subscriptions.delete(subscription);
    }
  }

  /** Tells of a change of an order. */
  order(order: UserOrder, update: Readonly<Record<string, unknown>>): void {
    for (const subscription of this.#listeners(order.account, "openOrders")) {
      this.#send(subscription, [{ [order.txid]: this.#withCount(subscription, order, update) }]);
    }
  }

  /** Tells of the fills of one step. */
  trades(trades: readonly Trade[]): void {
    for (const account of new Set(trades.map((trade) => trade.order.account))) {
      const own = trades.filter((trade) => trade.order.account === account);
      const all = this.#trades.get(account);
      if (all === undefined) this.#trades.set(account, [...own]);
      else all.push(...own);
      for (const subscription of this.#listeners(account, "ownTrades")) {
        this.#send(subscription, written(own, subscription));
      }
    }
  }

  #send(subscription: PrivateSubscription, entries: readonly unknown[]): void {
    subscription.sequence += this.#skips() ? 2 : 1;
    const sequence = JSON.stringify({ sequence: subscription.sequence });
    subscription.session.send(`[${JSON.stringify(entries)},"${subscription.feed}",${sequence}]`);
  }

  #listeners(account: Account, feed: PrivateFeed): readonly PrivateSubscription[] {
    return [...this.#subscriptions].filter((candidate) => candidate.account === account && candidate.feed === feed);
  }

  #withCount(
    { withRateCount }: PrivateSubscription,
    order: UserOrder,
    update: Readonly<Record<string, unknown>>,
  ): Readonly<Record<string, unknown>> {
    return withRateCount ? { ...update, ratecount: Math.ceil(this.#rateCount(order)) } : update;
  }
}

function written(trades: readonly Trade[], { isConsolidated }: PrivateSubscription): unknown[] {
  const shown = isConsolidated ? consolidate(trades) : trades;
  return shown.map((trade) => ({ [trade.id]: writeTrade(trade) }));
}

/** Joins fills that one taker made in one step. */
function consolidate(trades: readonly Trade[]): readonly Trade[] {
  const joined: Trade[] = [];
  for (const trade of trades) {
    const last = joined.at(-1);
    const isSame = last !== undefined && last.isTaker && trade.isTaker && last.order === trade.order &&
      last.atMicros === trade.atMicros;
    if (isSame) joined.splice(-1, 1, sum(last, trade));
    else joined.push(trade);
  }
  return joined;
}

function sum(a: Trade, b: Trade): Trade {
  const volume = a.volume + b.volume;
  const cost = a.cost + b.cost;
  return {
    ...a,
    volume,
    cost,
    price: divideRounded(cost * ONE_VOLUME, volume),
    fee: a.fee + b.fee,
    margin: a.margin + b.margin,
  };
}

function writeTrade(trade: Trade): Readonly<Record<string, unknown>> {
  const { order, positionId } = trade;
  const { pair, ordertype, side, userref, clOrdId } = order.spec;
  const price = (value: bigint) => formatFixed(value, pair.priceDecimals);
  return {
    cost: price(trade.cost),
    fee: price(trade.fee),
    margin: price(trade.margin),
    ordertxid: order.txid,
    ordertype,
    pair: pair.wsname,
    postxid: positionId,
    price: price(trade.price),
    time: formatMicros(trade.atMicros),
    type: side,
    vol: formatFixed(trade.volume, VOLUME_DECIMALS),
    userref,
    cl_ord_id: clOrdId,
  };
}
