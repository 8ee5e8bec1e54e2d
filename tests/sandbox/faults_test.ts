import { assert, assertEquals, assertThrows } from "@std/assert";
import { FAULT_NAMES, parseFault } from "../../lib/sandbox/faults.ts";
import { startSandbox } from "../../lib/sandbox/server.ts";
import { advance, connect, openExchange } from "./_exchange.ts";
import { openCustomer } from "./_customer.ts";
import { BookReader } from "./_reader.ts";

Deno.test("parseFault() reads every fault", () => {
  const table: [string, ReturnType<typeof parseFault>][] = [
    ["drop", { type: "drop", forMicros: 0 }],
    ["drop 3s", { type: "drop", forMicros: 3e6 }],
    ["close 1012", { type: "close", code: 1012, reason: "" }],
    ["close 4000 so long", { type: "close", code: 4000, reason: "so long" }],
    ["refuse 429", { type: "refuse", status: 429, forMicros: Infinity }],
    ["refuse 503 for 1.5s", { type: "refuse", status: 503, forMicros: 1.5e6 }],
    ["stall", { type: "stall", forMicros: Infinity }],
    ["stall 2m", { type: "stall", forMicros: 120e6 }],
    [" delay  500ms ", { type: "delay", micros: 500e3 }],
    ["lose-reply", { type: "lose-reply" }],
    ["late-reply 2s", { type: "late-reply", micros: 2e6 }],
    ["lose-status", { type: "lose-status" }],
    ["corrupt-checksum", { type: "corrupt-checksum" }],
    ["skip-sequence", { type: "skip-sequence" }],
    ["duplicate", { type: "duplicate" }],
    ["malformed", { type: "malformed" }],
    ["reject EService:Market in cancel_only mode", { type: "reject", message: "EService:Market in cancel_only mode" }],
    ["rate-limit", { type: "rate-limit", forMicros: undefined }],
    ["rate-limit 3s", { type: "rate-limit", forMicros: 3e6 }],
    ["expire-token", { type: "expire-token" }],
    ["maintenance", { type: "state", state: "maintenance", forMicros: Infinity }],
    ["cancel_only 5s", { type: "state", state: "cancel_only", forMicros: 5e6 }],
    ["post_only", { type: "state", state: "post_only", forMicros: Infinity }],
    ["clear", { type: "clear" }],
  ];
  for (const [text, fault] of table) assertEquals(parseFault(text), fault);
  assertEquals(new Set(table.map(([text]) => text.trim().split(" ")[0]!)), new Set(FAULT_NAMES));
});

Deno.test("parseFault() says how a fault is written", () => {
  for (
    const [text, message] of [
      ["", 'Cannot read fault "": expected one of drop, close,'],
      ["explode", 'Cannot read fault "explode": expected one of drop, close,'],
      ["toString", 'Cannot read fault "toString": expected one of'],
      ["drop soon", 'Cannot read fault "drop soon": expected: drop [DURATION]'],
      ["delay", 'Cannot read fault "delay": expected: delay DURATION'],
      ["late-reply 5", "expected: late-reply DURATION"],
      ["close", "expected: close CODE [REASON]"],
      ["close 1006", "expected: close CODE [REASON]"],
      ["refuse 200", "expected: refuse STATUS [for DURATION]"],
      ["refuse 429 3s", "expected: refuse STATUS [for DURATION]"],
      ["reject", "expected: reject TEXT"],
      ["lose-reply now", "expected: lose-reply"],
    ] as const
  ) assertThrows(() => parseFault(text), SyntaxError, message);
});

const BOOK = { event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book" } };

Deno.test("drop and close end every connection, and drop refuses new ones for a while", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const [one, other] = [connect(exchange), connect(exchange, "private")];
  exchange.fault("drop 3s");
  assertEquals([one, other].map((client) => client.closed[0]?.code), [1001, 1001]);
  assertEquals(exchange.refusal, 503);
  advance(exchange, 3000);
  assertEquals(exchange.refusal, undefined);
  const next = connect(exchange);
  exchange.fault("close 1012 restarting");
  assertEquals(next.closed, [{ code: 1012, reason: "restarting" }]);
  assertEquals(exchange.refusal, undefined);
});

