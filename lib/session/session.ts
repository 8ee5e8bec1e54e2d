/**
 * One socket to the exchange, kept: the driver around the connection's table, the ledger and the requests.
 *
 * It owns the transport, the timers and the order of things. It refuses to know what the data means: every frame goes to
 * the {@linkcode SessionListener} with the event it was read as, in the turn in which it arrived.
 *
 * Nothing here queues frames. A listener that takes long keeps the exchange waiting, which is how a slow reader downstream
 * is felt upstream.
 *
 * @module
 */

import { UnreachableError } from "../errors.ts";
import type { Clock, Dial, Loss, Random, Timer, Transport } from "../io/ports.ts";
import type { RequestId, ServerEvent, SubscriptionEvent } from "../model/event.ts";
import type { Secret } from "../model/secret.ts";
import { type Socket, type Subscription, subscriptionId } from "../model/subscription.ts";
import type { Protocol, Request } from "../protocol/mod.ts";
import { type ConnectionEffect, type ConnectionInput, type ConnectionState, type Policy, step } from "./connection.ts";
import { budgetDelayMs, type ConnectLog } from "./budget.ts";
import { type Answer, type Expectation, Requests } from "./requests.ts";
import { FULL_PACE, remedyOf, retryDelayMs, slower, spacingMs } from "./retries.ts";
import { type Entry, Ledger } from "./subscriptions.ts";
import type { TokenSource } from "./token.ts";
import { TokenUse } from "./token_use.ts";

export interface SessionListener {
  /** Something the exchange sent; `frame` is the untouched text, and `atMs` when it came by the monotonic clock. */
  frame(event: ServerEvent, frame: string, atMs: number): void;
  /** Bytes, which the exchange has no reason to send. */
  binary(bytes: Uint8Array): void;
  /** A frame of this many characters, too long to be read: `start` is what it begins with. */
  oversized(length: number, start: string): void;
  connection(change: ConnectionChange): void;
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
  /** A frame that is about to be sent, with secrets left in: for whoever can mask them. */
  sent(frame: string): void;
}

/** What breaks a confirmed stream: its connection's end, silence, or more than can be taken in. */
export type Interruption = "disconnected" | "stall" | "overflow";

export interface Postponement {
  readonly reason: string;
  /** Counts the tries after the first. */
  readonly attempt: number;
  readonly retryInMs: number;
}

export type ConnectionChange =
  | { readonly type: "connecting"; readonly attempt: number }
  /** Too many connections were made of late, by this program or others of the same user. */
  | { readonly type: "waiting"; readonly attempt: number; readonly retryInMs: number }
  | { readonly type: "open"; readonly epoch: number }
  | {
    readonly type: "lost";
    readonly epoch: number;
    readonly loss: Loss;
    readonly attempt: number;
    readonly retryInMs: number;
  }
  /** There will be no further try; `epoch` 0 says that it never stood. */
  | { readonly type: "failed"; readonly epoch: number; readonly loss: Loss }
  | { readonly type: "closed" };

export interface SessionOptions {
  readonly socket: Socket;
  readonly url: string;
  readonly protocol: Protocol;
  readonly policy: Policy;
  /** How long the exchange may take to confirm a subscription. */
  readonly confirmTimeoutMs: number;
  /** Numbers the requests; shared by the sockets, so that a number means one request. */
  readonly nextRequestId: () => number;
  /** The tokens for account channels, asked for each time that one is sent. */
  readonly tokens: TokenSource;
  /** Where connections are counted; absent for an exchange that bans nobody. */
  readonly connects?: ConnectLog | undefined;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly dial: Dial;
  readonly random: Random;
}

/** What became of the wish to subscribe or unsubscribe. */
export interface SubscriptionOutcome {
  readonly subscription: Subscription;
  /** `tokenless`: there was no token to ask with, and `error` says why. */
  readonly type: "subscribed" | "unsubscribed" | "rejected" | "unanswered" | "tokenless";
  readonly reason?: string;
  readonly error?: unknown;
}

/**
 * Characters of a frame that is read. The exchange's longest, the orders of a large account, have less than a tenth; what
 * is longer would only fill the memory.
 */
const LONGEST_FRAME = 16 * 2 ** 20;

/** How much of a longer one is shown. */
const OVERSIZE_START = 200;

/** How long to wait before a token is asked for again, when the exchange could not be reached for one. */
const TOKEN_RETRY_MS = 5_000;

/** How often to look for requests that have gone unanswered for too long. */
const CONFIRM_CHECK_MS = 250;

