/** An order's states, as recorded exchanges of 2022 and 2023 tell them: in full once, then what changes. @module */

import { assertEquals } from "@std/assert";
import type { DataRecord } from "../../lib/model/record.ts";
import { orderState, OrderTracker } from "../../lib/trading/tracker.ts";

type AccountRecord = Extract<DataRecord, { readonly sequence: number }>;

function update(sequence: number, ...data: Readonly<Record<string, unknown>>[]): AccountRecord {
  return { channel: "openOrders", type: "update", sequence, data };
}

function snapshot(...data: Readonly<Record<string, unknown>>[]): AccountRecord {
  return { channel: "openOrders", type: "snapshot", sequence: 1, data };
}

const NEW = {
  txid: "OVPXPI-RC3ZU-NPNWJJ",
  avg_price: "0.00000",
  cost: "0.00000",
  descr: { order: "buy 0.01355469 ETH/USD @ limit 2766.57000", ordertype: "limit", pair: "ETH/USD", type: "buy" },
  fee: "0.00000",
  status: "pending",
  userref: 0,
  vol: "0.01355469",
  vol_exec: "0.00000000",
};
const { txid } = NEW;

/** The types of the order records that each update gives. */
function states(...records: AccountRecord[]): string[][] {
  const tracker = new OrderTracker();
  return records.map((record) => tracker.update(record).map(({ type }) => type));
}

Deno.test("an order that is cancelled is open, then canceled, and tells why", () => {
  const tracker = new OrderTracker();
  assertEquals(tracker.update(snapshot()), []);
  assertEquals(tracker.update(update(2, NEW)), []);
  assertEquals(tracker.update(update(3, { txid, status: "open", userref: 0 })).map(({ type }) => type), ["open"]);
  const cancelled = { txid, lastupdated: "1642106190.223285", status: "canceled", cancel_reason: "User requested" };
  assertEquals(tracker.update(update(4, cancelled)), [{
    channel: "order",
    type: "canceled",
    txid,
    data: {
      pair: "ETH/USD",
      descr: "buy 0.01355469 ETH/USD @ limit 2766.57000",
      vol: "0.01355469",
      vol_exec: "0.00000000",
      avg_price: "0.00000",
      cost: "0.00000",
      fee: "0.00000",
      cancel_reason: "User requested",
    },
  }]);
});

Deno.test("an order that is filled at once is open, then closed, and each only once", () => {
  const fill = { txid, vol_exec: "0.01355469", cost: "37.5", fee: "0.06", avg_price: "2766.57" };
  assertEquals(
    states(
      snapshot(),
      update(2, NEW),
      update(3, { txid, status: "open" }),
      update(4, fill),
      update(5, {
        ...fill,
        status: "closed",
      }),
    ),
    [[], [], ["open"], [], ["closed"]],
  );
});

Deno.test("every partial fill is told, and a change of anything else is not", () => {
  assertEquals(
    states(
      snapshot(),
      update(2, { ...NEW, status: "open" }),
      update(3, { txid, vol_exec: "0.005" }),
      update(4, { txid, vol_exec: "0.005", limitprice: "1" }),
      update(5, { txid, vol_exec: "0.006" }),
      update(6, { txid, status: "expired" }),
    ),
    [[], ["open"], ["partial"], [], ["partial"], ["expired"]],
  );
});

Deno.test("the orders of a snapshot are known and not news", () => {
  assertEquals(states(snapshot({ ...NEW, status: "open" }), update(2, { txid, status: "open" })), [[], []]);
});

Deno.test("an order that was never told in full is told all the same", () => {
  assertEquals(states(update(4, { txid: "O1", status: "closed" })), [["closed"]]);
});

Deno.test("orderState() knows no state before the exchange has accepted an order", () => {
  assertEquals(orderState({ status: "pending" }), undefined);
  assertEquals(orderState({}), undefined);
  assertEquals(orderState({ vol: "2.0", vol_exec: "1.0" }), "partial");
});
