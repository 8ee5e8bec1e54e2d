/** `krakenws shell`: a session whose sockets stay open, by hand, by script or by program. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { stateFolder } from "../lib/config.ts";
import { UsageError } from "../lib/errors.ts";
import type { Ports } from "../lib/io/ports.ts";
import { suggest } from "../lib/model/suggest.ts";
import { errorRecord, explain } from "../lib/report.ts";
import { complete } from "../lib/shell/complete.ts";
import type { HistoryStore } from "../lib/shell/history.ts";
import { type Interactive, openInteractive } from "../lib/shell/interactive.ts";
import { Interpreter, readScript, wholeScript } from "../lib/shell/interpreter.ts";
import { serveProgram } from "../lib/shell/program_input.ts";
import { wantsColor } from "../lib/shell/prompt.ts";
import { pipedSteps, type Report, runSteps, type Step } from "../lib/shell/script_input.ts";
import { type Line, Shell } from "../lib/shell/shell.ts";
import { applyLimits } from "../lib/stream.ts";
import { completionContext, type LiveValues } from "./_completion.ts";
import type { Host } from "./_host.ts";
import { asUsageError, withExamples } from "./_options.ts";
import { requireLines, SHELL_VERBS, type ShellVerbsContext } from "./_shell_verbs.ts";
import { commandTree } from "./mod.ts";

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
    .option("--keep-going", "Go on after a line that fails.")
    .option("--on-eof <action:string>", "At the end of the input: drain (the default), hold or exit.")
    .action(async ({ command = [], file = [], input = "lines", keepGoing = false, onEof, ...settings }) => {
      const app = await host.open(settings);
      await runShell(app, {
        commands: command,
        files: file,
        input: oneOf(["lines", "ndjson"] as const, input, "--input"),
        keepGoing,
        onEof: oneOf(ON_EOF, onEof ?? "drain", "--on-eof"),
      });
    });
}

function oneOf<T extends string>(allowed: readonly T[], value: string, option: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new UsageError("bad_option", `${option} cannot be "${value}"`, { hint: `It is one of ${allowed.join(", ")}` });
}

/**
 * Runs a session to its end.
 *
 * @throws {KrakenwsError} The first failure of a script.
 */
export async function runShell(app: App, options: ShellOptions): Promise<void> {
  requireLines(app.config.output);
  const shell = new Shell(app);
  const context: RunContext = { shell, history: () => interactive?.history ?? [] };
  let interactive: Interactive | undefined;
  const report = (error: unknown): void => {
    app.output.complain(explain(error));
    app.emit(errorRecord(error));
  };
  const failed = options.keepGoing ? report : (error: unknown) => app.stop({ type: "failed", error });
  using interpreter = new Interpreter(shell, (words, line) => runWords(context, words, line), failed);
  using _limits = applyLimits(app);
  const { keepGoing } = options;
  try {
    await runSteps(interpreter, preparedSteps(app, options), { keepGoing, report });
    if (options.input === "none") return await interpreter.settle(app.config.timeoutMs);
    if (options.input === "ndjson") {
      await serveProgram(app.ports.stdin.chunks, {
        execute: async ({ id, step }) => await interpreter.execute(step, id),
        emit: (record, cause) => shell.emit(record, shell.line({ cause })),
        report,
      });
    } else if (app.ports.stdin.isTerminal() && app.ports.stderr.isTerminal()) {
      interactive = await openPrompt(context, interpreter, report);
      return await Promise.race([interactive.run(), app.stopped.then(() => {})]);
    } else {
      await runSteps(interpreter, pipedSteps(app.ports.stdin.chunks, "<stdin>"), { keepGoing, report });
    }
    if (options.onEof === "drain") await interpreter.settle(app.config.timeoutMs);
    if (options.onEof === "hold") await app.stopped;
  } finally {
    interactive?.close();
    shell.close();
  }
}

/** What the verbs of every line share. */
interface RunContext {
  readonly shell: Shell;
  readonly history: () => readonly string[];
}

async function openPrompt(context: RunContext, interpreter: Interpreter, report: Report): Promise<Interactive> {
  const { shell } = context;
  const { ports } = shell.app;
  const line = shell.line({});
  const folder = stateFolder(ports.environment);
  return openInteractive({
    shell,
    interpreter,
    report,
    terminal: await ports.terminal(ports),
    historyStore: historyStore(ports, folder),
    isSecret: (text) => shell.app.redactor.redact(text) !== text,
    color: wantsColor({ noColor: ports.environment("NO_COLOR"), term: ports.environment("TERM") }),
    complete: (text, cursor) =>
      complete(text, cursor, completionContext(treeFor(context, line), liveValues(shell, interpreter))),
  });
}

function historyStore({ files }: Ports, folder: string | undefined): HistoryStore {
  const path = `${folder}/history`;
  return {
    read: () => folder === undefined ? undefined : files.read(path),
    write: (text) => folder === undefined ? undefined : files.write(path, text),
  };
}

function liveValues(shell: Shell, interpreter: Interpreter): LiveValues {
  const streams = shell.streams.all();
  return {
    pairs: streams.flatMap(({ subscription }) => "pair" in subscription ? [subscription.pair] : []),
    subscriptions: [
      ...new Set(streams.flatMap(({ alias, subscription }) => [alias ?? [], subscription.channel].flat())),
    ],
    orders: [],
    variables: [...interpreter.variables.keys()],
    marks: interpreter.marks,
  };
}

/** What stands on the command line, in the order: lines, then files. Files are read whole before anything runs. */
function preparedSteps({ ports }: App, { commands, files }: ShellOptions): Step[] {
  const lines = commands.flatMap((text, index) => wholeScript({ file: `<-c ${index + 1}>`, text }));
  return [...lines, ...files.flatMap((path) => readScript(ports.files.read, path))];
}

/** Runs the words of one line on a tree of its own. */
async function runWords(context: RunContext, words: readonly string[], line: Line): Promise<void> {
  const [verb = ""] = words;
  const tree = treeFor(context, line);
  if (!verb.startsWith("-") && tree.getCommand(verb) === undefined) throw unknownVerb(verb, tree);
  try {
    await tree.parse([...words]);
  } catch (error) {
    throw asUsageError(error);
  }
}

/** The one-shot commands and the shell's own, for one line. */
function treeFor({ shell, history }: RunContext, line: Line): Tree {
  const print = (text: string): void => shell.app.output.complain(text);
  const host: Host = { ports: shell.app.ports, print, open: (settings) => Promise.resolve(line.open(settings)) };
  const context: ShellVerbsContext = {
    shell,
    line,
    print,
    history: history(),
    // A tree that is being parsed cannot be asked for help as well.
    help: (verb) => helpOf(treeFor({ shell, history }, line), verb),
  };
  return commandTree(
    host,
    Object.fromEntries(Object.entries(SHELL_VERBS).map(([name, verb]) => [name, verb(context)])),
  );
}

type Tree = ReturnType<typeof commandTree>;

function unknownVerb(verb: string, tree: Tree): UsageError {
  const near = suggest(verb, tree.getCommands().map((command) => command.getName()));
  return new UsageError("unknown_verb", `There is no command "${verb}"`, {
    hint: near === undefined ? "help lists the commands" : `Did you mean ${near}?`,
  });
}

function helpOf(tree: Tree, verb: string | undefined): string {
  const command = verb === undefined ? tree : tree.getCommand(verb);
  if (command === undefined) throw unknownVerb(verb ?? "", tree);
  return command.getHelp();
}
