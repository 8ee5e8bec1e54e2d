/**
 * Which parameters a request needs, and which do not go together: what the exchange would refuse for its form is refused
 * here, where a mistake costs nothing.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/addorder and its sibling pages.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { type Decimal, isZero } from "../model/decimal.ts";
import { type Form, isOrderType, OFFSET, type OrderType, PRICE, TRAIL } from "./forms.ts";
import type { Parameters, RequestName } from "./parameters.ts";

/**
 * Checks that a request is whole.
 *
 * @param parameters As `readParameters` returns them: each has its form already.
 * @throws {UsageError} If something is missing, superfluous or contradictory, with what would be right.
 */
export function checkRequest(request: RequestName, parameters: Parameters): void {
  switch (request) {
    case "addOrder":
      return checkAddOrder(parameters);
    case "amendOrder":
      return checkAmendOrder(parameters);
    case "editOrder":
      return checkEditOrder(parameters);
    case "cancelOrder":
      return needOneOf(request, parameters, ["txid", "cl_ord_id"]);
    case "cancelAllOrdersAfter":
      return need(request, parameters, ["timeout"]);
    case "cancelAll":
      return;
  }
}

/** What an order type wants of each price; what has no entry, it does not take. */
interface Prices {
  readonly price?: PriceRule;
  readonly price2?: PriceRule;
}

interface PriceRule {
  readonly form: Form;
  /** What the price is to this order type. */
  readonly is: string;
}

const LIMIT: PriceRule = { form: PRICE, is: "the limit" };
const TRIGGER: PriceRule = { form: PRICE, is: "the trigger" };

const PRICES: Readonly<Record<OrderType, Prices>> = {
  "market": {},
  "limit": { price: LIMIT },
  "stop-loss": { price: TRIGGER },
  "take-profit": { price: TRIGGER },
  "stop-loss-limit": { price: TRIGGER, price2: LIMIT },
  "take-profit-limit": { price: TRIGGER, price2: LIMIT },
  "trailing-stop": { price: { form: TRAIL, is: "the distance" } },
  "trailing-stop-limit": {
    price: { form: TRAIL, is: "the distance" },
    price2: { form: OFFSET, is: "the limit, from the trigger" },
  },
  "settle-position": {},
};

function checkAddOrder(parameters: Parameters): void {
  const request = "addOrder";
  need(request, parameters, ["pair", "type", "ordertype", "volume"]);
  checkPrices(parameters, { ordertype: "ordertype", price: "price", price2: "price2" });
  checkPrices(parameters, { ordertype: "close[ordertype]", price: "close[price]", price2: "close[price2]" });
  notBoth(request, parameters, ["userref", "cl_ord_id"]);
  const volume = parameters.get("volume") as Decimal;
  const mayCloseAll = parameters.get("ordertype") === "settle-position" || parameters.has("leverage") ||
    parameters.get("margin") === "true" || parameters.get("reduce_only") === "true";
  if (isZero(volume) && !mayCloseAll) {
    throw new UsageError("bad_volume", "addOrder: volume is zero", {
      hint: "Only an order on margin may leave its volume to the exchange, to close a position",
    });
  }
  checkFlags(parameters);
  const expiry = parameters.get("expiretm") ?? "0";
  if (parameters.get("timeinforce") === "GTD" && expiry === "0") {
    throw new UsageError("missing_expiretm", "addOrder: a GTD order needs the moment at which it ends", {
      hint: "Add expiretm=+3600 for an hour from now, or leave timeinforce away",
    });
  }
}

function checkPrices(
  parameters: Parameters,
  keys: { readonly ordertype: string; readonly price: string; readonly price2: string },
): void {
  const type = parameters.get(keys.ordertype);
  if (type === undefined || !isOrderType(type)) {
    const stray = [keys.price, keys.price2].find((key) => parameters.has(key));
    if (stray === undefined) return;
    throw new UsageError("missing_ordertype", `addOrder: ${stray} needs a ${keys.ordertype}`, {
      hint: `Add ${keys.ordertype}=limit or another order type`,
    });
  }
  for (const which of ["price", "price2"] as const) checkPrice(type, keys[which], parameters, PRICES[type][which]);
}

