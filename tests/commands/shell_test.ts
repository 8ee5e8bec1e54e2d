/** Sessions of the shell: many lines over two sockets. @module */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startSandbox } from "../../lib/sandbox/server.ts";
import { linesOf } from "../_fakes.ts";
import { type AnyRecord, runScript, SessionUnderTest } from "./_session.ts";

const ORDER = "addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.01";

Deno.test("many subscriptions, orders and farewells share two sockets", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const lines = [
    "ticker XBT/USD ETH/USD",
    "subscribe book XBT/USD 25 as b",
    "book ETH/USD",
    "trade XBT/EUR",
    "spread XBT/USD",
    "ohlc XBT/USD 5",
    "openOrders",
    "ownTrades",
    "unsubscribe b",
    "subscribe book XBT/USD 100 as b",
    ORDER,
    "unsubscribe ticker ETH/USD",
    "unsubscribe openOrders",
    "ticker ETH/USD",
    "ping",
    "status",
    "cancelAll",
    "unsubscribe all",
  ];
  const { code, records, stderr } = await runScript(sandbox, lines);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(sandbox.connections, { public: 1, private: 1 });
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  assertEquals(records.filter(({ channel }) => channel === "gap"), []);
});

Deno.test("a second subscription does not disturb the first, and ending one pair leaves the others", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const { code, records, stderr } = await runScript(sandbox, [
    "ticker XBT/USD ETH/USD",
    "book XBT/USD",
    "unsubscribe ticker ETH/USD",
    "mark later",
    "expect ticker XBT/USD count 2 since later",
    "expect book XBT/USD count 2 since later",
  ]);
  assertEquals([code, stderr], [0, ""]);
  const told = records.filter(({ channel }) => channel === "subscription").map(({ type, subscription }) =>
    `${type} ${subscription}`
  );
  assertEquals(told, [
    "pending ticker:XBT/USD",
    "pending ticker:ETH/USD",
    "subscribed ticker:XBT/USD",
    "subscribed ticker:ETH/USD",
    "pending book-10:XBT/USD",
    "subscribed book-10:XBT/USD",
    "unsubscribed ticker:ETH/USD",
  ]);
  const later = records.findIndex(({ channel }) => channel === "mark");
  const data = records.slice(later).filter(({ data, pair }) => data !== undefined && pair !== undefined);
  assertEquals([...new Set(data.map(({ pair }) => pair))], ["XBT/USD"]);
  assert(records.filter(({ channel }) => channel === "book").every(({ verified }) => verified !== false));
});

Deno.test("subs tells what is wanted, what is confirmed, and how each is doing", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const session = new SessionUnderTest(sandbox, ["shell", "--input", "ndjson"]);
  session.send({ id: "1", cmd: "subscribe", args: ["book", "XBT/USD", "as", "b"] });
  await session.result("1");
  await session.record(({ channel, type }) => channel === "book" && type === "update");
  session.send({ id: "2", cmd: "mute", args: ["b"] });
  session.send({ id: "3", cmd: "subs" });
  const [row] = (await session.result("3")).data;
  const { subscription, name, state, muted, gaps, in_gap, verified } = row;
  assertEquals({ subscription, name, state, muted, gaps, in_gap, verified }, {
    subscription: "book-10:XBT/USD",
    name: "b",
    state: "active",
    muted: true,
    gaps: 0,
    in_gap: false,
    verified: true,
  });
  assert(row.messages >= 2);
  assertMatch(row.last, /^\d{4}-\d\d-\d\dT.*Z$/);
  assertEquals(await session.end(), 0);
});

Deno.test("a file takes the records of its subscriptions and an end of its own, and stdout takes none of them", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  const file = `${folder}/book.ndjson`;
  const { code, records, stderr } = await runScript(sandbox, [
    `let file = ${file}`,
    "subscribe book XBT/USD as b > $file",
    "subscribe ticker XBT/USD >> $file",
    "expect book count 3",
    "unsubscribe all",
    "ticker ETH/USD",
    "expect ticker ETH/USD",
  ]);
  assertEquals([code, stderr], [0, ""]);
  const kept: AnyRecord[] = linesOf(await Deno.readTextFile(file)).map((line) => JSON.parse(line));
  await Deno.remove(folder, { recursive: true });
  assertEquals(kept.map(({ seq }) => seq), kept.map((_, index) => index + 1));
  assert(kept.filter(({ channel }) => channel === "book").length >= 3);
  assert(kept.some(({ channel }) => channel === "ticker"));
  assertEquals(kept.at(-1)?.channel, "end");
  assertEquals(kept.at(-1)?.data.records, kept.length - 1);
  assertEquals(records.filter(({ pair }) => pair === "XBT/USD"), []);
});

