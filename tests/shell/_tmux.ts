/**
 * A real terminal for tests: a program in tmux, its keyboard and its screen.
 *
 * Nothing sleeps for a fixed time: whatever is expected is looked for again and again until it is there or a deadline has passed.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

const DEADLINE_MS = 20_000;
const POLL_MS = 15;

export interface Window {
  readonly columns: number;
  readonly rows: number;
}

/** Whether there is a tmux on this machine. */
export function hasTmux(): boolean {
  try {
    return new Deno.Command("tmux", { args: ["-V"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

export class TmuxTerminal implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Runs a shell command in a window of its own tmux server; the window outlives the command. */
  static async open(command: string, { columns, rows }: Window): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal(`/tmp/krakenws-${crypto.randomUUID()}.tmux`);
    await terminal.#tmux(
      ...["-f", "/dev/null", "start-server", ";", "set-option", "-g", "history-limit", "50000", ";"],
      ...["new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, `${command}; exec cat`],
    );
    return terminal;
  }

  /** Types text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", "--", text);
  }

  /** Presses keys by their tmux names, such as `Enter`, `C-c` or `Left`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", "--", ...keys);
  }

  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press("Enter");
  }

  async paste(text: string): Promise<void> {
    await this.#tmux("set-buffer", "--", text, ";", "paste-buffer");
  }

  async resize({ columns, rows }: Window): Promise<void> {
    await this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** The rows of the window, without the blanks at their ends and the empty rows at the bottom. */
  async screen(): Promise<readonly string[]> {
    return rowsOf(await this.#tmux("capture-pane", "-p"));
  }

  /** Every row since the beginning, rows that a line wrapped over joined. */
  async scrollback(): Promise<readonly string[]> {
    return rowsOf(await this.#tmux("capture-pane", "-p", "-J", "-S", "-"));
  }

  /** Column and row of the cursor, from 0. */
  async cursor(): Promise<readonly [column: number, row: number]> {
    const [column, row] = (await this.#tmux("display-message", "-p", "#{cursor_x} #{cursor_y}")).trim().split(" ");
    return [Number(column), Number(row)];
  }

  /** Waits until the whole screen is as expected, by then or for good. */
  async shows(...expected: readonly string[]): Promise<void> {
    await this.until((screen) => assertEquals(screen, expected));
  }

  /** Waits until `check` does not throw any more; its last error is the failure. */
  async until(check: (screen: readonly string[]) => void): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const screen = await this.screen();
      try {
        return check(screen);
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
    await Deno.remove(this.#socket).catch(() => {});
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", { args: ["-S", this.#socket, ...args] })
      .output();
    if (!success) throw new Error(`tmux ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}

function rowsOf(captured: string): readonly string[] {
  return captured.trimEnd().split("\n").map((row) => row.trimEnd());
}
