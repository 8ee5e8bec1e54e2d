/** Whole screens of every kind of view, as text. @module */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { StreamRecord } from "../../../lib/model/record.ts";
import { render } from "../../../lib/output/table/view.ts";
import { START_MICROS } from "../../_fakes.ts";
import { book, candle, ETH, gap, OPEN, pending, screen, seen, sides, ticker, trade, XBT } from "./_records.ts";

const TICKERS: readonly StreamRecord[] = [
  OPEN,
  pending("ticker:XBT/USD"),
  pending("ticker:ETH/EUR"),
  ticker(ETH, ["2678.35000", "2678.34000", "2678.36000"]),
  ticker(XBT, ["40100.00000", "40100.00000", "40100.10000"]),
  ticker(XBT, ["40400.00000", "40400.00000", "40400.50000"]),
  ticker(XBT, ["39800.00000", "39799.00000", "39800.00000"]),
];

Deno.test("tickers stand in the order in which they were asked for, with moves, spread, day and trend", () => {
  assertEquals(screen(TICKERS), [
    "pair         last       bid       ask  spread    today    volume 24h  trend",
    "XBT/USD  ▼39800.0  ▼39799.0  ▼39800.0     1.0   -0.50%  236.50000000  ▅█▁",
    "ETH/EUR   2678.35   2678.34   2678.36    0.02  -93.30%  236.50000000  ▄",
    "sandbox · public open · 0 gaps · heard 0.5 s ago · 7 frames · Ctrl-C ends",
  ]);
});

Deno.test("a narrow window loses columns from the right, and says its state in more lines", () => {
  assertEquals(screen(TICKERS, { columns: 30, rows: 6 }), [
    "pair         last       bid",
    "XBT/USD  ▼39800.0  ▼39799.0",
    "ETH/EUR   2678.35   2678.34",
    "sandbox · public open · 0 gaps",
    "heard 0.5 s ago",
  ]);
});

Deno.test("what a narrow window cuts ends in an ellipsis, so that no part of a figure passes for it", () => {
  const rows = screen([OPEN, candle(0, ["10.0", "12.0", "9.0", "11.0"])], { columns: 36, rows: 8 });
  assertEquals(rows[5], "o 10  h 12  l 9  v 1.50000000  7 tr…");
});

Deno.test("a low window says how many rows it has no room for", () => {
  assertEquals(screen(TICKERS, { columns: 30, rows: 4 }).slice(0, 2), ["pair         last       bid", "… 2 more"]);
});

Deno.test("colours mark what rose and what fell, and are nowhere when they are not wanted", () => {
  const rows = screen(TICKERS, { color: true, columns: 50 });
  assert(rows[1]?.includes("\x1b[31m▼39800.0\x1b[0m"));
  assert(screen(TICKERS.slice(0, -1), { color: true })[1]?.includes("\x1b[32m▲40400.0\x1b[0m"));
  assert(screen(TICKERS, { color: false }).every((row) => !row.includes("\x1b")));
});

Deno.test("a row that is in a gap is dimmed, since it shows what was", () => {
  const [, xbt = "", eth = ""] = screen([...TICKERS, gap("ticker:XBT/USD", null)], { color: true });
  assert(xbt.startsWith("\x1b[1;7mXBT/USD\x1b[0m"));
  assert(xbt.includes("\x1b[2m▼39800.0\x1b[0m") && !xbt.includes("\x1b[31m"));
  assert(eth.startsWith("\x1b[1mETH/EUR\x1b[0m"));
});

const SIDES = sides(
  [["40000.20000", "1.00000000"], ["40000.50000", "2.00000000"], ["40001.00000", "1.00000000"]],
  [["40000.10000", "0.50000000"], ["39999.00000", "0.50000000"]],
);

Deno.test("a book is a ladder around its spread, with bars for the volume up to each price", () => {
  assertEquals(screen([OPEN, book(XBT, SIDES)], { columns: 48, rows: 10 }), [
    "XBT/USD  depth 10  checksum ok",
    "  price      volume  depth",
    "40001.0  1.00000000  ███████████████████████████",
    "40000.5  2.00000000  ████████████████████▎",
    "40000.2  1.00000000  ██████▊",
    "───────  spread 0.1",
    "40000.1  0.50000000  ███▍",
    "39999.0  0.50000000  ██████▊",
    "sandbox · public open · 0 gaps · heard 0.5 s ago",
  ]);
});

