/**
 * What one frame from the exchange told us, in words no protocol version owns.
 *
 * The `data` of an event is what the record shows under `data`: the exchange's
 * digits, with names in place of array positions.
 *
 * @module
 */

import type { Decimal } from "./decimal.ts";
import type { Pair } from "./pair.ts";
import type { Depth, Interval, PrivateChannel } from "./subscription.ts";

/** A request's number as it came back. Kept as text beyond 2^53, where a `number` would change it. */
export type RequestId = number | string;

export type ServerEvent =
  | MarketEvent
  | AccountEvent
  | ControlEvent
  /** Data that nobody asked to have read. */
  | { readonly type: "unread" };

/** What the market did. */
export type MarketEvent =
  | { readonly type: "ticker"; readonly pair: Pair; readonly data: Ticker }
  | { readonly type: "ohlc"; readonly pair: Pair; readonly interval: Interval; readonly data: Candle }
  | { readonly type: "trade"; readonly pair: Pair; readonly data: readonly Trade[] }
  | { readonly type: "spread"; readonly pair: Pair; readonly data: Spread }
  | { readonly type: "book_snapshot"; readonly pair: Pair; readonly depth: Depth; readonly data: BookSides }
  | {
    readonly type: "book_update";
    readonly pair: Pair;
    readonly depth: Depth;
    readonly data: BookSides;
    /** The exchange's CRC-32 in decimal, over its book after this update; `undefined` if it sent none. */
    readonly checksum: Decimal | undefined;
  };

/** What happened to the account. `data` is a list of one-key objects from an id to what is known of it, as on the wire. */
export interface AccountEvent {
  readonly type: "account";
  readonly channel: PrivateChannel;
  readonly sequence: number;
  readonly data: readonly AccountEntry[];
}

/** An order's or a trade's id, and those of its fields that the exchange sent. */
export interface AccountEntry {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the exchange said of the connection or of a request. */
export type ControlEvent =
  | { readonly type: "status"; readonly status: string; readonly version?: string; readonly connectionId?: string }
  | { readonly type: "heartbeat" }
  | { readonly type: "pong"; readonly reqid: RequestId | undefined }
  | SubscriptionEvent
  | {
    /** The answer to a trading request. */
    readonly type: "reply";
    /** The request's event, such as `addOrder`. */
    readonly request: string;
    readonly reqid: RequestId | undefined;
    /** Why the exchange refused; `undefined` if it accepted. */
    readonly reason: string | undefined;
    readonly data: Readonly<Record<string, unknown>>;
  }
  | { readonly type: "error"; readonly message: string; readonly reqid: RequestId | undefined }
  /** Kept whole, so that nothing the exchange says is lost. */
  | { readonly type: "unrecognized"; readonly text: string };

/** The exchange's word on a subscription, asked for or not. */
export interface SubscriptionEvent {
  readonly type: "subscribed" | "unsubscribed" | "rejected";
  readonly reqid: RequestId | undefined;
  /** Such as `book-10`; a rejection may leave it out. */
  readonly channelName: string | undefined;
  readonly pair: string | undefined;
  /** Why it was rejected. */
  readonly reason?: string;
  /** With `openOrders`: where the rate counter refuses. */
  readonly maxratecount?: number;
}

export interface Ticker {
  readonly ask: Quote;
  readonly bid: Quote;
  readonly last: { readonly price: Decimal; readonly volume: Decimal };
  readonly volume: DayWindow<Decimal>;
  readonly vwap: DayWindow<Decimal>;
  readonly trades: DayWindow<number>;
  readonly low: DayWindow<Decimal>;
  readonly high: DayWindow<Decimal>;
  readonly open: DayWindow<Decimal>;
}

export interface Quote {
  readonly price: Decimal;
  readonly whole_lot_volume: number;
  readonly lot_volume: Decimal;
}

/** The same figure since midnight UTC and over the last 24 hours. */
export interface DayWindow<T> {
  readonly today: T;
  readonly last_24h: T;
}

/** Times are seconds since the epoch, as the exchange wrote them. `time` is that of the last change, `etime` the end. */
export interface Candle {
  readonly time: Decimal;
  readonly etime: Decimal;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly vwap: Decimal;
  readonly volume: Decimal;
  readonly count: number;
}

export interface Trade {
  readonly price: Decimal;
  readonly volume: Decimal;
  readonly time: Decimal;
  readonly side: string;
  readonly order_type: string;
  readonly misc: string;
}

export interface Spread {
  readonly bid: { readonly price: Decimal; readonly volume: Decimal };
  readonly ask: { readonly price: Decimal; readonly volume: Decimal };
  readonly time: Decimal;
}

/** Asks rise and bids fall in a snapshot; an update lists changes in the order in which to apply them. */
export interface BookSides {
  readonly asks: readonly Level[];
  readonly bids: readonly Level[];
}

/** A volume of zero deletes the level. */
export interface Level {
  readonly price: Decimal;
  readonly volume: Decimal;
  readonly time: Decimal;
  /** The level was outside the depth and moved in; it is older than the update that carries it. */
  readonly republished?: true;
}