function checkPrice(type: OrderType, key: string, parameters: Parameters, rule: PriceRule | undefined): void {
  const price = parameters.get(key);
  if (rule === undefined) {
    if (price === undefined) return;
    throw new UsageError("superfluous_price", `addOrder: a ${type} order takes no ${key}`, {
      hint: type === "market" ? "It trades at the market's price; a price of your own is ordertype=limit" : undefined,
    });
  }
  if (price === undefined) {
    throw new UsageError(`missing_price`, `addOrder: a ${type} order needs ${key}, ${rule.is}`, {
      hint: `${key} is ${rule.form.must}`,
    });
  }
  if (!rule.form.accepts(price)) {
    throw new UsageError("bad_price", `addOrder: ${key} of a ${type} order must be ${rule.form.must}, not "${price}"`);
  }
  if (/^[\d.]+$/.test(price) && isZero(price as Decimal)) {
    throw new UsageError("bad_price", `addOrder: ${key} is zero`);
  }
}

function checkFlags(parameters: Parameters): void {
  const flags = parameters.get("oflags")?.split(",") ?? [];
  if (flags.includes("fcib") && flags.includes("fciq")) {
    throw new UsageError(
      "bad_oflags",
      "addOrder: the fee is taken in one currency, so fcib and fciq exclude each other",
    );
  }
  const type = parameters.get("ordertype");
  if (!flags.includes("post")) return;
  if (type === "market") {
    throw new UsageError("bad_oflags", "addOrder: a market order trades at once, so it cannot be post-only", {
      hint: "Post-only is for ordertype=limit",
    });
  }
  if (parameters.get("timeinforce") === "IOC") {
    throw new UsageError("bad_oflags", "addOrder: IOC trades at once or never, so it cannot be post-only");
  }
}

const AMENDMENTS = ["volume", "limit_price", "trigger_price", "display_volume"] as const;

function checkAmendOrder(parameters: Parameters): void {
  needOneOf("amendOrder", parameters, ["txid", "cl_ord_id"]);
  needSome("amendOrder", parameters, AMENDMENTS);
}

function checkEditOrder(parameters: Parameters): void {
  need("editOrder", parameters, ["orderid", "pair"]);
  needSome("editOrder", parameters, ["volume", "price", "price2", "oflags", "newuserref"]);
}

function need(request: RequestName, parameters: Parameters, keys: readonly string[]): void {
  const missing = keys.filter((key) => !parameters.has(key));
  if (missing.length === 0) return;
  throw new UsageError(
    `missing_${missing[0]}`,
    `${request} needs ${keys.join(", ")}${missing.length === keys.length ? "" : `: there is no ${missing.join(", ")}`}`,
    { hint: EXAMPLES[request] },
  );
}

function needOneOf(request: RequestName, parameters: Parameters, keys: readonly [string, string]): void {
  notBoth(request, parameters, keys);
  if (keys.some((key) => parameters.has(key))) return;
  throw new UsageError(`missing_${keys[0]}`, `${request} needs ${keys.join(" or ")}: which order?`, {
    hint: EXAMPLES[request],
  });
}

function needSome(request: RequestName, parameters: Parameters, keys: readonly string[]): void {
  if (keys.some((key) => parameters.has(key))) return;
  throw new UsageError("nothing_to_change", `${request} changes nothing: it needs one of ${keys.join(", ")}`, {
    hint: EXAMPLES[request],
  });
}

function notBoth(request: RequestName, parameters: Parameters, [one, other]: readonly [string, string]): void {
  if (!parameters.has(one) || !parameters.has(other)) return;
  throw new UsageError("contradiction", `${request}: ${one} and ${other} exclude each other`, {
    hint: "An order is known by one of them: keep the one you use",
  });
}

/** One whole line of each request. */
export const EXAMPLES: Readonly<Record<RequestName, string>> = {
  addOrder: "krakenws addOrder pair=XBT/EUR type=sell ordertype=limit price=7500 volume=0.125",
  amendOrder: "krakenws amendOrder txid=OADMSD-7AGC3-IMB46A limit_price=7450",
  editOrder: "krakenws editOrder orderid=OADMSD-7AGC3-IMB46A pair=XBT/EUR price=7450",
  cancelOrder: "krakenws cancelOrder txid=OADMSD-7AGC3-IMB46A,OD6VRE-HCSPM-CKORER",
  cancelAll: "krakenws cancelAll",
  cancelAllOrdersAfter: "krakenws cancelAllOrdersAfter timeout=60",
};
