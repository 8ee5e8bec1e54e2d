/**
 * A request in plain words, for the person who is to confirm it.
 *
 * Pure. The sum is exact decimal arithmetic; where a price is relative or left to the market, none is guessed.
 *
 * @module
 */

import { type Decimal, isDecimal, multiplyDecimals } from "../model/decimal.ts";
import { parameterOf, type Parameters, type RequestName } from "./parameters.ts";

/**
 * One sentence, without a full stop, that says what would happen.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readParameters } from "./parameters.ts";
 * import { inWords } from "./words.ts";
 *
 * const order = readParameters("addOrder", ["pair=XBT/EUR", "type=sell", "ordertype=limit", "price=7500", "volume=0.125"]);
 * assertEquals(inWords("addOrder", order), "sell 0.125 XBT/EUR at 7500 or better, 937.5 EUR in all");
 * ```
 */
export function inWords(request: RequestName, parameters: Parameters): string {
  switch (request) {
    case "addOrder":
      return addOrderInWords(parameters);
    case "amendOrder":
      return `amend order ${parameters.get("txid") ?? parameters.get("cl_ord_id")}: ${changes(parameters)}`;
    case "editOrder":
      return `replace order ${parameters.get("orderid")} (${parameters.get("pair")}): ${changes(parameters)}`;
    case "cancelOrder":
      return `cancel ${parameters.get("txid") ?? parameters.get("cl_ord_id")}`;
    case "cancelAll":
      return "cancel all open orders";
    case "cancelAllOrdersAfter":
      return parameters.get("timeout") === "0"
        ? "switch off the timer that cancels all orders"
        : `cancel all orders in ${parameters.get("timeout")} s, unless told otherwise before`;
  }
}

function addOrderInWords(parameters: Parameters): string {
  const value = (key: string) => parameters.get(key) ?? "";
  const price = priceInWords(value("ordertype"), value("price"), value("price2"));
  const quote = value("pair").split("/")[1];
  const isInQuote = value("oflags").split(",").includes("viqc");
  const sum = isInQuote ? undefined : notional(value("ordertype"), parameters);
  const close = value("close[ordertype]");
  const what = isInQuote ? `${value("pair")} for ${value("volume")} ${quote}` : `${value("volume")} ${value("pair")}`;
  const unknown = [...parameters].filter(([key]) => parameterOf("addOrder", key) === undefined);
  return [
    `${value("type")} ${what} ${price}`,
    ...(sum === undefined ? [] : [`${sum} ${quote} in all`]),
    ...CONDITIONS.flatMap(([key, words]) => parameters.has(key) ? [words(value(key))] : []),
    ...(close === "" ? [] : [`then close it ${priceInWords(close, value("close[price]"), value("close[price2]"))}`]),
    ...unknown.map(([key, value]) => `and ${key} "${value}", which is not known here`),
  ].join(", ");
}

/** Further parameters that change what happens. */
const CONDITIONS: readonly (readonly [string, (value: string) => string])[] = [
  ["leverage", (value) => `with a leverage of ${value}`],
  ["margin", (value) => value === "true" ? "on margin" : "not on margin"],
  ["reduce_only", (value) => value === "true" ? "only to reduce a position" : "not limited to reducing a position"],
  ["oflags", (value) => `flags ${value || "none"}`],
  ["timeinforce", (value) => value],
  ["starttm", (value) => `from ${value}`],
  ["expiretm", (value) => `until ${value}`],
  ["stp_type", (value) => `${value} where it meets an order of yours`],
];

function priceInWords(ordertype: string, price: string, price2: string): string {
  switch (ordertype) {
    case "market":
      return "at market";
    case "limit":
      return `at ${price} or better`;
    case "stop-loss":
    case "take-profit":
      return `at market once the price reaches ${price} (${ordertype})`;
    case "stop-loss-limit":
    case "take-profit-limit":
      return `at ${price2} or better once the price reaches ${price} (${ordertype})`;
    case "trailing-stop":
      return `at market once the price turns by ${price} (${ordertype})`;
    case "trailing-stop-limit":
      return `at ${price2} from the trigger once the price turns by ${price} (${ordertype})`;
    default:
      return `(${ordertype})`;
  }
}

/** Price times volume, where both are known; in quote currency. */
function notional(ordertype: string, parameters: Parameters): Decimal | undefined {
  const price = parameters.get(ordertype.endsWith("-limit") ? "price2" : "price");
  const volume = parameters.get("volume");
  return isDecimal(price) && isDecimal(volume) ? multiplyDecimals(price, volume) : undefined;
}

const NO_CHANGES: readonly string[] = ["txid", "cl_ord_id", "orderid", "pair", "reqid", "deadline", "validate"];

function changes(parameters: Parameters): string {
  const changed = [...parameters].filter(([key]) => !NO_CHANGES.includes(key));
  return changed.map(([key, value]) => `${key} ${value || "none"}`).join(", ");
}
