import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatFixed } from "../../lib/sandbox/fixed.ts";
import { advance, connect, openExchange } from "./_exchange.ts";
import { type Answer, type Customer, openCustomer } from "./_customer.ts";

const quiet = () => openExchange({ speed: 1e-9, pairs: ["XBT/USD", "XBT/EUR", "USDC/USD"] });

const LIMIT = { price: "9000", volume: "0.1" };

Deno.test("orders that cannot be taken are refused in the exchange's words", () => {
  const cases: [order: Answer, error: string][] = [
    [{ ...LIMIT, volume: "0.00001" }, "EOrder:Order minimum not met"],
    [{ ...LIMIT, price: "0.1", volume: "1" }, "EOrder:Cost minimum not met"],
    [{ ...LIMIT, price: "9000.05" }, "EOrder:Tick size check failed"],
    [{ ...LIMIT, volume: "100" }, "EOrder:Insufficient funds"],
    [{ type: "sell", ordertype: "market", volume: "100" }, "EOrder:Insufficient funds"],
    [{ ...LIMIT, volume: "100000", leverage: "5" }, "EOrder:Insufficient margin"],
    [{ ...LIMIT, leverage: "5", reduce_only: true }, "EOrder:Reduce only:No position exists"],
    [{ ...LIMIT, price: "-200000" }, "EOrder:Invalid price"],
    [{ ...LIMIT, volume: "ten" }, "EGeneral:Invalid arguments:volume"],
    [{ ...LIMIT, volume: "0" }, "EGeneral:Invalid arguments:volume"],
    [{ ...LIMIT, volume: 0.1 }, "EGeneral:Invalid arguments:volume"],
    [{ ...LIMIT, volume: "-1" }, "EGeneral:Invalid arguments:volume"],
    [{ volume: "0.1" }, "EGeneral:Invalid arguments:price"],
    [{ ...LIMIT, price: "1e4" }, "EGeneral:Invalid arguments:price"],
    [{ ...LIMIT, price: "5%" }, "EGeneral:Invalid arguments:price"],
    [{ ...LIMIT, price2: "1" }, "EGeneral:Invalid arguments:price2"],
    [{ ordertype: "market", volume: "0.1", price: "9000" }, "EGeneral:Invalid arguments:price"],
    [{ ...LIMIT, ordertype: "stop-loss-limit" }, "EGeneral:Invalid arguments:price2"],
    [{ ...LIMIT, ordertype: "trailing-stop" }, "EGeneral:Invalid arguments:price"],
    [{ ...LIMIT, ordertype: "iceberg" }, "EGeneral:Invalid arguments:ordertype"],
    [{ ...LIMIT, type: "hold" }, "EGeneral:Invalid arguments:type"],
    [{ ...LIMIT, leverage: "50" }, "EGeneral:Invalid arguments:leverage"],
    [{ ...LIMIT, pair: "USDC/USD", leverage: "2" }, "EGeneral:Invalid arguments:leverage"],
    [{ ...LIMIT, reduce_only: true }, "EGeneral:Invalid arguments:reduce_only"],
    [{ ...LIMIT, oflags: "fcib,fciq" }, "EGeneral:Invalid arguments:oflags"],
    [{ ...LIMIT, oflags: "quick" }, "EGeneral:Invalid arguments:oflags"],
    [{ ...LIMIT, oflags: "viqc" }, "EGeneral:Invalid arguments:oflags"],
    [{ ...LIMIT, timeinforce: "FOK" }, "EGeneral:Invalid arguments:timeinforce"],
    [{ ...LIMIT, timeinforce: "GTD" }, "EGeneral:Invalid arguments:timeinforce"],
    [{ ...LIMIT, timeinforce: "IOC", oflags: "post" }, "EGeneral:Invalid arguments:timeinforce"],
    [{ ...LIMIT, expiretm: "1000" }, "EGeneral:Invalid arguments:expiretm"],
    [{ ...LIMIT, starttm: "soon" }, "EGeneral:Invalid arguments:starttm"],
    [{ ...LIMIT, deadline: "tomorrow" }, "EGeneral:Invalid arguments:deadline"],
    [{ ...LIMIT, deadline: "2026-01-05T09:35:00Z" }, "EGeneral:Invalid arguments:deadline"],
    [{ ...LIMIT, deadline: "2026-01-05T09:29:59Z" }, "EService:Deadline elapsed"],
    [{ ...LIMIT, userref: "abc" }, "EGeneral:Invalid arguments:userref"],
    [{ ...LIMIT, userref: "3000000000" }, "EGeneral:Invalid arguments:userref"],
    [{ ...LIMIT, cl_ord_id: "longer than eighteen characters" }, "EGeneral:Invalid arguments:cl_ord_id"],
    [{ ...LIMIT, cl_ord_id: "mine", userref: "1" }, "EGeneral:Invalid arguments:cl_ord_id"],
    [{ ...LIMIT, stp_type: "cancel_none" }, "EGeneral:Invalid arguments:stp_type"],
    [{ ...LIMIT, "close[ordertype]": "market" }, "EGeneral:Invalid arguments:close[ordertype]"],
    [{ ...LIMIT, "close[ordertype]": "limit" }, "EGeneral:Invalid arguments:close[price]"],
    [{ ...LIMIT, pair: "LSK/XBT" }, "Currency pair not supported LSK/XBT"],
    [{ ...LIMIT, pair: "XBTUSD" }, "Currency pair not in ISO 4217-A3 format XBTUSD"],
    [{ ...LIMIT, validate: "perhaps" }, "EGeneral:Invalid arguments:validate"],
    [{ ...LIMIT, token: "wrong" }, "ESession:Invalid session"],
    [{ ...LIMIT, token: undefined }, "ESession:Invalid session"],
  ];
  const exchange = quiet();
  const customer = openCustomer(exchange);
  for (const [order, error] of cases) {
    const answer = customer.add({ ...order, reqid: 3 });
    assertEquals(
      answer,
      { errorMessage: error, event: "addOrderStatus", reqid: 3, status: "error" },
      JSON.stringify(order),
    );
    advance(exchange, 1000);
  }
  assertEquals(exchange.orders("sandbox"), []);
  assertEquals(exchange.balances("sandbox")["USD"]!.held, "0.0000000000");
});

