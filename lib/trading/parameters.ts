/**
 * The parameters of each trading request: which there are, what they must look like, and which type the wire wants.
 *
 * What a user types (`key=value` words and options) becomes {@linkcode Parameters}, all text, and these become the keys
 * of a frame. The table below is the one place that knows them: help, options, checks and types come from it. A key that
 * it does not have is passed on as text, since the exchange may know more than this program.
 *
 * Pure. Whether the values go together is `rules.ts`'s to say.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder and its sibling pages, on which every value is a string
 * but those marked otherwise.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { spellPair } from "../model/pair.ts";
import * as forms from "./forms.ts";
import type { Form } from "./forms.ts";

export const REQUEST_NAMES = [
  "addOrder",
  "amendOrder",
  "editOrder",
  "cancelOrder",
  "cancelAll",
  "cancelAllOrdersAfter",
] as const;
export type RequestName = typeof REQUEST_NAMES[number];

export interface Parameter {
  readonly wire: "text" | "list" | "integer" | "boolean";
  readonly form: Form;
  readonly help: string;
}

/** What was asked for, by the exchange's names, as it was typed. */
export type Parameters = ReadonlyMap<string, string>;

function text(form: Form, help: string): Parameter {
  return { wire: "text", form, help };
}

function flag(help: string): Parameter {
  return { wire: "boolean", form: forms.BOOLEAN, help };
}

function list(help: string): Parameter {
  return { wire: "list", form: forms.listOf("a list with commas between its entries"), help };
}

const REQID: Parameter = {
  wire: "integer",
  form: forms.REQID,
  help: "The request's number, used once; one is given if not.",
};
const DEADLINE = text(
  forms.DEADLINE,
  "When the exchange is to refuse it as late; 5 s from now on live orders if not given.",
);
const PAIR = text(forms.PAIR, "Such as XBT/USD.");

const ADD_ORDER: Readonly<Record<string, Parameter>> = {
  pair: PAIR,
  type: text(forms.SIDE, "buy or sell."),
  ordertype: text(forms.ORDER_TYPE, `${forms.ORDER_TYPES.join(", ")}.`),
  volume: text(forms.VOLUME, "In the base currency."),
  price: text(forms.PRICE, "The limit, or the trigger of a stop; +, - and # make it relative, as does %."),
  price2: text(forms.PRICE, "The limit of a stop, a take-profit or a trailing stop with a limit."),
  leverage: text(forms.LEVERAGE, "Such as 5."),
  margin: flag("Trade on margin, at the pair's highest leverage."),
  reduce_only: flag("Only reduce a position, never open one."),
  oflags: text(forms.OFLAGS, "post, fcib, fciq, nompp, viqc, with commas between them."),
  timeinforce: text(forms.TIME_IN_FORCE, "GTC, GTD or IOC."),
  starttm: text(forms.MOMENT, "When it begins: 0, +seconds or seconds since 1970."),
  expiretm: text(forms.MOMENT, "When it ends: 0, +seconds or seconds since 1970."),
  deadline: DEADLINE,
  userref: text(forms.USERREF, "A number of your own to know it by; one is made up if not given."),
  cl_ord_id: text(forms.CL_ORD_ID, "An id of your own, in place of a userref."),
  sender_sub_id: text(forms.SOME_TEXT, "For institutions: on whose behalf."),
  stp_type: text(forms.STP_TYPE, "What gives way when it would meet an order of your own."),
  "close[ordertype]": text(forms.ORDER_TYPE, "The order to place once this one is filled."),
  "close[price]": text(forms.PRICE, "That order's price."),
  "close[price2]": text(forms.PRICE, "That order's second price."),
  validate: text(forms.BOOLEAN, "Have it checked and not placed."),
  reqid: REQID,
};

export const REQUESTS: Readonly<Record<RequestName, Readonly<Record<string, Parameter>>>> = {
  addOrder: ADD_ORDER,
  amendOrder: {
    txid: text(forms.SOME_TEXT, "The order's id."),
    cl_ord_id: text(forms.CL_ORD_ID, "Your own id of the order, in place of its txid."),
    volume: text(forms.VOLUME, "The new volume, in the base currency."),
    limit_price: text(forms.PRICE, "The new limit."),
    trigger_price: text(forms.PRICE, "The new trigger."),
    display_volume: text(forms.VOLUME, "How much of an iceberg is to be seen."),
    post_only: flag("Refuse it if the new limit would trade at once."),
    pair: PAIR,
    deadline: DEADLINE,
    reqid: REQID,
  },
  editOrder: {
    orderid: text(forms.SOME_TEXT, "The order's id or userref."),
    pair: PAIR,
    volume: ADD_ORDER["volume"]!,
    price: ADD_ORDER["price"]!,
    price2: ADD_ORDER["price2"]!,
    oflags: ADD_ORDER["oflags"]!,
    newuserref: text(forms.USERREF, "The new order's userref; one is made up if not given."),
    validate: flag("Have it checked and not done."),
    reqid: REQID,
  },
  cancelOrder: {
    txid: list("Ids or userrefs of orders, with commas between them."),
    cl_ord_id: list("Your own ids of orders, in place of txid."),
    reqid: REQID,
  },
  cancelAll: { reqid: REQID },
  cancelAllOrdersAfter: {
    timeout: { wire: "integer", form: forms.SECONDS, help: "Seconds; 0 switches it off." },
    reqid: REQID,
  },
};

