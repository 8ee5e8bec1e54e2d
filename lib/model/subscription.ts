/**
 * What a user can subscribe to.
 *
 * Pure vocabulary: the wire form of a subscription is the protocol's.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/book and its sibling pages.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import type { Pair } from "./pair.ts";

/** How many levels a side a book can be subscribed with. */
export const DEPTHS = [10, 25, 100, 500, 1000] as const;
export type Depth = typeof DEPTHS[number];

/** How many minutes a candle can span. */
export const INTERVALS = [1, 5, 15, 30, 60, 240, 1440, 10080, 21600] as const;
export type Interval = typeof INTERVALS[number];

/** A public channel and its parameters, before any pair is named. */
export type PublicFeed =
  | { readonly channel: "ticker" | "trade" | "spread" }
  | { readonly channel: "book"; readonly depth: Depth }
  | { readonly channel: "ohlc"; readonly interval: Interval };

export type PublicChannel = PublicFeed["channel"];

/** An account channel and its parameters. */
export type PrivateFeed =
  | { readonly channel: "openOrders"; readonly ratecounter: boolean }
  | { readonly channel: "ownTrades"; readonly snapshot: boolean; readonly consolidateTaker: boolean }
  /** Offered by the exchange's own script and absent from its reference: sent as it is, so that the exchange may say. */
  | { readonly channel: "balances" };

export type PrivateChannel = PrivateFeed["channel"];

/** One stream: what the exchange confirms, rejects and ends on its own. */
export type Subscription = (PublicFeed & { readonly pair: Pair }) | PrivateFeed;

export type Channel = PublicChannel | PrivateChannel;

/** Which of the exchange's two sockets carries a stream. */
export type Socket = "public" | "private";

export function socketOf(subscription: Subscription): Socket {
  return "pair" in subscription ? "public" : "private";
}

/** The exchange's name for a channel with its parameter, such as `book-10` or `ohlc-5`. */
export function channelName(subscription: PublicFeed | PrivateFeed): string {
  switch (subscription.channel) {
    case "book":
      return `book-${subscription.depth}`;
    case "ohlc":
      return `ohlc-${subscription.interval}`;
    default:
      return subscription.channel;
  }
}

/** The name under which records, ledger and shell know a subscription, such as `book-10:XBT/USD` or `openOrders`. */
export function subscriptionId(subscription: Subscription): string {
  const name = channelName(subscription);
  return "pair" in subscription ? `${name}:${subscription.pair}` : name;
}

/** @throws {UsageError} If the exchange has no book of that depth. */
export function parseDepth(value: number): Depth {
  return oneOf(DEPTHS, value, "depth", "levels");
}

/** @throws {UsageError} If the exchange has no candles of that many minutes. */
export function parseInterval(value: number): Interval {
  return oneOf(INTERVALS, value, "interval", "minutes");
}

function oneOf<T extends number>(allowed: readonly T[], value: number, what: string, unit: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new UsageError(`no_such_${what}`, `The exchange has no ${what} of ${value} ${unit}`, {
    hint: `It has ${allowed.join(", ")}`,
  });
}
