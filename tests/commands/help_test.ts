/** What the program says of itself. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { commandTree, loadVerbs } from "../../commands/mod.ts";
import { runHere } from "../_cli.ts";
import { FakeWorld } from "../_fakes.ts";

const world = new FakeWorld();
const host = { ports: world.ports, print: () => {}, open: () => Promise.reject(new Error("not opened")) };
const VERBS = commandTree(host, await loadVerbs()).getCommands().map((command) => command.getName());

/** An example is one line, to be copied; all else fits the narrowest usual window. */
function isWiderProse(line: string): boolean {
  return line.length > 80 && !/^ {2}.*krakenws /.test(line);
}

Deno.test("the verbs of the first slice are there", () => {
  for (const verb of ["ticker", "book", "ohlc", "spread", "trade", "ping", "status", "sandbox"]) {
    assert(VERBS.includes(verb), verb);
  }
});

Deno.test("the help names every command", async () => {
  const { code, stdout, stderr } = await runHere(["--help"]);
  assertEquals([code, stderr], [0, ""]);
  for (const verb of VERBS) assertMatch(stdout, new RegExp(`^ +${verb}[, ]`, "m"));
});

for (const words of [[], ...VERBS.map((verb) => [verb])]) {
  Deno.test(`${["krakenws", ...words].join(" ")} --help opens with examples`, async () => {
    const { code, stdout, stderr } = await runHere([...words, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assert(stdout.indexOf("Examples:") > 0);
    assert(stdout.indexOf("Examples:") < stdout.search(/^Options/m), stdout);
    assertEquals(stdout.split("\n").filter(isWiderProse), []);
    // deno-lint-ignore no-control-regex -- the absence of ANSI is the promise
    assert(!/\u001b/.test(stdout), "colours went to something that is no terminal");
  });
}

Deno.test("--version says which", async () => {
  const { code, stdout } = await runHere(["--version"]);
  assertEquals(code, 0);
  assertEquals(stdout.trim().split(/\s+/).at(-1), deno.version);
});

Deno.test("help in the shell lists commands and statements, and tells of each", async () => {
  // `exit` keeps the shell from reading the standard input of the tests.
  const { code, stderr } = await runHere(["shell", "-c", "help", "-c", "help book", "-c", "help expect", "-c", "exit"]);
  assertEquals(code, 0);
  for (const text of ["book [pairs...]", "unsubscribe", "expect", "--depth", "within"]) {
    assert(stderr.includes(text), text);
  }
});

Deno.test("help in the shell breaks its prose between words, within 80 columns", async () => {
  const verbs = [
    ...VERBS.filter((verb) => !/^(?:shell|run|sandbox|complete|completions)$/.test(verb)),
    "deadman",
    "expect",
  ];
  const lines = ["help", ...verbs.map((verb) => `help ${verb}`), "exit"].flatMap((line) => ["-c", line]);
  const { code, stderr } = await runHere(["shell", ...lines]);
  assertEquals(code, 0);
  assertEquals(stderr.split("\n").filter(isWiderProse), []);
});