/** What the program puts into every frame on its own. */
const OURS: Readonly<Record<string, string>> = {
  token: "Other users of this machine can read command lines: keep the token in a file or in KRAKENWS_TOKEN",
  event: "The command's name is the event",
};

/**
 * Reads `key=value` words, and joins the values that were given as options.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readParameters } from "./parameters.ts";
 *
 * const parameters = readParameters("cancelOrder", ["txid=OADMSD-7AGC3-IMB46A"], { reqid: "7" });
 * assertEquals([...parameters], [["reqid", "7"], ["txid", "OADMSD-7AGC3-IMB46A"]]);
 * ```
 *
 * @throws {UsageError} If a word is not of that form, a key comes twice, or a value has not the form that its key wants.
 */
export function readParameters(
  request: RequestName,
  words: readonly string[],
  options: Readonly<Record<string, string>> = {},
): Parameters {
  const parameters = new Map(Object.entries(options));
  for (const word of words) {
    const [key, value] = splitWord(request, word);
    if (parameters.has(key)) {
      throw new UsageError("duplicate_key", `${request}: ${key} is given twice`, { hint: "Give each key once" });
    }
    parameters.set(key, value);
  }
  const pair = parameters.get("pair");
  if (pair !== undefined) parameters.set("pair", spellPair(pair));
  for (const [key, value] of parameters) checkForm(request, key, value);
  return parameters;
}

function splitWord(request: RequestName, word: string): readonly [key: string, value: string] {
  const at = word.indexOf("=");
  if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
  const [first = "key"] = Object.keys(REQUESTS[request]);
  throw new UsageError("malformed_word", `${request}: "${word}" is no key=value`, {
    hint: at === 0
      ? "There is nothing before the equals sign"
      : `For example ${first}=${word || "value"}, without spaces`,
  });
}

function checkForm(request: RequestName, key: string, value: string): void {
  const hint = new Map(Object.entries(OURS)).get(key.toLowerCase());
  if (hint !== undefined) {
    throw new UsageError("reserved_key", `${request}: ${key} cannot be given on the command line`, { hint });
  }
  const form = parameterOf(request, key)?.form;
  if (form === undefined) return refuseMisspelt(request, key);
  if (form.accepts(value)) return;
  throw new UsageError(`bad_${slug(key)}`, `${request}: ${key} must be ${form.must}, and "${excerpt(value)}" is not`);
}

/** The exchange would pass over a key that is another's but for its case, and do without what was meant. */
function refuseMisspelt(request: RequestName, key: string): void {
  const spelt = key.toLowerCase().replaceAll("-", "_");
  if (spelt === key || parameterOf(request, spelt) === undefined) return;
  throw new UsageError("misspelt_key", `${request} has no ${key}`, { hint: `The exchange spells it ${spelt}` });
}

/** What the table says of a key; `undefined` if it does not know it. */
export function parameterOf(request: RequestName, key: string): Parameter | undefined {
  return Object.hasOwn(REQUESTS[request], key) ? REQUESTS[request][key] : undefined;
}

/** The keys of a frame, each with the type that the exchange expects; `reqid` is left to whoever numbers requests. */
export function wireParameters(request: RequestName, parameters: Parameters): Readonly<Record<string, unknown>> {
  const entries = [...parameters].filter(([key]) => key !== "reqid");
  return Object.fromEntries(entries.map(([key, value]) => [key, wireValue(parameterOf(request, key), value)]));
}

function wireValue(parameter: Parameter | undefined, value: string): unknown {
  switch (parameter?.wire) {
    case "list":
      return value.split(",");
    case "boolean":
      return value === "true";
    case "integer":
      return Number(value);
    default:
      return value;
  }
}

function slug(key: string): string {
  return key.replaceAll(/\W+/g, "_").replace(/_$/, "");
}

function excerpt(value: string): string {
  return value.length <= 40 ? value : `${value.slice(0, 39)}…`;
}
