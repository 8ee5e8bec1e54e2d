/** What a user installs: a command made by `deno install`, and a binary made by `deno compile`. @module */

import { assertEquals } from "@std/assert";
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

/** Whether `deno compile` has something to build upon: `DENORT_BIN`, or what it downloads once from dl.deno.land. */
async function hasBase(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/nothing.ts`, "");
  const args = ["compile", "--quiet", "--output", `${folder}/nothing`, `${folder}/nothing.ts`];
  const { code, stderr } = await run(Deno.execPath(), args);
  await Deno.remove(folder, { recursive: true });
  // Whatever else is wrong with it is for the test to find.
  return code === 0 || !/error sending request|download/i.test(stderr);
}

const withBase = POSIX && await hasBase();

Deno.test(
  `deno task compile makes a binary that runs${
    withBase ? "" : " (skipped without a base: DENORT_BIN, or dl.deno.land)"
  }`,
  { ignore: !withBase },
  async () => {
    await withCopy(async (folder) => {
      const { code, stderr } = await run(Deno.execPath(), ["task", "compile"], { cwd: folder });
      assertEquals(code, 0, stderr);
      await streams(`${folder}/dist/krakenws`);
    });
  },
);

Deno.test("every program is made by one task, which never asks for all permissions", () => {
  const { make, ...tasks } = deno.tasks;
  const made = [tasks.install, tasks.compile, tasks["compile:all"]].flatMap(({ command }) => command.split(" && "));
  assertEquals(made.map((command) => command.split(" ").slice(0, 4).join(" ")), [
    "MAKE=install deno task make",
    ...Array(5).fill("MAKE=compile deno task make"),
  ]);
  for (const text of [make.command, ...made]) {
    assertEquals(/--allow-(run|ffi|sys|all|import)|-A\b|--allow-net(?!=)|--allow-env(?!=)/.exec(text), null, text);
  }
  const targets = made.flatMap((command) => / --target (\S+) --output (\S+) /.exec(command)?.slice(1) ?? []);
  assertEquals(targets, [
    ...["x86_64-unknown-linux-gnu", "dist/krakenws-linux"],
    ...["x86_64-apple-darwin", "dist/krakenws-macos-intel"],
    ...["aarch64-apple-darwin", "dist/krakenws-macos-arm"],
    ...["x86_64-pc-windows-msvc", "dist/krakenws-windows.exe"],
  ]);
});
