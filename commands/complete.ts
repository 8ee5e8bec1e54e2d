/** `krakenws complete`: what the functions of `krakenws completions` ask. Not meant for people. @module */

import { Command } from "@cliffy/command";
import { complete } from "../lib/shell/complete.ts";
import { completionContext, verbOf } from "./_completion.ts";
import type { Host } from "./_host.ts";
import { commandTree, loadVerbs, type Verbs } from "./mod.ts";

export function completeCommand(host: Host) {
  return new Command()
    .description("Print what the last word of a line can become, each a line.")
    .hidden()
    .arguments("<line:string>")
    .action(async (_options, line) => {
      const words = completedWords(host, await loadVerbs(), line);
      if (words.length > 0) host.print(words.join("\n"));
    });
}

/** Whole words in place of the last one of a command line that begins with the program's name. */
export function completedWords(host: Host, verbs: Verbs, line: string): readonly string[] {
  const call = line.replace(/^\s*\S+\s+/, "");
  if (call === line) return [];
  const tree = commandTree(host, verbs);
  const { values, verbs: understood } = completionContext(tree, NOTHING_LIVE);
  const names = tree.getCommands().map((command) => command.getName());
  const commands = Object.fromEntries(names.map((name) => [name, understood[name]!]));
  const program = { ...verbOf(tree), places: [["command"], []], delegates: true };
  const whole = `krakenws ${call}`;
  const { items, from } = complete(whole, whole.length, {
    verbs: { krakenws: program, ...commands },
    values: { ...values, command: names },
  });
  const before = whole.slice(whole.lastIndexOf(" ") + 1, from);
  return items.map((item) => before + item);
}

/** A command line stands before any session. */
const NOTHING_LIVE = { pairs: [], subscriptions: [], orders: [], variables: [], marks: [] };
