import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { advance, connect, openExchange } from "./_exchange.ts";

Deno.test("connect() greets with the system's status and an id that no number can hold", () => {
  const { frames } = connect(openExchange({ pairs: ["XBT/USD"] }));
  assertEquals(frames.length, 1);
  assertMatch(
    frames[0]!,
    /^\{"connectionID":\d{19,20},"event":"systemStatus","status":"online","version":"1\.9\.1"\}$/,
  );
  const id = /\d{19,20}/.exec(frames[0]!)![0];
  assert(String(JSON.parse(frames[0]!).connectionID) !== id);
});

Deno.test("the same seed, times and requests give the same bytes", () => {
  const run = (seed: number) => {
    const exchange = openExchange({ seed, pairs: ["XBT/USD", "ADA/EUR"] });
    const client = connect(exchange);
    for (const subscription of [{ name: "book", depth: 25 }, { name: "ticker" }, { name: "trade" }, { name: "ohlc" }]) {
      client.send({ event: "subscribe", pair: ["XBT/USD", "ADA/EUR"], subscription });
      advance(exchange, 1500);
    }
    return client.frames.join("\n");
  };
  assertEquals(run(5), run(5));
  assert(run(5) !== run(6));
});

Deno.test("advanceTo() gives the same market in one step as in many", () => {
  const run = (steps: number) => {
    const exchange = openExchange({ pairs: ["XBT/USD"] });
    const client = connect(exchange);
    client.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book" } });
    for (let step = 0; step < steps; step++) advance(exchange, 4000 / steps);
    return client.frames;
  };
  assertEquals(run(1), run(40));
});

Deno.test("ping is answered with its reqid, digit for digit, or without one", () => {
  const client = connect(openExchange({ pairs: ["XBT/USD"] }));
  client.take();
  client.send('{"event":"ping"}');
  client.send('{"event":"ping", "reqid": 42}');
  client.send('{"event":"ping","reqid":18446744073709551615}');
  client.send('{"reqid":0,"event":"ping"}');
  assertEquals(client.take(), [
    '{"event":"pong"}',
    '{"event":"pong","reqid":42}',
    '{"event":"pong","reqid":18446744073709551615}',
    '{"event":"pong","reqid":0}',
  ]);
});

Deno.test("heartbeats come every second while something is subscribed, and only then", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const client = connect(exchange);
  const heartbeats = () => client.take().filter((frame) => frame === '{"event":"heartbeat"}').length;
  advance(exchange, 5000);
  assertEquals(heartbeats(), 0);
  client.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "trade" } });
  advance(exchange, 5000);
  assertEquals(heartbeats(), 5);
  client.send({ event: "unsubscribe", pair: ["XBT/USD"], subscription: { name: "trade" } });
  advance(exchange, 5000);
  assertEquals(heartbeats(), 0);
});

Deno.test("a connection that neither listens nor asks is closed after a minute", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const idle = connect(exchange);
  const asking = connect(exchange);
  const listening = connect(exchange);
  listening.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "ticker" } });
  advance(exchange, 40_000);
  asking.send({ event: "ping" });
  advance(exchange, 25_000);
  assertEquals([idle, asking, listening].map((client) => client.closed.length), [1, 0, 0]);
  assertEquals(idle.closed[0]?.code, 1000);
});

Deno.test("more requests in a second than the limit get an error, and the connection stays open", () => {
  const exchange = openExchange({ requestsPerSecond: 3, pairs: [] });
  const client = connect(exchange);
  client.take();
  for (let reqid = 1; reqid <= 5; reqid++) client.send({ event: "ping", reqid });
  assertEquals(client.take().slice(3), [
    '{"errorMessage":"Exceeded msg rate","event":"error","reqid":4}',
    '{"errorMessage":"Exceeded msg rate","event":"error","reqid":5}',
  ]);
  advance(exchange, 1000);
  client.send({ event: "ping" });
  assertEquals(client.take(), ['{"event":"pong"}']);
});

Deno.test("disconnect() ends everything that a client listened to", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const client = connect(exchange);
  client.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book" } });
  exchange.disconnect(client.session);
  client.take();
  advance(exchange, 3000);
  assertEquals(client.take(), []);
});

Deno.test("an exchange of chosen pairs trades those only, and refuses pairs that do not exist", () => {
  const exchange = openExchange({ pairs: ["ETH/EUR"] });
  assertEquals([exchange.market("ETH/EUR")?.pair.wsname, exchange.market("XBT/USD")], ["ETH/EUR", undefined]);
  assertThrows(() => openExchange({ pairs: ["ETH/EURO"] }), RangeError, 'Cannot trade "ETH/EURO"');
});

Deno.test("balances are opened under either name of an asset, and only with decimals", () => {
  const exchange = openExchange({ pairs: [], balances: { ZUSD: "12.5", XBT: "1" } });
  assertEquals(exchange.balances("sandbox"), {
    USD: { total: "12.5000000000", held: "0.0000000000" },
    XBT: { total: "1.0000000000", held: "0.0000000000" },
  });
  assertThrows(
    () => openExchange({ pairs: [], balances: { USD: "lots" } }),
    RangeError,
    'Cannot open an account with "lots" USD',
  );
});

Deno.test("a crowd that is tired rests, and everything else goes on", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const client = connect(exchange);
  client.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book" } });
  client.take();
  exchange.advanceTo(exchange.nowMicros + 10e6, () => true);
  assertEquals(new Set(client.take()), new Set(['{"event":"heartbeat"}']));
  advance(exchange, 2000);
  assert(client.take().some((frame) => frame.startsWith("[")));
});
