/**
 * What the contestants have to carry: frames as the exchange sends them, framed ahead of time.
 *
 * The frames come from the embedded exchange on a virtual clock, so that prices move, books have true checksums and every
 * run has the same bytes. A block of them can be sent over and over: a book's begins with its snapshot.
 *
 * @module
 */

import { Exchange } from "../lib/sandbox/exchange.ts";
import { textFrame } from "./websocket.ts";

export interface Feed {
  /** As in a subscription. */
  readonly name: "ticker" | "trade" | "book";
  readonly depth?: number;
  readonly pairs: readonly string[];
}

export interface Traffic {
  readonly feed: Feed;
  /** The frames of a block, each ready for the wire. */
  readonly frames: readonly Uint8Array[];
  /** A further frame, whose pair is {@linkcode LAST_PAIR}: when it comes out of the pipe, everything has. */
  readonly last: Uint8Array;
}

export const LAST_PAIR = "END/END";

const START_MICROS = Date.UTC(2026, 0, 5, 9, 30) * 1000;
const STEP_MICROS = 1e6;

/** Lets an exchange run until it has sent `count` frames of this feed. */
export function captureTraffic(feed: Feed, count: number): Traffic {
  const exchange = new Exchange({ seed: 1, speed: 50, startMicros: START_MICROS });
  const texts: string[] = [];
  const session = exchange.connect("public", {
    send: (frame) => void (frame.startsWith("[") && texts.push(frame)),
    close() {},
  });
  exchange.receive(session, subscribeRequest(feed));
  while (texts.length < count) exchange.advanceTo(exchange.nowMicros + STEP_MICROS);
  const last = texts.at(-1)!.replace(/"[^"]+"\]$/, `"${LAST_PAIR}"]`);
  return { feed, frames: texts.slice(0, count).map(textFrame), last: textFrame(last) };
}

/** The same traffic as that of many pairs: each frame in turn is another one's. */
export function underPairs({ feed, frames, last }: Traffic, pairs: readonly string[]): Traffic {
  const [own = ""] = feed.pairs;
  const renamed = frames.map((frame, index) => {
    const text = new TextDecoder().decode(frame.subarray(frame.indexOf(OPEN_LIST)));
    return textFrame(text.replace(own, pairs[index % pairs.length]!));
  });
  return { feed: { ...feed, pairs }, frames: renamed, last };
}

/** What a frame's text begins with. */
const OPEN_LIST = 0x5b;

/** The frame that asks for a feed. */
export function subscribeRequest({ name, depth, pairs }: Feed): string {
  return JSON.stringify({
    event: "subscribe",
    pair: pairs,
    subscription: depth === undefined ? { name } : { name, depth },
  });
}
