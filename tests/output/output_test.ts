import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { OutputError } from "../../lib/errors.ts";
import { ClosedPipeError } from "../../lib/io/ports.ts";
import type { StreamRecord } from "../../lib/model/record.ts";
import { Output, type OutputOptions } from "../../lib/output/output.ts";
import { MemoryOut, settle } from "../_fakes.ts";

const AT = { atMicros: Date.UTC(2026, 0, 5) * 1000 };

function newOutput(options: Partial<OutputOptions> = {}, { terminal = false } = {}) {
  const stdout = new MemoryOut();
  stdout.terminal = terminal;
  const stderr = new MemoryOut();
  const turns: (() => void)[] = [];
  const lost: unknown[] = [];
  const output = new Output(
    { mode: "ndjson", rawFrame: false, heartbeats: false, quiet: false, ...options },
    { stdout, stderr, gather: (callback) => turns.push(callback) },
    (error) => lost.push(error),
  );
  /** The turn of the event loop ends. */
  const endTurn = () => turns.splice(0).forEach((callback) => callback());
  return { output, stdout, stderr, lost, endTurn };
}

function text(words: string): StreamRecord {
  return { channel: "unrecognized", type: "text", socket: "public", text: words };
}

const HEARTBEAT: StreamRecord = { channel: "heartbeat", type: "update", socket: "public" };
const GAP: StreamRecord = { channel: "gap", type: "checksum", subscription: "book-10:XBT/USD", from: "…", to: null };

Deno.test("records are numbered from 1 without holes, hidden ones not counted", () => {
  const { output, stdout, endTurn } = newOutput();
  for (const record of [text("a"), HEARTBEAT, text("b"), HEARTBEAT, text("c")]) output.record(record, AT);
  endTurn();
  assertEquals(stdout.records.map(({ seq, text }) => [seq, text]), [[1, "a"], [2, "b"], [3, "c"]]);
});

Deno.test("heartbeats are shown where they were asked for", () => {
  const { output, stdout, endTurn } = newOutput({ heartbeats: true });
  output.record(HEARTBEAT, AT);
  endTurn();
  assertEquals(stdout.records.map(({ channel }) => channel), ["heartbeat"]);
});

Deno.test("what comes in one turn is written at once, and none waits for the next turn", () => {
  const { output, stdout, endTurn } = newOutput();
  output.record(text("a"), AT);
  output.record(text("b"), AT);
  assertEquals(stdout.writes, []);
  endTurn();
  output.record(text("c"), AT);
  endTurn();
  assertEquals(stdout.writes.map((write) => write.split("\n").length - 1), [2, 1]);
});

Deno.test("what is gathered in one turn stays small: a flood is written on the way", () => {
  const { output, stdout, endTurn } = newOutput();
  for (let count = 0; count < 1_000; count++) output.record(text("x".repeat(1_000)), AT);
  assert(stdout.writes.length >= 10);
  for (const write of stdout.writes) assert(write.length < 70_000);
  endTurn();
  assertEquals(stdout.records.at(-1)?.seq, 1_000);
});

Deno.test("end() is the last record, whatever comes later", () => {
  const { output, stdout, endTurn } = newOutput();
  output.end("interrupted", { exit: 130, ...AT });
  output.record(text("late"), AT);
  endTurn();
  assertEquals(stdout.records.map(({ channel }) => channel), ["end"]);
});

Deno.test("end() is the last record, counts what came before, and is written at once", () => {
  const { output, stdout } = newOutput();
  output.record(text("a"), AT);
  output.record(GAP, AT);
  output.record({ ...GAP, to: "…" } as StreamRecord, AT);
  output.end("count", { exit: 0, ...AT });
  const { channel, type, exit, data, seq } = stdout.records.at(-1);
  assertEquals([channel, type, exit, data, seq], ["end", "count", 0, { records: 3, gaps: 1 }, 4]);
});

