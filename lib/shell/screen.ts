/**
 * The terminal of a shell: records above, a prompt below, and a line being typed that nothing harms.
 *
 * To print, the line is taken off the screen from its first row on, and drawn again below what was printed. Clearing the
 * cursor's row alone, as is often seen, eats what was just printed as soon as the typed line wraps.
 *
 * - Records go to stdout, the prompt and words for people to stderr. When stdout is no terminal, records pass through
 *   untouched and at once, and the prompt does not move.
 * - On a terminal, what comes within {@linkcode REDRAW_MS} is printed in one go, in order.
 * - Control characters of others never reach the terminal: see `printable.ts`.
 * - After a resize the line is drawn anew. That is right where the terminal wraps its lines anew, as nearly all do.
 *
 * Nothing is switched on but raw mode, and {@linkcode Screen.close} ends it.
 *
 * @module
 */

import type { Clock, Terminal, TextOut, Timer } from "../io/ports.ts";
import { visible } from "../output/printable.ts";
import { InputQueue } from "./input_queue.ts";
import { LineEditor, type LineEditorOptions } from "./line_editor.ts";

/** What the person at the keyboard did. */
export type ScreenInput =
  | { readonly type: "line"; readonly text: string }
  /** Ctrl-C. `cancelled` is the line that it took away, `""` where there was none. */
  | { readonly type: "interrupt"; readonly cancelled: string }
  /** Ctrl-D, or the terminal is gone, or {@linkcode Screen.close} was called. Nothing follows. */
  | { readonly type: "end" };

export interface ScreenOptions extends LineEditorOptions {
  readonly clock: Pick<Clock, "nowMs" | "setTimer">;
  /** More is typed, or pasted, than may wait: this was left out. */
  readonly leftOut: (input: ScreenInput) => void;
}

/** How much of what was typed may wait for its reader. */
export const INPUT_LIMIT = 1_000;

/** At most one redraw in this time: 30 a second. */
export const REDRAW_MS = 33;

/** How much text may wait for a redraw, in UTF-16 units. */
const WAITING_LIMIT = 64 * 1024;

export class Screen implements Disposable {
  /** For records: above the prompt when stdout is a terminal. */
  readonly stdout: TextOut;
  /** For words to people: above the prompt, in order with the records. */
  readonly stderr: TextOut;
  readonly #clock: ScreenOptions["clock"];
  readonly #leftOut: ScreenOptions["leftOut"];
  readonly #editor: LineEditor;
  readonly #inputs = new InputQueue<ScreenInput>(INPUT_LIMIT);
  readonly #stopResize: () => void;
  #waiting: { readonly out: TextOut; text: string }[] = [];
  #waitingLength = 0;
  #timer: Timer | undefined;
  #drawnAtMs = -Infinity;
  #closed = false;

  /** Draws the prompt and starts to listen to the keyboard. */
  constructor(terminal: Terminal, options: ScreenOptions) {
    this.#clock = options.clock;
    this.#leftOut = options.leftOut;
    this.stdout = terminal.stdout.isTerminal() ? this.#above(terminal.stdout) : terminal.stdout;
    this.stderr = this.#above(terminal.stderr);
    this.#editor = new LineEditor(
      {
        input: terminal.input,
        draw: (text) => this.#write(terminal.stderr, text),
        columns: () => terminal.columns(),
      },
      options,
      {
        entered: (text) => this.#put({ type: "line", text }),
        interrupted: (cancelled) => this.#put({ type: "interrupt", cancelled }),
        suspended: () => this.stderr.write("Ctrl-Z does nothing: a stopped shell would lose its connections\n"),
        ended: () => this.close(),
        candidates: (items) => this.stderr.write(`${listed(items, terminal.columns())}\n`),
      },
    );
    this.#stopResize = terminal.onResize(() => this.#redraw());
    this.#editor.show();
  }

  /** What the person does, in order, to the end of the session. For one reader. */
  inputs(): AsyncIterable<ScreenInput> {
    return this.#inputs;
  }

  setPrompt(prompt: string): void {
    if (!this.#closed) this.#editor.setPrompt(prompt);
  }

  /**
   * Asks a question in place of the prompt: see {@linkcode LineEditor.ask}.
   *
   * @returns The answer; `undefined` after Ctrl-C, Ctrl-D, or when the screen is closed.
   */
  async ask(question: string): Promise<string | undefined> {
    return this.#closed ? undefined : await this.#editor.ask(question);
  }

  /** Prints what is waiting, takes the prompt away and gives the terminal back. Closing again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#editor.hide();
    this.#print();
    this.#stopResize();
    this.#editor.close();
    this.#inputs.end({ type: "end" });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #put(input: ScreenInput): void {
    // Whoever pressed Enter should see what comes of it at once.
    this.#drawnAtMs = -Infinity;
    if (!this.#inputs.put(input)) this.#leftOut(input);
  }

  /** A way to print above the prompt. Text waits for the end of its line. */
  #above(out: TextOut): TextOut {
    let unfinished = "";
    return {
      isTerminal: () => out.isTerminal(),
      write: (text) => {
        const end = text.lastIndexOf("\n") + 1;
        if (end > 0) this.#enqueue(out, unfinished + text.slice(0, end));
        unfinished = end > 0 ? text.slice(end) : unfinished + text;
      },
    };
  }

  #enqueue(out: TextOut, text: string): void {
    if (this.#closed) return out.write(visible(text));
    const last = this.#waiting.at(-1);
    if (last?.out === out) last.text += text;
    else this.#waiting.push({ out, text });
    this.#waitingLength += text.length;
    const idleMs = this.#clock.nowMs() - this.#drawnAtMs;
    if (idleMs >= REDRAW_MS || this.#waitingLength >= WAITING_LIMIT) this.#redraw();
    else this.#timer ??= this.#clock.setTimer(REDRAW_MS - idleMs, () => this.#redraw());
  }

  #redraw(): void {
    if (this.#closed) return;
    this.#editor.hide();
    this.#print();
    this.#editor.show();
  }

  #print(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#drawnAtMs = this.#clock.nowMs();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    for (const { out, text } of waiting) this.#write(out, visible(text));
  }

  #write(out: TextOut, text: string): void {
    try {
      out.write(text);
    } catch {
      // The terminal is gone, and with it whoever could be told.
      this.close();
    }
  }
}

/** More candidates than this would push away what the person is looking at. */
const MAX_LISTED = 60;

/** The items in as many columns as fit, in the order of reading. */
function listed(items: readonly string[], columns: number): string {
  const shown = items.slice(0, MAX_LISTED);
  const width = Math.max(...shown.map((item) => item.length)) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows: string[] = [];
  for (let index = 0; index < shown.length; index += perRow) {
    rows.push(shown.slice(index, index + perRow).map((item) => item.padEnd(width)).join("").trimEnd());
  }
  if (items.length > shown.length) rows.push(`… and ${items.length - shown.length} more`);
  return rows.join("\n");
}
