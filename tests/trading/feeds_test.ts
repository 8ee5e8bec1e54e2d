/** Account channels as streams: what becomes of them when the exchange loses, refuses or repeats something. @module */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { accept, acceptBut, framesOf, run, startExchange, typesOf } from "./_exchange.ts";

Deno.test("a stream whose subscription is taken back after a reconnect ends with the exchange's words", async () => {
  let subscriptions = 0;
  await using exchange = startExchange({
    answer: acceptBut("subscribe", (frame) => {
      subscriptions++;
      if (subscriptions === 1) return [...accept(frame), "close"];
      const { reqid, subscription } = frame;
      return [{
        event: "subscriptionStatus",
        errorMessage: "EGeneral:Permission denied",
        reqid,
        status: "error",
        subscription,
      }];
    }),
  });
  const result = await run(["openOrders"], { exchange });
  assertEquals(result.code, 4);
  assertStringIncludes(result.stderr, "EGeneral:Permission denied");
  assertEquals(typesOf(result, "gap"), ["disconnected", "disconnected"]);
});

Deno.test("a stream goes on after a reconnect, with a token of its own and a gap that closes", async () => {
  let subscriptions = 0;
  await using exchange = startExchange({
    answer: acceptBut("subscribe", (frame) => ++subscriptions === 1 ? [...accept(frame), "close"] : accept(frame)),
  });
  const result = await run(["openOrders", "--count", "2"], { exchange });
  assertEquals(result.code, 0);
  assertEquals(typesOf(result, "openOrders"), ["snapshot", "snapshot"]);
  assertEquals(result.records.filter(({ channel }) => channel === "gap").map(({ to }) => to === null), [true, false]);
  const tokens = framesOf(exchange, "subscribe").map(({ subscription }) => (subscription as { token: string }).token);
  assertEquals(tokens, exchange.tokens);
  assertEquals(tokens.length, 2);
});

Deno.test("a hole in the sequence is a gap, and the channel is asked for anew", async () => {
  let subscriptions = 0;
  await using exchange = startExchange({
    answer: acceptBut("subscribe", (frame) => {
      const [status, snapshot] = accept(frame);
      const hole = [[{ O1: { status: "open", userref: 0 } }], "openOrders", { sequence: 3 }];
      return ++subscriptions === 1 ? [status!, snapshot!, hole] : [status!, snapshot!];
    }),
  });
  const result = await run(["openOrders", "--count", "3"], { exchange });
  assertEquals(result.code, 0);
  assertEquals(typesOf(result, "openOrders"), ["snapshot", "update", "snapshot"]);
  assertEquals(typesOf(result, "gap"), ["sequence", "sequence"]);
  assertEquals(framesOf(exchange, "unsubscribe").length, 1);
});

Deno.test("without a snapshot the first trades of ownTrades are an update", async () => {
  await using exchange = startExchange({
    answer: acceptBut("subscribe", (frame) => {
      const trade = { ordertxid: "O1", pair: "XBT/USD", price: "1.0", vol: "1.0" };
      return [accept(frame)[0]!, [[{ T1: trade }], "ownTrades", { sequence: 1 }]];
    }),
  });
  const result = await run(["ownTrades", "snapshot=false", "--count", "1"], { exchange });
  assertEquals(typesOf(result, "ownTrades"), ["update"]);
  assertEquals(result.records.find(({ channel }) => channel === "ownTrades").data[0].trade_id, "T1");
  assertEquals(framesOf(exchange, "subscribe")[0]?.["subscription"], {
    name: "ownTrades",
    snapshot: false,
    token: exchange.tokens[0],
  });
});

Deno.test("account channels take their words and no others", async () => {
  const cases = [
    [["openOrders", "ratecounter=maybe"], "ratecounter=false"],
    [["openOrders", "snapshot=false"], "ratecounter"],
    [["openOrders", "ratecounter"], "ratecounter=false"],
    [["ownTrades", "snapshot=false", "snapshot=false"], "given twice"],
    [["ownTrades", "snaphot=false"], "snapshot=false"],
    [["balances", "XBT"], "takes no words"],
  ] as const;
  for (const [words, hint] of cases) {
    const { code, stderr } = await run(words);
    assertEquals(code, 2, words.join(" "));
    assertStringIncludes(stderr, hint);
  }
});

Deno.test("in a shell, a subscription that was not answered stays wanted, and is kept as a stream once it is", async () => {
  let asked = 0;
  await using exchange = startExchange({
    answer: acceptBut("subscribe", (frame) => asked++ === 0 ? [] : accept(frame)),
  });
  const lines = ["openOrders as mine", "expect subscription.subscribed within 5s", "wait", "subs", "unsubscribe mine"];
  const result = await run([
    "shell",
    ...lines.flatMap((line) => ["-c", line]),
    ...["--keep-going", "--timeout", "300ms"],
  ], { exchange });
  assertStringIncludes(result.stderr, "Not confirmed within 0.3 s; it stays wanted");
  assertMatch(result.stderr, /^openOrders +mine +active/m);
  assertEquals([result.code, typesOf(result, "subscription")], [
    7,
    ["pending", "unanswered", "pending", "subscribed", "unsubscribed"],
  ]);
});
