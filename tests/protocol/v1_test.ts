import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ServerEvent } from "../../lib/model/event.ts";
import { parsePair } from "../../lib/model/pair.ts";
import { Secret } from "../../lib/model/secret.ts";
import { DEPTHS, INTERVALS } from "../../lib/model/subscription.ts";
import type { Request } from "../../lib/protocol/mod.ts";
import { v1 } from "../../lib/protocol/v1.ts";

/** Compares without the brands of types. */
function assertDecodes(frame: string, expected: unknown): void {
  assertEquals<unknown>(v1.decode(frame), expected, frame);
}

// ---------------------------------------------------------------- market data

Deno.test("decode() reads a ticker", () => {
  const frame = '[340,{"a":["60120.50000",3,"3.25000000"],"b":["60120.40000",0,"0.87500000"],' +
    '"c":["60120.50000","0.00150000"],"v":["812.10000000","2044.50000001"],"p":["60011.12345","59876.54321"],' +
    '"t":[10234,25671],"l":["59500.00000","58000.10000"],"h":["60500.00000","60500.00000"],' +
    '"o":["59900.00000","59000.00000"]},"ticker","XBT/USD"]';
  assertDecodes(frame, {
    type: "ticker",
    pair: "XBT/USD",
    data: {
      ask: { price: "60120.50000", whole_lot_volume: 3, lot_volume: "3.25000000" },
      bid: { price: "60120.40000", whole_lot_volume: 0, lot_volume: "0.87500000" },
      last: { price: "60120.50000", volume: "0.00150000" },
      volume: { today: "812.10000000", last_24h: "2044.50000001" },
      vwap: { today: "60011.12345", last_24h: "59876.54321" },
      trades: { today: 10234, last_24h: 25671 },
      low: { today: "59500.00000", last_24h: "58000.10000" },
      high: { today: "60500.00000", last_24h: "60500.00000" },
      open: { today: "59900.00000", last_24h: "59000.00000" },
    },
  });
});

Deno.test("decode() reads several trades in one frame, with their letters written out", () => {
  const frame = '[337,[["2.50000","10.00000000","1700000000.123456","b","m",""],' +
    '["2.50100","0.00000001","1700000000.123457","s","l","x"]],"trade","ADA/EUR"]';
  assertDecodes(frame, {
    type: "trade",
    pair: "ADA/EUR",
    data: [
      {
        price: "2.50000",
        volume: "10.00000000",
        time: "1700000000.123456",
        side: "buy",
        order_type: "market",
        misc: "",
      },
      {
        price: "2.50100",
        volume: "0.00000001",
        time: "1700000000.123457",
        side: "sell",
        order_type: "limit",
        misc: "x",
      },
    ],
  });
});

Deno.test("decode() keeps letters of trades that it does not know", () => {
  const event = v1.decode('[337,[["2.5","1.0","1700000000.1","x","q",""]],"trade","ADA/EUR"]');
  assert(event.type === "trade");
  assertEquals([event.data[0]?.side, event.data[0]?.order_type], ["x", "q"]);
});

Deno.test("decode() reads a spread", () => {
  assertDecodes(
    '[341,["0.99990000","1.00010000","1700000001.000000","5000.00000000","12.50000000"],"spread","USDC/USD"]',
    {
      type: "spread",
      pair: "USDC/USD",
      data: {
        bid: { price: "0.99990000", volume: "5000.00000000" },
        ask: { price: "1.00010000", volume: "12.50000000" },
        time: "1700000001.000000",
      },
    },
  );
});

Deno.test("decode() reads a candle of every interval", () => {
  for (const interval of INTERVALS) {
    const frame = '[343,["1700000030.500000","1700000060.000000","1.0","1.2","0.9","1.1","1.05","300.00000000",17],' +
      `"ohlc-${interval}","LTC/EUR"]`;
    assertDecodes(frame, {
      type: "ohlc",
      pair: "LTC/EUR",
      interval,
      data: {
        time: "1700000030.500000",
        etime: "1700000060.000000",
        open: "1.0",
        high: "1.2",
        low: "0.9",
        close: "1.1",
        vwap: "1.05",
        volume: "300.00000000",
        count: 17,
      },
    });
  }
});

