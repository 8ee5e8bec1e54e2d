/**
 * The exchange's dead man's switch, kept from firing for as long as this session lives.
 *
 * `cancelAllOrdersAfter` sets a timer at the exchange; when it runs out, every open order is cancelled and the timer is off
 * until it is set again. This module sets it anew every quarter of its time, and after each reconnect at once.
 *
 * It never claims protection that it does not have:
 * - The time counts from when a request was sent, although the exchange starts it only when it arrives.
 * - A request without an answer changes nothing: the last confirmed one counts on, and runs out.
 * - Once it has run out, the orders are gone or about to be, and nothing protects new ones until a request is confirmed.
 *
 * It owns no socket: the exchange is a {@linkcode DeadmanExchange}.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/cancelallordersafter
 *
 * @module
 */

import { RejectedError, UnreachableError, UsageError } from "../errors.ts";
import type { Clock, Timer } from "../io/ports.ts";
import type { DeadmanRecord } from "../model/record.ts";
import type { PromptState } from "./prompt.ts";

/** What the exchange said to a new time. */
export type TimerAnswer =
  /** `triggerTime` is the exchange's text: when it will cancel all orders. */
  | { readonly type: "confirmed"; readonly triggerTime: string | undefined }
  | { readonly type: "refused"; readonly reason: string }
  /** Not sent, or sent without an answer. */
  | { readonly type: "unanswered"; readonly reason: string };

/** The exchange's timer, in the smallest shape. */
export interface DeadmanExchange {
  /** Sets the timer once; 0 switches it off. */
  setTimer(seconds: number): Promise<TimerAnswer>;
  /** Cancels all open orders; says what came of it. */
  cancelAll(): Promise<string>;
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

export class Deadman {
  readonly #exchange: DeadmanExchange;
  readonly #clock: Clock;
  readonly #emit: DeadmanOptions["emit"];
  /** What was asked for; `undefined` when the switch is off. */
  #wanted: { readonly seconds: number; readonly onExit: OnExit | undefined } | undefined;
  /** Until when the exchange's timer runs for certain. */
  #armedUntilMs: number | undefined;
  /** Why the last request was not confirmed. */
  #problem: string | undefined;
  #beat: Timer | undefined;
  #lapse: Timer | undefined;
  /** One request at a time, in order. */
  #requests: Promise<unknown> = Promise.resolve();
  #refreshing = false;

  constructor({ exchange, clock, emit }: DeadmanOptions) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#emit = emit;
  }

  /** What is to happen at the session's end, if that was said; `undefined` also when the switch is off. */
  get onExit(): OnExit | undefined {
    return this.#wanted?.onExit;
  }

  get isOn(): boolean {
    return this.#wanted !== undefined;
  }

