/** `krakenws shell`: a session whose sockets stay open, by hand, by script or by program. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { UsageError } from "../lib/errors.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export interface ShellOptions {
  /** Lines and files to run before standard input, in this order. */
  readonly commands: readonly string[];
  readonly files: readonly string[];
  readonly input: "lines" | "ndjson" | "none";
  readonly keepGoing: boolean;
  readonly onEof: OnEof;
}

/** At the end of the input: wait for what has been asked for, go on until told otherwise, or leave at once. */
const ON_EOF = ["drain", "hold", "exit"] as const;
export type OnEof = typeof ON_EOF[number];

export function shellCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples(
      "Open a session: subscribe, unsubscribe and trade over sockets that stay open.",
      [
        "krakenws shell --sandbox",
        "krakenws shell | jq -c .data",
        "krakenws shell -c 'ticker XBT/USD' --for 10s",
        "krakenws shell --input ndjson",
        "krakenws shell < script.kws",
      ],
      "On a terminal it prompts; a pipe is a script, which stops at the first line that fails. help lists what it understands.",
    ))
    .option("-c, --command <line:string>", "Run this line before standard input; can be repeated.", { collect: true })
    .option("-f, --file <path:string>", "Run this file before standard input; can be repeated.", { collect: true })
    .option("--input <form:string>", "What standard input holds: lines (the default) or ndjson.")
    .option("--validate", "Have the exchange check orders and place none.")
    .option("--keep-going", "Go on after a line that fails.")
    .option(
      "--on-eof <action:string>",
      "At the end of the input: drain (the default), hold (the default with --for and --count) or exit.",
    )
    .action((options) => openShell(host, options));
}

/** What can be said of a session on the command line, as it is typed. */
interface TypedOptions extends Settings {
  readonly command?: readonly string[] | undefined;
  readonly file?: readonly string[] | undefined;
  readonly input?: string | undefined;
  readonly keepGoing?: boolean | undefined;
  readonly onEof?: string | undefined;
}

/** Opens a session, as `krakenws shell` and `krakenws` alone do. */
export async function openShell(host: Host, options: TypedOptions): Promise<void> {
  const { command = [], file = [], input = "lines", keepGoing = false, onEof, ...settings } = options;
  const app = await host.open(settings);
  // Loaded only here: a session is a large part of the program, and no other command has a use for it.
  const { runShell } = await import("./_session.ts");
  await runShell(app, {
    commands: command,
    files: file,
    input: oneOf(["lines", "ndjson"] as const, input, "--input"),
    keepGoing,
    onEof: oneOf(ON_EOF, onEof ?? (isLimited(app) ? "hold" : "drain"), "--on-eof"),
  });
}

/** A session that is to last so long, or for so many records, does not end with its input. */
function isLimited({ config: { limits } }: App): boolean {
  return limits.count !== undefined || limits.forMs !== undefined;
}

function oneOf<T extends string>(allowed: readonly T[], value: string, option: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new UsageError("bad_option", `${option} cannot be "${value}"`, { hint: `It is one of ${allowed.join(", ")}` });
}