Deno.test("stall holds everything back until its time is over or it is cleared, and loses nothing", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const [stalled, calm] = [connect(exchange), connect(exchange)];
  stalled.send(BOOK);
  advance(exchange, 1000);
  exchange.fault("stall 5s");
  const fresh = connect(exchange);
  calm.take();
  calm.send({ event: "ping" });
  assertEquals(calm.take(), []);
  stalled.take();
  advance(exchange, 4999);
  assertEquals(stalled.take(), []);
  advance(exchange, 1);
  assert(stalled.take().includes('{"event":"heartbeat"}'));
  assertEquals(calm.take(), ['{"event":"pong"}']);
  assertEquals(fresh.take().length, 1);
  exchange.fault("stall");
  advance(exchange, 30_000);
  assertEquals(stalled.take(), []);
  exchange.fault("clear");
  const reader = new BookReader(10);
  for (const frame of stalled.frames) if (frame.startsWith("[")) reader.apply(frame);
  assert(reader.checksums.seen > 20);
  assertEquals(reader.checksums.seen, reader.checksums.right);
});

Deno.test("delay makes everything come that much later, in order", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const client = connect(exchange);
  client.take();
  exchange.fault("delay 500ms");
  client.send({ event: "ping", reqid: 1 });
  advance(exchange, 400);
  client.send({ event: "ping", reqid: 2 });
  assertEquals(client.take(), []);
  advance(exchange, 100);
  assertEquals(client.take(), ['{"event":"pong","reqid":1}']);
  exchange.fault("delay 0s");
  client.send({ event: "ping", reqid: 3 });
  advance(exchange, 400);
  assertEquals(client.take(), ['{"event":"pong","reqid":2}', '{"event":"pong","reqid":3}']);
});

Deno.test("a lost reply leaves exactly one order, and a late one comes late", () => {
  const exchange = openExchange({ speed: 1e-9, pairs: ["XBT/USD", "ETH/USD"] });
  const customer = openCustomer(exchange);
  exchange.fault("lose-reply");
  assertEquals(
    customer.ask({ event: "addOrder", pair: "XBT/USD", type: "buy", ordertype: "limit", price: "9000", volume: "1" }),
    [],
  );
  assertEquals(exchange.orders("sandbox").length, 1);
  assertEquals(customer.heard("openOrders").length, 2);
  exchange.fault("late-reply 2s");
  assertEquals(customer.ask({ event: "cancelAll" }), []);
  customer.take();
  advance(exchange, 2000);
  assert(customer.take().includes('{"count":1,"event":"cancelAllStatus","status":"ok"}'));
});

Deno.test("a lost status leaves a subscription that nobody confirmed", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const client = connect(exchange);
  client.take();
  exchange.fault("lose-status");
  client.send(BOOK);
  assertEquals(client.take().map((frame) => frame.slice(0, 12)), ['[320,{"as":[']);
  client.send(BOOK);
  assertEquals(JSON.parse(client.take()[0]!).errorMessage, "Already subscribed");
});

Deno.test("corrupt-checksum spoils one update and leaves the levels as they are", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const client = connect(exchange);
  client.send(BOOK);
  exchange.fault("corrupt-checksum");
  advance(exchange, 10_000);
  const reader = new BookReader(10);
  for (const frame of client.frames) if (frame.startsWith("[")) reader.apply(frame);
  assertEquals(reader.checksums.seen - reader.checksums.right, 1);
});

Deno.test("skip-sequence leaves a hole of one, duplicate and malformed spoil one message", () => {
  const exchange = openExchange({ speed: 1e-9, pairs: ["XBT/USD", "ETH/USD"] });
  const customer = openCustomer(exchange);
  const next = (fault: string) => {
    customer.take();
    exchange.fault(fault);
    customer.add({ price: "9000", volume: "0.1" });
    return customer.take().filter((frame) => frame.startsWith("["));
  };
  const sequences = next("skip-sequence").map((frame) => JSON.parse(frame).at(-1).sequence);
  assertEquals(sequences, [3, 4]);
  const twice = next("duplicate");
  assertEquals([twice.length, twice[0] === twice[1]], [3, true]);
  exchange.fault("clear");
});

Deno.test("malformed cuts the next message of a feed in half", () => {
  const exchange = openExchange({ pairs: ["XBT/USD"] });
  const client = connect(exchange);
  client.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "trade" } });
  client.take();
  exchange.fault("malformed");
  advance(exchange, 10_000);
  const [first, ...others] = client.take().filter((frame) => frame.startsWith("["));
  assertThrows(() => JSON.parse(first!), SyntaxError);
  for (const frame of others) JSON.parse(frame);
});

