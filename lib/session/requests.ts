/**
 * Requests that wait for their answers, matched by `reqid`.
 *
 * Every promise handed out is settled: by the answers, at its deadline, or when
 * the connection goes. None rejects, since what a missing answer means is for the
 * caller to say: for a ping it is a failure, for an order it is not known.
 *
 * @module
 */

import type { Clock, Timer } from "../io/ports.ts";
import type { RequestId, ServerEvent } from "../model/event.ts";

export interface Answer {
  readonly type: "answered" | "timeout" | "lost";
  /** What came, in order: fewer than expected unless `answered`. */
  readonly events: readonly ServerEvent[];
}

export interface Expectation {
  readonly timeoutMs: number;
  /** How many answers belong to the request: one for each order of a cancellation. */
  readonly count: number;
}

interface Waiting {
  readonly count: number;
  readonly events: ServerEvent[];
  readonly timer: Timer;
  readonly settle: (type: Answer["type"]) => void;
}

/** How late a timer comes on a machine that has enough to do. */
const PUNCTUAL_MS = 50;

export class Requests {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the answers to a request that is about to be sent, whose number no other has. */
  expect(reqid: number, { timeoutMs, count }: Expectation): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const events: ServerEvent[] = [];
    const settle = (type: Answer["type"]): void => {
      this.#waiting.get(String(reqid))?.timer.cancel();
      this.#waiting.delete(String(reqid));
      resolve({ type, events });
    };
    const timer = this.#deadline(timeoutMs, timeoutMs, () => settle("timeout"));
    this.#waiting.set(String(reqid), { count, events, timer, settle });
    return promise;
  }

  /**
   * A deadline that comes late tells how long this program could hear nothing: blocked in a write, or asleep with its
   * machine. The answer may lie unread, so that time does not count.
   */
  #deadline(ms: number, longestMs: number, expired: () => void): Timer {
    const dueMs = this.#clock.nowMs() + ms;
    let timer = this.#clock.setTimer(ms, () => {
      const lateMs = this.#clock.nowMs() - dueMs;
      if (lateMs <= PUNCTUAL_MS) return expired();
      timer = this.#deadline(Math.min(lateMs, longestMs), longestMs, expired);
    });
    return { cancel: () => timer.cancel() };
  }

  /** Hands an event to the request that it answers, if one waits. */
  answer(reqid: RequestId | undefined, event: ServerEvent): void {
    const waiting = this.#waiting.get(String(reqid));
    if (waiting === undefined) return;
    waiting.events.push(event);
    if (waiting.events.length >= waiting.count) waiting.settle("answered");
  }

  /** No answer can come any more. */
  lost(): void {
    for (const waiting of [...this.#waiting.values()]) waiting.settle("lost");
  }
}