const ASK = '["101.10000","0.50000000","1700000000.000001"]';
const BID = '["100.90000","0.25000000","1700000000.000002"]';
const AGAIN = '["102.00000","3.00000000","1699999000.000000","r"]';
const ask = { price: "101.10000", volume: "0.50000000", time: "1700000000.000001" };
const bid = { price: "100.90000", volume: "0.25000000", time: "1700000000.000002" };
const again = { price: "102.00000", volume: "3.00000000", time: "1699999000.000000", republished: true };

const BOOKS: readonly (readonly [what: string, maps: string, expected: object])[] = [
  ["a snapshot", `{"as":[${ASK}],"bs":[${BID}]}`, { type: "book_snapshot", data: { asks: [ask], bids: [bid] } }],
  ["a snapshot of an empty side", `{"as":[],"bs":[${BID}]}`, {
    type: "book_snapshot",
    data: { asks: [], bids: [bid] },
  }],
  ["asks", `{"a":[${ASK}],"c":"12"}`, { type: "book_update", checksum: "12", data: { asks: [ask], bids: [] } }],
  ["bids", `{"b":[${BID}],"c":"13"}`, { type: "book_update", checksum: "13", data: { asks: [], bids: [bid] } }],
  ["both sides in two maps", `{"a":[${ASK}]},{"b":[${BID}],"c":"14"}`, {
    type: "book_update",
    checksum: "14",
    data: { asks: [ask], bids: [bid] },
  }],
  ["both sides in one map", `{"a":[${ASK}],"b":[${BID}],"c":"15"}`, {
    type: "book_update",
    checksum: "15",
    data: { asks: [ask], bids: [bid] },
  }],
  ["a republished level", `{"a":[${ASK},${AGAIN}],"c":"16"}`, {
    type: "book_update",
    checksum: "16",
    data: { asks: [ask, again], bids: [] },
  }],
  ["no checksum", `{"a":[${ASK}]}`, { type: "book_update", checksum: undefined, data: { asks: [ask], bids: [] } }],
];

for (const [what, maps, expected] of BOOKS) {
  Deno.test(`decode() reads a book frame with ${what}`, () => {
    for (const depth of DEPTHS) {
      assertDecodes(`[336,${maps},"book-${depth}","XBT/USD"]`, { pair: "XBT/USD", depth, ...expected });
    }
  });
}

// ---------------------------------------------------------------- account data

Deno.test("decode() reads account channels with their sequence, and every field as it came", () => {
  const fields = '{"status":"open","vol_exec":"0.00000000","userref":0,"descr":{"close":null,"pair":"ETH/USD"}}';
  assertDecodes(`[[{"OAAAAA-BBBBB-CCCCCC":${fields}},{"ODDDDD":{"status":"closed"}}],"openOrders",{"sequence":3}]`, {
    type: "account",
    channel: "openOrders",
    sequence: 3,
    data: [
      { id: "OAAAAA-BBBBB-CCCCCC", fields: JSON.parse(fields) },
      { id: "ODDDDD", fields: { status: "closed" } },
    ],
  });
  assertDecodes('[[],"ownTrades",{"sequence":1}]', { type: "account", channel: "ownTrades", sequence: 1, data: [] });
});

// ---------------------------------------------------------------- control

