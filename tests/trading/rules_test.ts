/** What a request needs, and what does not go together. @module */

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/errors.ts";
import { readParameters, REQUEST_NAMES, type RequestName } from "../../lib/trading/parameters.ts";
import { checkRequest, EXAMPLES } from "../../lib/trading/rules.ts";

function check(request: RequestName, words: string): void {
  checkRequest(request, readParameters(request, words === "" ? [] : words.split(" ")));
}

const ORDER = "pair=XBT/USD type=buy volume=1";

Deno.test("checkRequest() lets whole requests pass", () => {
  const cases: readonly (readonly [RequestName, string])[] = [
    ["addOrder", `${ORDER} ordertype=market`],
    ["addOrder", `${ORDER} ordertype=limit price=7500`],
    ["addOrder", `${ORDER} ordertype=limit price=-1% oflags=post`],
    ["addOrder", `${ORDER} ordertype=stop-loss price=#5`],
    ["addOrder", `${ORDER} ordertype=take-profit-limit price=7000 price2=-10`],
    ["addOrder", `${ORDER} ordertype=trailing-stop price=+2%`],
    ["addOrder", `${ORDER} ordertype=trailing-stop-limit price=+100 price2=-10`],
    ["addOrder", "pair=XBT/USD type=sell volume=0 ordertype=settle-position leverage=2"],
    ["addOrder", `${ORDER} ordertype=limit price=7500 timeinforce=GTD expiretm=+60`],
    ["addOrder", `${ORDER} ordertype=limit price=1 close[ordertype]=stop-loss-limit close[price]=2 close[price2]=3`],
    ["amendOrder", "txid=O1 limit_price=+5"],
    ["amendOrder", "cl_ord_id=mine volume=2"],
    ["editOrder", "orderid=O1 pair=XBT/USD oflags="],
    ["cancelOrder", "txid=O1,O2"],
    ["cancelOrder", "cl_ord_id=mine"],
    ["cancelAll", ""],
    ["cancelAllOrdersAfter", "timeout=0"],
  ];
  for (const [request, words] of cases) check(request, words);
});

Deno.test("checkRequest() names what is missing, superfluous or contradictory", () => {
  const cases: readonly (readonly [RequestName, string, code: string])[] = [
    ["addOrder", "", "missing_pair"],
    ["addOrder", "pair=XBT/USD type=buy ordertype=market", "missing_volume"],
    ["addOrder", `${ORDER} ordertype=limit`, "missing_price"],
    ["addOrder", `${ORDER} ordertype=limit price=0.000`, "bad_price"],
    ["addOrder", `${ORDER} ordertype=limit price=5 price2=6`, "superfluous_price"],
    ["addOrder", `${ORDER} ordertype=market price=5`, "superfluous_price"],
    ["addOrder", `${ORDER} ordertype=stop-loss`, "missing_price"],
    ["addOrder", `${ORDER} ordertype=stop-loss-limit price=5`, "missing_price"],
    ["addOrder", `${ORDER} ordertype=trailing-stop price=5`, "bad_price"],
    ["addOrder", `${ORDER} ordertype=trailing-stop price=-5`, "bad_price"],
    ["addOrder", `${ORDER} ordertype=trailing-stop-limit price=+5 price2=100`, "bad_price"],
    ["addOrder", "pair=XBT/USD type=buy volume=0.0 ordertype=market", "bad_volume"],
    ["addOrder", `${ORDER} ordertype=market userref=1 cl_ord_id=a`, "contradiction"],
    ["addOrder", `${ORDER} ordertype=market oflags=post`, "bad_oflags"],
    ["addOrder", `${ORDER} ordertype=limit price=5 oflags=post timeinforce=IOC`, "bad_oflags"],
    ["addOrder", `${ORDER} ordertype=market oflags=fcib,fciq`, "bad_oflags"],
    ["addOrder", `${ORDER} ordertype=limit price=5 timeinforce=GTD`, "missing_expiretm"],
    ["addOrder", `${ORDER} ordertype=market close[price]=5`, "missing_ordertype"],
    ["addOrder", `${ORDER} ordertype=market close[ordertype]=limit`, "missing_price"],
    ["amendOrder", "limit_price=5", "missing_txid"],
    ["amendOrder", "txid=O1", "nothing_to_change"],
    ["amendOrder", "txid=O1 cl_ord_id=a volume=1", "contradiction"],
    ["editOrder", "orderid=O1 price=5", "missing_pair"],
    ["editOrder", "orderid=O1 pair=XBT/USD", "nothing_to_change"],
    ["cancelOrder", "", "missing_txid"],
    ["cancelOrder", "txid=O1 cl_ord_id=a", "contradiction"],
    ["cancelAllOrdersAfter", "", "missing_timeout"],
  ];
  for (const [request, words, code] of cases) {
    const error = assertThrows(() => check(request, words), UsageError);
    assertEquals(error.code, code, `${request} ${words}: ${error.message}`);
  }
});

Deno.test("every example that a mistake is answered with is whole", () => {
  for (const request of REQUEST_NAMES) check(request, EXAMPLES[request].split(" ").slice(2).join(" "));
});