Deno.test("books stand side by side where there is room, and show the best levels that fit", () => {
  assertEquals(screen([OPEN, book(XBT, SIDES), book(ETH, SIDES)], { rows: 6 }), [
    "XBT/USD  depth 10  checksum ok           ETH/EUR  depth 10  checksum ok",
    "40000.2  1.00000000  ██████████████████  40000.2  1.00000000  ██████████████████",
    "───────  spread 0.1                      ───────  spread 0.1",
    "40000.1  0.50000000  █████████           40000.1  0.50000000  █████████",
    "sandbox · public open · 0 gaps · heard 0.5 s ago · 3 frames · Ctrl-C ends",
  ]);
});

Deno.test("a book that cannot be trusted says so where it stands and at the bottom, until its gap is closed", () => {
  const records = [OPEN, book(XBT, SIDES, false), gap("book-10:XBT/USD", null)];
  const rows = screen(records, { rows: 8 });
  assertEquals(rows[0], "XBT/USD  depth 10  GAP: checksum");
  assertEquals(rows.at(-1), "sandbox · public open · IN A GAP: book-10:XBT/USD checksum · heard 0.5 s ago");
  const healed = screen([...records, book(XBT, SIDES), gap("book-10:XBT/USD", "2026-01-05T09:30:01.000000Z")]);
  assertEquals(healed[0], "XBT/USD  depth 10  checksum ok");
  assertEquals(healed.at(-1), "sandbox · public open · 1 gap · heard 0.5 s ago · 5 frames · Ctrl-C ends");
});

Deno.test("trades are a tape with the newest on top", () => {
  assertEquals(screen([OPEN, trade(XBT, "buy", "40000.10000"), trade(ETH, "sell", "2678.30000")], { columns: 60 }), [
    "traded    pair     side          price      volume  order",
    "09:30:00  ETH/EUR  ▼ sell   2678.30000  0.25000000  limit",
    "09:30:00  XBT/USD  ▲ buy   40000.10000  0.25000000  limit",
    "sandbox · public open · 0 gaps · heard 0.5 s ago",
  ]);
});

Deno.test("candles are drawn on a scale, and one that comes again takes the place of the last", () => {
  const candles = [
    candle(0, ["10.0", "12.0", "9.0", "11.0"]),
    candle(1, ["11.0", "11.0", "8.0", "9.0"]),
    candle(1, ["11.0", "13.0", "7.0", "8.0"]),
    candle(2, ["8.0", "9.0", "8.0", "8.5"]),
  ];
  assertEquals(screen([OPEN, ...candles], { columns: 50, rows: 10 }), [
    "XBT/USD  1 min until 09:33:00  8.5",
    "13.0   │",
    "     │ │",
    "     █ ░",
    "     █ ░",
    " 8.5 │ ░ █",
    "       ░ █",
    " 7.0   │",
    "o 8.0  h 9.0  l 8.0  v 1.50000000  7 trades",
    "sandbox · public open · 0 gaps · heard 0.5 s ago",
  ]);
});

const ORDER = {
  status: "pending",
  vol: "1.00000000",
  vol_exec: "0.00000000",
  opentm: "1767605400.1",
  descr: { pair: "XBT/USD", type: "buy", ordertype: "limit", price: "39000.00000" },
};

function orders(type: "snapshot" | "update", ...data: readonly Readonly<Record<string, unknown>>[]): StreamRecord {
  return { channel: "openOrders", type, sequence: 1, data };
}

