import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MAX_DURATION_MS, parseDuration } from "../../lib/model/duration.ts";

Deno.test("parseDuration() reads each unit, whole or with decimals", () => {
  const table: [string, number][] = [
    ["500ms", 500],
    ["2s", 2_000],
    ["1.5m", 90_000],
    ["1h", 3_600_000],
    ["0s", 0],
    ["0.25s", 250],
    ["1.1s", 1_100],
    ["007s", 7_000],
    ["2147483647ms", MAX_DURATION_MS],
    ["596h", 596 * 3_600_000],
  ];
  for (const [text, milliseconds] of table) assertEquals(parseDuration(text), milliseconds, text);
});

Deno.test("parseDuration() says what is wrong and what would be right", () => {
  const table: [string, string][] = [
    ["", "it is empty"],
    ["30", "the unit is missing"],
    ["-5s", "it is negative"],
    ["5 s", "there is a space in it"],
    ["5sec", 'the unit "sec" is not one of ms, s, m, h'],
    ["2D", 'the unit "D" is not one of ms, s, m, h'],
    [".5s", "write a number and a unit"],
    ["1e3ms", "write a number and a unit"],
    ["soon", "write a number and a unit"],
    ["1h30m", "write a number and a unit"],
    ["٣s", "write a number and a unit"],
  ];
  for (const [text, wrong] of table) {
    const error = assertThrows(() => parseDuration(text), SyntaxError, wrong, text);
    assertEquals(error.message.endsWith("such as 500ms, 2s, 1.5m or 1h"), true, error.message);
  }
});

Deno.test("parseDuration() refuses what a timer would fire at once", () => {
  for (const text of ["2147483648ms", "597h", `${"9".repeat(400)}s`]) {
    assertThrows(() => parseDuration(text), RangeError, "the longest duration is 596h");
  }
});

Deno.test("parseDuration() quotes only the beginning of a long mistake", () => {
  const error = assertThrows(() => parseDuration("x".repeat(1_000_000)), SyntaxError);
  assertEquals(error.message.length < 200, true);
});

Deno.test("parseDuration() gives back any whole number of milliseconds", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: MAX_DURATION_MS }), (milliseconds) => {
    assertEquals(parseDuration(`${milliseconds}ms`), milliseconds);
    assertEquals(parseDuration(`${(milliseconds / 1_000).toFixed(3)}s`), milliseconds);
  }));
});