Deno.test("a file that is being written takes more with >>, and is not begun anew", async () => {
  await using sandbox = await startSandbox();
  const file = await Deno.makeTempFile({ dir: "/tmp" });
  const { code, stderr } = await runScript(sandbox, [`ticker XBT/USD > ${file}`, `ticker ETH/USD > ${file}`]);
  await Deno.remove(file);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "is being written already");
});

Deno.test("a subscription that failed gives its file back", async () => {
  await using sandbox = await startSandbox();
  const file = await Deno.makeTempFile({ dir: "/tmp" });
  const { code } = await runScript(sandbox, [`book FOO/BAR > ${file}`, `book XBT/USD > ${file}`], ["--keep-going"]);
  const channels = linesOf(await Deno.readTextFile(file)).map((line) => JSON.parse(line).channel);
  await Deno.remove(file);
  assertEquals(code, 4);
  assertEquals(channels.slice(0, 3), ["subscription", "subscription", "book"]);
  assertEquals(channels.at(-1), "end");
});

Deno.test("where shows only the data for which it holds, and everything else", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const { code, records } = await runScript(sandbox, [
    "subscribe ticker XBT/USD where .data.ask.price < 1",
    "subscribe book XBT/USD where .type == 'snapshot'",
    "expect book count 3",
  ]);
  assertEquals(code, 0);
  assertEquals(records.filter(({ channel }) => channel === "ticker"), []);
  assertEquals(records.filter(({ channel }) => channel === "book").map(({ type }) => type), ["snapshot"]);
  assertEquals(records.filter(({ type }) => type === "subscribed").length, 2);
});

Deno.test("mute keeps a subscription and its book, and unmute shows it again", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const { code, records } = await runScript(sandbox, [
    "subscribe book XBT/USD as b",
    "mute b",
    "mark muted",
    "expect book count 3 since muted",
    "mark shown",
    "unmute b",
    "expect book count 3 since shown",
  ]);
  assertEquals(code, 0);
  const [muted, shown] = ["muted", "shown"].map((mark) => records.findIndex(({ name }) => name === mark));
  assertEquals(records.slice(muted, shown).filter(({ channel }) => channel === "book"), []);
  const after = records.slice(shown).filter(({ channel }) => channel === "book");
  assert(after.length >= 3 && after.every(({ verified }) => verified === true));
});

Deno.test("limits in a line end its subscriptions and not the session", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const { code, records } = await runScript(sandbox, [
    "book XBT/USD --count 2",
    "expect subscription.unsubscribed",
    "ticker XBT/USD --for 400ms",
    "expect subscription.unsubscribed XBT/USD",
    "ping",
  ]);
  assertEquals(code, 0);
  assertEquals(records.at(-1)?.type, "done");
  assertEquals(records.filter(({ channel }) => channel === "pong").length, 1);
});

Deno.test("the limit of a line does not end what another line has asked for since", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const { code, records } = await runScript(sandbox, [
    "ticker XBT/USD ETH/USD --for 200ms",
    "ticker XBT/USD",
    "expect subscription.unsubscribed ETH/USD within 5s",
    "wait ticker XBT/USD within 5s",
  ]);
  assertEquals(code, 0);
  const ended = records.filter(({ channel, type }) => channel === "subscription" && type === "unsubscribed");
  assertEquals(ended.map(({ pair }) => pair), ["ETH/USD"]);
});

Deno.test("reconnect makes a new connection and asks again for what is wanted", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const { code, records } = await runScript(sandbox, [
    "book XBT/USD",
    "expect book",
    "reconnect",
    "expect subscription.resubscribing within 5s",
    "expect gap.disconnected where .to within 5s",
    "expect book.snapshot within 5s",
  ]);
  assertEquals(code, 0);
  assertEquals(sandbox.connections.public, 2);
  assertEquals(records.filter(({ channel }) => channel === "gap").map(({ to }) => to === null), [true, false]);
});