Deno.test("an invalid reqid is refused as it was seen live", () => {
  const client = connect(quiet(), "private");
  client.take();
  client.send('{"event":"addOrder","pair":"USDC/USD","reqid":"7","token":"x"}');
  assertEquals(client.take(), [
    '{"errorMessage":"Reqid field must be a positive integer less than 18446744073709551616","event":"addOrderStatus","pair":"USDC/USD","reqid":null,"status":"error"}',
  ]);
});

Deno.test("an unknown field is refused by name", () => {
  const [answer] = openCustomer(quiet()).ask({ event: "cancelAll", everything: true, reqid: 4 });
  assertEquals(answer, {
    errorMessage: "Unsupported field: 'everything' for the given msg type: cancelAll",
    event: "error",
    reqid: 4,
  });
});

Deno.test("trading is for the private endpoint, and for keys that may", () => {
  const exchange = quiet();
  const client = connect(exchange);
  client.take();
  client.send({ event: "cancelAll", token: exchange.issueToken() });
  assertEquals(client.take(), [
    '{"errorMessage":"Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com","event":"cancelAllStatus","status":"error"}',
  ]);
  const reader = openCustomer(exchange, "sandbox-query");
  assertEquals(reader.add(LIMIT)["errorMessage"], "EGeneral:Permission denied");
  assertEquals(reader.ask({ event: "cancelAllOrdersAfter", timeout: 60 }), [
    { errorMessage: "EGeneral:Permission denied", event: "cancelAllOrdersAfterStatus", status: "error" },
  ]);
});

