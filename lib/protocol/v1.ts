/**
 * Version 1 of the exchange's WebSocket protocol: the only place, with `v1_market.ts`, that knows its arrays and keys.
 *
 * Data are lists (of the market: `v1_market.ts`; of the account: entries, the channel's name and the message's number).
 * Everything else is an object with an `event`.
 *
 * Pure. Numbers that mean money or time arrive as text and stay text; a frame in which one is missing or is no decimal is
 * `unrecognized`, never half a record.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/systemstatus and its sibling pages. Where their tables and their
 * examples differ (the order of pair and channel name, the place of `reqid`), recorded traffic agrees with the examples,
 * and so do we.
 *
 * @module
 */

import type { AccountEntry, RequestId, ServerEvent } from "../model/event.ts";
import { DEPTHS, INTERVALS, type PrivateChannel, type PrivateFeed, type PublicFeed } from "../model/subscription.ts";
import type { Protocol, Request, SubscriptionRequest } from "./mod.ts";
import { marketEvent } from "./v1_market.ts";

export const v1: Protocol = { decode, encode };

// ---------------------------------------------------------------- from the exchange

function decode(frame: string): ServerEvent {
  return readInPlace(frame) ?? readParsed(frame) ?? { type: "unrecognized", text: frame };
}

function readInPlace(frame: string): ServerEvent | undefined {
  try {
    return marketEvent(frame);
  } catch {
    // Read in another way, which takes longer, it may still be good.
    return undefined;
  }
}

function readParsed(frame: string): ServerEvent | undefined {
  try {
    const message: unknown = JSON.parse(frame);
    if (isObject(message)) return controlEvent(message, frame);
    if (!Array.isArray(message)) return undefined;
    // Written anew, market data are in the one form that is read in place.
    return isObject(message.at(-1)) ? accountEvent(message) : marketEvent(JSON.stringify(message));
  } catch {
    // No JSON: the proxy in front of the exchange also sends plain text.
    return undefined;
  }
}

const ACCOUNT_CHANNELS: readonly unknown[] = ["openOrders", "ownTrades", "balances"] satisfies PrivateChannel[];

/** A list of entries, the channel's name, and an object with the message's number. */
function accountEvent(message: readonly unknown[]): ServerEvent | undefined {
  const [entries] = message;
  const name = message.at(-2);
  const last = message.at(-1);
  const sequence = isObject(last) ? last["sequence"] : undefined;
  if (!isAccountChannel(name) || !isNumber(sequence) || !Array.isArray(entries)) return undefined;
  const data: AccountEntry[] = [];
  for (const entry of entries) {
    if (!isObject(entry)) return undefined;
    for (const [id, fields] of Object.entries(entry)) {
      if (!isObject(fields)) return undefined;
      data.push({ id, fields });
    }
  }
  return { type: "account", channel: name, sequence, data };
}

function isAccountChannel(name: unknown): name is PrivateChannel {
  return ACCOUNT_CHANNELS.includes(name);
}

/** What answers a trading request, and the request it answers. */
const REPLIES: ReadonlyMap<string, string> = new Map(
  ["addOrder", "amendOrder", "editOrder", "cancelOrder", "cancelAll", "cancelAllOrdersAfter"]
    .map((request) => [`${request}Status`, request]),
);

function controlEvent(message: Readonly<Record<string, unknown>>, frame: string): ServerEvent | undefined {
  const { event, reqid: _reqid, errorMessage, status, ...data } = message;
  if (typeof event !== "string") return undefined;
  const reqid = requestId(message["reqid"], frame);
  switch (event) {
    case "heartbeat":
      return { type: "heartbeat" };
    case "pong":
      return { type: "pong", reqid };
    case "systemStatus":
      return systemStatus(message, frame);
    case "subscriptionStatus":
      return subscriptionStatus(message, reqid);
    case "error":
      return typeof errorMessage === "string" ? { type: "error", message: errorMessage, reqid } : undefined;
  }
  const request = REPLIES.get(event);
  if (request === undefined) return undefined;
  if (status === "ok") return { type: "reply", request, reqid, reason: undefined, data };
  return typeof errorMessage === "string" ? { type: "reply", request, reqid, reason: errorMessage, data } : undefined;
}

