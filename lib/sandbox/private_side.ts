/**
 * Everything behind a token: accounts, their orders, feeds and limits.
 *
 * Pure but for its own state.
 *
 * @module
 */

import { parseFixed } from "./fixed.ts";
import { Account, AMOUNT_DECIMALS } from "./ledger.ts";
import type { Market } from "./market.ts";
import type { UserOrder } from "./orders.ts";
import { assetName, type Pair } from "./pairs.ts";
import { PrivateFeeds } from "./private_feeds.ts";
import type { Random } from "./random.ts";
import { MAX_RATE_COUNT, RateCounter } from "./rate_counter.ts";
import { Refusal } from "./refusal.ts";
import type { Entry, Schedule } from "./schedule.ts";
import type { Trade } from "./settlement.ts";
import { API_KEYS, Tokens } from "./tokens.ts";
import { Trading, type TradingContext } from "./trading.ts";

/** What an account begins with unless the sandbox was told otherwise. */
export const DEFAULT_BALANCES: Readonly<Record<string, string>> = {
  USD: "100000",
  EUR: "100000",
  XBT: "10",
  ETH: "100",
  LTC: "500",
  SOL: "500",
  XRP: "50000",
  XDG: "1000000",
  ADA: "50000",
  DOT: "5000",
  ATOM: "5000",
  USDC: "50000",
  USDT: "50000",
};

/** What the exchange takes at the moment. */
export type SystemState = "online" | "maintenance" | "cancel_only" | "post_only";

/** What the private side needs of the exchange. */
export interface Surroundings {
  readonly nowMicros: number;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly balances: Readonly<Record<string, string>>;
  readonly maxRateCount: number | undefined;
  /** Whether the next private message skips a number. */
  readonly skips: () => boolean;
  market(wsname: string): Market | undefined;
}

const ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Accounts and what they do. */
export class PrivateSide implements TradingContext {
  readonly tokens: Tokens;
  readonly trading: Trading;
  readonly feeds: PrivateFeeds;
  readonly maxRateCount: number;
  state: SystemState = "online";
  readonly #surroundings: Surroundings;
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #counters = new Map<string, RateCounter>();
  readonly #deadMen = new Map<Account, Entry>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.tokens = new Tokens(surroundings.random);
    this.maxRateCount = surroundings.maxRateCount ?? MAX_RATE_COUNT;
    this.feeds = new PrivateFeeds({
      rateCount: ({ account, spec }) => this.#counter(account, spec.pair).count(this.nowMicros),
      skips: surroundings.skips,
    });
    const names = new Set(API_KEYS.map((key) => key.account));
    this.#accounts = new Map([...names].map((name) => [name, openAccount(name, surroundings.balances)]));
    this.trading = new Trading(this);
  }

  get nowMicros(): number {
    return this.#surroundings.nowMicros;
  }

  get schedule(): Schedule {
    return this.#surroundings.schedule;
  }

  get events() {
    return {
      order: (order: UserOrder, update: Readonly<Record<string, unknown>>) => this.feeds.order(order, update),
      trades: (trades: readonly Trade[]) => this.feeds.trades(trades),
    };
  }

  get accounts(): Iterable<Account> {
    return this.#accounts.values();
  }

  /** An id as the exchange writes them: `OGTT3Y-C6I3P-XRI6HX`. */
  createId(prefix: "O" | "T"): string {
    const { random } = this.#surroundings;
    return [prefix + random.text(5, ID_CHARACTERS), random.text(5, ID_CHARACTERS), random.text(6, ID_CHARACTERS)].join(
      "-",
    );
  }

  market(wsname: string): Market | undefined {
    return this.#surroundings.market(wsname);
  }

  /** @throws {RangeError} If there is no such account. */
  account(name: string): Account {
    const account = this.#accounts.get(name);
    if (account === undefined) throw new RangeError(`Cannot find account "${name}"`);
    return account;
  }

  /**
   * Counts a transaction towards the trading limit.
   *
   * @throws {Refusal} If it passes the limit.
   */
  charge(account: Account, pair: Pair, cost: number): void {
    const isWithin = this.#counter(account, pair).charge(cost, { nowMicros: this.nowMicros, limit: this.maxRateCount });
    if (!isWithin) throw new Refusal("EOrder:Rate limit exceeded");
  }

  /** Counts a cancellation, which is never refused. */
  note(account: Account, pair: Pair, cost: number): void {
    this.#counter(account, pair).charge(cost, { nowMicros: this.nowMicros, limit: Infinity });
  }

  /**
   * Refuses what the exchange does not take at the moment.
   *
   * @throws {Refusal} With the market's mode.
   */
  checkState(action: "add" | "cancel", isPostOnly: boolean): void {
    if (this.state === "maintenance") throw new Refusal("EService:Unavailable");
    if (action === "cancel" || this.state === "online") return;
    if (this.state === "cancel_only") throw new Refusal("EService:Market in cancel_only mode");
    if (!isPostOnly) throw new Refusal("EService:Market in post_only mode");
  }

  /** Cancels all live orders of an account; how many there were. */
  cancelAll(account: Account, reason: string): number {
    const orders = this.trading.orders.liveOf(account);
    for (const order of orders) this.trading.end(order, { status: "canceled", reason });
    return orders.length;
  }

  /** Sets or, with 0 seconds, lifts the dead man's switch; when it will cancel everything. */
  cancelAllAfter(account: Account, seconds: number): number | undefined {
    this.#deadMen.get(account)?.cancel();
    this.#deadMen.delete(account);
    if (seconds === 0) return undefined;
    const atMicros = this.nowMicros + seconds * 1e6;
    const fire = () => {
      this.#deadMen.delete(account);
      this.cancelAll(account, "Cancel all orders after timeout");
    };
    this.#deadMen.set(account, this.schedule.at(atMicros, fire));
    return atMicros;
  }

  #counter(account: Account, pair: Pair): RateCounter {
    const key = `${account.name} ${pair.wsname}`;
    const counter = this.#counters.get(key) ?? new RateCounter();
    this.#counters.set(key, counter);
    return counter;
  }
}

function openAccount(name: string, balances: Readonly<Record<string, string>>): Account {
  const account = new Account(name);
  for (const [asset, text] of Object.entries(balances)) {
    const amount = parseFixed(text, AMOUNT_DECIMALS);
    if (amount === undefined) {
      throw new RangeError(`Cannot open an account with "${text}" ${asset}: expected a decimal`);
    }
    account.deposit(assetName(asset), amount);
  }
  return account;
}
