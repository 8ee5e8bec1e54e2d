/**
 * What to do about the exchange's refusals, for those where that is not plain from its own words.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-errors
 *
 * @module
 */

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/Invalid session/, 'The token is expired or none of this exchange\'s: "krakenws token" makes another'],
  [
    /Permission denied|Invalid permissions/,
    "The API key behind the token lacks a permission: the exchange's API settings list them",
  ],
  [/Rate limit exceeded|Exceeded msg rate|Throttled/, "Too much in a short time: wait for some seconds"],
  [/deadline/i, "The order came too late, or this machine's clock is off: see --deadline and --no-deadline"],
  [/Order minimum not met|Cost minimum not met/, "The pair has a least volume and a least cost, which this is below"],
  [/Tick size check failed/, "The price has more decimals than the pair allows"],
  [/not supported .*\bBTC\b/, "Version 1 of the exchange's protocol calls bitcoin XBT, as in XBT/USD"],
  [/not supported .*\bDOGE\b/, "Version 1 of the exchange's protocol calls dogecoin XDG, as in XDG/USD"],
  [/in (?:cancel_only|post_only|limit_only) mode/, '"krakenws status" tells when the exchange is online again'],
  [/Subscription name invalid/, "This channel is not offered by version 1 of the exchange's protocol"],
];

/** What could be done about a refusal; `undefined` where its words say it all. */
export function rejectionHint(reason: string): string | undefined {
  return HINTS.find(([pattern]) => pattern.test(reason))?.[1];
}
