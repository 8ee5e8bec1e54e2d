/** What `-o table` writes into a pipe. @module */

import { assertEquals } from "@std/assert";
import type { StreamRecord } from "../../../lib/model/record.ts";
import { EMPTY_LISTING, nextListing } from "../../../lib/output/table/plain.ts";
import { START_MICROS } from "../../_fakes.ts";
import { book, candle, ETH, OPEN, sides, ticker, trade, XBT } from "./_records.ts";

function listed(...records: readonly StreamRecord[]): readonly string[] {
  let listing = EMPTY_LISTING;
  return records.flatMap((record, index) => {
    const next = nextListing(listing, record, { atMicros: START_MICROS + index * 1000, framed: true });
    listing = next.listing;
    return next.lines;
  });
}

Deno.test("each record is a row with the exchange's digits, under titles", () => {
  const rows = listed(
    ticker(XBT, ["40100.00000", "40100.00000", "40100.10000"]),
    ticker(ETH, ["2678.35000", "2678.34000", "2678.36000"]),
  );
  assertEquals(rows, [
    "received      pair            last          bid          ask   spread   today    volume 24h",
    "09:30:00.000  XBT/USD  40100.00000  40100.00000  40100.10000  0.10000  +0.25%  236.50000000",
    "received      pair            last          bid          ask   spread    today    volume 24h",
    "09:30:00.001  ETH/EUR   2678.35000   2678.34000   2678.36000  0.02000  -93.30%  236.50000000",
  ]);
});

Deno.test("a book's row has its best levels, a candle's its four prices", () => {
  const levels = sides([["40000.20000", "1.00000000"]], [["40000.10000", "0.50000000"]]);
  assertEquals(listed(book(XBT, levels), candle(0, ["10.0", "12.0", "9.0", "11.0"])), [
    "received      pair     bid volume          bid          ask  ask volume   spread  checksum",
    "09:30:00.000  XBT/USD  0.50000000  40000.10000  40000.20000  1.00000000  0.10000  ok",
    "received      pair     minutes  until     open  high  low  close      volume  trades",
    "09:30:00.001  XBT/USD        1  09:31:00  10.0  12.0  9.0   11.0  1.50000000       7",
  ]);
});

Deno.test("what happens around the data stands in rows of its own, and needs no new titles", () => {
  const gap: StreamRecord = { channel: "gap", type: "stall", subscription: "trade:XBT/USD", from: "a b", to: null };
  assertEquals(listed(OPEN, trade(XBT, "buy", "40000.1"), gap, trade(XBT, "sell", "40000.2")), [
    "# 09:30:00.000 connection open socket=public url=ws://x epoch=1",
    "received      traded    pair     side     price      volume  order",
    "09:30:00.001  09:30:00  XBT/USD  ▲ buy  40000.1  0.25000000  limit",
    '# 09:30:00.002 gap stall subscription=trade:XBT/USD from="a b" to=null',
    "received      traded    pair     side      price      volume  order",
    "09:30:00.003  09:30:00  XBT/USD  ▼ sell  40000.2  0.25000000  limit",
  ]);
});

Deno.test("a longer word in the last column moves no title, so there are no new ones", () => {
  const [market] = [trade(XBT, "sell", "40000.2")].map((record) =>
    record.channel !== "trade"
      ? record
      : { ...record, data: record.data.map((one) => ({ ...one, order_type: "settle-position" })) }
  );
  assertEquals(listed(trade(XBT, "sell", "40000.1"), market!), [
    "received      traded    pair     side      price      volume  order",
    "09:30:00.000  09:30:00  XBT/USD  ▼ sell  40000.1  0.25000000  limit",
    "09:30:00.001  09:30:00  XBT/USD  ▼ sell  40000.2  0.25000000  settle-position",
  ]);
});

Deno.test("titles come again every forty rows", () => {
  const rows = listed(...Array.from({ length: 81 }, () => trade(XBT, "sell", "40000.1")));
  const places = rows.flatMap((row, index) => row.startsWith("received") ? [index] : []);
  assertEquals([rows.length, places], [84, [0, 41, 82]]);
});
