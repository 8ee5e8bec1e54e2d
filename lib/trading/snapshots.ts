/**
 * The account as it is now: fresh snapshots of its channels, taken for a question and then let go.
 *
 * @module
 */

import type { App } from "../app.ts";
import { KrakenwsError } from "../errors.ts";
import type { PrivateFeed } from "../model/subscription.ts";
import type { OrderFields } from "./tracker.ts";

/** The open orders; `undefined` if the exchange did not tell in time. */
export function openOrders(app: App): Promise<readonly OrderFields[] | undefined> {
  return snapshot(app, { channel: "openOrders", ratecounter: false });
}

/** The account's last trades; `undefined` if the exchange did not tell in time. */
export function ownTrades(app: App): Promise<readonly OrderFields[] | undefined> {
  return snapshot(app, { channel: "ownTrades", snapshot: true, consolidateTaker: true });
}

async function snapshot(app: App, subscription: PrivateFeed): Promise<readonly OrderFields[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly OrderFields[] | undefined>();
  const unwatch = app.watch((record) => {
    if (record.channel === subscription.channel && record.type === "snapshot") resolve(record.data);
  });
  const timer = app.ports.clock.setTimer(app.config.timeoutMs, () => resolve(undefined));
  try {
    void borrow(app, subscription).then((underWay) => underWay || resolve(undefined));
    return await promise;
  } finally {
    timer.cancel();
    unwatch();
    void app.feed.giveBack(subscription).catch(() => {});
  }
}

/** Whether the exchange agreed; why not has been told in a record. */
async function borrow(app: App, subscription: PrivateFeed): Promise<boolean> {
  try {
    return await app.feed.borrow(subscription);
  } catch (error) {
    if (error instanceof KrakenwsError) return false;
    throw error;
  }
}
