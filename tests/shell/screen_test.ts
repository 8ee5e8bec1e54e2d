import { assert, assertEquals } from "@std/assert";
import { DENO_RUN } from "../_cli.ts";
import { hasTmux, TmuxTerminal, type Window } from "./_tmux.ts";

const WINDOW: Window = { columns: 40, rows: 15 };

/** 100 characters: with the prompt, three rows of 40. */
const LONG = "The quick brown fox jumps over the lazy dog, and then it goes on and on until it wraps over 3 rows..";

const EDITED = `${LONG.slice(0, 45)}INSERTED${LONG.slice(45)}`;

async function openDemo({ redirect = "" } = {}): Promise<TmuxTerminal> {
  const demo = new URL("_screen_demo.ts", import.meta.url).pathname;
  const run = `${DENO_RUN.join(" ")} --no-check --allow-env --allow-read ${demo} ${redirect}`;
  const modes = "stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig|opost)' | sort | paste -sd ' '";
  const terminal = await TmuxTerminal.open(`cd ${Deno.cwd()}; ${run}; echo "code $?"; ${modes}`, WINDOW);
  await terminal.shows("demo>");
  return terminal;
}

/** What the shell says when the demo has ended and the terminal is as it was before. */
const restored = (code: number) => [`code ${code}`, "echo icanon isig opost"];

/** How a text stands on the screen when the window is so wide. */
function wrapped(text: string, columns: number): readonly string[] {
  return (text.match(new RegExp(`.{1,${columns}}`, "g")) ?? []).map((row) => row.trimEnd());
}

const record = (seq: number) => `{"seq":${seq},"channel":"demo"}`;

/** Fills the screen with records that follow each other without a hole, and the line below them. */
function assertStreamAbove(screen: readonly string[], line: readonly string[], { least }: { readonly least: number }) {
  const first = Number(/"seq":(\d+)/.exec(screen[0] ?? "")?.[1]);
  assert(first >= least, `the screen starts with ${screen[0]}`);
  const records = Array.from({ length: WINDOW.rows - line.length }, (_, index) => record(first + index));
  assertEquals(screen, [...records, ...line]);
}

/** Cancels the line, ends the demo, and looks at every row since it began: each record once, and of the line no trace but one. */
async function assertNothingLost(terminal: TmuxTerminal, line: string, first: string): Promise<void> {
  await terminal.press("C-c");
  await terminal.enter("stop");
  await terminal.enter("exit");
  await terminal.until((screen) => assertEquals(screen.slice(-2), restored(0)));
  const rows = await terminal.scrollback();
  const printed = rows.filter((row) => row.startsWith("{"));
  assertEquals(printed, printed.map((_, index) => record(index + 1)));
  const typed = [`demo> ${first}`, `demo> ${line}^C`, `interrupt: "${line}"`, "demo> stop", "demo> exit"];
  // What is typed while the interrupt is still on its way is shown at once, and may stand before it.
  const others = rows.filter((row) => !row.startsWith("{"));
  assertEquals(others.toSorted(), [...typed, ...restored(0)].toSorted());
}

function screenTest(name: string, body: () => Promise<void>): void {
  const ignore = !hasTmux();
  Deno.test({ name: ignore ? `${name} (needs tmux)` : name, ignore, fn: body });
}

screenTest("Screen prints records above a line that wraps over three rows, and eats none", async () => {
  await using terminal = await openDemo();
  await terminal.enter("stream 100");
  await terminal.type(LONG);
  const line = wrapped(`demo> ${LONG}`, 40);
  assertEquals(line.length, 3);
  await terminal.until((screen) => assertStreamAbove(screen, line, { least: 30 }));

  await terminal.press("C-a", ...Array(45).fill("Right"));
  await terminal.type("INSERTED");
  await terminal.until((screen) => assertStreamAbove(screen, wrapped(`demo> ${EDITED}`, 40), { least: 60 }));
  assertEquals(await terminal.cursor(), [(6 + 45 + 8) % 40, WINDOW.rows - 3 + 1]);

  await assertNothingLost(terminal, EDITED, "stream 100");
});

screenTest("Screen keeps what is typed whole at a thousand records a second", async () => {
  await using terminal = await openDemo();
  await terminal.enter("stream 1000");
  for (const piece of LONG.match(/.{1,10}/g) ?? []) await terminal.type(piece);
  await terminal.until((screen) => assertStreamAbove(screen, wrapped(`demo> ${LONG}`, 40), { least: 1_000 }));

  await assertNothingLost(terminal, LONG, "stream 1000");
});

screenTest("Screen draws the line anew when the window changes, narrower and wider", async () => {
  await using terminal = await openDemo();
  await terminal.enter("fill 3");
  await terminal.type(LONG);
  const said = ["demo> fill 3", record(1), record(2), record(3)];
  await terminal.shows(...said, ...wrapped(`demo> ${LONG}`, 40));

  // Which rows tmux moves out of the window and back is its own affair: the line's rows count, and that nothing is lost.
  for (const columns of [30, 70]) {
    await terminal.resize({ columns, rows: 20 });
    said.push(`width ${columns}`);
    const rows = [`width ${columns}`, ...wrapped(`demo> ${LONG}`, columns)];
    await terminal.until((screen) => assertEquals(screen.slice(-rows.length), rows));
    assertEquals(await terminal.scrollback(), [...said, `demo> ${LONG}`]);
  }
  await terminal.type("!");
  await terminal.until((screen) => assertEquals(screen.slice(-2), wrapped(`demo> ${LONG}!`, 70)));
});

