import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { SubscriptionEvent } from "../../lib/model/event.ts";
import { parsePair } from "../../lib/model/pair.ts";
import { type Subscription, subscriptionId } from "../../lib/model/subscription.ts";
import { Ledger } from "../../lib/session/subscriptions.ts";

function ticker(pair: string): Subscription {
  return { channel: "ticker", pair: parsePair(pair) };
}

function book(pair: string, depth: 10 | 25 = 10): Subscription {
  return { channel: "book", depth, pair: parsePair(pair) };
}

const XBT = ticker("XBT/USD");
const ID = subscriptionId(XBT);

function word(type: SubscriptionEvent["type"], fields: Partial<SubscriptionEvent> = {}): SubscriptionEvent {
  return { type, reqid: 1, channelName: "ticker", pair: "XBT/USD", ...fields };
}

/** A ledger in which XBT/USD's ticker has been asked for by request 1. */
function pendingLedger(): Ledger {
  const ledger = new Ledger();
  ledger.want(XBT);
  ledger.asked([XBT], { reqid: 1, nowMs: 0 });
  return ledger;
}

function activeLedger(): Ledger {
  const ledger = pendingLedger();
  ledger.settle(word("subscribed"));
  return ledger;
}

Deno.test("what is asked for again in another form before it has ended begins in that form", () => {
  const ledger = new Ledger();
  const trades = { channel: "ownTrades", snapshot: true, consolidateTaker: true } as const;
  ledger.want(trades);
  ledger.asked([trades], { reqid: 1, nowMs: 0 });
  ledger.unwant("ownTrades");
  ledger.want({ ...trades, snapshot: false });
  ledger.settle({ type: "unsubscribed", reqid: undefined, channelName: "ownTrades", pair: undefined });
  assertEquals(ledger.nextWanted(0), [{ ...trades, snapshot: false }]);
});

Deno.test("a subscription goes from wanted to pending to active", () => {
  const ledger = new Ledger();
  ledger.want(XBT);
  assertEquals(ledger.get(ID)?.state, "wanted");
  ledger.asked([XBT], { reqid: 1, nowMs: 0 });
  assertEquals(ledger.get(ID)?.state, "pending");
  ledger.settle(word("subscribed"));
  assertEquals([ledger.get(ID)?.state, ledger.get(ID)?.confirmedBefore], ["active", true]);
});

Deno.test("want() leaves what is there as it is", () => {
  const ledger = activeLedger();
  ledger.want(XBT);
  assertEquals(ledger.get(ID)?.state, "active");
  assertEquals(ledger.entries().length, 1);
});

Deno.test("settle() forgets what was rejected, and that alone", () => {
  const ledger = new Ledger();
  const other = ticker("NO/SUCH");
  for (const subscription of [XBT, other]) ledger.want(subscription);
  ledger.asked([XBT, other], { reqid: 1, nowMs: 0 });
  const concerned = ledger.settle(word("rejected", { pair: "NO/SUCH", reason: "Currency pair not supported NO/SUCH" }));
  assertEquals(concerned.map(({ id }) => id), ["ticker:NO/SUCH"]);
  assertEquals(ledger.entries().map(({ id, state }) => [id, state]), [[ID, "pending"]]);
});

Deno.test("settle() takes a rejection without pair or channel for one of the whole request", () => {
  const ledger = new Ledger();
  const subscriptions = [XBT, ticker("ETH/USD"), ticker("LTC/EUR")];
  for (const subscription of subscriptions) ledger.want(subscription);
  ledger.asked(subscriptions.slice(0, 2), { reqid: 1, nowMs: 0 });
  ledger.asked(subscriptions.slice(2), { reqid: 2, nowMs: 0 });
  ledger.settle({ type: "rejected", reqid: 1, channelName: undefined, pair: undefined, reason: "Exceeded msg rate" });
  assertEquals(ledger.entries().map(({ id }) => id), ["ticker:LTC/EUR"]);
});

Deno.test("settle() tells depths of one pair apart", () => {
  const ledger = new Ledger();
  for (const subscription of [book("XBT/USD", 10), book("XBT/USD", 25)]) ledger.want(subscription);
  ledger.asked([book("XBT/USD", 10)], { reqid: 1, nowMs: 0 });
  ledger.asked([book("XBT/USD", 25)], { reqid: 2, nowMs: 0 });
  ledger.settle(word("subscribed", { reqid: 2, channelName: "book-25" }));
  assertEquals(ledger.entries().map(({ id, state }) => [id, state]), [
    ["book-10:XBT/USD", "pending"],
    ["book-25:XBT/USD", "active"],
  ]);
});

Deno.test("settle() concerns nothing where the words name nothing of ours", () => {
  const foreign: readonly Partial<SubscriptionEvent>[] = [
    { reqid: 99 },
    { pair: "ETH/USD" },
    { channelName: "trade" },
    { reqid: undefined, channelName: undefined, pair: undefined },
  ];
  for (const fields of foreign) {
    const ledger = pendingLedger();
    assertEquals(ledger.settle(word("rejected", fields)), [], JSON.stringify(fields));
    assertEquals(ledger.get(ID)?.state, "pending");
  }
});

Deno.test("settle() believes a late confirmation, whichever request it answers: the data will come", () => {
  const ledger = pendingLedger();
  ledger.asked([XBT], { reqid: 5, nowMs: 10_000 });
  ledger.settle(word("subscribed", { reqid: 1 }));
  assertEquals(ledger.get(ID)?.state, "active");
  ledger.settle(word("rejected", { reqid: 5, reason: "Already subscribed" }));
  assertEquals(ledger.get(ID)?.state, "active");
});

