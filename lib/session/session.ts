/**
 * One socket to the exchange, kept: the driver around the connection's table and the requests.
 *
 * It owns the transport and the order of things; what is subscribed is `subscriber.ts`'s. It refuses to know what the data
 * means: every frame goes to the {@linkcode SessionListener} with the event it was read as, in the turn in which it arrived.
 *
 * Nothing here queues frames. A listener that takes long keeps the exchange waiting, which is how a slow reader downstream
 * is felt upstream.
 *
 * @module
 */

import type { Clock, Dial, Loss, Random, Timer, Transport } from "../io/ports.ts";
import type { ServerEvent } from "../model/event.ts";
import type { Socket, Subscription } from "../model/subscription.ts";
import type { Protocol, Request } from "../protocol/mod.ts";
import { budgetDelayMs, type ConnectLog } from "./budget.ts";
import { type ConnectionEffect, type ConnectionInput, type ConnectionState, type Policy, step } from "./connection.ts";
import { type Answer, type Expectation, Requests } from "./requests.ts";
import {
  Subscriber,
  type SubscriberOptions,
  type SubscriptionListener,
  type SubscriptionOutcome,
  type Wire,
} from "./subscriber.ts";
import type { Entry } from "./subscriptions.ts";

export interface SessionListener extends SubscriptionListener {
  /** Something the exchange sent; `frame` is the untouched text, and `atMs` when it came by the monotonic clock. */
  frame(event: ServerEvent, frame: string, atMs: number): void;
  /** Bytes, which the exchange has no reason to send. */
  binary(bytes: Uint8Array): void;
  /** A frame of this many characters, too long to be read: `start` is what it begins with. */
  oversized(length: number, start: string): void;
  connection(change: ConnectionChange): void;
  /** A frame that is about to be sent, with secrets left in: for whoever can mask them. */
  sent(frame: string): void;
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

export interface SessionOptions extends SubscriberOptions {
  readonly socket: Socket;
  readonly url: string;
  readonly protocol: Protocol;
  readonly policy: Policy;
  /** Where connections are counted; absent for an exchange that bans nobody. */
  readonly connects?: ConnectLog | undefined;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly dial: Dial;
  readonly random: Random;
}

/**
 * Characters of a frame that is read. The exchange's longest, the orders of a large account, have less than a tenth; what
 * is longer would only fill the memory.
 */
const LONGEST_FRAME = 16 * 2 ** 20;

/** How much of a longer one is shown. */
const OVERSIZE_START = 200;

export class Session implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #ports: SessionPorts;
  readonly #listener: SessionListener;
  /** A pong is no answer to an order, whatever its number: they wait apart. */
  readonly #pings: Requests;
  readonly #requests: Requests;
  readonly #subscriber: Subscriber;
  readonly #opening = Promise.withResolvers<Loss | undefined>();

  #state: ConnectionState = { phase: "idle" };
  #transport: Transport | undefined;
  #epoch = 0;
  #status: Extract<ServerEvent, { readonly type: "status" }> | undefined;
  #heardMs = 0;
  #wakeTimer: Timer | undefined;
  #wakeAtMs = 0;

  constructor(options: SessionOptions, ports: SessionPorts, listener: SessionListener) {
    this.#options = options;
    this.#ports = ports;
    this.#listener = listener;
    this.#pings = new Requests(ports.clock);
    this.#requests = new Requests(ports.clock);
    const wire: Wire = {
      isOpen: () => this.isOpen,
      isOver: () => this.phase === "stopped",
      epoch: () => this.#epoch,
      transmit: (request) => this.#transmit(request),
    };
    this.#subscriber = new Subscriber(options, wire, ports.clock, listener);
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
    return this.#subscriber.entries;
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
    return this.#subscriber.subscribe(subscriptions);
  }

  /** Ends these; settles when the exchange has confirmed each that it knew of. */
  unsubscribe(subscriptions: readonly Subscription[]): Promise<SubscriptionOutcome[]> {
    return this.#subscriber.unsubscribe(subscriptions);
  }

  /** See {@linkcode Subscriber.resync}. */
  resync(subscription: Subscription): boolean {
    return this.#subscriber.resync(subscription);
  }

  /** Sends a request once and waits for its answers. On a connection that is not open it counts as lost. */
  request(request: Request, expectation: Expectation): Promise<Answer> {
    if (this.#state.phase !== "open") return Promise.resolve({ type: "lost", events: [] });
    if ("token" in request) this.#subscriber.sent(request.token);
    const answer = (request.type === "ping" ? this.#pings : this.#requests).expect(request.reqid, expectation);
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
    if (state.phase === "stopped" && before !== "stopped") this.#stopped(input, before);
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
    this.#subscriber.ask();
  }

  #lost(loss: Loss): void {
    this.#step({ type: "lost", nowMs: this.#nowMs(), loss, maintenance: this.#inMaintenance });
  }

  #disconnected({ kind }: Loss): void {
    this.#subscriber.disconnected(kind === "stall" ? "stall" : "disconnected");
    this.#nobodyAnswers();
  }

  #stopped(input: ConnectionInput, before: ConnectionState["phase"]): void {
    this.#wakeTimer?.cancel();
    this.#nobodyAnswers();
    this.#subscriber.end();
    this.#opening.resolve({ kind: "closed", message: "closed on request" });
    // Of a connection that was never begun there is nothing to say.
    if (input.type === "stop" && before !== "idle") this.#listener.connection({ type: "closed" });
  }

  #nobodyAnswers(): void {
    this.#pings.lost();
    this.#requests.lost();
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
    const subscribed = this.entries.some(({ state }) => state === "active");
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
    this.#heardMs = this.#ports.clock.turnMs();
    if (frame.length > LONGEST_FRAME) return this.#oversized(frame);
    const event = this.#options.protocol.decode(frame);
    this.#listener.frame(event, frame, this.#heardMs);
    switch (event.type) {
      case "status":
        this.#status = event;
        break;
      case "pong":
        this.#pings.answer(event.reqid, event);
        break;
      case "reply":
        this.#requests.answer(event.reqid, event);
        break;
      case "error":
        this.#pings.answer(event.reqid, event);
        this.#requests.answer(event.reqid, event);
        this.#subscriber.refused(event.reqid, event.message);
        break;
      case "subscribed":
      case "unsubscribed":
      case "rejected":
        this.#subscriber.settle(event);
        break;
    }
  }

  /** What was in it is not known, so that all streams of this socket begin anew. */
  #oversized(frame: string): void {
    this.#listener.oversized(frame.length, frame.slice(0, OVERSIZE_START));
    this.#subscriber.restartAll("overflow");
  }

  #transmit(request: Request): void {
    const frame = this.#options.protocol.encode(request);
    this.#listener.sent(frame);
    this.#transport?.send(frame);
  }
}
