import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatFixed } from "../../lib/sandbox/fixed.ts";
import { connect, openExchange } from "./_exchange.ts";
import { type Customer, openCustomer } from "./_customer.ts";

/** An exchange whose crowd sleeps, so that a test is alone with the book. */
const quiet = () => openExchange({ speed: 1e-9, pairs: ["XBT/USD"] });

Deno.test("a limit order away from the market lives as pending, open, canceled", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const { txid, ...answer } = customer.add({ price: "9000", volume: "1.5", reqid: 11 });
  assertEquals(answer, {
    descr: "buy 1.50000000 XBTUSD @ limit 9000.0",
    event: "addOrderStatus",
    reqid: 11,
    status: "ok",
  });
  assertMatch(txid, /^O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/);
  assertEquals(customer.ask({ event: "cancelOrder", txid: [txid], reqid: 12 }), [
    { event: "cancelOrderStatus", reqid: 12, status: "ok" },
  ]);
  const time = formatFixed(BigInt(exchange.nowMicros), 6);
  assertEquals(customer.heard("openOrders"), [
    [txid, {
      avg_price: "0.00000",
      cost: "0.00000",
      descr: {
        close: null,
        leverage: null,
        order: "buy 1.50000000 XBT/USD @ limit 9000.00000",
        ordertype: "limit",
        pair: "XBT/USD",
        price: "9000.00000",
        price2: "0.00000",
        type: "buy",
      },
      expiretm: null,
      fee: "0.00000",
      limitprice: "0.00000",
      misc: "",
      oflags: "fciq",
      opentm: time,
      refid: null,
      starttm: null,
      status: "pending",
      stopprice: "0.00000",
      timeinforce: "GTC",
      userref: 0,
      vol: "1.50000000",
      vol_exec: "0.00000000",
    }],
    [txid, { status: "open", userref: 0 }],
    [txid, {
      lastupdated: time,
      status: "canceled",
      vol_exec: "0.00000000",
      cost: "0.00000",
      fee: "0.00000",
      avg_price: "0.00000",
      userref: 0,
      cancel_reason: "User requested",
    }],
  ]);
});

Deno.test("a market order is filled from the public book, pays the taker's fee and is told as it is captured live", () => {
  const exchange = quiet();
  const publicClient = connect(exchange);
  publicClient.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "trade" } });
  publicClient.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book" } });
  const best = JSON.parse(publicClient.take().at(-1)!)[1].as[0];
  const customer = openCustomer(exchange);
  const { txid } = customer.add({ ordertype: "market", volume: "0.01", userref: "5" });
  const cost = BigInt(best[0].replace(".", "")) / 100n;
  const money = (units: bigint) => formatFixed(units, 5);
  const done = {
    vol_exec: "0.01000000",
    cost: money(cost),
    fee: money(cost * 40n / 10_000n),
    avg_price: best[0],
    userref: 5,
  };
  const time = formatFixed(BigInt(exchange.nowMicros), 6);
  const heard = customer.heard("openOrders");
  assertEquals(heard.slice(1), [
    [txid, { status: "open", userref: 5 }],
    [txid, done],
    [txid, { lastupdated: time, status: "closed", ...done }],
  ]);
  assertEquals(heard[0]![1]["descr"].order, "buy 0.01000000 XBT/USD @ market 0.00000");
  const [[id, trade]] = customer.heard("ownTrades") as [[string, Record<string, string>]];
  assertMatch(id, /^T/);
  const { postxid, ...told } = trade;
  assertMatch(postxid!, /^T/);
  assertEquals(told as unknown, {
    cost: done.cost,
    fee: done.fee,
    margin: "0.00000",
    ordertxid: txid,
    ordertype: "market",
    pair: "XBT/USD",
    price: best[0],
    time,
    type: "buy",
    vol: "0.01000000",
    userref: 5,
  });
  const [printed, moved] = publicClient.take().map((frame) => JSON.parse(frame));
  assertEquals(printed[1], [[best[0], "0.01000000", time, "b", "m", ""]]);
  assertEquals(moved[1].a[0][0], best[0]);
  assertEquals(exchange.balances("sandbox")["XBT"]!.total, "10.0100000000");
  assertEquals(
    exchange.balances("sandbox")["USD"]!.total,
    formatFixed(100_000n * 10n ** 5n - cost - cost * 40n / 10_000n, 5) + "00000",
  );
});