Deno.test("validate checks an order and makes none", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  assertEquals(customer.add({ ...LIMIT, validate: "true" }), {
    descr: "buy 0.10000000 XBTUSD @ limit 9000.0",
    event: "addOrderStatus",
    status: "ok",
  });
  assertEquals(
    customer.add({ ...LIMIT, volume: "100", validate: "true" })["errorMessage"],
    "EOrder:Insufficient funds",
  );
  assertEquals(exchange.orders("sandbox"), []);
});

Deno.test("cancelOrder answers once for each order, by id, user reference or client id", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const { txid } = customer.add(LIMIT);
  customer.add({ ...LIMIT, userref: "7" });
  customer.add({ ...LIMIT, userref: "7" });
  assertEquals(customer.add({ ...LIMIT, cl_ord_id: "mine" })["cl_ord_id"], "mine");
  assertEquals(customer.add({ ...LIMIT, cl_ord_id: "mine" })["errorMessage"], "EGeneral:Invalid arguments:cl_ord_id");
  const answers = customer.ask({ event: "cancelOrder", reqid: 9, txid: [txid, "7", txid, "OAAAAA-AAAAA-AAAAAA"] });
  assertEquals(answers.map((answer) => answer["errorMessage"] ?? answer["status"]), [
    "ok",
    "ok",
    "EOrder:Unknown order",
    "EOrder:Unknown order",
  ]);
  assert(answers.every((answer) => answer["reqid"] === 9));
  assertEquals(customer.ask({ event: "cancelOrder", cl_ord_id: ["mine"] })[0]!["status"], "ok");
  assertEquals(exchange.openOrders("sandbox"), []);
  for (const fields of [{}, { txid: "OAAAAA" }, { txid: [] }, { txid: [1] }]) {
    assertEquals(
      customer.ask({ event: "cancelOrder", ...fields })[0]!["errorMessage"],
      "EGeneral:Invalid arguments:txid",
    );
  }
});

Deno.test("cancelAll counts what it cancels", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  for (let count = 0; count < 3; count++) customer.add(LIMIT);
  assertEquals(customer.ask({ event: "cancelAll" }), [{ count: 3, event: "cancelAllStatus", status: "ok" }]);
  assertEquals(customer.ask({ event: "cancelAll" }), [{ count: 0, event: "cancelAllStatus", status: "ok" }]);
});

Deno.test("cancelAllOrdersAfter cancels when its time comes, unless it was renewed or lifted", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const after = (timeout: unknown) => customer.ask({ event: "cancelAllOrdersAfter", timeout })[0]!;
  customer.add(LIMIT);
  assertEquals(after(60), {
    currentTime: "2026-01-05T09:30:00Z",
    event: "cancelAllOrdersAfterStatus",
    status: "ok",
    triggerTime: "2026-01-05T09:31:00Z",
  });
  advance(exchange, 40_500);
  assertEquals(after(60)["triggerTime"], "2026-01-05T09:31:41Z");
  advance(exchange, 59_000);
  assertEquals(exchange.openOrders("sandbox").length, 1);
  assertEquals(after(0)["triggerTime"], "0");
  advance(exchange, 100_000);
  assertEquals(exchange.openOrders("sandbox").length, 1);
  after(5);
  advance(exchange, 5000);
  assertEquals(exchange.openOrders("sandbox").length, 0);
  assertEquals(after("60")["errorMessage"], "EGeneral:Invalid arguments:timeout");
});