Deno.test("settle() wants again what the exchange ended on its own", () => {
  const ledger = activeLedger();
  ledger.settle(word("unsubscribed", { reqid: undefined }));
  assertEquals(ledger.get(ID)?.state, "wanted");
});

Deno.test("unwant() drops what was never asked for, and otherwise waits for the exchange's word", () => {
  const ledger = new Ledger();
  ledger.want(XBT);
  assertEquals(ledger.unwant(ID), false);
  assertEquals(ledger.entries(), []);

  const active = activeLedger();
  assertEquals(active.unwant(ID), true);
  active.asked([XBT], { reqid: 2, nowMs: 0 });
  assertEquals(active.get(ID)?.state, "leaving");
  active.settle(word("unsubscribed", { reqid: 2 }));
  assertEquals(active.entries(), []);
  assertEquals(active.unwant(ID), false);
});

Deno.test("want() during a farewell asks again once it is over", () => {
  const ledger = activeLedger();
  ledger.unwant(ID);
  ledger.asked([XBT], { reqid: 2, nowMs: 0 });
  ledger.want(XBT);
  ledger.settle(word("unsubscribed", { reqid: 2 }));
  assertEquals(ledger.get(ID)?.state, "wanted");
});

Deno.test("restart() ends a subscription in order to begin it anew, once", () => {
  const ledger = activeLedger();
  assertEquals(ledger.restart(ID, 0), true);
  assertEquals(ledger.restart(ID, 0), false);
  ledger.asked([XBT], { reqid: 2, nowMs: 0 });
  ledger.settle(word("unsubscribed", { reqid: 2 }));
  assertEquals([ledger.get(ID)?.state, ledger.get(ID)?.again], ["wanted", false]);
});

Deno.test("nextWanted() puts what one request can name together, at most a hundred pairs", () => {
  const ledger = new Ledger();
  const pairs = Array.from({ length: 120 }, (_, index) => ticker(`A${index}/USD`));
  for (const subscription of [book("XBT/USD"), ...pairs, book("ETH/USD"), book("XBT/USD", 25)]) {
    ledger.want(subscription);
  }
  const requests: number[] = [];
  for (let next = ledger.nextWanted(0); next.length > 0; next = ledger.nextWanted(0)) {
    assertEquals(new Set(next.map((subscription) => subscriptionId(subscription).split(":")[0])).size, 1);
    requests.push(next.length);
    ledger.asked(next, { reqid: requests.length, nowMs: 0 });
  }
  assertEquals(requests, [2, 100, 20, 1]);
});

Deno.test("nextWanted() names an account channel alone", () => {
  const ledger = new Ledger();
  ledger.want({ channel: "openOrders", ratecounter: false });
  ledger.want({ channel: "ownTrades", snapshot: true, consolidateTaker: true });
  assertEquals(ledger.nextWanted(0).map(subscriptionId), ["openOrders"]);
});

Deno.test("overdue() names what was asked for and not answered", () => {
  const ledger = pendingLedger();
  assertEquals(ledger.overdue(-1), []);
  assertEquals(ledger.overdue(0).map(({ id }) => id), [ID]);
  ledger.settle(word("subscribed"));
  assertEquals(ledger.overdue(0), []);
});

Deno.test("disconnected() takes everything back to wanted, but for what was leaving", () => {
  const ledger = activeLedger();
  const leaving = ticker("ETH/USD");
  ledger.want(leaving);
  ledger.asked([leaving], { reqid: 2, nowMs: 0 });
  ledger.settle(word("subscribed", { reqid: 2, pair: "ETH/USD" }));
  ledger.unwant(subscriptionId(leaving));
  const before = ledger.disconnected();
  assertEquals(before.map(({ id, state }) => [id, state]), [[ID, "active"], ["ticker:ETH/USD", "leaving"]]);
  assertEquals(ledger.entries().map(({ id, state }) => [id, state]), [[ID, "wanted"]]);
});

Deno.test("whatever the exchange says, nothing that the user wants and it did not refuse is lost", () => {
  const pairs = ["XBT/USD", "ETH/USD", "LTC/EUR"];
  const action = fc.oneof(
    fc.constant({ type: "ask" } as const),
    fc.constant({ type: "disconnect" } as const),
    fc.record({ type: fc.constant("restart" as const), pair: fc.constantFrom(...pairs) }),
    fc.record({
      type: fc.constantFrom("subscribed" as const, "unsubscribed" as const),
      pair: fc.constantFrom(...pairs),
      reqid: fc.option(fc.nat(20), { nil: undefined }),
    }),
  );
  fc.assert(fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
    const ledger = new Ledger();
    for (const pair of pairs) ledger.want(ticker(pair));
    let reqid = 0;
    for (const next of actions) {
      switch (next.type) {
        case "ask":
          ledger.asked(ledger.nextWanted(0), { reqid: ++reqid, nowMs: 0 });
          break;
        case "disconnect":
          ledger.disconnected();
          break;
        case "restart":
          ledger.restart(`ticker:${next.pair}`, 0);
          break;
        default:
          ledger.settle({ type: next.type, pair: next.pair, reqid: next.reqid, channelName: "ticker" });
      }
    }
    assert(ledger.entries().length === pairs.length, JSON.stringify(ledger.entries()));
  }));
});
