/** Each mode works with the permissions that are written down for it, and says what it lacks with less. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import deno from "../deno.json" with { type: "json" };
import { DENO_RUN } from "./_cli.ts";
import { PERMISSION_SETS } from "./_permissions.ts";
import { readRecord } from "./_schema.ts";

const ROOT = new URL("../", import.meta.url);
const MAIN = new URL("main.ts", ROOT).pathname;

interface Case {
  readonly what: string;
  readonly permissions: readonly string[];
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly exit: number;
  /** What stderr must say; `undefined` says nothing. */
  readonly complaint?: RegExp;
}

const LOOPBACK = "--allow-net=127.0.0.1";
const ENVIRONMENT = "--allow-env=KRAKENWS_*";

const CASES: readonly Case[] = [
  { what: "the sandbox needs loopback", permissions: [LOOPBACK], args: ["status", "--sandbox"], exit: 0 },
  {
    what: "the sandbox without it",
    permissions: [],
    args: ["status", "--sandbox"],
    exit: 7,
    complaint: /^krakenws: Cannot start the sandbox .*\n.*--allow-net=127\.0\.0\.1\n$/,
  },
  {
    what: "market data without its host",
    permissions: ["--allow-net=ws-auth.kraken.com"],
    args: ["ticker", "XBT/USD"],
    exit: 7,
    complaint:
      /^krakenws: Cannot connect to wss:\/\/ws\.kraken\.com\S*: Deno was not given net access\n.*--allow-net.*\n$/,
  },
  {
    what: "the beta exchange with the live exchange's host",
    permissions: ["--allow-net=ws.kraken.com"],
    args: ["status", "--target", "beta"],
    exit: 7,
    complaint: /^krakenws: Cannot connect to wss:\/\/beta-ws\.kraken\.com\S*: Deno was not given net access\n/,
  },
  {
    what: "the environment with its permission",
    permissions: [LOOPBACK, ENVIRONMENT],
    args: ["ticker", "XBT/USD", "--sandbox"],
    env: { KRAKENWS_COUNT: "1" },
    exit: 0,
  },
  {
    what: "a script with leave to read its folder",
    permissions: [LOOPBACK, `--allow-read=${ROOT.pathname}examples`],
    args: ["run", `${ROOT.pathname}examples/demo.kws`, "--check"],
    exit: 0,
    complaint: /can run\. It would use\n/,
  },
  {
    what: "a script without it",
    permissions: [LOOPBACK],
    args: ["run", `${ROOT.pathname}examples/demo.kws`, "--sandbox"],
    exit: 2,
    complaint: /^krakenws: Cannot read \S+demo\.kws: .*--allow-read flag\n$/,
  },
  {
    what: "a token's file without leave to write",
    permissions: [LOOPBACK, "--allow-env"],
    args: ["token", "--sandbox", "--file", "token-of-a-test"],
    exit: 6,
    complaint: /^krakenws: Cannot write the token to "token-of-a-test": .*\n.*--allow-write/,
  },
];

for (const { what, permissions, args, env = {}, exit, complaint } of CASES) {
  Deno.test(`permissions: ${what}: exit ${exit}`, async () => {
    const { code, stdout, stderr } = await run([...DENO_RUN, "--no-prompt", ...permissions, MAIN, ...args], env);
    assertEquals(code, exit, stderr);
    if (complaint === undefined) assertEquals(stderr, "");
    else assertMatch(stderr, complaint);
    assert(!/^ {4}at /m.test(stderr), "a stack trace is for defects");
    const records = stdout.split("\n").filter((line) => line !== "").map(readRecord);
    assertEquals(records.at(-1)?.exit ?? exit, exit);
  });
}

Deno.test("the README gives each mode its permissions, and no command all of them", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  for (const { mode, flags } of PERMISSION_SETS) {
    for (const flag of flags) assert(readme.includes(flag), `${mode}: ${flag}`);
  }
  const tasks = Object.values(deno.tasks).map(({ command }) => command).join("\n");
  for (const text of [readme, tasks]) {
    assert(!/\bdeno (?:run|install|compile)\b[^\n|]* (?:-A|--allow-all)\b/.test(text));
  }
});

async function run([program = "", ...args]: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
