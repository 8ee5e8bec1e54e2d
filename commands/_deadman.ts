/** `deadman`: the exchange's dead man's switch, kept armed for as long as a session lives. @module */

import { Command } from "@cliffy/command";
import { UsageError } from "../lib/errors.ts";
import { parseDuration } from "../lib/model/duration.ts";
import { ON_EXIT, type OnExit } from "../lib/shell/deadman.ts";
import type { Shell } from "../lib/shell/shell.ts";
import { withExamples } from "./_options.ts";
import type { ShellVerbsContext } from "./_shell_verbs.ts";

/** What the exchange suggests. */
const DEFAULT_TIME = "60s";

export function deadmanCommand({ shell, line, print }: ShellVerbsContext) {
  return new Command()
    .description(withExamples(
      "Have the exchange cancel all orders if this session goes silent.",
      ["deadman on 60s", "deadman on 60s --on-exit cancel", "deadman off", "deadman"],
      "The exchange's timer is set anew every quarter of its time. When the session ends: cancel cancels all orders, " +
        "disable switches the timer off and leaves the orders, leave lets the timer run out.",
    ))
    .arguments("[switch:string] [time:string]")
    .option("--on-exit <action:string>", `${ON_EXIT.join(", ")}. At a prompt you are asked if it is not given.`)
    .action(async ({ onExit }, word, time) => {
      const { deadman } = shell;
      if (word !== undefined) shell.deadmanLine = line;
      switch (word) {
        case "on":
          if (shell.validate) throw cannotValidate();
          return await deadman.on({ seconds: parseSeconds(time ?? DEFAULT_TIME), onExit: parseOnExit(onExit, shell) });
        case "off":
          return await deadman.off();
        case undefined:
          break;
        default:
          throw new UsageError("bad_switch", `deadman cannot be "${word}"`, { hint: "deadman on 60s, or deadman off" });
      }
      line.answer = stateOf(shell);
      print(describe(shell));
    });
}

function cannotValidate(): UsageError {
  return new UsageError("cannot_validate", "The exchange cannot validate a dead man's switch without setting it", {
    hint: "set validate off, if real orders are to be cancelled",
  });
}

function parseSeconds(text: string): number {
  try {
    return parseDuration(text) / 1000;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new UsageError("bad_duration", error.message);
  }
}

function parseOnExit(text: string | undefined, shell: Shell): OnExit | undefined {
  const action = ON_EXIT.find((candidate) => candidate === text);
  if (action !== undefined || (text === undefined && shell.ask !== undefined)) return action;
  const problem = text === undefined
    ? "deadman on must be told what happens when the session ends: nobody can be asked then"
    : `deadman cannot "${text}" when the session ends`;
  throw new UsageError("bad_on_exit", problem, { hint: `--on-exit takes ${ON_EXIT.join(", ")}` });
}

function stateOf({ deadman }: Shell) {
  const { state, wish, problem } = deadman;
  return {
    state: state.type,
    timeout: wish?.seconds ?? null,
    seconds_left: state.type === "armed" ? Math.floor(state.secondsLeft) : null,
    on_exit: wish?.onExit ?? null,
    problem: problem ?? null,
  };
}

function describe({ deadman }: Shell): string {
  const { state, wish, problem } = deadman;
  const onExit = wish === undefined ? "" : `; on exit: ${wish.onExit ?? "you are asked"}`;
  const trouble = problem === undefined ? "" : `; the last request was not confirmed: ${problem}`;
  switch (state.type) {
    case "off":
      return "The dead man's switch is off";
    case "armed":
      return `Armed: all orders are cancelled in ${
        Math.floor(state.secondsLeft)
      } s unless that is put off${onExit}${trouble}`;
    case "unconfirmed":
      return `NOT armed${onExit}${trouble}`;
  }
}

const ANSWERS: Readonly<Record<string, OnExit>> = { c: "cancel", d: "disable", l: "leave" };

/** Ends the switch with its session, as was said or as the person at the prompt says now. */
export async function endDeadman(shell: Shell): Promise<void> {
  const { deadman } = shell;
  if (deadman.state.type === "off") return deadman.stop();
  const action = deadman.wish === undefined ? "leave" : deadman.wish.onExit ?? await askOnExit(shell) ?? "leave";
  const { says, failure } = await deadman.end(action);
  shell.app.output.complain(says);
  if (failure !== undefined) shell.onFailure(failure);
}

async function askOnExit({ app }: Shell): Promise<OnExit | undefined> {
  const { ask, onStopSignal } = app.ports;
  const stop = await Promise.race([app.stopped, undefined]);
  // Whoever was interrupted is not held up.
  const leavesInPeace = stop === undefined || stop.type === "done";
  if (!leavesInPeace || ask === undefined) return undefined;
  const interruption = Promise.withResolvers<undefined>();
  const unlisten = onStopSignal(() => interruption.resolve(undefined));
  const question = "The dead man's switch is on. Cancel all orders, disable it, or leave it to run out? [c/d/L] ";
  // A terminal that is gone answers nothing.
  const answer = await Promise.race([ask(question).catch(() => undefined), interruption.promise]);
  unlisten();
  return ANSWERS[answer?.trim().slice(0, 1).toLowerCase() ?? ""];
}
