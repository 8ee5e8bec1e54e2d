/**
 * The line being typed, and the prompt before it.
 *
 * The editing is `node:readline`'s: keys, the history and its search by prefix on Up, undo. This module makes it
 * something that can be taken off the screen and drawn anew, asks questions with it, and tells what a person did.
 *
 * What readline draws goes through `draw`. It starts where the line begins; {@linkcode LineEditor.hide} finds back there by
 * counting the rows from the line's start to the cursor, in the window as wide as it is at that moment.
 *
 * Two things are not in readline's documentation: that `prevRows` is how far above the cursor it takes its line to begin, and
 * that it asks its output for `columns`. `tests/shell/screen_test.ts` watches both.
 *
 * Source: https://nodejs.org/api/readline.html
 *
 * @module
 */

import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { visible } from "../output/printable.ts";
import { type Completion, replacements } from "./complete.ts";
import type { History } from "./history.ts";

export interface LineEditorPorts {
  /** The keyboard: a terminal's `process.stdin`. */
  readonly input: NodeJS.ReadableStream;
  /** Puts text on the terminal. */
  readonly draw: (text: string) => void;
  /** The width of the window, now. */
  readonly columns: () => number;
}

export interface LineEditorOptions {
  readonly prompt: string;
  readonly history: History;
  /** What the line, up to the cursor, can become. */
  readonly complete: (line: string, cursor: number) => Completion;
}

export interface LineEditorListener {
  /** A line was finished with Enter. */
  entered(line: string): void;
  /** Ctrl-C took the line away, which may have been empty. */
  interrupted(line: string): void;
  /** Ctrl-Z, which does not stop the process. */
  suspended(): void;
  /** Ctrl-D, or the keyboard is gone. Called once, also after {@linkcode LineEditor.close}. */
  ended(): void;
  /** Tab found several words; they are to be shown. */
  candidates(items: readonly string[]): void;
}

type Readline = Interface & { prevRows: number };

export class LineEditor {
  readonly #ports: LineEditorPorts;
  readonly #options: LineEditorOptions;
  readonly #listener: LineEditorListener;
  readonly #readline: Readline;
  /** The prompt for when no question is open. */
  #prompt: string;
  #answer: ((line: string | undefined) => void) | undefined;
  /** Gathers what readline draws, so that it appears in one go. */
  #gathered: string | undefined;
  #closed = false;

  /** Listens to the keyboard from now on. Nothing is drawn before {@linkcode show}. */
  constructor(ports: LineEditorPorts, options: LineEditorOptions, listener: LineEditorListener) {
    this.#ports = ports;
    this.#options = options;
    this.#listener = listener;
    this.#prompt = options.prompt;
    this.#readline = this.#createReadline();
  }

  /** Clears prompt and line, and leaves the cursor where they began. */
  hide(): void {
    const { rows } = this.#readline.getCursorPos();
    this.#draw(rows === 0 ? "\r\x1b[J" : `\r\x1b[${rows}A\x1b[J`);
  }

  /** Draws prompt and line from where the cursor is, which must be the start of a row. */
  show(): void {
    if (this.#closed) return;
    this.#readline.prevRows = 0;
    this.#gathered = "";
    this.#readline.prompt(true);
    const drawing = this.#gathered;
    this.#gathered = undefined;
    this.#draw(drawing);
  }

  setPrompt(prompt: string): void {
    this.#prompt = prompt;
    if (this.#answer === undefined) this.#changePrompt(prompt);
  }

  /**
   * Asks for a line in place of the prompt. Lines that were finished before are no answer. One that was begun comes back
   * afterwards.
   *
   * @returns The answer, which is not kept in the history; `undefined` after Ctrl-C or Ctrl-D.
   */
  async ask(question: string): Promise<string | undefined> {
    const begun = this.#readline.line;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#answer = resolve;
    this.#clearLine();
    this.#changePrompt(visible(question));
    const answer = await promise;
    if (this.#closed) return answer;
    this.#changePrompt(this.#prompt);
    this.#readline.write(begun);
    return answer;
  }

  /** Gives the keyboard back: raw mode is off. */
  close(): void {
    this.#readline.close();
  }

  #createReadline(): Readline {
    const { input, columns } = this.#ports;
    const { prompt, history } = this.#options;
    const output = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        this.#draw(text);
        done();
      },
    });
    const readline = createInterface({
      input,
      output: Object.defineProperty(output, "columns", { get: columns }),
      terminal: true,
      prompt,
      history: history.entries.toReversed(),
      completer: (line: string) => this.#complete(line),
    });
    readline.on("line", (line) => this.#entered(line));
    readline.on("history", (lines) => this.#remember(lines));
    readline.on("SIGINT", () => this.#interrupted());
    // Without a listener, readline would stop the process, for which it needs the permission to run programs.
    readline.on("SIGTSTP", () => this.#listener.suspended());
    readline.on("close", () => {
      this.#closed = true;
      this.#settle(undefined);
      this.#listener.ended();
    });
    return readline as Readline;
  }

  #draw(text: string): void {
    if (this.#gathered === undefined) this.#ports.draw(text);
    else this.#gathered += text;
  }

  #changePrompt(prompt: string): void {
    if (this.#closed || prompt === this.#readline.getPrompt()) return;
    // The rows above the cursor are those of the prompt that is on the screen.
    this.hide();
    this.#readline.setPrompt(prompt);
    this.show();
  }

  #entered(line: string): void {
    this.show();
    if (!this.#settle(line)) this.#listener.entered(line);
  }

  /** Readline has put the line first in its list; ours decides whether it is kept, and readline's follows. */
  #remember(lines: string[]): void {
    const { history } = this.#options;
    if (this.#answer === undefined) history.add(lines[0] ?? "");
    lines.splice(0, lines.length, ...history.entries.toReversed());
  }

  #interrupted(): void {
    const { line } = this.#readline;
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#draw("^C\n");
    this.#readline.prevRows = 0;
    this.#clearLine();
    if (!this.#settle(undefined)) this.#listener.interrupted(line);
  }

  /** Ctrl-E and Ctrl-U: the documented way to be rid of the line. */
  #clearLine(): void {
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
  }

  /** Answers the question, if there is one. */
  #settle(line: string | undefined): boolean {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(line);
    return answer !== undefined;
  }

  #complete(line: string): [string[], string] {
    const completion = this.#options.complete(line, line.length);
    const words = replacements(line, completion);
    if (words.length > 1) this.#listener.candidates(words);
    return [words.length === 1 ? [...words] : [], line.slice(completion.from)];
  }
}
