/**
 * Sends one trading request, once, and stays until it is known what became of it.
 *
 * The `order` record `sent` leaves this program before the frame does, with the names by which the order can be found, so
 * that nothing is lost if the program is killed in between. Whatever happens after that, the frame is not sent again: no
 * answer is `unknown` and exit code 5, even where the account then shows what became of the order, because a program that
 * reads only exit codes must not take it for done.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder and its sibling pages.
 *
 * @module
 */

import type { App } from "../app.ts";
import { isPractice } from "../config.ts";
import { OutcomeUnknownError, RefusedError, RejectedError, UnreachableError, UsageError } from "../errors.ts";
import type { ServerEvent } from "../model/event.ts";
import type { OrderRecord, RequestState } from "../model/record.ts";
import { Secret, SHOWN } from "../model/secret.ts";
import type { TradingRequest } from "../protocol/mod.ts";
import { rejectionHint } from "../rejections.ts";
import type { Session } from "../session/session.ts";
import { confirm } from "./confirm.ts";
import { parameterOf, type Parameters, type RequestName, REQUESTS, wireParameters } from "./parameters.ts";
import { reconcile } from "./reconcile.ts";
import { checkRequest } from "./rules.ts";
import { suggest } from "../model/suggest.ts";

export interface TradeOptions {
  /** Send a live request without asking. */
  readonly yes: boolean;
  /** Show the frame and send nothing. */
  readonly dryRun: boolean;
  /** Have the exchange check it and do nothing. */
  readonly validate: boolean;
  /** Let a live order be refused by the exchange if it comes late. */
  readonly deadline: boolean;
}

interface Asked {
  readonly request: RequestName;
  readonly parameters: Parameters;
}

/** A request with the names by which the exchange's answers and the account will know it. */
interface Order extends Asked {
  readonly reqid: number;
}

/**
 * Makes a trading request and reports it as `order` records.
 *
 * @param parameters As `readParameters` returns them.
 * @throws {UsageError} If the request is not whole, or its `reqid` was used before.
 * @throws {RefusedError} If it was not confirmed, there is no token, or the exchange is in maintenance.
 * @throws {UnreachableError} If there was no connection to send it over. In all these cases nothing was sent.
 * @throws {RejectedError} If the exchange refused it.
 * @throws {OutcomeUnknownError} If it was sent and no answer came.
 */
export async function trade(
  app: App,
  request: RequestName,
  { parameters: asked, ...options }: { readonly parameters: Parameters } & TradeOptions,
): Promise<void> {
  const parameters = complete(request, asked, { app, validate: options.validate });
  checkRequest(request, parameters);
  noteUnknownKeys(app, request, parameters);
  const asking: Asked = { request, parameters };
  const dated = () => ({ request, parameters: options.deadline ? withDeadline(app, asking) : parameters });
  if (options.dryRun) return showFrame(app, dated());
  using _hold = app.hold();
  const ready = await Promise.race([prepare(app, asking, options), interruption(app)]);
  if (ready === undefined) return void app.output.complain(`Interrupted: ${request} was not sent`);
  await send(app, dated(), ready);
}

/** Adds what the user need not say: that it is to be validated only, and a name to find an order by. */
function complete(
  request: RequestName,
  asked: Parameters,
  { app, validate }: { readonly app: App; readonly validate: boolean },
): Parameters {
  const parameters = new Map(asked);
  if (validate) {
    if (parameterOf(request, "validate") === undefined) {
      throw new UsageError("cannot_validate", `The exchange cannot validate ${request} without doing it`, {
        hint: "It can validate addOrder and editOrder; --dry-run shows what would be sent",
      });
    }
    parameters.set("validate", "true");
  }
  const name = request === "addOrder" ? "userref" : request === "editOrder" ? "newuserref" : undefined;
  if (name !== undefined && !parameters.has(name) && !parameters.has("cl_ord_id")) {
    parameters.set(name, String(1 + Math.floor(app.ports.random() * (2 ** 31 - 1))));
  }
  return parameters;
}

