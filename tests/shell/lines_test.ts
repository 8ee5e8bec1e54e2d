import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Line, LineDecoder, MAX_LINE_BYTES } from "../../lib/shell/lines.ts";

function decode(bytes: Uint8Array, cuts: readonly number[] = []): Line[] {
  const decoder = new LineDecoder();
  const ends = [...cuts, bytes.length].sort((a, b) => a - b);
  let start = 0;
  const lines = ends.flatMap((end) => {
    const piece = decoder.push(bytes.subarray(start, end));
    start = end;
    return piece;
  });
  return [...lines, ...decoder.end()];
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("LineDecoder gives each line as text or as a problem, and goes on", () => {
  const invalid = new Uint8Array([0x61, 0xff, 0x0a, 0x62, 0x0a]);
  const long = bytesOf(`${"x".repeat(MAX_LINE_BYTES + 1)}\nafter`);
  const cases: [Uint8Array, string[]][] = [
    [bytesOf(""), []],
    [bytesOf("one"), ["1 one"]],
    [bytesOf("one\n"), ["1 one"]],
    [bytesOf("one\r\ntwo\n\nfour"), ["1 one", "2 two", "3 ", "4 four"]],
    [bytesOf("a\0b\nc"), ["1! The line holds a NUL byte", "2 c"]],
    [invalid, ["1! The line is not UTF-8 text", "2 b"]],
    [long, [`1! The line has ${MAX_LINE_BYTES + 1} bytes; ${MAX_LINE_BYTES} are the limit`, "2 after"]],
  ];
  for (const [bytes, expected] of cases) {
    const told = decode(bytes).map((line) =>
      line.type === "text" ? `${line.number} ${line.text}` : `${line.number}! ${line.problem}`
    );
    assertEquals(told, expected);
  }
});

Deno.test("LineDecoder gives the same lines however the bytes are cut", () => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => array.map((byte) => byte % 7 === 0 ? 0x0a : byte));
  fc.assert(fc.property(bytes, fc.array(fc.nat(60), { maxLength: 10 }), (whole, cuts) => {
    assertEquals(decode(whole, cuts.map((cut) => Math.min(cut, whole.length))), decode(whole));
  }));
});