Deno.test("amendOrder keeps the id, and less volume keeps the place in the queue", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const { book } = exchange.market("XBT/USD")!;
  const { txid } = customer.add({ price: "91000", volume: "0.5" });
  const other = openCustomer(exchange, "sandbox-second");
  other.add({ price: "91000", volume: "0.5" });
  const level = book.buy.find(91_000_00000n)!;
  const place = () => level.queue.findIndex((order) => order.account === "sandbox");
  const first = place();
  const [answer] = customer.ask({ event: "amendOrder", txid, volume: "0.2", reqid: 2 });
  assertMatch(answer!["amend_id"], /^T/);
  assertEquals({ ...answer, amend_id: "" }, { amend_id: "", event: "amendOrderStatus", reqid: 2, status: "ok", txid });
  assertEquals(place(), first);
  customer.ask({ event: "amendOrder", txid, volume: "0.4" });
  assertEquals(place(), level.queue.length - 1);
  customer.ask({ event: "amendOrder", txid, limit_price: "90000" });
  assertEquals(exchange.openOrders("sandbox").map((order) => [order.txid, order.price, order.vol]), [
    [txid, "90000.00000", "0.40000000"],
  ]);
  const last = customer.heard("openOrders").at(-1)![1];
  assertEquals([last["amended"], last["amend_reason"], last["vol"]], [true, "User requested", "0.40000000"]);
  // 0.4 at 90000 and the taker's fee.
  assertEquals(exchange.balances("sandbox")["USD"]!.held, "36144.0000000000");
});

Deno.test("amendOrder refuses what cannot be, and leaves the order as it was", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const { txid } = customer.add({ price: "9000", volume: "1" });
  const refused: [Answer, string][] = [
    [{ txid: "OAAAAA-AAAAA-AAAAAA", volume: "1" }, "EOrder:Unknown order"],
    [{ volume: "1" }, "EGeneral:Invalid arguments:txid"],
    [{ txid, limit_price: "9000.05" }, "EOrder:Tick size check failed"],
    [{ txid, volume: "0.00001" }, "EOrder:Order minimum not met"],
    [{ txid, volume: "1000" }, "EOrder:Insufficient funds"],
    [{ txid, trigger_price: "9000" }, "EGeneral:Invalid arguments:trigger_price"],
    [{ txid, limit_price: "99000", post_only: true }, "EOrder:Invalid price"],
    [{ txid, display_volume: "0.1" }, "EGeneral:Invalid arguments:display_volume"],
  ];
  const before = [exchange.openOrders("sandbox"), exchange.balances("sandbox")];
  for (const [fields, error] of refused) {
    assertEquals(customer.ask({ event: "amendOrder", ...fields })[0]!["errorMessage"], error);
    assertEquals([exchange.openOrders("sandbox"), exchange.balances("sandbox")], before);
    advance(exchange, 10_000);
  }
});

Deno.test("editOrder puts a new order in the place of the old one", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const { txid } = customer.add({ price: "9000", volume: "5", userref: "3" });
  const [answer] = customer.ask({ event: "editOrder", orderid: txid, pair: "XBT/USD", price: "10000", reqid: 3 });
  const successor = exchange.openOrders("sandbox")[0]!;
  assertEquals(answer, {
    descr: "buy 5.00000000 XBTUSD @ limit 10000.0",
    event: "editOrderStatus",
    originaltxid: txid,
    reqid: 3,
    status: "ok",
    txid: successor.txid,
  });
  assertEquals([successor.refid, successor.price, successor.userref], [txid, "10000.00000", 3]);
  assertEquals(exchange.orders("sandbox").map((order) => order.status), ["canceled", "open"]);
  const refused: [Answer, string][] = [
    [{ orderid: txid, pair: "XBT/USD" }, "EOrder:Unknown order"],
    [{ orderid: "3", pair: "XBT/EUR" }, "EGeneral:Invalid arguments:pair"],
    [{ orderid: "3", pair: "XBT/USD", price: "0.05" }, "EOrder:Tick size check failed"],
    [{ orderid: "3", pair: "XBT/USD", volume: "500" }, "EOrder:Insufficient funds"],
  ];
  for (const [fields, error] of refused) {
    advance(exchange, 10_000);
    assertEquals(customer.ask({ event: "editOrder", ...fields })[0]!["errorMessage"], error);
  }
  const validated = customer.ask({
    event: "editOrder",
    orderid: "3",
    pair: "XBT/USD",
    volume: "1",
    validate: true,
  })[0]!;
  assertEquals([validated["status"], validated["txid"]], ["ok", undefined]);
  assertEquals(exchange.openOrders("sandbox"), [successor]);
});

