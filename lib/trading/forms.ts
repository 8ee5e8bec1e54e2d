/**
 * The form of each value that an order is made of.
 *
 * A form says what a text must look like, in words that complete "price must be …". It knows no pair and no account, so
 * what only the exchange can judge (a tick size, a minimum, a leverage that a pair does not have) passes.
 *
 * Pure. No value becomes a `number`.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder and its sibling pages.
 *
 * @module
 */

import { isPair } from "../model/pair.ts";

export interface Form {
  /** What the text must be, to complete "… must be". */
  readonly must: string;
  readonly accepts: (text: string) => boolean;
}

function pattern(must: string, expression: RegExp): Form {
  return { must, accepts: (text) => expression.test(text) };
}

function oneOf(choices: readonly string[]): Form {
  const last = choices.at(-1);
  return { must: `${choices.slice(0, -1).join(", ")} or ${last}`, accepts: (text) => choices.includes(text) };
}

/** Anything but nothing. */
export const SOME_TEXT: Form = { must: "something", accepts: (text) => text !== "" };

export const SIDES = ["buy", "sell"] as const;

export const ORDER_TYPES = [
  "market",
  "limit",
  "stop-loss",
  "take-profit",
  "stop-loss-limit",
  "take-profit-limit",
  "trailing-stop",
  "trailing-stop-limit",
  "settle-position",
] as const;
export type OrderType = typeof ORDER_TYPES[number];

export function isOrderType(text: string): text is OrderType {
  return (ORDER_TYPES as readonly string[]).includes(text);
}

export const SIDE = oneOf(SIDES);
export const ORDER_TYPE = oneOf(ORDER_TYPES);
export const STP_TYPE = oneOf(["cancel_newest", "cancel_oldest", "cancel_both"]);
export const TIME_IN_FORCE = oneOf(["GTC", "GTD", "IOC"]);
export const BOOLEAN = oneOf(["true", "false"]);

/** As many digits as any exchange has ever used, and few enough that no text can be a burden. */
const DIGITS = String.raw`\d{1,20}(?:\.\d{1,20})?`;

export const VOLUME = pattern("a decimal number without a sign such as 0.125", new RegExp(`^${DIGITS}$`));

/** Absolute, or relative to the last trade: an amount added, subtracted or (`#`) whichever suits the side, or a percentage. */
export const PRICE = pattern(
  "a decimal number such as 7500.5, or relative to the last price as in +10, -5%, #2",
  new RegExp(`^(?:${DIGITS}|[+\\-#]${DIGITS}%?)$`),
);

/** How far a trailing stop keeps behind. */
export const TRAIL = pattern("an offset with a plus sign, such as +100 or +1.5%", new RegExp(`^\\+${DIGITS}%?$`));

export const OFFSET = pattern("an offset with a sign, such as +10 or -0.5%", new RegExp(`^[+-]${DIGITS}%?$`));

export const LEVERAGE = pattern("a whole number such as 5", /^[1-9]\d?$/);

/** `0` is now or never, `+n` is n seconds from now. */
export const MOMENT = pattern(
  "0, +seconds from now, or seconds since 1970",
  /^(?:0|\+\d{1,10}|\d{1,10})$/,
);

export const DEADLINE: Form = {
  must: "a moment such as 2030-01-31T12:00:00.000Z",
  accepts: (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
};

/** A signed 32-bit number. */
export const USERREF: Form = {
  must: "a whole number from -2147483648 to 2147483647",
  accepts: (text) => /^-?\d{1,10}$/.test(text) && BigInt.asIntN(32, BigInt(text)) === BigInt(text),
};

export const CL_ORD_ID = pattern(
  "a UUID (with or without its dashes) or up to 18 printable ASCII characters",
  /^(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32}|[!-~](?:[ -~]{0,16}[!-~])?)$/i,
);

/** The exchange counts to 2^64; beyond 2^53 most programs that read the reply would see another number. */
export const REQID: Form = {
  must: "a whole number from 1 to 9007199254740991",
  accepts: (text) => /^[1-9]\d{0,15}$/.test(text) && BigInt(text) <= BigInt(Number.MAX_SAFE_INTEGER),
};

export const SECONDS = pattern("a whole number of seconds (0 switches it off)", /^\d{1,9}$/);

export const PAIR: Form = { must: "two currencies with a slash between them, such as XBT/USD", accepts: isPair };

const FLAGS: readonly string[] = ["fcib", "fciq", "nompp", "post", "viqc"];

export const OFLAGS: Form = {
  must: `a list of ${FLAGS.join(", ")}, with commas between them`,
  accepts: (text) => text === "" || text.split(",").every((flag) => FLAGS.includes(flag)),
};

/** Several texts with commas between them, none of them empty. */
export function listOf(must: string): Form {
  return { must, accepts: (text) => text.split(",").every((entry) => entry !== "" && !/\s/.test(entry)) };
}
