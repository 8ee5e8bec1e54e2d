/**
 * Account data, orders and tokens as real processes against the sandbox, with the permissions that they need:
 * `--allow-net` for the two sockets and REST, `--allow-env` for the key or the token, and read access to WS_Token where a
 * token is kept in it. Only `krakenws token` writes, and it writes into the folder that it was told.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Sandbox, startSandbox } from "../../lib/sandbox/server.ts";
import { type CliOptions, type Finished, runCli, spawnCli } from "../_cli.ts";
import { startExchange } from "../trading/_exchange.ts";
import { startRelay } from "./_relay.ts";

const KEY = { KRAKEN_API_KEY: "sandbox", KRAKEN_API_SECRET: "c2FuZGJveA==" };

/** Runs a command line, as it would be typed, against a sandbox. */
function krakenws(sandbox: Sandbox, line: string, options: CliOptions = {}): Promise<Finished> {
  const { env = KEY, permissions = "loopbackWithVariables", cwd } = options;
  const target = { KRAKENWS_TARGET: sandbox.publicUrl };
  return runCli(line.split(" "), { permissions, env: { ...env, ...target }, ...(cwd === undefined ? {} : { cwd }) });
}

function ofChannel({ records }: Finished, channel: string) {
  return records.filter((record) => record.channel === channel);
}