Deno.test("raw mode gives each frame byte for byte on its line, heartbeats included, and nothing else", () => {
  const { output, stdout, stderr } = newOutput({ mode: "raw" });
  const frames = ['{"event":"heartbeat"}', '[1, {"a":[["1.10","0","2"]]} ]', "plain text"];
  output.record(HEARTBEAT, { ...AT, frame: '{"event":"heartbeat"}' });
  output.record({ channel: "connection", type: "open", socket: "public", url: "ws://x", epoch: 1 }, AT);
  for (const frame of frames.slice(1)) output.record(text(frame), { ...AT, frame });
  output.end("count", { exit: 0, ...AT });
  assertEquals(stdout.text, frames.map((frame) => `${frame}\n`).join(""));
  assertEquals(stderr.lines, ['connection open {"socket":"public","url":"ws://x","epoch":1}']);
});

Deno.test("raw mode keeps a frame of several lines in one line", () => {
  const { output, stdout } = newOutput({ mode: "raw" });
  const frame = '{"event":\r\n  "heartbeat"\n}';
  output.record(HEARTBEAT, { ...AT, frame });
  output.flush();
  assertEquals(stdout.lines, ['{"event":   "heartbeat" }']);
  assertEquals(JSON.parse(stdout.lines[0] ?? ""), JSON.parse(frame));
});

Deno.test("raw mode lets no frame steer a terminal, and leaves it untouched in a pipe", () => {
  const frame = "\u001b[2J\u009b1A";
  for (const terminal of [true, false]) {
    const { output, stdout } = newOutput({ mode: "raw" }, { terminal });
    output.record(text(frame), { ...AT, frame });
    output.flush();
    assertEquals(stdout.lines, [terminal ? String.raw`\u001b[2J\u009b1A` : frame]);
  }
});

Deno.test("rawFrame adds the frame to records that stand for one", () => {
  const { output, stdout } = newOutput({ rawFrame: true });
  output.record(text("{}"), { ...AT, frame: "{}" });
  output.record(GAP, AT);
  output.flush();
  assertEquals(stdout.records.map((record) => "frame" in record), [true, false]);
});

Deno.test("a reader that left is told once, and nothing is written any more", () => {
  const { output, stdout, lost, endTurn } = newOutput();
  stdout.failure = new ClosedPipeError();
  output.record(text("a"), AT);
  endTurn();
  output.record(text("b"), AT);
  endTurn();
  output.end("done", { exit: 0, ...AT });
  assertEquals([lost.length, stdout.writes.length], [1, 0]);
  assertInstanceOf(lost[0], ClosedPipeError);
});

Deno.test("a disk that is full is told with its reason", () => {
  const { output, stdout, lost, endTurn } = newOutput();
  stdout.failure = new Error("No space left on device (os error 28)");
  output.record(text("a"), AT);
  endTurn();
  const [error] = lost;
  assertInstanceOf(error, OutputError);
  assertEquals(error.message, "Cannot write to stdout: No space left on device (os error 28)");
});

Deno.test("words for people are one line that steers no terminal, and quiet leaves out the dispensable", () => {
  const { output, stderr } = newOutput({ quiet: true });
  output.note("dispensable");
  output.complain("necessary \u001b[2J\nkrakenws: all is well");
  assertEquals(stderr.lines, [String.raw`necessary \u001b[2J\u000akrakenws: all is well`]);
});

Deno.test("a closed stderr does not end a stream", () => {
  const { output, stderr, stdout } = newOutput();
  stderr.failure = new ClosedPipeError();
  output.complain("nobody hears this");
  output.record(text("a"), AT);
  output.flush();
  assertEquals(stdout.records.length, 1);
});

Deno.test("route() sends records elsewhere, or nowhere, and names their cause", async () => {
  const { output, stdout } = newOutput();
  const other = newOutput();
  output.route((record) => {
    if (record.channel === "gap") return { output: undefined };
    if (record.channel === "heartbeat") return { output: other.output, cause: "c1" };
    return undefined;
  });
  output.configure({ heartbeats: true });
  other.output.configure({ heartbeats: true });
  for (const record of [text("a"), GAP, HEARTBEAT, text("b")]) output.record(record, AT);
  output.flush();
  other.output.flush();
  await settle();
  assertEquals(stdout.records.map(({ seq, text }) => [seq, text]), [[1, "a"], [2, "b"]]);
  assertEquals(other.stdout.records.map(({ seq, cause, channel }) => [seq, cause, channel]), [[1, "c1", "heartbeat"]]);
});
