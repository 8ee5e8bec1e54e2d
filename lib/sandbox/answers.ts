/**
 * Which request is answered by whom, and what is answered to requests that are none.
 *
 * Pure but for what the answers change.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-intro
 *
 * @module
 */

import type { Exchange } from "./exchange.ts";
import type { Faults } from "./faults.ts";
import { handlePrivateSubscription } from "./private_requests.ts";
import { echo, handlePublicSubscription, WRONG_PUBLIC_ENDPOINT } from "./public_requests.ts";
import { echoReqId, INVALID_REQID, isObject, readRequest, type ReqId, type Request } from "./requests.ts";
import type { Session } from "./session.ts";
import { handleTrading, TRADING_FIELDS } from "./trading_requests.ts";
import { writeEvent } from "./wire_v1.ts";

/** The fields that each kind of request may have. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["ping", []],
  ["subscribe", ["pair", "subscription"]],
  ["unsubscribe", ["pair", "subscription", "channelID"]],
  ...[...TRADING_FIELDS].map(([event, fields]) => [event, ["token", ...fields]] as const),
]);

/** Where a request came in. */
export interface Asked {
  readonly exchange: Exchange;
  readonly session: Session;
  readonly faults: Faults;
}

/** Answers a frame; one that was not admitted has come too fast. */
export function answerFrame(
  asked: Asked,
  { text, isAdmitted }: { readonly text: string; readonly isAdmitted: boolean },
): void {
  const { session } = asked;
  const incoming = readRequest(text);
  if (!isAdmitted) {
    sendError(session, "Exceeded msg rate", incoming.type === "request" ? incoming.request.reqid : undefined);
  } else if (incoming.type === "malformed") {
    sendError(session, "Malformed request", undefined);
  } else if (incoming.type === "nameless") {
    sendError(session, "Event(s) not found", incoming.reqid);
  } else {
    answerRequest(asked, incoming.request);
  }
}

function answerRequest(asked: Asked, request: Request): void {
  const { exchange, session } = asked;
  const { event, reqid } = request;
  const fields = FIELDS.get(event);
  if (fields === undefined) return sendError(session, "Event(s) not found", reqid);
  if (reqid === "invalid") return refuseRequest(session, request, INVALID_REQID);
  const foreign = Object.keys(request.fields).find((field) => !fields.includes(field));
  if (foreign !== undefined) {
    return sendError(session, `Unsupported field: '${foreign}' for the given msg type: ${event}`, reqid);
  }
  if (event === "ping") return session.send(writeEvent("pong", { reqid: echoReqId(reqid) }));
  if (isStruck(asked, request)) return;
  if (TRADING_FIELDS.has(event)) {
    if (session.endpoint === "public") return refuseRequest(session, request, WRONG_PUBLIC_ENDPOINT);
    return handleTrading(exchange.private, request, (frame) => session.send(frame));
  }
  if (session.endpoint === "public") handlePublicSubscription(exchange, session, request);
  else handlePrivateSubscription(exchange.private, session, request);
}

/** Whether a fault keeps the request from being carried out. */
function isStruck({ exchange, session, faults }: Asked, request: Request): boolean {
  if (faults.takeRateLimit(exchange.nowMicros)) {
    if (TRADING_FIELDS.has(request.event)) refuseRequest(session, request, "EOrder:Rate limit exceeded");
    else sendError(session, "Exceeded msg rate", request.reqid);
    return true;
  }
  const message = faults.takeRejection();
  if (message === undefined) return false;
  // One answer for each pair or order, as a request that is carried out would get.
  const { pair, txid } = request.fields;
  const parts: readonly unknown[] = Array.isArray(pair) ? pair : Array.isArray(txid) ? txid : [pair];
  for (const part of parts) {
    const fields = Array.isArray(pair) ? { ...request.fields, pair: part } : request.fields;
    refuseRequest(session, { ...request, fields }, message);
  }
  return true;
}

/** Refuses a request in the form of the answer that its kind would get. */
function refuseRequest(session: Session, { event, reqid, fields }: Request, errorMessage: string): void {
  if (event === "ping") return sendError(session, errorMessage, reqid);
  const { pair, subscription } = fields;
  session.send(writeEvent(TRADING_FIELDS.has(event) ? `${event}Status` : "subscriptionStatus", {
    errorMessage,
    pair: typeof pair === "string" ? pair : undefined,
    reqid: echoReqId(reqid),
    status: "error",
    subscription: isObject(subscription) ? echo(subscription) : undefined,
  }));
}

function sendError(session: Session, errorMessage: string, reqid: ReqId): void {
  session.send(writeEvent("error", { errorMessage, reqid: echoReqId(reqid) }));
}
