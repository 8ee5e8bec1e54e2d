/**
 * A person at a terminal that can only print, as `TERM=dumb` says: no cursor is moved and nothing is redrawn.
 *
 * The terminal edits the line; the prompt stands wherever the records leave it. Ctrl-C is a signal, and ends the session.
 *
 * Source: https://www.gnu.org/software/emacs/manual/html_node/emacs/Interactive-Shell.html (who sets it)
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { type Interactive, promptOf, runLine } from "./interactive.ts";
import type { Interpreter } from "./interpreter.ts";
import { decodedLines, type Report } from "./script_input.ts";
import type { Shell } from "./shell.ts";

export interface PlainOptions {
  readonly shell: Shell;
  readonly interpreter: Interpreter;
  readonly report: Report;
}

export function openPlain({ shell, interpreter, report }: PlainOptions): Interactive {
  const { output, ports } = shell.app;
  const prompt = (): void => {
    output.flush();
    ports.stderr.write(promptOf(shell, { color: false }));
  };
  return {
    history: [],
    async run() {
      prompt();
      for await (const line of decodedLines(ports.stdin.chunks)) {
        try {
          if (line.type === "problem") throw new UsageError("bad_line", line.problem);
          await runLine(line.text, interpreter);
        } catch (error) {
          report(error);
        }
        prompt();
      }
    },
    close() {},
  };
}