  /** For the prompt, and for whoever asks. */
  get state(): PromptState["deadman"] {
    if (this.#wanted === undefined) return { type: "off" };
    const leftMs = (this.#armedUntilMs ?? 0) - this.#clock.nowMs();
    return leftMs > 0 ? { type: "armed", secondsLeft: leftMs / 1000 } : { type: "unconfirmed" };
  }

  /** Why the last request was not confirmed; `undefined` if it was. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Arms the switch and keeps it armed.
   *
   * @throws {RejectedError} If the exchange refuses: the switch is then as it was before.
   * @throws {UnreachableError} If there is no answer: the switch stays wanted, and is tried again and again.
   */
  async on(seconds: number, onExit: OnExit | undefined): Promise<void> {
    if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
      throw new UsageError("bad_timeout", `The dead man's switch cannot wait ${seconds} s`, {
        hint: `It takes whole seconds from ${MIN_SECONDS} to ${MAX_SECONDS}; the exchange suggests 60s`,
      });
    }
    const before = this.#wanted;
    this.#wanted = { seconds, onExit };
    const answer = await this.#set(seconds);
    if (answer.type === "refused") {
      this.#wanted = before;
      throw new RejectedError("deadman_refused", `The exchange refused the dead man's switch: ${answer.reason}`);
    }
    this.#schedule();
    if (answer.type === "confirmed") return;
    throw new UnreachableError("deadman_unconfirmed", `The dead man's switch is not armed: ${answer.reason}`, {
      hint: "It is tried again until it is, or until deadman off",
    });
  }

  /**
   * Switches the exchange's timer off; the orders stay.
   *
   * @throws {RejectedError} If the exchange refuses.
   * @throws {UnreachableError} If there is no answer. In both cases the timer may still run out.
   */
  async off(): Promise<void> {
    this.#wanted = undefined;
    this.#beat?.cancel();
    this.#lapse?.cancel();
    const answer = await this.#request(0);
    if (answer.type === "confirmed") {
      this.#armedUntilMs = undefined;
      this.#problem = undefined;
      return this.#emit({ channel: "deadman", type: "disarmed" });
    }
    const message = `The dead man's switch could not be switched off: ${answer.reason}`;
    const hint = this.#leftText();
    this.#emit({ channel: "deadman", type: "unconfirmed", timeout: 0, reason: answer.reason });
    if (answer.type === "refused") throw new RejectedError("deadman_refused", message, { hint });
    throw new UnreachableError("deadman_unconfirmed", message, { hint });
  }

  /** The connection stands again: what is wanted is confirmed as soon as can be. */
  reconnected(): void {
    if (this.#wanted !== undefined) void this.#refresh();
  }

  /**
   * Does at the session's end what is to be done then.
   *
   * @returns What became of the orders, for people.
   */
  async exit(action: OnExit): Promise<string> {
    switch (action) {
      case "cancel": {
        const text = await this.#exchange.cancelAll();
        await this.off();
        return text;
      }
      case "disable":
        await this.off();
        return "The dead man's switch is off; the orders stay";
      case "leave": {
        const text = this.#leftText();
        this.#wanted = undefined;
        this.stop();
        return text;
      }
    }
  }

  /** Sends nothing more. The exchange's timer goes on. */
  stop(): void {
    this.#beat?.cancel();
    this.#lapse?.cancel();
  }

  #leftText(): string {
    const leftMs = (this.#armedUntilMs ?? 0) - this.#clock.nowMs();
    return leftMs > 0
      ? `The exchange cancels all orders in about ${Math.ceil(leftMs / 1000)} s, unless it is told otherwise`
      : "The dead man's switch was not armed; the orders stay as they are";
  }

  #schedule(): void {
    this.#beat?.cancel();
    const { seconds } = this.#wanted ?? {};
    if (seconds === undefined) return;
    this.#beat = this.#clock.setTimer(seconds * 1000 / BEATS, () => void this.#refresh());
  }

  /** Sets the timer anew, unless a request for that is under way. */
  async #refresh(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#schedule();
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      await this.#set(wanted.seconds);
    } finally {
      this.#refreshing = false;
    }
  }

  async #set(seconds: number): Promise<TimerAnswer> {
    const wanted = this.#wanted;
    const answer = await this.#request(seconds);
    // Switched off, or to another time, while the answer was on its way.
    if (this.#wanted !== wanted) return answer;
    if (answer.type !== "confirmed") {
      this.#problem = answer.reason;
      this.#emit({ channel: "deadman", type: "unconfirmed", timeout: seconds, reason: answer.reason });
      return answer;
    }
    return answer;
  }

  #request(seconds: number): Promise<TimerAnswer> {
    const run = async (): Promise<TimerAnswer> => {
      const sentMs = this.#clock.nowMs();
      const answer = await this.#exchange.setTimer(seconds);
      if (answer.type === "confirmed" && seconds > 0) this.#confirmed(seconds, sentMs, answer.triggerTime);
      return answer;
    };
    const request = this.#requests.then(run);
    this.#requests = request.catch(() => {});
    return request;
  }

  #confirmed(seconds: number, sentMs: number, triggerTime: string | undefined): void {
    const type = this.state.type === "armed" ? "refreshed" : "armed";
    this.#problem = undefined;
    this.#armedUntilMs = sentMs + seconds * 1000;
    this.#emit({
      channel: "deadman",
      type,
      timeout: seconds,
      ...(triggerTime === undefined ? {} : { trigger_time: triggerTime }),
    });
    this.#lapse?.cancel();
    this.#lapse = this.#clock.setTimer(this.#armedUntilMs - this.#clock.nowMs(), () => {
      this.#emit({ channel: "deadman", type: "lapsed", timeout: seconds });
    });
  }
}
