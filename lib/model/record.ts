/**
 * What stdout carries: records, each of one `channel` and one `type`.
 *
 * The envelope (`seq`, `time`, and the frame where it is wanted) is added when a
 * record is written. The order of the keys in a record is the order on stdout, so
 * whoever makes one puts `channel` and `type` first and `data` last.
 *
 * @module
 */

import type { BookSides, Candle, RequestId, Spread, Ticker, Trade } from "./event.ts";
import type { Pair } from "./pair.ts";
import type { Depth, Interval, PrivateChannel, Socket } from "./subscription.ts";

export type StreamRecord = DataRecord | LifecycleRecord;

/** Market and account data: what `--count` counts. */
export type DataRecord =
  /** Stands for a frame that is passed on as it came, and never appears as a record itself. */
  | { readonly channel: "unread"; readonly type: "frame" }
  | { readonly channel: "ticker"; readonly type: "update"; readonly pair: Pair; readonly data: Ticker }
  | { readonly channel: "trade"; readonly type: "update"; readonly pair: Pair; readonly data: readonly Trade[] }
  | { readonly channel: "spread"; readonly type: "update"; readonly pair: Pair; readonly data: Spread }
  | {
    readonly channel: "ohlc";
    readonly type: "update";
    readonly pair: Pair;
    readonly interval: Interval;
    readonly data: Candle;
  }
  | BookRecord
  | {
    readonly channel: PrivateChannel;
    readonly type: "snapshot" | "update";
    readonly sequence: number;
    /** Orders by `txid` or trades by `trade_id`, each with the fields that the exchange sent. */
    readonly data: readonly Readonly<Record<string, unknown>>[];
  };

export interface BookRecord {
  readonly channel: "book";
  readonly type: "snapshot" | "update";
  readonly pair: Pair;
  readonly depth: Depth;
  /** How many of the best levels `data` holds, where that was asked for in place of the raw changes. */
  readonly top?: number;
  /** The exchange's CRC-32; a snapshot has none. */
  readonly checksum?: string;
  /** Whether the book kept here has that checksum. */
  readonly verified?: boolean;
  readonly data: BookSides;
}

export type LifecycleRecord =
  | ConnectionRecord
  | {
    readonly channel: "status";
    /** `known` repeats what the exchange said before. */
    readonly type: "update" | "known";
    readonly socket: Socket;
    readonly data: { readonly status: string; readonly version?: string; readonly connection_id?: string };
  }
  | SubscriptionRecord
  | GapRecord
  | { readonly channel: "pong"; readonly type: "reply"; readonly reqid?: RequestId; readonly round_trip_ms?: number }
  | { readonly channel: "heartbeat"; readonly type: "update"; readonly socket: Socket }
  | {
    readonly channel: "reply";
    /** The request, such as `cancelOrder`, as the exchange spells it. */
    readonly type: string;
    readonly reqid?: RequestId;
    readonly status: "ok" | "error";
    readonly reason?: string;
    readonly data: Readonly<Record<string, unknown>>;
  }
  | OrderRecord
  | ErrorRecord
  /** A place in the stream that a script has named. */
  | { readonly channel: "mark"; readonly type: "set"; readonly name: string }
  | ResultRecord
  | DeadmanRecord
  | CheckRecord
  | {
    /** A token that was made on request. */
    readonly channel: "token";
    readonly type: "made";
    readonly data: { readonly expires: number; readonly file?: string; readonly token?: string };
  }
  | {
    /** Where an exchange on this machine listens. */
    readonly channel: "sandbox";
    readonly type: "listening";
    readonly data: {
      readonly public: string;
      readonly private: string;
      readonly rest: string;
      /** Takes faults. */
      readonly control: string;
    };
  }
  | {
    readonly channel: "unrecognized";
    /** `binary`: bytes as base64. `oversize`: only the beginning, since the frame was too long to be read. */
    readonly type: "text" | "binary" | "oversize";
    readonly socket: Socket;
    /** Characters of the whole frame, where `text` is not all of it. */
    readonly length?: number;
    readonly text: string;
  }
  | StatRecord
  | EndRecord;

export interface ConnectionRecord {
  readonly channel: "connection";
  /** `waiting`: for the budget of connections. */
  readonly type: "connecting" | "waiting" | "open" | "lost" | "failed" | "closed";
  readonly socket: Socket;
  readonly url: string;
  /** Counts a socket's connections from 1; 0 with `failed` says that none ever stood. */
  readonly epoch?: number;
  /** Which try in a row this is, or will be. */
  readonly attempt?: number;
  readonly retry_in_ms?: number;
  /** A slug for why it is lost: `closed`, `stall`, `timeout`, `refused`, … */
  readonly reason?: string;
  readonly message?: string;
  /** Close code or HTTP status. */
  readonly code?: number;
}

