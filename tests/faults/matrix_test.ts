/**
 * The fault matrix: everything the sandbox can do wrong, to a public feed, a private feed and an order in flight, in a
 * one-shot and in a shell, with what is to come of it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Cell, type CellRun, MODES, type Outcome, runCell, type Situation } from "./_matrix.ts";
import { inParallel, openWorld } from "./_world.ts";

/** A feed that the fault does not concern. */
const UNMOVED: Outcome = { code: 0, gaps: [], epochs: 1 };
const RECONNECTED: Outcome = { code: 0, gaps: ["disconnected"], epochs: 2 };
const STALLED: Outcome = { code: 0, gaps: ["stall"], epochs: 2 };

function gap(type: string): Outcome {
  return { code: 0, gaps: [type], epochs: 1 };
}

/** What became of an order, and how many of it the exchange then has. */
interface OrderOutcome {
  readonly code: number;
  readonly type: "accepted" | "rejected" | "unknown";
  readonly orders: number;
}

const ACCEPTED: OrderOutcome = { code: 0, type: "accepted", orders: 1 };
const REJECTED: OrderOutcome = { code: 4, type: "rejected", orders: 0 };
/** Unknown, and the exchange has it. */
const TAKEN: OrderOutcome = { code: 5, type: "unknown", orders: 1 };
/** Unknown, and the exchange never heard of it. */
const VANISHED: OrderOutcome = { code: 5, type: "unknown", orders: 0 };

interface Row {
  readonly faults: readonly string[];
  readonly publicFeed: Outcome;
  readonly privateFeed: Outcome;
  /** `undefined` where the fault is about feeds. */
  readonly order: OrderOutcome | undefined;
}

