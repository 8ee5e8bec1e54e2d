/**
 * The last step of every frame: through the faults, in order, to the client.
 *
 * Without a fault a frame passes at once. A delay or a stall makes it wait, and whatever comes after it waits behind it.
 *
 * Pure but for its own state.
 *
 * @module
 */

import type { Faults } from "./faults.ts";
import type { Schedule } from "./schedule.ts";
import type { Sink } from "./session.ts";

/** Frames that may wait for one client before it is given up. */
const WAITING_LIMIT = 20_000;

/** A sink that keeps back what a fault says it must. */
export class Gate implements Sink {
  readonly #sink: Sink;
  readonly #faults: Faults;
  readonly #schedule: Schedule;
  readonly #now: () => number;
  readonly #waiting: { readonly frame: string; readonly dueMicros: number }[] = [];
  #stalledUntilMicros = 0;

  constructor(
    sink: Sink,
    { faults, schedule, now }: { readonly faults: Faults; readonly schedule: Schedule; readonly now: () => number },
  ) {
    this.#sink = sink;
    this.#faults = faults;
    this.#schedule = schedule;
    this.#now = now;
  }

  send(frame: string): void {
    // Nearly always there is no fault, and then this is the hottest line of the exchange.
    if (this.#faults.isIdle && this.#waiting.length === 0 && this.#stalledUntilMicros === 0) {
      this.#sink.send(frame);
      return;
    }
    for (const outgoing of this.#faults.send(frame)) {
      if (outgoing.lateMicros === 0) this.#line(outgoing.frame);
      else this.#schedule.at(this.#now() + outgoing.lateMicros, () => this.#line(outgoing.frame));
    }
  }

  close(code: number, reason: string): void {
    this.#waiting.length = 0;
    this.#sink.close(code, reason);
  }

  /** Lets nothing through until then. */
  stall(untilMicros: number): void {
    this.#stalledUntilMicros = untilMicros;
  }

  /** Lets everything through that was waiting. */
  release(): void {
    this.#stalledUntilMicros = 0;
    for (const { frame } of this.#waiting.splice(0)) this.#sink.send(frame);
  }

  /** Puts a frame at the end of the line. */
  #line(frame: string): void {
    const dueMicros = Math.max(this.#now() + this.#faults.delayMicros, this.#stalledUntilMicros);
    if (this.#waiting.length === 0 && dueMicros <= this.#now()) {
      this.#sink.send(frame);
      return;
    }
    if (this.#waiting.push({ frame, dueMicros }) === 1) this.#planFlush();
    if (this.#waiting.length > WAITING_LIMIT) this.close(1008, "Slow consumer");
  }

  #planFlush(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    const dueMicros = Math.max(first.dueMicros, this.#stalledUntilMicros);
    if (dueMicros < Infinity) this.#schedule.at(dueMicros, () => this.#flush());
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const { frame, dueMicros } = this.#waiting[0]!;
      if (Math.max(dueMicros, this.#stalledUntilMicros) > this.#now()) break;
      this.#waiting.shift();
      this.#sink.send(frame);
    }
    this.#planFlush();
  }
}
