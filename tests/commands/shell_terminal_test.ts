/** The whole shell in a real terminal: a person types while records stream in above. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { denoRun } from "../_cli.ts";
import { linesOf } from "../_fakes.ts";
import { hasTmux, TmuxTerminal, type Window } from "../shell/_tmux.ts";

const WINDOW: Window = { columns: 80, rows: 20 };

interface Person extends AsyncDisposable {
  readonly terminal: TmuxTerminal;
  readonly folder: string;
  /** Sends a signal to the shell alone. */
  signal(signal: Deno.Signal): Promise<void>;
  /** What stdout holds, if it goes to the file. */
  records(): Promise<Record<string, unknown>[]>;
}

/** Opens a shell; its stdout goes to a file, and its state into a folder of its own. */
async function openShell(
  { words = ["shell", "--sandbox"], redirect = "> $KRAKENWS_STATE/out.ndjson", folder = "" } = {},
): Promise<Person> {
  const own = folder === "" ? await Deno.makeTempDir({ dir: "/tmp" }) : folder;
  const script = await Deno.makeTempFile({ dir: "/tmp", suffix: ".sh" });
  const krakenws = denoRun(words, "shell").map((word) => `'${word}'`).join(" ");
  await Deno.writeTextFile(
    script,
    `export NO_COLOR=1 KRAKENWS_STATE=${own}
bash -c "echo \\$\\$ > ${script}.pid; exec ${krakenws}" ${redirect}
echo "code $?"
stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig|opost)' | sort | paste -sd ' '
`,
  );
  const terminal = await TmuxTerminal.open(`bash ${script}`, WINDOW);
  await terminal.until((screen) => assertMatch(screen.at(-1) ?? "", /^sandbox>/));
  return {
    terminal,
    folder: own,
    signal: async (signal) => Deno.kill(Number(await Deno.readTextFile(`${script}.pid`)), signal),
    records: async () => linesOf(await Deno.readTextFile(`${own}/out.ndjson`)).map((line) => JSON.parse(line)),
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      for (const file of [script, `${script}.pid`]) await Deno.remove(file);
      if (folder === "") await Deno.remove(own, { recursive: true });
    },
  };
}

/** What the shell's shell says when it has ended and the terminal is as it was before. */
const restored = (code: number) => [`code ${code}`, "echo icanon isig opost"];

async function assertRestored(terminal: TmuxTerminal, code: number): Promise<void> {
  await terminal.until((screen) => assertEquals(screen.slice(-2), restored(code)));
}

function terminalTest(name: string, body: () => Promise<void>): void {
  const ignore = !hasTmux();
  Deno.test({ name: ignore ? `${name} (needs tmux)` : name, ignore, fn: body });
}

terminalTest("a person subscribes, looks and leaves; stdout holds records only, and ends whole", async () => {
  await using person = await openShell();
  const { terminal } = person;
  await terminal.enter("subscribe ticker xbt/usd as t");
  await terminal.until((screen) => assertEquals(screen.at(-1), "sandbox +public 1 sub>"));
  await terminal.enter("tikcer XBT/USD");
  await terminal.until((screen) => {
    assertEquals(screen.slice(-3), [
      'krakenws: There is no command "tikcer"',
      "  Did you mean ticker?",
      "sandbox +public 1 sub>",
    ]);
  });
  await terminal.enter("subs");
  await terminal.until((screen) => {
    assertMatch(screen.at(-3) ?? "", /^subscription +name +state +messages +age +gaps +book$/);
    assertMatch(screen.at(-2) ?? "", /^ticker:XBT\/USD +t +active +\d+ +\S+ +0 +-$/);
  });
  await terminal.press("C-d");
  await assertRestored(terminal, 0);
  const records = await person.records();
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  assertEquals(records.at(-1)?.["type"], "done");
  // deno-lint-ignore no-control-regex -- the absence of escapes is the promise
  assert(!/\x1b/.test(await Deno.readTextFile(`${person.folder}/out.ndjson`)));
});

