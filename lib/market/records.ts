/**
 * The record that each event becomes.
 *
 * Pure: one event gives one record, with the exchange's digits. What a book or a gap adds is `feed.ts`'s.
 *
 * @module
 */

import type { AccountEvent, ControlEvent, MarketEvent, SubscriptionEvent } from "../model/event.ts";
import type { ConnectionRecord, DataRecord, LifecycleRecord, StreamRecord } from "../model/record.ts";
import type { Socket } from "../model/subscription.ts";
import type { ConnectionChange } from "../session/session.ts";

/** Market data but for book updates, which need a book to be verified against. */
export function marketRecord(event: Exclude<MarketEvent, { readonly type: "book_update" }>): DataRecord {
  switch (event.type) {
    case "ticker":
      return { channel: "ticker", type: "update", pair: event.pair, data: event.data };
    case "trade":
      return { channel: "trade", type: "update", pair: event.pair, data: event.data };
    case "spread":
      return { channel: "spread", type: "update", pair: event.pair, data: event.data };
    case "ohlc":
      return { channel: "ohlc", type: "update", pair: event.pair, interval: event.interval, data: event.data };
    case "book_snapshot":
      return { channel: "book", type: "snapshot", pair: event.pair, depth: event.depth, data: event.data };
  }
}

/** Account data: the wire does not mark a snapshot, so the caller tells. */
export function accountRecord(
  { channel, sequence, data }: AccountEvent,
  { snapshot }: { readonly snapshot: boolean },
): DataRecord {
  const id = channel === "ownTrades" ? "trade_id" : "txid";
  return {
    channel,
    type: snapshot ? "snapshot" : "update",
    sequence,
    data: data.map((entry) => ({ [id]: entry.id, ...entry.fields })),
  };
}

export function controlRecord(event: Exclude<ControlEvent, { readonly type: "pong" }>, socket: Socket): StreamRecord {
  switch (event.type) {
    case "status":
      return { channel: "status", type: "update", socket, data: statusData(event) };
    case "heartbeat":
      return { channel: "heartbeat", type: "update", socket };
    case "subscribed":
    case "unsubscribed":
    case "rejected":
      return subscriptionRecord(event);
    case "reply":
      return {
        channel: "reply",
        type: event.request,
        ...defined({ reqid: event.reqid }),
        status: event.reason === undefined ? "ok" : "error",
        ...defined({ reason: event.reason }),
        data: event.data,
      };
    case "error":
      return {
        channel: "error",
        type: "exchange",
        code: "exchange_error",
        message: event.message,
        retryable: false,
        ...defined({ reqid: event.reqid }),
      };
    case "unrecognized":
      return { channel: "unrecognized", type: "text", socket, text: event.text };
  }
}

function statusData({ status, version, connectionId }: Extract<ControlEvent, { readonly type: "status" }>) {
  return { status, ...defined({ version, connection_id: connectionId }) };
}

function subscriptionRecord(event: SubscriptionEvent): LifecycleRecord {
  const { type, pair, channelName = "", reqid, reason, maxratecount } = event;
  return {
    channel: "subscription",
    type,
    ...defined({ pair }),
    subscription: pair === undefined ? channelName : `${channelName}:${pair}`,
    ...defined({ reqid, reason, maxratecount }),
  };
}

export function connectionRecord(change: ConnectionChange, socket: Socket, url: string): ConnectionRecord {
  const record = { channel: "connection", type: change.type, socket, url } as const;
  switch (change.type) {
    case "connecting":
      return { ...record, attempt: change.attempt };
    case "waiting":
      return {
        ...record,
        attempt: change.attempt,
        retry_in_ms: Math.round(change.retryInMs),
        reason: "budget",
        message: "as many connections were made in ten minutes as the exchange bears",
      };
    case "open":
      return { ...record, epoch: change.epoch };
    case "closed":
      return record;
    case "lost":
    case "failed": {
      const { epoch, loss: { kind, message, code } } = change;
      const retry = change.type === "lost" ? { attempt: change.attempt, retry_in_ms: change.retryInMs } : {};
      return { ...record, epoch, ...retry, reason: kind, message, ...defined({ code }) };
    }
  }
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out the keys that have no value. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
