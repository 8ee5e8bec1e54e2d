/**
 * How long to wait before connecting again.
 *
 * Pure. The first try comes at once, since most losses are a single dropped
 * connection; then the waits grow and spread, so that many clients that lost
 * the exchange together do not come back together.
 *
 * The exchange bans an address for ten minutes after about 150 connections in ten
 * minutes, and asks for no more than one try in five seconds after maintenance:
 * https://docs.kraken.com/api/docs/guides/spot-ws-intro
 *
 * @module
 */

import type { Loss, Random } from "../io/ports.ts";

const FIRST_DELAYS_MS = [0, 1_000, 2_000];
const SHORTEST_MS = 5_000;
const LONGEST_MS = 60_000;

/** A handshake refused with one of these says that this address asks too often. */
const TOO_OFTEN = [403, 429];

/**
 * Milliseconds to wait before the next connection.
 *
 * @param attempt How many tries have failed since the connection last was stable: 0 for the first.
 * @param after What ended the last connection, and the exchange's last word on its own state.
 */
export function delayMs(
  attempt: number,
  after: { readonly loss: Loss; readonly maintenance: boolean },
  random: Random,
): number {
  return Math.max(growingDelayMs(attempt, random), leastDelayMs(after));
}

function growingDelayMs(attempt: number, random: Random): number {
  const first = FIRST_DELAYS_MS[attempt];
  if (first !== undefined) return first;
  const ceiling = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (attempt - FIRST_DELAYS_MS.length + 1));
  return Math.round(SHORTEST_MS + random() * (ceiling - SHORTEST_MS));
}

function leastDelayMs({ loss, maintenance }: { readonly loss: Loss; readonly maintenance: boolean }): number {
  if (loss.kind === "http_status" && TOO_OFTEN.includes(loss.code ?? 0)) return LONGEST_MS;
  return maintenance ? SHORTEST_MS : 0;
}
