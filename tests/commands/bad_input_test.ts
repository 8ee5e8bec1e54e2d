/** What bad input gets: an exit code, a sentence that helps, a record where records go, and never a stack trace. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Finished, runCli, runHere } from "../_cli.ts";
import { confirmation, freePort, httpServer, socketServer, tcpServer } from "./_servers.ts";

/** What every foreseen failure has in common. */
function assertFails(result: Finished, { exit, says }: { readonly exit: number; readonly says: RegExp }): void {
  assertMatch(result.stderr, says);
  assertMatch(result.stderr, /^krakenws: /m);
  assert(!/\n\s+at |internal error/i.test(result.stderr), result.stderr);
  assertEquals(result.code, exit);
  const [error, end] = result.records.slice(-2);
  if (end === undefined) return;
  assertEquals([error.channel, error.type, error.retryable], ["error", "local", false]);
  assertMatch(error.code, /^[a-z][a-z_]+$/);
  assertEquals([end.channel, end.type, end.exit], ["end", "failed", exit]);
}

const MISTAKES: readonly (readonly [line: string, says: RegExp])[] = [
  ["tikcer XBT/USD", /There is no command "tikcer"\n {2}Did you mean ticker\?/],
  ["xyzzy", /There is no command "xyzzy"\n {2}krakenws --help lists the commands/],
  ["help ticker", /There is no command "help"\n {2}krakenws --help lists the commands; krakenws COMMAND --help/],
  ["fault drop", /There is no command "fault"\n {2}fault is a line of the shell: .*-c "fault …"/],
  ["run", /Missing argument\(s\): file\n {2}krakenws run --help tells what it takes/],
  ["ticker", /ticker needs at least one pair\n {2}For example: krakenws ticker XBT\/USD/],
  ["book 10", /book needs at least one pair/],
  ["ticker XBTUSD", /"XBTUSD" is not a pair\n {2}A pair is two currencies with a slash between them, such as XBT\/USD/],
  ["ticker XBT/USD/EUR", /is not a pair/],
  ["ticker XBT-USD", /is not a pair/],
  ["book XBT/USD 11", /no depth of 11 levels\n {2}It has 10, 25, 100, 500, 1000/],
  ["book XBT/USD --depth ten", /"--depth" must be of type "integer"/],
  ["book XBT/USD 10 --depth 25", /--depth 25 and 10 contradict each other/],
  ["book XBT/USD --top 0", /Cannot show 0 levels of a book of 10\n.*from 1 to the depth$/m],
  ["book XBT/USD --top 11", /Cannot show 11 levels of a book of 10\n.*--depth 25/],
  ["ohlc XBT/USD 7", /no interval of 7 minutes\n {2}It has 1, 5, 15, 30, 60, 240, 1440, 10080, 21600/],
  ["ticker XBT/USD 10", /ticker takes pairs, and "10" is none/],
  ["ticker XBT/USD --for 30", /--for: Cannot read the duration "30": the unit is missing; .*such as 500ms, 2s/],
  ["ticker XBT/USD --for 30d", /the unit "d" is not one of ms, s, m, h/],
  ["ticker XBT/USD --for 0s", /--for is no time at all/],
  ["ticker XBT/USD --for 600h", /the longest duration is 596h/],
  ["ticker XBT/USD --timeout never", /--timeout: Cannot read the duration "never"/],
  ["ticker XBT/USD --count 0", /Cannot stop after "0" records\n.*whole number from 1/],
  ["ticker XBT/USD --count 1.5", /Cannot stop after "1.5" records/],
  ["ticker XBT/USD -o xml", /There is no output mode "xml"\n {2}There are ndjson, raw and table/],
  ["ticker XBT/USD --target lvie", /There is no target "lvie"\n {2}Did you mean live\?/],
  ["ticker XBT/USD --target ftp://host", /Cannot use "ftp:\/\/host" as an address of the exchange/],
  [
    "ticker XBT/USD --target ws://example.com",
    /plain ws:\/\/ is for this one \(127\.0\.0\.1, localhost, \[::1\]\) only/,
  ],
  ["ticker XBT/USD --public-url http://127.0.0.1", /Cannot use "http:\/\/127\.0\.0\.1"/],
  ["ticker XBT/USD --sandbox --public-url ws://127.0.0.1:1", /The sandbox in this process has addresses of its own/],
  ["ticker XBT/USD --nonsense", /Unknown option "--nonsense"\.\n {2}krakenws ticker --help tells what it takes/],
  ["ticker XBT/USD --snadbox", /Unknown option "--snadbox"\. Did you mean option "--sandbox"\?/],
  ["sandbox --port 70000", /There is no port 70000/],
  ["sandbox --speed 0", /Cannot run the market 0 times as fast/],
];

