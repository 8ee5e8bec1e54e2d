/**
 * What the shell says of itself: its commands, and the statements that are no commands.
 *
 * The help of a command line lists options that hold for a whole session; a line in it has no use for those, so here they
 * are left out.
 *
 * @module
 */

import type { Command } from "@cliffy/command";
import { argumentsOf, optionRow, prose, type Row, section, summaryOf, table, wrapped } from "./_help.ts";

/** A statement of `lib/shell/statement.ts`, for those who look for it. */
interface StatementHelp {
  readonly form: string;
  readonly summary: string;
  readonly examples: readonly string[];
}

export const STATEMENTS: Readonly<Record<string, StatementHelp>> = {
  expect: {
    form: "CHANNEL[.TYPE] [PAIR] [within DURATION] [where CONDITION] [count N] [since MARK]",
    summary: "Claim that such records come, or have come since the last command.",
    examples: [
      "expect ticker XBT/USD within 5s where .data.ask.price > 60000 count 3",
      "expect order.accepted since before",
    ],
  },
  wait: {
    form: "[within DURATION] | CHANNEL[.TYPE] …",
    summary: "Wait until everything asked for has its answer, or until such records come.",
    examples: ["wait", "wait trade XBT/USD within 1m"],
  },
  assert: {
    form: "CONDITION",
    summary: "Claim that it holds; a path leads into the last reply.",
    examples: ["assert .type == 'accepted' and .data.txid", "assert $o.txid"],
  },
  let: {
    form: "NAME = COMMAND | VALUE",
    summary: "Bind the reply of a command, or a text.",
    examples: ["let pair = XBT/USD", "let o = addOrder pair=$pair type=buy ordertype=limit price=1000 volume=0.01"],
  },
  on: {
    form: "CHANNEL[.TYPE] [PAIR] [where CONDITION] do COMMAND",
    summary: "Do something for every such record from now on.",
    examples: ["on gap do echo not to be trusted", "on ticker XBT/USD where .data.ask.price < 50000 do exit 9"],
  },
  every: {
    form: "DURATION do COMMAND",
    summary: "Do something again and again.",
    examples: ["every 30s do ping"],
  },
  mark: { form: "NAME", summary: "Put a mark in the stream, for since.", examples: ["mark before"] },
  sleep: { form: "DURATION", summary: "Let time pass; records keep coming.", examples: ["sleep 2s"] },
  source: { form: "FILE", summary: "Run the statements of a file here.", examples: ["source morning.kws"] },
  echo: { form: "WORD…", summary: "Say something on stderr.", examples: ["echo the order is $o.txid"] },
  exit: { form: "[CODE]", summary: "End the session with this exit code.", examples: ["exit", "exit 3"] },
};

/** Everything there is, a line each. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map((command): Row => [command.getName(), summaryOf(command)]);
  const statements = Object.entries(STATEMENTS).map(([name, { summary }]): Row => [name, summary]);
  return [
    "Commands",
    ...table(rows),
    "",
    "Statements",
    ...table(statements),
    "",
    ...wrapped("A feed's line may end in: as NAME, where CONDITION, > FILE, >> FILE. help VERB tells more."),
  ].join("\n");
}

/** The help of one verb; `undefined` if there is no such verb. */
export function helpOf(verb: string, commands: readonly Command[]): string | undefined {
  const statement = Object.hasOwn(STATEMENTS, verb) ? STATEMENTS[verb] : undefined;
  if (statement !== undefined) {
    const { form, summary, examples } = statement;
    return [
      ...wrapped(`${verb} ${form}`, verb.length + 1),
      "",
      ...wrapped(summary),
      "",
      "Examples:",
      ...examples.map((example) => `  ${example}`),
    ].join("\n");
  }
  const command = commands.find((command) => [command.getName(), ...command.getAliases()].includes(verb));
  if (command === undefined) return undefined;
  const options = command.getBaseOptions().filter(({ name }) => name !== "help");
  return [
    `${command.getName()} ${argumentsOf(command)}`.trimEnd(),
    "",
    ...prose(command.getDescription()),
    ...section("Options:", options.map(optionRow)),
  ].join("\n");
}