Deno.test("a resting order is filled by another customer at its own price, for the maker's fee", () => {
  const exchange = quiet();
  const [maker, taker] = [openCustomer(exchange), openCustomer(exchange, "sandbox-second")];
  const price = improve(exchange, "buy", 0n);
  const best = formatFixed(price, 5);
  const { txid } = maker.add({ type: "buy", price: best, volume: "0.2", oflags: "fciq" });
  const ahead = exchange.market("XBT/USD")!.book.buy.best!.volume - 20_000_000n;
  const volume = formatFixed(ahead + 5_000_000n, 8);
  taker.add({ type: "sell", ordertype: "market", volume, oflags: "fciq" });
  const fill = maker.heard("ownTrades")[0]![1];
  assertEquals([fill["price"], fill["vol"]], [best, "0.05000000"]);
  assertEquals(fill["fee"], formatFixed(price * 5_000_000n / 10n ** 8n * 25n / 10_000n, 5));
  assertEquals(exchange.openOrders("sandbox").map((order) => [order.txid, order.vol_exec]), [[txid, "0.05000000"]]);
});

Deno.test("the kinds of order come alive when the last trade reaches their price", () => {
  // The market is at about 91254; the second customer moves it.
  const cases: [order: Record<string, string>, move: "up" | "down", misc: string][] = [
    [{ type: "sell", ordertype: "stop-loss", price: "-0.1%" }, "down", "stopped"],
    [{ type: "buy", ordertype: "stop-loss", price: "+0.1%" }, "up", "stopped"],
    [{ type: "sell", ordertype: "take-profit", price: "+0.1%" }, "up", "touched"],
    [{ type: "buy", ordertype: "take-profit", price: "#0.1%" }, "down", "touched"],
    [{ type: "sell", ordertype: "stop-loss-limit", price: "-0.1%", price2: "-1%" }, "down", "stopped"],
    [{ type: "buy", ordertype: "take-profit-limit", price: "-0.1%", price2: "+1%" }, "down", "touched"],
    [{ type: "sell", ordertype: "trailing-stop", price: "+0.1%" }, "down", "stopped"],
    [{ type: "sell", ordertype: "trailing-stop-limit", price: "+50.0", price2: "-900.0" }, "down", "stopped"],
  ];
  for (const [order, move, misc] of cases) {
    const exchange = openExchange({ speed: 1e-9, pairs: ["XBT/USD"], balances: { USD: "900000000", XBT: "1000" } });
    const [customer, mover] = [openCustomer(exchange), openCustomer(exchange, "sandbox-second")];
    const answer = customer.add({ ...order, volume: "0.01" });
    assertEquals(answer["status"], "ok", JSON.stringify(answer));
    assertEquals(exchange.openOrders("sandbox").length, 1);
    moveMarket(exchange, mover, move === "up" ? 120n : -120n);
    assertEquals(exchange.orders("sandbox")[0]!.status, "closed", JSON.stringify(order));
    const updates = customer.heard("openOrders").map(([, fields]) => fields);
    assertEquals(updates.map((fields) => fields["status"] ?? fields["misc"] ?? "fill"), [
      "pending",
      "open",
      misc,
      "fill",
      "closed",
    ]);
  }
});

