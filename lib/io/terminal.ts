/**
 * The real terminal, for the shell's screen.
 *
 * The window is asked for its width whenever that is needed: `process.stderr.columns`
 * is remembered, and wrong between a resize and its signal.
 *
 * @module
 */

import process from "node:process";
import type { Terminal, TextOut } from "./ports.ts";

/** @param out Where the shell's records and words go; `stderr` must be a terminal, and so must stdin. */
export function processTerminal({ stdout, stderr }: { readonly stdout: TextOut; readonly stderr: TextOut }): Terminal {
  return {
    // Only who reads the keyboard takes hold of it.
    get input() {
      return process.stdin;
    },
    stdout,
    stderr,
    columns: () => Deno.consoleSize().columns,
    rows: () => Deno.consoleSize().rows,
    onResize(callback) {
      // The shell that stopped us and lets us go on has set the terminal to its own mode, and the cursor on a row of its own.
      const goOn = () => {
        if (process.stdin.isRaw) {
          process.stdin.setRawMode(false);
          process.stdin.setRawMode(true);
        }
        callback();
      };
      process.on("SIGWINCH", callback);
      process.on("SIGCONT", goOn);
      return () => {
        process.off("SIGWINCH", callback);
        process.off("SIGCONT", goOn);
      };
    },
    refuseToStop() {
      // Windows has no such key.
      if (process.platform === "win32") return () => {};
      const stay = () => {};
      process.on("SIGTSTP", stay);
      return () => void process.off("SIGTSTP", stay);
    },
  };
}
