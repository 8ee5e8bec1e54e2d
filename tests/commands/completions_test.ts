/** Tab, as the shells ask for it. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { completionScript } from "../../commands/completions.ts";
import { denoRun, hasProgram, runHere } from "../_cli.ts";

Deno.test("krakenws complete prints whole words in place of the last", async () => {
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
    ["krakenws completions z", ["zsh"]],
    ["krakenws wai", []],
    ["krakenws nonsense ", []],
    ["krakenws", []],
  ];
  for (const [line, words] of CASES) {
    const { code, stdout } = await runHere(["complete", line, String(line.length)]);
    assertEquals([code, stdout.split("\n").filter((word) => word !== "")], [0, words], line);
  }
});

Deno.test("krakenws complete looks at what stands before the cursor only, and is not in the help", async () => {
  assertEquals((await runHere(["complete", "krakenws tick XBT/USD", "13"])).stdout, "ticker\n");
  assert(!/^ {2}complete /m.test((await runHere(["--help"])).stdout));
});

Deno.test("completions are for shells that we know", async () => {
  const { code, stderr } = await runHere(["completions", "bsh"]);
  assertEquals([code, stderr], [2, 'krakenws: There are no completions for "bsh"\n  Did you mean bash?\n']);
});

Deno.test("bash completes with what krakenws completions bash prints", { ignore: !hasProgram("bash") }, async () => {
  const krakenws = `krakenws() { ${denoRun([]).map((word) => `'${word}'`).join(" ")} "$@"; }`;
  const tab = (line: string): string =>
    `COMP_LINE='${line}' COMP_POINT=${line.length}; _krakenws; echo "\${COMPREPLY[*]}"`;
  const script = [
    krakenws,
    "source <(krakenws completions bash)",
    "complete -p krakenws",
    tab("krakenws boo"),
    tab("krakenws addOrder pair=ETH/X"),
    tab("krakenws addOrder ordertype=tr"),
  ].join("\n");
  const { code, stdout, stderr } = await new Deno.Command("bash", { args: ["-c", script], stdin: "null" }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
    "complete -F _krakenws krakenws",
    "book",
    "ETH/XBT",
    "trailing-stop trailing-stop-limit",
  ]);
});

for (const shell of ["zsh", "fish"]) {
  Deno.test(`${shell} can read its completions`, { ignore: !hasProgram(shell) }, async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, completionScript(shell));
      const { code, stderr } = await new Deno.Command(shell, { args: ["-n", path] }).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    } finally {
      await Deno.remove(path);
    }
  });
}

Deno.test("every script asks the one completer", () => {
  for (const shell of ["bash", "zsh", "fish"]) assertMatch(completionScript(shell), /krakenws complete "\$/);
});
