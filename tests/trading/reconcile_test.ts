/** What snapshots of the account tell of a request that got no answer. @module */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { readParameters, type RequestName } from "../../lib/trading/parameters.ts";
import { type Account, find } from "../../lib/trading/reconcile.ts";

const SENT_MICROS = 1_700_000_000_000_000;
const EMPTY: Account = { orders: [], trades: [] };
const ORDER = {
  txid: "O1",
  userref: 77,
  status: "open",
  vol: "1",
  vol_exec: "0",
  descr: { pair: "XBT/USD", order: "buy" },
};
const TRADE = {
  trade_id: "T1",
  ordertxid: "O2",
  pair: "XBT/USD",
  type: "buy",
  time: "1700000001.000000",
  vol: "1",
};

function found(request: RequestName, words: string, account: Account) {
  const parameters = readParameters(request, words.split(" "));
  const { records, summary } = find({ request, parameters, sentMicros: SENT_MICROS }, account);
  return { summary, records: records.map(({ type, txid, data }) => ({ type, txid, certain: data["certain"] })) };
}

const ADD = "pair=XBT/USD type=buy ordertype=market volume=1 userref=77";

Deno.test("find() finds an open order by its userref or its cl_ord_id", () => {
  const { records, summary } = found("addOrder", ADD, {
    ...EMPTY,
    orders: [{ ...ORDER, txid: "O0", userref: 78 }, ORDER],
  });
  assertEquals(records, [{ type: "open", txid: "O1", certain: undefined }]);
  assertStringIncludes(summary, "O1 (open)");
  const own = found("addOrder", ADD.replace("userref=77", "cl_ord_id=mine"), {
    ...EMPTY,
    orders: [{ ...ORDER, userref: 0, cl_ord_id: "mine", vol_exec: "0.5" }],
  });
  assertEquals(own.records, [{ type: "partial", txid: "O1", certain: undefined }]);
});

Deno.test("find() takes a trade with the order's name for certain, and one that came after it for possible", () => {
  const certain = found("addOrder", ADD, { ...EMPTY, trades: [{ ...TRADE, userref: 77 }] });
  assertEquals(certain.records, [{ type: "closed", txid: "O2", certain: true }]);
  const possible = found("addOrder", ADD, { ...EMPTY, trades: [TRADE] });
  assertEquals(possible.records, [{ type: "closed", txid: "O2", certain: false }]);
  assertStringIncludes(possible.summary, "may be order O2");
  // On a machine whose clock is half a minute fast.
  const skewed = found("addOrder", ADD, { ...EMPTY, trades: [{ ...TRADE, time: "1699999970.000000" }] });
  assertEquals(skewed.records, possible.records);
});

Deno.test("find() takes no trade of another pair, side or time for the order's", () => {
  const others = [
    { ...TRADE, pair: "ETH/USD" },
    { ...TRADE, type: "sell" },
    { ...TRADE, time: "1699999930.000000" },
  ];
  const { records, summary } = found("addOrder", ADD, { ...EMPTY, trades: others });
  assertEquals(records, []);
  assertStringIncludes(summary, "none was filled");
});

Deno.test("find() says of cancellations what is still open", () => {
  assertEquals(found("cancelOrder", "txid=O1,O9", { ...EMPTY, orders: [ORDER] }).summary, "Still open: O1.");
  assertEquals(found("cancelOrder", "txid=O9", { ...EMPTY, orders: [ORDER] }).summary, "None of the orders is open.");
  assertEquals(found("cancelAll", "reqid=1", { ...EMPTY, orders: [ORDER] }).summary, "Still open: O1.");
});

Deno.test("find() finds an amended order by its id and an edited one by its new userref", () => {
  assertEquals(found("amendOrder", "txid=O1 volume=2", { ...EMPTY, orders: [ORDER] }).records[0]?.txid, "O1");
  const edited = { ...ORDER, txid: "O5", userref: 5 };
  const { records } = found("editOrder", "orderid=O4 pair=XBT/USD price=1 newuserref=5", {
    ...EMPTY,
    orders: [edited],
  });
  assertEquals(records[0]?.txid, "O5");
});

Deno.test("find() does not say that nothing was filled where the trades could not be looked at", () => {
  const { records, summary } = found("addOrder", ADD, { orders: [], trades: undefined });
  assertEquals(records, []);
  assertStringIncludes(summary, "the trades could not be looked at");
});

Deno.test("find() claims nothing when the exchange did not tell its open orders", () => {
  assertStringIncludes(
    found("addOrder", ADD, { orders: undefined, trades: [TRADE] }).summary,
    "could not be looked at",
  );
});
