/**
 * The stretches of each subscription that cannot be trusted, from the moment they open until they close.
 *
 * A subscription has at most one open gap: what goes wrong inside a gap is inside that gap.
 *
 * @module
 */

import type { GapRecord, GapType } from "../model/record.ts";
import { type Subscription, subscriptionId } from "../model/subscription.ts";
import { isoMicros } from "../model/time.ts";

export class Gaps {
  readonly #open = new Map<string, GapRecord>();

  /** Opens a gap; `undefined` if the subscription is in one already. */
  open(subscription: Subscription, type: GapType, fromMicros: number): GapRecord | undefined {
    const id = subscriptionId(subscription);
    if (this.#open.has(id)) return undefined;
    const pair = "pair" in subscription ? { pair: subscription.pair } : {};
    const from = isoMicros(fromMicros);
    const record: GapRecord = { channel: "gap", type, ...pair, subscription: id, from, to: null };
    this.#open.set(id, record);
    return record;
  }

  /** Closes the gap of a subscription; `undefined` if it has none. */
  close(id: string, toMicros: number): GapRecord | undefined {
    const record = this.#open.get(id);
    this.#open.delete(id);
    return record && { ...record, to: isoMicros(toMicros) };
  }
}
