import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  entriesStartingWith,
  formatHistory,
  History,
  type HistoryStore,
  MAX_ENTRIES,
  MAX_ENTRY_LENGTH,
  parseHistory,
  withEntry,
} from "../../lib/shell/history.ts";

function memory(text?: string): HistoryStore & { text: string | undefined } {
  return {
    text,
    read() {
      return this.text;
    },
    write(text) {
      this.text = text;
    },
  };
}

function open(store: HistoryStore, warnings: string[] = []): History {
  return new History(store, { isSecret: (line) => line.includes("s3cret"), warn: (message) => warnings.push(message) });
}

Deno.test("History keeps lines over sessions, each once, the newest last", () => {
  const store = memory();
  const first = open(store);
  for (const line of ["ping", "subs", "ping", "book XBT/USD  "]) first.add(line);

  assertEquals(store.text, "subs\nping\nbook XBT/USD\n");
  assertEquals(open(store).entries, ["subs", "ping", "book XBT/USD"]);
});

Deno.test("History never keeps a secret, a line that starts with a blank, or what is no line", () => {
  const store = memory("old s3cret\nping\n");
  const history = open(store);
  for (
    const line of [
      "addOrder token=s3cret",
      " hidden",
      "\thidden",
      "",
      "  ",
      "a\nb",
      "\x1b[31m",
      "x".repeat(MAX_ENTRY_LENGTH + 1),
    ]
  ) history.add(line);
  assertEquals(history.entries, ["ping"]);

  history.add("subs");
  assertEquals(store.text, "ping\nsubs\n");
});

Deno.test("History adds to what another session has written in the meantime", () => {
  const store = memory();
  const [here, there] = [open(store), open(store)];
  here.add("ping");
  there.add("subs");
  here.add("status");
  assertEquals(store.text, "ping\nsubs\nstatus\n");
});

Deno.test("History warns once when it cannot be kept, and goes on", () => {
  const warnings: string[] = [];
  const history = open({
    read: () => undefined,
    write() {
      throw new Error("read-only file system");
    },
  }, warnings);
  history.add("ping");
  history.add("subs");
  assertEquals(warnings, ["The history cannot be kept: read-only file system"]);
});

Deno.test("History that can be neither read nor written lives in memory", () => {
  const warnings: string[] = [];
  const fail = () => {
    throw new Error("permission denied");
  };
  const history = open({ read: fail, write: fail }, warnings);
  history.add("ping");
  history.add("subs");
  assertEquals(history.entries, ["ping", "subs"]);
  assertEquals(warnings, ["The history cannot be read: permission denied"]);
});

Deno.test("entriesStartingWith() finds the newest first", () => {
  assertEquals(entriesStartingWith(["book A", "ping", "book B"], "book"), ["book B", "book A"]);
  assertEquals(entriesStartingWith(["book A"], "BOOK"), []);
});

Deno.test("withEntry() drops the oldest beyond the limit", () => {
  let entries: readonly string[] = [];
  for (let number = 0; number < MAX_ENTRIES + 5; number++) entries = withEntry(entries, `line ${number}`);
  assertEquals([entries.length, entries[0], entries.at(-1)], [MAX_ENTRIES, "line 5", `line ${MAX_ENTRIES + 4}`]);
});

Deno.test("parseHistory() leaves out what is no line, and reads no more than the limit", () => {
  assertEquals(parseHistory("a\r\n\nb\n\x00\x01\nc\x1b[2J\n\ufffd\nd"), ["a", "b", "d"]);
  assertEquals(parseHistory("x\n".repeat(5_000)).length, MAX_ENTRIES);
});

Deno.test("parseHistory() gives back what formatHistory() wrote", () => {
  const entry = fc.stringMatching(/^\S[ -~]*$/).filter((text) => text.trim() !== "");
  fc.assert(fc.property(fc.array(entry), (entries) => assertEquals(parseHistory(formatHistory(entries)), entries)));
});
