/**
 * What is asked of the exchange and what it answers, one socket's subscriptions: the driver of the ledger.
 *
 * It asks for what is wanted, paced and many pairs a request, takes the exchange's word on each, and asks again where that
 * makes sense: after a loss, a passing refusal, a missing answer, a spent token. It neither connects nor reads frames.
 *
 * @module
 */

import { UnreachableError } from "../errors.ts";
import type { Clock, Timer } from "../io/ports.ts";
import type { RequestId, SubscriptionEvent } from "../model/event.ts";
import type { Secret } from "../model/secret.ts";
import { type Subscription, subscriptionId } from "../model/subscription.ts";
import type { Request } from "../protocol/mod.ts";
import { FULL_PACE, remedyOf, retryDelayMs, slower, spacingMs } from "./retries.ts";
import { type Entry, Ledger } from "./subscriptions.ts";
import type { TokenSource } from "./token.ts";
import { TokenUse } from "./token_use.ts";

/** Told what becomes of subscriptions. */
export interface SubscriptionListener {
  /** A request for these has just gone out; `again` if they had been confirmed before. */
  requested(subscription: Subscription, details: { readonly reqid: number; readonly again: boolean }): void;
  /** The exchange did not answer a subscription's request in time. */
  unanswered(subscription: Subscription, details: { readonly retry: boolean }): void;
  /** There is no token to ask for an account channel with. */
  tokenless(subscription: Subscription, error: unknown, details: { readonly retry: boolean }): void;
  /** The exchange did not take a subscription's request, and it will be made again. */
  postponed(subscription: Subscription, details: Postponement): void;
  /** From now on the exchange sends this one. */
  confirmed(subscription: Subscription): void;
  /** It had stood or was asked for often, and is now given up; without a reason, for want of an answer. */
  failed(subscription: Subscription, reason: string | undefined): void;
  /** These were confirmed, and what comes or does not come for them cannot be trusted any more. */
  interrupted(subscriptions: readonly Subscription[], cause: Interruption): void;
}

/** What breaks a confirmed stream: its connection's end, silence, or more than can be taken in. */
export type Interruption = "disconnected" | "stall" | "overflow";

export interface Postponement {
  readonly reason: string;
  /** Counts the tries after the first. */
  readonly attempt: number;
  readonly retryInMs: number;
}

/** The connection, as far as subscriptions need one. */
export interface Wire {
  isOpen(): boolean;
  /** Whether there will be no connection any more. */
  isOver(): boolean;
  /** Counts the connections, so that what was meant for one is not said on the next. */
  epoch(): number;
  transmit(request: Request): void;
}

export interface SubscriberOptions {
  /** How long the exchange may take to confirm a subscription. */
  readonly confirmTimeoutMs: number;
  /** Numbers the requests. */
  readonly nextRequestId: () => number;
  /** The tokens for account channels, asked for each time that one is sent. */
  readonly tokens: TokenSource;
}

/** What became of the wish to subscribe or unsubscribe. */
export interface SubscriptionOutcome {
  readonly subscription: Subscription;
  /**
   * `unanswered`: not in time, and it stays wanted; `tokenless`: there was no token to ask with, and `error` says why;
   * `closed`: there will be no connection any more.
   */
  readonly type: "subscribed" | "unsubscribed" | "rejected" | "unanswered" | "tokenless" | "closed";
  readonly reason?: string;
  readonly error?: unknown;
}

/** How long to wait before a token is asked for again, when the exchange could not be reached for one. */
const TOKEN_RETRY_MS = 5_000;

/** How often to look for requests that have gone unanswered for too long. */
const CONFIRM_CHECK_MS = 250;

