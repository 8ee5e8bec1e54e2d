/**
 * A customer's order: what was asked for, and how far it has come.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder
 *
 * @module
 */

import type { Account, Hold } from "./ledger.ts";
import type { Market } from "./market.ts";
import type { Order, Side } from "./matching.ts";
import type { Pair } from "./pairs.ts";
import type { PriceText } from "./prices.ts";
import type { Entry } from "./schedule.ts";

export const ORDER_TYPES = [
  "limit",
  "market",
  "stop-loss",
  "stop-loss-limit",
  "take-profit",
  "take-profit-limit",
  "trailing-stop",
  "trailing-stop-limit",
  "settle-position",
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export type SelfTradePrevention = "cancel_newest" | "cancel_oldest" | "cancel_both";

/** The order that follows each fill of this one, for the same volume in the other direction. */
export interface ConditionalClose {
  readonly ordertype: OrderType;
  readonly price: string | undefined;
  readonly price2: string | undefined;
}

/** What was asked for, checked and with every default filled in. */
export interface OrderSpec {
  readonly pair: Pair;
  readonly side: Side;
  readonly ordertype: OrderType;
  readonly volume: bigint;
  /** Limit of a limit order, trigger of the others, present distance for trailing ones. */
  readonly price: bigint | undefined;
  /** Limit of the -limit types. */
  readonly price2: bigint | undefined;
  /** How far a trailing order stays behind the market, and how far its limit is from where it triggers. */
  readonly trail: { readonly offset: PriceText; readonly limit: PriceText | undefined } | undefined;
  /** 0 for a spot order. */
  readonly leverage: number;
  readonly reduceOnly: boolean;
  readonly isPostOnly: boolean;
  readonly feeIn: "base" | "quote";
  readonly timeinforce: "GTC" | "GTD" | "IOC";
  readonly startMicros: number | undefined;
  readonly expireMicros: number | undefined;
  readonly userref: number | undefined;
  readonly clOrdId: string | undefined;
  readonly stp: SelfTradePrevention;
  readonly close: ConditionalClose | undefined;
}

/** `pending` waits for its start; a triggered order waits in `open` until its price comes. */
export type OrderStatus = "pending" | "open" | "closed" | "canceled" | "expired";

/** An order in its life. */
export interface UserOrder {
  readonly txid: string;
  readonly account: Account;
  readonly market: Market;
  spec: OrderSpec;
  readonly refid: string | undefined;
  readonly openMicros: number;
  /** When it was added or last amended, for the rate counter. */
  changedMicros: number;
  updatedMicros: number | undefined;
  status: OrderStatus;
  volumeExecuted: bigint;
  /** How much of that conditional closes have been placed for. */
  volumeFollowed: bigint;
  cost: bigint;
  fee: bigint;
  /** Where it triggers; moves for trailing orders. */
  trigger: bigint | undefined;
  /** Best price since a trailing order was placed. */
  peak: bigint | undefined;
  /** Set once a triggered order has come alive. */
  stopprice: bigint | undefined;
  limitprice: bigint | undefined;
  misc: string;
  cancelReason: string | undefined;
  isAmended: boolean;
  /** The order in the book, while it rests there. */
  resting: Order | undefined;
  hold: Hold | undefined;
  /** Its planned start and end. */
  timers: Entry[];
}

/** Whether the order may still be filled or canceled. */
export function isLive({ status }: UserOrder): boolean {
  return status === "pending" || status === "open";
}

/** What is left to fill. */
export function remainingVolume({ spec, volumeExecuted }: UserOrder): bigint {
  return spec.volume - volumeExecuted;
}

/** Whether an order of this type waits for a price before it goes to the market. */
export function isTriggered(ordertype: OrderType): boolean {
  return /^(stop-loss|take-profit|trailing-stop)/.test(ordertype);
}

/** Whether an order of this type ends as a limit order. */
export function endsAsLimit(ordertype: OrderType): boolean {
  return ordertype === "limit" || ordertype.endsWith("-limit");
}

/** An order at the moment of its acceptance. */
export function createOrder(
  identity: Pick<UserOrder, "txid" | "account" | "market" | "refid">,
  { spec, hold, nowMicros }: { readonly spec: OrderSpec; readonly hold: Hold; readonly nowMicros: number },
): UserOrder {
  return {
    ...identity,
    spec,
    hold,
    openMicros: nowMicros,
    changedMicros: nowMicros,
    updatedMicros: undefined,
    status: "pending",
    volumeExecuted: 0n,
    volumeFollowed: 0n,
    cost: 0n,
    fee: 0n,
    trigger: undefined,
    peak: undefined,
    stopprice: undefined,
    limitprice: undefined,
    misc: "",
    cancelReason: undefined,
    isAmended: false,
    resting: undefined,
    timers: [],
  };
}
