/**
 * What an order needs of its account, and setting it aside.
 *
 * Pure but for the account.
 *
 * @module
 */

import { costToTake } from "./book_walk.ts";
import { costOf } from "./fixed.ts";
import { type Account, costAmount, type Hold, volumeAmount } from "./ledger.ts";
import type { Market } from "./market.ts";
import type { OrderSpec } from "./orders.ts";
import type { Position } from "./positions.ts";
import { Refusal } from "./refusal.ts";
import { feeOf } from "./settlement.ts";

/** What was set aside, and in which asset the fee will be taken. */
export interface Reserve {
  readonly hold: Hold;
  readonly feeIn: "base" | "quote";
}

/**
 * Sets aside what an order may cost at worst.
 *
 * @param options.position The account's margin position in the pair, if the order is about it.
 * @throws {Refusal} If the account does not have it.
 */
export function holdFor(spec: OrderSpec, { account, market, position }: {
  readonly account: Account;
  readonly market: Market;
  readonly position: Position | undefined;
}): Reserve {
  const { pair, side, feeIn } = spec;
  if (spec.ordertype === "settle-position" && position !== undefined) {
    return { hold: holdForSettling(spec, { account, position }), feeIn };
  }
  if (spec.leverage > 0) return { hold: holdForMargin(spec, { account, market, position }), feeIn: "quote" };
  if (side === "sell") {
    const volume = volumeAmount(spec.volume);
    const fee = volumeAmount(feeOf(spec.volume, pair.fees.taker));
    const withFee = feeIn === "base" ? account.hold(pair.base, volume + fee) : undefined;
    if (withFee !== undefined) return { hold: withFee, feeIn };
    // Taking the fee in base is a preference: who sells all there is pays it out of the proceeds.
    return { hold: granted(account.hold(pair.base, volume), "EOrder:Insufficient funds"), feeIn: "quote" };
  }
  const cost = worstCost(spec, { account, market });
  const amount = costAmount(feeIn === "quote" ? cost + feeOf(cost, pair.fees.taker) : cost, pair.priceDecimals);
  return { hold: granted(account.hold(pair.quote, amount), "EOrder:Insufficient funds"), feeIn };
}

function holdForMargin(spec: OrderSpec, { account, market, position }: {
  readonly account: Account;
  readonly market: Market;
  readonly position: Position | undefined;
}): Hold {
  const { pair, leverage, volume } = spec;
  const cost = worstCost(spec, { account, market });
  const reducing = position === undefined || position.side === spec.side ? 0n : position.volume;
  const adding = volume > reducing ? volume - reducing : 0n;
  const margin = volume === 0n ? 0n : cost * adding / volume / BigInt(leverage);
  const amount = costAmount(margin + feeOf(cost, pair.fees.taker), pair.priceDecimals);
  // Who closes a position must always be able to, so nothing has to be there for it.
  if (adding === 0n) return account.setAside(pair.quote, 0n);
  return granted(account.hold(pair.quote, amount), "EOrder:Insufficient margin");
}

function holdForSettling({ pair, volume }: OrderSpec, { account, position }: {
  readonly account: Account;
  readonly position: Position;
}): Hold {
  const cost = position.cost * volume / position.volume;
  const hold = position.side === "buy"
    ? account.hold(pair.quote, costAmount(cost, pair.priceDecimals))
    : account.hold(pair.base, volumeAmount(volume));
  return granted(hold, "EOrder:Insufficient funds");
}

function worstCost(spec: OrderSpec, { account, market }: {
  readonly account: Account;
  readonly market: Market;
}): bigint {
  const { side, volume, ordertype } = spec;
  if (ordertype === "market") {
    const taken = side === "buy" ? market.book.sell : market.book.buy;
    return costToTake(taken, volume, { limit: undefined, account: account.name });
  }
  return costOf(spec.price2 ?? spec.price ?? market.lastPrice, volume);
}

function granted(hold: Hold | undefined, refusal: string): Hold {
  if (hold === undefined) throw new Refusal(refusal);
  return hold;
}