const CONTROL: readonly (readonly [frame: string, expected: unknown])[] = [
  ['{"event":"heartbeat"}', { type: "heartbeat" }],
  ['{"event":"pong","reqid":5}', { type: "pong", reqid: 5 }],
  ['{"event":"pong"}', { type: "pong", reqid: undefined }],
  ['{"connectionID":13935949241502919679,"event":"systemStatus","status":"online","version":"1.9.1"}', {
    type: "status",
    status: "online",
    version: "1.9.1",
    connectionId: "13935949241502919679",
  }],
  ['{"event":"systemStatus","status":"cancel_only","version":"1.9.1"}', {
    type: "status",
    status: "cancel_only",
    version: "1.9.1",
  }],
  ['{"errorMessage":"Malformed request","event":"error"}', {
    type: "error",
    message: "Malformed request",
    reqid: undefined,
  }],
  ['{"errorMessage":"Exceeded msg rate","event":"error","reqid":9}', {
    type: "error",
    message: "Exceeded msg rate",
    reqid: 9,
  }],
  [
    '{"channelID":336,"channelName":"book-10","event":"subscriptionStatus","pair":"XBT/USD","reqid":4,' +
    '"status":"subscribed","subscription":{"depth":10,"name":"book"}}',
    { type: "subscribed", reqid: 4, channelName: "book-10", pair: "XBT/USD" },
  ],
  [
    '{"channelID":340,"channelName":"ticker","event":"subscriptionStatus","pair":"XBT/USD","status":"unsubscribed",' +
    '"subscription":{"name":"ticker"}}',
    { type: "unsubscribed", reqid: undefined, channelName: "ticker", pair: "XBT/USD" },
  ],
  [
    '{"channelName":"openOrders","event":"subscriptionStatus","reqid":0,"status":"subscribed",' +
    '"subscription":{"maxratecount":125,"name":"openOrders"}}',
    { type: "subscribed", reqid: 0, channelName: "openOrders", pair: undefined, maxratecount: 125 },
  ],
  [
    '{"errorMessage":"Subscription depth not supported","event":"subscriptionStatus","pair":"XBT/USD","reqid":6,' +
    '"status":"error","subscription":{"depth":42,"name":"book"}}',
    {
      type: "rejected",
      reqid: 6,
      channelName: "book-42",
      pair: "XBT/USD",
      reason: "Subscription depth not supported",
    },
  ],
  [
    '{"channelName":"book-25","errorMessage":"Already subscribed","event":"subscriptionStatus","pair":"XBT/USD",' +
    '"reqid":6,"status":"error","subscription":{"depth":25,"name":"book"}}',
    { type: "rejected", reqid: 6, channelName: "book-25", pair: "XBT/USD", reason: "Already subscribed" },
  ],
  [
    '{"errorMessage":"Currency pair not supported NO/SUCH","event":"subscriptionStatus","pair":"NO/SUCH",' +
    '"status":"error","subscription":{"name":"ohlc"}}',
    {
      type: "rejected",
      reqid: undefined,
      channelName: "ohlc-1",
      pair: "NO/SUCH",
      reason: "Currency pair not supported NO/SUCH",
    },
  ],
  ['{"errorMessage":"EAccount:Invalid permissions","event":"subscriptionStatus","reqid":8,"status":"error"}', {
    type: "rejected",
    reqid: 8,
    channelName: undefined,
    pair: undefined,
    reason: "EAccount:Invalid permissions",
  }],
  ['{"descr":"buy 1.00000000 XBTUSD @ limit 9.0","event":"addOrderStatus","reqid":3,"status":"ok","txid":"OABC"}', {
    type: "reply",
    request: "addOrder",
    reqid: 3,
    reason: undefined,
    data: { descr: "buy 1.00000000 XBTUSD @ limit 9.0", txid: "OABC" },
  }],
  ['{"errorMessage":"EOrder:Unknown order","event":"cancelOrderStatus","reqid":3,"status":"error"}', {
    type: "reply",
    request: "cancelOrder",
    reqid: 3,
    reason: "EOrder:Unknown order",
    data: {},
  }],
  ['{"count":2,"event":"cancelAllStatus","status":"ok"}', {
    type: "reply",
    request: "cancelAll",
    reqid: undefined,
    reason: undefined,
    data: { count: 2 },
  }],
];

for (const [frame, expected] of CONTROL) {
  const { type } = expected as { type: string };
  Deno.test(`decode() reads ${frame.slice(0, 60)}… as ${type}`, () => {
    assertDecodes(frame, expected);
  });
}

Deno.test("decode() names each trading request by its answer", () => {
  for (const request of ["addOrder", "amendOrder", "editOrder", "cancelOrder", "cancelAll", "cancelAllOrdersAfter"]) {
    const event = v1.decode(`{"event":"${request}Status","status":"ok"}`);
    assertEquals(event.type === "reply" && event.request, request);
  }
});