/** A live order that the network delays is better refused than placed: how long it may take. */
const DEADLINE_MS = 5_000;

function withDeadline(app: App, { request, parameters }: Asked): Parameters {
  if (parameterOf(request, "deadline") === undefined || parameters.has("deadline")) return parameters;
  if (isPractice(app.config.target)) return parameters;
  const deadline = new Date(Math.floor(app.ports.clock.epochMicros() / 1000) + DEADLINE_MS).toISOString();
  return new Map([...parameters, ["deadline", deadline]]);
}

/** A key that is passed on and looks like a slip could change an order's meaning in silence. */
function noteUnknownKeys(app: App, request: RequestName, parameters: Parameters): void {
  for (const key of parameters.keys()) {
    if (parameterOf(request, key) !== undefined) continue;
    const nearest = suggest(key, Object.keys(REQUESTS[request]));
    const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    app.output.note(`note: ${request} has no ${key} that is known here: it is passed on as it is${question}`);
  }
}

/** The number that the user has chosen for a request. */
function chosenReqid(parameters: Parameters): number | undefined {
  const chosen = parameters.get("reqid");
  return chosen === undefined ? undefined : Number(chosen);
}

function showFrame(app: App, asked: Asked): void {
  const { request } = asked;
  // What is only shown must not keep the number from being used.
  const reqid = chosenReqid(asked.parameters) ?? app.nextRequestId();
  const frame = app.feed.encode(tradingRequest({ ...asked, reqid }, new Secret(SHOWN)));
  app.emit({ channel: "order", type: "dry_run", request, reqid, data: JSON.parse(frame) });
}

function tradingRequest({ request, parameters, reqid }: Order, token: Secret): TradingRequest {
  return { type: "trading", event: request, reqid, token, parameters: wireParameters(request, parameters) };
}

/** What a request is sent with. */
interface Ready {
  readonly session: Session;
  readonly token: Secret;
}

async function prepare(app: App, { request, parameters }: Asked, { yes }: TradeOptions): Promise<Ready> {
  await confirm(app, { request, parameters, yes });
  const token = app.tokens.get();
  const [session] = await Promise.all([app.feed.open("private"), token.catch(unlessUnreachable)]);
  await greeting(app, session);
  refuseWhileClosed(request, session.systemStatus);
  return { token: await token, session };
}

/** An exchange that makes no token now may be about to say why: that comes first. */
function unlessUnreachable(error: unknown): void {
  if (!(error instanceof UnreachableError)) throw error;
}

/** In `cancel_only` the exchange takes nothing but what ends orders. What it takes in `post_only` is for it to say. */
const CANCELLING: readonly RequestName[] = ["cancelOrder", "cancelAll", "cancelAllOrdersAfter"];

function refuseWhileClosed(request: RequestName, status: string | undefined): void {
  const refused = status === "maintenance" || (status === "cancel_only" && !CANCELLING.includes(request));
  if (!refused) return;
  const what = status === "maintenance" ? "is in maintenance and takes no orders" : "takes cancellations only";
  throw new RefusedError(status, `The exchange ${what}: ${request} was not sent`, {
    hint: "krakenws status tells when it is online again",
  });
}

/** The exchange speaks first, and at once; one that does not is tried all the same. */
const GREETING_MS = 1_000;

