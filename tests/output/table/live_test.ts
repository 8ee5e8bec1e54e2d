/** When a live view paints, and what it leaves behind. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { LiveView } from "../../../lib/output/table/live.ts";
import { emptyView } from "../../../lib/output/table/view.ts";
import { FakeClock, START_MICROS } from "../../_fakes.ts";
import { OPEN, ticker, XBT } from "./_records.ts";

const ARRIVAL = { atMicros: START_MICROS, framed: true };
const TICKER = ticker(XBT, ["40100.00000", "40100.00000", "40100.10000"]);

function openLive({ color = false } = {}) {
  const clock = new FakeClock();
  const size = { columns: 60, rows: 6 };
  const written: string[] = [];
  let resized = () => {};
  const window = {
    columns: () => size.columns,
    rows: () => size.rows,
    refuseToStop: () => () => {},
    onResize(callback: () => void) {
      resized = callback;
      return () => resized = () => {};
    },
  };
  const view = new LiveView(emptyView("sandbox"), { clock, window, write: (text) => written.push(text) }, { color });
  return {
    clock,
    view,
    written,
    resize(columns: number, rows: number) {
      Object.assign(size, { columns, rows });
      resized();
    },
    /** What was written since the last time this was asked for. */
    taken: () => written.splice(0),
  };
}

Deno.test("a live view paints at most ten times a second, however much comes", async () => {
  const { clock, view, taken } = openLive();
  await clock.advance(1);
  taken();
  for (let ms = 0; ms < 1000; ms += 2) {
    view.record(TICKER, ARRIVAL);
    await clock.advance(2);
  }
  assertEquals(taken().length, 10);
  view.leave();
});

Deno.test("what came last is painted even if nothing follows, and then once a second as it ages", async () => {
  const { clock, view, taken } = openLive();
  view.record(TICKER, ARRIVAL);
  await clock.advance(1);
  taken();
  view.record(ticker(XBT, ["40200.00000", "40200.00000", "40200.10000"]), ARRIVAL);
  await clock.advance(100);
  const [painted = "", ...others] = taken();
  assert(painted.includes("▲40200.0"));
  assertEquals(others, []);
  await clock.advance(3000);
  assertEquals(taken().map((text) => /heard \S+ s/.exec(text)?.[0]), ["heard 1.1 s", "heard 2.1 s", "heard 3.1 s"]);
  view.leave();
});

Deno.test("a painting goes over the one before: every row to its end, the foot in the last row", async () => {
  const { clock, view, taken } = openLive();
  view.record(OPEN, ARRIVAL);
  view.record(TICKER, ARRIVAL);
  await clock.advance(1);
  const [entered, painted = ""] = taken();
  assertEquals(entered, "\x1b[?1049h\x1b[?7l\x1b[?25l");
  const rows = painted.replace("\x1b[2J\x1b[H", "").split("\r\n");
  assertEquals(rows.length, 6);
  assert(rows.every((row) => row.endsWith("\x1b[K")));
  assertEquals(rows.at(-1), "sandbox · public open · 0 gaps · heard 0.0 s ago\x1b[K");
  view.leave();
});

Deno.test("after a resize everything is painted anew, for the new window", async () => {
  const { clock, view, resize, taken } = openLive();
  view.record(TICKER, ARRIVAL);
  await clock.advance(1);
  taken();
  resize(24, 4);
  await clock.advance(100);
  const [painted = ""] = taken();
  assert(painted.startsWith("\x1b[2J\x1b[H"));
  const rows = painted.slice("\x1b[2J\x1b[H".length).replaceAll("\x1b[K", "").split("\r\n");
  assertEquals(rows, ["pair         last", "XBT/USD   40100.0", "sandbox · 0 gaps", "heard 0.1 s ago"]);
  view.leave();
});

Deno.test("leaving gives the terminal back with the last picture, and nothing is painted any more", async () => {
  const { clock, view, taken } = openLive();
  view.record(TICKER, ARRIVAL);
  await clock.advance(1);
  taken();
  view.leave();
  view.leave();
  view.record(TICKER, ARRIVAL);
  await clock.advance(5000);
  const [left = "", ...others] = taken();
  const restored = "\x1b[H\x1b[2J\x1b[?25h\x1b[?7h\x1b[?1049l";
  assertEquals(left.slice(0, restored.length), restored);
  assertMatch(left.slice(restored.length), /^pair .*\nXBT\/USD .*\nsandbox .*\n$/);
  assertEquals([others, clock.pending], [[], 0]);
});
