/**
 * Subscribing to public feeds and leaving them: what is checked, in which order, and what is answered.
 *
 * Pure but for the sessions it changes.
 *
 * Sources: https://docs.kraken.com/api/docs/websocket-v1/subscribe and
 * https://docs.kraken.com/api/docs/websocket-v1/unsubscribe; the texts of errors are the exchange's own.
 *
 * @module
 */

import { DEPTHS } from "./book_feed.ts";
import { INTERVALS } from "./candles.ts";
import { type Feed, FEEDS, type MarketChannel } from "./channels.ts";
import type { Market } from "./market.ts";
import { PRIVATE_FEEDS } from "./private_feeds.ts";
import { echoReqId, type Fields, isObject, type Request } from "./requests.ts";
import type { Session } from "./session.ts";
import { type EventValue, type Raw, writeEvent } from "./wire_v1.ts";

/** What the handlers need to know of the exchange. */
export interface PublicSide {
  readonly nowMicros: number;
  market(wsname: string): Market | undefined;
}

/** Fields of a `subscription` object that the exchange knows, and the feeds they belong to. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["name", [...FEEDS, ...PRIVATE_FEEDS]],
  ["depth", ["book"]],
  ["interval", ["ohlc"]],
  ["token", PRIVATE_FEEDS],
  ["snapshot", ["ownTrades"]],
  ["consolidate_taker", ["ownTrades"]],
  ["ratecounter", ["openOrders"]],
  ["rebased", PRIVATE_FEEDS],
]);

export const WRONG_PUBLIC_ENDPOINT =
  "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com";

/** Answers a `subscribe` or `unsubscribe` on the public endpoint. */
export function handlePublicSubscription(exchange: PublicSide, session: Session, request: Request): void {
  const { pair, subscription, channelID } = request.fields;
  if (request.event === "unsubscribe" && channelID !== undefined) {
    leaveById(session, request, channelID);
    return;
  }
  if (!isObject(subscription)) {
    refuse(session, request, { errorMessage: "Subscription field must be an object", ...pairText(pair) });
    return;
  }
  const problem = checkSubscription(subscription);
  const names = Array.isArray(pair) ? pair : [];
  if (problem === WRONG_PUBLIC_ENDPOINT || (names.length === 0 && problem !== undefined)) {
    refuse(session, request, { errorMessage: problem, ...pairText(pair), subscription: echo(subscription) });
  } else if (pair !== undefined && !Array.isArray(pair)) {
    refuse(session, request, {
      errorMessage: "Pair field must be an array",
      ...pairText(pair),
      subscription: echo(subscription),
    });
  } else if (names.length === 0) {
    refuse(session, request, { errorMessage: "Pair(s) not found", subscription: echo(subscription) });
  } else {
    for (const name of names) answerPair(exchange, session, { request, subscription, problem, name });
  }
}

/** The text of what is wrong with a `subscription` object; `undefined` if nothing is. */
function checkSubscription(subscription: Fields): string | undefined {
  const { name, depth, interval } = subscription;
  if (typeof name !== "string") return "Subscription name invalid";
  if ((PRIVATE_FEEDS as readonly string[]).includes(name)) return WRONG_PUBLIC_ENDPOINT;
  if (!isFeed(name)) return "Subscription name invalid";
  if (hasForeignField(subscription, name)) return "Subscription object unsupported field";
  if (depth !== undefined) {
    if (!Number.isInteger(depth)) return "Subscription book depth must be an integer";
    if (!DEPTHS.includes(depth as number)) return "Subscription depth not supported";
  }
  if (interval === null) return "Subscription ohlc requires interval";
  if (interval !== undefined) {
    if (!Number.isInteger(interval)) return "Subscription ohlc interval must be an integer";
    if (!INTERVALS.includes(interval as number)) return "Subscription ohlc interval not supported";
  }
  return undefined;
}

/** Whether a `subscription` object has a field that does not belong to the feed. */
export function hasForeignField(subscription: Fields, feed: string): boolean {
  return Object.keys(subscription).some((field) => FIELDS.get(field)?.includes(feed) !== true);
}

function answerPair(exchange: PublicSide, session: Session, { request, subscription, problem, name }: {
  readonly request: Request;
  readonly subscription: Fields;
  readonly problem: string | undefined;
  readonly name: unknown;
}): void {
  const text = String(name);
  const error = (errorMessage: string) =>
    refuse(session, request, { errorMessage, pair: text, subscription: echo(subscription) });
  if (typeof name !== "string" || !/^[A-Z0-9.]{1,12}x?\/[A-Z0-9.]{1,12}$/.test(name)) {
    return error(`Currency pair not in ISO 4217-A3 format ${text}`);
  }
  const market = exchange.market(name);
  if (market === undefined) return error(`Currency pair not supported ${name}`);
  if (problem !== undefined) return error(problem);
  const channel = market.channels.get(channelName(subscription))!;
  if (request.event === "subscribe") {
    if (session.channels.has(channel)) return error("Already subscribed");
    confirm(session, { request, channel, status: "subscribed" });
    const snapshot = market.snapshot(channel, exchange.nowMicros);
    if (snapshot !== undefined) session.send(channel.frame(snapshot));
    session.channels.add(channel);
    channel.subscribers.add(session);
  } else {
    if (!session.channels.has(channel)) return error("Subscription Not Found");
    leave(session, { request, channel });
  }
}

/** Older clients leave by channel id; the ids of a book's depths are one. */
function leaveById(session: Session, request: Request, channelID: unknown): void {
  const channels = [...session.channels].filter((channel) => channel.id === channelID);
  if (channels.length === 0) {
    const id = typeof channelID === "number" ? channelID : undefined;
    refuse(session, request, { channelID: id, errorMessage: "Subscription Not Found" });
  }
  for (const channel of channels) leave(session, { request, channel });
}

function leave(session: Session, answer: { readonly request: Request; readonly channel: MarketChannel }): void {
  session.channels.delete(answer.channel);
  answer.channel.subscribers.delete(session);
  confirm(session, { ...answer, status: "unsubscribed" });
}

function confirm(session: Session, { request, channel, status }: {
  readonly request: Request;
  readonly channel: MarketChannel;
  readonly status: "subscribed" | "unsubscribed";
}): void {
  session.send(writeEvent("subscriptionStatus", {
    channelID: channel.id,
    channelName: channel.name,
    pair: channel.pair.wsname,
    reqid: echoReqId(request.reqid),
    status,
    subscription: { raw: channel.subscription },
  }));
}

/** Sends the error form of `subscriptionStatus`. */
export function refuse(
  session: Session,
  request: Request,
  fields: Readonly<Record<string, EventValue | undefined>>,
): void {
  session.send(writeEvent("subscriptionStatus", { reqid: echoReqId(request.reqid), status: "error", ...fields }));
}

/** The part of a `subscription` that an error echoes: never a token. */
export function echo(subscription: Fields): Raw {
  const { depth, interval, name } = subscription;
  return { raw: JSON.stringify({ depth, interval, name }) };
}

/** The `pair` of a request where it is one name, for the echo in an error. */
function pairText(pair: unknown): { readonly pair?: string } {
  return typeof pair === "string" ? { pair } : {};
}

function channelName({ name, depth, interval }: Fields): string {
  if (name === "book") return `book-${depth ?? 10}`;
  return name === "ohlc" ? `ohlc-${interval ?? 1}` : String(name);
}

function isFeed(name: string): name is Feed {
  return (FEEDS as readonly string[]).includes(name);
}
