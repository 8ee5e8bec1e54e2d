/**
 * Margin positions, kept simple: one for each account and pair, closed before the other direction is opened.
 *
 * A leveraged fill is paid for by the desk, which keeps what was bought until the position is closed; the account puts
 * up a part of the cost as margin and gets the profit or bears the loss. There is no interest and no liquidation.
 *
 * Pure but for its own state.
 *
 * @module
 */

import { type Account, costAmount, type Hold, type Purse, transfer } from "./ledger.ts";
import type { Side } from "./matching.ts";
import type { Pair } from "./pairs.ts";

/** What an account owes or is owed in a pair. */
export interface Position {
  readonly id: string;
  readonly account: Account;
  readonly pair: Pair;
  readonly side: Side;
  volume: bigint;
  /** What opened it, in units of the price. */
  cost: bigint;
  readonly hold: Hold;
}

/** A leveraged fill, as far as positions care. */
export interface MarginFill {
  readonly account: Account;
  readonly pair: Pair;
  readonly side: Side;
  readonly volume: bigint;
  readonly cost: bigint;
  readonly leverage: number;
}

/** What a fill did: the margin it put up and the position it belongs to. */
export interface MarginResult {
  readonly margin: bigint;
  readonly positionId: string;
}

/** All open positions. */
export class Positions {
  readonly #positions = new Map<string, Position>();
  readonly #desk: Purse;
  readonly #createId: () => string;

  constructor(desk: Purse, createId: () => string) {
    this.#desk = desk;
    this.#createId = createId;
  }

  find(account: Account, pair: Pair): Position | undefined {
    return this.#positions.get(keyOf(account, pair));
  }

  /** Books a fill: closes what stands against it first, opens with the rest. */
  apply(fill: MarginFill): MarginResult {
    const position = this.find(fill.account, fill.pair);
    if (position === undefined || position.side === fill.side) return this.#open(position, fill);
    const closing = position.volume < fill.volume ? position.volume : fill.volume;
    const price = fill.cost * closing / fill.volume;
    const basis = this.reduce(position, closing);
    const profit = position.side === "buy" ? price - basis : basis - price;
    const amount = costAmount(profit, fill.pair.priceDecimals);
    transfer(fill.pair.quote, amount, { from: this.#desk, to: fill.account });
    if (closing === fill.volume) return { margin: 0n, positionId: position.id };
    return this.#open(undefined, { ...fill, volume: fill.volume - closing, cost: fill.cost - price });
  }

  /** Takes `volume` out of a position; the part of its cost that belongs to it. */
  reduce(position: Position, volume: bigint): bigint {
    const basis = position.cost * volume / position.volume;
    position.account.release(position.hold, position.hold.left * volume / position.volume);
    position.volume -= volume;
    position.cost -= basis;
    if (position.volume === 0n) {
      position.account.release(position.hold);
      this.#positions.delete(keyOf(position.account, position.pair));
    }
    return basis;
  }

  #open(position: Position | undefined, { account, pair, side, volume, cost, leverage }: MarginFill): MarginResult {
    const margin = cost / BigInt(leverage);
    const amount = costAmount(margin, pair.priceDecimals);
    if (position === undefined) {
      const id = this.#createId();
      const hold = account.setAside(pair.quote, amount);
      this.#positions.set(keyOf(account, pair), { id, account, pair, side, volume, cost, hold });
      return { margin, positionId: id };
    }
    position.volume += volume;
    position.cost += cost;
    account.extend(position.hold, amount);
    return { margin, positionId: position.id };
  }
}

function keyOf(account: Account, pair: Pair): string {
  return `${account.name} ${pair.wsname}`;
}