for (const [line, says] of MISTAKES) {
  Deno.test(`krakenws ${line} is a usage error`, async () => {
    assertFails(await runHere(line.split(" ")), { exit: 2, says });
  });
}

Deno.test("an option that cannot be read is an error record, too, where stdout would have had records", async () => {
  const { records } = await runHere(["ticker", "XBT/USD", "--for", "30"]);
  assertEquals(records.map(({ seq, channel, code, exit }) => [seq, channel, code ?? exit]), [
    [1, "error", "bad_duration"],
    [2, "end", 2],
  ]);
  for (const output of ["raw", "table"]) {
    const { stdout } = await runHere(["ticker", "XBT/USD", "--for", "30", "-o", output]);
    assertEquals(stdout, "");
  }
});

Deno.test("an environment variable that cannot be read is a usage error that names it", async () => {
  const result = await runHere(["ticker", "XBT/USD"], { KRAKENWS_RAW_FRAME: "perhaps" });
  assertFails(result, { exit: 2, says: /KRAKENWS_RAW_FRAME is "perhaps"\n {2}Set it to 1 or 0/ });
});

Deno.test("a host that refuses the connection is exit 7", async () => {
  const result = await runHere(["ticker", "XBT/USD", "--target", `ws://127.0.0.1:${freePort()}`]);
  assertFails(result, { exit: 7, says: /Cannot connect to ws:\/\/127\.0\.0\.1:\d+\/: the connection was refused/ });
});

