import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Exchange } from "../../lib/sandbox/exchange.ts";
import { formatFixed } from "../../lib/sandbox/fixed.ts";
import { isLive, ORDER_TYPES } from "../../lib/sandbox/orders.ts";
import { findPair, PAIRS } from "../../lib/sandbox/pairs.ts";
import { totalOf } from "../../lib/sandbox/settlement.ts";
import { BookReader } from "./_reader.ts";
import { advance, type Client, connect, openExchange } from "./_exchange.ts";

const ASSETS = [...new Set(PAIRS.flatMap(({ base, quote }) => [base, quote]))];
const TRADED = ["XBT/USD", "ETH/XBT", "XDG/XBT", "USDT/USD"];
const ACCOUNTS = ["sandbox", "sandbox-second"];

/** Anything a customer may do, sensible or not. */
const ACTIONS = fc.record({
  kind: fc.constantFrom("add", "add", "add", "add", "add", "add", "amend", "edit", "cancel", "wait", "wait"),
  who: fc.constantFrom(0, 1),
  pair: fc.constantFrom(...TRADED),
  type: fc.constantFrom("buy", "sell"),
  ordertype: fc.constantFrom(...ORDER_TYPES, "limit", "limit", "limit", "market", "market"),
  ticks: fc.integer({ min: -40, max: 40 }),
  ticks2: fc.integer({ min: -40, max: 40 }),
  size: fc.integer({ min: 0, max: 1000 }).map((part) => part / 1000),
  leverage: fc.constantFrom(undefined, undefined, undefined, "2"),
  oflags: fc.constantFrom(undefined, undefined, "fcib", "fciq", "post"),
  timeinforce: fc.constantFrom(undefined, undefined, "IOC"),
  stp_type: fc.constantFrom(undefined, "cancel_oldest", "cancel_both"),
  close: fc.boolean(),
  reduce: fc.constantFrom(undefined, undefined, undefined, "true"),
  pick: fc.nat(),
});

Deno.test("after any orders every coin and every cent is found again, and nothing set aside is lost", () => {
  run({ isMargin: true });
});

Deno.test("without margin nobody ever disposes of more than is there", () => {
  run({ isMargin: false });
});

function run({ isMargin }: { readonly isMargin: boolean }): void {
  let executed = 0;
  fc.assert(
    fc.property(fc.array(ACTIONS, { minLength: 300, maxLength: 300 }), (actions) => {
      const exchange = openExchange({ maxRateCount: 1e9, pairs: TRADED });
      const clients = ACCOUNTS.map((account) => new Customer(exchange, account));
      const before = totals(exchange);
      const watcher = new Watcher(exchange);
      for (const action of actions) {
        clients[action.who]!.act(isMargin ? action : { ...action, leverage: undefined });
        check(exchange, before);
        watcher.check();
        if (!isMargin) checkAvailable(exchange);
      }
      for (const client of clients) client.checkFeeds();
      for (const client of clients) client.cancelAll();
      check(exchange, before);
      watcher.check();
      for (const client of clients) client.checkFeeds();
      for (const account of ACCOUNTS) {
        assertEquals(exchange.openOrders(account), []);
        for (const order of exchange.orders(account)) if (order.vol_exec !== "0.00000000") executed++;
      }
    }),
    { numRuns: 12, seed: 7, endOnFailure: true },
  );
  assert(executed > 500);
}

function checkAvailable(exchange: Exchange): void {
  for (const name of ACCOUNTS) {
    const account = exchange.private.account(name);
    for (const asset of ASSETS) assert(account.available(asset) >= 0n, `${name} ${asset}`);
  }
}

/** The promises that must hold at any moment. */
function check(exchange: Exchange, before: readonly bigint[]): void {
  assertEquals(totals(exchange), before);
  const { trading } = exchange.private;
  for (const name of ACCOUNTS) {
    const account = exchange.private.account(name);
    const held = new Map<string, bigint>();
    const add = (hold: { readonly asset: string; readonly left: bigint } | undefined) => {
      if (hold === undefined) return;
      assert(hold.left >= 0n);
      held.set(hold.asset, (held.get(hold.asset) ?? 0n) + hold.left);
    };
    for (const order of trading.orders.of(account)) {
      assert(order.volumeExecuted <= order.spec.volume);
      assertEquals(isLive(order) || order.hold === undefined, true);
      add(order.hold);
    }
    for (const wsname of TRADED) add(trading.settlement.positions.find(account, findPair(wsname)!)?.hold);
    for (const asset of ASSETS) assertEquals(account.held(asset), held.get(asset) ?? 0n, `${name} ${asset}`);
  }
  for (const wsname of TRADED) {
    const { buy, sell } = exchange.market(wsname)!.book;
    if (buy.best && sell.best) assert(buy.best.price < sell.best.price);
  }
}

function totals(exchange: Exchange): readonly bigint[] {
  return ASSETS.map((asset) => totalOf(asset, exchange.private.trading.settlement, exchange.private.accounts));
}

/** A stranger who watches the public books while others trade. */
class Watcher {
  readonly #client: Client;
  readonly #readers = new Map<string, BookReader>();

  constructor(exchange: Exchange) {
    this.#client = connect(exchange);
    for (const depth of [10, 25]) {
      this.#client.send({ event: "subscribe", pair: TRADED, subscription: { name: "book", depth } });
      for (const pair of TRADED) this.#readers.set(`book-${depth} ${pair}`, new BookReader(depth));
    }
  }

