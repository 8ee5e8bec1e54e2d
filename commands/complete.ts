/** `krakenws complete`: what the functions of `krakenws completions` ask. Not meant for people. @module */

import { Command } from "@cliffy/command";
import { complete } from "../lib/shell/complete.ts";
import { completionContext } from "./_completion.ts";
import type { Host } from "./_host.ts";
import { commandTree, loadVerbs, type Verbs } from "./mod.ts";

export function completeCommand(host: Host) {
  return new Command()
    .description("Print what the word at the cursor can become, each a line.")
    .hidden()
    .arguments("<line:string> <cursor:integer>")
    .action(async (_options, line, cursor) => {
      const words = completedWords(host, await loadVerbs(), line.slice(0, cursor));
      if (words.length > 0) host.print(words.join("\n"));
    });
}

/** Whole words in place of the last one of a command line that begins with the program's name. */
export function completedWords(host: Host, verbs: Verbs, line: string): readonly string[] {
  const call = line.replace(/^\s*\S+\s+/, "");
  if (call === line) return [];
  const tree = commandTree(host, verbs);
  const { values, verbs: understood } = completionContext(tree, NOTHING_LIVE);
  const commands = Object.fromEntries(
    tree.getCommands().map((command) => command.getName()).map((name) => [name, understood[name]!]),
  );
  const { items, from } = complete(call, call.length, { verbs: commands, values });
  const before = call.slice(call.lastIndexOf(" ") + 1, from);
  return items.map((item) => before + item);
}

/** A command line stands before any session. */
const NOTHING_LIVE = { pairs: [], subscriptions: [], orders: [], variables: [], marks: [] };
