/** What is typed becomes what the wire wants, or is refused for its form. @module */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UsageError } from "../../lib/errors.ts";
import { Secret } from "../../lib/model/secret.ts";
import { v1 } from "../../lib/protocol/v1.ts";
import { readParameters, REQUEST_NAMES, type RequestName, wireParameters } from "../../lib/trading/parameters.ts";

function wire(request: RequestName, ...words: string[]): unknown {
  return wireParameters(request, readParameters(request, words));
}

Deno.test("wireParameters() gives each key the type that the exchange expects", () => {
  const cases: readonly (readonly [RequestName, string, unknown])[] = [
    ["addOrder", "pair=xbt/usd", { pair: "XBT/USD" }],
    ["addOrder", "pair=AAPLx/USD", { pair: "AAPLx/USD" }],
    ["editOrder", "pair=AAPLx/usd", { pair: "AAPLx/USD" }],
    ["addOrder", "volume=0.00000001", { volume: "0.00000001" }],
    ["addOrder", "price=+5%", { price: "+5%" }],
    ["addOrder", "price=#2", { price: "#2" }],
    ["addOrder", "leverage=5", { leverage: "5" }],
    ["addOrder", "userref=-2147483648", { userref: "-2147483648" }],
    ["addOrder", "validate=true", { validate: "true" }],
    ["addOrder", "margin=true", { margin: true }],
    ["addOrder", "reduce_only=false", { reduce_only: false }],
    ["addOrder", "close[price]=37000", { "close[price]": "37000" }],
    ["addOrder", "trading_agreement=agree", { trading_agreement: "agree" }],
    ["amendOrder", "txid=OADMSD-7AGC3-IMB46A", { txid: "OADMSD-7AGC3-IMB46A" }],
    ["amendOrder", "post_only=true", { post_only: true }],
    ["editOrder", "validate=true", { validate: true }],
    ["editOrder", "oflags=", { oflags: "" }],
    ["editOrder", "newuserref=666", { newuserref: "666" }],
    ["cancelOrder", "txid=OADMSD-7AGC3-IMB46A,OD6VRE-HCSPM-CKORER", {
      txid: ["OADMSD-7AGC3-IMB46A", "OD6VRE-HCSPM-CKORER"],
    }],
    ["cancelOrder", "txid=O6L3CW-FD5CZ-NE373X", { txid: ["O6L3CW-FD5CZ-NE373X"] }],
    ["cancelOrder", "cl_ord_id=a,b", { cl_ord_id: ["a", "b"] }],
    ["cancelAllOrdersAfter", "timeout=60", { timeout: 60 }],
    ["cancelAll", "reqid=7", {}],
    ["cancelAll", "later=a=b=c", { later: "a=b=c" }],
    ["cancelAll", '"quoted\\"=\n', { '"quoted\\"': "\n" }],
  ];
  for (const [request, word, expected] of cases) assertEquals(wire(request, word), expected, `${request} ${word}`);
});

