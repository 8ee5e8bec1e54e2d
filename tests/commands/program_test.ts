/** Programs as users: one JSON object a line in, one result for each out. @module */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startSandbox } from "../../lib/sandbox/server.ts";
import { SessionUnderTest } from "./_session.ts";

async function openProgram(options: Parameters<typeof startSandbox>[0] = {}) {
  const sandbox = await startSandbox({ speed: 20, ...options });
  const session = new SessionUnderTest(sandbox, ["shell", "--input", "ndjson"]);
  return { sandbox, session, [Symbol.asyncDispose]: () => sandbox.close() };
}

Deno.test("every record that a command causes carries its id, and one result ends it", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({ id: "a1", cmd: "subscribe", args: ["ticker", "XBT/USD"] });
  session.send({ id: 2, cmd: "book", args: ["ETH/USD", "25"] });
  await session.result("2");
  await session.record(({ channel }) => channel === "ticker", 3);
  session.send({ id: "a3", cmd: "unsubscribe", args: ["ticker"] });
  const farewell = await session.result("a3");
  assertEquals([farewell.type, farewell.data], ["ok", [{ subscription: "ticker:XBT/USD", type: "unsubscribed" }]]);
  assertEquals(await session.end(), 0);

  const causes = (
    wanted: (record: { channel: string; type: string; pair?: string }) => boolean,
  ) => [...new Set(session.records.filter(wanted).map(({ cause }) => cause))];
  assertEquals(causes(({ channel }) => channel === "ticker"), ["a1"]);
  assertEquals(causes(({ channel }) => channel === "book"), ["2"]);
  assertEquals(causes(({ type, pair }) => type === "subscribed" && pair === "XBT/USD"), ["a1"]);
  assertEquals(causes(({ type }) => type === "unsubscribed"), ["a3"]);
  // The connection is everybody's, whoever needed it first.
  assertEquals(causes(({ channel }) => channel === "connection" || channel === "status"), [undefined]);
  assertEquals(session.on("result").map(({ cause }) => cause).sort(), ["2", "a1", "a3"]);
  assertEquals(program.sandbox.connections, { public: 1, private: 0 });
});

Deno.test("a stream that is asked for again while it is being ended is the second command's from its request on", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({ id: "first", cmd: "ticker", args: ["XBT/USD"] });
  await session.result("first");
  session.send({ id: "end", cmd: "unsubscribe", args: ["ticker"] });
  session.send({ id: "second", cmd: "ticker", args: ["XBT/USD"] });
  await session.result("second");
  assertEquals(await session.end(), 0);
  assertEquals(session.on("subscription").map(({ type, cause }) => `${type} ${cause}`), [
    "pending first",
    "subscribed first",
    "unsubscribed end",
    "resubscribing second",
    "subscribed second",
  ]);
});

Deno.test("orders are answered with what the exchange said, and what becomes of them is told to who asked", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({ id: "feed", cmd: "openOrders" });
  await session.result("feed");
  const args = ["pair=XBT/USD", "type=buy", "ordertype=limit", "price=1000", "volume=0.01"];
  session.send({ id: "buy", cmd: "addOrder", args });
  const { data } = await session.result("buy");
  assertEquals([data.channel, data.type, data.request], ["order", "accepted", "addOrder"]);
  assertEquals((await session.record(({ type, channel }) => channel === "order" && type === "open")).cause, "feed");
  session.send({ id: "bye", cmd: "cancelOrder", args: [`txid=${data.txid}`] });
  assertEquals((await session.result("bye")).data.type, "accepted");
  session.send({ id: "bad", cmd: "addOrder", args: [...args.slice(0, 4), "volume=1000000"] });
  const bad = await session.result("bad");
  assertEquals([bad.type, bad.exit, bad.data], ["error", 4, null]);
  assertStringIncludes(bad.message, "EOrder:Insufficient funds");
  assertEquals(session.on("order").filter(({ cause }) => cause === "buy").map(({ type }) => type), [
    "sent",
    "accepted",
  ]);
  assertEquals(await session.end(), 0);
});

Deno.test("a line that cannot be read is an error record, and the session lives on", async (t) => {
  await using program = await openProgram();
  const { session } = program;
  const cases: readonly (readonly [line: string, says: string])[] = [
    ["nonsense", "this is not JSON"],
    ["[1]", "this is not an object"],
    ["null", "this is not an object"],
    ["{}", '"id" must be a string or a number'],
    ['{"id":"x"}', '"cmd" must be a string'],
    ['{"id":"x","cmd":""}', '"cmd" must be a string'],
    ['{"id":"x","cmd":"ticker","args":"XBT/USD"}', '"args" must be a list of strings'],
    ['{"id":"x","cmd":"ticker","args":[1]}', '"args" must be a list of strings'],
    ['{"id":"x","cmd":"ping","line":"ping"}', '"line" must be a string, and stand without "cmd"'],
    ['{"id":"x","line":"let"}', "expected a name"],
    ['{"id":"x","line":"# nothing"}', "the line is empty"],
    ['{"id":"x","cmd":"exit","args":["300"]}', "expected an exit code from 0 to 255"],
  ];
  for (const [index, [line, says]] of cases.entries()) {
    await t.step(line, async () => {
      session.send(line);
      const error = await session.record(({ channel }) => channel === "error", index + 1);
      assertStringIncludes(error.message, says);
      assertMatch(error.message, new RegExp(`^Line ${index + 1}: `));
      assertStringIncludes(error.hint, '{"id":"a1","cmd":"subscribe","args":["ticker","XBT/USD"]}');
    });
  }
  session.send({ id: "still", cmd: "ping" });
  assertEquals((await session.result("still")).data.channel, "pong");
  assertEquals(await session.end(), 0);
});

