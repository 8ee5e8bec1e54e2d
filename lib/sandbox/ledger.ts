/**
 * Who owns what. Every coin has an owner, and money moves only from one owner to another.
 *
 * Besides the accounts there are three owners: the crowd of synthetic traders, the desk that lends for margin orders,
 * and the collected fees. What is moved is therefore always found again: the sum over all owners never changes.
 * Amounts are counted in units of 10^-10 of an asset, fine enough for every cost the wire can show.
 *
 * Pure but for its own state.
 *
 * @module
 */

import { formatFixed } from "./fixed.ts";

/** Decimals of every amount in the ledger. */
export const AMOUNT_DECIMALS = 10;

/** An owner of coins. May owe: the crowd and the desk begin with nothing. */
export class Purse {
  readonly #amounts = new Map<string, bigint>();

  total(asset: string): bigint {
    return this.#amounts.get(asset) ?? 0n;
  }

  /** Assets this owner has ever had or owed. */
  get assets(): Iterable<string> {
    return this.#amounts.keys();
  }

  /** Adds out of nothing; for opening balances only, everything else is a {@linkcode transfer}. */
  deposit(asset: string, amount: bigint): void {
    this.#amounts.set(asset, this.total(asset) + amount);
  }

  take(asset: string, amount: bigint): void {
    this.#amounts.set(asset, this.total(asset) - amount);
  }
}

/** Part of an account set aside for one order. */
export interface Hold {
  readonly asset: string;
  left: bigint;
}

/** A customer's account. */
export class Account extends Purse {
  readonly name: string;
  readonly #held = new Map<string, bigint>();

  constructor(name: string) {
    super();
    this.name = name;
  }

  held(asset: string): bigint {
    return this.#held.get(asset) ?? 0n;
  }

  /** What the customer may still dispose of. */
  available(asset: string): bigint {
    return this.total(asset) - this.held(asset);
  }

  /** Sets an amount aside; `undefined` if it is not there. */
  hold(asset: string, amount: bigint): Hold | undefined {
    return amount > this.available(asset) ? undefined : this.setAside(asset, amount);
  }

  /** Sets an amount aside whether it is there or not: a margin that has been used already. */
  setAside(asset: string, amount: bigint): Hold {
    const hold = { asset, left: 0n };
    this.extend(hold, amount);
    return hold;
  }

  /** Adds to a hold whether it is there or not. */
  extend(hold: Hold, amount: bigint): void {
    hold.left += amount;
    this.#held.set(hold.asset, this.held(hold.asset) + amount);
  }

  /** Gives up to `amount` of a hold free, all that is left of it by default. */
  release(hold: Hold, amount: bigint = hold.left): void {
    const freed = amount < hold.left ? amount : hold.left;
    hold.left -= freed;
    this.#held.set(hold.asset, this.held(hold.asset) - freed);
  }
}

/** Moves an amount from one owner to another. */
export function transfer(
  asset: string,
  amount: bigint,
  { from, to }: { readonly from: Purse; readonly to: Purse },
): void {
  from.take(asset, amount);
  to.deposit(asset, amount);
}

/** An account's balances as decimal text, by asset. */
export type Balances = Readonly<Record<string, { readonly total: string; readonly held: string }>>;

/** Writes an account's balances. */
export function writeBalances(account: Account): Balances {
  return Object.fromEntries(
    [...account.assets].map((asset) => [asset, {
      total: formatFixed(account.total(asset), AMOUNT_DECIMALS),
      held: formatFixed(account.held(asset), AMOUNT_DECIMALS),
    }]),
  );
}

/** A volume (eight decimals) as an amount. */
export function volumeAmount(volume: bigint): bigint {
  return volume * 10n ** BigInt(AMOUNT_DECIMALS - 8);
}

/** A cost in units of a pair's price as an amount. */
export function costAmount(cost: bigint, priceDecimals: number): bigint {
  return cost * 10n ** BigInt(AMOUNT_DECIMALS - priceDecimals);
}