Deno.test("a host that does not exist is exit 7", async () => {
  const result = await runCli(["ticker", "XBT/USD", "--target", "wss://nowhere.invalid"], {
    permissions: "unknownHost",
  });
  assertFails(result, { exit: 7, says: /the host name was not found .*\n {2}Check the host's name/ });
});

Deno.test("HTTP 429 at the handshake is exit 7 and advises to wait", async () => {
  await using server = httpServer(429);
  const result = await runHere(["ticker", "XBT/USD", "--target", server.url]);
  assertFails(result, { exit: 7, says: /the server answered HTTP 429\n.*wait before trying again/ });
});

Deno.test("HTTP 200 in place of a WebSocket is exit 7", async () => {
  await using server = httpServer(200);
  const result = await runHere(["ticker", "XBT/USD", "--target", server.url]);
  assertFails(result, { exit: 7, says: /the server answered HTTP 200\n.*WebSocket server/ });
});

Deno.test("a server that speaks no HTTP is exit 7", async () => {
  await using server = tcpServer("220 mail.example ESMTP ready\r\n");
  const result = await runHere(["ticker", "XBT/USD", "--target", server.url]);
  assertFails(result, { exit: 7, says: /no WebSocket answered .*\n {2}The URL must be that of a WebSocket server/ });
});

Deno.test("a server that speaks no TLS behind wss:// is exit 7", async () => {
  await using server = tcpServer("220 mail.example ESMTP ready\r\n");
  const result = await runHere(["ticker", "XBT/USD", "--target", `wss://127.0.0.1:${server.port}`]);
  assertFails(result, { exit: 7, says: /the TLS connection failed .*\n.*certificates/ });
});

Deno.test("a server that never answers the handshake is exit 7 after --timeout", async () => {
  await using server = tcpServer();
  const result = await runHere(["ticker", "XBT/USD", "--target", server.url, "--timeout", "200ms"]);
  assertFails(result, { exit: 7, says: /no answer within 0\.2 s\n.*--timeout/ });
});

Deno.test("an exchange that never answers the subscription is exit 7 after --timeout", async () => {
  await using server = socketServer({});
  const result = await runHere(["ticker", "XBT/USD", "--target", server.url, "--timeout", "200ms"]);
  assertFails(result, { exit: 7, says: /The exchange did not answer the subscription/ });
  assertEquals(result.records.some(({ channel, type }) => channel === "subscription" && type === "unanswered"), true);
});

Deno.test("an exchange that tells no status is exit 7 after --timeout", async () => {
  await using server = socketServer({});
  const result = await runHere(["status", "--target", server.url, "--timeout", "100ms"]);
  assertFails(result, { exit: 7, says: /did not tell its status within 0\.1 s/ });
});

Deno.test("a missing net permission is exit 7 and names what to allow", async () => {
  const result = await runCli(["ticker", "XBT/USD", "--target", "ws://127.0.0.1:9"], { permissions: "none" });
  assertFails(result, { exit: 7, says: /Deno was not given net access\n {2}Run with --allow-net/ });
});

Deno.test("a missing net permission for --sandbox is a foreseen error, too", async () => {
  assertFails(await runCli(["ticker", "XBT/USD", "--sandbox"], { permissions: "none" }), {
    exit: 7,
    says: /Cannot start the sandbox.*\n.*--allow-net=127\.0\.0\.1/,
  });
});

Deno.test("a port that is taken is a usage error that says so", async () => {
  await using server = httpServer(200);
  const result = await runHere(["sandbox", "--port", String(server.port)]);
  assertFails(result, { exit: 2, says: new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${server.port}: .*\n.*--port 0`) });
});

/** Streams from a server that sends these around a good subscription. */
async function streamAmong(
  frames: readonly (string | Uint8Array<ArrayBuffer>)[],
  ...options: string[]
): Promise<Finished> {
  const trade = '[1,[["1.50000","2.00000000","1700000000.000001","b","l",""]],"trade","XBT/USD"]';
  await using server = socketServer({
    greeting: frames,
    answer(text, socket) {
      for (const reply of [...confirmation(text), trade]) socket.send(reply);
    },
  });
  return await runHere(["trade", "XBT/USD", "--count", "1", "--target", server.url, ...options]);
}

// deno-lint-ignore no-explicit-any -- records as a consumer reads them
function unrecognized({ records }: Finished): any[] {
  return records.filter(({ channel }) => channel === "unrecognized");
}

const FOREIGN_FRAMES: readonly (readonly [what: string, frame: string])[] = [
  ["plain text", "CloudFlare WebSocket proxy restarting"],
  ["an empty frame", ""],
  ["half a frame", '[1,{"a":[["1.0'],
  ["an event nobody knows", '{"event":"brandNew","n":1}'],
  ["a channel nobody knows", '[1,["x"],"level3","XBT/USD"]'],
  ["a number", "42"],
  ["null", "null"],
  ["an HTML page", "<html>\n<body>502</body>\r\n</html>"],
  ["lines and escapes", "\u001b[2J\u0007\u009b31m\n\r\u2028\u2029\u0000"],
];

for (const [what, frame] of FOREIGN_FRAMES) {
  Deno.test(`${what} is kept whole as unrecognized, and the stream goes on`, async () => {
    const result = await streamAmong([frame]);
    assertEquals([result.code, result.stderr], [0, ""]);
    assertEquals(unrecognized(result).map(({ type, text }) => [type, text]), [["text", frame]]);
    assertEquals(result.records.at(-1)?.type, "count");
  });
}

Deno.test("a binary frame is kept in base64, and the stream goes on", async () => {
  const result = await streamAmong([new Uint8Array([0, 255, 10, 27])]);
  assertEquals([result.code, result.stderr], [0, ""]);
  assertEquals(unrecognized(result).map(({ type, text }) => [type, text]), [["binary", "AP8KGw=="]]);
});

Deno.test("a frame of 10 MB is one record, and the stream goes on", async () => {
  const frame = `{"event":"essay","text":"${"x".repeat(10_000_000)}"}`;
  const result = await streamAmong([frame]);
  assertEquals([result.code, result.stderr], [0, ""]);
  assertEquals(unrecognized(result).length, 1);
  assert(unrecognized(result)[0].text === frame);
});

Deno.test("hostile frames reach stderr without their control characters", async () => {
  const hostile = "\u001b]0;owned\u0007\u009b2J\nkrakenws: all is well";
  for (const options of [["-v"], ["-v", "-o", "raw"]]) {
    const { stderr } = await streamAmong([hostile], ...options);
    // deno-lint-ignore no-control-regex -- they are what must not be there
    assert(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(stderr), JSON.stringify(stderr));
    assert(!/^krakenws: all is well/m.test(stderr), stderr);
  }
});

Deno.test("a connection that is closed for good is exit 7 with --no-reconnect", async () => {
  await using server = socketServer({
    answer(text, socket) {
      for (const reply of confirmation(text)) socket.send(reply);
      socket.close(1001, "CloudFlare WebSocket proxy restarting");
    },
  });
  const result = await runHere(["trade", "XBT/USD", "--target", server.url, "--no-reconnect"]);
  assertFails(result, { exit: 7, says: /Lost the connection to .*code 1001: CloudFlare WebSocket proxy restarting/ });
  const [gap] = result.records.filter(({ channel }) => channel === "gap");
  assertEquals([gap.type, gap.subscription, gap.to], ["disconnected", "trade:XBT/USD", null]);
});
