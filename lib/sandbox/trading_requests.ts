/**
 * The trading requests of the private endpoint and their answers.
 *
 * An order's answer comes before what the order causes on the feeds. Every request needs a token that may trade.
 *
 * Pure but for the orders it makes and changes.
 *
 * Source: the trading pages of https://docs.kraken.com/api/docs/websocket-v1/addorder
 *
 * @module
 */

import type { Account } from "./ledger.ts";
import { amendOrder, readEdit } from "./order_changes.ts";
import { describeReply } from "./order_messages.ts";
import { checkDeadline, ORDER_FIELDS, readBoolean, readOrder, readText } from "./order_requests.ts";
import type { UserOrder } from "./orders.ts";
import type { PrivateSide } from "./private_side.ts";
import { rateCost } from "./rate_counter.ts";
import { invalid, Refusal } from "./refusal.ts";
import { echoReqId, type Fields, type Request } from "./requests.ts";
import { type EventValue, writeEvent } from "./wire_v1.ts";

/** Fields of the trading requests besides the common ones. */
export const TRADING_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["addOrder", ORDER_FIELDS],
  ["amendOrder", "txid cl_ord_id volume display_volume limit_price trigger_price post_only pair deadline".split(" ")],
  ["editOrder", "orderid pair price price2 volume oflags newuserref validate deadline".split(" ")],
  ["cancelOrder", ["txid", "cl_ord_id"]],
  ["cancelAll", []],
  ["cancelAllOrdersAfter", ["timeout"]],
]);

/** Where answers go, and what is still to be done once they are on their way. */
interface Answering {
  reply(fields: Readonly<Record<string, EventValue | undefined>>): void;
}

type Handler = (side: PrivateSide, account: Account, fields: Fields, answering: Answering) => void;

const HANDLERS: Readonly<Record<string, Handler>> = {
  addOrder,
  amendOrder: amend,
  editOrder: edit,
  cancelOrder: cancel,
  cancelAll,
  cancelAllOrdersAfter,
};

/** Answers a trading request; `send` takes the frames. */
export function handleTrading(side: PrivateSide, request: Request, send: (frame: string) => void): void {
  const { event, fields } = request;
  const reply = (answer: Readonly<Record<string, EventValue | undefined>>) =>
    send(writeEvent(`${event}Status`, { reqid: echoReqId(request.reqid), status: "ok", ...answer }));
  try {
    const key = side.tokens.find(fields["token"], side.nowMicros);
    if (key === undefined) throw new Refusal("ESession:Invalid session");
    if (!key.mayTrade) throw new Refusal("EGeneral:Permission denied");
    HANDLERS[event]?.(side, side.account(key.account), fields, { reply });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reply({ errorMessage: error.message, status: "error" });
  }
}

function addOrder(side: PrivateSide, account: Account, fields: Fields, { reply }: Answering): void {
  const market = findMarket(side, fields);
  side.checkState("add", String(fields["oflags"]).includes("post"));
  side.charge(account, market.pair, rateCost("add"));
  const spec = readOrder(fields, { market, nowMicros: side.nowMicros });
  if (readBoolean(fields, "validate")) {
    reply({ descr: describeReply(side.trading.check(account, market, spec)) });
    return;
  }
  const order = side.trading.accept(account, market, spec);
  reply({ cl_ord_id: spec.clOrdId, descr: describeReply(order.spec), txid: order.txid });
  side.trading.begin(order);
}

function amend(side: PrivateSide, account: Account, fields: Fields, { reply }: Answering): void {
  const txid = readText(fields, "txid");
  const clOrdId = readText(fields, "cl_ord_id");
  if ((txid === undefined) === (clOrdId === undefined)) throw invalid("txid");
  const order = clOrdId === undefined
    ? side.trading.orders.findLive(account, txid!).find((candidate) => candidate.txid === txid)
    : side.trading.orders.findByClientId(account, clOrdId);
  if (order === undefined) throw new Refusal("EOrder:Unknown order");
  side.checkState("add", order.spec.isPostOnly);
  checkDeadline(fields, side.nowMicros);
  // There are no icebergs here, so there is nothing to display less of.
  if (fields["display_volume"] !== undefined) throw invalid("display_volume");
  side.charge(account, order.spec.pair, rateCost("amend", side.nowMicros - order.changedMicros));
  amendOrder(order, fields, {
    trading: side.trading,
    context: side,
    accepted: () => reply({ amend_id: side.createId("T"), cl_ord_id: clOrdId, txid }),
  });
}

