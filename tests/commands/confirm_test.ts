/** A live order in front of a person: a real terminal, a real question, and no network. @module */

import { assertStringIncludes } from "@std/assert";
import { denoRun } from "../_cli.ts";
import { hasTmux, TmuxTerminal } from "../shell/_tmux.ts";

const LINE = "addOrder pair=XBT/EUR type=sell ordertype=limit price=7500 volume=0.125";
const QUESTION = "ws-auth.kraken.com: sell 0.125 XBT/EUR at 7500 or better, 937.5 EUR in all. Send it? [y/N]";
const WINDOW = { columns: 160, rows: 30 };

async function shows(terminal: TmuxTerminal, text: string): Promise<void> {
  await terminal.until((screen) => assertStringIncludes(screen.join("\n"), text));
}

function terminalTest(name: string, body: () => Promise<void>): void {
  const ignore = !hasTmux();
  Deno.test({ name: ignore ? `${name} (needs tmux)` : name, ignore, fn: body });
}

terminalTest("a live order is asked about at the terminal, and a no sends nothing", async () => {
  const command = denoRun(LINE.split(" "), "none").join(" ");
  await using terminal = await TmuxTerminal.open(`${command} >/dev/null; echo "code $?"`, WINDOW);
  await shows(terminal, QUESTION);
  await terminal.enter("n");
  await shows(terminal, "addOrder was not confirmed: nothing was sent");
  await shows(terminal, "code 6");
});

terminalTest("Ctrl-C at the question sends nothing, and is exit 130", async () => {
  const command = denoRun(LINE.split(" "), "none").join(" ");
  await using terminal = await TmuxTerminal.open(`${command} >/dev/null; echo "code $?"`, WINDOW);
  await shows(terminal, QUESTION);
  await terminal.press("C-c");
  await shows(terminal, "code 130");
});

terminalTest("the shell asks in place of its prompt, and goes on after a no", async () => {
  const command = denoRun(["shell"], "none").join(" ");
  await using terminal = await TmuxTerminal.open(command, WINDOW);
  await shows(terminal, "LIVE>");
  await terminal.enter(LINE);
  await shows(terminal, QUESTION);
  await terminal.enter("n");
  await shows(terminal, "nothing was sent");
  await terminal.enter("echo still here");
  await shows(terminal, "\nstill here");
});