const MATRIX: readonly Row[] = [
  { faults: ["drop 3s"], publicFeed: RECONNECTED, privateFeed: RECONNECTED, order: VANISHED },
  { faults: ["close 1012"], publicFeed: RECONNECTED, privateFeed: RECONNECTED, order: VANISHED },
  { faults: ["late-reply 20s", "1s later: drop"], publicFeed: RECONNECTED, privateFeed: RECONNECTED, order: TAKEN },
  { faults: ["stall"], publicFeed: STALLED, privateFeed: STALLED, order: TAKEN },
  { faults: ["delay 2s"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: ACCEPTED },
  { faults: ["lose-reply"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: TAKEN },
  { faults: ["late-reply 3s"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: ACCEPTED },
  { faults: ["corrupt-checksum"], publicFeed: gap("checksum"), privateFeed: UNMOVED, order: ACCEPTED },
  { faults: ["skip-sequence"], publicFeed: UNMOVED, privateFeed: gap("sequence"), order: ACCEPTED },
  // A book is the same after the same update; an account's message that comes twice is one too many.
  { faults: ["duplicate"], publicFeed: UNMOVED, privateFeed: gap("sequence"), order: ACCEPTED },
  { faults: ["malformed"], publicFeed: gap("checksum"), privateFeed: gap("sequence"), order: ACCEPTED },
  { faults: ["reject EOrder:Insufficient funds"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: REJECTED },
  { faults: ["drop", "reject EService:Busy"], publicFeed: RECONNECTED, privateFeed: RECONNECTED, order: undefined },
  { faults: ["rate-limit"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: REJECTED },
  { faults: ["drop", "rate-limit 3s"], publicFeed: RECONNECTED, privateFeed: RECONNECTED, order: undefined },
  { faults: ["expire-token"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: REJECTED },
  { faults: ["expire-token", "drop"], publicFeed: RECONNECTED, privateFeed: RECONNECTED, order: VANISHED },
  { faults: ["maintenance 5s"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: REJECTED },
  { faults: ["cancel_only 5s"], publicFeed: UNMOVED, privateFeed: UNMOVED, order: REJECTED },
  {
    // HTTP 429 asks for a minute of peace, which is more than these feeds are watched for.
    faults: ["drop", "refuse 429 for 5s"],
    publicFeed: { code: 0, gaps: ["disconnected, open"], epochs: 1 },
    privateFeed: { code: 0, gaps: ["disconnected, open"], epochs: 1 },
    order: undefined,
  },
];

/** How many cells run at once: they wait most of the time. */
const WIDTH = 14;

async function runRows(situation: Situation, rows: readonly Row[]): Promise<(readonly [Row, Cell, CellRun])[]> {
  const cells = rows.flatMap((row) => MODES.map((mode) => [row, { faults: row.faults, situation, mode }] as const));
  return await inParallel(cells.map(([row, cell]) => async () => [row, cell, await runCell(cell)] as const), WIDTH);
}

function name({ faults, mode }: Cell): string {
  return `${faults.join(" + ")} (${mode})`;
}

function assertWhole({ records, code }: CellRun, cell: Cell): void {
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1), name(cell));
  const end = records.at(-1);
  assertEquals([end?.channel, end?.exit], ["end", code], name(cell));
}

for (const [situation, key] of [["public feed", "publicFeed"], ["private feed", "privateFeed"]] as const) {
  Deno.test(`the fault matrix: a ${situation} says what may be trusted, and recovers`, async () => {
    const runs = await runRows(situation, MATRIX);
    const outcomes = runs.map(([, cell, { outcome }]) => [name(cell), outcome]);
    assertEquals(outcomes, runs.map(([row, cell]) => [name(cell), row[key]]));
    for (const [, cell, run] of runs) assertWhole(run, cell);
  });
}

Deno.test("the fault matrix: an order is sent once, and its fate told as it is", async () => {
  const runs = await runRows("order in flight", MATRIX.filter(({ order }) => order !== undefined));
  const outcomes = runs.map(([, cell, { outcome, orders }]) => [name(cell), outcome.code, outcome.order, orders]);
  assertEquals(
    outcomes,
    runs.map(([{ order }, cell]) => [name(cell), order!.code, ["sent", order!.type], order!.orders]),
  );
  for (const [, cell, run] of runs) assertWhole(run, cell);
});

Deno.test("--strict ends with exit 8 at the first gap, of whichever kind", async () => {
  const strict: readonly (readonly [fault: string, situation: Situation, gap: string])[] = [
    ["drop", "public feed", "disconnected"],
    ["stall", "public feed", "stall"],
    ["corrupt-checksum", "public feed", "checksum"],
    ["skip-sequence", "private feed", "sequence"],
  ];
  const cells = strict.flatMap(([fault, situation, gap]) =>
    MODES.map((mode) => ({ cell: { faults: [fault], situation, mode, strict: true }, gap }))
  );
  const runs = await inParallel(cells.map(({ cell }) => () => runCell(cell)), WIDTH);
  for (const [index, { outcome, records, stderr }] of runs.entries()) {
    const { cell, gap } = cells[index]!;
    assertEquals([outcome.code, outcome.gaps, outcome.epochs], [8, [`${gap}, open`], 1], name(cell));
    assertEquals(records.at(-2)?.channel, "error", name(cell));
    assert(stderr.includes(`(${gap})`), stderr);
  }
});

Deno.test("what lasts is told while it lasts: the exchange's state, and how the connection fares", async () => {
  const [maintenance, refused] = await Promise.all([
    runCell({ faults: ["maintenance 5s"], situation: "public feed", mode: "one-shot" }),
    runCell({ faults: ["drop", "rate-limit 3s"], situation: "public feed", mode: "one-shot" }),
  ]);
  const states = maintenance.records.filter(({ channel }) => channel === "status").map(({ data }) => data.status);
  assertEquals(states, ["online", "maintenance", "online"]);
  const words = refused.records
    .filter(({ channel, seq }) => (channel === "connection" || channel === "subscription") && seq > 5)
    .map(({ channel, type }) => `${channel} ${type}`);
  assertEquals(words.slice(0, 5), [
    "connection lost",
    "connection connecting",
    "connection open",
    "subscription resubscribing",
    "subscription postponed",
  ]);
  assertEquals(words.at(-2), "subscription subscribed");
});

Deno.test("an order is refused here while the exchange does not take it, and nothing is sent", async () => {
  const order = "addOrder pair=XBT/USD type=buy ordertype=limit price=1001 volume=0.01";
  const cells: readonly (readonly [fault: string, line: string, code: number])[] = [
    ["maintenance", order, 6],
    ["maintenance", "cancelAll", 6],
    ["cancel_only", order, 6],
    ["cancel_only", "cancelAll", 0],
  ];
  await Promise.all(cells.flatMap(([fault, line, code]) =>
    MODES.map(async (mode) => {
      await using world = await openWorld();
      world.sandbox.fault(fault);
      const args = mode === "one-shot" ? line.split(" ") : ["shell"];
      const ran = await world.run([...args, "--timeout", "30s"], mode === "shell" ? { stdin: line } : {});
      const sent = ran.records.filter(({ channel, type }) => channel === "order" && type === "sent").length;
      assertEquals([fault, line, mode, ran.code, sent], [fault, line, mode, code, code === 0 ? 1 : 0]);
      assertEquals(world.sandbox.exchange.orders("sandbox"), []);
    })
  ));
});