Deno.test("a trailing stop follows the market up and turns with it", () => {
  const exchange = openExchange({ speed: 1e-9, pairs: ["XBT/USD"], balances: { USD: "900000000", XBT: "1000" } });
  const [customer, mover] = [openCustomer(exchange), openCustomer(exchange, "sandbox-second")];
  customer.add({ type: "sell", ordertype: "trailing-stop", price: "+400.0", volume: "0.01" });
  const before = exchange.market("XBT/USD")!.lastPrice;
  moveMarket(exchange, mover, 500n);
  assert(exchange.market("XBT/USD")!.lastPrice >= before + 500_00000n);
  assertEquals(exchange.openOrders("sandbox").length, 1);
  // What was bought away left a gap, so one sale falls back to where the market began: 500 below the peak.
  moveMarket(exchange, mover, -1n);
  assertEquals(exchange.openOrders("sandbox").length, 0);
  assert(exchange.market("XBT/USD")!.lastPrice > before - 100_00000n);
});

Deno.test("post, IOC and market orders end with a reason when they are not filled", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const ask = formatFixed(exchange.market("XBT/USD")!.book.sell.best!.price, 5);
  customer.add({ price: ask, volume: "0.1", oflags: "post" });
  customer.add({ price: "9000", volume: "0.1", timeinforce: "IOC" });
  const partial = formatFixed(exchange.market("XBT/USD")!.book.sell.best!.volume + 1000n, 8);
  customer.add({ price: ask, volume: partial, timeinforce: "IOC" });
  assertEquals(exchange.orders("sandbox").map((order) => [order.status, order.cancel_reason]), [
    ["canceled", "Post only order"],
    ["canceled", "Immediate or cancel"],
    ["canceled", "Immediate or cancel"],
  ]);
  assert(exchange.orders("sandbox")[2]!.vol_exec !== "0.00000000");
});

Deno.test("orders start and expire when they were told to", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  customer.add({ price: "9000", volume: "0.1", starttm: "+10", expiretm: "+30" });
  const status = () => exchange.orders("sandbox")[0]!.status;
  assertEquals(status(), "pending");
  exchange.advanceTo(exchange.nowMicros + 10e6);
  assertEquals(status(), "open");
  exchange.advanceTo(exchange.nowMicros + 19e6);
  assertEquals(status(), "open");
  exchange.advanceTo(exchange.nowMicros + 1e6);
  assertEquals(status(), "expired");
  assertEquals(customer.heard("openOrders").map(([, fields]) => fields["status"]), ["pending", "open", "expired"]);
  assertEquals(exchange.balances("sandbox")["USD"]!.held, "0.0000000000");
});

Deno.test("an order never trades with its own account; stp_type says which one goes", () => {
  const outcome = (stp_type: string | undefined) => {
    const exchange = quiet();
    const customer = openCustomer(exchange);
    const price = formatFixed(improve(exchange, "buy", 0n), 5);
    customer.add({ price, volume: "0.1" });
    // Only our own order stands at the best once the crowd's there are taken.
    const crowd = exchange.market("XBT/USD")!.book.buy.best!.volume - 10_000_000n;
    if (crowd > 0n) {
      openCustomer(exchange, "sandbox-second").add({
        type: "sell",
        ordertype: "market",
        volume: formatFixed(crowd, 8),
      });
    }
    customer.add({ type: "sell", price, volume: "0.1", stp_type });
    return exchange.orders("sandbox").map((order) => order.status);
  };
  assertEquals(outcome(undefined), ["open", "canceled"]);
  assertEquals(outcome("cancel_newest"), ["open", "canceled"]);
  assertEquals(outcome("cancel_oldest"), ["canceled", "open"]);
  assertEquals(outcome("cancel_both"), ["canceled", "canceled"]);
});

Deno.test("a conditional close follows the fill, for its volume, in the other direction", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  const { txid } = customer.add({
    ordertype: "market",
    volume: "0.01",
    "close[ordertype]": "stop-loss-limit",
    "close[price]": "37000",
    "close[price2]": "36000",
  });
  exchange.advanceTo(exchange.nowMicros + 1000);
  const [close] = exchange.openOrders("sandbox");
  assertEquals([close?.refid, close?.type, close?.ordertype, close?.vol, close?.price], [
    txid,
    "sell",
    "stop-loss-limit",
    "0.01000000",
    "37000.00000",
  ]);
});

