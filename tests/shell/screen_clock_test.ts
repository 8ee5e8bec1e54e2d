/** The screen with a keyboard, a terminal and a clock of the test's own: what is written, when, and where to. */

import { assert, assertEquals } from "@std/assert";
import { PassThrough } from "node:stream";
import type { TextOut } from "../../lib/io/ports.ts";
import { History } from "../../lib/shell/history.ts";
import { INPUT_LIMIT, REDRAW_MS, Screen, type ScreenInput } from "../../lib/shell/screen.ts";

/** A screen of 20 columns, and everything that was written, as `out:text` or `err:text`. */
function openScreen({ isTerminal = true } = {}) {
  const written: string[] = [];
  const state = { nowMs: 1_000, timers: [] as { atMs: number; callback: () => void }[], isBroken: false };
  const out = (name: string, isTerminal: boolean): TextOut => ({
    isTerminal: () => isTerminal,
    write(text) {
      if (state.isBroken) throw new Error("broken");
      written.push(`${name}:${text}`);
    },
  });
  const input = new PassThrough();
  const leftOut: ScreenInput[] = [];
  let resizeListeners = 0;
  const screen = new Screen({
    input,
    stdout: out("out", isTerminal),
    stderr: out("err", true),
    columns: () => 20,
    rows: () => 10,
    refuseToStop: () => () => {},
    onResize() {
      resizeListeners++;
      return () => resizeListeners--;
    },
  }, {
    prompt: "> ",
    history: new History({ read: () => undefined, write() {} }, { isSecret: () => false, warn() {} }),
    complete: (_line, cursor) => ({ items: [], from: cursor }),
    leftOut: (input) => leftOut.push(input),
    clock: {
      nowMs: () => state.nowMs,
      setTimer(ms, callback) {
        const timer = { atMs: state.nowMs + ms, callback };
        state.timers.push(timer);
        return { cancel: () => state.timers = state.timers.filter((other) => other !== timer) };
      },
    },
  });
  return {
    screen,
    input,
    leftOut,
    state,
    resizeListeners: () => resizeListeners,
    /** What was written since the last call. */
    taken: () => written.splice(0),
    advance(ms: number) {
      state.nowMs += ms;
      const due = state.timers.filter(({ atMs }) => atMs <= state.nowMs);
      state.timers = state.timers.filter((timer) => !due.includes(timer));
      for (const { callback } of due) callback();
    },
  };
}

const HIDE = "err:\r\x1b[J";
const SHOW = "err:\x1b[1G\x1b[0J> \x1b[3G";

Deno.test("Screen prints at once when it is quiet, and then in one go every 33 ms, in order", () => {
  const { screen, taken, advance } = openScreen();
  assertEquals(taken(), [SHOW]);

  screen.stdout.write("a\n");
  assertEquals(taken(), [HIDE, "out:a\n", SHOW]);
  for (const text of ["b\n", "c\n"]) screen.stdout.write(text);
  screen.stderr.write("note\n");
  screen.stdout.write("d\n");
  assertEquals(taken(), []);
  advance(REDRAW_MS - 1);
  assertEquals(taken(), []);
  advance(1);
  assertEquals(taken(), [HIDE, "out:b\nc\n", "err:note\n", "out:d\n", SHOW]);
  advance(1_000);
  assertEquals(taken(), []);
  screen.close();
});

Deno.test("Screen answers Enter without waiting", async () => {
  const { screen, input, taken, advance } = openScreen();
  screen.stdout.write("a\n");
  advance(1);
  const inputs = screen.inputs()[Symbol.asyncIterator]();
  input.write("ping\r");
  assertEquals(await inputs.next(), { done: false, value: { type: "line", text: "ping" } });
  taken();
  screen.stderr.write("pong\n");
  assertEquals(taken(), [HIDE, "err:pong\n", SHOW]);
  screen.close();
});

