import { assertEquals } from "@std/assert";
import { advance, type Client, connect, openExchange } from "./_exchange.ts";

Deno.test("each pair of a subscription is answered in order, with the same reqid, defaults filled in", () => {
  const client = connect(openExchange({ pairs: PAIRS }));
  client.take();
  client.send('{"event":"subscribe","reqid":7,"pair":["XBT/USD","XBT/EUR"],"subscription":{"name":"book"}}');
  const frames = client.take();
  assertEquals(frames.filter((frame) => frame.startsWith("{")), [
    '{"channelID":320,"channelName":"book-10","event":"subscriptionStatus","pair":"XBT/USD","reqid":7,"status":"subscribed","subscription":{"depth":10,"name":"book"}}',
    '{"channelID":336,"channelName":"book-10","event":"subscriptionStatus","pair":"XBT/EUR","reqid":7,"status":"subscribed","subscription":{"depth":10,"name":"book"}}',
  ]);
  assertEquals(frames.map((frame) => JSON.parse(frame)[3] ?? "status"), ["status", "XBT/USD", "status", "XBT/EUR"]);
});

Deno.test("a book snapshot holds as many levels as its depth, asks upwards and bids downwards", () => {
  for (const depth of [10, 25, 100, 500, 1000]) {
    const client = connect(openExchange({ pairs: PAIRS }));
    client.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book", depth } });
    const [, book, name, pair] = JSON.parse(client.frames.at(-1)!);
    assertEquals([book.as.length, book.bs.length, name, pair], [depth, depth, `book-${depth}`, "XBT/USD"]);
    const prices = (side: string[][]) => side.map((entry) => Number(entry[0]));
    assertEquals(prices(book.as), prices(book.as).toSorted((a, b) => a - b));
    assertEquals(prices(book.bs), prices(book.bs).toSorted((a, b) => b - a));
  }
});

Deno.test("a feed gives its snapshot at once, except trade", () => {
  const client = connect(openExchange({ pairs: PAIRS }));
  const first = (subscription: unknown) => {
    client.take();
    client.send({ event: "subscribe", pair: ["ETH/EUR"], subscription });
    return client.take().slice(1).map((frame) => JSON.parse(frame).at(-2));
  };
  assertEquals(first({ name: "ticker" }), ["ticker"]);
  assertEquals(first({ name: "spread" }), ["spread"]);
  assertEquals(first({ name: "ohlc" }), ["ohlc-1"]);
  assertEquals(first({ name: "ohlc", interval: 21600 }), ["ohlc-21600"]);
  assertEquals(first({ name: "trade" }), []);
});

Deno.test("after unsubscribing a feed is silent, by name as by channel id", () => {
  const exchange = openExchange({ pairs: PAIRS });
  const client = connect(exchange);
  const ticker = { pair: ["XBT/USD"], subscription: { name: "ticker" } };
  for (const request of [{ event: "unsubscribe", ...ticker }, { event: "unsubscribe", channelID: 324 }]) {
    client.send({ event: "subscribe", ...ticker });
    client.take();
    client.send(request);
    assertEquals(client.take(), [
      '{"channelID":324,"channelName":"ticker","event":"subscriptionStatus","pair":"XBT/USD","status":"unsubscribed","subscription":{"name":"ticker"}}',
    ]);
    advance(exchange, 3000);
    assertEquals(client.take(), []);
  }
});

Deno.test("one refused pair does not disturb the others", () => {
  const client = connect(openExchange({ pairs: PAIRS }));
  client.take();
  client.send({ event: "subscribe", pair: ["XBT/USD", "LSK/XBT", "ETH/USD"], subscription: { name: "spread" } });
  const statuses = client.take().map((frame) => JSON.parse(frame)).filter((frame) => !Array.isArray(frame));
  assertEquals(statuses.map(({ pair, status }) => [pair, status]), [
    ["XBT/USD", "subscribed"],
    ["LSK/XBT", "error"],
    ["ETH/USD", "subscribed"],
  ]);
});

/** Enough for these tests, and quicker to open than all. */
const PAIRS = ["XBT/USD", "XBT/EUR", "ETH/USD", "ETH/EUR"];

const BOOK = { pair: ["XBT/USD"], subscription: { name: "book" } };