export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #listener: SubscriptionListener;
  readonly #ledger = new Ledger();
  readonly #tokens: TokenUse;
  readonly #outcomes = new Map<string, PromiseWithResolvers<SubscriptionOutcome>>();
  #pace = FULL_PACE;
  #nextRequestMs = 0;
  #askTimer: Timer | undefined;
  #checkTimer: Timer | undefined;

  constructor(options: SubscriberOptions, wire: Wire, clock: Clock, listener: SubscriptionListener) {
    this.#options = options;
    this.#wire = wire;
    this.#clock = clock;
    this.#listener = listener;
    this.#tokens = new TokenUse(options.tokens);
  }

  get entries(): readonly Entry[] {
    return this.#ledger.entries();
  }

  /** Asks for these, now or as soon as there is a connection; each settles on its own. */
  subscribe(subscriptions: readonly Subscription[]): Promise<SubscriptionOutcome[]> {
    const outcomes = subscriptions.map((subscription) => {
      if (this.#wire.isOver()) return Promise.resolve(closedOutcome(subscription));
      this.#ledger.want(subscription);
      const id = subscriptionId(subscription);
      return this.#ledger.get(id)?.state === "active"
        ? Promise.resolve<SubscriptionOutcome>({ subscription, type: "subscribed" })
        : this.#outcome(id);
    });
    this.ask();
    return Promise.all(outcomes);
  }

  /** Ends these; settles when the exchange has confirmed each that it knew of. */
  async unsubscribe(subscriptions: readonly Subscription[]): Promise<SubscriptionOutcome[]> {
    const told = subscriptions.filter((subscription) => {
      const id = subscriptionId(subscription);
      const known = this.#ledger.unwant(id);
      // Whoever still waits for it to begin has nothing to wait for.
      if (!known) this.#resolve(id, { subscription, type: "unsubscribed" });
      return known;
    });
    const outcomes = told.map((subscription) => this.#outcome(subscriptionId(subscription)));
    for (const group of groups(told)) await this.#send("unsubscribe", group);
    return Promise.all(outcomes);
  }

  /**
   * Ends a confirmed subscription and asks for it anew, for a fresh snapshot.
   *
   * @returns Whether it is confirmed; any other is about to begin or to end anyway.
   */
  resync(subscription: Subscription): boolean {
    const isConfirmed = this.#ledger.restart(subscriptionId(subscription), this.#nowMs());
    if (isConfirmed) this.ask();
    return isConfirmed;
  }

  /** The connection is gone, and with it all that was confirmed. */
  disconnected(cause: Interruption): void {
    const before = this.#ledger.disconnected();
    this.#interrupted(before.filter(({ state }) => state === "active" || state === "leaving"), cause);
    for (const { id, subscription } of before) {
      // Whoever wanted it to end has got that.
      if (this.#ledger.get(id) === undefined) this.#resolve(id, { subscription, type: "unsubscribed" });
    }
    this.#tokens.lost();
  }

  /** There will be no connection any more: whoever waits is told. */
  end(): void {
    this.#askTimer?.cancel();
    this.#checkTimer?.cancel();
    for (const { id, subscription } of this.entries) this.#resolve(id, closedOutcome(subscription));
  }

  /** Begins everything anew, since something has come that could not be taken in. */
  restartAll(cause: Interruption): void {
    const active = this.entries.filter(({ state }) => state === "active");
    this.#interrupted(active, cause);
    for (const { subscription } of active) this.resync(subscription);
  }

  /** Notes that a token went out with a request that is not about subscriptions. */
  sent(token: Secret): void {
    this.#tokens.sent(token);
  }

  /** Sends one request for what is to start anew or is wanted, and comes back for the rest. */
  ask(): void {
    const { dueMs } = this.#ledger;
    if (dueMs === undefined || !this.#wire.isOpen()) return;
    const nowMs = this.#nowMs();
    const atMs = Math.max(dueMs, this.#nextRequestMs);
    if (atMs > nowMs) return this.#askAgainIn(atMs - nowMs);
    const farewells = this.#ledger.nextFarewells(nowMs);
    this.#nextRequestMs = nowMs + spacingMs(this.#pace, nowMs);
    if (farewells.length > 0) void this.#send("unsubscribe", farewells);
    else void this.#send("subscribe", this.#ledger.nextWanted(nowMs));
    this.ask();
  }

  #askAgainIn(ms: number): void {
    this.#askTimer?.cancel();
    this.#askTimer = this.#clock.setTimer(ms, () => this.ask());
  }

  async #send(type: "subscribe" | "unsubscribe", subscriptions: readonly Subscription[]): Promise<void> {
    const [first] = subscriptions;
    if (first === undefined) return;
    const reqid = this.#options.nextRequestId();
    const repeated = new Set(subscriptions.filter((subscription) => this.#confirmedBefore(subscription)));
    this.#ledger.asked(subscriptions, { reqid, nowMs: this.#nowMs() });
    if ("pair" in first) {
      const pairs = subscriptions.flatMap((subscription) => "pair" in subscription ? [subscription.pair] : []);
      this.#wire.transmit({ type, reqid, feed: first, pairs });
    } else {
      const token = await this.#tokenFor(type, first);
      // Getting a token takes a while, in which another request may have taken the place of this one.
      if (token === undefined || this.#ledger.get(subscriptionId(first))?.reqid !== reqid) return;
      this.#tokens.sent(token, type === "subscribe" ? reqid : undefined);
      // The exchange knows of it only now.
      this.#ledger.asked(subscriptions, { reqid, nowMs: this.#nowMs() });
      this.#wire.transmit({ type, reqid, feed: first, token });
    }
    if (type === "subscribe") {
      for (const subscription of subscriptions) {
        this.#listener.requested(subscription, { reqid, again: repeated.has(subscription) });
      }
    }
    this.#watchConfirmations();
  }

  /** The token for a request; without one, or if the connection was lost meanwhile, the request is not to be made. */
  async #tokenFor(type: "subscribe" | "unsubscribe", subscription: Subscription): Promise<Secret | undefined> {
    const epoch = this.#wire.epoch();
    const isCurrent = () => epoch === this.#wire.epoch() && this.#wire.isOpen();
    try {
      if (type === "unsubscribe") {
        const token = await this.#options.tokens.get();
        return isCurrent() ? token : undefined;
      }
      const next = await this.#tokens.next();
      if (!isCurrent()) return undefined;
      if ("token" in next) return next.token;
      this.#giveUp({ subscription, type: "rejected", reason: next.refusal });
      return undefined;
    } catch (error) {
      if (isCurrent()) this.#tokenless(type, subscription, error);
      return undefined;
    }
  }

  #tokenless(type: "subscribe" | "unsubscribe", subscription: Subscription, error: unknown): void {
    const id = subscriptionId(subscription);
    if (type === "unsubscribe") {
      const again = this.#ledger.get(id)?.again === true;
      this.#ledger.giveBack(id, { retry: again });
      if (!again) this.#resolve(id, { subscription, type: "unsubscribed" });
      return this.ask();
    }
    // What has been confirmed before is worth waiting for; a user who is only just asking should be told.
    const worthIt = error instanceof UnreachableError && this.#confirmedBefore(subscription);
    const retryInMs = worthIt ? retryDelayMs(this.#ledger.get(id)?.tries ?? 0) : undefined;
    this.#listener.tokenless(subscription, error, { retry: retryInMs !== undefined });
    if (retryInMs === undefined) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.#giveUp({ subscription, type: "tokenless", reason, error });
    }
    this.#ledger.postpone(id, this.#nowMs() + Math.max(TOKEN_RETRY_MS, retryInMs));
    this.ask();
  }

  #confirmedBefore(subscription: Subscription): boolean {
    return this.#ledger.get(subscriptionId(subscription))?.confirmedBefore === true;
  }

  /** Takes the exchange's word on a subscription. */
  settle(event: SubscriptionEvent): void {
    if (this.#tokens.answered(event)) {
      for (const { id } of this.#ledger.concernedBy(event)) this.#ledger.giveBack(id, { retry: true });
      return this.ask();
    }
    const { type, reason } = event;
    switch (type === "rejected" ? remedyOf(reason ?? "") : "none") {
      case "believe":
        return this.#take({ ...event, type: "subscribed" });
      case "slow_down":
        this.#pace = slower(this.#pace, this.#nowMs());
        return this.#postpone(event);
      case "retry":
        return this.#postpone(event);
      case "none":
        return this.#take(event);
    }
  }

  /** Takes the exchange's word as its last. */
  #take(event: SubscriptionEvent): void {
    const { type, reason } = event;
    for (const entry of this.#ledger.settle(event)) {
      const { id, subscription, state } = entry;
      if (type === "subscribed") this.#listener.confirmed(subscription);
      if (type === "unsubscribed" && state === "active") {
        this.#ledger.endedByItself(id, this.#nowMs());
        this.#listener.interrupted([subscription], "disconnected");
      }
      if (type === "rejected" && state === "pending" && isMissed(entry)) this.#listener.failed(subscription, reason);
      // One that is to start anew has not come to its end.
      if (this.#ledger.get(id)?.state === "wanted") continue;
      this.#resolve(id, { subscription, type, ...(reason === undefined ? {} : { reason }) });
    }
    this.ask();
  }

  /** Makes the requests again that an event refuses for now. */
  #postpone(event: SubscriptionEvent): void {
    const { reason = "" } = event;
    for (const { id, subscription, tries } of this.#ledger.concernedBy(event)) {
      const retryInMs = retryDelayMs(tries);
      if (retryInMs === undefined) {
        this.#giveUp({ subscription, type: "rejected", reason });
      } else {
        this.#ledger.postpone(id, this.#nowMs() + retryInMs);
        this.#listener.postponed(subscription, { reason, attempt: tries + 1, retryInMs });
      }
    }
    this.ask();
  }

  #giveUp(outcome: SubscriptionOutcome): void {
    const { subscription, type, reason } = outcome;
    const id = subscriptionId(subscription);
    const entry = this.#ledger.get(id);
    this.#ledger.giveBack(id, { retry: false });
    if (entry !== undefined && isMissed(entry)) {
      this.#listener.failed(subscription, type === "unanswered" ? undefined : reason);
    }
    this.#resolve(id, outcome);
  }

  /** A request that the exchange refused as a whole refuses each of its subscriptions. */
  refused(reqid: RequestId | undefined, reason: string): void {
    if (reqid === undefined) return;
    this.settle({ type: "rejected", reqid, channelName: undefined, pair: undefined, reason });
  }

  #watchConfirmations(): void {
    this.#checkTimer ??= this.#clock.setTimer(CONFIRM_CHECK_MS, () => {
      this.#checkTimer = undefined;
      this.#checkConfirmations();
    });
  }

  #checkConfirmations(): void {
    const askedBeforeMs = this.#nowMs() - this.#options.confirmTimeoutMs;
    for (const entry of this.#ledger.overdue(askedBeforeMs)) {
      const { id, subscription, state, again, tries } = entry;
      const outcome: SubscriptionOutcome = { subscription, type: "unanswered", reason: "no answer came in time" };
      const retry = (again || state === "pending") && retryDelayMs(tries) !== undefined;
      this.#listener.unanswered(subscription, { retry });
      if (!retry) {
        this.#giveUp(outcome);
        continue;
      }
      // The time that it went unanswered has been wait enough.
      this.#ledger.postpone(id, 0);
      // An answer may still come, and must not find a stream that nobody keeps; but whoever has only just asked is told.
      if (state === "pending") this.#resolve(id, outcome);
    }
    if (this.#ledger.entries().some(({ state }) => state === "pending" || state === "leaving")) {
      this.#watchConfirmations();
    }
    this.ask();
  }

  #outcome(id: string): Promise<SubscriptionOutcome> {
    const existing = this.#outcomes.get(id);
    if (existing !== undefined) return existing.promise;
    const outcome = Promise.withResolvers<SubscriptionOutcome>();
    this.#outcomes.set(id, outcome);
    return outcome.promise;
  }

  #resolve(id: string, outcome: SubscriptionOutcome): void {
    this.#outcomes.get(id)?.resolve(outcome);
    this.#outcomes.delete(id);
  }

  #interrupted(entries: readonly Entry[], cause: Interruption): void {
    if (entries.length > 0) this.#listener.interrupted(entries.map(({ subscription }) => subscription), cause);
  }

  #nowMs(): number {
    return this.#clock.nowMs();
  }
}

/** Whether somebody counts on this subscription: it has stood, or was promised another try. */
function isMissed({ confirmedBefore, tries }: Entry): boolean {
  return confirmedBefore || tries > 0;
}

function closedOutcome(subscription: Subscription): SubscriptionOutcome {
  return { subscription, type: "closed", reason: "the connection was closed" };
}

/** Splits subscriptions into those that one request can name together. */
function groups(subscriptions: readonly Subscription[]): Subscription[][] {
  const byFeed = Map.groupBy(
    subscriptions,
    (subscription) => "pair" in subscription ? JSON.stringify({ ...subscription, pair: "" }) : subscription.channel,
  );
  return [...byFeed.values()];
}
