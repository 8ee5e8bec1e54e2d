/**
 * What each statement of the shell does.
 *
 * It owns what lines can name: variables, marks, the last reply, and what happens on records and on beats. Commands it
 * hands to the command tree, through a function, so that it knows none of them.
 *
 * A statement that fails throws an error of `errors.ts`; whether that ends a script or only the line is for its caller.
 *
 * @module
 */

import { ExpectationError, KrakenwsError, UsageError } from "../errors.ts";
import type { Timer } from "../io/ports.ts";
import { compile, type Predicate } from "./condition.ts";
import type { EventPattern, Expectation } from "./event.ts";
import { spellPair } from "../model/pair.ts";
import { isoMicros } from "../model/time.ts";
import { Journal, JOURNAL_LIMIT } from "./journal.ts";
import { parseScript, type ScriptLine } from "./script.ts";
import type { Line, LineOptions, Shell } from "./shell.ts";
import type { Action, Command, Statement } from "./statement.ts";
import { ShellSyntaxError, type Source } from "./syntax.ts";
import { expand, expandArguments, literalOf } from "./word.ts";

/** Runs the words of a command with the line's app. */
export type RunCommand = (words: readonly string[], line: Line) => Promise<void>;

/** What `expect` looks back to: claims about a command may follow it one after the other. */
const COMMANDS: ReadonlySet<Statement["type"]> = new Set(["command", "let"]);

/** Where a statement stands, and on whose behalf it runs. */
interface Place extends Pick<ScriptLine, "source" | "line"> {
  readonly cause: string | undefined;
  /** How many files have sourced each other to get here. */
  readonly depth: number;
}

/** How many actions of `on` and `every` may wait for their turn. */
const LANE_LIMIT = 1_000;

const OVERFLOW = { channel: "gap", type: "overflow", subscription: "actions" } as const;

/** How deep files may be sourced from files. */
const SOURCE_DEPTH = 16;

export class Interpreter implements Disposable {
  readonly #shell: Shell;
  readonly #run: RunCommand;
  readonly #onError: (error: unknown) => void;
  readonly #variables = new Map<string, unknown>();
  readonly #journal = new Journal();
  readonly #cleanups: (() => void)[] = [];
  #hasEnded = false;
  #lane: Promise<void> = Promise.resolve();
  #laneLength = 0;
  /** Since when actions are left out. */
  #overflowFrom: string | undefined;
  #lastReply: unknown;
  #interruption = Promise.withResolvers<void>();
  /** Where in the journal the last command began. */
  #commandStart = 0;

