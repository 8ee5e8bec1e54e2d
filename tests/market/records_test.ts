import { assertEquals } from "@std/assert";
import type { ServerEvent } from "../../lib/model/event.ts";
import { accountRecord, connectionRecord, controlRecord, marketRecord } from "../../lib/market/records.ts";
import { v1 } from "../../lib/protocol/v1.ts";

/** The record of a frame, as text, so that the order of its keys counts. */
function record(frame: string): string {
  return JSON.stringify(recordOf(v1.decode(frame)));
}

function recordOf(event: ServerEvent) {
  switch (event.type) {
    case "ticker":
    case "trade":
    case "spread":
    case "ohlc":
    case "book_snapshot":
      return marketRecord(event);
    case "account":
      return accountRecord(event, { snapshot: event.sequence === 1 });
    case "book_update":
    case "pong":
    case "unread":
      throw new Error(`${event.type} is the feed's`);
    default:
      return controlRecord(event, "public");
  }
}

const RECORDS: readonly (readonly [frame: string, record: string])[] = [
  [
    '[1,["1.0","2.0","3.0","4.0","5.0"],"spread","XBT/USD"]',
    '{"channel":"spread","type":"update","pair":"XBT/USD","data":{"bid":{"price":"1.0","volume":"4.0"},"ask":{"price":"2.0","volume":"5.0"},"time":"3.0"}}',
  ],
  [
    '[1,["1","2","3","4","5","6","7","8",9],"ohlc-60","XBT/USD"]',
    '{"channel":"ohlc","type":"update","pair":"XBT/USD","interval":60,"data":{"time":"1","etime":"2","open":"3","high":"4","low":"5","close":"6","vwap":"7","volume":"8","count":9}}',
  ],
  [
    '[1,[["1.10","2","3","b","l",""]],"trade","XBT/USD"]',
    '{"channel":"trade","type":"update","pair":"XBT/USD","data":[{"price":"1.10","volume":"2","time":"3","side":"buy","order_type":"limit","misc":""}]}',
  ],
  [
    '[1,{"as":[["1","2","3"]],"bs":[]},"book-25","XBT/USD"]',
    '{"channel":"book","type":"snapshot","pair":"XBT/USD","depth":25,"data":{"asks":[{"price":"1","volume":"2","time":"3"}],"bids":[]}}',
  ],
  [
    '[[{"T1":{"vol":"1.0","pair":"XBT/USD"}}],"ownTrades",{"sequence":2}]',
    '{"channel":"ownTrades","type":"update","sequence":2,"data":[{"trade_id":"T1","vol":"1.0","pair":"XBT/USD"}]}',
  ],
  [
    '[[{"O1":{"status":"open"}}],"openOrders",{"sequence":1}]',
    '{"channel":"openOrders","type":"snapshot","sequence":1,"data":[{"txid":"O1","status":"open"}]}',
  ],
  [
    '{"connectionID":18446744073709551615,"event":"systemStatus","status":"online","version":"1.9.1"}',
    '{"channel":"status","type":"update","socket":"public","data":{"status":"online","version":"1.9.1","connection_id":"18446744073709551615"}}',
  ],
  ['{"event":"heartbeat"}', '{"channel":"heartbeat","type":"update","socket":"public"}'],
  [
    '{"channelName":"book-10","event":"subscriptionStatus","pair":"XBT/USD","reqid":1,"status":"subscribed"}',
    '{"channel":"subscription","type":"subscribed","pair":"XBT/USD","subscription":"book-10:XBT/USD","reqid":1}',
  ],
  [
    '{"errorMessage":"no","event":"subscriptionStatus","pair":"NO/SUCH","reqid":1,"status":"error","subscription":{"name":"ticker"}}',
    '{"channel":"subscription","type":"rejected","pair":"NO/SUCH","subscription":"ticker:NO/SUCH","reqid":1,"reason":"no"}',
  ],
  [
    '{"channelName":"openOrders","event":"subscriptionStatus","reqid":1,"status":"subscribed","subscription":{"maxratecount":125}}',
    '{"channel":"subscription","type":"subscribed","subscription":"openOrders","reqid":1,"maxratecount":125}',
  ],
  [
    '{"event":"cancelAllStatus","count":2,"reqid":3,"status":"ok"}',
    '{"channel":"reply","type":"cancelAll","reqid":3,"status":"ok","data":{"count":2}}',
  ],
  [
    '{"event":"cancelOrderStatus","errorMessage":"EOrder:Unknown order","status":"error"}',
    '{"channel":"reply","type":"cancelOrder","status":"error","reason":"EOrder:Unknown order","data":{}}',
  ],
  [
    '{"errorMessage":"Malformed request","event":"error","reqid":4}',
    '{"channel":"error","type":"exchange","code":"exchange_error","message":"Malformed request","retryable":false,"reqid":4}',
  ],
  ["what?", '{"channel":"unrecognized","type":"text","socket":"public","text":"what?"}'],
];

for (const [frame, expected] of RECORDS) {
  Deno.test(`the record of ${frame.slice(0, 70)}`, () => assertEquals(record(frame), expected));
}

Deno.test("a connection's records say what happened, and only what is known of it", () => {
  const url = "wss://ws.kraken.com";
  const loss = { kind: "closed", message: "closed with code 1006", code: 1006 } as const;
  const head = { channel: "connection", socket: "public", url };
  assertEquals<unknown>(connectionRecord({ type: "connecting", attempt: 2 }, "public", url), {
    ...head,
    type: "connecting",
    attempt: 2,
  });
  assertEquals<unknown>(connectionRecord({ type: "open", epoch: 3 }, "public", url), {
    ...head,
    type: "open",
    epoch: 3,
  });
  assertEquals<unknown>(connectionRecord({ type: "lost", epoch: 3, loss, attempt: 1, retryInMs: 0 }, "public", url), {
    ...head,
    type: "lost",
    epoch: 3,
    attempt: 1,
    retry_in_ms: 0,
    reason: "closed",
    message: "closed with code 1006",
    code: 1006,
  });
  const { code: _code, ...timeout } = { ...loss, kind: "timeout" } as const;
  assertEquals<unknown>(connectionRecord({ type: "failed", epoch: 0, loss: timeout }, "public", url), {
    ...head,
    type: "failed",
    epoch: 0,
    reason: "timeout",
    message: "closed with code 1006",
  });
  assertEquals<unknown>(connectionRecord({ type: "closed" }, "public", url), { ...head, type: "closed" });
});
