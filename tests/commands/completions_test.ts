/** Tab, as the shells ask for it. @module */

import { assert, assertEquals } from "@std/assert";
import { denoRun, hasProgram, runHere } from "../_cli.ts";
import { hasTmux, TmuxTerminal } from "../shell/_tmux.ts";

Deno.test("krakenws complete prints what can stand in place of the last word", async () => {
  const CASES: readonly (readonly [line: string, words: readonly string[]])[] = [
    ["krakenws tick", ["ticker"]],
    ["krakenws book xbt/u", ["XBT/USD"]],
    ["krakenws ticker aap", ["AAPLx/USD"]],
    ["krakenws addOrder pair=TSLAx", ["pair=TSLAx/USD"]],
    ["krakenws ohlc XBT/USD --interval 2", ["240", "21600"]],
    ["krakenws addOrder type=", ["type=buy", "type=sell"]],
    ["krakenws addOrder type=s", ["type=sell"]],
    ["krakenws ticker XBT/USD --targ", ["--target"]],
    ["krakenws ticker --target b", ["beta"]],
    ["krakenws ticker -o t", ["table"]],
    ["krakenws --sand", ["--sandbox"]],
    ["krakenws --target sandbox tick", ["ticker"]],
    ["krakenws --sandbox --count 3 book xbt/u", ["XBT/USD"]],
    ["krakenws ticker --count ", []],
    ["krakenws completions z", ["zsh"]],
    ["krakenws wai", []],
    ["krakenws nonsense ", []],
    ["krakenws", []],
  ];
  for (const [line, words] of CASES) {
    const { code, stdout } = await runHere(["complete", line]);
    assertEquals([code, stdout.split("\n").filter((word) => word !== "")], [0, words], line);
  }
});

Deno.test("krakenws complete is not in the help", async () => {
  assert(!/^ {2}complete /m.test((await runHere(["--help"])).stdout));
});

Deno.test("completions are for shells that we know", async () => {
  const { code, stderr } = await runHere(["completions", "bsh"]);
  assertEquals([code, stderr], [2, 'krakenws: There are no completions for "bsh"\n  Did you mean bash?\n']);
});

/** A shell with the prompt `> `, in which `krakenws` is the program. */
interface Shell {
  readonly program: string;
  /** How `krakenws completions` came to it. */
  readonly how: string;
  /** Its start file, in `folder`; `krakenws` is a function that calls the program. */
  readonly startFile: (folder: string) => readonly [name: string, lines: readonly string[]];
  readonly command: (folder: string) => string;
}

const KRAKENWS = denoRun([]).map((word) => `'${word}'`).join(" ");
const FUNCTION = `krakenws() { ${KRAKENWS} "$@"; }`;

const SHELLS: readonly Shell[] = [
  {
    program: "bash",
    how: "from its start file",
    startFile: () => ["rc", ["PS1='> '", FUNCTION, 'eval "$(krakenws completions bash)"']],
    command: (folder) => `bash --noprofile --rcfile ${folder}/rc`,
  },
  {
    program: "zsh",
    how: "from its start file",
    startFile: () => [".zshrc", [
      "PS1='> '",
      FUNCTION,
      "autoload -U compinit && compinit -u -D",
      'eval "$(krakenws completions zsh)"',
    ]],
    command: (folder) => `ZDOTDIR=${folder} zsh -d`,
  },
  {
    program: "zsh",
    how: "in a folder of $fpath",
    startFile: (folder) => [".zshrc", [
      "PS1='> '",
      FUNCTION,
      `krakenws completions zsh > ${folder}/_krakenws`,
      `fpath=(${folder} $fpath)`,
      "autoload -U compinit && compinit -u -D",
    ]],
    command: (folder) => `ZDOTDIR=${folder} zsh -d`,
  },
  {
    program: "fish",
    how: "in its folder for completions",
    startFile: (folder) => ["config.fish", [
      "function fish_prompt; echo '> '; end",
      "set fish_autosuggestion_enabled 0",
      `function krakenws; ${KRAKENWS} $argv; end`,
      `set fish_complete_path ${folder}`,
      `krakenws completions fish > ${folder}/krakenws.fish`,
    ]],
    command: (folder) => `XDG_DATA_HOME=${folder} fish --no-config --init-command 'source ${folder}/config.fish'`,
  },
];

const ROOT = new URL("../../", import.meta.url).pathname;

/** What is typed before Tab, and what the line is then. */
const TABS: readonly (readonly [typed: string, line: string])[] = [
  ["krakenws boo", "krakenws book "],
  ["krakenws ticker xbt/u", "krakenws ticker XBT/USD "],
  ["krakenws ticker xbt", "krakenws ticker XBT/"],
  ["krakenws book eth/usd 5", "krakenws book eth/usd 500 "],
  ["krakenws addOrder ordertype=tr", "krakenws addOrder ordertype=trailing-stop"],
  ["krakenws addOrder pair=eth/x", "krakenws addOrder pair=ETH/XBT "],
  ["krakenws addOrder vol", "krakenws addOrder volume="],
  ["krakenws ticker XBT/USD --targ", "krakenws ticker XBT/USD --target "],
  ["krakenws --sandbox book xbt/u", "krakenws --sandbox book XBT/USD "],
  ["KRAKENWS_COUNT=3 krakenws boo", "KRAKENWS_COUNT=3 krakenws book "],
  ["true | krakenws boo", "true | krakenws book "],
  [`krakenws run ${ROOT}CONTRIB`, `krakenws run ${ROOT}CONTRIBUTING.md `],
];

for (const { program, how, startFile, command } of SHELLS) {
  const missing = [...(hasProgram(program) ? [] : [program]), ...(hasTmux() ? [] : ["tmux"])];
  const skipped = missing.length === 0 ? "" : ` (skipped without ${missing.join(" and ")})`;
  Deno.test(`Tab completes in ${program}, ${how}${skipped}`, { ignore: missing.length > 0 }, async () => {
    const folder = await Deno.makeTempDir({ prefix: "krakenws-completions-" });
    const [name, lines] = startFile(folder);
    await Deno.writeTextFile(`${folder}/${name}`, lines.join("\n"));
    {
      await using terminal = await TmuxTerminal.open(command(folder), { columns: 160, rows: 24 });
      await terminal.shows(">");
      for (const [typed, line] of TABS) {
        await terminal.type(typed);
        await terminal.press("Tab");
        // Shows where the cursor is, and so the blank before it.
        await terminal.type("@");
        await terminal.until(([first]) => assertEquals(first, `> ${line}@`));
        await terminal.press("C-u", "C-l");
        await terminal.shows(">");
      }
    }
    await Deno.remove(folder, { recursive: true });
  });
}
