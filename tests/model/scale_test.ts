import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareDecimals, type Decimal, isDecimal } from "../../lib/model/decimal.ts";
import { decimalsNeeded, difference, percentOf, stepOn, sum, withDecimals } from "../../lib/model/scale.ts";

const amount = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, decimals]) => {
    const digits = String(units < 0n ? -units : units).padStart(decimals + 1, "0");
    const fraction = decimals === 0 ? "" : `.${digits.slice(-decimals)}`;
    return `${units < 0n ? "-" : ""}${digits.slice(0, digits.length - decimals)}${fraction}` as Decimal;
  });

Deno.test("what is taken away and added again is what was there, whatever the digits", () => {
  fc.assert(fc.property(amount, amount, (a, b) => {
    assert(isDecimal(difference(a, b)));
    assertEquals(compareDecimals(sum(difference(a, b), b), a), 0);
  }));
});

Deno.test("difference() and sum() go through zero and keep the longer fraction", () => {
  const cases = [["1", "1.50", "-0.50", "2.50"], ["0.1", "0.2", "-0.1", "0.3"], ["-1.5", "-1.5", "0.0", "-3.0"]];
  for (const [a, b, less, more] of cases as Decimal[][]) {
    assertEquals([difference(a!, b!), sum(a!, b!)], [less, more]);
  }
});

Deno.test("a greater value never stands lower on a scale", () => {
  fc.assert(fc.property(fc.tuple(amount, amount), amount, amount, fc.nat({ max: 100 }), (ends, a, b, steps) => {
    const [low, high] = ends.toSorted(compareDecimals) as [Decimal, Decimal];
    const [lower, upper] = [a, b].toSorted(compareDecimals) as [Decimal, Decimal];
    const places = [lower, upper].map((value) => stepOn({ low, high, steps }, value)) as [number, number];
    assert(0 <= places[0] && places[0] <= places[1] && places[1] <= steps);
  }));
});

Deno.test("the ends of a scale are its first and last step", () => {
  const scale = { low: "9.5" as Decimal, high: "10" as Decimal, steps: 7 };
  assertEquals(["9.5", "9.75", "10.00"].map((value) => stepOn(scale, value as Decimal)), [0, 4, 7]);
});

Deno.test("a value written with the decimals it needs is the same value", () => {
  fc.assert(fc.property(amount, amount, (a, b) => {
    const decimals = decimalsNeeded([a, b]);
    for (const value of [a, b]) assertEquals(compareDecimals(withDecimals(value, decimals), value), 0);
  }));
  assertEquals(["1.50", "2", "0.000"].map((value) => decimalsNeeded([value as Decimal])), [1, 0, 0]);
});

Deno.test("percentOf() keeps two decimals and does not divide by nothing", () => {
  const cases = [["1", "3", "33.33"], ["-1", "3", "-33.33"], ["0.5", "0.25", "200.00"], ["1", "0.0", undefined]];
  for (const [part, whole, percent] of cases) assertEquals(percentOf(part as Decimal, whole as Decimal), percent);
});
