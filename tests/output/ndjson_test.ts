import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Decimal } from "../../lib/model/decimal.ts";
import { parsePair } from "../../lib/model/pair.ts";
import type { StreamRecord } from "../../lib/model/record.ts";
import { recordLine } from "../../lib/output/ndjson.ts";

const AT = Date.UTC(2026, 10, 22, 8, 20, 46) * 1000 + 102_311;

function unrecognized(text: string): StreamRecord {
  return { channel: "unrecognized", type: "text", socket: "public", text };
}

const HEARTBEAT: StreamRecord = { channel: "heartbeat", type: "update", socket: "public" };

Deno.test("recordLine() puts seq and time first, then the record's keys in their order", () => {
  assertEquals(
    recordLine(HEARTBEAT, { seq: 7, atMicros: AT }),
    '{"seq":7,"time":"2026-11-22T08:20:46.102311Z","channel":"heartbeat","type":"update","socket":"public"}\n',
  );
});

Deno.test("recordLine() puts the frame last, digit by digit as it came", () => {
  const frame = '{"event": "heartbeat","id":13935949241502919679,"n":1.10, "e":1e2}';
  const line = recordLine(HEARTBEAT, { seq: 1, atMicros: AT, frame });
  assert(line.endsWith(`,"socket":"public","frame":${frame}}\n`), line);
});

Deno.test("recordLine() shows a frame as text where it is no JSON, or would break the line", () => {
  for (const frame of ['{"event":\n"heartbeat"}', '{"event":\r"heartbeat"}', '{"text":"\u2028\u009b"}']) {
    const line = recordLine(HEARTBEAT, { seq: 1, atMicros: AT, frame });
    assertEquals(JSON.parse(line).frame, frame);
  }
  const text = "no JSON";
  assertEquals(JSON.parse(recordLine(unrecognized(text), { seq: 1, atMicros: AT, frame: text })).frame, text);
});

Deno.test("recordLine() writes tickers, trades and books as JSON.stringify() would", () => {
  const [price, volume, time] = ["37080.10000", "0.00015891", "1699797222.188887"] as Decimal[] as [
    Decimal,
    Decimal,
    Decimal,
  ];
  const pair = parsePair("XBT/USD");
  const level = { price, volume, time };
  const data = { asks: [level, { ...level, republished: true as const }], bids: [level] };
  const trade = { price, volume, time, side: "sell", order_type: "market", misc: "" };
  const quote = { price, whole_lot_volume: 24, lot_volume: volume };
  const day = { today: price, last_24h: volume };
  const figures = { volume: day, vwap: day, trades: { today: 0, last_24h: 1e21 }, low: day, high: day, open: day };
  const ticker = { ask: quote, bid: { ...quote, whole_lot_volume: 0 }, last: { price, volume }, ...figures };
  const records: StreamRecord[] = [
    { channel: "ticker", type: "update", pair, data: ticker },
    { channel: "trade", type: "update", pair, data: [] },
    { channel: "trade", type: "update", pair, data: [trade, { ...trade, side: "buy", misc: "a b" }] },
    { channel: "book", type: "snapshot", pair, depth: 10, data },
    {
      channel: "book",
      type: "update",
      pair,
      depth: 25,
      checksum: "974947235",
      verified: true,
      data: { asks: [], bids: [] },
    },
    { channel: "book", type: "update", pair, depth: 10, top: 1, checksum: "1", verified: false, data },
  ];
  for (const record of records) {
    const rest = recordLine(record, { seq: 1, atMicros: AT }).slice(
      '{"seq":1,"time":"2026-11-22T08:20:46.102311Z",'.length,
    );
    assertEquals(`{${rest}`, `${JSON.stringify(record)}\n`);
  }
});

// deno-lint-ignore no-control-regex -- they are what must not be there
const STEERING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

Deno.test("recordLine() gives one line that steers no terminal and reads back the same, whatever the text", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("\n", "\r\n", "\u001b[2J", "\u009b1A", "\u007f", "\u2028", "\u2029", "\0", '"', "\\", "a"))
      .map((parts) => parts.join("")),
  );
  fc.assert(fc.property(texts, fc.boolean(), (text, withFrame) => {
    const line = recordLine(unrecognized(text), { seq: 1, atMicros: AT, ...(withFrame ? { frame: text } : {}) });
    assert(line.endsWith("}\n"));
    assert(!STEERING.test(line.slice(0, -1)), JSON.stringify(line));
    assertEquals(JSON.parse(line).text, text);
    if (withFrame) assertEquals(JSON.parse(line).frame, text);
  }));
});
