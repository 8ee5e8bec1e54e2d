/**
 * What a fill moves: coins between buyer and seller, fees, positions, and the figures of the orders it filled.
 *
 * Pure but for the ledgers it changes.
 *
 * @module
 */

import { costOf } from "./fixed.ts";
import { type Account, costAmount, Purse, transfer, volumeAmount } from "./ledger.ts";
import type { Fill } from "./matching.ts";
import type { UserOrder } from "./orders.ts";
import { type MarginResult, Positions } from "./positions.ts";

/** One order's share of a fill, as `ownTrades` tells it. */
export interface Trade {
  readonly id: string;
  readonly order: UserOrder;
  readonly price: bigint;
  readonly volume: bigint;
  readonly cost: bigint;
  readonly fee: bigint;
  readonly margin: bigint;
  readonly positionId: string;
  readonly isTaker: boolean;
  readonly atMicros: number;
}

/** The books of the house. */
export class Settlement {
  /** The synthetic traders, all together. */
  readonly crowd = new Purse();
  /** Lends for margin orders. */
  readonly desk = new Purse();
  readonly fees = new Purse();
  readonly positions: Positions;
  readonly #createTradeId: () => string;
  readonly #spotPositionId: string;

  constructor(createTradeId: () => string) {
    this.#createTradeId = createTradeId;
    this.positions = new Positions(this.desk, createTradeId);
    // On the wire all spot trades carry one and the same position id.
    this.#spotPositionId = createTradeId();
  }

  /** Books a fill; one trade for each customer's order in it. `undefined` stands for the crowd. */
  settle({ taker, price, volume }: Fill, { makerOrder, takerOrder, atMicros }: {
    readonly makerOrder: UserOrder | undefined;
    readonly takerOrder: UserOrder | undefined;
    readonly atMicros: number;
  }): readonly Trade[] {
    const pair = (takerOrder ?? makerOrder)?.spec.pair;
    if (pair === undefined) return [];
    const cost = costOf(price, volume);
    const [buyer, seller] = taker.side === "buy" ? [takerOrder, makerOrder] : [makerOrder, takerOrder];
    transfer(pair.quote, costAmount(cost, pair.priceDecimals), { from: this.#purse(buyer), to: this.#purse(seller) });
    transfer(pair.base, volumeAmount(volume), { from: this.#purse(seller), to: this.#purse(buyer) });
    const share = (order: UserOrder | undefined, isTaker: boolean) =>
      order === undefined ? [] : [this.#share(order, { price, volume, cost, isTaker, atMicros })];
    return [...share(makerOrder, false), ...share(takerOrder, true)];
  }

  /**
   * Settles a position for what it cost instead of closing it in the market.
   *
   * @returns The cost, in units of the price.
   */
  settlePosition(order: UserOrder): bigint {
    const { account, spec: { pair } } = order;
    const position = this.positions.find(account, pair)!;
    const volume = order.spec.volume;
    const basis = this.positions.reduce(position, volume);
    const [from, to] = position.side === "buy" ? [this.desk, account] : [account, this.desk];
    transfer(pair.base, volumeAmount(volume), { from, to });
    transfer(pair.quote, costAmount(basis, pair.priceDecimals), { from: to, to: from });
    order.volumeExecuted = volume;
    order.cost = basis;
    return basis;
  }

  #purse(order: UserOrder | undefined): Purse {
    if (order === undefined) return this.crowd;
    return order.spec.leverage > 0 ? this.desk : order.account;
  }

  #share(order: UserOrder, fill: {
    readonly price: bigint;
    readonly volume: bigint;
    readonly cost: bigint;
    readonly isTaker: boolean;
    readonly atMicros: number;
  }): Trade {
    const { spec, account } = order;
    const { pair } = spec;
    const rate = fill.isTaker ? pair.fees.taker : pair.fees.maker;
    const fee = feeOf(fill.cost, rate);
    if (spec.leverage === 0) {
      const spent = spec.side === "buy" ? costAmount(fill.cost, pair.priceDecimals) : volumeAmount(fill.volume);
      this.#release(order, spec.side === "buy" ? pair.quote : pair.base, spent);
    }
    const feeAsset = spec.feeIn === "base" && spec.leverage === 0 ? pair.base : pair.quote;
    const feeAmount = feeAsset === pair.base
      ? volumeAmount(feeOf(fill.volume, rate))
      : costAmount(fee, pair.priceDecimals);
    this.#release(order, feeAsset, feeAmount);
    transfer(feeAsset, feeAmount, { from: account, to: this.fees });
    const margin = spec.leverage === 0 ? undefined : this.#margin(order, fill);
    order.volumeExecuted += fill.volume;
    order.cost += fill.cost;
    order.fee += fee;
    return {
      id: this.#createTradeId(),
      order,
      ...fill,
      fee,
      margin: margin?.margin ?? 0n,
      positionId: margin?.positionId ?? this.#spotPositionId,
    };
  }

  #margin(order: UserOrder, { volume, cost }: { readonly volume: bigint; readonly cost: bigint }): MarginResult {
    const { account, spec: { pair, side, leverage } } = order;
    // What was held for this part of the order becomes the position's.
    this.#release(order, pair.quote, costAmount(cost / BigInt(leverage), pair.priceDecimals));
    return this.positions.apply({ account, pair, side, volume, cost, leverage });
  }

  #release({ hold, account }: UserOrder, asset: string, amount: bigint): void {
    if (hold?.asset === asset) account.release(hold, amount);
  }
}

/** A fee at a rate in hundredths of a percent, rounded down. */
export function feeOf(amount: bigint, rate: bigint): bigint {
  return amount * rate / 10_000n;
}

/** The sum that every owner has of an asset; no trade ever changes it. */
export function totalOf(asset: string, settlement: Settlement, accounts: Iterable<Account>): bigint {
  let total = settlement.crowd.total(asset) + settlement.desk.total(asset) + settlement.fees.total(asset);
  for (const account of accounts) total += account.total(asset);
  return total;
}
