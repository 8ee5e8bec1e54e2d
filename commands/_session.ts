/**
 * A session, from its first line to its last: what its lines mean, and where they come from.
 *
 * @module
 */

import type { App, Stop } from "../lib/app.ts";
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
import { openPlain } from "../lib/shell/plain.ts";
import { wantsColor } from "../lib/shell/prompt.ts";
import { pipedSteps, type Report, runSteps, ScriptFailedError, type Step } from "../lib/shell/script_input.ts";
import { type Line, Shell } from "../lib/shell/shell.ts";
import { applyLimits } from "../lib/stream.ts";
import { completionContext, type LiveValues } from "./_completion.ts";
import { endDeadman } from "./_deadman.ts";
import type { Host } from "./_host.ts";
import { asUsageError } from "./_options.ts";
import { helpOf, overview, STATEMENTS } from "./_shell_help.ts";
import { requireLines, SHELL_VERBS, type ShellVerbsContext } from "./_shell_verbs.ts";
import { commandTree, loadVerbs, type Verbs } from "./mod.ts";
import type { ShellOptions } from "./shell.ts";

/**
 * Runs a session to its end: that of its input, or what stops the app before.
 *
 * @throws {KrakenwsError} The first failure of a script.
 */
export async function runShell(app: App, options: ShellOptions): Promise<void> {
  requireLines(app.config.output);
  const shell = new Shell(app);
  using _limits = applyLimits(app);
  using _hold = app.hold();
  // Only what has been sent is waited for: nothing new begins once the app is to end.
  const stopped = app.stopped.then(async () => {
    await shell.released();
    await new Promise<void>((resolve) => app.ports.defer(resolve));
  });
  await using session = new Session(shell, options, await loadVerbs());
  await Promise.race([session.run(), stopped]);
}

/** What runs in a shell, and what it leaves behind. */
class Session implements RunContext, AsyncDisposable {
  readonly shell: Shell;
  readonly verbs: Verbs;
  readonly #app: App;
  readonly #options: ShellOptions;
  readonly #interpreter: Interpreter;
  #interactive: Interactive | undefined;
  /** What a script has failed in and outlived. */
  readonly #outlived: unknown[] = [];

  constructor(shell: Shell, options: ShellOptions, verbs: Verbs) {
    this.shell = shell;
    this.verbs = verbs;
    this.#app = shell.app;
    this.#options = options;
    const run = (words: readonly string[], line: Line): Promise<void> => runWords(this, words, line);
    this.#interpreter = new Interpreter(shell, run, (error) => this.#failed(error));
    shell.onFailure = (error) => this.#failed(error);
  }

  get history(): readonly string[] {
    return this.#interactive?.history ?? [];
  }

