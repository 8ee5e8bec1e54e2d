import { assertEquals } from "@std/assert";
import { Gaps } from "../../lib/market/gaps.ts";
import { parsePair } from "../../lib/model/pair.ts";
import type { Subscription } from "../../lib/model/subscription.ts";

const BOOK: Subscription = { channel: "book", depth: 10, pair: parsePair("XBT/USD") };
const ORDERS: Subscription = { channel: "openOrders", ratecounter: false };
const AT = Date.UTC(2026, 0, 5) * 1000;

Deno.test("a gap opens with no end and closes with one", () => {
  const gaps = new Gaps();
  const opened = {
    channel: "gap",
    type: "checksum",
    pair: "XBT/USD",
    subscription: "book-10:XBT/USD",
    from: "2026-01-05T00:00:00.000000Z",
    to: null,
  };
  assertEquals(gaps.open(BOOK, "checksum", AT) as unknown, opened);
  assertEquals(gaps.close("book-10:XBT/USD", AT + 1_500_000) as unknown, {
    ...opened,
    to: "2026-01-05T00:00:01.500000Z",
  });
});

Deno.test("what goes wrong inside a gap is inside that gap", () => {
  const gaps = new Gaps();
  gaps.open(BOOK, "checksum", AT);
  assertEquals(gaps.open(BOOK, "disconnected", AT + 1), undefined);
  assertEquals(gaps.close("book-10:XBT/USD", AT + 2)?.type, "checksum");
});

Deno.test("subscriptions have their gaps apart, and an account channel's has no pair", () => {
  const gaps = new Gaps();
  gaps.open(BOOK, "checksum", AT);
  assertEquals(Object.keys(gaps.open(ORDERS, "sequence", AT) ?? {}), ["channel", "type", "subscription", "from", "to"]);
  assertEquals(gaps.close("openOrders", AT)?.type, "sequence");
  assertEquals(gaps.close("openOrders", AT), undefined);
  assertEquals(gaps.close("book-25:XBT/USD", AT), undefined);
});