function systemStatus({ status, version }: Readonly<Record<string, unknown>>, frame: string): ServerEvent | undefined {
  if (typeof status !== "string") return undefined;
  // The id is an unsigned 64-bit number: beyond what a number holds, so its digits are taken from the text.
  const connectionId = /"connectionID"\s*:\s*(\d+)/.exec(frame)?.[1];
  return {
    type: "status",
    status,
    ...(typeof version === "string" ? { version } : {}),
    ...(connectionId !== undefined ? { connectionId } : {}),
  };
}

const SUBSCRIPTION_TYPES = new Map(
  [["subscribed", "subscribed"], ["unsubscribed", "unsubscribed"], ["error", "rejected"]] as const,
);

function subscriptionStatus(
  message: Readonly<Record<string, unknown>>,
  reqid: RequestId | undefined,
): ServerEvent | undefined {
  const { status, pair, errorMessage, subscription } = message;
  const type = SUBSCRIPTION_TYPES.get(status as "error");
  if (type === undefined) return undefined;
  const parameters = isObject(subscription) ? subscription : {};
  const { maxratecount } = parameters;
  return {
    type,
    reqid,
    channelName: typeof message["channelName"] === "string" ? message["channelName"] : nameOf(parameters),
    pair: typeof pair === "string" ? pair : undefined,
    ...(typeof errorMessage === "string" ? { reason: errorMessage } : {}),
    ...(isNumber(maxratecount) ? { maxratecount } : {}),
  };
}

/** A rejection repeats the request's parameters in place of the channel's name; a missing depth or interval was the default. */
function nameOf({ name, depth, interval }: Readonly<Record<string, unknown>>): string | undefined {
  switch (name) {
    case "book":
      return `book-${depth ?? DEPTHS[0]}`;
    case "ohlc":
      return `ohlc-${interval ?? INTERVALS[0]}`;
    default:
      return typeof name === "string" ? name : undefined;
  }
}

function requestId(value: unknown, frame: string): RequestId | undefined {
  if (typeof value !== "number") return undefined;
  return Number.isSafeInteger(value) ? value : /"reqid"\s*:\s*(\d+)/.exec(frame)?.[1];
}

// ---------------------------------------------------------------- reading what is unknown

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number that can be written again: digits beyond all measure are read as infinite. */
function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

// ---------------------------------------------------------------- to the exchange

function encode(request: Request): string {
  const { type, reqid } = request;
  switch (type) {
    case "ping":
      return JSON.stringify({ event: "ping", reqid });
    case "subscribe":
    case "unsubscribe":
      return JSON.stringify({
        event: type,
        reqid,
        ...("pairs" in request ? { pair: request.pairs } : {}),
        subscription: subscriptionObject(request),
      });
    case "trading":
      return JSON.stringify({
        ...request.parameters,
        event: request.event,
        reqid,
        token: request.token.reveal(),
      });
  }
}

function subscriptionObject(request: SubscriptionRequest): Record<string, unknown> {
  const { feed } = request;
  const token = "token" in request ? { token: request.token.reveal() } : {};
  return { name: feed.channel, ...parametersOf(feed), ...token };
}

/** What the exchange takes for granted is left out where leaving it out is how most clients ask. */
function parametersOf(feed: PublicFeed | PrivateFeed): Record<string, unknown> {
  switch (feed.channel) {
    case "book":
      return { depth: feed.depth };
    case "ohlc":
      return { interval: feed.interval };
    case "openOrders":
      return feed.ratecounter ? { ratecounter: true } : {};
    case "ownTrades":
      return {
        ...(feed.snapshot ? {} : { snapshot: false }),
        ...(feed.consolidateTaker ? {} : { consolidate_taker: false }),
      };
    default:
      return {};
  }
}
