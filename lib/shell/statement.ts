/**
 * One line of a script, or of the prompt: what it asks for.
 *
 * ```text
 * statement = action
 *           | "source" FILE                       runs a file's statements here
 *           | "sleep" DURATION                    lets time pass; records keep coming
 *           | "wait" [ "within" DURATION ]        until every request and subscription has its answer
 *           | "wait" EXPECTATION                  until such records come, from now on
 *           | "expect" EXPECTATION                claims that such records come, or have come since the last command
 *           | "on" EVENT "do" action              does it for every such record from now on
 *           | "every" DURATION "do" action        does it again and again
 * action    = "let" NAME "=" COMMAND              binds the command's reply: $NAME.txid
 *           | "let" NAME "=" VALUE                binds a text: a number, a pair, or anything in quotes
 *           | "echo" { WORD }                     says it on stderr
 *           | "mark" NAME                         puts a mark in the stream, for "since"
 *           | "assert" CONDITION                  claims that it holds; a path leads into the last reply
 *           | "exit" [ CODE ]                     ends with this exit code, 0 to 255
 *           | COMMAND                             everything else: words, "where" CONDITION, "> FILE"
 * ```
 *
 * Expectations and events are told in `event.ts`, conditions in `condition.ts`, words in `words.ts`. A first word in
 * quotes is always a command.
 *
 * `expect` and `wait` differ in what they claim. `expect` is a test: it also counts what came since the last command
 * began, so that nothing can slip through between a command and its `expect`s. `wait` is patience: it counts only
 * what is still to come. Both end early, and both fail the script when their time is over.
 *
 * Pure.
 *
 * @module
 */

import type { Condition } from "./condition.ts";
import { type EventPattern, type Expectation, readEvent, readExpectation } from "./event.ts";
import { ShellSyntaxError } from "./syntax.ts";
import { TokenReader } from "./token_reader.ts";
import { keywordOf, type Word } from "./word.ts";
import type { Redirect, Token } from "./words.ts";

/** A command for the command tree, with what the shell itself adds to it. */
export interface Command {
  /** At least one. */
  readonly words: readonly Word[];
  readonly redirect: Redirect | undefined;
  readonly where: Condition | undefined;
}

/** What may also be done for a record or on a beat. */
export type Action =
  | { readonly type: "command"; readonly command: Command }
  | { readonly type: "let"; readonly name: string; readonly command: Command }
  | { readonly type: "let_value"; readonly name: string; readonly value: Word }
  | { readonly type: "echo"; readonly words: readonly Word[] }
  | { readonly type: "mark"; readonly name: string }
  | { readonly type: "assert"; readonly condition: Condition }
  | { readonly type: "exit"; readonly code: number };

export type Statement =
  | Action
  | { readonly type: "source"; readonly file: Word }
  | { readonly type: "sleep"; readonly durationMs: number }
  | { readonly type: "settle"; readonly withinMs: number }
  | { readonly type: "wait"; readonly expectation: Expectation }
  | { readonly type: "expect"; readonly expectation: Expectation }
  | { readonly type: "on"; readonly event: EventPattern; readonly action: Action }
  | { readonly type: "every"; readonly everyMs: number; readonly action: Action };

/** How long `expect` and a bare `wait` last where no `within` says otherwise. */
export const EXPECT_WITHIN_MS = 10_000;
/** How long `wait EXPECTATION` lasts where no `within` says otherwise. */
export const WAIT_WITHIN_MS = 60_000;
/** The shortest beat of `every`: what the exchange lets through, 5 requests a second. */
export const MIN_EVERY_MS = 200;

/**
 * Reads the tokens of one line, at least one, as a statement.
 *
 * @throws {ShellSyntaxError} If they are none.
 */
export function readStatement(tokens: readonly Token[]): Statement {
  const reader = new TokenReader(tokens);
  switch (reader.peekKeyword()) {
    case "source":
      reader.take();
      return ended(reader, { type: "source", file: reader.takeWord("a file") });
    case "sleep":
      reader.take();
      return ended(reader, { type: "sleep", durationMs: reader.takeDuration("a duration, such as 2s") });
    case "wait":
      reader.take();
      return readWait(reader);
    case "expect":
      reader.take();
      return { type: "expect", expectation: readExpectation(reader, { withinMs: EXPECT_WITHIN_MS }) };
    case "on":
      reader.take();
      return { type: "on", event: readEvent(reader), action: readDo(reader) };
    case "every":
      reader.take();
      return { type: "every", everyMs: readBeat(reader), action: readDo(reader) };
    default:
      return readAction(reader);
  }
}

