import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { complete, type CompletionContext, replacements, STATEMENT_VERBS } from "../../lib/shell/complete.ts";

const CONTEXT: CompletionContext = {
  verbs: {
    ticker: { places: [["pair"]], options: { "--count": undefined, "--output": "output" } },
    trade: { places: [["pair"]] },
    book: { places: [["pair", "depth"]], options: { "--depth": "depth", "--top": undefined } },
    ohlc: { places: [["pair", "interval"]], options: { "--interval": "interval" } },
    subscribe: { places: [["feed"]], delegates: true },
    unsubscribe: { places: [["subscription", "all"]] },
    subs: {},
    help: { places: [["verb"], []] },
    addOrder: {
      keys: {
        pair: "pair",
        type: "side",
        ordertype: "ordertype",
        price: undefined,
        volume: undefined,
        oflags: "oflag",
      },
      options: { "--yes": undefined, "--pair": "pair" },
    },
    cancelOrder: { keys: { txid: "order" } },
    ...STATEMENT_VERBS,
  },
  values: {
    pair: ["ETH/EUR", "ETH/USD", "XBT/EUR", "XBT/USD"],
    depth: ["10", "25", "100", "500", "1000"],
    interval: ["1", "5", "15"],
    feed: ["ticker", "trade", "book", "ohlc"],
    verb: ["ticker", "book", "addOrder"],
    subscription: ["ticker:XBT/USD", "book-10:ETH/USD", "b"],
    all: ["all"],
    order: ["OADMSD-7AGC3-IMB46A", "OD6VRE-HCSPM-CKORER", "OX6J4U-3FWTH-NPST2W"],
    side: ["buy", "sell"],
    ordertype: ["limit", "market"],
    oflag: ["fcib", "fciq", "post"],
    output: ["ndjson", "raw"],
    channel: ["ticker", "trade", "gap", "order"],
    duration: ["5s", "30s"],
    mark: ["start"],
    variable: ["o", "order_id", "pair"],
  },
};

/** A line with the cursor at `|`, and the lines it can become. */
function check(table: readonly (readonly [line: string, items: readonly string[]])[]): void {
  for (const [marked, expected] of table) {
    const cursor = marked.indexOf("|");
    const line = marked.replace("|", "");
    const { items, from } = complete(line, cursor, CONTEXT);
    const become = items.map((item) => `${line.slice(0, from)}${item}|${line.slice(cursor)}`);
    assertEquals(become, expected, marked);
  }
}

Deno.test("complete() finds verbs, in any case", () => {
  check([
    ["tick|", ["ticker|"]],
    ["  t|", ["  ticker|", "  trade|"]],
    ["addo|", ["addOrder|"]],
    ["sub|", ["subscribe|", "subs|"]],
    ["ex|", ["exit|", "expect|"]],
    ["xyz|", []],
  ]);
  assertEquals(complete("", 0, CONTEXT).items, Object.keys(CONTEXT.verbs));
});

Deno.test("complete() finds pairs in any case, and none twice", () => {
  check([
    ["ticker xbt|", ["ticker XBT/EUR|", "ticker XBT/USD|"]],
    ["ticker XBT/U|", ["ticker XBT/USD|"]],
    ["ticker XBT/USD |", ["ticker XBT/USD ETH/EUR|", "ticker XBT/USD ETH/USD|", "ticker XBT/USD XBT/EUR|"]],
    ["ticker XBT/USD x|", ["ticker XBT/USD XBT/EUR|"]],
    ["book eth/u| 10", ["book ETH/USD| 10"]],
  ]);
});

Deno.test("complete() finds depths, intervals, options and their values", () => {
  check([
    ["book XBT/USD 10|", ["book XBT/USD 10|", "book XBT/USD 100|", "book XBT/USD 1000|"]],
    ["ohlc XBT/USD 1|", ["ohlc XBT/USD 1|", "ohlc XBT/USD 15|"]],
    ["book --|", ["book --depth|", "book --top|"]],
    ["book --d|", ["book --depth|"]],
    ["book --depth 2|", ["book --depth 25|"]],
    ["book --depth=2|", ["book --depth=25|"]],
    ["ticker --output |", ["ticker --output ndjson|", "ticker --output raw|"]],
    ["subs |", []],
  ]);
});

