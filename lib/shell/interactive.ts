/**
 * A person at a terminal: the prompt, and the lines typed at it, run one after the other while records come in above.
 *
 * Ctrl-C takes the line away; on an empty line it ends what is running, and twice in a row the session. Ctrl-D ends the
 * session. Whatever fails is told, and the session lives on.
 *
 * @module
 */

import { ExitCode, UsageError } from "../errors.ts";
import type { Terminal } from "../io/ports.ts";
import type { Completion } from "./complete.ts";
import { History, type HistoryStore } from "./history.ts";
import type { Interpreter } from "./interpreter.ts";
import { type PromptState, type PromptStyle, renderPrompt, type SocketState } from "./prompt.ts";
import { parseLine } from "./script.ts";
import type { Report } from "./script_input.ts";
import { INPUT_LIMIT, Screen } from "./screen.ts";
import type { Shell } from "./shell.ts";
import { ShellSyntaxError } from "./syntax.ts";

export interface InteractiveOptions {
  readonly shell: Shell;
  readonly interpreter: Interpreter;
  readonly terminal: Terminal;
  readonly historyStore: HistoryStore;
  /** Whether a line holds a token or another secret. */
  readonly isSecret: (line: string) => boolean;
  readonly complete: (line: string, cursor: number) => Completion;
  readonly color: boolean;
  readonly report: Report;
}

/** Who answers the person's keys, and what was typed before. */
export interface Interactive {
  readonly history: readonly string[];
  /** Runs the session until the person leaves it. */
  run(): Promise<void>;
  close(): void;
}

/** Records of these change the prompt. */
const PROMPTED: ReadonlySet<string> = new Set(["connection", "subscription", "deadman"]);

/** How often the prompt is looked at, for what changes by itself. */
const PROMPT_BEAT_MS = 1_000;

export function openInteractive(options: InteractiveOptions): Interactive {
  const { shell, terminal, color } = options;
  const { output, ports } = shell.app;
  const history = new History(options.historyStore, {
    isSecret: options.isSecret,
    warn: (message) => output.complain(message),
  });
  const prompt = (): string => promptOf(shell, { color });
  const screen = new Screen(terminal, {
    prompt: prompt(),
    history,
    complete: options.complete,
    clock: ports.clock,
    leftOut: () => options.report(tooMuch()),
  });
  output.connect({ stdout: screen.stdout, stderr: screen.stderr });
  shell.ask = (question) => {
    const lines = question.split("\n");
    output.say(lines.slice(0, -1));
    return screen.ask(lines.at(-1) ?? "");
  };
  const update = (): void => screen.setPrompt(prompt());
  const unwatch = shell.app.watch((record) => {
    if (PROMPTED.has(record.channel)) update();
  });
  let timer = ports.clock.setTimer(PROMPT_BEAT_MS, function beat() {
    update();
    timer = ports.clock.setTimer(PROMPT_BEAT_MS, beat);
  });
  return {
    get history() {
      return history.entries;
    },
    run: () => readLines(screen, options),
    close() {
      shell.ask = undefined;
      unwatch();
      timer.cancel();
      screen.close();
      output.connect({ stdout: terminal.stdout, stderr: terminal.stderr });
    },
  };
}

async function readLines(screen: Screen, { shell, interpreter, report }: InteractiveOptions): Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let waiting = 0;
  let interrupted = false;
  const tellLeft = (): void => {
    const left = waiting - 1;
    if (left > 0) shell.app.output.complain(`${left === 1 ? "A line" : `${left} lines`} that waited will not be run`);
  };
  for await (const input of screen.inputs()) {
    if (input.type === "end") return tellLeft();
    if (input.type === "interrupt") {
      if (interrupted && input.cancelled === "") {
        tellLeft();
        return shell.app.stop({ type: "interrupted", exit: ExitCode.Interrupted });
      }
      interrupted = input.cancelled === "";
      if (interrupted && waiting === 0) screen.stderr.write("Ctrl-C again, or Ctrl-D, leaves\n");
      if (interrupted) interpreter.interrupt();
      continue;
    }
    interrupted = false;
    if (waiting >= INPUT_LIMIT) {
      report(tooMuch());
      continue;
    }
    waiting++;
    running = running.then(() => runLine(input.text, interpreter)).catch(report).finally(() => waiting--);
  }
}

function tooMuch(): UsageError {
  return new UsageError("too_many_lines", `More than ${INPUT_LIMIT} lines wait; this one was left out`, {
    hint: "Put them in a file, and say source FILE",
  });
}

/** Runs a typed line to its end. */
export async function runLine(text: string, interpreter: Interpreter): Promise<void> {
  try {
    const line = parseLine({ file: "", text });
    if (line !== undefined) await interpreter.execute(line);
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    throw new UsageError("bad_line", error.message, { hint: helpFor(text) });
  }
}

function helpFor(line: string): string {
  const [verb] = /^[a-zA-Z]+/.exec(line.trim()) ?? [];
  return verb === undefined ? "help lists what the shell understands" : `help ${verb} shows how it is written`;
}

/** The prompt as things stand now. */
export function promptOf(shell: Shell, style: PromptStyle): string {
  return renderPrompt(promptState(shell), style);
}

function promptState(shell: Shell): PromptState {
  const { config, feed } = shell.app;
  const socket = (name: "public" | "private"): SocketState => {
    switch (feed.session(name)?.phase) {
      case undefined:
      case "idle":
        return "unused";
      case "open":
        return "open";
      case "dialing":
        return "connecting";
      case "waiting":
      case "stopped":
        return "lost";
    }
  };
  return {
    target: config.target.name === "custom" ? config.target.urls.public : config.target.name,
    validate: shell.validate,
    publicSocket: socket("public"),
    privateSocket: socket("private"),
    subscriptions: shell.streams.all().length,
    deadman: shell.deadman.state,
  };
}
