/**
 * A one-shot stream: subscribe, let the records pass, and end when the user, a limit or the exchange says so.
 *
 * @module
 */

import type { App, StreamView } from "./app.ts";
import { ExitCode, type KrakenwsError, RejectedError, UnreachableError } from "./errors.ts";
import { type DataRecord, isDataRecord, type StreamRecord, type SubscriptionRecord } from "./model/record.ts";
import { type Subscription, subscriptionId } from "./model/subscription.ts";
import { rejectionHint } from "./rejections.ts";
import type { SubscriptionOutcome } from "./session/subscriber.ts";

/** See {@linkcode App.stream}: streams these until the invocation is to end. */
export async function streamSubscriptions(
  app: App,
  subscriptions: readonly Subscription[],
  { follow, ...view }: StreamView = {},
): Promise<void> {
  using _limits = applyLimits(app);
  using _losses = endWithTheLast(app, subscriptions);
  using _follower = follow === undefined ? undefined : followData(app, follow);
  requireOne(await app.feed.subscribe(subscriptions, view));
  await app.stopped;
}

function followData(app: App, follow: (record: DataRecord) => void): Disposable {
  return { [Symbol.dispose]: app.watch((record) => isDataRecord(record) && follow(record)) };
}

/** Ends the app when the last of these has been given up; until the result is disposed of. */
function endWithTheLast(app: App, subscriptions: readonly Subscription[]): Disposable {
  const ids = new Set(subscriptions.map(subscriptionId));
  const left = new Set(ids);
  const unwatch = app.watch((record) => {
    if (record.channel !== "subscription" || !ids.has(record.subscription)) return;
    // One that is refused may be asked for once more, with a fresh token; one that has failed is over.
    if (record.type === "subscribed") left.add(record.subscription);
    if (record.type === "rejected" || record.type === "failed") left.delete(record.subscription);
    if (record.type === "failed" && left.size === 0) app.stop({ type: "failed", error: givenUp(record) });
  });
  return { [Symbol.dispose]: unwatch };
}

function givenUp({ subscription, reason }: SubscriptionRecord): KrakenwsError {
  return reason === undefined
    ? new UnreachableError("unanswered", `The exchange did not answer ${subscription}, however often it was asked`)
    : new RejectedError("subscription_rejected", `The exchange does not accept ${subscription} any more: ${reason}`, {
      hint: rejectionHint(reason),
    });
}

/** Ends the app at its limits, and when a connection is lost for good; until the result is disposed of. */
export function applyLimits(app: App): Disposable {
  const { count, forMs } = app.config.limits;
  let records = 0;
  const unwatch = app.watch((record) => {
    if (count !== undefined && isDataRecord(record) && ++records === count) {
      app.stop({ type: "count", exit: ExitCode.Done });
    }
    const lost = lostForGood(record);
    if (lost !== undefined) app.stop({ type: "failed", error: lost });
  });
  const timer = forMs === undefined
    ? undefined
    : app.ports.clock.setTimer(forMs, () => app.stop({ type: "time", exit: ExitCode.Done }));
  return {
    [Symbol.dispose]() {
      unwatch();
      timer?.cancel();
    },
  };
}

/** The first connection's failure is thrown where it was asked for; this is about one that had stood. */
function lostForGood(record: StreamRecord): UnreachableError | undefined {
  if (record.channel !== "connection" || record.type !== "failed" || record.epoch === 0) return undefined;
  return new UnreachableError(record.reason ?? "lost", `Lost the connection to ${record.url}: ${record.message}`);
}

/**
 * @throws {RejectedError} If the exchange accepted none.
 * @throws {UnreachableError} If it did not even answer.
 */
export function requireOne(outcomes: readonly SubscriptionOutcome[]): void {
  // One that was taken back in the meantime has got what was wanted of it.
  if (outcomes.some(({ type }) => type === "subscribed" || type === "unsubscribed")) return;
  const [first] = outcomes;
  const what = outcomes.length === 1 ? "the subscription" : `any of the ${outcomes.length} subscriptions`;
  const reasons = [...new Set(outcomes.map(({ reason }) => reason))].join("; ");
  if (first?.type === "tokenless") throw first.error;
  if (first?.type === "rejected") {
    throw new RejectedError("subscription_rejected", `The exchange did not accept ${what}: ${reasons}`, {
      hint: rejectionHint(reasons),
    });
  }
  throw new UnreachableError("unanswered", `The exchange did not answer ${what}: ${reasons}`, {
    hint: "See what goes over the wire with -v, or allow more time with --timeout",
  });
}
