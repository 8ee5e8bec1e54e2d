import { assertEquals } from "@std/assert";
import { Journal, JOURNAL_LIMIT } from "../../lib/shell/journal.ts";

const record = (name: number) => ({ channel: "mark", type: "set", name: String(name) }) as const;

Deno.test("Journal gives back what came since a mark", () => {
  const journal = new Journal();
  journal.add(record(1));
  journal.mark("here");
  journal.add(record(2));
  assertEquals(journal.markOf("here"), 1);
  assertEquals(journal.since(1), [record(2)]);
  assertEquals(journal.markOf("there"), undefined);
  assertEquals(journal.marks, ["here"]);
});

Deno.test("Journal keeps the newest records, and says when those asked for are gone", () => {
  const journal = new Journal();
  for (let name = 0; name < 5 * JOURNAL_LIMIT; name++) journal.add(record(name));
  assertEquals(journal.next, 5 * JOURNAL_LIMIT);
  assertEquals(journal.since(journal.next - JOURNAL_LIMIT)?.[0], record(4 * JOURNAL_LIMIT));
  assertEquals(journal.since(0), undefined);
});
