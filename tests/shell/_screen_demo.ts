/**
 * A program for `screen_test.ts` to run in a real terminal: a screen, with records that stream above what is typed.
 *
 * Lines typed: `stream N` starts N records a second, `stop` stops them, `fill N` prints N records at once, `wide N` prints one of
 * N characters, `ask` asks a question, `hostile` prints what must not reach a terminal, `prompt TEXT` changes the prompt,
 * `throw` dies of an error nobody catches, `exit` ends. Anything else is said back on stderr, and so is a new width.
 *
 * @module
 */

import { denoPorts } from "../../lib/io/deno.ts";
import { processTerminal } from "../../lib/io/terminal.ts";
import { History } from "../../lib/shell/history.ts";
import { Screen } from "../../lib/shell/screen.ts";

const { clock, stdout, stderr } = denoPorts();
let stored = "";
const history = new History({ read: () => stored, write: (text) => stored = text }, {
  isSecret: (line) => line.includes("s3cret"),
  warn: (message) => stderr.write(`${message}\n`),
});
const terminal = processTerminal({ stdout, stderr });
using screen = new Screen(terminal, {
  prompt: "demo> ",
  history,
  clock,
  leftOut() {},
  complete(line, cursor) {
    const from = line.lastIndexOf(" ", cursor - 1) + 1;
    const typed = line.slice(from, cursor).toUpperCase();
    const pairs = ["ETH/EUR", "ETH/USD", "XBT/EUR", "XBT/USD"];
    return { items: pairs.filter((pair) => pair.startsWith(typed)), from };
  },
});

terminal.onResize(() => screen.stderr.write(`width ${terminal.columns()}\n`));

let count = 0;
const record = () => screen.stdout.write(`{"seq":${++count},"channel":"demo"}\n`);
let stream: ReturnType<typeof setInterval> | undefined;

async function obey(line: string): Promise<boolean> {
  const [verb, ...rest] = line.split(" ");
  switch (verb) {
    case "stream": {
      // Timers of the system are too coarse for a thousand a second: several records a tick.
      const perTick = Math.ceil(Number(rest[0]) / 100);
      stream = setInterval(() => {
        for (let index = 0; index < perTick; index++) record();
      }, 1_000 * perTick / Number(rest[0]));
      return true;
    }
    case "stop":
      clearInterval(stream);
      return true;
    case "fill":
      for (let index = 0; index < Number(rest[0]); index++) record();
      return true;
    case "wide":
      screen.stdout.write(`${"abcdefghij".repeat(Number(rest[0]) / 10)}\n`);
      return true;
    case "ask":
      screen.stderr.write(`answer: ${await screen.ask("really? ")}\n`);
      return true;
    case "hostile":
      screen.stdout.write('{"text":"\x1b[2J\x1b]0;owned\x07\x9b1;1H"}\n');
      return true;
    case "prompt":
      screen.setPrompt(rest.join(" "));
      return true;
    case "throw":
      setTimeout(() => {
        throw new Error("nobody catches this");
      }, 0);
      return true;
    case "exit":
      return false;
    default:
      screen.stderr.write(`you said: ${line}\n`);
      return true;
  }
}

for await (const input of screen.inputs()) {
  if (input.type === "interrupt") screen.stderr.write(`interrupt: "${input.cancelled}"\n`);
  else if (input.type === "end" || !(await obey(input.text))) break;
}
clearInterval(stream);
