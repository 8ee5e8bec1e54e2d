import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isPrintable, printable, visible } from "../../lib/output/printable.ts";

Deno.test("printable() leaves text alone that is safe already", () => {
  assertEquals(printable('krakenws: 10 µs für "XBT/USD" 🙂'), 'krakenws: 10 µs für "XBT/USD" 🙂');
});

Deno.test("visible() shows what a terminal would obey, and keeps JSON's meaning", () => {
  const table: [text: string, shown: string][] = [
    ['{"a":"b"}\n', '{"a":"b"}\n'],
    ["a\tb", "a\tb"],
    ["\x1b]0;title\x07", "\\u001b]0;title\\u0007"],
    ["\x9b2J", "\\u009b2J"],
    ["one\rtwo", "one\\u000dtwo"],
    ["\u202egnp.exe", "\\u202egnp.exe"],
    ["ümläut 😀 €", "ümläut 😀 €"],
  ];
  for (const [text, shown] of table) assertEquals(visible(text), shown);

  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const line = JSON.stringify({ text });
    assertEquals(JSON.parse(visible(line)), { text });
    assert(!/\p{Cc}/u.test(visible(line)));
  }));
});

Deno.test("printable() puts a text on one line that neither steers a terminal nor turns around, and keeps JSON's meaning", () => {
  const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/u;
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const line = JSON.stringify({ text });
    assertEquals(JSON.parse(printable(line)), { text });
    for (const each of [text, line]) {
      assert(!unsafe.test(printable(each)));
      assertEquals(isPrintable(each), printable(each) === each);
    }
  }));
  assertEquals(printable("two\nlines\t\u2066!"), "two\\u000alines\\u0009\\u2066!");
});
