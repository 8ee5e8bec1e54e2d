import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareDecimals, type Decimal, isDecimal, isZero } from "../../lib/model/decimal.ts";

Deno.test("isDecimal() accepts plain decimal text and nothing a reader could take for something else", () => {
  for (const text of ["0", "-1", "0.00000000", "37080.10000", "007.5"]) assertEquals(isDecimal(text), true, text);
  for (const value of ["", ".5", "5.", "1e5", "+1", " 1", "1 ", "1,5", "NaN", "1.2.3", "\u0661", 1, null, undefined]) {
    assertEquals(isDecimal(value), false, String(value));
  }
});

Deno.test("compareDecimals() orders by value, not by text", () => {
  const table: [string, string, -1 | 0 | 1][] = [
    ["1", "1.000", 0],
    ["9.5", "10", -1],
    ["10", "9.5", 1],
    ["9.50", "10.1", -1],
    ["1.234", "12.34", -1],
    ["0.09", "0.1", -1],
    ["010", "9.5", 1],
    ["01.5", "1.50", 0],
    ["00.5", "0.49", 1],
    ["-1", "1", -1],
    ["-2", "-10", 1],
    ["-0", "0.0", 0],
    ["0.000023620", "0.00002362", 0],
    ["123456789012345678901234567890.1", "123456789012345678901234567890.2", -1],
  ];
  for (const [a, b, expected] of table) {
    assertEquals(compareDecimals(a as Decimal, b as Decimal), expected, `${a} ? ${b}`);
    const mirrored = (expected === 0 ? 0 : -expected) as -1 | 0 | 1;
    assertEquals(compareDecimals(b as Decimal, a as Decimal), mirrored, `${b} ? ${a}`);
  }
});

Deno.test("isZero() looks at the value, so a deleted level is one whatever its digits", () => {
  for (const text of ["0", "0.00000000", "-0.0"]) assertEquals(isZero(text as Decimal), true, text);
  for (const text of ["0.00000001", "10", "-1"]) assertEquals(isZero(text as Decimal), false, text);
});

Deno.test("compareDecimals() agrees with whole-number arithmetic on any two decimals", () => {
  const part = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  const text = (units: bigint): Decimal => {
    const digits = (units < 0n ? -units : units).toString().padStart(6, "0");
    return `${units < 0n ? "-" : ""}${digits.slice(0, -5)}.${digits.slice(-5)}` as Decimal;
  };
  fc.assert(fc.property(part, part, (a, b) => {
    assertEquals(compareDecimals(text(a), text(b)), a < b ? -1 : a > b ? 1 : 0);
  }));
});
