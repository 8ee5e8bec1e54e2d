/** An order reads as what it does. @module */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareDecimals, type Decimal, multiplyDecimals } from "../../lib/model/decimal.ts";
import { readParameters, type RequestName } from "../../lib/trading/parameters.ts";
import { inWords } from "../../lib/trading/words.ts";

Deno.test("inWords() says side, volume, pair, price and sum", () => {
  const order = "pair=XBT/USD type=buy volume=0.5";
  const cases: readonly (readonly [RequestName, string, string])[] = [
    ["addOrder", `${order} ordertype=market`, "buy 0.5 XBT/USD at market"],
    ["addOrder", `${order} ordertype=limit price=37080.1`, "buy 0.5 XBT/USD at 37080.1 or better, 18540.05 USD in all"],
    ["addOrder", `${order} ordertype=limit price=-1%`, "buy 0.5 XBT/USD at -1% or better"],
    [
      "addOrder",
      `${order} ordertype=market leverage=5 reduce_only=true`,
      "buy 0.5 XBT/USD at market, with a leverage of 5, only to reduce a position",
    ],
    [
      "addOrder",
      "pair=ETH/EUR type=sell volume=2 ordertype=stop-loss-limit price=1000 price2=990",
      "sell 2 ETH/EUR at 990 or better once the price reaches 1000 (stop-loss-limit), 1980 EUR in all",
    ],
    [
      "addOrder",
      `${order} ordertype=limit price=2 oflags=post close[ordertype]=limit close[price]=3`,
      "buy 0.5 XBT/USD at 2 or better, 1 USD in all, flags post, then close it at 3 or better",
    ],
    [
      "addOrder",
      `${order} ordertype=trailing-stop price=+2%`,
      "buy 0.5 XBT/USD at market once the price turns by +2% (trailing-stop)",
    ],
    ["amendOrder", "txid=O1 limit_price=5 volume=2", "amend order O1: limit_price 5, volume 2"],
    ["editOrder", "orderid=O1 pair=XBT/USD price=5 oflags=", "replace order O1 (XBT/USD): price 5, oflags none"],
    ["cancelAllOrdersAfter", "timeout=60", "cancel all orders in 60 s, unless told otherwise before"],
  ];
  for (const [request, words, expected] of cases) {
    assertEquals(inWords(request, readParameters(request, words.split(" "))), expected);
  }
});

Deno.test("inWords() reads a volume in quote currency as such, and every key that is passed on unread", () => {
  const order = (...words: string[]) =>
    inWords("addOrder", readParameters("addOrder", ["pair=XBT/USD", "type=buy", ...words]));
  assertEquals(
    order("ordertype=market", "volume=100", "oflags=viqc"),
    "buy XBT/USD for 100 USD at market, flags viqc",
  );
  assertEquals(
    order("ordertype=limit", "price=5", "volume=1", "validation=true"),
    'buy 1 XBT/USD at 5 or better, 5 USD in all, and validation "true", which is not known here',
  );
});

Deno.test("multiplyDecimals() is exact", () => {
  const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }));
  fc.assert(fc.property(decimal, decimal, ([a, aScale], [b, bScale]) => {
    const product = multiplyDecimals(text(a, aScale), text(b, bScale));
    assertEquals(compareDecimals(product, text(a * b, aScale + bScale)), 0);
  }));
});

function text(digits: bigint, scale: number): Decimal {
  const magnitude = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const at = magnitude.length - scale;
  return `${digits < 0n ? "-" : ""}${magnitude.slice(0, at)}${scale === 0 ? "" : `.${magnitude.slice(at)}`}` as Decimal;
}