Deno.test("the rate counter refuses what passes it, and forgets with time", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const addAndCancel = () => {
    const { txid, errorMessage } = customer.add(LIMIT);
    if (txid !== undefined) customer.ask({ event: "cancelOrder", txid: [txid] });
    return errorMessage;
  };
  // One for the order and eight for canceling it at once: after 14 of them the counter stands at 126.
  const answers = Array.from({ length: 15 }, addAndCancel);
  assertEquals(answers.indexOf("EOrder:Rate limit exceeded"), 14);
  advance(exchange, 2000);
  assertEquals(addAndCancel(), undefined);
  assertEquals(customer.add({ ...LIMIT, pair: "XBT/EUR" })["status"], "ok");
});

Deno.test("there may be eighty open orders in a pair", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const add = () => customer.add({ price: "900", volume: "0.001" })["errorMessage"];
  for (let count = 0; count < 80; count++) assertEquals(add(), undefined);
  assertEquals(add(), "EOrder:Orders limit exceeded");
});

Deno.test("private feeds open with a snapshot and count their messages from 1", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  customer.add({ ordertype: "market", volume: "0.01" });
  const { txid } = customer.add({ ...LIMIT, cl_ord_id: "mine" });
  const client = connect(exchange, "private");
  const subscribe = (name: string, options = {}) => {
    client.take();
    client.send({ event: "subscribe", reqid: 0, subscription: { name, token: customer.token, ...options } });
    return client.take().map((frame) => JSON.parse(frame));
  };
  const [status, snapshot] = subscribe("openOrders", { ratecounter: true });
  assertEquals(status, {
    channelName: "openOrders",
    event: "subscriptionStatus",
    reqid: 0,
    status: "subscribed",
    subscription: { maxratecount: 125, name: "openOrders" },
  });
  assertEquals(snapshot.slice(1), ["openOrders", { sequence: 1 }]);
  const whole = snapshot[0][0][txid];
  assertEquals([whole.status, whole.cl_ord_id, whole.ratecount], ["open", "mine", 2]);
  const [, trades] = subscribe("ownTrades");
  assertEquals([trades[0].length, trades[1], trades[2]], [1, "ownTrades", { sequence: 1 }]);
  customer.ask({ event: "cancelOrder", cl_ord_id: ["mine"] });
  const [update] = client.take().map((frame) => JSON.parse(frame));
  assertEquals([update[0][0][txid].status, update[2]], ["canceled", { sequence: 2 }]);
});

Deno.test("the fills of a taker are one trade unless they are asked for one by one", () => {
  const exchange = quiet();
  const client = connect(exchange, "private");
  const token = exchange.issueToken();
  const other = connect(exchange, "private");
  const subscription = { name: "ownTrades", token, snapshot: false };
  client.send({ event: "subscribe", subscription });
  other.send({ event: "subscribe", subscription: { ...subscription, consolidate_taker: false } });
  client.take();
  other.take();
  openCustomer(exchange).add({ ordertype: "market", volume: "1" });
  const trades = (frames: string[]) =>
    frames.flatMap((frame) => JSON.parse(frame)[0].flatMap(Object.values)) as Answer[];
  const [joined, single] = [trades(client.take()), trades(other.take())];
  assertEquals(joined.length, 1);
  assert(single.length > 1);
  const sum = (field: string) => single.reduce((all, trade) => all + BigInt(trade[field].replace(".", "")), 0n);
  assertEquals([joined[0]!["vol"], joined[0]!["cost"], joined[0]!["fee"]], [
    formatFixed(sum("vol"), 8),
    formatFixed(sum("cost"), 5),
    formatFixed(sum("fee"), 5),
  ]);
});

