/** Which form a table takes. @module */

import { assert, assertEquals } from "@std/assert";
import { PassThrough } from "node:stream";
import type { TextOut } from "../../../lib/io/ports.ts";
import { TableDisplay } from "../../../lib/output/table/display.ts";
import { FakeClock, START_MICROS } from "../../_fakes.ts";
import { ticker, XBT } from "./_records.ts";

/** What a display writes for one ticker of a stream. */
async function written(
  { terminal, environment = {} }: { readonly terminal: boolean; readonly environment?: Record<string, string> },
): Promise<string> {
  const clock = new FakeClock();
  const out: TextOut = { write() {}, isTerminal: () => terminal };
  const window = { columns: () => 60, rows: () => 6, onResize: () => () => {}, refuseToStop: () => () => {} };
  let text = "";
  const display = new TableDisplay({ target: "live", heartbeats: false, write: (more) => text += more }, {
    clock,
    stdout: out,
    stderr: out,
    environment: (name) => environment[name],
    terminal: (ends) => Promise.resolve({ ...ends, ...window, input: new PassThrough() }),
  });
  await display.begin();
  display.record(ticker(XBT, ["40100.0", "40100.0", "40100.1"]), { atMicros: START_MICROS, frame: "[]" });
  display.record({ channel: "heartbeat", type: "update", socket: "public" }, { atMicros: START_MICROS, frame: "{}" });
  await clock.advance(100);
  display.leave();
  return text;
}

Deno.test("a stream on a terminal is a live view, with colours", async () => {
  const text = await written({ terminal: true });
  assert(text.startsWith("\x1b[?1049h"));
  assert(text.includes("\x1b[1mXBT/USD\x1b[0m"));
});

Deno.test("NO_COLOR takes the colours away and nothing else", async () => {
  const text = await written({ terminal: true, environment: { NO_COLOR: "1", TERM: "xterm" } });
  assert(text.startsWith("\x1b[?1049h"));
  // deno-lint-ignore no-control-regex -- an escape sequence begins with one
  assert(!/\x1b\[[\d;]*m/.test(text));
});

Deno.test("a pipe and a dumb terminal get rows without an escape, and no heartbeats", async () => {
  const rows = await written({ terminal: false });
  assertEquals(rows.split("\n").map((row) => row.slice(0, 21)), ["received      pair   ", "09:30:00.000  XBT/USD", ""]);
  assert(!rows.includes("\x1b"));
  assertEquals(await written({ terminal: true, environment: { TERM: "dumb" } }), rows);
});
