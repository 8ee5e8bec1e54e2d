/**
 * API keys, and the tokens that open the private endpoint.
 *
 * A token must be used within 900 seconds; once a private subscription holds it, it lives as long as that. These
 * accounts are make-believe, their secrets are no secrets.
 *
 * Pure but for its own state.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-auth
 *
 * @module
 */

import type { Random } from "./random.ts";

/** Seconds within which a token must be used. */
export const TOKEN_SECONDS = 900;

/** What a key is allowed to do. */
export interface ApiKey {
  readonly key: string;
  /** Base64, as the exchange hands it out. */
  readonly secret: string;
  readonly account: string;
  readonly mayUseWebSockets: boolean;
  readonly mayTrade: boolean;
}

const SECRET = "c2FuZGJveA==";

/** Every key of the sandbox, with one secret. */
export const API_KEYS: readonly ApiKey[] = [
  { key: "sandbox", secret: SECRET, account: "sandbox", mayUseWebSockets: true, mayTrade: true },
  { key: "sandbox-second", secret: SECRET, account: "sandbox-second", mayUseWebSockets: true, mayTrade: true },
  { key: "sandbox-query", secret: SECRET, account: "sandbox", mayUseWebSockets: true, mayTrade: false },
  { key: "sandbox-readonly", secret: SECRET, account: "sandbox", mayUseWebSockets: false, mayTrade: false },
];

/** The key of that name, `undefined` if there is none. */
export function findApiKey(name: string): ApiKey | undefined {
  return API_KEYS.find(({ key }) => key === name);
}

interface Token {
  readonly key: ApiKey;
  readonly issuedMicros: number;
  /** Connections whose private subscriptions keep it alive. */
  readonly holders: Set<object>;
  revoked: boolean;
}

/** The tokens that have been issued. */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Makes a token of 43 characters. */
  issue(key: ApiKey, nowMicros: number): string {
    const text = this.#random.text(43, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    this.#tokens.set(text, { key, issuedMicros: nowMicros, holders: new Set(), revoked: false });
    return text;
  }

  /** The key a token was issued for; `undefined` if there is no such token or its time is over. */
  find(text: unknown, nowMicros: number): ApiKey | undefined {
    const token = typeof text === "string" ? this.#tokens.get(text) : undefined;
    if (token === undefined || token.revoked) return undefined;
    const isFresh = nowMicros - token.issuedMicros < TOKEN_SECONDS * 1e6;
    return isFresh || token.holders.size > 0 ? token.key : undefined;
  }

  /** Keeps a token alive for as long as `holder` does. */
  keep(text: string, holder: object): void {
    this.#tokens.get(text)?.holders.add(holder);
  }

  /** Ends what {@linkcode keep} began, for all tokens. */
  letGo(holder: object): void {
    for (const token of this.#tokens.values()) token.holders.delete(holder);
  }

  /** Makes every token issued so far invalid. */
  revokeAll(): void {
    for (const token of this.#tokens.values()) token.revoked = true;
  }
}
