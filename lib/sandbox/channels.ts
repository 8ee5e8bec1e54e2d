/**
 * The public channels of a pair, and who listens to each.
 *
 * A channel is a feed with its parameter: `book-25`, `ohlc-5`, `ticker`. Its id follows the pattern that was seen on the
 * wire, sixteen ids a pair; all depths of a book share one, as they do there. Clients must not rely on it.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/subscriptionstatus
 *
 * @module
 */

import { DEPTHS } from "./book_feed.ts";
import { INTERVALS } from "./candles.ts";
import type { Pair } from "./pairs.ts";

/** The public feeds, by the names one subscribes with. */
export const FEEDS = ["book", "ohlc", "spread", "ticker", "trade"] as const;
export type Feed = (typeof FEEDS)[number];

/** Sixteenth of the first id: XBT/USD was seen at 320. */
const FIRST_ID = 20;

/** Whoever gets frames. */
export interface Subscriber {
  send(frame: string): void;
}

/** One channel of one pair. */
export class MarketChannel {
  readonly subscribers = new Set<Subscriber>();
  readonly feed: Feed;
  readonly pair: Pair;
  readonly id: number;
  /** The name in frames: `book-10`. */
  readonly name: string;
  /** Place of its parameter in {@linkcode DEPTHS} or {@linkcode INTERVALS}; 0 for the other feeds. */
  readonly variant: number;
  /** The subscription as its status echoes it, defaults filled in. */
  readonly subscription: string;
  readonly #end: string;

  constructor(pair: Pair, feed: Feed, variant: number) {
    this.feed = feed;
    this.pair = pair;
    this.variant = variant;
    this.id = 16 * (FIRST_ID + pair.index) + { book: 0, trade: 1, ticker: 4, spread: 5, ohlc: 7 + variant }[feed];
    const parameter = feed === "book" ? DEPTHS[variant] : feed === "ohlc" ? INTERVALS[variant] : undefined;
    this.name = parameter === undefined ? feed : `${feed}-${parameter}`;
    const detail = feed === "book" ? `"depth":${parameter},` : feed === "ohlc" ? `"interval":${parameter},` : "";
    this.subscription = `{${detail}"name":"${feed}"}`;
    this.#end = `,"${this.name}","${pair.wsname}"]`;
  }

  /** The frame that carries a payload. */
  frame(payload: string): string {
    return `[${this.id},${payload}${this.#end}`;
  }

  /** Sends a payload to everyone who listens. */
  send(payload: string): void {
    const frame = this.frame(payload);
    for (const subscriber of this.subscribers) subscriber.send(frame);
  }
}

/** All channels of a pair, by name. */
export function createChannels(pair: Pair): ReadonlyMap<string, MarketChannel> {
  const channels = [
    ...DEPTHS.map((_, variant) => new MarketChannel(pair, "book", variant)),
    ...INTERVALS.map((_, variant) => new MarketChannel(pair, "ohlc", variant)),
    new MarketChannel(pair, "spread", 0),
    new MarketChannel(pair, "ticker", 0),
    new MarketChannel(pair, "trade", 0),
  ];
  return new Map(channels.map((channel) => [channel.name, channel]));
}