  /** @param onError Told when something fails that no statement waits for: an action of `on` or `every`. */
  constructor(shell: Shell, run: RunCommand, onError: (error: unknown) => void) {
    this.#shell = shell;
    this.#run = run;
    this.#onError = onError;
    this.#cleanups.push(shell.app.watch((record) => this.#journal.add(record)));
    void shell.app.stopped.then(() => this.#hasEnded = true);
  }

  get variables(): ReadonlyMap<string, unknown> {
    return this.#variables;
  }

  get marks(): readonly string[] {
    return this.#journal.marks;
  }

  /**
   * Runs one statement to its end.
   *
   * @param cause The name that a program gave to the command.
   * @returns The reply to it, if it was a command that has one.
   * @throws {KrakenwsError} If it fails; the message names the file and the line, where there is a file.
   */
  async execute({ statement, source, line }: ScriptLine, cause?: string, depth = 0): Promise<unknown> {
    await this.#unlessEnded();
    if (COMMANDS.has(statement.type)) this.#commandStart = this.#journal.next;
    try {
      return await this.#statement(statement, { source, line, cause, depth });
    } catch (error) {
      throw located(error, source, line);
    }
  }

  /** Waits until every request and every subscription has its answer. */
  async settle(withinMs: number): Promise<void> {
    const isSettled = (): boolean => this.#laneLength === 0 && this.#unconfirmed().length === 0;
    await this.#lane;
    if (await this.#until(isSettled, withinMs)) return;
    throw new ExpectationError(
      "unsettled",
      `Still unanswered after ${withinMs / 1000} s: ${this.#unconfirmed().join(", ")}`,
    );
  }

  /** Ends the waiting of the statement that is running, if it waits: it fails. */
  interrupt(): void {
    this.#interruption.resolve();
    this.#interruption = Promise.withResolvers();
  }

  /** Nothing begins any more. */
  [Symbol.dispose](): void {
    this.#hasEnded = true;
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }

  /** Once the session is to end, nothing begins any more: an order least of all. */
  async #unlessEnded(): Promise<void> {
    if (this.#hasEnded) await new Promise<never>(() => {});
  }

  async #statement(statement: Statement, place: Place): Promise<unknown> {
    switch (statement.type) {
      case "source":
        return await this.#source(expand(statement.file, this.#variables), place.depth);
      case "sleep":
        await this.#until(() => false, statement.durationMs);
        return undefined;
      case "settle":
        await this.settle(statement.withinMs);
        return undefined;
      case "wait":
        await this.#expect("wait", statement.expectation, this.#journal.next);
        return undefined;
      case "expect":
        await this.#expect("expect", statement.expectation, this.#commandStart);
        return undefined;
      case "on":
        this.#on(statement.event, statement.action, place);
        return undefined;
      case "every":
        this.#every(statement.everyMs, statement.action, place);
        return undefined;
      default:
        return await this.#action(statement, place.cause);
    }
  }

  async #action(action: Action, cause: string | undefined): Promise<unknown> {
    switch (action.type) {
      case "command":
        return await this.#command(action.command, cause);
      case "let":
        return await this.#let(action.name, action.command, cause);
      case "let_value":
        this.#variables.set(action.name, expand(action.value, this.#variables));
        return undefined;
      case "echo":
        this.#shell.app.output.complain(expandArguments(action.words, this.#variables).join(" "));
        return undefined;
      case "mark":
        this.#journal.mark(action.name);
        this.#shell.app.emit({ channel: "mark", type: "set", name: action.name });
        return undefined;
      case "assert":
        if (compile(action.condition, this.#variables)(this.#lastReply)) return undefined;
        throw new ExpectationError("assertion_failed", `assert ${action.condition.text} does not hold`, {
          hint: this.#lastReply === undefined
            ? "No command has had a reply yet"
            : `The last reply: ${JSON.stringify(this.#lastReply)}`,
        });
      case "exit":
        this.#shell.app.stop({ type: "done", exit: action.code });
        return await new Promise<never>(() => {});
    }
  }

  /** A name that could not be bound anew is not left with what it stood for: the order before this one, say. */
  async #let(name: string, command: Command, cause: string | undefined): Promise<undefined> {
    try {
      this.#variables.set(name, flattened(await this.#command(command, cause)));
    } catch (error) {
      this.#variables.delete(name);
      throw error;
    }
  }

  async #command({ words, redirect, where }: Command, cause: string | undefined): Promise<unknown> {
    const { words: rest, alias } = splitAlias(expandArguments(words, this.#variables));
    const sink = redirect && { path: expand(redirect.target, this.#variables), append: redirect.append };
    const options: LineOptions = { cause, alias, where: where && compile(where, this.#variables), sink };
    const line = this.#shell.line(options);
    const reply = () => line.answer ?? line.reply;
    try {
      await this.#run(rest[0] === "subscribe" && rest.length > 1 ? rest.slice(1) : rest, line);
      this.#lastReply = reply() ?? this.#lastReply;
      return reply();
    } catch (error) {
      // A command that failed is not claimed about by the reply to the one before.
      this.#lastReply = reply();
      throw error;
    } finally {
      this.#shell.finished(line);
    }
  }

  async #source(path: string, depth: number): Promise<undefined> {
    if (depth >= SOURCE_DEPTH) {
      throw new UsageError("source_too_deep", `source ${path}: ${SOURCE_DEPTH} files deep is the limit`);
    }
    for (const line of readScript(this.#shell.app.ports.files.read, path)) {
      await this.execute(line, undefined, depth + 1);
    }
  }

  // -------------------------------------------------------------- waiting

  async #expect(verb: string, expectation: Expectation, defaultFrom: number): Promise<void> {
    const { since, count, withinMs } = expectation;
    const from = since === undefined ? defaultFrom : this.#journal.markOf(since);
    if (from === undefined) {
      throw new UsageError("no_such_mark", `There is no mark "${since}"`, { hint: `Set it first: mark ${since}` });
    }
    const matches = this.#matcher(expectation);
    const past = this.#journal.since(from);
    if (past === undefined) {
      throw new ExpectationError("too_long_ago", `${verb}: more than ${JOURNAL_LIMIT} records have come since then`);
    }
    let seen = past.filter(matches).length;
    const unwatch = this.#shell.app.watch((record) => {
      if (matches(record)) seen++;
    });
    try {
      if (await this.#until(() => seen >= count, withinMs)) return;
    } finally {
      unwatch();
    }
    throw new ExpectationError(
      "expectation_failed",
      `${verb} ${described(expectation)} within ${withinMs / 1000}s: ${seen} of ${count} came`,
    );
  }

  /** Settles as soon as `condition` holds after a record, with whether it came to hold in time. */
  async #until(condition: () => boolean, withinMs: number): Promise<boolean> {
    if (condition()) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { app } = this.#shell;
    const unwatch = app.watch(() => condition() && resolve(true));
    const timer = app.ports.clock.setTimer(withinMs, () => resolve(false));
    const interruption = this.#interruption.promise.then(() => {
      throw new ExpectationError("interrupted", "Interrupted");
    });
    try {
      const came = await Promise.race([promise, interruption]);
      await this.#unlessEnded();
      return came;
    } finally {
      unwatch();
      timer.cancel();
    }
  }

  #unconfirmed(): string[] {
    const sessions = (["public", "private"] as const).flatMap((socket) => this.#shell.app.feed.session(socket) ?? []);
    return sessions.flatMap(({ entries }) => entries.filter(({ state }) => state !== "active").map(({ id }) => id));
  }

  #matcher({ channel, type, pair, where }: EventPattern): Predicate {
    const wanted = pair === undefined ? undefined : spellPair(expand(pair, this.#variables));
    const holds = where === undefined ? () => true : compile(where, this.#variables);
    return (record) => {
      const { channel: c, type: t, pair: p } = record as { channel: string; type: string; pair?: string };
      return c === channel && (type === undefined || t === type) && (wanted === undefined || p === wanted) &&
        holds(record);
    };
  }

  // -------------------------------------------------------------- on and every

  #on(event: EventPattern, action: Action, place: Place): void {
    const matches = this.#matcher(event);
    this.#cleanups.push(this.#shell.app.watch((record) => {
      if (matches(record)) this.#later(action, place);
    }));
  }

  #every(everyMs: number, action: Action, place: Place): void {
    const { clock } = this.#shell.app.ports;
    let timer: Timer;
    const beat = (): void => {
      timer = clock.setTimer(everyMs, beat);
      this.#later(action, place);
    };
    timer = clock.setTimer(everyMs, beat);
    this.#cleanups.push(() => timer.cancel());
  }

  /** Runs an action after those that are ahead of it: one at a time, and never within the record that asked for it. */
  #later(action: Action, { source, line, cause }: Place): void {
    const { ports } = this.#shell.app;
    const failed = (error: unknown): void => this.#onError(located(error, source, line));
    if (this.#laneLength >= LANE_LIMIT) return this.#overflow(failed);
    this.#laneLength++;
    this.#lane = this.#lane
      // Actions that cause each other take turns with the sockets, the keyboard and the signals.
      .then(() => new Promise<void>((resolve) => ports.defer(resolve)))
      .then(() => this.#unlessEnded())
      .then(() => this.#action(action, cause))
      .then(() => {}, failed)
      .finally(() => {
        if (--this.#laneLength === 0) this.#caughtUp();
      });
  }

  /** Leaves actions out until those that wait are done: a gap, which opens here and closes there. */
  #overflow(failed: (error: unknown) => void): void {
    if (this.#overflowFrom !== undefined) return;
    const { app } = this.#shell;
    this.#overflowFrom = isoMicros(app.ports.clock.epochMicros());
    app.emit({ ...OVERFLOW, from: this.#overflowFrom, to: null });
    failed(new UsageError("too_many_actions", `More than ${LANE_LIMIT} actions of on and every wait`));
  }

  #caughtUp(): void {
    if (this.#overflowFrom === undefined) return;
    const { app } = this.#shell;
    app.emit({ ...OVERFLOW, from: this.#overflowFrom, to: isoMicros(app.ports.clock.epochMicros()) });
    this.#overflowFrom = undefined;
  }
}

/**
 * Reads a whole script.
 *
 * @throws {UsageError} If the file cannot be read, or if anything in it is no statement: all of it is told at once.
 */
export function readScript(read: (path: string) => string | undefined, path: string): readonly ScriptLine[] {
  let text: string | undefined;
  try {
    text = read(path);
  } catch (error) {
    throw new UsageError("cannot_read", `Cannot read ${path}: ${(error as Error).message}`);
  }
  if (text === undefined) throw new UsageError("cannot_read", `Cannot read ${path}: there is no such file`);
  return wholeScript({ file: path, text });
}

/** @throws {UsageError} As {@linkcode readScript}. */
export function wholeScript(source: Source): readonly ScriptLine[] {
  const { lines, errors } = parseScript(source);
  const [first] = errors;
  if (first === undefined) return lines;
  throw new UsageError("bad_script", errors.map(({ message }) => message).join("\n"), {
    hint: "Nothing of it was run",
  });
}

/** Takes `as NAME` out of a command's words. */
function splitAlias(
  words: readonly string[],
): { readonly words: readonly string[]; readonly alias: string | undefined } {
  const at = words.indexOf("as", 1);
  if (at === -1 || at === words.length - 1) return { words, alias: undefined };
  return { words: words.toSpliced(at, 2), alias: words[at + 1] };
}

/** A reply as a variable: its own fields, with those of its data beside them for short paths such as `$o.txid`. */
function flattened(reply: unknown): unknown {
  if (!isObject(reply)) return reply ?? {};
  return isObject(reply["data"]) ? { ...reply["data"], ...reply } : reply;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The error, with the place before its message, where lines come from a script. At the prompt the line is in sight. */
function located(error: unknown, source: Source, line: number): unknown {
  const atPrompt = source.file === "";
  if (error instanceof ShellSyntaxError) {
    return new UsageError("bad_line", atPrompt ? error.message : error.within(source).message);
  }
  const known = error instanceof KrakenwsError && !/^\S+:\d+:/.test(error.message);
  if (known && !atPrompt) error.message = `${source.file}:${line}: ${error.message}`;
  return error;
}

function described({ channel, type, pair, where }: EventPattern): string {
  const name = type === undefined ? channel : `${channel}.${type}`;
  const pairText = pair === undefined ? [] : [literalOf(pair) ?? "$…"];
  return [name, ...pairText, ...(where === undefined ? [] : ["where", where.text])].join(" ");
}
