/** What an exchange, or whoever stands in its place, may try. @module */

import { assert, assertEquals } from "@std/assert";
import { runHere } from "../_cli.ts";
import { confirmation, socketServer } from "../commands/_servers.ts";

const ESCAPE = "\u001b[2J\u001b]0;owned\u0007";

/** Texts that would steer a terminal, end a line, or end up in the wrong place. */
const HOSTILE = [
  ESCAPE,
  `{"event":"systemStatus","status":"${JSON.stringify(ESCAPE).slice(1, -1)}","version":"1\\n2"}`,
  `{"event":"error","errorMessage":"\\u001b[31mred\\r\\nnew line\\u2028\\u0085"}`,
  `{"event":"subscriptionStatus","status":"error","errorMessage":"\\u001bc","pair":"XBT/USD\\u001b[1m"}`,
  `{"__proto__":{"event":"heartbeat"}}`,
  `[1,{"a":["1",0,"1"]},"ticker","XBT/USD\u001b[0m"]`,
  "\u009b31m\nnot json\r\n",
  "null",
  "[]",
  "[[[[[[[[]]]]]]]]",
  '{"event":["heartbeat"]}',
  '[0,[["1e999","-1","0.1","b","l",""]],"trade","XBT/USD"]',
];

// deno-lint-ignore no-control-regex -- these are the characters in question
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

Deno.test("hostile text cannot steer a terminal nor break a line, on stdout or on stderr", async () => {
  await using server = socketServer({
    greeting: HOSTILE,
    answer: (text, socket) => {
      for (const frame of [...confirmation(text), ...HOSTILE]) socket.send(frame);
    },
  });
  for (const output of [[], ["-v"], ["--raw-frame"]]) {
    const { code, stdout, stderr, records } = await runHere(
      ["ticker", "XBT/USD", "--target", server.url, "--for", "300ms", ...output],
    );
    assertEquals(code, 0, stderr);
    assert(!CONTROL.test(stdout), `stdout with ${output}`);
    assert(!CONTROL.test(stderr), `stderr with ${output}: ${JSON.stringify(stderr.slice(0, 300))}`);
    assertEquals(records.filter(({ channel }) => channel === "unrecognized").length >= HOSTILE.length, true);
    assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  }
});

Deno.test("a frame of megabytes is one record, and what is beyond any sense is cut, a gap, and asked for anew", async () => {
  const long = `"${"x".repeat(3 * 2 ** 20)}"`;
  const endless = `"${"x".repeat(17 * 2 ** 20)}"`;
  let sent = false;
  await using server = socketServer({
    answer: (text, socket) => {
      for (const frame of confirmation(text)) socket.send(frame);
      if (sent) return;
      sent = true;
      socket.send(long);
      socket.send(endless);
    },
  });
  const { code, records } = await runHere(["ticker", "XBT/USD", "--target", server.url, "--for", "1500ms"]);
  assertEquals(code, 0);
  const unrecognized = records.filter(({ channel }) => channel === "unrecognized");
  assertEquals(unrecognized.map(({ type, length, text }) => [type, length, text.length]), [
    ["text", undefined, long.length],
    ["oversize", endless.length, 200],
  ]);
  const gaps = records.filter(({ channel }) => channel === "gap");
  assertEquals(gaps[0]?.type, "overflow");
});

Deno.test("nothing listens beyond loopback, whatever the target", { ignore: Deno.build.os !== "linux" }, async () => {
  const { startSandbox } = await import("../../lib/sandbox/server.ts");
  await using sandbox = await startSandbox();
  const port = Number(new URL(sandbox.publicUrl).port).toString(16).toUpperCase().padStart(4, "0");
  // Deno does not let tests read /proc themselves.
  const tables = new Deno.Command("cat", { args: ["/proc/net/tcp", "/proc/net/tcp6"], stderr: "null" }).outputSync();
  const listening = new TextDecoder().decode(tables.stdout).split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(`:${port}`) && state === "0A").map(([, local]) => local);
  assertEquals(listening, [`0100007F:${port}`]);
});
