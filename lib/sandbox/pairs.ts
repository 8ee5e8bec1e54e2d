/**
 * What is traded: the pairs, their names in each of the exchange's languages, their rules and their habits.
 *
 * A price is a `bigint` in units of the last digit that the wire shows, which for most pairs is finer than the tick
 * in which orders may be priced (XBT/USD shows five decimals and moves by 0.1). The rules imitate those of
 * https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs; prices and habits are the sandbox's own.
 *
 * Pure.
 *
 * @module
 */

import { parseFixed, VOLUME_DECIMALS } from "./fixed.ts";

/** One tradable pair. */
export interface Pair {
  /** Place in the table; channel ids derive from it. */
  readonly index: number;
  /** The name on the wire, `XBT/USD`. */
  readonly wsname: string;
  /** The name in order descriptions, `XBTUSD`. */
  readonly altname: string;
  /** The name in REST answers, `XXBTZUSD`. */
  readonly key: string;
  readonly base: string;
  readonly quote: string;
  /** Decimals of a price on the wire; the unit of every price, cost and fee of this pair. */
  readonly priceDecimals: number;
  /** Decimals an order's price may have. */
  readonly pairDecimals: number;
  /** The step between two prices, in units of a price. */
  readonly tick: bigint;
  /** The least volume of an order, in units of a volume. */
  readonly ordermin: bigint;
  /** The least cost of an order, in units of a price. */
  readonly costmin: bigint;
  readonly leverage: readonly number[];
  /** Fees in hundredths of a percent of the cost. */
  readonly fees: { readonly maker: bigint; readonly taker: bigint };
  readonly habits: Habits;
}

/** How the synthetic traders behave in a pair. */
export interface Habits {
  readonly startPrice: bigint;
  /** Typical distance between neighbouring price levels near the best, in ticks. */
  readonly gapTicks: number;
  /** Volume of a usual order, in whole coins. */
  readonly usualVolume: number;
  /** Price levels on each side. */
  readonly levels: number;
  /** Things that happen in the pair each second at speed 1. */
  readonly eventsPerSecond: number;
}

/** Names of assets in REST answers, where they differ from those on the wire. */
const ASSET_KEYS: Readonly<Record<string, string>> = {
  XBT: "XXBT",
  ETH: "XETH",
  LTC: "XLTC",
  XDG: "XXDG",
  XRP: "XXRP",
  USD: "ZUSD",
  EUR: "ZEUR",
};

/** The name of an asset in REST answers: `XXBT` for `XBT`. */
export function assetKey(asset: string): string {
  return ASSET_KEYS[asset] ?? asset;
}

/** The name of an asset on the wire, whichever of its names one starts from: `XBT` for `XXBT`. */
export function assetName(asset: string): string {
  return Object.keys(ASSET_KEYS).find((name) => ASSET_KEYS[name] === asset) ?? asset;
}

interface Row {
  readonly key?: string;
  readonly priceDecimals: number;
  readonly pairDecimals: number;
  readonly tick: string;
  readonly ordermin: string;
  readonly costmin: string;
  readonly leverage: number;
  readonly fees?: Pair["fees"];
  readonly startPrice: string;
  readonly gapTicks: number;
  readonly usualVolume: number;
  readonly levels: number;
  readonly eventsPerSecond: number;
}

const STABLE_FEES = { maker: 20n, taker: 20n };
const FEES = { maker: 25n, taker: 40n };

