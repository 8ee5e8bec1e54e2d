/**
 * The private endpoint: subscribing to one's own feeds.
 *
 * Pure but for the sessions and subscriptions it changes.
 *
 * Sources: https://docs.kraken.com/api/docs/websocket-v1/subscribe and https://docs.kraken.com/api/docs/guides/spot-ws-auth
 *
 * @module
 */

import { FEEDS } from "./channels.ts";
import { PRIVATE_FEEDS, type PrivateFeed } from "./private_feeds.ts";
import type { PrivateSide } from "./private_side.ts";
import { echo, hasForeignField, refuse } from "./public_requests.ts";
import { echoReqId, type Fields, isObject, type Request } from "./requests.ts";
import type { Session } from "./session.ts";
import { writeEvent } from "./wire_v1.ts";

/** Answers a `subscribe` or `unsubscribe` on the private endpoint. */
export function handlePrivateSubscription(side: PrivateSide, session: Session, request: Request): void {
  const { pair, subscription } = request.fields;
  if (!isObject(subscription)) {
    refuse(session, request, { errorMessage: "Subscription field must be an object" });
    return;
  }
  const error = (errorMessage: string) => refuse(session, request, { errorMessage, subscription: echo(subscription) });
  const { name, token } = subscription;
  if (typeof name !== "string") return error("Subscription name invalid");
  if ((FEEDS as readonly string[]).includes(name)) return error("Public channels not available in this endpoint");
  if (!isPrivateFeed(name)) return error("Subscription name invalid");
  if (pair !== undefined) return error("Pair field unsupported for this subscription type");
  if (hasForeignField(subscription, name)) return error("Subscription object unsupported field");
  const key = side.tokens.find(token, side.nowMicros);
  if (key === undefined) return error("ESession:Invalid session");
  const existing = side.feeds.find(session, name);
  if (request.event === "subscribe") {
    if (existing !== undefined) return error("Already subscribed");
    side.tokens.keep(String(token), session);
    confirm(side, session, { request, name, status: "subscribed" });
    open(side, session, { name, account: key.account, subscription });
  } else {
    if (existing === undefined) return error("Subscription Not Found");
    side.feeds.close(existing);
    if (!side.feeds.isHeldBy(session)) side.tokens.letGo(session);
    confirm(side, session, { request, name, status: "unsubscribed" });
  }
}

function open(side: PrivateSide, session: Session, { name, account: accountName, subscription }: {
  readonly name: PrivateFeed;
  readonly account: string;
  readonly subscription: Fields;
}): void {
  const account = side.account(accountName);
  side.feeds.open({
    session,
    account,
    feed: name,
    withRateCount: isOn(subscription["ratecounter"], false),
    isConsolidated: isOn(subscription["consolidate_taker"], true),
    sequence: 0,
  }, { orders: side.trading.orders.liveOf(account), withTrades: isOn(subscription["snapshot"], true) });
}

function confirm(side: PrivateSide, session: Session, { request, name, status }: {
  readonly request: Request;
  readonly name: PrivateFeed;
  readonly status: "subscribed" | "unsubscribed";
}): void {
  const maxratecount = name === "openOrders" && status === "subscribed" ? side.maxRateCount : undefined;
  session.send(writeEvent("subscriptionStatus", {
    channelName: name,
    reqid: echoReqId(request.reqid),
    status,
    subscription: { raw: JSON.stringify({ maxratecount, name }) },
  }));
}

/** Clients send booleans as such and as text. */
function isOn(value: unknown, byDefault: boolean): boolean {
  return value === undefined ? byDefault : String(value) === "true";
}

function isPrivateFeed(name: string): name is PrivateFeed {
  return (PRIVATE_FEEDS as readonly string[]).includes(name);
}
