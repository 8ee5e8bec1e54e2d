/**
 * The tokens that a connection has sent: which request had which, and whether a refused one gets another try.
 *
 * A token that the exchange refuses is spent, and what was asked for with it is asked for once more with another, if there
 * is another. A refusal of that one is final. This is about subscriptions: an order is sent once, whatever the answer.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-auth and `ESession:Invalid session` in
 * https://docs.kraken.com/api/docs/guides/spot-errors
 *
 * @module
 */

import type { SubscriptionEvent } from "../model/event.ts";
import type { Secret } from "../model/secret.ts";
import type { TokenSource } from "./token.ts";

/** A token that the exchange refused, and the one that took its place. */
interface Renewal {
  readonly spent: Secret;
  readonly reason: string;
  readonly fresh: Secret | undefined;
}

export class TokenUse {
  readonly #source: TokenSource;
  /** By the number of the request. */
  readonly #waiting = new Map<string, Secret>();
  #last: Secret | undefined;
  #renewal: Renewal | undefined;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /**
   * The token to send with a request, or, where the exchange has refused the only one there is, its reason.
   *
   * @throws {KrakenwsError} What the source throws.
   */
  async next(): Promise<{ readonly token: Secret } | { readonly refusal: string }> {
    const token = await this.#source.get();
    if (this.#renewal === undefined) return { token };
    if (isSame(token, this.#renewal.spent)) return { refusal: this.#renewal.reason };
    this.#renewal = { ...this.#renewal, fresh: token };
    return { token };
  }

  /** Notes that a request went out with a token; one that subscribes, under its number. */
  sent(token: Secret, reqid?: number): void {
    this.#last = token;
    if (reqid !== undefined) this.#waiting.set(String(reqid), token);
  }

  /** Takes the exchange's word on a subscription; returns whether to ask once more, with another token. */
  answered({ type, reqid, reason = "" }: SubscriptionEvent): boolean {
    const token = this.#waiting.get(String(reqid));
    this.#waiting.delete(String(reqid));
    if (type === "subscribed") this.#renewal = undefined;
    if (type !== "rejected" || token === undefined || !reason.includes("Invalid session")) return false;
    if (isSame(token, this.#renewal?.fresh)) return false;
    this.#source.spend(token);
    this.#renewal = { spent: token, reason, fresh: undefined };
    return true;
  }

  /** The connection is gone, which kept its token alive: the next one begins with a fresh one, where that can be had. */
  lost(): void {
    if (this.#last !== undefined) this.#source.spend(this.#last);
    this.#last = undefined;
    this.#waiting.clear();
  }
}

function isSame(a: Secret, b: Secret | undefined): boolean {
  return a.reveal() === b?.reveal();
}
