/** An exchange without sockets for tests, and clients that record what it says. */

import { Exchange, type ExchangeOptions } from "../../lib/sandbox/exchange.ts";
import type { Endpoint, Session } from "../../lib/sandbox/session.ts";

export const START_MICROS = Date.UTC(2026, 0, 5, 9, 30) * 1000;

export function openExchange(options: Partial<ExchangeOptions> = {}): Exchange {
  return new Exchange({ seed: 1, speed: 1, startMicros: START_MICROS, requestsPerSecond: 1e9, ...options });
}

/** A client that keeps every frame. */
export interface Client {
  readonly session: Session;
  readonly frames: string[];
  readonly closed: { readonly code: number; readonly reason: string }[];
  send(request: unknown): void;
  /** Frames since the last call. */
  take(): string[];
}

export function connect(exchange: Exchange, endpoint: Endpoint = "public"): Client {
  const frames: string[] = [];
  const closed: { code: number; reason: string }[] = [];
  let taken = 0;
  const session = exchange.connect(endpoint, {
    send: (frame) => frames.push(frame),
    close: (code, reason) => closed.push({ code, reason }),
  });
  return {
    session,
    frames,
    closed,
    send: (request) => exchange.receive(session, typeof request === "string" ? request : JSON.stringify(request)),
    take() {
      const fresh = frames.slice(taken);
      taken = frames.length;
      return fresh;
    },
  };
}

/** Lets exchange time pass. */
export function advance(exchange: Exchange, ms: number): void {
  exchange.advanceTo(exchange.nowMicros + ms * 1000);
}