  async run(): Promise<void> {
    const { input, keepGoing, onEof } = this.#options;
    const { ports, config } = this.#app;
    const steps = { outlive: keepGoing ? this.#outlive : undefined };
    await runSteps(this.#interpreter, preparedSteps(this.#app, this.#options), steps);
    if (input === "ndjson") {
      await serveProgram(ports.stdin.chunks, {
        execute: async ({ id, step }) => await this.#interpreter.execute(step, id),
        emit: (record, cause) => this.shell.emit(record, this.shell.line({ cause })),
        report: this.#report,
      });
    } else if (input === "lines" && ports.stdin.isTerminal() && ports.stderr.isTerminal()) {
      this.#interactive = await openPrompt(this, this.#interpreter, this.#report);
      return await this.#interactive.run();
    } else if (input === "lines") {
      await runSteps(this.#interpreter, pipedSteps(ports.stdin.chunks, "<stdin>"), steps);
    }
    if (onEof === "drain") {
      await this.#interpreter.settle(config.timeoutMs).catch(steps.outlive ?? ((error) => Promise.reject(error)));
    }
    if (onEof === "hold" && !ENDINGS.includes((await this.#app.stopped).type)) return;
    if (this.#outlived.length > 0) throw new ScriptFailedError(this.#outlived);
  }

  readonly #report = (error: unknown): void => {
    this.#app.output.say(explain(error).split("\n"));
    this.#app.emit(errorRecord(error));
  };

  readonly #outlive = (error: unknown): void => {
    this.#report(error);
    this.#outlived.push(error);
  };

  /** Something failed that no line waits for, such as an action of `on`: that ends a script, and no one else's session. */
  #failed(error: unknown): void {
    if (this.#options.input === "ndjson" || this.#interactive !== undefined) this.#report(error);
    else if (this.#options.keepGoing) this.#outlive(error);
    else this.#app.stop({ type: "failed", error });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#interpreter[Symbol.dispose]();
    this.#interactive?.close();
    // An order that is on its way is waited for.
    await this.shell.released();
    await endDeadman(this.shell);
    this.shell.close();
  }
}

/** The ends of a script that held on: as it was told to. Any other says more than what the script has outlived. */
const ENDINGS: readonly Stop["type"][] = ["count", "time"];

/** What the verbs of every line share. */
interface RunContext {
  readonly shell: Shell;
  /** The one-shot commands. */
  readonly verbs: Verbs;
  /** The lines typed so far, the oldest first. */
  readonly history: readonly string[];
}

async function openPrompt(context: RunContext, interpreter: Interpreter, report: Report): Promise<Interactive> {
  const { shell } = context;
  const { ports } = shell.app;
  if (ports.environment("TERM") === "dumb") return openPlain({ shell, interpreter, report });
  const line = shell.line({});
  const folder = stateFolder(ports.environment);
  return openInteractive({
    shell,
    interpreter,
    report,
    terminal: await ports.terminal(ports),
    historyStore: historyStore(ports, folder),
    // A line that was to give a token is refused, and holds one all the same.
    isSecret: (text) => shell.app.redactor.redact(text) !== text || /\btoken\s*=/i.test(text),
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
    orders: shell.openOrders.ids,
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
  if (Object.hasOwn(NOT_LINES, verb)) {
    throw new UsageError("not_in_a_session", `${verb} cannot be a line of a session`, { hint: NOT_LINES[verb] });
  }
  if (!verb.startsWith("-") && tree.getCommand(verb) === undefined) throw unknownVerb(verb, tree);
  try {
    await tree.parse([...words]);
  } catch (error) {
    throw asUsageError(error, `help ${verb} tells what it takes`);
  }
}

/** The one-shot commands and the shell's own, for one line. */
function treeFor(run: RunContext, line: Line): Tree {
  const { shell, history } = run;
  const print = (text: string): void => {
    // A program reads answers, not stderr.
    if (line.ownership.cause === undefined) shell.app.output.say(text.split("\n"));
    else line.answer ??= text;
  };
  const host: Host = { ports: shell.app.ports, print, open: (settings) => Promise.resolve(line.open(settings)) };
  const context: ShellVerbsContext = {
    shell,
    line,
    print,
    history,
    // A tree that is being parsed cannot be asked for help as well.
    help: (verb) => help(treeFor(run, line), verb),
  };
  const more = Object.entries(SHELL_VERBS).map(([name, verb]) => [name, () => verb(context)]);
  // The builder goes on with the command that was added last, unless told to return to the root.
  const tree = commandTree(host, { ...run.verbs, ...Object.fromEntries(more) }).reset().action(
    noVerb,
  );
  for (const name of Object.keys(NOT_LINES)) tree.removeCommand(name);
  return tree;
}

function noVerb(): never {
  throw new UsageError("no_command", "There is no command in this line", { hint: "help lists the commands" });
}

type Tree = ReturnType<typeof commandTree>;

function unknownVerb(verb: string, tree: Tree): UsageError {
  const known = [...tree.getCommands().map((command) => command.getName()), ...Object.keys(STATEMENTS)];
  const near = suggest(verb, known);
  return new UsageError("unknown_verb", `There is no command "${verb}"`, {
    hint: near === undefined ? "help lists the commands" : `Did you mean ${near}?`,
  });
}

function help(tree: Tree, verb: string | undefined): string {
  if (verb === undefined) return overview(tree.getCommands());
  const text = helpOf(verb, tree.getCommands());
  if (text === undefined) throw unknownVerb(verb, tree);
  return text;
}

/** Commands that begin a session or a server of their own, and what to do in a session instead. */
const NOT_LINES: Readonly<Record<string, string>> = {
  shell: "You are in it",
  run: "source FILE runs a script in this session",
  complete: "Press Tab",
  completions: "Tab works here without",
  sandbox: "Start it as a process of its own, or the shell with --sandbox",
};