Deno.test("complete() goes on behind subscribe, let, on and every as for the command itself", () => {
  check([
    ["subscribe t|", ["subscribe ticker|", "subscribe trade|"]],
    ["subscribe book xbt/u|", ["subscribe book XBT/USD|"]],
    ["subscribe ohlc XBT/USD 5|", ["subscribe ohlc XBT/USD 5|"]],
    ["let o = add|", ["let o = addOrder|"]],
    ["let o = cancelOrder t|", ["let o = cancelOrder txid=|"]],
    ["on ti|", ["on ticker|"]],
    ["on gap d|", ["on gap do|"]],
    ["on gap do unsub|", ["on gap do unsubscribe|"]],
    ["every 5s do book --d|", ["every 5s do book --depth|"]],
    ["on trade where .a > 1 do tick|", ["on trade where .a > 1 do ticker|"]],
  ]);
});

Deno.test("complete() finds what is live: subscriptions, open orders, marks and variables", () => {
  check([
    ["unsubscribe |", [
      "unsubscribe ticker:XBT/USD|",
      "unsubscribe book-10:ETH/USD|",
      "unsubscribe b|",
      "unsubscribe all|",
    ]],
    ["unsubscribe b|", ["unsubscribe book-10:ETH/USD|", "unsubscribe b|"]],
    ["cancelOrder txid=oa|", ["cancelOrder txid=OADMSD-7AGC3-IMB46A|"]],
    ["cancelOrder txid=OADMSD-7AGC3-IMB46A,o|", [
      "cancelOrder txid=OADMSD-7AGC3-IMB46A,OD6VRE-HCSPM-CKORER|",
      "cancelOrder txid=OADMSD-7AGC3-IMB46A,OX6J4U-3FWTH-NPST2W|",
    ]],
    ["expect ticker since |", ["expect ticker since start|"]],
    ["expect ticker XBT/USD w|", ["expect ticker XBT/USD where|", "expect ticker XBT/USD within|"]],
    ["echo $|", ["echo $o|", "echo $order_id|", "echo $pair|"]],
    ["cancelOrder txid=${or|", ["cancelOrder txid=${order_id|"]],
  ]);
});

Deno.test("complete() finds the keys of an order, each once, and the values it knows", () => {
  check([
    ["addOrder p|", ["addOrder pair=|", "addOrder price=|"]],
    ["addOrder pair=XBT/USD p|", ["addOrder pair=XBT/USD price=|"]],
    ["addOrder pair=xbt|", ["addOrder pair=XBT/EUR|", "addOrder pair=XBT/USD|"]],
    ["addOrder type=|", ["addOrder type=buy|", "addOrder type=sell|"]],
    ["addOrder oflags=post,f|", ["addOrder oflags=post,fcib|", "addOrder oflags=post,fciq|"]],
    ["addOrder price=|", []],
    ["addOrder nonsense=|", []],
    ["addOrder --pair eth|", ["addOrder --pair ETH/EUR|", "addOrder --pair ETH/USD|"]],
  ]);
});

Deno.test("complete() offers nothing in quotes, conditions, comments and files", () => {
  check([
    ["ticker 'xbt|", []],
    ["ticker XBT/USD where .da|", []],
    ["ticker XBT/USD where |", []],
    ["ticker XBT/USD > xb|", []],
    ["ticker # xb|", []],
    ["nonsense xbt|", []],
    ["constructor |", []],
    ["toString x|", []],
  ]);
});

Deno.test("complete() never throws, and each item fits where it says", () => {
  const line = fc.array(
    fc.oneof(fc.constantFrom(...Object.keys(CONTEXT.verbs), " ", "=", "$", "--", "xbt", "'"), fc.string()),
  )
    .map((parts) => parts.join(""));
  fc.assert(fc.property(line, fc.nat(), (text, place) => {
    const cursor = place % (text.length + 1);
    const { items, from } = complete(text, cursor, CONTEXT);
    assert(from >= 0 && from <= cursor);
    const typed = text.slice(from, cursor).toUpperCase();
    for (const item of items) assert(item.toUpperCase().startsWith(typed));
  }));
});

Deno.test("replacements() puts in what is certain and lists the rest", () => {
  const table: [line: string, items: string[], from: number, words: string[]][] = [
    ["tick", ["ticker"], 0, ["ticker "]],
    ["addOrder pa", ["pair="], 9, ["pair="]],
    ["ticker xb", ["XBT/EUR", "XBT/USD"], 7, ["XBT/"]],
    ["ticker XBT/", ["XBT/EUR", "XBT/USD"], 7, ["XBT/EUR", "XBT/USD"]],
    ["", ["book", "ping"], 0, ["book", "ping"]],
    ["xyz", [], 0, []],
  ];
  for (const [line, items, from, words] of table) assertEquals(replacements(line, { items, from }), words, line);
});