function edit(side: PrivateSide, account: Account, fields: Fields, { reply }: Answering): void {
  const [order] = side.trading.orders.findLive(account, readText(fields, "orderid") ?? "");
  if (order === undefined) throw new Refusal("EOrder:Unknown order");
  if (findMarket(side, fields) !== order.market) throw invalid("pair");
  side.checkState("add", order.spec.isPostOnly);
  checkDeadline(fields, side.nowMicros);
  side.charge(account, order.spec.pair, rateCost("edit", side.nowMicros - order.changedMicros));
  const spec = readEdit(order, fields, side.nowMicros);
  side.trading.check(account, order.market, spec, order);
  if (readBoolean(fields, "validate")) {
    reply({ descr: describeReply(spec), originaltxid: order.txid });
    return;
  }
  const txid = side.createId("O");
  reply({ descr: describeReply(spec), originaltxid: order.txid, txid });
  side.trading.end(order, { status: "canceled", reason: "Order replaced" });
  side.trading.begin(side.trading.accept(account, order.market, spec, { txid, refid: order.txid }));
}

function cancel(side: PrivateSide, account: Account, fields: Fields, { reply }: Answering): void {
  side.checkState("cancel", false);
  const txids = readList(fields, "txid");
  const clOrdIds = readList(fields, "cl_ord_id");
  if (txids.length + clOrdIds.length === 0) throw invalid("txid");
  const answer = (orders: readonly UserOrder[]) => {
    reply(orders.length > 0 ? {} : { errorMessage: "EOrder:Unknown order", status: "error" });
    for (const order of orders) cancelOne(side, order);
  };
  for (const reference of txids) answer(side.trading.orders.findLive(account, reference));
  for (const id of clOrdIds) {
    const order = side.trading.orders.findByClientId(account, id);
    answer(order === undefined ? [] : [order]);
  }
}

function cancelOne(side: PrivateSide, order: UserOrder): void {
  side.note(order.account, order.spec.pair, rateCost("cancel", side.nowMicros - order.changedMicros));
  side.trading.end(order, { status: "canceled", reason: "User requested" });
}

function cancelAll(side: PrivateSide, account: Account, _fields: Fields, { reply }: Answering): void {
  side.checkState("cancel", false);
  reply({ count: side.trading.orders.liveOf(account).length });
  side.cancelAll(account, "User requested");
}

function cancelAllOrdersAfter(side: PrivateSide, account: Account, fields: Fields, { reply }: Answering): void {
  const timeout = fields["timeout"];
  if (typeof timeout !== "number" || !Number.isInteger(timeout) || timeout < 0 || timeout > 86_400) {
    throw invalid("timeout");
  }
  side.checkState("cancel", false);
  const triggerMicros = side.cancelAllAfter(account, timeout);
  reply({
    currentTime: formatDate(side.nowMicros),
    triggerTime: triggerMicros === undefined ? "0" : formatDate(triggerMicros),
  });
}

function findMarket(side: PrivateSide, fields: Fields) {
  const name = readText(fields, "pair");
  if (name === undefined) throw invalid("pair");
  const market = side.market(name);
  if (market === undefined) {
    throw new Refusal(
      name.includes("/") ? `Currency pair not supported ${name}` : `Currency pair not in ISO 4217-A3 format ${name}`,
    );
  }
  return market;
}

function readList(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== "string")) throw invalid(name);
  return value;
}

/** RFC 3339 to the second, rounded up. */
function formatDate(micros: number): string {
  return new Date(Math.ceil(micros / 1e6) * 1000).toISOString().replace(".000", "");
}
