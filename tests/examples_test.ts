/** The examples, run as they are, where their languages are installed. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { denoRun, hasProgram } from "./_cli.ts";
import { linesOf } from "./_fakes.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const KRAKENWS = denoRun([]).join(" ");

async function run(words: readonly string[]) {
  const [program = "", ...args] = words;
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd: ROOT, env: { KRAKENWS } }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** A program that prints the best ask, in each language: what it needs, and how it is run. */
const PROGRAMS:
  readonly (readonly [needs: readonly string[], command: (folder: string) => Promise<readonly string[]>])[] = [
    [["bash", "jq"], () => Promise.resolve(["examples/bash/best_ask.sh"])],
    [["python3"], () => Promise.resolve(["python3", "examples/python/best_ask.py"])],
    [["c++"], async (folder) => {
      const compiled = await run([
        "c++",
        "-std=c++17",
        "-Wall",
        "-Wextra",
        "-o",
        `${folder}/best_ask`,
        "examples/cpp/best_ask.cpp",
      ]);
      assertEquals([compiled.code, compiled.stderr], [0, ""]);
      return [`${folder}/best_ask`];
    }],
  ];

for (const [needs, prepare] of PROGRAMS) {
  const missing = needs.filter((program) => !hasProgram(program));
  const name = `the example for ${needs.join(" and ")} subscribes, prints the best ask, and leaves`;
  Deno.test({
    name: missing.length === 0 ? name : `${name} (not installed: ${missing.join(", ")})`,
    ignore: missing.length > 0,
    async fn() {
      const folder = await Deno.makeTempDir({ dir: "/tmp" });
      const command = await prepare(folder);
      const three = await run([...command, "XBT/USD", "3", "--sandbox"]);
      const refused = await run([...command, "FOO/BAR", "3", "--sandbox"]);
      await Deno.remove(folder, { recursive: true });
      assertEquals([three.code, three.stderr], [0, ""]);
      assertMatch(three.stdout, /^(?:\d+\.\d{5}\n){3}$/);
      assertEquals([refused.code, refused.stdout], [4, ""]);
      assertMatch(refused.stderr, /^krakenws: .*Currency pair not supported FOO\/BAR\n$/);
    },
  });
}

for await (const { name } of Deno.readDir(`${ROOT}examples/scripts`)) {
  Deno.test(`examples/scripts/${name} does on the sandbox what it says`, async () => {
    const { code, stdout, stderr } = await run([
      ...denoRun([], "shell"),
      ...["run", `examples/scripts/${name}`, "--sandbox", "--for", "20s"],
      // It goes on until it is interrupted.
      ...(name === "alert.kws" ? ["--count", "5"] : []),
    ]);
    assertEquals(code, 0, stderr);
    const records = linesOf(stdout).map((line) => JSON.parse(line));
    assert(records.length > 5);
    assertEquals(records.at(-1).type, name === "alert.kws" ? "count" : "done");
  });

  Deno.test(`examples/scripts/${name} passes run --check`, async () => {
    const { code, stdout } = await run([...denoRun([], "shell"), "run", "--check", `examples/scripts/${name}`]);
    assertEquals([code, JSON.parse(linesOf(stdout)[0] ?? "").channel], [0, "check"]);
  });
}