Deno.test("readParameters() refuses words of the wrong form, and says which form is right", () => {
  const cases: readonly (readonly [RequestName, readonly string[], code: string])[] = [
    ["addOrder", ["pair"], "malformed_word"],
    ["addOrder", ["=XBT/USD"], "malformed_word"],
    ["addOrder", [""], "malformed_word"],
    ["cancelOrder", ["OADMSD-7AGC3-IMB46A"], "malformed_word"],
    ["addOrder", ["type=buy", "type=buy"], "duplicate_key"],
    ["addOrder", ["token=abc"], "reserved_key"],
    ["addOrder", ["event=cancelAll"], "reserved_key"],
    ["addOrder", ["pair=XBTUSD"], "bad_pair"],
    ["addOrder", ["type=bye"], "bad_type"],
    ["addOrder", ["ordertype=iceberg"], "bad_ordertype"],
    ["addOrder", ["volume=-1"], "bad_volume"],
    ["addOrder", ["volume=1e3"], "bad_volume"],
    ["addOrder", ["volume=1,5"], "bad_volume"],
    ["addOrder", ["volume=.5"], "bad_volume"],
    ["addOrder", ["volume=NaN"], "bad_volume"],
    ["addOrder", ["price="], "bad_price"],
    ["addOrder", ["price=5%"], "bad_price"],
    ["addOrder", ["price=++5"], "bad_price"],
    ["addOrder", ["price=0x10"], "bad_price"],
    ["addOrder", ["leverage=0"], "bad_leverage"],
    ["addOrder", ["leverage=2.5"], "bad_leverage"],
    ["addOrder", ["oflags=post,fast"], "bad_oflags"],
    ["addOrder", ["timeinforce=gtc"], "bad_timeinforce"],
    ["addOrder", ["userref=2147483648"], "bad_userref"],
    ["addOrder", ["userref=1.5"], "bad_userref"],
    ["addOrder", ["cl_ord_id=nineteen characters"], "bad_cl_ord_id"],
    ["addOrder", ["cl_ord_id=é"], "bad_cl_ord_id"],
    ["addOrder", ["deadline=tomorrow"], "bad_deadline"],
    ["addOrder", ["deadline=2026-13-01T00:00:00Z"], "bad_deadline"],
    ["addOrder", ["stp_type=cancel_me"], "bad_stp_type"],
    ["addOrder", ["expiretm=soon"], "bad_expiretm"],
    ["addOrder", ["margin=yes"], "bad_margin"],
    ["addOrder", ["close[price]=x"], "bad_close_price"],
    ["addOrder", ["reqid=0"], "bad_reqid"],
    ["addOrder", ["reqid=9007199254740992"], "bad_reqid"],
    ["cancelOrder", ["txid=A,,B"], "bad_txid"],
    ["cancelAllOrdersAfter", ["timeout=1m"], "bad_timeout"],
    ["cancelAllOrdersAfter", ["timeout=-1"], "bad_timeout"],
  ];
  for (const [request, words, code] of cases) {
    const error = assertThrows(() => readParameters(request, words), UsageError);
    assertEquals(error.code, code, `${request} ${words.join(" ")}`);
  }
});

Deno.test("readParameters() refuses a key that is given as a word and as an option", () => {
  const error = assertThrows(() => readParameters("addOrder", ["type=buy"], { type: "sell" }), UsageError);
  assertEquals(error.code, "duplicate_key");
});

Deno.test("no key=value text makes a frame that is not JSON, or that says more than was typed", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string(),
    fc.constantFrom("__proto__", "constructor", 'a"b'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...REQUEST_NAMES), anyText, anyText, (request, key, value) => {
      let parameters;
      try {
        parameters = readParameters(request, [`${key}=${value}`]);
      } catch (error) {
        assert(error instanceof UsageError);
        return;
      }
      const frame = v1.encode({
        type: "trading",
        event: request,
        reqid: 7,
        token: new Secret("t0ken"),
        parameters: wireParameters(request, parameters),
      });
      const read: unknown = JSON.parse(frame);
      assert(typeof read === "object" && read !== null);
      const ours = new Set(["event", "reqid", "token"]);
      const theirs = Object.keys(read).filter((name) => !ours.has(name));
      assertEquals(theirs, [...parameters.keys()].filter((name) => !ours.has(name)));
      assertEquals(JSON.parse(frame).event, request);
      assertEquals(JSON.parse(frame).token, "t0ken");
    }),
    { numRuns: 500 },
  );
});

Deno.test("readParameters() refuses a key that the exchange would pass over for its case or a dash", () => {
  for (const word of ["Validate=true", "OFLAGS=post", "reduce-only=true"]) {
    const error = assertThrows(() => readParameters("addOrder", [word]), UsageError);
    assertEquals(error.code, "misspelt_key");
  }
  assertThrows(() => readParameters("addOrder", ["Token=T0ken"]), UsageError, "cannot be given");
});