// deno-fmt-ignore: a table reads as a table
const ROWS: Readonly<Record<string, Row>> = {
  "XBT/USD":  { priceDecimals: 5, pairDecimals: 1, tick: "0.1",       ordermin: "0.00005", costmin: "0.5",     leverage: 5, startPrice: "91254.1",    gapTicks: 6,  usualVolume: 0.12,    levels: 1200, eventsPerSecond: 40 },
  "XBT/EUR":  { priceDecimals: 5, pairDecimals: 1, tick: "0.1",       ordermin: "0.00005", costmin: "0.45",    leverage: 5, startPrice: "78702.4",    gapTicks: 6,  usualVolume: 0.09,    levels: 1200, eventsPerSecond: 25 },
  "ETH/USD":  { priceDecimals: 5, pairDecimals: 2, tick: "0.01",      ordermin: "0.001",   costmin: "0.5",     leverage: 5, startPrice: "3105.62",    gapTicks: 4,  usualVolume: 1.4,     levels: 1200, eventsPerSecond: 25 },
  "ETH/EUR":  { priceDecimals: 5, pairDecimals: 2, tick: "0.01",      ordermin: "0.001",   costmin: "0.45",    leverage: 5, startPrice: "2678.35",    gapTicks: 4,  usualVolume: 1.1,     levels: 600,  eventsPerSecond: 15 },
  "ETH/XBT":  { priceDecimals: 6, pairDecimals: 5, tick: "0.00001",   ordermin: "0.001",   costmin: "0.00002", leverage: 5, startPrice: "0.03403",    gapTicks: 1,  usualVolume: 2.5,     levels: 400,  eventsPerSecond: 10 },
  "LTC/USD":  { priceDecimals: 5, pairDecimals: 2, tick: "0.01",      ordermin: "0.04",    costmin: "0.5",     leverage: 3, startPrice: "96.48",      gapTicks: 2,  usualVolume: 14,      levels: 400,  eventsPerSecond: 10 },
  "LTC/EUR":  { priceDecimals: 5, pairDecimals: 2, tick: "0.01",      ordermin: "0.04",    costmin: "0.45",    leverage: 3, startPrice: "83.21",      gapTicks: 2,  usualVolume: 11,      levels: 400,  eventsPerSecond: 10 },
  "XDG/USD":  { key: "XDGUSD", priceDecimals: 7, pairDecimals: 7, tick: "0.0000001", ordermin: "13",      costmin: "0.5",     leverage: 5, startPrice: "0.1602345",  gapTicks: 40, usualVolume: 9500,    levels: 400,  eventsPerSecond: 10 },
  "XDG/XBT":  { priceDecimals: 9, pairDecimals: 8, tick: "0.00000001", ordermin: "13",     costmin: "0.00002", leverage: 3, startPrice: "0.00000176", gapTicks: 1,  usualVolume: 250000,  levels: 100,  eventsPerSecond: 8 },
  "SOL/USD":  { priceDecimals: 5, pairDecimals: 2, tick: "0.01",      ordermin: "0.02",    costmin: "0.5",     leverage: 5, startPrice: "138.07",     gapTicks: 2,  usualVolume: 18,      levels: 600,  eventsPerSecond: 15 },
  "ADA/EUR":  { priceDecimals: 6, pairDecimals: 6, tick: "0.000001",  ordermin: "4.4",     costmin: "0.45",    leverage: 3, startPrice: "0.361245",   gapTicks: 30, usualVolume: 2400,    levels: 400,  eventsPerSecond: 8 },
  "ADA/USD":  { priceDecimals: 6, pairDecimals: 6, tick: "0.000001",  ordermin: "4.4",     costmin: "0.5",     leverage: 3, startPrice: "0.418910",   gapTicks: 30, usualVolume: 2800,    levels: 400,  eventsPerSecond: 8 },
  "XRP/USD":  { priceDecimals: 8, pairDecimals: 5, tick: "0.00001",   ordermin: "1.65",    costmin: "0.5",     leverage: 5, startPrice: "2.08314",    gapTicks: 12, usualVolume: 900,     levels: 600,  eventsPerSecond: 15 },
  "DOT/USD":  { priceDecimals: 5, pairDecimals: 4, tick: "0.0001",    ordermin: "1",       costmin: "0.5",     leverage: 3, startPrice: "2.3316",     gapTicks: 4,  usualVolume: 420,     levels: 400,  eventsPerSecond: 8 },
  "ATOM/USD": { priceDecimals: 6, pairDecimals: 4, tick: "0.0001",    ordermin: "1",       costmin: "0.5",     leverage: 3, startPrice: "2.4781",     gapTicks: 4,  usualVolume: 380,     levels: 400,  eventsPerSecond: 8 },
  "USDC/USD": { priceDecimals: 8, pairDecimals: 4, tick: "0.0001",    ordermin: "5",       costmin: "0.5",     leverage: 0, startPrice: "0.9999",     gapTicks: 1,  usualVolume: 6000,    levels: 300,  eventsPerSecond: 8, fees: STABLE_FEES },
  "USDT/USD": { priceDecimals: 8, pairDecimals: 5, tick: "0.00001",   ordermin: "5",       costmin: "0.5",     leverage: 2, startPrice: "0.99942",    gapTicks: 1,  usualVolume: 8000,    levels: 300,  eventsPerSecond: 8, fees: STABLE_FEES, key: "USDTZUSD" },
  "AAPLx/USD": { priceDecimals: 5, pairDecimals: 2, tick: "0.01",     ordermin: "0.005",   costmin: "0.5",     leverage: 0, startPrice: "271.49",     gapTicks: 4,  usualVolume: 9,       levels: 300,  eventsPerSecond: 8 },
};

/** Every pair, in the order of the table. */
export const PAIRS: readonly Pair[] = Object.entries(ROWS).map(([wsname, row], index) =>
  definePair(wsname, row, index)
);

const BY_NAME: ReadonlyMap<string, Pair> = new Map(PAIRS.map((pair) => [pair.wsname, pair]));

/** The pair of that wire name, `undefined` when it is not traded here. */
export function findPair(wsname: string): Pair | undefined {
  return BY_NAME.get(wsname);
}

function definePair(wsname: string, row: Row, index: number): Pair {
  const [base = "", quote = ""] = wsname.split("/");
  const units = (text: string, decimals: number) => {
    const value = parseFixed(text, decimals);
    if (value === undefined) {
      throw new RangeError(`Cannot define ${wsname}: "${text}" has more than ${decimals} decimals`);
    }
    return value;
  };
  const baseKey = assetKey(base);
  const quoteKey = assetKey(quote);
  // The exchange joins the long names only where both assets have one.
  const key = row.key ?? (baseKey !== base && quoteKey !== quote ? `${baseKey}${quoteKey}` : `${base}${quote}`);
  return {
    index,
    wsname,
    altname: `${base}${quote}`,
    key,
    base,
    quote,
    priceDecimals: row.priceDecimals,
    pairDecimals: row.pairDecimals,
    tick: units(row.tick, row.priceDecimals),
    ordermin: units(row.ordermin, VOLUME_DECIMALS),
    costmin: units(row.costmin, row.priceDecimals),
    leverage: Array.from({ length: Math.max(0, row.leverage - 1) }, (_, step) => step + 2),
    fees: row.fees ?? FEES,
    habits: {
      startPrice: units(row.startPrice, row.priceDecimals),
      gapTicks: row.gapTicks,
      usualVolume: row.usualVolume,
      levels: row.levels,
      eventsPerSecond: row.eventsPerSecond,
    },
  };
}
