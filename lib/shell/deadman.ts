/**
 * The exchange's dead man's switch, kept from firing for as long as this session lives.
 *
 * `cancelAllOrdersAfter` sets a timer at the exchange; when it runs out, every open order is cancelled and the timer is off
 * until it is set again. This module sets it anew every quarter of its time, and after each reconnect at once.
 *
 * It never claims protection that it does not have:
 * - The time counts from when a request was sent, although the exchange starts it only when it arrives.
 * - A request without a good answer changes nothing: the one that was confirmed last counts on, and runs out.
 * - Once it has run out, the exchange has cancelled the orders, and nothing protects new ones until a request is confirmed.
 *
 * It owns no socket: the exchange is a {@linkcode DeadmanExchange}.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/cancelallordersafter
 *
 * @module
 */

import { type KrakenwsError, RejectedError, UsageError } from "../errors.ts";
import type { Clock, Timer } from "../io/ports.ts";
import type { DeadmanRecord } from "../model/record.ts";
import type { PromptState } from "./prompt.ts";

/** The exchange's timer, in the smallest shape. */
export interface DeadmanExchange {
  /** Sets the timer once; 0 switches it off. Settles within the time. */
  setTimer(seconds: number, options: { readonly timeoutMs: number }): Promise<
    /** `triggerTime` is the exchange's text: when it will cancel all orders. */
    | { readonly type: "confirmed"; readonly triggerTime: string | undefined }
    | Failure
  >;
  /** Cancels all open orders; `count` is how many there were, in the exchange's words. */
  cancelAll(): Promise<{ readonly type: "cancelled"; readonly count: string } | Failure>;
}

/** Refused, not sent, or sent without an answer. */
export interface Failure {
  readonly type: "failed";
  readonly error: KrakenwsError;
}

export interface DeadmanOptions {
  readonly exchange: DeadmanExchange;
  readonly clock: Clock;
  readonly emit: (record: DeadmanRecord) => void;
}

/** What is to happen to the orders when the session ends. */
export const ON_EXIT = ["cancel", "disable", "leave"] as const;
export type OnExit = typeof ON_EXIT[number];

/** The shortest time: a refresh every 2.5 s is as often as a slow network can answer. */
export const MIN_SECONDS = 10;
/** The longest time: a day. */
export const MAX_SECONDS = 86_400;
/** How many refreshes fit into the time. */
const BEATS = 4;
/** How long an answer may take at most. */
const ANSWER_MS = 10_000;

/** What a person or a script asked for. */
interface Wish {
  readonly seconds: number;
  /** `undefined`: to be asked when the session ends. */
  readonly onExit: OnExit | undefined;
}

export class Deadman {
  readonly #exchange: DeadmanExchange;
  readonly #clock: Clock;
  readonly #emit: DeadmanOptions["emit"];
  #wish: Wish | undefined;
  /** Until when the exchange's timer runs for certain. */
  #armedUntilMs = -Infinity;
  #problem: string | undefined;
  #beat: Timer | undefined;
  #lapse: Timer | undefined;
  /** One request at a time, in order. */
  #lastRequest: Promise<unknown> = Promise.resolve();
  #isAsking = false;