Deno.test("a reply is bound, claimed about and used in the next line", async () => {
  await using sandbox = await startSandbox();
  const { code, records, stderr } = await runScript(sandbox, [
    "openOrders",
    `let o = ${ORDER}`,
    "assert .type == 'accepted'",
    "expect order.open where .txid == $o.txid",
    "cancelOrder txid=$o.txid",
    "expect order.canceled where .txid == $o.txid",
    "echo gone: $o.txid",
  ]);
  const { txid } = records.find(({ channel, type }) => channel === "order" && type === "accepted");
  assertEquals([code, stderr], [0, `gone: ${txid}\n`]);
});

Deno.test("no two requests of a session have one number: an order whose number was used is not sent", async () => {
  await using sandbox = await startSandbox({ pairs: ["XBT/USD"] });
  const order = (reqid: number) =>
    `addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.01 reqid=${reqid}`;
  const ran = await runScript(sandbox, [
    "openOrders",
    `${order(3)} --dry-run`,
    order(3),
    order(3),
    order(1),
    "ticker XBT/USD",
    "ping",
    order(9),
  ], ["--keep-going"]);
  assertEquals([...ran.stderr.matchAll(/reqid \d+ is that of an earlier request: nothing was sent/g)].map(String), [
    "reqid 3 is that of an earlier request: nothing was sent",
    "reqid 1 is that of an earlier request: nothing was sent",
  ]);
  const told = ran.records.filter(({ type }) => ["dry_run", "sent", "accepted", "pending"].includes(type));
  assertEquals(told.map(({ type, reqid }) => `${type} ${reqid}`), [
    "pending 1",
    "dry_run 3",
    ...["sent 3", "accepted 3"],
    "pending 2",
    ...["sent 9", "accepted 9"],
  ]);
  assertEquals(ran.records.find(({ channel }) => channel === "pong").reqid, 4);
});

Deno.test("a subscription of openOrders goes on telling what becomes of orders", async () => {
  await using sandbox = await startSandbox();
  const { code, records } = await runScript(sandbox, [
    "openOrders",
    ORDER,
    "expect order.open",
    ORDER,
    "expect order.open",
    "cancelAll",
    "expect order.canceled count 2",
    "unsubscribe openOrders",
    "openOrders",
    ORDER,
    "expect order.open",
    "sleep 50ms",
  ]);
  assertEquals(code, 0);
  const states = records.filter(({ channel, request }) => channel === "order" && request === undefined);
  assertEquals(states.map(({ type }) => type), ["open", "open", "canceled", "canceled", "open"]);
});

Deno.test("--validate has every order of the session checked and none placed", async () => {
  await using sandbox = await startSandbox();
  const { code, records } = await runScript(sandbox, [
    "openOrders",
    ORDER,
    "set validate off",
    ORDER,
    "expect order.open",
  ], [
    "--validate",
  ]);
  assertEquals(code, 0);
  const sent = records.filter(({ channel, type }) => channel === "order" && type === "sent");
  assertEquals(sent.map(({ data }) => data.validate), ["true", undefined]);
  assertEquals(records.filter(({ channel, type }) => channel === "order" && type === "open").length, 1);
});

Deno.test("set changes how records look from there on", async () => {
  await using sandbox = await startSandbox();
  const { code, records, stderr } = await runScript(sandbox, ["ping", "set raw-frame on", "ping", "set"]);
  assertEquals(code, 0);
  const pongs = records.filter(({ channel }) => channel === "pong");
  assertEquals(pongs.map(({ frame }) => frame?.event), [undefined, "pong"]);
  assertStringIncludes(stderr, "raw-frame on\n");
});

