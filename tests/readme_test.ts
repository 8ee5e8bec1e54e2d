/** The README is true: its command lines parse, those with --sandbox run, and its tables name what there is. @module */

import { assert, assertEquals } from "@std/assert";
import { commandTree, loadVerbs } from "../commands/mod.ts";
import { VARIABLES } from "../lib/config.ts";
import { ExitCode } from "../lib/errors.ts";
import { recordSchema } from "../lib/output/schema.ts";
import { hasProgram, runBash, runCli } from "./_cli.ts";
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
      print: (text: string) => {
        if (text !== "") throw new Understood();
      },
      open: () => Promise.reject(new Understood()),
    };
    const error = await commandTree(host, VERBS).parse(wordsOf(line)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert(error instanceof Understood, String(error));
  });
}

/** The words of the call alone, as a shell would read them; quotes are only around whole words. */
function wordsOf(line: string): string[] {
  const [call = ""] = line.split(/ [|>#] /);
  const words = call.trim().match(/"[^"]*"|[^\s"]+/g) ?? [];
  assert(!/['$]/.test(call), call);
  return words.map((word) => word.replaceAll('"', "")).slice(1);
}

for (const line of LINES.filter((line) => line.includes("--sandbox"))) {
  Deno.test(`README: ${line} runs`, { ignore: line.includes("jq ") && !hasProgram("jq") }, async () => {
    const { code, stdout, stderr } = await runBash(line, "loopbackWithTokenFile");
    assertEquals([code, /^krakenws:/m.test(stderr)], [0, false], stderr);
    assert(stdout.length > 0);
  });
}

Deno.test("README: every command has an example", () => {
  const root = commandTree({ ports: new FakeWorld().ports, print: () => {}, open: () => Promise.reject() }, VERBS);
  const verbs = root.getCommands().map((command) => command.getName());
  for (const verb of verbs) {
    assert(README.includes(`\nkrakenws ${verb} `) || README.includes(`\nkrakenws ${verb}\n`), verb);
  }
});

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
  const table = README.slice(README.indexOf("\n## Exit codes"));
  for (const code of Object.values(ExitCode)) {
    assert(new RegExp(`^\\|[^|]*\\b${code}\\b`, "m").test(table), String(code));
  }
});

Deno.test("README: every channel stands in the table, with all of its types and fields", () => {
  const [, records = ""] = README.split("\n## Records\n");
  const ofAll = ["seq", "time", "cause", "channel", "type", "pair", "data", "frame"];
  for (const { properties } of recordSchema()["oneOf"] as readonly RecordSchema[]) {
    const channel = properties.channel.const;
    const row = records.split("\n").find((line) =>
      line.startsWith("|") && line.split("|")[1]?.includes(`\`${channel}\``)
    );
    const types = (properties.type.oneOf ?? []).map((type) => type.const);
    const fields = Object.keys(properties).filter((name) => !ofAll.includes(name));
    for (const name of [...types, ...fields]) assert(row?.includes(`\`${name}\``), `${channel}: ${name}`);
  }
});

/** As much of a record's schema as the table tells of. */
interface RecordSchema {
  readonly properties: {
    readonly channel: { readonly const: string };
    readonly type: { readonly oneOf?: readonly { readonly const: string }[] };
  };
}

for (
  const document of [
    ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md", "lib/README.md", "lib/jsr/README.md"],
    ...["lib/model/README.md", "lib/sandbox/README.md", "lib/shell/README.md"],
  ]
) {
  Deno.test(`${document}: links lead somewhere`, async () => {
    const here = new URL(`../${document}`, import.meta.url);
    for (const [, link = ""] of (await Deno.readTextFile(here)).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const { href, hash } = new URL(link, here);
      const target = new URL(href.split("#")[0] ?? "");
      await Deno.stat(target);
      if (hash !== "") assert(anchorsOf(await Deno.readTextFile(target)).includes(hash), link);
    }
  });
}

/** The anchors of a document's headings, as forges make them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    `#${heading.toLowerCase().replaceAll(/[^\w\s-]/g, "").replaceAll(" ", "-")}`
  );
}

Deno.test("the shell's reference: its script runs", async () => {
  const reference = await Deno.readTextFile(new URL("../lib/shell/README.md", import.meta.url));
  const script = /^```text\n([\s\S]*?)^```$/m.exec(reference)?.[1] ?? "";
  const folder = await Deno.makeTempDir({ prefix: "krakenws-readme-" });
  await Deno.writeTextFile(`${folder}/script.kws`, script);
  const { code, records } = await runCli(["run", "script.kws", "--sandbox"], {
    cwd: folder,
    permissions: "loopbackWithTokenFile",
  });
  await Deno.remove(folder, { recursive: true });
  assertEquals([code, records.at(-3).channel, records.at(-3).type], [0, "order", "accepted"]);
});

Deno.test("nothing grants everything: no task and no command line of the README has -A", async () => {
  const config = await Deno.readTextFile(new URL("../deno.json", import.meta.url));
  for (const text of [README, config]) assert(!/\s-A\b|--allow-all\b|--allow-net(?=["\s])/.test(text));
});
