/** `-o table` as a user meets it: in a pipe, in a terminal, and where there is no place for it. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { denoRun, runCli, runHere } from "../_cli.ts";
import { linesOf } from "../_fakes.ts";
import { hasTmux, TmuxTerminal } from "../shell/_tmux.ts";

const LINES: readonly (readonly [line: string, titles: RegExp])[] = [
  ["ticker XBT/USD ETH/EUR", /^received +pair +last +bid +ask +spread +today +volume 24h$/],
  ["spread XBT/USD", /^received +pair +bid +ask +spread +bid volume +ask volume$/],
  ["book XBT/USD", /^received +pair +bid volume +bid +ask +ask volume +spread +checksum$/],
  ["ohlc XBT/USD", /^received +pair +minutes +until +open +high +low +close +volume +trades$/],
];

for (const [line, titles] of LINES) {
  Deno.test(`krakenws ${line} -o table | cat is aligned rows, with the connection's life in comments`, async () => {
    const { stdout, stderr, code } = await runHere([...line.split(" "), "--sandbox", "--count", "2", "-o", "table"]);
    assertEquals([code, stderr, stdout.includes("\x1b")], [0, "", false]);
    const rows = linesOf(stdout).filter((row) => !row.startsWith("#"));
    assertMatch(rows[0] ?? "", titles);
    assertEquals(rows.filter((row) => /^\d\d:\d\d:\d\d\.\d{3} {2}\S/.test(row)).length, 2);
    assertMatch(linesOf(stdout)[0] ?? "", /^# \S+ connection connecting socket=public/);
    assertMatch(linesOf(stdout).at(-1) ?? "", /^# \S+ end count exit=0/);
  });
}

Deno.test("a command that is no stream answers in a row", async () => {
  const { stdout, code } = await runHere(["ping", "--sandbox", "-o", "table"]);
  assertEquals(code, 0);
  assertMatch(stdout, /^# \S+ pong reply reqid=1 round_trip_ms=[\d.]+$/m);
});

Deno.test("a table has no place for frames", async () => {
  for (const [option, name] of [["--raw-frame", "--raw-frame"], ["-v", "--verbose"]] as const) {
    const { code, stdout, stderr } = await runHere(["ticker", "XBT/USD", "--sandbox", "-o", "table", option]);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, new RegExp(`A table has no place for the frames of ${name}`));
  }
});

Deno.test("a session refuses a table, and says where there is one", async () => {
  const opened = await runHere(["shell", "--sandbox", "-o", "table", "-c", "ping"]);
  const changed = await runHere(["shell", "--sandbox", "-c", "set output table", "--on-eof", "exit"]);
  for (const { code, stderr } of [opened, changed]) {
    assertEquals(code, 2);
    assertMatch(stderr, /A table cannot be shown in a session\n +Open it in a window of its own/);
  }
});

Deno.test("the main job needs no more permissions for a table", async () => {
  const { code, stderr } = await runCli(["ticker", "XBT/USD", "--sandbox", "--count", "1", "-o", "table"]);
  assertEquals([code, stderr], [0, ""]);
});

/** The command line as a shell takes it. */
function shellLine(line: string): string {
  return denoRun([...line.split(" "), "--sandbox", "-o", "table"], "loopbackWithVariables").map((word) => `'${word}'`)
    .join(" ");
}

Deno.test("a live view fills the window, follows its size and leaves the terminal as it was", {
  ignore: !hasTmux(),
}, async () => {
  const command = `echo before; ${shellLine("book XBT/USD")}; echo code $?; stty -a | grep -o ' echo '`;
  await using terminal = await TmuxTerminal.open(command, { columns: 80, rows: 24 });
  await terminal.until((screen) => {
    assertEquals(screen.length, 24);
    assertEquals(screen[0], "XBT/USD  depth 10  checksum ok");
    assertEquals(screen.filter((row) => /^\d+\.\d +\d+\.\d{8}(?: {2}█*[▏▎▍▌▋▊▉]?)?$/.test(row)).length, 20);
    assertMatch(screen[12] ?? "", /^─+ {2}spread \d/);
    assertMatch(screen[23] ?? "", /^sandbox · public open · 0 gaps · heard \S+ s ago · \d+ frames · Ctrl-C ends$/);
  });
  await terminal.resize({ columns: 50, rows: 10 });
  await terminal.until((screen) => {
    assertEquals(screen.length, 10);
    assertEquals(screen[0], "XBT/USD  depth 10  checksum ok");
    assertMatch(screen[9] ?? "", /^sandbox · public open · 0 gaps · heard \S+ s ago$/);
  });
  await terminal.resize({ columns: 80, rows: 24 });
  await terminal.until((screen) => assertMatch(screen[12] ?? "", /^─+ {2}spread \d/));
  // Ctrl-Z is refused: a process that is stopped would leave its picture, and no cursor, to the next command.
  await terminal.press("C-z", "C-c");
  await terminal.until((screen) => assertEquals(screen.at(-1)?.trim(), "echo"));
  const [before, title, ...rest] = await terminal.scrollback();
  assertEquals([before, title], ["before", "XBT/USD  depth 10  checksum ok"]);
  assertMatch(rest.at(-3) ?? "", /^sandbox · public open/);
  assertEquals([rest.length, rest.at(-2)], [23, "code 130"]);
});

Deno.test("an error that ends a live view can be read below it", { ignore: !hasTmux() }, async () => {
  const command = `${shellLine("ticker XBT/ABC")}; echo code $?`;
  await using terminal = await TmuxTerminal.open(command, { columns: 100, rows: 24 });
  await terminal.until((screen) => {
    assertEquals(screen.at(-1), "code 4");
    assert(screen.includes("ticker:XBT/ABC rejected: Currency pair not supported XBT/ABC"));
    assert(screen.some((row) => row.startsWith("krakenws: The exchange did not accept the subscription")));
  });
});