async function* recordsOf({ stdout }: Deno.ChildProcess) {
  let rest = "";
  for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

async function place(sandbox: Sandbox, words: string): Promise<string> {
  const finished = await krakenws(sandbox, `addOrder ${words}`);
  assertEquals([finished.code, finished.stderr], [0, ""]);
  return ofChannel(finished, "order").at(-1).txid;
}

const RESTING = "pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.01";

Deno.test("the orders of the exchange's own script are placed, verbatim", async () => {
  await using sandbox = await startSandbox();
  for (
    const line of [
      "addOrder pair=XBT/USD type=buy ordertype=market volume=0.002 leverage=5",
      "addOrder pair=XBT/EUR type=sell ordertype=limit price=7500 volume=0.125",
      "add-order pair=xbt/usd type=buy ordertype=limit price=1000 volume=0.01 close[ordertype]=limit close[price]=2000",
    ]
  ) {
    const finished = await krakenws(sandbox, line);
    assertEquals([finished.code, finished.stderr], [0, ""], line);
    assertEquals(ofChannel(finished, "order").map(({ type }) => type), ["sent", "accepted"]);
    assertEquals(finished.records.at(-1).channel, "end");
  }
});

Deno.test("an order goes through amendOrder, editOrder and cancelOrder, and openOrders shows where it stands", async () => {
  await using sandbox = await startSandbox();
  const txid = await place(sandbox, RESTING);
  const amended = await krakenws(sandbox, `amendOrder txid=${txid} limit_price=1001`);
  assertEquals([amended.code, amended.stderr], [0, ""]);
  const edited = await krakenws(sandbox, `edit-order --orderid ${txid} --pair XBT/USD --price 1002 --volume 0.01`);
  assertEquals([edited.code, edited.stderr], [0, ""]);
  const { txid: newTxid } = ofChannel(edited, "order").at(-1);

  const open = await krakenws(sandbox, "openOrders ratecounter=true --count 1");
  assertEquals(open.code, 0);
  const [snapshot] = ofChannel(open, "openOrders");
  assertEquals([snapshot.type, snapshot.sequence], ["snapshot", 1]);
  assertEquals(snapshot.data.map((order: { txid: string }) => order.txid), [newTxid]);

  const cancelled = await krakenws(sandbox, `cancelOrder txid=${newTxid},OD6VRE-HCSPM-CKORER`);
  assertEquals(cancelled.code, 4);
  assertEquals(ofChannel(cancelled, "order").map(({ type }) => type), ["sent", "accepted", "rejected"]);
  assertStringIncludes(cancelled.stderr, "EOrder:Unknown order");
});

Deno.test("cancelAll and cancelAllOrdersAfter end with the exchange's answer", async () => {
  await using sandbox = await startSandbox();
  await place(sandbox, RESTING);
  const timed = await krakenws(sandbox, "cancelAllOrdersAfter timeout=60");
  assertEquals(timed.code, 0);
  assertMatch(ofChannel(timed, "order").at(-1).data.triggerTime, /^\d{4}-/);
  assertEquals((await krakenws(sandbox, "cancel-all-orders-after --after 0")).code, 0);
  const all = await krakenws(sandbox, "cancelAll");
  assertEquals([all.code, ofChannel(all, "order").at(-1).data], [0, { count: 1 }]);
});

Deno.test("ownTrades begins with the last trades, or with none", async () => {
  await using sandbox = await startSandbox();
  await place(sandbox, "pair=XBT/USD type=buy ordertype=market volume=0.002");
  const trades = await krakenws(sandbox, "ownTrades --count 1");
  assertEquals(ofChannel(trades, "ownTrades").map(({ type }) => type), ["snapshot"]);
  assert(ofChannel(trades, "ownTrades")[0].data.length > 0);
  const none = await krakenws(sandbox, "ownTrades snapshot=false --for 300ms");
  assertEquals([none.code, ofChannel(none, "ownTrades")], [0, []]);
});

Deno.test("openOrders tells what becomes of each order", async () => {
  await using sandbox = await startSandbox();
  const env = { ...KEY, KRAKENWS_TARGET: sandbox.publicUrl };
  const stream = spawnCli(["openOrders", "--count", "4"], { permissions: "loopbackWithVariables", env });
  const records = [];
  let txid = "";
  for await (const record of recordsOf(stream)) {
    records.push(record);
    if (record.channel !== "openOrders" || record.type !== "snapshot") continue;
    txid = await place(sandbox, RESTING);
    await krakenws(sandbox, `cancelOrder txid=${txid}`);
  }
  await stream.stderr.cancel();
  assertEquals((await stream.status).code, 0);
  assertEquals(records.filter(({ channel }) => channel === "order").map(({ type, txid: id }) => [type, id]), [
    ["open", txid],
    ["canceled", txid],
  ]);
});

Deno.test("balances are asked for as the exchange's script does, and the refusal is told", async () => {
  await using sandbox = await startSandbox();
  const finished = await krakenws(sandbox, "balances");
  assertEquals(finished.code, 4);
  assertStringIncludes(finished.stderr, "Subscription name invalid");
});

Deno.test("--sandbox has an account of its own, without key, token or files", async () => {
  const open = await runCli(["--sandbox", "openOrders", "--count", "1"]);
  assertEquals([open.code, open.stderr], [0, ""]);
  const order = await runCli(["--sandbox", "addOrder", ...RESTING.split(" ")]);
  assertEquals([order.code, order.stderr], [0, ""]);
});

Deno.test("the exchange's refusals are exit 4 with its own words", async () => {
  await using sandbox = await startSandbox();
  const cases = [
    ["pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.00000001", "EOrder:Order minimum not met"],
    ["pair=XBT/USD type=buy ordertype=limit price=1000.123456 volume=0.01", "EOrder:Tick size check failed"],
    ["pair=XBT/USD type=sell ordertype=limit price=1000000 volume=1000", "EOrder:Insufficient funds"],
  ] as const;
  for (const [words, reason] of cases) {
    const finished = await krakenws(sandbox, `addOrder ${words}`);
    assertEquals(finished.code, 4, words);
    assertStringIncludes(finished.stderr, reason);
  }
});

Deno.test("a lost reply leaves exactly one order in the exchange, and is exit 5 with the order found", async () => {
  await using sandbox = await startSandbox();
  await using relay = startRelay(sandbox.privateUrl, (frame) => frame.includes("addOrderStatus"));
  const lossy = ["--private-url", relay.url, "--rest-url", sandbox.restUrl, "--timeout", "1s"];
  const finished = await runCli(["addOrder", ...RESTING.split(" "), ...lossy], {
    permissions: "loopbackWithVariables",
    env: KEY,
  });
  assertEquals(finished.code, 5);
  assertEquals(ofChannel(finished, "order").map(({ type }) => type), ["sent", "unknown", "open"]);
  assertEquals(relay.sent.filter((frame) => frame.includes("addOrder")).length, 1);
  const open = await krakenws(sandbox, "openOrders --count 1");
  assertEquals(ofChannel(open, "openOrders")[0].data.length, 1);
});

Deno.test("an order is known by its userref even if the program is killed before the answer", async () => {
  let killed = () => {};
  await using exchange = startExchange({
    answer: (frame) => {
      if (frame["event"] === "addOrder") killed();
      return [];
    },
  });
  const where = ["--private-url", exchange.url, "--rest-url", exchange.restUrl];
  const child = spawnCli(["addOrder", ...RESTING.split(" "), ...where], {
    permissions: "loopbackWithVariables",
    env: KEY,
  });
  killed = () => child.kill("SIGKILL");
  const { signal, stdout } = await child.output();
  const last = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "");
  assertEquals([signal, last.channel, last.type], ["SIGKILL", "order", "sent"]);
  assertEquals(exchange.received.map(({ userref }) => userref), [String(last.userref)]);
});

// ---------------------------------------------------------------- tokens