async function greeting(app: App, session: Session): Promise<void> {
  if (session.systemStatus !== undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const unwatch = app.watch(({ channel }) => channel === "status" && resolve());
  const timer = app.ports.clock.setTimer(GREETING_MS, resolve);
  await promise;
  timer.cancel();
  unwatch();
}

/** Settles if the user wants to leave; a reader of stdout who leaves does not count. */
async function interruption(app: App): Promise<undefined> {
  const { type } = await app.stopped;
  if (type !== "interrupted" && type !== "terminated") await new Promise<never>(() => {});
}

async function send(app: App, { request, parameters }: Asked, { session, token }: Ready): Promise<void> {
  if (!session.isOpen) {
    throw new UnreachableError("not_connected", `The connection was lost: ${request} was not sent`);
  }
  const order: Order = { request, parameters, reqid: app.nextRequestId(chosenReqid(parameters)) };
  app.emit(requestRecord("sent", order, { data: wireParameters(request, parameters) }));
  if (!app.flush()) {
    throw new RefusedError("stdout_closed", `Its record could not be written: ${request} was not sent`);
  }
  const sentMicros = app.ports.clock.epochMicros();
  const expectation = { timeoutMs: app.config.timeoutMs, count: expectedReplies(order) };
  const answer = await Promise.race([session.request(tradingRequest(order, token), expectation), interruption(app)]);
  const refusals = (answer?.events ?? []).flatMap((event) => report(app, order, event));
  if (refusals.some((reason) => reason.includes("Invalid session"))) app.tokens.spend(token);
  if (answer?.type !== "answered") return await unknown(app, { ...order, sentMicros }, answer?.type ?? "interrupted");
  if (refusals.length === 0) return;
  const reasons = [...new Set(refusals)].join("; ");
  const share = expectation.count === 1 ? "" : ` (${refusals.length} of ${expectation.count} orders)`;
  throw new RejectedError("request_rejected", `The exchange refused ${request}${share}: ${reasons}`, {
    hint: rejectionHint(reasons),
  });
}

/** The exchange answers once for each order that is to be cancelled. */
function expectedReplies({ request, parameters }: Order): number {
  if (request !== "cancelOrder") return 1;
  return (parameters.get("txid") ?? parameters.get("cl_ord_id") ?? "").split(",").length;
}

/** Tells one answer; returns the reason if it is a refusal. */
function report(app: App, order: Order, event: ServerEvent): string[] {
  const reason = event.type === "reply" ? event.reason : event.type === "error" ? event.message : undefined;
  const data = event.type === "reply" ? event.data : {};
  app.emit(requestRecord(reason === undefined ? "accepted" : "rejected", order, { reason, data }));
  return reason === undefined ? [] : [reason];
}

async function unknown(
  app: App,
  order: Order & { readonly sentMicros: number },
  why: "timeout" | "lost" | "interrupted",
): Promise<void> {
  const { request, parameters, reqid } = order;
  const happened = `${request} was sent (reqid ${reqid}) and ${WHYS[why]}`;
  if (parameters.get("validate") === "true") {
    throw new UnreachableError("unanswered", `${happened}. It was to be validated only: nothing was placed`);
  }
  app.emit(requestRecord("unknown", order, { reason: why, data: {} }));
  const { records, summary } = why === "interrupted"
    ? NOT_LOOKED
    : await Promise.race([reconcile(app, order), interruption(app)]) ?? NOT_LOOKED;
  for (const record of records) app.emit(record);
  throw new OutcomeUnknownError("outcome_unknown", `${happened}. ${summary}`, {
    hint: "It was sent once and will not be sent again",
  });
}

const WHYS = {
  timeout: "no answer came in time",
  lost: "the connection was lost before the answer",
  interrupted: "the answer was not waited for",
} as const;

const NOT_LOOKED = { records: [], summary: "Look at openOrders and ownTrades before you send anything." };

function requestRecord(
  type: RequestState,
  { request, parameters, reqid }: Order,
  { reason, data }: { readonly reason?: string | undefined; readonly data: OrderRecord["data"] },
): OrderRecord {
  const userref = parameters.get("userref") ?? parameters.get("newuserref");
  const cl_ord_id = request === "addOrder" ? parameters.get("cl_ord_id") : undefined;
  const { txid } = data;
  return {
    channel: "order",
    type,
    request,
    reqid,
    ...(userref === undefined ? {} : { userref: Number(userref) }),
    ...(cl_ord_id === undefined ? {} : { cl_ord_id }),
    ...(type === "accepted" && typeof txid === "string" ? { txid } : {}),
    ...(reason === undefined ? {} : { reason }),
    data,
  };
}
