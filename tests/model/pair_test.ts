import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/errors.ts";
import { isPair, parsePair } from "../../lib/model/pair.ts";

Deno.test("parsePair() puts a currency in capitals that was typed in small letters only, and takes any other as typed", () => {
  const cases: readonly (readonly [typed: string, pair: string])[] = [
    ["XBT/USD", "XBT/USD"],
    ["xbt/usd", "XBT/USD"],
    ["xbt/USD", "XBT/USD"],
    ["1inch/eur", "1INCH/EUR"],
    ["AAPLx/USD", "AAPLx/USD"],
    ["AAPLx/usd", "AAPLx/USD"],
    ["BRK.Bx/USD", "BRK.Bx/USD"],
    ["Xbt/USD", "Xbt/USD"],
  ];
  for (const [typed, pair] of cases) {
    assertEquals(parsePair(typed), pair);
    assertEquals(isPair(pair), true);
  }
});

Deno.test("parsePair() refuses what is no pair, letters that only become ASCII in capitals among it", () => {
  for (const typed of ["", "/", "XBTUSD", "XBT/", "XBT/USD/EUR", "XBT/US D", "\u00df/usd", "\u0131nj/usd"]) {
    assertThrows(() => parsePair(typed), UsageError, "is not a pair");
  }
});