screenTest("Screen prints records that are wider than the window", async () => {
  await using terminal = await openDemo();
  await terminal.enter("wide 100");
  await terminal.type("next");
  await terminal.shows("demo> wide 100", ...wrapped("abcdefghij".repeat(10), 40), "demo> next");
  await terminal.press("Enter");
  await terminal.until((screen) => assertEquals(screen.slice(-2), ["you said: next", "demo>"]));
  await terminal.enter("wide 80");
  const screen = [...wrapped("abcdefghij".repeat(10), 40), "demo> next", "you said: next", "demo> wide 80"];
  await terminal.shows("demo> wide 100", ...screen, ...wrapped("abcdefghij".repeat(8), 40), "demo>");
});

screenTest("Screen takes pasted lines one by one, and the unfinished one stays in the line", async () => {
  await using terminal = await openDemo();
  await terminal.paste("first line\nsecond line\nthird");
  await terminal.until((screen) => {
    assertEquals(screen.filter((row) => row.startsWith("you said")), ["you said: first line", "you said: second line"]);
    assertEquals(screen.at(-1), "demo> third");
  });
  await terminal.press("Enter");
  await terminal.until((screen) => assertEquals(screen.slice(-2), ["you said: third", "demo>"]));
});

screenTest("Screen finds lines typed before by their beginning, and none that holds a secret", async () => {
  await using terminal = await openDemo();
  for (const line of ["book one", "token s3cret", "book two", "trade"]) await terminal.enter(line);
  await terminal.until((screen) => assertEquals(screen.at(-2), "you said: trade"));
  await terminal.type("book");
  await terminal.press("Up", "Up");
  await terminal.until((screen) => assertEquals(screen.at(-1), "demo> book one"));
  await terminal.press("C-c");
  await terminal.type("to");
  await terminal.press("Up");
  await terminal.type("x");
  await terminal.until((screen) => assertEquals(screen.at(-1), "demo> tox"));
});

screenTest("Screen completes what is certain on Tab and lists the rest above the line", async () => {
  await using terminal = await openDemo();
  await terminal.type("ticker xbt/e");
  await terminal.press("Tab");
  await terminal.shows("demo> ticker XBT/EUR");
  await terminal.type("eth");
  await terminal.press("Tab");
  await terminal.shows("demo> ticker XBT/EUR ETH/");
  await terminal.press("Tab");
  await terminal.shows("ETH/EUR  ETH/USD", "demo> ticker XBT/EUR ETH/");
});

screenTest("Screen asks in place of the prompt, and the line that was begun comes back", async () => {
  await using terminal = await openDemo();
  await terminal.paste("ask\nnot an answer\nhalf a li");
  await terminal.until((screen) => assertEquals(screen.at(-1), "really?"));
  await terminal.enter("yes");
  await terminal.until((screen) => {
    assertEquals(screen.filter((row) => /^(answer|you said)/.test(row)), ["answer: yes", "you said: not an answer"]);
    assertEquals(screen.at(-1), "demo> half a li");
  });
  await terminal.type("ne");
  await terminal.until((screen) => assertEquals(screen.at(-1), "demo> half a line"));
});

screenTest("Screen goes on after Ctrl-Z", async () => {
  await using terminal = await openDemo();
  await terminal.type("half a li");
  await terminal.press("C-z");
  await terminal.type("ne");
  const note = "Ctrl-Z does nothing: a stopped shell would lose its connections";
  await terminal.shows(...wrapped(note, 40), "demo> half a line");
});

screenTest("Screen changes the prompt under a line that wraps", async () => {
  await using terminal = await openDemo();
  await terminal.enter("prompt a prompt that is rather long, longer than before>");
  await terminal.type(LONG);
  const line = wrapped(`a prompt that is rather long, longer than before>${LONG}`, 40);
  await terminal.until((screen) => assertEquals(screen.slice(-line.length), line));
  await terminal.press("C-c");
  const said = wrapped(`interrupt: "${LONG}"`, 40);
  const prompt = wrapped("a prompt that is rather long, longer than before>", 40);
  await terminal.until((screen) => assertEquals(screen.slice(-said.length - prompt.length), [...said, ...prompt]));
});

screenTest("Screen shows control characters of others instead of obeying them", async () => {
  await using terminal = await openDemo();
  await terminal.enter("hostile");
  const shown = '{"text":"\\u001b[2J\\u001b]0;owned\\u0007\\u009b1;1H"}';
  await terminal.shows("demo> hostile", ...wrapped(shown, 40), "demo>");
});

screenTest("Screen leaves a stdout that is no terminal alone, and the prompt where it is", async () => {
  const file = await Deno.makeTempFile({ dir: "/tmp" });
  {
    await using terminal = await openDemo({ redirect: `> ${file}` });
    await terminal.enter("fill 100");
    await terminal.enter("hello");
    await terminal.shows("demo> fill 100", "demo> hello", "you said: hello", "demo>");
    await terminal.press("C-d");
    await terminal.shows("demo> fill 100", "demo> hello", "you said: hello", ...restored(0));
  }
  const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
  assertEquals(lines, Array.from({ length: 100 }, (_, index) => record(index + 1)));
  await Deno.remove(file);
});

screenTest("Screen gives the terminal back by exit, Ctrl-D and an error that nobody catches", async () => {
  for (const [keys, code] of [["exit", 0], ["", 0], ["throw", 1]] as const) {
    await using terminal = await openDemo();
    if (keys === "") await terminal.press("C-d");
    else await terminal.enter(keys);
    await terminal.until((screen) => assertEquals(screen.slice(-2), restored(code), keys));
  }
});