Deno.test("reject and rate-limit refuse the next request in the form of its answer", () => {
  const exchange = openExchange({ speed: 1e-9, pairs: ["XBT/USD", "ETH/USD"] });
  const client = connect(exchange);
  client.take();
  exchange.fault("reject EService:Unavailable");
  client.send({ event: "subscribe", reqid: 2, pair: ["XBT/USD", "ETH/USD"], subscription: { name: "ticker" } });
  assertEquals(client.take(), [
    '{"errorMessage":"EService:Unavailable","event":"subscriptionStatus","pair":"XBT/USD","reqid":2,"status":"error","subscription":{"name":"ticker"}}',
    '{"errorMessage":"EService:Unavailable","event":"subscriptionStatus","pair":"ETH/USD","reqid":2,"status":"error","subscription":{"name":"ticker"}}',
  ]);
  exchange.fault("rate-limit");
  client.send({ event: "subscribe", reqid: 3, pair: ["XBT/USD"], subscription: { name: "trade" } });
  client.send({ event: "subscribe", reqid: 4, pair: ["XBT/USD"], subscription: { name: "trade" } });
  assertEquals(
    client.take().map((frame) => JSON.parse(frame)).map((
      { reqid, status, errorMessage },
    ) => [reqid, status ?? errorMessage]),
    [
      [3, "Exceeded msg rate"],
      [4, "subscribed"],
    ],
  );
  const customer = openCustomer(exchange);
  exchange.fault("reject EOrder:Positions limit exceeded");
  assertEquals(customer.add({ price: "9000", volume: "1" })["errorMessage"], "EOrder:Positions limit exceeded");
  exchange.fault("rate-limit 3s");
  assertEquals(customer.add({ price: "9000", volume: "1" })["errorMessage"], "EOrder:Rate limit exceeded");
  assertEquals(customer.add({ price: "9000", volume: "1" })["errorMessage"], "EOrder:Rate limit exceeded");
  advance(exchange, 3000);
  assertEquals(customer.add({ price: "9000", volume: "1" })["status"], "ok");
});

Deno.test("expire-token ends every token, and a new one works", () => {
  const exchange = openExchange({ speed: 1e-9, pairs: ["XBT/USD", "ETH/USD"] });
  const customer = openCustomer(exchange);
  exchange.fault("expire-token");
  assertEquals(customer.add({ price: "9000", volume: "1" })["errorMessage"], "ESession:Invalid session");
  assertEquals(customer.ask({ event: "cancelAll", token: exchange.issueToken() })[0]!["status"], "ok");
});

Deno.test("maintenance is announced, refuses orders, and ends by itself", () => {
  const exchange = openExchange({ speed: 1e-9, pairs: ["XBT/USD", "ETH/USD"] });
  const customer = openCustomer(exchange);
  exchange.fault("maintenance 5s");
  assertEquals(customer.add({ price: "9000", volume: "1" })["errorMessage"], "EService:Unavailable");
  assert(connect(exchange).frames[0]!.includes('"status":"maintenance"'));
  advance(exchange, 5000);
  assertEquals(customer.take().filter((frame) => frame.includes("systemStatus")), [
    '{"event":"systemStatus","status":"maintenance","version":"1.9.1"}',
    '{"event":"systemStatus","status":"online","version":"1.9.1"}',
  ]);
  assertEquals(customer.add({ price: "9000", volume: "1" })["status"], "ok");
});

Deno.test("the control connection takes faults and says what became of them", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  const control = new WebSocket(sandbox.controlUrl);
  const closed = new Promise((resolve) => control.onclose = resolve);
  await new Promise((resolve) => control.onopen = resolve);
  const tell = (text: string) =>
    new Promise((resolve) => {
      control.onmessage = ({ data }) => resolve(JSON.parse(data));
      control.send(text);
    });
  assertEquals(await tell("refuse 429"), { event: "faultStatus", status: "ok", fault: "refuse 429" });
  const response = await fetch(sandbox.restUrl, {
    headers: { upgrade: "websocket", connection: "Upgrade", "sec-websocket-key": "x", "sec-websocket-version": "13" },
  });
  await response.body?.cancel();
  assertEquals(await tell("panic"), {
    event: "faultStatus",
    status: "error",
    reason: `Cannot read fault "panic": expected one of ${FAULT_NAMES.join(", ")}`,
    fault: "panic",
  });
  const refused = new WebSocket(sandbox.publicUrl);
  const message = await new Promise<string>((resolve) =>
    refused.onerror = (event) => resolve((event as ErrorEvent).message)
  );
  assert(message.includes("429"), message);
  sandbox.fault("clear");
  const accepted = new WebSocket(sandbox.publicUrl);
  await new Promise((resolve) => accepted.onopen = resolve);
  const over = new Promise((resolve) => accepted.onclose = resolve);
  accepted.close();
  control.close();
  await Promise.all([over, closed]);
});
