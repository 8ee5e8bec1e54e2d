import { assertEquals } from "@std/assert";
import { parseScript } from "../../lib/shell/script.ts";
import { summarize } from "../../lib/shell/summary.ts";

function summaryOf(text: string) {
  const { lines, errors } = parseScript({ file: "a.kws", text });
  assertEquals(errors, []);
  return summarize(lines);
}

Deno.test("summarize() names the subscriptions of feeds, with their numbers in either form", () => {
  const table: [line: string, names: string[]][] = [
    ["ticker xbt/usd ETH/USD", ["ticker:XBT/USD", "ticker:ETH/USD"]],
    ["subscribe trade XBT/USD as t > trades.ndjson", ["trade:XBT/USD"]],
    ["book XBT/USD", ["book-10:XBT/USD"]],
    ["book XBT/USD ETH/USD 25 where .depth == 100", ["book-25:XBT/USD", "book-25:ETH/USD"]],
    ["book --depth 100 XBT/USD --top 5", ["book-100:XBT/USD"]],
    ["ohlc XBT/USD", ["ohlc-1:XBT/USD"]],
    ["let o = ohlc XBT/USD 60", ["ohlc-60:XBT/USD"]],
    ["openOrders ratecounter=true", ["openOrders"]],
    ["own-trades", ["ownTrades"]],
    ["unsubscribe ticker XBT/USD", []],
    ["echo ticker XBT/USD", []],
    ["expect ticker XBT/USD", []],
  ];
  for (const [line, names] of table) {
    assertEquals(summaryOf(line).subscriptions.map(({ text }) => text), names, line);
  }
});

Deno.test("summarize() leaves a variable as it is typed", () => {
  assertEquals(summaryOf("let p = XBT/USD\nticker $p").subscriptions, [{ text: "ticker:$p", line: 2 }]);
});

Deno.test("summarize() finds the orders, also those that only an event or a beat would make", () => {
  const { orders, sockets } = summaryOf(`# a plan
let o = addOrder pair=XBT/USD type=buy ordertype=limit price=$p volume=1
on gap.checksum do cancel-all
every 1.5s do cancelAllOrdersAfter timeout=60
cancelOrder \\
  txid=$o.txid
deadman on 60s`);
  assertEquals(sockets, ["private"]);
  assertEquals(orders, [
    { text: "addOrder pair=XBT/USD type=buy ordertype=limit price=$p volume=1", line: 2 },
    { text: "cancel-all", line: 3, when: "on gap.checksum" },
    { text: "cancelAllOrdersAfter timeout=60", line: 4, when: "every 1.5s" },
    { text: "cancelOrder txid=$o.txid", line: 5 },
    { text: "deadman on 60s", line: 7 },
  ]);
});

Deno.test("summarize() lists the sockets in a fixed order, and the files", () => {
  const { sockets, sources } = summaryOf("openOrders\nping\nsource $dir/more.kws\nsubs\nsleep 1s");
  assertEquals(sockets, ["public", "private"]);
  assertEquals(sources, [{ text: "$dir/more.kws", line: 3 }]);
  assertEquals(summaryOf("subs\necho hello").sockets, []);
});
