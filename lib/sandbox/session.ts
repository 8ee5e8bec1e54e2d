/**
 * One client's connection, as the exchange sees it: where its frames go and what it listens to.
 *
 * Pure but for its own state: frames leave through the {@linkcode Sink}.
 *
 * @module
 */

import type { MarketChannel, Subscriber } from "./channels.ts";

/** Which of the two addresses a client came to. */
export type Endpoint = "public" | "private";

/** The way to a client. */
export interface Sink {
  send(frame: string): void;
  close(code: number, reason: string): void;
}

/** A connection. */
export class Session implements Subscriber {
  readonly endpoint: Endpoint;
  /** Public channels it listens to. */
  readonly channels = new Set<MarketChannel>();
  #sink: Sink | undefined;
  #activeMicros: number;
  #windowMicros = 0;
  #windowCount = 0;

  constructor(endpoint: Endpoint, options: { readonly sink: Sink; readonly nowMicros: number }) {
    this.endpoint = endpoint;
    this.#sink = options.sink;
    this.#activeMicros = options.nowMicros;
  }

  get isOpen(): boolean {
    return this.#sink !== undefined;
  }

  /** Sends a frame; nothing happens once the connection is closed. */
  send(frame: string): void {
    this.#sink?.send(frame);
  }

  /** Ends the connection from the exchange's side. */
  close(code: number, reason: string): void {
    const sink = this.#sink;
    this.release();
    sink?.close(code, reason);
  }

  /** Forgets everything the client listens to; it is gone. */
  release(): void {
    this.#sink = undefined;
    for (const channel of this.channels) channel.subscribers.delete(this);
    this.channels.clear();
  }

  /** Counts a request; whether it is within the limit for each second. */
  admit(nowMicros: number, limitPerSecond: number): boolean {
    this.#activeMicros = nowMicros;
    if (nowMicros - this.#windowMicros >= 1e6) {
      this.#windowMicros = nowMicros;
      this.#windowCount = 0;
    }
    return ++this.#windowCount <= limitPerSecond;
  }

  /** Microseconds since the client last asked for something. */
  idleMicros(nowMicros: number): number {
    return nowMicros - this.#activeMicros;
  }
}
