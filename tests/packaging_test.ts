/** What a user installs: a command made by `deno install`, and a binary made by `deno compile`. @module */

import { assertEquals, assertMatch } from "@std/assert";
import deno from "../deno.json" with { type: "json" };
import { readRecord } from "./_schema.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** Both are made in a copy of the sources, so that tests that run at the same time do not meet. */
async function withCopy(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["main.ts", "deno.json", "deno.lock", "lib", "commands"]) {
      await run("cp", ["-r", ROOT + name, folder]);
    }
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(program: string, args: readonly string[], { cwd = "/" } = {}) {
  const command = new Deno.Command(program, { args: [...args], cwd, env: { NO_COLOR: "1" }, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function streams(program: string): Promise<void> {
  assertEquals((await run(program, ["--version"])).stdout, `krakenws ${deno.version}\n`);
  const { code, stdout, stderr } = await run(program, ["book", "XBT/USD", "--sandbox", "--count", "3"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(readRecord(stdout.trim().split("\n").at(-1) ?? "").type, "count");
}

const POSIX = Deno.build.os !== "windows";

Deno.test(
  "deno task install makes a command that works in any folder, without the sources",
  { ignore: !POSIX },
  async () => {
    await withCopy(async (folder) => {
      const { code, stderr } = await run(Deno.execPath(), ["task", "install", "--root", `${folder}/root`], {
        cwd: folder,
      });
      assertEquals(code, 0, stderr);
      for (const name of ["main.ts", "lib", "commands"]) await Deno.remove(`${folder}/${name}`, { recursive: true });
      await streams(`${folder}/root/bin/krakenws`);
    });
  },
);

/** Where compiling cannot be tried, and why. */
const WITHOUT_BASE = /denort|dl\.deno\.land|error sending request|download/i;

Deno.test(
  "deno task compile makes a binary that runs, or says that its base cannot be had",
  { ignore: !POSIX },
  async () => {
    await withCopy(async (folder) => {
      const { code, stderr } = await run(Deno.execPath(), ["task", "compile"], { cwd: folder });
      if (code === 0) return await streams(`${folder}/dist/krakenws`);
      assertMatch(stderr, WITHOUT_BASE);
      Deno.stderr.writeSync(new TextEncoder().encode("not tried: deno compile has no base binary here (DENORT_BIN)\n"));
    });
  },
);

Deno.test("the tasks that make programs ask for the same permissions, and never for all", () => {
  const made = [deno.tasks.install, deno.tasks.compile, deno.tasks["compile:all"]]
    .flatMap(({ command }) => command.split(" && "))
    .map((command) => (command.match(/--allow-\S+/g) ?? []).join(" "));
  assertEquals(new Set(made).size, 1);
  assertEquals(made.length, 6);
  for (const flag of ["--allow-run", "--allow-ffi", "--allow-sys", "--allow-all", "--allow-import"]) {
    assertEquals(made[0]!.includes(flag), false, flag);
  }
});