export class Session implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #ports: SessionPorts;
  readonly #listener: SessionListener;
  readonly #ledger = new Ledger();
  readonly #requests: Requests;
  readonly #tokens: TokenUse;
  readonly #outcomes = new Map<string, PromiseWithResolvers<SubscriptionOutcome>>();
  readonly #opening = Promise.withResolvers<Loss | undefined>();

  #state: ConnectionState = { phase: "idle" };
  #transport: Transport | undefined;
  #epoch = 0;
  #status: Extract<ServerEvent, { readonly type: "status" }> | undefined;
  #heardMs = 0;
  #wakeTimer: Timer | undefined;
  #wakeAtMs = 0;
  #pace = FULL_PACE;
  #nextRequestMs = 0;
  #askTimer: Timer | undefined;
  #checkTimer: Timer | undefined;

  constructor(options: SessionOptions, ports: SessionPorts, listener: SessionListener) {
    this.#options = options;
    this.#ports = ports;
    this.#listener = listener;
    this.#requests = new Requests(ports.clock);
    this.#tokens = new TokenUse(options.tokens);
  }

  get isOpen(): boolean {
    return this.#state.phase === "open";
  }

  get phase(): ConnectionState["phase"] {
    return this.#state.phase;
  }

  /** The exchange's last word on itself, such as `online` or `maintenance`; `undefined` if it has not spoken. */
  get systemStatus(): string | undefined {
    return this.#status?.status;
  }

  get entries(): readonly Entry[] {
    return this.#ledger.entries();
  }

  /**
   * Connects, if that was not done before.
   *
   * @returns What went wrong, or `undefined` once the connection stands for the first time.
   */
  open(): Promise<Loss | undefined> {
    if (this.#state.phase === "idle") this.#step({ type: "start", nowMs: this.#nowMs() });
    return this.#opening.promise;
  }

  /** Asks for these, now or as soon as there is a connection; each settles on its own. */
  subscribe(subscriptions: readonly Subscription[]): Promise<SubscriptionOutcome[]> {
    const outcomes = subscriptions.map((subscription) => {
      if (this.#state.phase === "stopped") return Promise.resolve(closedOutcome(subscription));
      this.#ledger.want(subscription);
      const id = subscriptionId(subscription);
      return this.#ledger.get(id)?.state === "active"
        ? Promise.resolve<SubscriptionOutcome>({ subscription, type: "subscribed" })
        : this.#outcome(id);
    });
    this.#ask();
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
    if (isConfirmed) this.#ask();
    return isConfirmed;
  }

  /** Whether a request of that number waits for its answers: another would take them away. */
  isWaitingFor(reqid: number): boolean {
    return this.#requests.has(reqid);
  }

  /** Sends a request once and waits for its answers. On a connection that is not open it counts as lost. */
  request(request: Request, expectation: Expectation): Promise<Answer> {
    if (this.#state.phase !== "open") return Promise.resolve({ type: "lost", events: [] });
    if ("token" in request) this.#tokens.sent(request.token);
    const answer = this.#requests.expect(request.reqid, expectation);
    this.#transmit(request);
    return answer;
  }

  /** Drops the connection and makes another: for a user who asks for that. */
  reconnect(): void {
    if (this.#state.phase !== "open") return;
    this.#transport?.close();
    this.#lost({ kind: "closed", message: "closed on request" });
  }

  close(): Promise<void> {
    this.#step({ type: "stop" });
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // -------------------------------------------------------------- connection

  #step(input: ConnectionInput): void {
    const { state, effects } = step(this.#state, input, this.#options.policy, this.#ports.random);
    const before = this.#state.phase;
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state.phase === "stopped" && before !== "stopped") this.#stopped(input);
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect.type) {
      case "dial":
        return this.#dial();
      case "resubscribe":
        return this.#opened();
      case "ping":
        return this.#transmit({ type: "ping", reqid: this.#options.nextRequestId() });
      case "close":
        this.#transport?.close();
        return;
      case "hold": {
        const { attempt, delayMs } = effect;
        return this.#listener.connection({ type: "waiting", attempt, retryInMs: delayMs });
      }
      case "retry":
        this.#disconnected(effect.loss);
        return this.#listener.connection({
          type: "lost",
          epoch: this.#epoch,
          loss: effect.loss,
          attempt: effect.attempt,
          retryInMs: effect.delayMs,
        });
      case "give_up":
        this.#disconnected(effect.loss);
        this.#opening.resolve(effect.loss);
        return this.#listener.connection({ type: "failed", epoch: this.#epoch, loss: effect.loss });
      case "wake":
        return this.#wakeAt(effect.atMs);
    }
  }

  #dial(): void {
    const { connects } = this.#options;
    const epochMs = this.#ports.clock.epochMicros() / 1000;
    const delayMs = connects === undefined ? 0 : budgetDelayMs(connects.read(), epochMs);
    if (delayMs > 0) return this.#step({ type: "held", nowMs: this.#nowMs(), delayMs });
    connects?.add(epochMs);
    const attempt = this.#state.phase === "dialing" ? this.#state.attempt : 0;
    this.#listener.connection({ type: "connecting", attempt });
    const transport = this.#ports.dial(this.#options.url, {
      opened: () => this.#step({ type: "opened", nowMs: this.#nowMs() }),
      frame: (text) => this.#received(text),
      binary: (bytes) => this.#listener.binary(bytes),
      lost: (loss) => this.#transport === transport && this.#lost(loss),
    });
    this.#transport = transport;
  }

  #opened(): void {
    this.#heardMs = this.#nowMs();
    this.#epoch++;
    this.#listener.connection({ type: "open", epoch: this.#epoch });
    this.#opening.resolve(undefined);
    this.#ask();
  }

  #lost(loss: Loss): void {
    this.#step({ type: "lost", nowMs: this.#nowMs(), loss, maintenance: this.#inMaintenance });
  }

  #disconnected({ kind }: Loss): void {
    const before = this.#ledger.disconnected();
    const confirmed = before.filter(({ state }) => state === "active" || state === "leaving");
    this.#interrupted(confirmed, kind === "stall" ? "stall" : "disconnected");
    for (const { id, subscription } of before) {
      // Whoever wanted it to end has got that.
      if (this.#ledger.get(id) === undefined) this.#resolve(id, { subscription, type: "unsubscribed" });
    }
    this.#requests.lost();
    this.#tokens.lost();
  }

  #interrupted(entries: readonly Entry[], cause: Interruption): void {
    if (entries.length > 0) this.#listener.interrupted(entries.map(({ subscription }) => subscription), cause);
  }

  #stopped(input: ConnectionInput): void {
    for (const timer of [this.#wakeTimer, this.#askTimer, this.#checkTimer]) timer?.cancel();
    this.#requests.lost();
    for (const { id, subscription } of this.#ledger.entries()) {
      this.#resolve(id, closedOutcome(subscription));
    }
    this.#opening.resolve({ kind: "closed", message: "closed on request" });
    if (input.type === "stop") this.#listener.connection({ type: "closed" });
  }

  #wakeAt(atMs: number): void {
    this.#wakeTimer?.cancel();
    this.#wakeAtMs = atMs;
    this.#wakeTimer = this.#ports.clock.setTimer(Math.max(0, atMs - this.#nowMs()), () => this.#wake());
  }

  #wake(): void {
    const nowMs = this.#nowMs();
    // A timer that comes late tells how long this program could hear nothing: blocked in a write, or asleep with its
    // machine. Frames may be waiting unread, so that time is not the exchange's silence.
    this.#heardMs = Math.min(nowMs, this.#heardMs + Math.max(0, nowMs - this.#wakeAtMs));
    const subscribed = this.#ledger.entries().some(({ state }) => state === "active");
    this.#step({ type: "wake", nowMs, heardMs: this.#heardMs, subscribed, maintenance: this.#inMaintenance });
  }

  get #inMaintenance(): boolean {
    return this.#status?.status === "maintenance";
  }

  #nowMs(): number {
    return this.#ports.clock.nowMs();
  }

  // -------------------------------------------------------------- frames

  #received(frame: string): void {
    this.#heardMs = this.#nowMs();
    if (frame.length > LONGEST_FRAME) return this.#oversized(frame);
    const event = this.#options.protocol.decode(frame);
    this.#listener.frame(event, frame, this.#heardMs);
    switch (event.type) {
      case "status":
        this.#status = event;
        break;
      case "pong":
      case "reply":
        this.#requests.answer(event.reqid, event);
        break;
      case "error":
        this.#requests.answer(event.reqid, event);
        this.#refused(event.reqid, event.message);
        break;
      case "subscribed":
      case "unsubscribed":
      case "rejected":
        this.#settle(event);
        break;
    }
  }

  /** What was in it is not known, so that all streams of this socket begin anew. */
  #oversized(frame: string): void {
    this.#listener.oversized(frame.length, frame.slice(0, OVERSIZE_START));
    const active = this.entries.filter(({ state }) => state === "active");
    this.#interrupted(active, "overflow");
    for (const { subscription } of active) this.resync(subscription);
  }

  #transmit(request: Request): void {
    const frame = this.#options.protocol.encode(request);
    this.#listener.sent(frame);
    this.#transport?.send(frame);
  }

  // -------------------------------------------------------------- subscriptions

  /** Sends one request for what is to start anew or is wanted, and comes back for the rest. */
  #ask(): void {
    const { dueMs } = this.#ledger;
    if (dueMs === undefined || this.#state.phase !== "open") return;
    const nowMs = this.#nowMs();
    const atMs = Math.max(dueMs, this.#nextRequestMs);
    if (atMs > nowMs) return this.#askAgainIn(atMs - nowMs);
    const farewells = this.#ledger.nextFarewells(nowMs);
    this.#nextRequestMs = nowMs + spacingMs(this.#pace, nowMs);
    if (farewells.length > 0) void this.#send("unsubscribe", farewells);
    else void this.#send("subscribe", this.#ledger.nextWanted(nowMs));
    this.#ask();
  }

  #askAgainIn(ms: number): void {
    this.#askTimer?.cancel();
    this.#askTimer = this.#ports.clock.setTimer(ms, () => this.#ask());
  }

  async #send(type: "subscribe" | "unsubscribe", subscriptions: readonly Subscription[]): Promise<void> {
    const [first] = subscriptions;
    if (first === undefined) return;
    const reqid = this.#options.nextRequestId();
    const repeated = new Set(subscriptions.filter((subscription) => this.#confirmedBefore(subscription)));
    this.#ledger.asked(subscriptions, { reqid, nowMs: this.#nowMs() });
    if ("pair" in first) {
      const pairs = subscriptions.flatMap((subscription) => "pair" in subscription ? [subscription.pair] : []);
      this.#transmit({ type, reqid, feed: first, pairs });
    } else {
      const token = await this.#tokenFor(type, first);
      if (token === undefined) return;
      this.#tokens.sent(token, type === "subscribe" ? reqid : undefined);
      // Getting a token may have taken a while, and the exchange knows of the request only now.
      this.#ledger.asked(subscriptions, { reqid, nowMs: this.#nowMs() });
      this.#transmit({ type, reqid, feed: first, token });
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
    const epoch = this.#epoch;
    const isCurrent = () => epoch === this.#epoch && this.#state.phase === "open";
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
      return this.#ask();
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
    this.#ask();
  }

  #confirmedBefore(subscription: Subscription): boolean {
    return this.#ledger.get(subscriptionId(subscription))?.confirmedBefore === true;
  }

  #settle(event: SubscriptionEvent): void {
    if (this.#tokens.answered(event)) {
      for (const { id } of this.#ledger.concernedBy(event)) this.#ledger.giveBack(id, { retry: true });
      return this.#ask();
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
      if (type === "unsubscribed" && state === "active") this.#listener.interrupted([subscription], "disconnected");
      if (type === "rejected" && state === "pending" && isMissed(entry)) this.#listener.failed(subscription, reason);
      // One that is to start anew has not come to its end.
      if (this.#ledger.get(id)?.state === "wanted") continue;
      this.#resolve(id, { subscription, type, ...(reason === undefined ? {} : { reason }) });
    }
    this.#ask();
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
    this.#ask();
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
  #refused(reqid: RequestId | undefined, reason: string): void {
    if (reqid === undefined) return;
    this.#settle({ type: "rejected", reqid, channelName: undefined, pair: undefined, reason });
  }

  #watchConfirmations(): void {
    this.#checkTimer ??= this.#ports.clock.setTimer(CONFIRM_CHECK_MS, () => {
      this.#checkTimer = undefined;
      this.#checkConfirmations();
    });
  }

  #checkConfirmations(): void {
    const askedBeforeMs = this.#nowMs() - this.#options.confirmTimeoutMs;
    for (const entry of this.#ledger.overdue(askedBeforeMs)) {
      const { id, subscription, state, again, tries } = entry;
      // What has been confirmed before is worth asking again; what never was may be beyond the exchange.
      const worthIt = again || (state === "pending" && isMissed(entry));
      const retry = worthIt && retryDelayMs(tries) !== undefined;
      this.#listener.unanswered(subscription, { retry });
      // The time that it went unanswered has been wait enough.
      if (retry) this.#ledger.postpone(id, 0);
      else this.#giveUp({ subscription, type: "unanswered", reason: "the exchange did not answer" });
    }
    if (this.#ledger.entries().some(({ state }) => state === "pending" || state === "leaving")) {
      this.#watchConfirmations();
    }
    this.#ask();
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
}

/** Whether somebody counts on this subscription: it has stood, or was promised another try. */
function isMissed({ confirmedBefore, tries }: Entry): boolean {
  return confirmedBefore || tries > 0;
}

function closedOutcome(subscription: Subscription): SubscriptionOutcome {
  return { subscription, type: "unanswered", reason: "the connection was closed" };
}

/** Splits subscriptions into those that one request can name together. */
function groups(subscriptions: readonly Subscription[]): Subscription[][] {
  const byFeed = Map.groupBy(
    subscriptions,
    (subscription) => "pair" in subscription ? JSON.stringify({ ...subscription, pair: "" }) : subscription.channel,
  );
  return [...byFeed.values()];
}
