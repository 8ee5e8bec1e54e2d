/**
 * What the rest of the program knows of a wire protocol: requests become text,
 * text becomes events.
 *
 * A protocol is pure. It holds no connection and no state, so one value serves
 * every socket. A further version of the exchange's protocol is one more file
 * that exports a {@linkcode Protocol}.
 *
 * @module
 */

import type { Pair } from "../model/pair.ts";
import type { PrivateFeed, PublicFeed } from "../model/subscription.ts";
import type { ServerEvent } from "../model/event.ts";
import type { Secret } from "../model/secret.ts";

export interface Protocol {
  /**
   * What one frame says. Never throws: a frame that cannot be read is an
   * `unrecognized` event that holds it whole.
   */
  decode(frame: string): ServerEvent;

  /** The frame that makes a request. */
  encode(request: Request): string;
}

export type Request =
  | { readonly type: "ping"; readonly reqid: number }
  | SubscriptionRequest
  | TradingRequest;

/** One request can name many pairs, and none where the feed is the account's. */
export type SubscriptionRequest =
  & { readonly type: "subscribe" | "unsubscribe"; readonly reqid: number }
  & (
    | { readonly feed: PublicFeed; readonly pairs: readonly Pair[] }
    | { readonly feed: PrivateFeed; readonly token: Secret }
  );

export interface TradingRequest {
  readonly type: "trading";
  /** The exchange's name for the request, such as `addOrder`. */
  readonly event: string;
  readonly reqid: number;
  readonly token: Secret;
  /** Further keys of the request, each with the type that the exchange expects. */
  readonly parameters: Readonly<Record<string, unknown>>;
}
