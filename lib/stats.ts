/**
 * How the program itself is doing, told from time to time for who watches over it.
 *
 * @module
 */

import type { App } from "./app.ts";
import type { Clock, TextOut, Timer } from "./io/ports.ts";

/** Counts the time that writes take: most of it is waiting for the reader. */
export class StopWatch {
  readonly #clock: Clock;
  #totalMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds so far. */
  get totalMs(): number {
    return this.#totalMs;
  }

  /** The same end, whose writes are counted. */
  around(out: TextOut): TextOut {
    return {
      isTerminal: () => out.isTerminal(),
      write: (text) => {
        const startMs = this.#clock.nowMs();
        try {
          out.write(text);
        } finally {
          this.#totalMs += this.#clock.nowMs() - startMs;
        }
      },
    };
  }
}

/** Emits a `stat` record each time that the configured while has passed, until disposed of. */
export function watchStats(app: App, blocked: StopWatch): Disposable {
  const { statsMs } = app.config;
  if (statsMs === undefined) return { [Symbol.dispose]() {} };
  const { clock } = app.ports;
  const startMs = clock.nowMs();
  let timer: Timer;
  const plan = (): void => {
    const dueMs = clock.nowMs() + statsMs;
    timer = clock.setTimer(statsMs, () => {
      const nowMs = clock.nowMs();
      tell(app, blocked, { uptimeMs: nowMs - startMs, lagMs: nowMs - dueMs });
      plan();
    });
  };
  plan();
  return { [Symbol.dispose]: () => timer.cancel() };
}

function tell(app: App, blocked: StopWatch, { uptimeMs, lagMs }: { uptimeMs: number; lagMs: number }): void {
  const { frames, bytes } = app.feed.received;
  const { records, gaps } = app.output.counts;
  const { rss, heap } = app.ports.memory();
  app.emit({
    channel: "stat",
    type: "update",
    data: {
      uptime_ms: Math.round(uptimeMs),
      frames,
      bytes,
      records,
      gaps,
      blocked_ms: Math.round(blocked.totalMs),
      lag_ms: Math.max(0, Math.round(lagMs)),
      rss_bytes: rss,
      heap_bytes: heap,
    },
  });
}
