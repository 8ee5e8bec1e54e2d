/**
 * The few REST calls that a WebSocket client needs: a token, the pairs, the state, the time.
 *
 * Signatures and nonces are checked as the exchange checks them, and errors come with HTTP status 200 as they do there.
 *
 * Pure but for the nonces it remembers.
 *
 * Sources: https://docs.kraken.com/api/docs/guides/spot-rest-auth,
 * https://docs.kraken.com/api/docs/rest-api/get-websockets-token and
 * https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Exchange } from "./exchange.ts";
import { formatFixed, VOLUME_DECIMALS } from "./fixed.ts";
import { assetKey, type Pair, PAIRS } from "./pairs.ts";
import { isObject } from "./requests.ts";
import { type ApiKey, findApiKey, TOKEN_SECONDS } from "./tokens.ts";

/** A call, as far as these answers depend on it. */
export interface RestCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
}

const TOKEN_PATH = "/0/private/GetWebSocketsToken";

/** Answers REST calls for one exchange. */
export class Rest {
  readonly #exchange: Exchange;
  readonly #nonces = new Map<string, bigint>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The answer as JSON text. */
  answer(call: RestCall): string {
    const result = this.#result(call);
    return JSON.stringify("error" in result ? { error: [result.error] } : { error: [], result: result.result });
  }

  #result(call: RestCall): { readonly error: string } | { readonly result: unknown } {
    const { nowMicros } = this.#exchange;
    switch (call.path) {
      case TOKEN_PATH:
        return this.#token(call);
      case "/0/public/AssetPairs":
        return this.#assetPairs(call.query.get("pair"));
      case "/0/public/SystemStatus": {
        const timestamp = new Date(nowMicros / 1000).toISOString().replace(/\.\d+/, "");
        return { result: { status: this.#exchange.private.state, timestamp } };
      }
      case "/0/public/Time":
        return { result: { unixtime: Math.floor(nowMicros / 1e6), rfc1123: new Date(nowMicros / 1000).toUTCString() } };
      default:
        return { error: "EGeneral:Unknown method" };
    }
  }

  #token(call: RestCall): { readonly error: string } | { readonly result: unknown } {
    if (call.method !== "POST") return { error: "EGeneral:Unknown method" };
    const key = findApiKey(call.headers.get("API-Key") ?? "");
    if (key === undefined) return { error: "EAPI:Invalid key" };
    const nonce = readNonce(call.body);
    if (!isSignedBy(key, nonce, call)) return { error: "EAPI:Invalid signature" };
    if (BigInt(nonce) <= (this.#nonces.get(key.key) ?? 0n)) return { error: "EAPI:Invalid nonce" };
    this.#nonces.set(key.key, BigInt(nonce));
    if (!key.mayUseWebSockets) return { error: "EGeneral:Permission denied" };
    if (this.#exchange.private.state === "maintenance") return { error: "EService:Unavailable" };
    return { result: { token: this.#exchange.issueToken(key.key), expires: TOKEN_SECONDS } };
  }

  #assetPairs(names: string | null): { readonly error: string } | { readonly result: unknown } {
    const traded = PAIRS.filter(({ wsname }) => this.#exchange.market(wsname) !== undefined);
    const wanted: readonly (Pair | undefined)[] = names === null
      ? traded
      : names.split(",").map((name) =>
        traded.find(({ key, altname, wsname }) => [key, altname, wsname].includes(name))
      );
    if (wanted.includes(undefined)) return { error: "EQuery:Unknown asset pair" };
    return {
      result: Object.fromEntries(wanted.filter((pair) => pair !== undefined).map((pair) => [pair.key, describe(pair)])),
    };
  }
}

/**
 * What `API-Sign` must be for a call.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { signatureOf } from "./rest.ts";
 *
 * // The documented example of https://docs.kraken.com/api/docs/guides/spot-rest-auth
 * const secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";
 * const body = "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25";
 * assertEquals(
 *   signatureOf(secret, { path: "/0/private/AddOrder", nonce: "1616492376594", body }),
 *   "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
 * );
 * ```
 */
export function signatureOf(
  secret: string,
  { path, nonce, body }: { readonly path: string; readonly nonce: string; readonly body: string },
): string {
  const digest = createHash("sha256").update(nonce + body).digest();
  return createHmac("sha512", Buffer.from(secret, "base64")).update(path).update(digest).digest("base64");
}

function isSignedBy(key: ApiKey, nonce: string, { path, headers, body }: RestCall): boolean {
  const expected = Buffer.from(signatureOf(key.secret, { path, nonce, body }));
  const given = Buffer.from(headers.get("API-Sign") ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The nonce of a form or JSON body; `0`, which no check lets through, if there is none. */
function readNonce(body: string): string {
  const nonce = /^\s*\{/.test(body) ? readJsonNonce(body) : new URLSearchParams(body).get("nonce");
  return /^\d{1,20}$/.test(nonce ?? "") ? String(nonce) : "0";
}

function readJsonNonce(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body, (_key, inner, context?: { readonly source?: string }) =>
      // Nanoseconds as a bare number are beyond what a JavaScript number holds.
      typeof inner === "number" ? context?.source ?? String(inner) : inner);
    return isObject(value) ? String(value["nonce"]) : undefined;
  } catch {
    return undefined;
  }
}

function describe(pair: Pair): unknown {
  const { priceDecimals, fees } = pair;
  const percent = (hundredths: bigint) => Number(hundredths) / 100;
  return {
    altname: pair.altname,
    wsname: pair.wsname,
    aclass_base: "currency",
    base: assetKey(pair.base),
    aclass_quote: "currency",
    quote: assetKey(pair.quote),
    lot: "unit",
    cost_decimals: priceDecimals,
    pair_decimals: pair.pairDecimals,
    lot_decimals: VOLUME_DECIMALS,
    lot_multiplier: 1,
    leverage_buy: pair.leverage,
    leverage_sell: pair.leverage,
    fees: [[0, percent(fees.taker)]],
    fees_maker: [[0, percent(fees.maker)]],
    fee_volume_currency: "ZUSD",
    margin_call: 80,
    margin_stop: 40,
    ordermin: trimmed(formatFixed(pair.ordermin, VOLUME_DECIMALS)),
    costmin: trimmed(formatFixed(pair.costmin, priceDecimals)),
    tick_size: trimmed(formatFixed(pair.tick, priceDecimals)),
    status: "online",
  };
}

function trimmed(decimal: string): string {
  return decimal.replace(/\.?0+$/, "");
}