  constructor({ exchange, clock, emit }: DeadmanOptions) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#emit = emit;
  }

  get wish(): Wish | undefined {
    return this.#wish;
  }

  /** For the prompt, and for whoever asks. */
  get state(): PromptState["deadman"] {
    const leftMs = this.#leftMs;
    // One that nobody wants any more runs on until the exchange has said that it is off.
    if (leftMs > 0) return { type: "armed", secondsLeft: leftMs / 1000 };
    return this.#wish === undefined ? { type: "off" } : { type: "unconfirmed" };
  }

  /** Why the last request was not confirmed; `undefined` if it was. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Arms the switch and keeps it armed.
   *
   * @throws {RejectedError} If the exchange refuses: the switch is then as it was before.
   * @throws {KrakenwsError} If there is no token, no connection or no answer: the switch stays wanted, and is tried again.
   */
  async on(wish: Wish): Promise<void> {
    const { seconds } = wish;
    if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
      throw new UsageError("bad_timeout", `The dead man's switch cannot wait ${seconds} s`, {
        hint: `It takes whole seconds from ${MIN_SECONDS} to ${MAX_SECONDS}; the exchange suggests 60s`,
      });
    }
    const before = this.#wish;
    this.#wish = wish;
    this.#schedule();
    const failure = await this.#set(wish);
    if (failure === undefined) return;
    if (failure instanceof RejectedError && this.#wish === wish) {
      this.#wish = before;
      this.#schedule();
    }
    throw failure;
  }

  /**
   * Switches the exchange's timer off; the orders stay.
   *
   * @throws {KrakenwsError} If that is not confirmed: the timer may still run out.
   */
  async off(): Promise<void> {
    const answer = await this.#off();
    if (answer.type === "failed") throw answer.error;
  }

  async #off(): ReturnType<DeadmanExchange["setTimer"]> {
    this.#beat?.cancel();
    this.#wish = undefined;
    const answer = await this.#request(0);
    if (answer.type === "failed") {
      this.#problem = answer.error.message;
      this.#emit({ channel: "deadman", type: "unconfirmed", timeout: 0, reason: answer.error.message });
      return answer;
    }
    this.#lapse?.cancel();
    this.#armedUntilMs = -Infinity;
    this.#problem = undefined;
    this.#emit({ channel: "deadman", type: "disarmed" });
    return answer;
  }

  /** The connection stands again: what is wanted is asked for at once. */
  reconnected(): void {
    void this.#refresh();
  }

  /**
   * Does what is to be done when the session ends, and sends nothing more.
   *
   * @returns What becomes of the orders, for people, and why that is not what was asked for, if it is not.
   */
  async end(action: OnExit): Promise<{ readonly says: string; readonly failure?: KrakenwsError }> {
    this.stop();
    const failed = (failure: KrakenwsError) => ({ says: `${failure.message}. ${this.#remainder()}`, failure });
    if (action === "leave") return { says: this.#remainder() };
    if (action === "cancel") {
      const answer = await this.#exchange.cancelAll();
      // A timer that may still be needed is left to run.
      if (answer.type === "failed") return failed(answer.error);
    }
    const answer = await this.#off();
    if (answer.type === "failed") return failed(answer.error);
    const says = action === "cancel" ? "All orders are cancelled" : "The dead man's switch is off; the orders stay";
    return { says };
  }

  /** Sends nothing more by itself. The exchange's timer goes on. */
  stop(): void {
    this.#beat?.cancel();
    this.#lapse?.cancel();
  }

  get #leftMs(): number {
    return this.#armedUntilMs - this.#clock.nowMs();
  }

  #remainder(): string {
    const leftMs = this.#leftMs;
    return leftMs > 0
      ? `The exchange cancels all orders in about ${Math.ceil(leftMs / 1000)} s, unless it is told otherwise`
      : "The dead man's switch is not armed: what is open stays open";
  }

  #schedule(): void {
    this.#beat?.cancel();
    if (this.#wish === undefined) return;
    this.#beat = this.#clock.setTimer(this.#wish.seconds * 1000 / BEATS, () => {
      this.#schedule();
      void this.#refresh();
    });
  }

  /** Sets the timer anew, unless that is under way. */
  async #refresh(): Promise<void> {
    if (this.#wish !== undefined && !this.#isAsking) await this.#set(this.#wish);
  }

  /** @returns Why it is not confirmed, if it is not. */
  async #set(wish: Wish): Promise<KrakenwsError | undefined> {
    this.#isAsking = true;
    const answer = await this.#request(wish.seconds);
    this.#isAsking = false;
    if (answer.type === "confirmed") return undefined;
    // Of a switch that is no longer wanted there is nothing to say.
    if (this.#wish === wish) {
      this.#problem = answer.error.message;
      this.#emit({ channel: "deadman", type: "unconfirmed", timeout: wish.seconds, reason: answer.error.message });
    }
    return answer.error;
  }

  #request(seconds: number): ReturnType<DeadmanExchange["setTimer"]> {
    const request = this.#lastRequest.then(async () => {
      const sentMs = this.#clock.nowMs();
      const timeoutMs = Math.min(ANSWER_MS, (this.#wish?.seconds ?? Infinity) * 1000 / BEATS);
      const answer = await this.#exchange.setTimer(seconds, { timeoutMs });
      if (answer.type === "confirmed" && seconds > 0) this.#confirmed(seconds, sentMs, answer.triggerTime);
      return answer;
    });
    this.#lastRequest = request.catch(() => {});
    return request;
  }

  #confirmed(seconds: number, sentMs: number, triggerTime: string | undefined): void {
    const type = this.#leftMs > 0 ? "refreshed" : "armed";
    this.#problem = undefined;
    this.#armedUntilMs = sentMs + seconds * 1000;
    const trigger = triggerTime === undefined ? {} : { trigger_time: triggerTime };
    this.#emit({ channel: "deadman", type, timeout: seconds, ...trigger });
    this.#lapse?.cancel();
    this.#lapse = this.#clock.setTimer(this.#leftMs, () => {
      this.#emit({ channel: "deadman", type: "lapsed", timeout: seconds });
    });
  }
}