Deno.test("decode() keeps the digits of numbers beyond 2^53", () => {
  const reqid = "18446744073709551615";
  const status = v1.decode(`{"connectionID":${reqid},"event":"systemStatus","status":"online"}`);
  assertEquals(status.type === "status" && status.connectionId, reqid);
  const pong = v1.decode(`{"event":"pong","reqid":${reqid}}`);
  assertEquals(pong.type === "pong" && pong.reqid, reqid);
  const rejected = v1.decode(`{"errorMessage":"no","event":"subscriptionStatus","reqid": ${reqid},"status":"error"}`);
  assertEquals(rejected.type === "rejected" && rejected.reqid, reqid);
});

// ---------------------------------------------------------------- what cannot be read

const UNREADABLE: readonly string[] = [
  "",
  " ",
  "CloudFlare WebSocket proxy restarting",
  "null",
  "42",
  '"text"',
  "[]",
  "{}",
  "[[]]",
  '{"event":42}',
  '{"event":"later"}',
  '{"event":"systemStatus"}',
  '{"event":"subscriptionStatus","status":"ok","pair":"XBT/USD"}',
  '{"event":"error"}',
  '{"event":"addOrderStatus","status":"error"}',
  '{"Error":"Exceeded msg rate"}',
  '[1,{},"ticker","XBT/USD"]',
  '[1,[],"spread","XBT/USD"]',
  '[1,[["1.0","1.0"]],"trade","XBT/USD"]',
  '[1,["1","2","3","4"],"spread","XBT/USD"]',
  '[1,[1.5,"2","3","4","5"],"spread","XBT/USD"]',
  '[1,["1e5","2","3","4","5"],"spread","XBT/USD"]',
  '[1,["0x1","2","3","4","5"],"spread","XBT/USD"]',
  '[1,["1","2","3","4","5"],"spread","XBT/USD","more"]',
  '[1,["1","2","3","4","5"],"spread"]',
  '[1,["1","2","3","4","5"],"XBT/USD","spread"]',
  '[1,{"a":[]},"book-10","XBT/USD"]',
  '[1,{"a":[["1.0","1.0"]],"c":"1"},"book-10","XBT/USD"]',
  '[1,{"a":[["1.0","1.0","1.0"]],"c":1},"book-10","XBT/USD"]',
  '[1,{"a":[["1.0","1.0","1.0"]],"c":"1"},"book-11","XBT/USD"]',
  '[1,{"as":[["NaN","1.0","1.0"]],"bs":[]},"book-10","XBT/USD"]',
  '[1,["1","2","3","4","5","6","7","8"],"ohlc-2","XBT/USD"]',
  '[[{"O1":1}],"openOrders",{"sequence":1}]',
  '[{"O1":{}},"openOrders",{"sequence":1}]',
  '[[],"openOrders",{"sequence":"1"}]',
  '[[],"openOrders",{}]',
  '[[],"positions",{"sequence":1}]',
];

for (const frame of UNREADABLE) {
  Deno.test(`decode() keeps ${JSON.stringify(frame)} whole`, () => {
    assertDecodes(frame, { type: "unrecognized", text: frame });
  });
}

/** One good frame of each kind, to be cut and changed. */
const GOOD: readonly string[] = [
  ...BOOKS.map(([, maps]) => `[336,${maps},"book-10","XBT/USD"]`),
  ...CONTROL.map(([frame]) => frame),
  '[341,["1.0","2.0","3.0","4.0","5.0"],"spread","XBT/USD"]',
  '[337,[["2.5","10.0","1700000000.1","b","m",""]],"trade","ADA/EUR"]',
  '[343,["1.0","2.0","3","4","5","6","7","8",9],"ohlc-5","XBT/USD"]',
  '[[{"O1":{"status":"open"}}],"openOrders",{"sequence":2}]',
];

Deno.test("decode() keeps every frame that was cut short, wherever it was cut", () => {
  for (const frame of GOOD) {
    assert(v1.decode(frame).type !== "unrecognized", frame);
    for (let length = 0; length < frame.length; length++) {
      const cut = frame.slice(0, length);
      assertDecodes(cut, { type: "unrecognized", text: cut });
    }
  }
});