Deno.test("what cannot be subscribed is refused in the exchange's words", () => {
  check({ pair: ["XBT/USD"], subscription: { name: "book", depth: 42 } }, [
    '{"errorMessage":"Subscription depth not supported","event":"subscriptionStatus","pair":"XBT/USD","status":"error","subscription":{"depth":42,"name":"book"}}',
  ]);
  check({ pair: ["XBTUSDT"], reqid: 1, subscription: { depth: 10, name: "book" } }, [
    '{"errorMessage":"Currency pair not in ISO 4217-A3 format XBTUSDT","event":"subscriptionStatus","pair":"XBTUSDT","reqid":1,"status":"error","subscription":{"depth":10,"name":"book"}}',
  ]);
  check({ pair: ["LSK/XBT"], subscription: { name: "book" } }, [
    '{"errorMessage":"Currency pair not supported LSK/XBT","event":"subscriptionStatus","pair":"LSK/XBT","status":"error","subscription":{"name":"book"}}',
  ]);
  check({ pair: ["ETH/USD"], subscription: { name: "trades" } }, [
    '{"errorMessage":"Subscription name invalid","event":"subscriptionStatus","pair":"ETH/USD","status":"error","subscription":{"name":"trades"}}',
  ]);
  const texts: [unknown, string][] = [
    [{ subscription: { name: "*" }, pair: ["XBT/USD"] }, "Subscription name invalid"],
    [{ subscription: {}, pair: ["XBT/USD"] }, "Subscription name invalid"],
    [{ pair: ["XBT/USD"] }, "Subscription field must be an object"],
    [{ pair: ["XBT/USD"], subscription: "book" }, "Subscription field must be an object"],
    [{ pair: "XBT/USD", subscription: { name: "book" } }, "Pair field must be an array"],
    [{ subscription: { name: "book" } }, "Pair(s) not found"],
    [{ pair: [], subscription: { name: "book" } }, "Pair(s) not found"],
    [{ pair: ["xbt/usd"], subscription: { name: "book" } }, "Currency pair not in ISO 4217-A3 format xbt/usd"],
    [{ pair: [1], subscription: { name: "book" } }, "Currency pair not in ISO 4217-A3 format 1"],
    [{ pair: ["XBT/USD"], subscription: { name: "book", depth: "10" } }, "Subscription book depth must be an integer"],
    [{ pair: ["XBT/USD"], subscription: { name: "ohlc", interval: 7 } }, "Subscription ohlc interval not supported"],
    [
      { pair: ["XBT/USD"], subscription: { name: "ohlc", interval: "5" } },
      "Subscription ohlc interval must be an integer",
    ],
    [{ pair: ["XBT/USD"], subscription: { name: "ohlc", interval: null } }, "Subscription ohlc requires interval"],
    [{ pair: ["XBT/USD"], subscription: { name: "ticker", depth: 10 } }, "Subscription object unsupported field"],
    [
      { subscription: { name: "openOrders", token: "x" } },
      "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com",
    ],
    [
      { ...BOOK, reqid: -1 },
      "Reqid field must be a positive integer less than 18446744073709551616",
    ],
    [
      '{"event":"subscribe","reqid":18446744073709551616,"pair":["XBT/USD"],"subscription":{"name":"book"}}',
      "Reqid field must be a positive integer less than 18446744073709551616",
    ],
  ];
  for (const [request, text] of texts) assertEquals(errorOf(request), ["subscriptionStatus", text]);
});

Deno.test("subscribing twice and leaving what one never joined are refused", () => {
  const client = connect(openExchange({ pairs: PAIRS }));
  client.send({ event: "subscribe", ...BOOK });
  client.take();
  client.send({ event: "subscribe", ...BOOK });
  client.send({ event: "unsubscribe", pair: ["XBT/USD"], subscription: { name: "book", depth: 25 } });
  client.send({ event: "unsubscribe", channelID: 99 });
  assertEquals(client.take(), [
    '{"errorMessage":"Already subscribed","event":"subscriptionStatus","pair":"XBT/USD","status":"error","subscription":{"name":"book"}}',
    '{"errorMessage":"Subscription Not Found","event":"subscriptionStatus","pair":"XBT/USD","status":"error","subscription":{"depth":25,"name":"book"}}',
    '{"channelID":99,"errorMessage":"Subscription Not Found","event":"subscriptionStatus","status":"error"}',
  ]);
});

Deno.test("what is no request at all gets an error event", () => {
  const client = connect(openExchange({ pairs: PAIRS }));
  client.take();
  for (const text of ["hello", "", "[]", "null", '{"event":"ping"', '"ping"']) client.send(text);
  assertEquals(new Set(client.take()), new Set(['{"errorMessage":"Malformed request","event":"error"}']));
  client.send('{"event":"pong"}');
  client.send('{"method":"ping","reqid":3}');
  client.send('{"event":"ping","extra":1}');
  client.send('{"event":"ping","reqid":"3"}');
  assertEquals(client.take(), [
    '{"errorMessage":"Event(s) not found","event":"error"}',
    '{"errorMessage":"Event(s) not found","event":"error","reqid":3}',
    `{"errorMessage":"Unsupported field: 'extra' for the given msg type: ping","event":"error"}`,
    '{"errorMessage":"Reqid field must be a positive integer less than 18446744073709551616","event":"error","reqid":null}',
  ]);
});

function check(request: Readonly<Record<string, unknown>>, expected: readonly string[]): void {
  const client = subscribe(request);
  assertEquals(client.take(), expected);
}

function errorOf(request: unknown): [event: string, errorMessage: string] {
  const { event, errorMessage } = JSON.parse(subscribe(request).take()[0]!);
  return [event, errorMessage];
}

function subscribe(request: unknown): Client {
  const client = connect(openExchange({ pairs: PAIRS }));
  client.take();
  client.send(typeof request === "string" ? request : { event: "subscribe", ...request as object });
  return client;
}
