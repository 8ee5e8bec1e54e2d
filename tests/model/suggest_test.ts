import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { suggest } from "../../lib/model/suggest.ts";

const VERBS = [
  "ticker",
  "trade",
  "spread",
  "book",
  "ohlc",
  "addOrder",
  "cancelAll",
  "cancelOrder",
  "subs",
  "subscribe",
  "unsubscribe",
];

Deno.test("suggest() sees through the slips a hand makes", () => {
  const table: [typed: string, meant: string | undefined][] = [
    ["tikcer", "ticker"], // swapped
    ["tickr", "ticker"], // left out
    ["tickerr", "ticker"], // doubled
    ["ticket", "ticker"], // beside the key
    ["TICKER", "ticker"],
    ["boko", "book"],
    ["add-order", "addOrder"],
    ["addorders", "addOrder"],
    ["cancel", "cancelAll"],
    ["subscrib", "subscribe"],
    ["unsub", "unsubscribe"],
    ["suscribe", "subscribe"],
  ];
  for (const [typed, meant] of table) assertEquals(suggest(typed, VERBS), meant, typed);
});

Deno.test("suggest() stays silent rather than guess wildly", () => {
  for (const typed of ["", "x", "bo", "balance", "deadman", "trading-fees", "a".repeat(1_000_000)]) {
    assertEquals(suggest(typed, VERBS), undefined, typed.slice(0, 20));
  }
  assertEquals(suggest("ticker", []), undefined);
});

Deno.test("suggest() works for pairs, and prefers the first of equally near ones", () => {
  assertEquals(suggest("XBT/USDD", ["ETH/USD", "XBT/USD", "XBT/EUR"]), "XBT/USD");
  assertEquals(suggest("XBTUSD", ["ETH/USD", "XBT/USD"]), "XBT/USD");
  assertEquals(suggest("bcd", ["abcd", "bcde"]), "abcd");
});

Deno.test("suggest() always recognises a known word, and one with two letters swapped", () => {
  fc.assert(fc.property(fc.constantFrom(...VERBS), fc.nat(), (verb, place) => {
    assertEquals(suggest(verb, VERBS), verb);
    const index = place % (verb.length - 1);
    const swapped = verb.slice(0, index) + verb[index + 1] + verb[index] + verb.slice(index + 2);
    assertEquals(suggest(swapped, VERBS), verb);
  }));
});