Deno.test("orders keep what was known of them through every change; those that are over come last", () => {
  const records = [
    orders("snapshot", { txid: "OAAAAA-AAAAA-AAAAAA", ...ORDER }, { txid: "OBBBBB-BBBBB-BBBBBB", ...ORDER }),
    orders("update", { txid: "OBBBBB-BBBBB-BBBBBB", status: "canceled" }),
    orders("update", { txid: "OAAAAA-AAAAA-AAAAAA", status: "open", vol_exec: "0.40000000" }),
  ];
  assertEquals(screen([OPEN, ...records], { columns: 110 }).slice(0, -1), [
    "status    pair     side         price      volume    executed  order  txid                 average  opened",
    "open      XBT/USD  ▲ buy  39000.00000  1.00000000  0.40000000  limit  OAAAAA-AAAAA-AAAAAA        -  09:30:00",
    "canceled  XBT/USD  ▲ buy  39000.00000  1.00000000  0.00000000  limit  OBBBBB-BBBBB-BBBBBB        -  09:30:00",
  ]);
  assertEquals(screen([OPEN, ...records, orders("snapshot")])[0], "No open orders");
});

Deno.test("the account's trades come newest first, each once", () => {
  const fill = (trade_id: string, time: string) => ({
    trade_id,
    time,
    pair: "XBT/USD",
    type: "sell",
    price: "40000.0",
  });
  const record = (...data: readonly Readonly<Record<string, unknown>>[]): StreamRecord => (
    { channel: "ownTrades", type: "update", sequence: 1, data }
  );
  const rows = screen([
    record(fill("TB", "1767605460.2"), fill("TA", "1767605400.1")),
    record(fill("TB", "1767605460.2")),
  ], { columns: 40 });
  assertEquals(rows.slice(0, -1), [
    "traded    pair     side      price",
    "09:31:00  XBT/USD  ▼ sell  40000.0",
    "09:30:00  XBT/USD  ▼ sell  40000.0",
  ]);
});

Deno.test("a lost connection shows with its reason and the time to the next attempt", () => {
  const lost: StreamRecord = {
    channel: "connection",
    type: "lost",
    socket: "public",
    url: "ws://x",
    reason: "closed",
    retry_in_ms: 5000,
  };
  const state = "sandbox · public lost (closed), again in 4 s · 0 gaps · heard 1.5 s ago";
  assertEquals(screen([OPEN, lost], { afterMs: 1500 }).at(-1), state);
});

Deno.test("before any data, the view says what it waits for, and why some will not come", () => {
  const rejected: StreamRecord = {
    channel: "subscription",
    type: "rejected",
    subscription: "ticker:XBT/ABC",
    reqid: 1,
    reason: "Currency pair not supported",
  };
  assertEquals(screen([OPEN, pending("ticker:XBT/USD"), rejected]), [
    "Waiting for ticker:XBT/USD…",
    "ticker:XBT/ABC rejected: Currency pair not supported",
    "sandbox · public open · 0 gaps · heard 0.5 s ago · 3 frames · Ctrl-C ends",
  ]);
});

Deno.test("nothing that the exchange sends can steer the terminal", () => {
  const evil = "\x1b[2J\x9b31m\u202e\r\n漢";
  const records = [
    trade(XBT, evil, "1.0"),
    orders("update", { txid: evil, status: evil, descr: { pair: evil, type: evil } }),
    { channel: "error", type: "exchange", code: "x", message: evil, retryable: false } as const,
    { channel: "status", type: "update", socket: "public", data: { status: evil } } as const,
  ];
  const text = screen(records, { columns: 200 }).join("");
  // deno-lint-ignore no-control-regex -- these are what must not be there
  assert(!/[\x00-\x1f\x7f-\x9f\u202e漢]/.test(text), JSON.stringify(text));
});

Deno.test("no view is ever wider or higher than its window, whatever the window", () => {
  const records = [
    ...TICKERS,
    book(XBT, SIDES),
    book(ETH, sides([], [])),
    candle(0, ["10.0", "12.0", "9.0", "11.0"]),
    trade(XBT, "buy", "1.0"),
    orders("snapshot", { txid: "OAAAAA-AAAAA-AAAAAA", ...ORDER }),
  ];
  const windows = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });
  const shown = fc.subarray(records, { minLength: 0 });
  fc.assert(fc.property(shown, windows, (some, window) => {
    const { body, foot } = render(seen(some), { ...window, color: false, nowMicros: START_MICROS });
    const rows = [...body, ...foot];
    assert(rows.length <= window.rows, `${rows.length} rows`);
    assert(rows.every((row) => row.length <= window.columns), rows.find((row) => row.length > window.columns));
  }));
});
