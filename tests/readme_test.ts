/** The README is true: its command lines parse, those with --sandbox run, and its tables name what there is. @module */

import { assert, assertEquals } from "@std/assert";
import { commandTree, loadVerbs } from "../commands/mod.ts";
import { VARIABLES } from "../lib/config.ts";
import { ExitCode } from "../lib/errors.ts";
import { hasProgram, runBash } from "./_cli.ts";
import { FakeWorld } from "./_fakes.ts";

const README = await Deno.readTextFile(new URL("../README.md", import.meta.url));

/** The lines of fenced bash blocks that call krakenws. */
const LINES = [...README.matchAll(/^```bash\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .filter((line) => line.startsWith("krakenws "));

Deno.test("the README shows command lines", () => assert(LINES.length >= 20, `only ${LINES.length}`));

/** Thrown by a host that is only asked whether a line can be read. */
const VERBS = await loadVerbs();

class Understood extends Error {}

for (const line of LINES) {
  Deno.test(`README: ${line} is understood`, async () => {
    const host = {
      ports: new FakeWorld().ports,
      print: () => {},
      open: () => Promise.reject(new Understood()),
    };
    const words = wordsOf(line);
    const error = await commandTree(host, VERBS).parse(words).then(() => undefined, (reason: unknown) => reason);
    assert(error instanceof Understood, String(error));
  });
}

/** The words of the call alone, as a shell would read them; none of the lines quotes an argument of its own. */
function wordsOf(line: string): string[] {
  const [call = ""] = line.split(/ [|>#] /);
  assert(!/['"$]/.test(call), call);
  return call.trim().split(/\s+/).slice(1);
}

for (const line of LINES.filter((line) => line.includes("--sandbox"))) {
  Deno.test(`README: ${line} runs`, { ignore: line.includes("jq ") && !hasProgram("jq") }, async () => {
    const { code, stdout, stderr } = await runBash(line);
    assertEquals([code, /^krakenws:/m.test(stderr)], [0, false], stderr);
    assert(stdout.length > 0);
  });
}

Deno.test("README: every option and its variable stand in the table", () => {
  const root = commandTree({
    ports: new FakeWorld().ports,
    print: () => {},
    open: () => Promise.reject(new Understood()),
  }, VERBS);
  const options = root.getOptions(true).filter(({ name }) => name !== "help" && name !== "version");
  for (const { name } of options) {
    const setting = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    assert(Object.hasOwn(VARIABLES, setting === "noReconnect" ? "reconnect" : setting), name);
  }
  for (const { flags } of options) for (const flag of flags) assert(README.includes(`\`${flag}`), flag);
  for (const variable of Object.values(VARIABLES)) assert(README.includes(`\`${variable}`), variable);
});

Deno.test("README: every exit code is explained", () => {
  const table = README.slice(README.indexOf("## Exit codes"));
  for (const code of Object.values(ExitCode)) {
    assert(new RegExp(`^\\|[^|]*\\b${code}\\b`, "m").test(table), String(code));
  }
});

Deno.test("README: links lead somewhere", async () => {
  for (const [, target = ""] of README.matchAll(/\]\(([^)]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    if (target.startsWith("#")) {
      assert(new RegExp(`^## ${target.slice(1)}$`, "im").test(README), target);
    } else {
      await Deno.stat(new URL(`../${target}`, import.meta.url));
    }
  }
});

Deno.test("nothing grants everything: no task and no command line of the README has -A", async () => {
  const config = await Deno.readTextFile(new URL("../deno.json", import.meta.url));
  for (const text of [README, config]) assert(!/\s-A\b|--allow-all\b|--allow-net(?=["\s])/.test(text));
});