function readAction(reader: TokenReader): Action {
  switch (reader.peekKeyword()) {
    case "let":
      reader.take();
      return readLet(reader);
    case "echo":
      reader.take();
      return { type: "echo", words: readWords(reader) };
    case "mark":
      reader.take();
      return ended(reader, { type: "mark", name: reader.takeName("a name") });
    case "assert":
      reader.take();
      return ended(reader, { type: "assert", condition: reader.takeCondition() });
    case "exit":
      reader.take();
      return ended(reader, { type: "exit", code: readExitCode(reader) });
    default:
      return { type: "command", command: readCommand(reader) };
  }
}

function readWait(reader: TokenReader): Statement {
  if (reader.peek() === undefined) return { type: "settle", withinMs: EXPECT_WITHIN_MS };
  if (reader.skip("within")) {
    return ended(reader, { type: "settle", withinMs: reader.takeDuration("a duration, such as 5s") });
  }
  return { type: "wait", expectation: readExpectation(reader, { withinMs: WAIT_WITHIN_MS }) };
}

function readBeat(reader: TokenReader): number {
  const at = reader.at;
  const everyMs = reader.takeDuration("a duration, such as 5s");
  if (everyMs < MIN_EVERY_MS) throw new ShellSyntaxError(`the shortest beat is ${MIN_EVERY_MS}ms`, at);
  return everyMs;
}

function readDo(reader: TokenReader): Action {
  if (!reader.skip("do")) throw reader.wrong('expected "do" and a command', ["do", "where"]);
  const keyword = reader.peekKeyword() ?? "";
  if (NOT_ACTIONS.has(keyword)) throw new ShellSyntaxError(`"${keyword}" cannot stand after "do"`, reader.at);
  return readAction(reader);
}

/** What takes time or opens another level: a record's action is one step. */
const NOT_ACTIONS: ReadonlySet<string> = new Set(["source", "sleep", "wait", "expect", "on", "every"]);

function readLet(reader: TokenReader): Action {
  const name = readLetName(reader);
  const token = reader.peek();
  if (token?.type !== "word") throw reader.wrong("expected a command or a value");
  const keyword = keywordOf(token.word);
  const rest = reader.takeRest();
  if (rest.length > 1 || VERB.test(keyword ?? "")) {
    return { type: "let", name, command: readCommand(new TokenReader(rest)) };
  }
  return { type: "let_value", name, value: token.word };
}

/** What a command's name looks like: any other word alone is a value. */
const VERB = /^[A-Za-z][A-Za-z-]*$/;

function readLetName(reader: TokenReader): string {
  const glued = /^(\w+)=(.*)$/.exec(reader.peekKeyword() ?? "");
  if (glued !== null) {
    throw new ShellSyntaxError(`put spaces around "=": let ${glued[1]} = ${glued[2] || "…"}`, reader.at);
  }
  const name = reader.takeName("a name");
  if (!reader.skip("=")) throw reader.wrong('expected "=" and a command or a value');
  return name;
}

function readExitCode(reader: TokenReader): number {
  return reader.peek() === undefined ? 0 : reader.takeInteger("an exit code", { least: 0, most: 255 });
}

function readWords(reader: TokenReader): readonly Word[] {
  const words: Word[] = [];
  while (reader.peek() !== undefined) words.push(reader.takeWord("a word"));
  return words;
}

function readCommand(reader: TokenReader): Command {
  const words = [reader.takeWord("a command")];
  let redirect: Redirect | undefined;
  let where: Condition | undefined;
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    switch (token.type) {
      case "word":
        words.push(token.word);
        break;
      case "redirect":
        if (redirect !== undefined) {
          throw new ShellSyntaxError("there is a second redirect here; one is the limit", token.start);
        }
        redirect = token.redirect;
        break;
      case "condition":
        // The word "where" came before it; conditions never follow each other.
        words.pop();
        if (words.length === 0) throw new ShellSyntaxError('expected a command before "where"', token.start);
        where = token.condition;
        break;
      default:
        token satisfies never;
    }
  }
  return { words, redirect, where };
}

function ended<T extends Statement>(reader: TokenReader, statement: T): T {
  reader.expectEnd();
  return statement;
}
