/**
 * A one-shot stream: subscribe, let the records pass, and end when the user, a limit or the exchange says so.
 *
 * @module
 */

import type { App } from "./app.ts";
import { ExitCode, RejectedError, UnreachableError } from "./errors.ts";
import type { BookView } from "./market/feed.ts";
import { isDataRecord, type StreamRecord } from "./model/record.ts";
import { rejectionHint } from "./rejections.ts";
import type { Subscription } from "./model/subscription.ts";
import type { SubscriptionOutcome } from "./session/session.ts";

/** See {@linkcode App.stream}: streams these until the invocation is to end. */
export async function streamSubscriptions(
  app: App,
  subscriptions: readonly Subscription[],
  view: BookView = {},
): Promise<void> {
  using _limits = applyLimits(app);
  requireOne(await app.feed.subscribe(subscriptions, view));
  await app.stopped;
}

/** Ends the app at its limits, and when a connection is lost for good; until the result is disposed of. */
export function applyLimits(app: App): Disposable {
  const { count, forMs } = app.config.limits;
  let records = 0;
  const unwatch = app.watch((record) => {
    if (isDataRecord(record) && ++records === count) app.stop({ type: "count", exit: ExitCode.Done });
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
  if (outcomes.some(({ type }) => type === "subscribed")) return;
  const [first] = outcomes;
  const what = outcomes.length === 1 ? "the subscription" : `any of the ${outcomes.length} subscriptions`;
  const reasons = [...new Set(outcomes.map(({ reason }) => reason))].join("; ");
  if (first?.type === "tokenless") throw first.error;
  if (first?.type === "rejected") {
    throw new RejectedError("subscription_rejected", `The exchange did not accept ${what}: ${reasons}`, {
      hint: rejectionHint(reasons),
    });
  }
  throw new UnreachableError("unanswered", `The exchange did not answer ${what}`, {
    hint: "Allow more time with --timeout, or see what goes over the wire with -v",
  });
}