Deno.test("deadman keeps the exchange's switch armed, and cancels at the end what it was told to", async () => {
  await using sandbox = await startSandbox();
  const { code, records, stderr } = await runScript(sandbox, [
    "openOrders",
    "deadman on 60s --on-exit cancel",
    ORDER,
    "deadman",
  ]);
  assertEquals(code, 0);
  assertMatch(stderr, /^Armed: all orders are cancelled in 59 s .*on exit: cancel\nAll orders are cancelled\n$/);
  const told = records.filter(({ channel }) => channel === "deadman").map(({ type, timeout }) => [type, timeout]);
  assertEquals(told, [["armed", 60], ["disarmed", undefined]]);
  assertEquals(records.filter(({ channel, type }) => channel === "order" && type === "canceled").length, 1);
});

Deno.test("a session that could not cancel its orders at its end does not end well", async () => {
  await using sandbox = await startSandbox();
  const { code, stderr, records } = await runScript(sandbox, [
    "deadman on 1h --on-exit cancel",
    "fault reject EService:Busy",
  ]);
  assertEquals([code, records.at(-1)?.type], [4, "failed"]);
  assertMatch(
    stderr,
    /The exchange refused cancelAll: EService:Busy. The exchange cancels all orders in about 3\d{3} s/,
  );
});

Deno.test("deadman cancels nothing where orders are only to be checked", async () => {
  await using sandbox = await startSandbox();
  const { code, stderr } = await runScript(sandbox, ["deadman on 60s --on-exit cancel"], ["--validate"]);
  assertEquals([code, sandbox.connections.private], [2, 0]);
  assertStringIncludes(stderr, "cannot validate a dead man's switch without setting it");
});

Deno.test("a switch that could not be turned off is told at the end of the session", async () => {
  await using sandbox = await startSandbox();
  const { stderr } = await runScript(sandbox, [
    "deadman on 1h --on-exit leave",
    "fault reject EService:Busy",
    "deadman off",
    "deadman",
  ], ["--keep-going"]);
  assertMatch(stderr, /\nArmed: all orders are cancelled in 3\d{3} s /);
  assertMatch(stderr, /\nThe exchange cancels all orders in about 3\d{3} s, unless/);
});

Deno.test("deadman asks for the connection again after it was lost", async () => {
  await using sandbox = await startSandbox();
  const { code } = await runScript(sandbox, [
    "deadman on 1h --on-exit disable",
    "reconnect",
    "expect deadman.refreshed within 5s",
  ]);
  assertEquals(code, 0);
  assertEquals(sandbox.connections.private, 2);
});

Deno.test("deadman in a script must be told what happens at its end", async () => {
  await using sandbox = await startSandbox();
  const { code, stderr } = await runScript(sandbox, ["deadman on 60s"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "<stdin>:1: deadman on must be told what happens when the session ends");
  assertEquals(sandbox.connections.private, 0);
});

Deno.test("help tells every command and every statement, and one of them in full", async () => {
  await using sandbox = await startSandbox();
  const { code, stderr } = await runScript(sandbox, ["help", "help expect", "help book", "help unsubscribe"]);
  assertEquals(code, 0);
  for (const verb of ["ticker", "addOrder", "subscribe", "unsubscribe", "subs", "deadman", "expect", "on", "every"]) {
    assertMatch(stderr, new RegExp(`^  ${verb} `, "m"));
  }
  assertStringIncludes(stderr, "expect CHANNEL[.TYPE]");
  assertStringIncludes(stderr, "--depth <levels>");
  assert(!/^ +(?:shell|run|sandbox) /m.test(stderr), "these cannot be lines");
  assert(!stderr.includes("\\u"), "a text for people is shown as it is");
});

Deno.test("on a dumb terminal a session prompts, moves no cursor, and lives on after a mistake", async () => {
  await using sandbox = await startSandbox();
  const environment = (name: string) => name === "TERM" ? "dumb" : undefined;
  const session = new SessionUnderTest(sandbox, ["shell"], { environment });
  for (const line of ["echo one", "nonsense", "ping", "", "echo two"]) session.send(line);
  assertEquals(await session.end(), 0);
  const { host } = new URL(sandbox.publicUrl);
  const prompt = `WS://${host.toUpperCase()}/`;
  assertEquals(
    session.stderr.text.replaceAll(prompt, ""),
    [
      "> one\n",
      '> krakenws: There is no command "nonsense"\n  help lists the commands\n',
      "> ",
      " +public> ",
      " +public> two\n",
      " +public> ",
    ].join(""),
  );
  assertEquals(session.on("pong").length, 1);
});
