import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { JsonReader } from "../../lib/protocol/json_reader.ts";

/** Reads one value of any kind; says whether that was all of the text. */
function isOneValue(text: string): boolean {
  const reader = new JsonReader(text);
  try {
    reader.skip();
  } catch (error) {
    assert(error instanceof SyntaxError, text);
    return false;
  }
  return reader.position === text.length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("any JSON with plain keys is read to its end, as JSON.stringify writes it", () => {
  const value = fc.object({
    key: fc.stringMatching(/^[ !#-[\]-~]*$/),
    values: [fc.string({ unit: "binary" }), fc.double({ noNaN: true }), fc.integer(), fc.boolean(), fc.constant(null)],
  });
  fc.assert(fc.property(value, (value) => assert(isOneValue(JSON.stringify(value)))));
});

Deno.test("no text is taken for a value that JSON.parse would refuse", () => {
  const pieces = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "\\",
    "1",
    "0",
    "-",
    ".",
    "e5",
    "true",
    "null",
    "a",
  );
  const text = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(fc.property(text, (text) => assert(!isOneValue(text) || isJson(text), text)), { numRuns: 5_000 });
});

Deno.test("a value with one character changed is refused, or is JSON all the same", () => {
  const good = '[336,{"a":[["101.10","0.5","17.1"]],"c":"974942666"},[true,-1.5e3,"\\n"],"book-10","XBT/USD"]';
  assert(isOneValue(good));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, other) => {
      const changed = good.slice(0, at) + other + good.slice(at + 1);
      assert(!isOneValue(changed) || isJson(changed), changed);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a list is left at its end, however much of it was read", () => {
  const reader = new JsonReader('[["1.5",2,{"more":["["]},"]"],"next"]');
  reader.openList();
  reader.openList();
  assertEquals([reader.decimal(), reader.number()], ["1.5", 2]);
  reader.closeList();
  assertEquals([reader.word(), reader.hasEntry()], ["next", false]);
});

Deno.test("an object gives its keys in their order, and says when there are no more", () => {
  const reader = new JsonReader('{"a":["1"],"b":{},"c":"x"}');
  reader.openObject();
  const keys: (string | undefined)[] = [];
  for (let key = reader.key(); key !== undefined; key = reader.key()) {
    keys.push(key);
    reader.skip();
  }
  assertEquals([keys, reader.position], [["a", "b", "c"], 26]);
});

Deno.test("a decimal is text of digits, a number one that can be written again, a word plain text", () => {
  const CASES:
    readonly (readonly [read: "decimal" | "number" | "word", good: readonly string[], bad: readonly string[]])[] = [
      ["decimal", ['"1"', '"-0.50"', '"007.10"'], ['""', '"1."', '".5"', '"1e5"', '"-"', '"1.2.3"', '"1', "1", '"+1"']],
      ["number", ["0", "12", "-3", "1.5", "1e3", "999999999999999"], ["01", "1e999", "-", "true", '"1"', "null", "+1"]],
      ["word", ['""', '"b"', '"some words"'], ['"\\n"', '"é"', '"open', "b", '"\u007f"']],
    ];
  for (const [read, good, bad] of CASES) {
    const only = (text: string): unknown => {
      const reader = new JsonReader(`[${text}]`);
      reader.openList();
      const value = reader[read]();
      assertEquals(reader.hasEntry(), false, text);
      return value;
    };
    for (const text of good) assertEquals(only(text), JSON.parse(text), text);
    for (const text of bad) assertThrows(() => only(text), SyntaxError, undefined, text);
  }
});