Deno.test("Screen does not hold back more than it may", () => {
  const { screen, taken } = openScreen();
  screen.stdout.write("a\n");
  taken();
  const line = `${"x".repeat(1_023)}\n`;
  for (let count = 1; count < 64; count++) screen.stdout.write(line);
  assertEquals(taken(), []);
  screen.stdout.write(line);
  assertEquals(taken(), [HIDE, `out:${line.repeat(64)}`, SHOW]);
  screen.close();
});

Deno.test("Screen never delays or touches what goes to a pipe", () => {
  const { screen, taken } = openScreen({ isTerminal: false });
  taken();
  for (const text of ["a\x1b[2J\n", "half"]) screen.stdout.write(text);
  assertEquals(taken(), ["out:a\x1b[2J\n", "out:half"]);
  screen.close();
});

Deno.test("Screen prints whole lines only, each made harmless", () => {
  const { screen, taken, advance } = openScreen();
  taken();
  screen.stdout.write("one ");
  assertEquals(taken(), []);
  screen.stdout.write("line\x07\nand ");
  assertEquals(taken(), [HIDE, "out:one line\\u0007\n", SHOW]);
  screen.stdout.write("another\n");
  advance(REDRAW_MS);
  assertEquals(taken(), [HIDE, "out:and another\n", SHOW]);
  screen.close();
});

Deno.test("Screen.close() prints what waits, takes the prompt away, and ends the inputs", async () => {
  const { screen, taken, state, resizeListeners } = openScreen();
  screen.stdout.write("a\n");
  screen.stdout.write("b\n");
  taken();
  screen.close();
  screen.close();
  assertEquals(taken(), [HIDE, "out:b\n"]);
  assertEquals([state.timers, resizeListeners()], [[], 0]);

  const inputs: ScreenInput[] = [];
  for await (const input of screen.inputs()) inputs.push(input);
  assertEquals(inputs, [{ type: "end" }]);

  screen.stdout.write("after\x1b\n");
  screen.setPrompt("other> ");
  assertEquals(await screen.ask("really? "), undefined);
  assertEquals(taken(), ["out:after\\u001b\n"]);
});

Deno.test("Screen ends when the terminal is gone, and answers an open question", async () => {
  const { screen, state, input } = openScreen();
  const answer = screen.ask("really? ");
  state.isBroken = true;
  screen.stdout.write("a\n");
  assertEquals(await answer, undefined);
  const inputs: ScreenInput[] = [];
  for await (const input of screen.inputs()) inputs.push(input);
  assertEquals(inputs, [{ type: "end" }]);
  assert(input.isPaused());
});

Deno.test("Screen tells lines, interrupts and the end in the order of the keys", async () => {
  const { screen, input } = openScreen();
  input.write("ping\rhalf\x03\x03subs\r\x04");
  const inputs: ScreenInput[] = [];
  for await (const input of screen.inputs()) inputs.push(input);
  assertEquals(inputs, [
    { type: "line", text: "ping" },
    { type: "interrupt", cancelled: "half" },
    { type: "interrupt", cancelled: "" },
    { type: "line", text: "subs" },
    { type: "end" },
  ]);
});

Deno.test("Screen keeps as many inputs as may wait, tells what it leaves out, and never leaves out the end", async () => {
  const { screen, input, leftOut } = openScreen();
  input.write(Array.from({ length: INPUT_LIMIT }, (_, index) => `echo ${index}\r`).join("") + "one more\r\x03\x04");
  const inputs: ScreenInput[] = [];
  for await (const input of screen.inputs()) inputs.push(input);
  assertEquals(inputs.length, INPUT_LIMIT + 1);
  assertEquals([inputs[INPUT_LIMIT - 1], inputs[INPUT_LIMIT]], [
    { type: "line", text: `echo ${INPUT_LIMIT - 1}` },
    { type: "end" },
  ]);
  assertEquals(leftOut, [{ type: "line", text: "one more" }, { type: "interrupt", cancelled: "" }]);
});