  /** Every checksum must be that of the watcher's own book. */
  check(): void {
    for (const frame of this.#client.take()) {
      if (!frame.startsWith("[")) continue;
      const reader = this.#readers.get(JSON.parse(frame).slice(-2).join(" "))!;
      reader.apply(frame);
      assertEquals(reader.checksums.right, reader.checksums.seen);
    }
  }
}

class Customer {
  readonly #exchange: Exchange;
  readonly #account: string;
  readonly #client: Client;
  readonly #token: string;
  readonly #told = new Map<string, Record<string, string>>();
  readonly #traded = new Map<string, bigint>();
  readonly #sequences = new Map<string, number>();

  constructor(exchange: Exchange, account: string) {
    this.#exchange = exchange;
    this.#account = account;
    this.#client = connect(exchange, "private");
    this.#token = exchange.issueToken(account);
    for (const name of ["openOrders", "ownTrades"]) {
      this.#client.send({ event: "subscribe", subscription: { name, token: this.#token } });
    }
  }

  /** What the feeds have told must add up to what is. */
  checkFeeds(): void {
    for (const frame of this.#client.take()) {
      if (!frame.startsWith("[")) continue;
      const [entries, feed, { sequence }] = JSON.parse(frame);
      assertEquals(sequence, (this.#sequences.get(feed) ?? 0) + 1);
      this.#sequences.set(feed, sequence);
      for (const [id, fields] of entries.flatMap(Object.entries) as [string, Record<string, string>][]) {
        if (feed === "openOrders") this.#told.set(id, { ...this.#told.get(id), ...fields });
        else {this.#traded.set(
            fields["ordertxid"]!,
            (this.#traded.get(fields["ordertxid"]!) ?? 0n) + digits(fields["vol"]!),
          );}
      }
    }
    for (const { txid, status, vol_exec, cost, fee, ordertype } of this.#exchange.orders(this.#account)) {
      const told = this.#told.get(txid);
      // A conditional close may be canceled before it has begun; nobody hears of its beginning then.
      assertEquals([told?.["status"], told?.["vol_exec"], told?.["cost"], told?.["fee"]], [
        status,
        vol_exec,
        cost,
        fee,
      ]);
      if (ordertype !== "settle-position") assertEquals(this.#traded.get(txid) ?? 0n, digits(vol_exec));
    }
  }

  act(action: Parameters<Parameters<typeof ACTIONS.map>[0]>[0]): void {
    const orders = this.#exchange.openOrders(this.#account);
    const chosen = orders[action.pick % Math.max(1, orders.length)];
    if (action.kind === "wait") return advance(this.#exchange, 200);
    if (action.kind === "add") return this.#add(action);
    if (chosen === undefined) return;
    const pair = findPair(chosen.pair)!;
    const price = this.#price(chosen.pair, action.ticks);
    const volume = formatFixed(pair.ordermin * BigInt(1 + Math.floor(action.size * 50)), 8);
    if (action.kind === "cancel") this.#send({ event: "cancelOrder", txid: [chosen.txid] });
    else if (action.kind === "amend") {
      this.#send({ event: "amendOrder", txid: chosen.txid, limit_price: price, volume });
    } else this.#send({ event: "editOrder", orderid: chosen.txid, pair: chosen.pair, price, volume });
  }

  cancelAll(): void {
    this.#send({ event: "cancelAll" });
  }

  #add({ pair: name, type, ordertype, ticks, ticks2, size, ...action }: Parameters<Customer["act"]>[0]): void {
    const pair = findPair(name)!;
    // From a few minimal orders to more than anyone has.
    const volume = pair.ordermin * BigInt(1 + Math.floor(size ** 6 * 500_000));
    const isTrailing = ordertype.startsWith("trailing");
    const step = formatFixed(pair.tick * BigInt(1 + Math.abs(ticks)), pair.priceDecimals);
    this.#send({
      event: "addOrder",
      pair: name,
      type,
      ordertype,
      volume: formatFixed(volume, 8),
      price: /^(market|settle-position)$/.test(ordertype)
        ? undefined
        : isTrailing
        ? `+${step}`
        : this.#price(name, ticks),
      price2: !/.-limit$/.test(ordertype) ? undefined : isTrailing ? `-${step}` : this.#price(name, ticks2),
      leverage: action.leverage,
      reduce_only: action.leverage === undefined ? undefined : action.reduce,
      oflags: ordertype !== "limit" && action.oflags === "post" ? undefined : action.oflags,
      timeinforce: action.oflags === "post" ? undefined : action.timeinforce,
      stp_type: action.stp_type,
      ...action.close ? { "close[ordertype]": "limit", "close[price]": this.#price(name, ticks2) } : {},
    });
  }

  #price(name: string, ticks: number): string {
    const { pair, lastPrice } = this.#exchange.market(name)!;
    const price = lastPrice + BigInt(ticks) * pair.tick;
    return formatFixed(price > pair.tick ? price : pair.tick, pair.priceDecimals);
  }

  #send(request: Readonly<Record<string, unknown>>): void {
    this.#client.send({ ...request, token: this.#token });
  }
}

function digits(decimal: string): bigint {
  return BigInt(decimal.replace(".", ""));
}
