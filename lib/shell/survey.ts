/**
 * Every command that a script could run, without running it: for `run --check`.
 *
 * What a variable stands for is known where `let` gave it a text. Where `let` will give it a reply, the variable stays in
 * the command as it was typed.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { compile, type Condition } from "./condition.ts";
import type { EventPattern } from "./event.ts";
import { variablesIn } from "./expression.ts";
import type { ScriptLine } from "./script.ts";
import type { Action, Command, Statement } from "./statement.ts";
import { ShellSyntaxError } from "./syntax.ts";
import { expand, type Word } from "./word.ts";

/** A command that the script could run. */
export interface Surveyed {
  readonly type: "command";
  /** Its file and line. */
  readonly place: string;
  readonly words: readonly string[];
  /** Whether all words are known before the script runs. */
  readonly isKnown: boolean;
}

/** A mistake that only shows when variables and files are looked at. */
export interface Mistake {
  readonly type: "mistake";
  readonly message: string;
}

export interface SurveyOptions {
  /** Reads a script that is sourced; throws if it cannot. */
  readonly readScript: (path: string) => readonly ScriptLine[];
}

/** How deep files may be sourced from files. */
const SOURCE_DEPTH = 16;

/** The commands in the order in which they stand, those of sourced files in their place. */
export function survey(lines: readonly ScriptLine[], { readScript }: SurveyOptions): (Surveyed | Mistake)[] {
  const found: (Surveyed | Mistake)[] = [];
  const texts = new Map<string, string>();
  const replies = new Set<string>();

  const textOf = (word: Word): { readonly text: string; readonly isKnown: boolean } => {
    const variable = word.parts.find((part) => part.type === "variable" && replies.has(part.variable.name));
    if (variable === undefined) return { text: expand(word, texts), isKnown: true };
    const parts = word.parts.map((part) => part.type === "text" ? part.text : part.variable.text);
    return { text: parts.join(""), isKnown: false };
  };
  const condition = (where: Condition | undefined): void => {
    if (where !== undefined && !variablesIn(where.expression).some((name) => replies.has(name))) compile(where, texts);
  };
  const event = ({ pair, where }: EventPattern): void => {
    if (pair !== undefined) textOf(pair);
    condition(where);
  };
  const command = ({ words, redirect, where }: Command, place: string): void => {
    const read = words.map(textOf);
    if (redirect !== undefined) textOf(redirect.target);
    condition(where);
    const isKnown = read.every((word) => word.isKnown);
    found.push({ type: "command", place, words: read.map(({ text }) => text), isKnown });
  };
  const action = (what: Action, place: string): void => {
    switch (what.type) {
      case "command":
        return command(what.command, place);
      case "let":
        command(what.command, place);
        texts.delete(what.name);
        replies.add(what.name);
        return;
      case "let_value":
        replies.delete(what.name);
        texts.set(what.name, textOf(what.value).text);
        return;
      case "echo":
        for (const word of what.words) textOf(word);
        return;
      case "assert":
        condition(what.condition);
    }
  };
  const statement = (what: Statement, place: string, depth: number): void => {
    switch (what.type) {
      case "on":
        event(what.event);
        return action(what.action, place);
      case "every":
        return action(what.action, place);
      case "source": {
        const { text, isKnown } = textOf(what.file);
        if (!isKnown) return;
        if (depth >= SOURCE_DEPTH) throw new UsageError("source_too_deep", `source ${text}: it goes too deep`);
        return walk(readScript(text), depth + 1);
      }
      case "sleep":
      case "settle":
        return;
      case "wait":
      case "expect":
        return event(what.expectation);
      default:
        return action(what, place);
    }
  };
  const walk = (some: readonly ScriptLine[], depth: number): void => {
    for (const { statement: what, source, line } of some) {
      const place = `${source.file}:${line}`;
      try {
        statement(what, place, depth);
      } catch (error) {
        if (error instanceof ShellSyntaxError) found.push({ type: "mistake", message: error.within(source).message });
        else if (error instanceof UsageError) found.push({ type: "mistake", message: `${place}: ${error.message}` });
        else throw error;
      }
    }
  };
  walk(lines, 0);
  return found;
}