Deno.test("decode() reads a frame alike, whatever its white space and its escapes", () => {
  for (const frame of GOOD) {
    const event = v1.decode(frame);
    const spaced = JSON.stringify(JSON.parse(frame), undefined, " ");
    // A large number is kept with the digits that it has in the text, and there it has lost them.
    if (!/\d{16}/.test(frame)) assertDecodes(spaced, event);
    assertDecodes(frame.replaceAll("/", "\\/"), event);
  }
});

Deno.test("decode() passes over what was added to a frame since it was described", () => {
  const added = '[337,[["2.5","10.0","1700000000.1","b","m","",70001,{"id":[null,"\\"]"]}]],"trade","ADA/EUR"]';
  assertDecodes(added, v1.decode('[337,[["2.5","10.0","1700000000.1","b","m",""]],"trade","ADA/EUR"]'));
  assertDecodes(
    `[336,{"a":[${ASK}],"n":[{}],"c":"12"},"book-10","XBT/USD"]`,
    v1.decode(`[336,{"a":[${ASK}],"c":"12"},"book-10","XBT/USD"]`),
  );
});

/** Whatever was read must be fit to be a record: decimals where decimals are promised, and the whole text otherwise. */
function assertSane(event: ServerEvent, frame: string): void {
  const decimal = /^-?\d+(?:\.\d+)?$/;
  switch (event.type) {
    case "unrecognized":
      return assertEquals(event.text, frame);
    case "book_snapshot":
    case "book_update":
      for (const { price, volume, time } of [...event.data.asks, ...event.data.bids]) {
        for (const text of [price, volume, time]) assert(decimal.test(text), frame);
      }
      return;
    case "trade":
      for (const { price, volume, time } of event.data) {
        for (const text of [price, volume, time]) assert(decimal.test(text), frame);
      }
      return;
    case "spread":
      assert(decimal.test(event.data.bid.price) && decimal.test(event.data.ask.volume), frame);
  }
}

Deno.test("decode() never throws on any JSON, and keeps what it cannot read", () => {
  fc.assert(fc.property(fc.json(), (frame) => assertSane(v1.decode(frame), frame)), { numRuns: 500 });
});

Deno.test("decode() never throws on any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (frame) => assertSane(v1.decode(frame), frame)));
});

