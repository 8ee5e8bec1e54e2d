/** The program as a process, with exactly the permissions that the README documents. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { linesOf } from "../_fakes.ts";
import { hasProgram, runBash, runCli, spawnCli } from "../_cli.ts";

Deno.test("the main job needs loopback and nothing else", async () => {
  const { code, stderr, records } = await runCli(["ticker", "XBT/USD", "--sandbox", "--count", "2"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(records.at(-1)?.type, "count");
});

Deno.test("variables of the environment count where reading them is permitted, and are none of our business elsewhere", async () => {
  const env = { KRAKENWS_SANDBOX: "1", KRAKENWS_COUNT: "1" };
  const read = await runCli(["ticker", "XBT/USD"], { permissions: "loopbackWithVariables", env });
  assertEquals([read.code, read.records.at(-1)?.type], [0, "count"]);
  const unread = await runCli(["ticker", "XBT/USD", "--sandbox", "--for", "50ms"], { env });
  assertEquals([unread.code, unread.records.at(-1)?.type], [0, "time"]);
});

Deno.test("| head -1 ends an endless stream at once, with exit 0 on both sides", async () => {
  const { code, stdout, stderr } = await runBash("krakenws ticker XBT/USD --sandbox | head -1");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(JSON.parse(stdout).type, "connecting");
});

Deno.test("a reader that leaves early also ends raw output", async () => {
  const { code, stdout } = await runBash("krakenws trade XBT/USD --sandbox -o raw -q | head -1");
  assertEquals(code, 0);
  assertMatch(stdout, /^\{"connectionID":\d+,"event":"systemStatus",.*\}\n$/);
});

Deno.test("a full disk is an error that says so, not a defect", { ignore: Deno.build.os !== "linux" }, async () => {
  for (const line of ["status --sandbox", "ticker XBT/USD --sandbox", "--help"]) {
    const { code, stderr } = await runBash(`krakenws ${line} > /dev/full`);
    assertEquals([code, stderr.trim()], [1, "krakenws: Cannot write to stdout: No space left on device (os error 28)"]);
  }
});

/** Starts a stream, and sends a signal once it has data. */
async function interrupt(signal: Deno.Signal, args: readonly string[]) {
  const process = spawnCli(args);
  let text = "";
  let sent = false;
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (sent || !text.includes('"channel":"ticker"')) continue;
    process.kill(signal);
    sent = true;
  }
  const stderr = await new Response(process.stderr).text();
  const { code } = await process.status;
  return { code, stderr, records: linesOf(text).map((line) => JSON.parse(line)) };
}

Deno.test("Ctrl-C ends a stream with an end record and 130", async () => {
  const { code, stderr, records } = await interrupt("SIGINT", ["ticker", "XBT/USD", "--sandbox"]);
  assertEquals([code, stderr], [130, ""]);
  const end = records.at(-1);
  assertEquals([end.channel, end.type, end.exit, end.data.records], ["end", "interrupted", 130, records.length - 1]);
});

Deno.test("SIGTERM ends a stream with an end record and 143", async () => {
  const { code, stderr, records } = await interrupt("SIGTERM", ["ticker", "XBT/USD", "--sandbox"]);
  assertEquals([code, stderr], [143, ""]);
  const end = records.at(-1);
  assertEquals([end.channel, end.type, end.exit], ["end", "terminated", 143]);
});

Deno.test("the output is JSON that other programs read", { ignore: !hasProgram("jq") }, async () => {
  const { code, stdout } = await runBash(
    `krakenws book XBT/USD --top 1 --count 3 --sandbox | jq -r 'select(.channel=="book").data.bids[0].price'`,
  );
  assertEquals(code, 0);
  assertMatch(stdout, /^(?:\d+\.\d{5}\n){3}$/);
});

Deno.test("a sandbox serves another process until it is interrupted", async () => {
  const server = spawnCli(["sandbox", "--seed", "7", "--speed", "5"]);
  const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const listening = JSON.parse(linesOf(value)[0] ?? "");
  const { port } = new URL(listening.data.rest);
  assertEquals([listening.seq, listening.channel, listening.type, listening.data], [1, "sandbox", "listening", {
    public: `ws://127.0.0.1:${port}/`,
    private: `ws://127.0.0.1:${port}/auth`,
    rest: `http://127.0.0.1:${port}`,
    control: `ws://127.0.0.1:${port}/control`,
  }]);

  const target = ["--target", `ws://127.0.0.1:${port}`];
  const { code, records } = await runCli(["book", "XBT/USD", "--count", "5", ...target]);
  assertEquals(code, 0);
  const updates = records.filter(({ channel, type }) => channel === "book" && type === "update");
  assertEquals(updates.map(({ verified }) => verified), [true, true, true, true]);

  server.kill("SIGINT");
  const rest = await reader.read();
  assertEquals(JSON.parse(linesOf(rest.value ?? "").at(-1) ?? "").exit, 130);
  await reader.cancel();
  assertMatch(await new Response(server.stderr).text(), /The sandbox listens on http:\/\/127\.0\.0\.1:\d+/);
  assertEquals((await server.status).code, 130);
});

Deno.test("a sandbox ends after --for, as everything else does", async () => {
  const { code, records } = await runCli(["sandbox", "--for", "1ms"]);
  assertEquals(code, 0);
  assertEquals(records.map(({ channel, type }) => [channel, type]), [["sandbox", "listening"], ["end", "time"]]);
});

Deno.test("a slow reader loses nothing", async () => {
  const { code, stdout } = await runBash(
    "krakenws book XBT/USD ETH/USD --sandbox --for 1s | { sleep 0.7; cat; }",
  );
  const records = linesOf(stdout).map((line) => JSON.parse(line));
  assertEquals(code, 0);
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  assert(records.filter(({ channel }) => channel === "book").every(({ verified }) => verified !== false));
});
