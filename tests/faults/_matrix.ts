/**
 * Runs one cell of the fault matrix: a fault, what it strikes, and how the program was started.
 *
 * @module
 */

import { type AnyRecord, openWorld, type Ran, within, type World } from "./_world.ts";

export type Situation = "public feed" | "private feed" | "order in flight";
export type Mode = "one-shot" | "shell";

export const SITUATIONS: readonly Situation[] = ["public feed", "private feed", "order in flight"];
export const MODES: readonly Mode[] = ["one-shot", "shell"];

/** What a run comes to, as far as the matrix is about it. */
export interface Outcome {
  readonly code: number;
  /** The gaps, in order, and whether each was closed. */
  readonly gaps: readonly string[];
  /** How often the connection stood. */
  readonly epochs: number;
  /** What became of the order, in order. */
  readonly order?: readonly string[];
}

export interface Cell {
  /** What strikes, in the sandbox's words; with `1s later: ` before it, so much later. */
  readonly faults: readonly string[];
  readonly situation: Situation;
  readonly mode: Mode;
  readonly strict?: boolean;
}

export interface CellRun extends Ran {
  readonly outcome: Outcome;
  /** Orders of the run that the exchange has: never more than one. */
  readonly orders: number;
}

/** No cell takes longer than this in our time. */
const BOUND_MS = 30_000;

/** How long a feed is watched, in the world's time: a stall needs fifteen seconds to be noticed. */
const WATCH = "25s";

/** Long enough for a busy machine, on which the world's time runs on all the same. */
const TIMEOUT = "30s";

const FEED: Readonly<Record<Exclude<Situation, "order in flight">, string>> = {
  "public feed": "book XBT/USD",
  "private feed": "openOrders",
};

const ORDER = "addOrder pair=XBT/USD type=buy ordertype=limit price=1001 volume=0.01 userref=77";

export async function runCell({ faults, situation, mode, strict = false }: Cell): Promise<CellRun> {
  await using world = await openWorld();
  const strike = striker(world, { faults, situation });
  const on = (record: AnyRecord): void => {
    if (isBegun(record, situation)) strike();
  };
  const options = ["--timeout", TIMEOUT, ...strict ? ["--strict"] : []];
  const line = situation === "order in flight" ? ORDER : FEED[situation];
  const limit = situation === "order in flight" ? [] : ["--for", WATCH];
  const script = situation === "order in flight" ? line : `${line}\nsleep ${WATCH}\nexit`;
  const started = mode === "one-shot"
    ? world.run([...line.split(" "), ...limit, ...options], { on })
    : world.run(["shell", ...options], { on, stdin: script });
  const ran = await within(BOUND_MS, `${faults} on ${situation} in ${mode}`, started);
  const orders = world.sandbox.exchange.orders("sandbox").filter(({ userref }) => userref === 77).length;
  return { ...ran, orders, outcome: outcomeOf(ran) };
}

/** The moment at which the fault is to strike: the stream stands, or the order is about to leave. */
function isBegun({ channel, type, verified }: AnyRecord, situation: Situation): boolean {
  switch (situation) {
    case "public feed":
      return channel === "book" && verified === true;
    case "private feed":
      return channel === "openOrders";
    case "order in flight":
      return channel === "order" && type === "sent";
  }
}

function striker(world: World, { faults, situation }: Pick<Cell, "faults" | "situation">): () => void {
  let struck = false;
  return () => {
    if (struck) return;
    struck = true;
    for (const fault of faults) {
      const [, seconds, rest] = /^(\d+)s later: (.*)$/.exec(fault) ?? [];
      if (rest === undefined) world.sandbox.fault(fault);
      else world.later(Number(seconds) * 1000, () => world.sandbox.fault(rest));
    }
    if (situation !== "private feed") return;
    // Something has to happen on the account for a fault in its feed to show.
    for (const ms of [2_000, 19_000]) world.later(ms, () => world.act());
  };
}

function outcomeOf({ code, records }: Ran): Outcome {
  const gaps = records.filter(({ channel }) => channel === "gap");
  const opened = gaps.filter(({ to }) => to === null).map(({ type, subscription, from }) => {
    const isClosed = gaps.some((gap) => gap.to !== null && gap.subscription === subscription && gap.from === from);
    return isClosed ? type : `${type}, open`;
  });
  const order = records.filter(({ channel, request }) => channel === "order" && request !== undefined);
  return {
    code,
    gaps: opened,
    epochs: records.filter(({ channel, type }) => channel === "connection" && type === "open").length,
    ...(order.length === 0 ? {} : { order: order.map(({ type }) => type) }),
  };
}