Deno.test("decode() never throws on a good frame with anything in place of one of its parts", () => {
  const replaceAt = (value: unknown, path: number, part: unknown): unknown => {
    if (path <= 0 || typeof value !== "object" || value === null) return part;
    const keys = Object.keys(value);
    const key = keys[path % Math.max(keys.length, 1)];
    if (key === undefined) return part;
    const copy: Record<string, unknown> = Array.isArray(value) ? [...value] as never : { ...value };
    copy[key] = replaceAt(copy[key], Math.floor(path / Math.max(keys.length, 1)), part);
    return copy;
  };
  fc.assert(
    fc.property(fc.constantFrom(...GOOD), fc.nat(200), fc.jsonValue(), (good, path, part) => {
      const frame = JSON.stringify(replaceAt(JSON.parse(good), path, part));
      assertSane(v1.decode(frame), frame);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("decode() stands a frame that is nested beyond all reason", () => {
  const frame = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  assertDecodes(frame, { type: "unrecognized", text: frame });
});

// ---------------------------------------------------------------- to the exchange

const XBT = parsePair("XBT/USD");
const EUR = parsePair("XBT/EUR");
const TOKEN = new Secret("dG9rZW4=");

const REQUESTS: readonly (readonly [request: Request, frame: string])[] = [
  [{ type: "ping", reqid: 42 }, '{"event":"ping","reqid":42}'],
  [
    { type: "subscribe", reqid: 1, feed: { channel: "ticker" }, pairs: [XBT, EUR] },
    '{"event":"subscribe","reqid":1,"pair":["XBT/USD","XBT/EUR"],"subscription":{"name":"ticker"}}',
  ],
  [
    { type: "subscribe", reqid: 2, feed: { channel: "trade" }, pairs: [XBT] },
    '{"event":"subscribe","reqid":2,"pair":["XBT/USD"],"subscription":{"name":"trade"}}',
  ],
  [
    { type: "subscribe", reqid: 2, feed: { channel: "spread" }, pairs: [XBT] },
    '{"event":"subscribe","reqid":2,"pair":["XBT/USD"],"subscription":{"name":"spread"}}',
  ],
  [
    { type: "subscribe", reqid: 3, feed: { channel: "book", depth: 100 }, pairs: [XBT] },
    '{"event":"subscribe","reqid":3,"pair":["XBT/USD"],"subscription":{"name":"book","depth":100}}',
  ],
  [
    { type: "subscribe", reqid: 4, feed: { channel: "ohlc", interval: 5 }, pairs: [EUR] },
    '{"event":"subscribe","reqid":4,"pair":["XBT/EUR"],"subscription":{"name":"ohlc","interval":5}}',
  ],
  [
    { type: "unsubscribe", reqid: 5, feed: { channel: "book", depth: 10 }, pairs: [XBT] },
    '{"event":"unsubscribe","reqid":5,"pair":["XBT/USD"],"subscription":{"name":"book","depth":10}}',
  ],
  [
    { type: "subscribe", reqid: 6, feed: { channel: "openOrders", ratecounter: true }, token: TOKEN },
    '{"event":"subscribe","reqid":6,"subscription":{"name":"openOrders","ratecounter":true,"token":"dG9rZW4="}}',
  ],
  [
    {
      type: "subscribe",
      reqid: 7,
      feed: { channel: "ownTrades", snapshot: true, consolidateTaker: true },
      token: TOKEN,
    },
    '{"event":"subscribe","reqid":7,"subscription":{"name":"ownTrades","token":"dG9rZW4="}}',
  ],
  [
    {
      type: "subscribe",
      reqid: 8,
      feed: { channel: "ownTrades", snapshot: false, consolidateTaker: false },
      token: TOKEN,
    },
    '{"event":"subscribe","reqid":8,"subscription":{"name":"ownTrades","snapshot":false,"consolidate_taker":false,"token":"dG9rZW4="}}',
  ],
  [
    { type: "unsubscribe", reqid: 9, feed: { channel: "balances" }, token: TOKEN },
    '{"event":"unsubscribe","reqid":9,"subscription":{"name":"balances","token":"dG9rZW4="}}',
  ],
  [
    {
      type: "trading",
      event: "addOrder",
      reqid: 10,
      token: TOKEN,
      parameters: { ordertype: "limit", type: "buy", pair: "XBT/USD", volume: "0.5", "close[ordertype]": "stop-loss" },
    },
    '{"event":"addOrder","reqid":10,"token":"dG9rZW4=","ordertype":"limit","type":"buy","pair":"XBT/USD","volume":"0.5","close[ordertype]":"stop-loss"}',
  ],
  [
    { type: "trading", event: "cancelOrder", reqid: 11, token: TOKEN, parameters: { txid: ["OA", "OB"] } },
    '{"event":"cancelOrder","reqid":11,"token":"dG9rZW4=","txid":["OA","OB"]}',
  ],
];

for (const [request, frame] of REQUESTS) {
  Deno.test(`encode() writes ${frame.slice(0, 90)}`, () => {
    // As JSON: the order of the keys means nothing on the wire.
    assertEquals(JSON.parse(v1.encode(request)), JSON.parse(frame));
  });
}

Deno.test("encode() escapes whatever stands in a parameter", () => {
  const parameters = { volume: '1","type":"sell', pair: "a\nb" };
  const frame = v1.encode({ type: "trading", event: "addOrder", reqid: 1, token: TOKEN, parameters });
  assertEquals(JSON.parse(frame), { event: "addOrder", reqid: 1, token: "dG9rZW4=", ...parameters });
});

Deno.test("encode() lets no parameter stand in for the event, the number or the token", () => {
  const parameters = { event: "cancelAll", reqid: 99, token: "another" };
  const frame = v1.encode({ type: "trading", event: "addOrder", reqid: 1, token: TOKEN, parameters });
  assertEquals(JSON.parse(frame), { event: "addOrder", reqid: 1, token: "dG9rZW4=" });
});