Deno.test("what cannot be subscribed on the private endpoint is refused", () => {
  const exchange = quiet();
  const token = exchange.issueToken();
  const client = connect(exchange, "private");
  const refused: [Answer, string][] = [
    [{ subscription: { name: "balances", token } }, "Subscription name invalid"],
    [{ subscription: { name: "ticker" }, pair: ["XBT/USD"] }, "Public channels not available in this endpoint"],
    [
      { subscription: { name: "openOrders", token }, pair: ["XBT/USD"] },
      "Pair field unsupported for this subscription type",
    ],
    [{ subscription: { name: "openOrders", token, depth: 10 } }, "Subscription object unsupported field"],
    [{ subscription: { name: "openOrders" } }, "ESession:Invalid session"],
    [{ subscription: { name: "openOrders", token: "x" } }, "ESession:Invalid session"],
    [{}, "Subscription field must be an object"],
  ];
  for (const [fields, error] of refused) {
    client.take();
    client.send({ event: "subscribe", ...fields });
    const [answer] = client.take();
    assertEquals(JSON.parse(answer!).errorMessage, error);
    assert(!answer!.includes(token));
  }
  client.send({ event: "unsubscribe", subscription: { name: "openOrders", token } });
  assertEquals(JSON.parse(client.take()[0]!).errorMessage, "Subscription Not Found");
  client.send({ event: "subscribe", subscription: { name: "openOrders", token } });
  client.send({ event: "subscribe", subscription: { name: "openOrders", token } });
  assertEquals(JSON.parse(client.take().at(-1)!).errorMessage, "Already subscribed");
  client.send({ event: "unsubscribe", subscription: { name: "openOrders", token } });
  assertEquals(JSON.parse(client.take().at(-1)!).status, "unsubscribed");
});

Deno.test("a token must be used within 900 seconds, and lives as long as a subscription holds it", () => {
  const exchange = quiet();
  const [used, unused] = [exchange.issueToken(), exchange.issueToken()];
  const client = connect(exchange, "private");
  client.send({ event: "subscribe", subscription: { name: "openOrders", token: used } });
  advance(exchange, 900_000);
  const order = (token: string) => {
    client.take();
    client.send({ event: "cancelAll", token });
    return JSON.parse(client.take()[0]!).errorMessage;
  };
  assertEquals(order(used), undefined);
  assertEquals(order(unused), "ESession:Invalid session");
  client.send({ event: "unsubscribe", subscription: { name: "openOrders", token: used } });
  assertEquals(order(used), "ESession:Invalid session");
});

Deno.test("the state of the market decides which orders it takes", () => {
  const attempt = (state: "maintenance" | "cancel_only" | "post_only", order: (customer: Customer) => Answer) => {
    const exchange = quiet();
    const customer = openCustomer(exchange);
    customer.add({ ...LIMIT, userref: "1" });
    exchange.private.state = state;
    return order(customer)["errorMessage"];
  };
  const add = (customer: Customer) => customer.add(LIMIT);
  const post = (customer: Customer) => customer.add({ ...LIMIT, oflags: "post" });
  const cancel = (customer: Customer) => customer.ask({ event: "cancelOrder", txid: ["1"] })[0]!;
  assertEquals(attempt("maintenance", add), "EService:Unavailable");
  assertEquals(attempt("maintenance", cancel), "EService:Unavailable");
  assertEquals(attempt("cancel_only", add), "EService:Market in cancel_only mode");
  assertEquals(attempt("cancel_only", cancel), undefined);
  assertEquals(attempt("post_only", add), "EService:Market in post_only mode");
  assertEquals(attempt("post_only", post), undefined);
});
