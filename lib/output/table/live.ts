/**
 * Paints a {@linkcode View} on a terminal, in place, at most ten times a second.
 *
 * It draws on the terminal's alternate screen, so that what was there before comes back when it leaves; then it prints the
 * last picture once more below that, where it stays. Between records it paints every second, for the figures that age.
 *
 * @module
 */

import type { Clock, Timer, Window } from "../../io/ports.ts";
import type { StreamRecord } from "../../model/record.ts";
import type { Arrival } from "./lifecycle.ts";
import { drawnWidth } from "./text.ts";
import { type Drawing, nextView, render, type View } from "./view.ts";

export interface LiveViewPorts {
  readonly clock: Clock;
  readonly window: Window;
  readonly write: (text: string) => void;
}

const LEAST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** What the last picture leaves free, so that its top is still in the window when a shell asks for the next command. */
const ROWS_OF_A_PROMPT = 2;

// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html: the alternate screen (1049), line wrap (7), the cursor (25).
const ENTER = "\x1b[?1049h\x1b[?7l\x1b[?25l";
const HOME = "\x1b[H";
const CLEAR_SCREEN = "\x1b[2J";
// tmux keeps a row of the alternate screen when the window has grown meanwhile, so nothing is left on it.
const LEAVE = `${HOME}${CLEAR_SCREEN}\x1b[?25h\x1b[?7h\x1b[?1049l`;
const CLEAR_TO_END_OF_LINE = "\x1b[K";

export class LiveView {
  readonly #ports: LiveViewPorts;
  readonly #color: boolean;
  readonly #release: readonly (() => void)[];
  #view: View;
  #timer: Timer | undefined;
  #paintedMs = -Infinity;
  /** Whether the next painting is due because of something new, and not only because time passes. */
  #hurried = false;
  #resized = true;
  #left = false;

  /** Takes the terminal over at once. */
  constructor(view: View, ports: LiveViewPorts, { color }: { readonly color: boolean }) {
    this.#view = view;
    this.#ports = ports;
    this.#color = color;
    this.#release = [ports.window.refuseToStop(), ports.window.onResize(() => this.#resize())];
    ports.write(ENTER);
    this.#hurry();
  }

  record(record: StreamRecord, arrival: Arrival): void {
    if (this.#left) return;
    this.#view = nextView(this.#view, record, arrival);
    this.#hurry();
  }

  /** Gives the terminal back as it was, with the last picture below. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#timer?.cancel();
    for (const release of this.#release) release();
    const { body, foot } = this.#draw(this.#ports.window.rows() - ROWS_OF_A_PROMPT);
    this.#ports.write(`${LEAVE}${[...body, ...foot].join("\n")}\n`);
  }

  #resize(): void {
    this.#resized = true;
    this.#hurry();
  }

  #hurry(): void {
    if (this.#hurried || this.#left) return;
    this.#hurried = true;
    this.#paintIn(Math.max(this.#paintedMs + LEAST_PAUSE_MS - this.#ports.clock.nowMs(), 0));
  }

  #paintIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.clock.setTimer(ms, () => this.#paint());
  }

  #paint(): void {
    const { clock, window, write } = this.#ports;
    this.#hurried = false;
    this.#paintedMs = clock.nowMs();
    this.#paintIn(LONGEST_PAUSE_MS);
    const height = window.rows();
    const { body, foot } = this.#draw(height);
    const blank = Array.from({ length: Math.max(height - body.length - foot.length, 0) }, () => "");
    const columns = window.columns();
    // A row that reaches the edge leaves the cursor on its last character, which clearing would take away.
    const rows = [...body, ...blank, ...foot].map((row) =>
      drawnWidth(row) < columns ? row + CLEAR_TO_END_OF_LINE : row
    );
    write(`${this.#resized ? CLEAR_SCREEN : ""}${HOME}${rows.join("\r\n")}`);
    this.#resized = false;
  }

  #draw(rows: number): Drawing {
    const { clock, window } = this.#ports;
    const frame = {
      columns: window.columns(),
      rows,
      color: this.#color,
      nowMicros: clock.epochMicros(),
    };
    return render(this.#view, frame);
  }
}