Deno.test("viqc spends a cost instead of buying a volume", () => {
  const exchange = quiet();
  openCustomer(exchange).add({ ordertype: "market", volume: "500", oflags: "viqc" });
  const [order] = exchange.orders("sandbox");
  assertEquals(order?.status, "closed");
  assert(Number(order?.cost) <= 500 && Number(order?.cost) > 499.9);
});

Deno.test("a margin position opens and closes, and its profit or loss is paid in the quote", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  customer.add({ ordertype: "market", volume: "0.5", leverage: "5" });
  const [first] = customer.heard("ownTrades").map(([, trade]) => trade);
  const cost = Number(exchange.orders("sandbox")[0]!.cost);
  assert(Math.abs(Number(first!["margin"]) - cost / 5) < 0.001);
  assert(Math.abs(Number(exchange.balances("sandbox")["USD"]!.held) - cost / 5) < 0.01);
  assertEquals(exchange.balances("sandbox")["XBT"]!.total, "10.0000000000");
  assertEquals(
    customer.add({ type: "buy", ordertype: "market", volume: "0.1", leverage: "5", reduce_only: true })["errorMessage"],
    "EOrder:Reduce only:Non-PC",
  );
  customer.add({ type: "sell", ordertype: "market", volume: "2", leverage: "5", reduce_only: true });
  const [opened, closed] = exchange.orders("sandbox");
  assertEquals(closed!.vol_exec, "0.50000000");
  const paid = ["cost", "fee"] as const;
  const [out, outFee] = paid.map((field) => BigInt(opened![field].replace(".", "")));
  const [back, backFee] = paid.map((field) => BigInt(closed![field].replace(".", "")));
  assertEquals(exchange.balances("sandbox")["USD"], {
    total: formatFixed(100_000n * 10n ** 5n - out! + back! - outFee! - backFee!, 5) + "00000",
    held: "0.0000000000",
  });
});

Deno.test("settle-position pays for a position instead of selling it", () => {
  const exchange = quiet();
  const customer = openCustomer(exchange);
  assertEquals(
    customer.add({ type: "sell", ordertype: "settle-position", volume: "0", leverage: "5" })["errorMessage"],
    "EOrder:Unknown position",
  );
  customer.add({ ordertype: "market", volume: "0.5", leverage: "5" });
  customer.add({ type: "sell", ordertype: "settle-position", volume: "0", leverage: "5" });
  assertEquals(exchange.balances("sandbox")["XBT"]!.total, "10.5000000000");
  assertEquals(exchange.balances("sandbox")["USD"]!.held, "0.0000000000");
});

/** Trades until the last price of XBT/USD has moved by so many whole units of the quote. */
function moveMarket(exchange: ReturnType<typeof quiet>, mover: Customer, by: bigint): void {
  const { book, lastPrice } = exchange.market("XBT/USD")!;
  const side = by > 0n ? book.sell : book.buy;
  let volume = 0n;
  for (let rank = 0; side.isBetter(side.at(rank)!.price, lastPrice + by * 10n ** 5n); rank++) {
    volume += side.at(rank)!.volume;
  }
  const answer = mover.add({
    type: by > 0n ? "buy" : "sell",
    ordertype: "market",
    volume: formatFixed(volume + 1_000_000n, 8),
  });
  assertEquals(answer["status"], "ok", JSON.stringify(answer));
}

/** The best price of a side of XBT/USD, improved by some ticks. */
function improve(exchange: ReturnType<typeof quiet>, side: "buy" | "sell", ticks: bigint): bigint {
  const market = exchange.market("XBT/USD")!;
  return market.book[side].best!.price + (side === "buy" ? 1n : -1n) * ticks * market.pair.tick;
}
