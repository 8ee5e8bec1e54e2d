/**
 * The program from outside: as a process with its documented permissions, or in this process on real sockets.
 *
 * @module
 */

import { invoke } from "../commands/_invoke.ts";
import { denoPorts } from "../lib/io/deno.ts";
import { linesOf, MemoryOut } from "./_fakes.ts";
import { readRecord } from "./_schema.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** What the README gives each mode; nothing here ever gets more. */
export const PERMISSIONS = {
  loopback: ["--no-prompt", "--allow-net=127.0.0.1"],
  loopbackWithVariables: ["--no-prompt", "--allow-net=127.0.0.1", "--allow-env"],
  loopbackWithTokenFile: ["--no-prompt", "--allow-net=127.0.0.1", "--allow-env", "--allow-read=.", "--allow-write=."],
  shell: ["--no-prompt", "--allow-net=127.0.0.1", "--allow-env", "--allow-read", "--allow-write"],
  unknownHost: ["--no-prompt", "--allow-net=nowhere.invalid"],
  none: ["--no-prompt"],
} as const;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  // deno-lint-ignore no-explicit-any -- what a record holds is what the tests are about
  readonly records: any[];
}

export interface CliOptions {
  readonly permissions?: keyof typeof PERMISSIONS;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that it runs in. */
  readonly cwd?: string;
}

/**
 * How tests start Deno. Left to itself, each `deno run` puts the linked package of `lib/jsr/shim_deno` into `node_modules`
 * anew, and a process that starts in that moment does not find it.
 */
export const DENO_RUN: readonly string[] = [Deno.execPath(), "run", "--node-modules-dir=manual"];

/** The `deno run …` that stands for `krakenws`. */
export function denoRun(args: readonly string[], permissions: keyof typeof PERMISSIONS = "loopback"): string[] {
  return [...DENO_RUN, ...PERMISSIONS[permissions], MAIN, ...args];
}

export function spawnCli(args: readonly string[], { permissions, env = {}, cwd }: CliOptions = {}): Deno.ChildProcess {
  const [program = "", ...rest] = denoRun(args, permissions);
  return new Deno.Command(program, {
    args: rest,
    ...(cwd === undefined ? {} : { cwd }),
    clearEnv: true,
    env: { ...inherited(["HOME", "DENO_DIR", "PATH"]), NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the program as a process until it ends. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  const { code, stdout, stderr } = await spawnCli(args, options).output();
  return finished(code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr));
}

/** Runs a shell pipeline in which `krakenws` is the program, and reports as `set -o pipefail` does. */
export async function runBash(script: string, permissions: keyof typeof PERMISSIONS = "loopback"): Promise<Finished> {
  const krakenws = `krakenws() { ${denoRun([], permissions).map((word) => `'${word}'`).join(" ")} "$@"; }`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `set -o pipefail\n${krakenws}\n${script}`],
    clearEnv: true,
    env: { ...inherited(["HOME", "DENO_DIR", "PATH"]), NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return finished(code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr));
}

/** Whether this machine has a program that a test would like to use: without it, the test counts as ignored. */
export function hasProgram(name: string): boolean {
  const probe = PROBES[name] ?? `command -v ${name}`;
  return new Deno.Command("sh", { args: ["-c", probe], stdout: "null", stderr: "null" }).outputSync().success;
}

/** macOS has these, too, but in a form that can do less: bash before version 4, and a split that is not GNU's. */
const PROBES: Readonly<Record<string, string>> = {
  bash: "bash -c 'command -v coproc'",
  split: "split --version",
};

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Runs a command line in this process, on real sockets and the real clock. */
export async function runHere(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const stdout = new MemoryOut();
  const stderr = new MemoryOut();
  const ports = {
    ...denoPorts(),
    stdout,
    stderr,
    environment: (name: string) => env[name],
    onStopSignal: () => () => {},
  };
  const code = await invoke(args, ports);
  return finished(code, stdout.text, stderr.text);
}

function finished(code: number, stdout: string, stderr: string): Finished {
  const read = () => linesOf(stdout).map(readRecord);
  return {
    code,
    stdout,
    stderr,
    get records() {
      return read();
    },
  };
}