Deno.test("a command that fails is a result, and the session lives on", async () => {
  await using program = await openProgram();
  const { session } = program;
  for (
    const [id, request, exit, code] of [
      ["1", { cmd: "tikcer", args: ["XBT/USD"] }, 2, "unknown_verb"],
      ["2", { cmd: "book", args: ["FOO/BAR"] }, 4, "subscription_rejected"],
      ["3", { line: "expect trade within 10ms" }, 3, "expectation_failed"],
      ["4", { cmd: "deadman", args: ["on", "60s"] }, 2, "bad_on_exit"],
      ["5", { cmd: "subscribe", args: ["ticker", "$x"] }, 2, "not_a_pair"],
    ] as const
  ) {
    session.send({ id, ...request });
    const result = await session.result(id);
    assertEquals([result.type, result.exit, result.code, result.data], ["error", exit, code, null]);
  }
  assertEquals(await session.end(), 0);
});

Deno.test("words of a command are taken as they are: no quote, dollar or keyword is read in them", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({
    id: "1",
    cmd: "addOrder",
    args: ["pair=XBT/USD", "type=buy", "ordertype=limit", "price=$x > y", "volume=1"],
  });
  const { message } = await session.result("1");
  assertStringIncludes(message, '"$x > y" is not');
  assertEquals(await session.end(), 0);
});

Deno.test("texts for people come as the answer, and stderr stays silent", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({ id: "1", cmd: "help", args: ["book"] });
  assertStringIncludes((await session.result("1")).data, "--depth <levels>");
  session.send({ id: "2", cmd: "subs" });
  assertEquals((await session.result("2")).data, []);
  session.send({ id: "3", cmd: "deadman" });
  assertEquals((await session.result("3")).data.state, "off");
  assertEquals([await session.end(), session.stderr.text], [0, ""]);
});

Deno.test("statements are commands, too: a program waits, claims and leaves", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({ id: "1", line: "subscribe ticker XBT/USD where .data.ask.price > 1 as t" });
  session.send({ id: "2", cmd: "expect", args: ["ticker", "XBT/USD", "count", "2"] });
  assertEquals((await session.result("2")).type, "ok");
  session.send({ id: "3", cmd: "exit", args: ["5"] });
  assertEquals(await session.code, 5);
});

Deno.test("what is taken back before the connection stands was never asked for", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({ id: "1", cmd: "ticker", args: ["XBT/USD"] });
  session.send({ id: "2", cmd: "unsubscribe", args: ["all"] });
  session.send({ id: "3", cmd: "ticker", args: ["ETH/USD"] });
  await session.record(({ channel }) => channel === "ticker");
  assertEquals(await session.end(), 0);
  assertEquals(session.on("result").map(({ cause, type }) => [cause, type]).sort(), [["1", "ok"], ["2", "ok"], [
    "3",
    "ok",
  ]]);
  assertEquals([...new Set(session.on("subscription").map(({ pair }) => pair))], ["ETH/USD"]);
});

Deno.test("what is taken back before there is a token was never asked for", async () => {
  await using program = await openProgram();
  const { session } = program;
  session.send({ id: "1", cmd: "openOrders" });
  session.send({ id: "2", cmd: "unsubscribe", args: ["all"] });
  session.send({ id: "3", cmd: "ownTrades" });
  await session.result("3");
  assertEquals(await session.end(), 0);
  assertEquals([...new Set(session.on("subscription").map(({ subscription }) => subscription))], ["ownTrades"]);
});

Deno.test("a thousand commands at once are each answered once, over two sockets", async () => {
  await using program = await openProgram({ requestsPerSecond: 10_000 });
  const { session } = program;
  const ids = Array.from({ length: 1_000 }, (_, index) => `c${index}`);
  for (const id of ids) session.send({ id, cmd: id.endsWith("7") ? "ping" : "subs" });
  assertEquals(await session.end(), 0);
  const results = session.on("result");
  assertEquals(results.map(({ cause }) => cause).sort(), ids.sort());
  assert(results.every(({ type }) => type === "ok"));
  assertEquals(program.sandbox.connections, { public: 1, private: 0 });
});
