/**
 * The ids of orders that are open, as far as this session has heard: what Tab offers behind `txid=`.
 *
 * The account channel tells all of them. Without it, the answers to this session's own orders still tell some.
 *
 * @module
 */

import type { StreamRecord } from "../model/record.ts";

const FINAL: ReadonlySet<unknown> = new Set(["closed", "canceled", "expired"]);

export class OpenOrders {
  readonly #ids = new Set<string>();

  /** The newest first. */
  get ids(): readonly string[] {
    return [...this.#ids].reverse();
  }

  update(record: StreamRecord): void {
    if (record.channel === "openOrders") {
      if (record.type === "snapshot") this.#ids.clear();
      for (const { txid, status } of record.data) this.#note(String(txid), { isOpen: !FINAL.has(status) });
    } else if (record.channel === "order" && record.txid !== undefined) {
      this.#note(record.txid, { isOpen: !FINAL.has(record.type) });
    }
  }

  #note(txid: string, { isOpen }: { readonly isOpen: boolean }): void {
    if (isOpen) this.#ids.add(txid);
    else this.#ids.delete(txid);
  }
}
