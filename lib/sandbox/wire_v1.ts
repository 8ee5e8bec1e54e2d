/**
 * What the exchange says in version 1: the payloads of the feeds and the event objects.
 *
 * Frames are written as text, piece by piece, because the wire's form is the point: the order of the keys, the digits
 * behind the point, a connection id that no JavaScript number can hold.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-intro and the pages under
 * https://docs.kraken.com/api/docs/websocket-v1/
 *
 * @module
 */

import { averagePrice, type Candle, endOfInterval } from "./candles.ts";
import { formatFixed, formatMicros, ONE_VOLUME, VOLUME_DECIMALS } from "./fixed.ts";
import type { Best, PublicTrade } from "./market.ts";
import type { Pair } from "./pairs.ts";

/** `[[price, volume, time, side, orderType, misc], …]` */
export function writeTrades(trades: readonly PublicTrade[], { priceDecimals }: Pair): string {
  const entries = trades.map(({ price, volume, atMicros, side, orderType }) =>
    `["${formatFixed(price, priceDecimals)}","${formatFixed(volume, VOLUME_DECIMALS)}","${formatMicros(atMicros)}",` +
    `"${side === "buy" ? "b" : "s"}","${orderType === "market" ? "m" : "l"}",""]`
  );
  return `[${entries.join(",")}]`;
}

/** `[bid, ask, time, bidVolume, askVolume]`; an empty side shows zeros. */
export function writeSpread(
  { bid, ask, atMicros }: { readonly bid: Best | undefined; readonly ask: Best | undefined; readonly atMicros: number },
  { priceDecimals }: Pair,
): string {
  const price = (best: Best | undefined) => formatFixed(best?.price ?? 0n, priceDecimals);
  const volume = (best: Best | undefined) => formatFixed(best?.volume ?? 0n, VOLUME_DECIMALS);
  return `["${price(bid)}","${price(ask)}","${formatMicros(atMicros)}","${volume(bid)}","${volume(ask)}"]`;
}

/** Everything the ticker shows. */
export interface TickerFigures {
  readonly bid: Best | undefined;
  readonly ask: Best | undefined;
  readonly last: PublicTrade;
  readonly today: Candle;
  readonly last24Hours: Candle;
}

/** `{"a":…,"b":…,"c":…,"v":…,"p":…,"t":…,"l":…,"h":…,"o":…}` */
export function writeTicker({ bid, ask, last, today, last24Hours }: TickerFigures, { priceDecimals }: Pair): string {
  const price = (value: bigint) => formatFixed(value, priceDecimals);
  const volume = (value: bigint) => formatFixed(value, VOLUME_DECIMALS);
  const best = (value: Best | undefined) => {
    const amount = value?.volume ?? 0n;
    return `["${price(value?.price ?? 0n)}",${amount / ONE_VOLUME},"${volume(amount)}"]`;
  };
  return `{"a":${best(ask)},"b":${best(bid)},"c":["${price(last.price)}","${volume(last.volume)}"],` +
    `"v":["${volume(today.volume)}","${volume(last24Hours.volume)}"],` +
    `"p":["${price(averagePrice(today))}","${price(averagePrice(last24Hours))}"],` +
    `"t":[${today.count},${last24Hours.count}],` +
    `"l":["${price(today.low)}","${price(last24Hours.low)}"],` +
    `"h":["${price(today.high)}","${price(last24Hours.high)}"],` +
    `"o":["${price(today.open)}","${price(last24Hours.open)}"]}`;
}

/** `[time, etime, open, high, low, close, vwap, volume, count]`, where time is that of the last trade. */
export function writeCandle(candle: Candle, minutes: number, { priceDecimals }: Pair): string {
  const price = (value: bigint) => formatFixed(value, priceDecimals);
  return `["${formatMicros(candle.lastMicros)}","${formatMicros(endOfInterval(candle.startMicros, minutes))}",` +
    `"${price(candle.open)}","${price(candle.high)}","${price(candle.low)}","${price(candle.close)}",` +
    `"${price(averagePrice(candle))}","${formatFixed(candle.volume, VOLUME_DECIMALS)}",${candle.count}]`;
}

/** A value of an event object: text is quoted, {@linkcode Raw} is written as it is. */
export type EventValue = string | number | boolean | null | Raw;

/** JSON text that is to be written digit for digit. */
export interface Raw {
  readonly raw: string;
}

export const HEARTBEAT = '{"event":"heartbeat"}';

/**
 * An event object, its keys in alphabetical order as on the wire; fields that are `undefined` are left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeEvent } from "./wire_v1.ts";
 *
 * assertEquals(writeEvent("pong", { reqid: { raw: "42" } }), '{"event":"pong","reqid":42}');
 * ```
 */
export function writeEvent(event: string, fields: Readonly<Record<string, EventValue | undefined>> = {}): string {
  const parts: string[] = [];
  const all: Readonly<Record<string, EventValue | undefined>> = { ...fields, event };
  for (const key of Object.keys(all).sort()) {
    const value = all[key];
    if (value !== undefined) parts.push(`"${key}":${isRaw(value) ? value.raw : JSON.stringify(value)}`);
  }
  return `{${parts.join(",")}}`;
}

function isRaw(value: EventValue): value is Raw {
  return typeof value === "object" && value !== null;
}