export interface SubscriptionRecord {
  readonly channel: "subscription";
  readonly type:
    | "pending"
    | "subscribed"
    | "unsubscribed"
    | "rejected"
    | "resubscribing"
    | "unanswered"
    /** The request will be made again, in `retry_in_ms`. */
    | "postponed"
    /** It had stood or was asked for often, and is now given up. */
    | "failed";
  readonly pair?: string;
  /** Such as `book-10:XBT/USD`. */
  readonly subscription: string;
  readonly reqid?: RequestId;
  readonly reason?: string;
  /** Counts the tries after the first. */
  readonly attempt?: number;
  readonly retry_in_ms?: number;
  readonly maxratecount?: number;
}

/** A stretch of a subscription that cannot be trusted: `to` is `null` when it opens and a time when it has closed. */
export interface GapRecord {
  readonly channel: "gap";
  readonly type: GapType;
  readonly pair?: Pair;
  /** Such as `book-10:XBT/USD`; `actions` are those that a shell runs on records. */
  readonly subscription: string;
  readonly from: string;
  readonly to: string | null;
}

/** How the program itself is doing. All but the last three figures count from the start. */
export interface StatRecord {
  readonly channel: "stat";
  readonly type: "update";
  readonly data: {
    readonly uptime_ms: number;
    readonly frames: number;
    readonly bytes: number;
    readonly records: number;
    readonly gaps: number;
    /** Time spent waiting for the reader of stdout. */
    readonly blocked_ms: number;
    /** How late this record comes: for so long the program was busy or blocked. */
    readonly lag_ms: number;
    readonly rss_bytes: number;
    readonly heap_bytes: number;
  };
}

export type GapType = "disconnected" | "stall" | "checksum" | "sequence" | "overflow";

/** What is known of an order, or of another request that changes orders. */
export interface OrderRecord {
  readonly channel: "order";
  readonly type: RequestState | OrderState;
  /** The request, as the exchange spells it; absent where an account channel told. */
  readonly request?: string;
  readonly reqid?: RequestId;
  readonly userref?: RequestId;
  readonly cl_ord_id?: string;
  readonly txid?: string;
  readonly reason?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** `sent` is told before the frame goes out; `unknown`: no answer came, and it will not be sent again. */
export type RequestState = "dry_run" | "sent" | "accepted" | "rejected" | "unknown";

export type OrderState = "open" | "partial" | "closed" | "canceled" | "expired";

export interface ErrorRecord {
  readonly channel: "error";
  readonly type: "local" | "exchange";
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly hint?: string;
  readonly reqid?: RequestId;
}

/** What a script would use, if it ran. */
export interface CheckRecord {
  readonly channel: "check";
  readonly type: "ok";
  readonly file: string;
  readonly data: {
    readonly sockets: readonly Socket[];
    /** Such as `book-10:XBT/USD`; one that a reply completes stands as it was typed. */
    readonly subscriptions: readonly string[];
    readonly orders: readonly { readonly place: string; readonly command: string }[];
  };
}

/** What the exchange's dead man's switch does for a session. */
export interface DeadmanRecord {
  readonly channel: "deadman";
  /**
   * `armed` and `refreshed` are the exchange's word; `unconfirmed` says that a request had no good answer, while the one
   * before may still run; `lapsed`, that its time is over: the exchange has cancelled all orders, and protects no new ones.
   */
  readonly type: "armed" | "refreshed" | "unconfirmed" | "lapsed" | "disarmed";
  /** Seconds; 0 switches it off. */
  readonly timeout?: number;
  /** When it will fire, in the exchange's words. */
  readonly trigger_time?: string;
  readonly reason?: string;
}

/** What became of a command that a program gave. */
export interface ResultRecord {
  readonly channel: "result";
  readonly type: "ok" | "error";
  /** With `error`: the slug, the text and the exit code that the command would have ended with. */
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly exit?: number;
  /** What the command answers: its reply, or what it was asked to tell. */
  readonly data: unknown;
}

export interface EndRecord {
  readonly channel: "end";
  readonly type: EndType;
  readonly exit: number;
  readonly data: { readonly records: number; readonly gaps: number };
}

/** `count` and `time`: as asked. `done`: the work was finished. */
export type EndType = "count" | "time" | "done" | "failed" | "interrupted" | "terminated";

/** The subscription that a record with data, a subscription or a gap is about, such as `book-10:XBT/USD`. */
export function subscriptionIdOf(record: StreamRecord): string | undefined {
  switch (record.channel) {
    case "subscription":
    case "gap":
      return record.subscription;
    case "ticker":
    case "trade":
    case "spread":
      return `${record.channel}:${record.pair}`;
    case "book":
      return `book-${record.depth}:${record.pair}`;
    case "ohlc":
      return `ohlc-${record.interval}:${record.pair}`;
    case "openOrders":
    case "ownTrades":
    case "balances":
      return record.channel;
    default:
      return undefined;
  }
}

const DATA_CHANNELS: ReadonlySet<string> = new Set(
  [
    "unread",
    "ticker",
    "trade",
    "spread",
    "ohlc",
    "book",
    "openOrders",
    "ownTrades",
    "balances",
  ] satisfies DataRecord["channel"][],
);

export function isDataRecord(record: StreamRecord): record is DataRecord {
  return DATA_CHANNELS.has(record.channel);
}