terminalTest("records stream above a typed line that wraps, and it runs when it is entered", async () => {
  await using person = await openShell({ redirect: "" });
  const { terminal } = person;
  await terminal.enter("book XBT/USD --top 1");
  await terminal.until((screen) => assertEquals(screen.at(-1), "sandbox +public 1 sub>"));
  const line = `echo ${"a word after a word ".repeat(8)}end`;
  await terminal.type(line);
  const rows = `sandbox +public 1 sub> ${line}`.match(/.{1,80}/g)!.map((row) => row.trimEnd());
  assert(rows.length >= 3);
  const seqOf = (screen: readonly string[]) => Number(/"seq":(\d+)/.exec(screen.join(""))?.[1] ?? 0);
  await terminal.until((screen) => assertEquals(screen.slice(-rows.length), rows));
  const before = seqOf(await terminal.screen());
  await terminal.until((screen) => {
    assert(seqOf(screen) > before + 3);
    assertEquals(screen.slice(-rows.length), rows);
  });
  await terminal.press("Enter");
  await terminal.until((screen) => assertMatch(screen.join(""), /a word after a word end\{?/));
  await terminal.enter("exit 4");
  await assertRestored(terminal, 4);
  const all = await terminal.scrollback();
  const records = all.filter((row) => row.startsWith('{"seq":')).map((row) => JSON.parse(row));
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
});

terminalTest("the history lasts over sessions, is its owner's alone, and is found by its beginning", async () => {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  {
    await using first = await openShell({ folder });
    for (const line of ["echo one", "ping", "echo two", "cancelAll token=T0kenOfMine", " echo secret"]) {
      await first.terminal.enter(line);
    }
    await first.terminal.until((screen) => assertEquals(screen.at(-2), "secret"));
    await first.terminal.press("C-d");
    await assertRestored(first.terminal, 0);
  }
  const { mode } = await Deno.stat(`${folder}/history`);
  assertEquals((mode ?? 0) & 0o777, 0o600);
  assertEquals(await Deno.readTextFile(`${folder}/history`), "echo one\nping\necho two\n");
  {
    await using second = await openShell({ folder });
    await second.terminal.type("ec");
    await second.terminal.press("Up", "Up");
    await second.terminal.until((screen) => assertEquals(screen.at(-1), "sandbox> echo one"));
    await second.terminal.press("Enter");
    await second.terminal.until((screen) => assertEquals(screen.slice(-2), ["one", "sandbox>"]));
    await second.terminal.enter("history");
    await second.terminal.until((screen) => {
      assertEquals(screen.slice(-5, -1), ["    1  ping", "    2  echo two", "    3  echo one", "    4  history"]);
    });
  }
  await Deno.remove(folder, { recursive: true });
});

terminalTest("whoever leaves is told of the lines that waited and will not be run", async () => {
  await using person = await openShell();
  for (const line of ["sleep 1m", "echo one", "echo two"]) await person.terminal.enter(line);
  await person.terminal.press("C-d");
  await assertRestored(person.terminal, 0);
  assert((await person.terminal.scrollback()).includes("2 lines that waited will not be run"));
});

terminalTest("a state folder that cannot be written is told once, and the session goes on", async () => {
  const file = await Deno.makeTempFile({ dir: "/tmp" });
  await using person = await openShell({ folder: `${file}/state`, redirect: "> /dev/null" });
  const { terminal } = person;
  for (const line of ["echo one", "echo two"]) await terminal.enter(line);
  await terminal.until((screen) => assertEquals(screen.slice(-2), ["two", "sandbox>"]));
  const warnings = (await terminal.scrollback()).filter((row) => /history/i.test(row));
  assertEquals(warnings.length, 1, warnings.join("\n"));
  await Deno.remove(file);
});

terminalTest("Tab completes verbs, pairs, live subscriptions and the ids of open orders", async () => {
  await using person = await openShell();
  const { terminal } = person;
  const completes = async (typed: string, shown: RegExp): Promise<void> => {
    await terminal.type(typed);
    await terminal.until((screen) => assert(screen.at(-1)?.endsWith(typed)));
    await terminal.press("Tab");
    await terminal.until((screen) => assertMatch(screen.at(-1) ?? "", shown));
    await terminal.press("C-c");
    await terminal.until((screen) => assertMatch(screen.at(-1) ?? "", /> *$/));
  };
  await completes("tic", /> ticker$/);
  await completes("book xbt/u", /> book XBT\/USD$/);
  await completes("ohlc XBT/USD 14", /> ohlc XBT\/USD 1440$/);
  await terminal.enter("subscribe spread ETH/EUR as mine");
  await terminal.enter("addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.01");
  await terminal.until((screen) => assertMatch(screen.at(-1) ?? "", /^sandbox \+public \+private 1 sub>$/));
  await completes("unsubscribe mi", /> unsubscribe mine$/);
  await terminal.enter("wait");
  const accepted = async (): Promise<string> => {
    const order = (await person.records()).find(({ channel, type }) => channel === "order" && type === "accepted");
    return String(order?.["txid"]);
  };
  await completes("cancelOrder txid=O", new RegExp(`> cancelOrder txid=${await accepted()}$`));
});

terminalTest("Ctrl-C takes the line away, ends a wait, and twice leaves with 130", async () => {
  await using person = await openShell();
  const { terminal } = person;
  await terminal.type("addOrder pair=");
  await terminal.press("C-c");
  await terminal.shows("sandbox> addOrder pair=^C", "sandbox>");
  await terminal.enter("wait ticker within 1h");
  await terminal.press("C-c");
  await terminal.until((screen) => assert(screen.includes("krakenws: Interrupted"), screen.join("\n")));
  await terminal.press("C-c");
  await assertRestored(terminal, 130);
  assertEquals((await person.records()).at(-1)?.["type"], "interrupted");
});

terminalTest("with stdout in a pipe the session is interactive all the same", async () => {
  await using person = await openShell({ redirect: "| jq -c --unbuffered '[.seq, .channel]'" });
  const { terminal } = person;
  await terminal.enter("ping");
  await terminal.until((screen) => {
    for (const seen of ['[1,"connection"]', '[4,"pong"]']) assert(screen.join("\n").includes(seen), screen.join("\n"));
  });
  await terminal.enter("exit");
  await terminal.until((screen) => assertEquals(screen.slice(-2), restored(0)));
});

terminalTest("a dead man's switch shows its countdown, and asks what shall happen when the session ends", async () => {
  await using person = await openShell();
  const { terminal } = person;
  await terminal.enter("deadman on 60s");
  await terminal.until((screen) => assertMatch(screen.at(-1) ?? "", /^sandbox \+private deadman 5\ds>$/));
  await terminal.press("C-d");
  await terminal.until((screen) => assertMatch(screen.join(""), /leave it to run out\? \[c\/d\/L\]/));
  await terminal.enter("d");
  await assertRestored(terminal, 0);
  const told = (await person.records()).filter(({ channel }) => channel === "deadman").map(({ type }) => type);
  assertEquals(told, ["armed", "disarmed"]);
});

terminalTest("krakenws alone at a terminal prompts, and says help when asked", async () => {
  await using person = await openShell({ words: ["--sandbox"] });
  const { terminal } = person;
  await terminal.enter("help subs");
  await terminal.until((screen) => assertEquals(screen.slice(-3, -1), ["Examples:", "  subs"]));
  await terminal.press("C-d");
  await assertRestored(terminal, 0);
});

terminalTest("pasted lines run one after the other, and an unfinished one waits for its end", async () => {
  await using person = await openShell();
  const { terminal } = person;
  await terminal.paste("echo one\necho two\nbook XBT/USD\nexpect book count 2\necho thr");
  await terminal.until((screen) => {
    assertEquals(screen.filter((row) => /^(?:one|two)$/.test(row)), ["one", "two"]);
    assertEquals(screen.at(-1), "sandbox +public 1 sub> echo thr");
  });
  await terminal.resize({ columns: 50, rows: 15 });
  await terminal.enter("ee");
  await terminal.until((screen) => assertEquals(screen.slice(-2), ["three", "sandbox +public 1 sub>"]));
  assert((await person.records()).filter(({ channel }) => channel === "book").length >= 2);
});

terminalTest("a signal ends the session in the middle of a line, and the terminal is as it was", async () => {
  for (const [signal, code, type] of [["SIGTERM", 143, "terminated"], ["SIGINT", 130, "interrupted"]] as const) {
    await using person = await openShell();
    const { terminal } = person;
    await terminal.enter("ticker XBT/USD");
    await terminal.type("half a li");
    await terminal.until((screen) => assertEquals(screen.at(-1), "sandbox +public 1 sub> half a li"));
    await person.signal(signal);
    await assertRestored(terminal, code);
    assertEquals((await person.records()).at(-1)?.["type"], type);
  }
});
