/** Whatever comes through stdin: an error, and no crash. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { startSandbox } from "../../lib/sandbox/server.ts";
import { SessionUnderTest } from "./_session.ts";

const MEGABYTE = 2 ** 20;

/** Input between two good lines, and what is said of it. */
const GARBAGE: readonly (readonly [what: string, bytes: Uint8Array, says: RegExp])[] = [
  ["a NUL byte", bytesOf("ping\0\n"), /The line holds a NUL byte/],
  ["invalid UTF-8", new Uint8Array([0x70, 0xc3, 0x28, 0x0a]), /The line is not UTF-8 text/],
  ["binary", new Uint8Array(4096).map((_, index) => index * 37 % 256), /The line/],
  ["control characters", bytesOf("\x1b[2J\x07\n"), /cannot hold the control character|is no|control character/],
  ["a line of 10 MB", bytesOf(`${"x".repeat(10 * MEGABYTE)}\n`), /The line has 10485760 bytes; 65536 are the limit/],
];

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

for (const input of ["lines", "ndjson"] as const) {
  const good = input === "lines" ? "echo fine" : '{"id":"fine","cmd":"subs"}';
  const words = input === "lines" ? ["shell", "--keep-going"] : ["shell", "--input", "ndjson"];

  Deno.test(`garbage on stdin (${input}) is an error for each line, and the session lives on`, async (t) => {
    await using sandbox = await startSandbox();
    for (const [what, bytes, says] of GARBAGE) {
      await t.step(what, async () => {
        const session = new SessionUnderTest(sandbox, words);
        session.send(good);
        for (let start = 0; start < bytes.length; start += 64 * 1024) {
          session.write(bytes.slice(start, start + 64 * 1024));
        }
        session.send("");
        session.send(good);
        const code = await session.end();
        assertEquals(code, input === "lines" ? 2 : 0, session.stderr.text.slice(0, 500));
        const errors = session.on("error");
        assert(errors.length > 0);
        if (input === "lines") assertMatch(errors[0].message, says);
        const fine = input === "lines" ? session.stderr.text.match(/^fine$/gm) : session.on("result");
        assertEquals(fine?.length, 2);
        // deno-lint-ignore no-control-regex -- that none gets through is the promise
        assert(!/[\x00-\x09\x0b-\x1f]/.test(session.stdout.text + session.stderr.text), "a control character came out");
        assert(session.stderr.text.length < 10_000, "as much comes out as went in");
      });
    }
  });

  Deno.test(`a last line without an end counts (${input})`, async () => {
    await using sandbox = await startSandbox();
    const session = new SessionUnderTest(sandbox, words);
    session.write(good);
    assertEquals(await session.end(), 0);
    assertEquals(
      input === "lines" ? session.stderr.text : session.on("result").length,
      input === "lines" ? "fine\n" : 1,
    );
  });

  Deno.test(`no bytes whatsoever crash a session (${input})`, async () => {
    await using sandbox = await startSandbox();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 80 }), async (bytes, text) => {
        const session = new SessionUnderTest(sandbox, words);
        session.write(bytes);
        // A random text is no command that waits, and none that writes a file.
        session.send(`\n${text.replaceAll(">", "")}`);
        const code = await session.end();
        assert([0, 2, 3].includes(code), `${code}: ${session.stderr.text}`);
        assertEquals(session.records.at(-1).channel, "end");
      }),
      { numRuns: 40 },
    );
  });
}

Deno.test("a script that ends in the middle of a joined line says so", async () => {
  await using sandbox = await startSandbox();
  const session = new SessionUnderTest(sandbox, ["shell"]);
  session.write("echo one\necho two \\\n");
  assertEquals(await session.end(), 2);
  assertMatch(session.stderr.text, /^one\nkrakenws: <stdin>:2: the input ends in the middle of a line\n$/);
});