Deno.test("krakenws token keeps a token in a file of one's own, which the other commands use", async () => {
  await using sandbox = await startSandbox();
  const cwd = await Deno.makeTempDir();
  const made = await krakenws(sandbox, "token", { permissions: "loopbackWithTokenFile", cwd });
  assertEquals([made.code, made.stderr], [0, ""]);
  assertEquals(ofChannel(made, "token")[0].data, { expires: 900, file: "WS_Token" });
  assertEquals((await Deno.stat(`${cwd}/WS_Token`)).mode! & 0o777, 0o600);
  const token = (await Deno.readTextFile(`${cwd}/WS_Token`)).trim();
  assertEquals(made.stdout.includes(token), false);

  const used = await krakenws(sandbox, "openOrders --count 1", { permissions: "loopbackWithTokenFile", cwd, env: {} });
  assertEquals([used.code, used.stderr], [0, ""]);
  await Deno.chmod(`${cwd}/WS_Token`, 0o644);
  const visible = await krakenws(sandbox, "openOrders --count 1", {
    permissions: "loopbackWithTokenFile",
    cwd,
    env: {},
  });
  assertEquals(visible.code, 0);
  assertStringIncludes(visible.stderr, "chmod 600 WS_Token");
  const named = await krakenws(sandbox, "openOrders --count 1 --token-file elsewhere", {
    permissions: "loopbackWithTokenFile",
    cwd,
  });
  assertEquals(named.code, 6);
  assertStringIncludes(named.stderr, 'Cannot use the token file "elsewhere": there is no such file');
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("krakenws token --show prints the token, and a token works from KRAKENWS_TOKEN", async () => {
  await using sandbox = await startSandbox();
  const shown = await krakenws(sandbox, "token --show");
  const { token } = ofChannel(shown, "token")[0].data;
  const used = await krakenws(sandbox, "openOrders --count 1", { env: { KRAKENWS_TOKEN: token } });
  assertEquals([used.code, used.stdout.includes(token)], [0, false]);
});

Deno.test("a token that has expired is told as such, or renewed where there is a key", async () => {
  await using sandbox = await startSandbox();
  const alone = await krakenws(sandbox, "openOrders --count 1", { env: { KRAKENWS_TOKEN: "LongGoneAndForgotten" } });
  assertEquals(alone.code, 4);
  assertStringIncludes(alone.stderr, "ESession:Invalid session");
  const renewed = await krakenws(sandbox, "openOrders --count 1", {
    env: { KRAKENWS_TOKEN: "LongGoneAndForgotten", ...KEY },
  });
  assertEquals(renewed.code, 0);
  assertEquals(ofChannel(renewed, "subscription").map(({ type }) => type), [
    "pending",
    "rejected",
    "pending",
    "subscribed",
  ]);
});

Deno.test("without a token the places that were looked at are named, and it is exit 6", async () => {
  await using sandbox = await startSandbox();
  for (const line of ["openOrders", `addOrder ${RESTING}`, "cancelAll"]) {
    const finished = await krakenws(sandbox, line, { env: {} });
    assertEquals(finished.code, 6, line);
    assertStringIncludes(finished.stderr, "Looked at: KRAKENWS_TOKEN (not set), ./WS_Token");
    assertStringIncludes(finished.stderr, "KRAKEN_API_KEY=sandbox");
  }
});

Deno.test("a key that the exchange does not take is exit 6, with what to do", async () => {
  await using sandbox = await startSandbox();
  const cases = [
    [{ ...KEY, KRAKEN_API_KEY: "nobody" }, "EAPI:Invalid key"],
    [{ ...KEY, KRAKEN_API_SECRET: "d3Jvbmc=" }, "EAPI:Invalid signature"],
    [{ ...KEY, KRAKEN_API_SECRET: "no base64!" }, "not base64"],
    [{ ...KEY, KRAKEN_API_KEY: "sandbox-readonly" }, "Access WebSockets API"],
    [{ KRAKEN_API_KEY: "sandbox" }, "KRAKEN_API_SECRET is not set"],
  ] as const;
  for (const [env, words] of cases) {
    const finished = await krakenws(sandbox, "openOrders", { env });
    assertEquals(finished.code, 6, words);
    assertStringIncludes(finished.stderr, words);
  }
});

Deno.test("the code of a key with two-factor authentication is sent along, and nowhere shown", async () => {
  await using sandbox = await startSandbox();
  const finished = await krakenws(sandbox, "openOrders --count 1 -v", { env: { ...KEY, KRAKEN_API_OTP: "123456" } });
  assertEquals(finished.code, 0);
  assert(!finished.stderr.includes("otp"));
});

Deno.test("a key that may look and not trade is told so by the exchange", async () => {
  await using sandbox = await startSandbox();
  const env = { ...KEY, KRAKEN_API_KEY: "sandbox-query" };
  const finished = await krakenws(sandbox, `addOrder ${RESTING}`, { env });
  assertEquals(finished.code, 4);
  assertStringIncludes(finished.stderr, "lacks a permission");
});
