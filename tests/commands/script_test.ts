/** Scripts: where they stop, what they say, and the exit code. @module */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { denoPorts } from "../../lib/io/deno.ts";
import { ClosedPipeError } from "../../lib/io/ports.ts";
import { startSandbox } from "../../lib/sandbox/server.ts";
import { hasProgram, runBash } from "../_cli.ts";
import { MemoryOut } from "../_fakes.ts";
import { runScript, SessionUnderTest } from "./_session.ts";

/** Scripts that fail at their second line, with the exit code and what is said. */
const FAILURES: readonly (readonly [line: string, code: number, says: string])[] = [
  ["tikcer XBT/USD", 2, 'There is no command "tikcer"\n  Did you mean ticker?'],
  ["exitt", 2, 'There is no command "exitt"\n  Did you mean exit?'],
  ["shell", 2, "shell cannot be a line of a session\n  You are in it"],
  ["run other.kws", 2, "run cannot be a line of a session\n  source FILE runs a script in this session"],
  ["sandbox", 2, "sandbox cannot be a line of a session"],
  ["--sandbox", 2, "There is no command in this line"],
  ["ticker XBT/USD --sandbox", 2, '"sandbox" holds for the whole session'],
  ["ticker XBT/USD --no-reconnect", 2, '"reconnect" holds for the whole session'],
  ["ticker", 2, "ticker needs at least one pair"],
  ["book XBT/USD 17", 2, "The exchange has no depth of 17 levels"],
  ["book XBT/USD --dept 10", 2, 'Did you mean option "--depth"?'],
  ["subscribe", 2, "subscribe needs a feed"],
  ["unsubscribe ticker", 2, 'There is no subscription "ticker"'],
  ["ticker $pear", 2, "$pear is not defined"],
  ["let o addOrder", 2, 'expected "="'],
  ["expect tikcer", 2, 'there is no channel "tikcer"; did you mean "ticker"?'],
  ["expect ticker where .data.ask.price / 2 > 1", 2, 'there is no "/": not every quotient is a decimal'],
  ["expect ticker where .data.ask.price - $most > 1", 2, "$most is not defined"],
  ["expect ticker since never", 2, 'There is no mark "never"'],
  ["source /nowhere/at/all.kws", 2, "Cannot read /nowhere/at/all.kws: there is no such file"],
  ["set colour on", 2, 'There is no setting "colour"'],
  ["help nothing", 2, 'There is no command "nothing"'],
  ["ping > /nowhere/at/all", 2, "Cannot write to /nowhere/at/all"],
  ["deadman on 5s --on-exit leave", 2, "The dead man's switch cannot wait 5 s"],
  ["deadman on 60s --on-exit hope", 2, 'deadman cannot "hope" when the session ends'],
  ["assert .type == 'rejected'", 3, "assert .type == 'rejected' does not hold"],
  ["expect trade within 10ms", 3, "expect trade within 0.01s: 0 of 1 came"],
  ["wait gap within 10ms", 3, "wait gap within 0.01s: 0 of 1 came"],
  [
    "ticker BTC/USD",
    4,
    "Currency pair not supported BTC/USD\n  Version 1 of the exchange's protocol calls bitcoin XBT",
  ],
  ["book FOO/BAR", 4, "The exchange did not accept the subscription: Currency pair not supported FOO/BAR"],
  ["addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=1000000", 4, "EOrder:Insufficient funds"],
  ["addOrder pair=XBT/USD type=bay ordertype=market volume=1", 2, "type must be buy or sell"],
];

Deno.test("a script stops at the line that fails, says which, and runs nothing behind it", async (t) => {
  await using sandbox = await startSandbox();
  for (const [line, code, says] of FAILURES) {
    await t.step(line, async () => {
      const ran = await runScript(sandbox, ["ping", line, "echo still here"]);
      assertEquals(ran.code, code, ran.stderr);
      assertStringIncludes(ran.stderr, says);
      assertMatch(ran.stderr, /^krakenws: <stdin>:2:/);
      assert(!ran.stderr.includes("still here"));
      const [error, end] = ran.records.slice(-2);
      assertEquals([error.channel, end.channel, end.type, end.exit], ["error", "end", "failed", code]);
    });
  }
});

Deno.test("--keep-going tells every failure, and the exit code is the worst", async () => {
  await using sandbox = await startSandbox();
  const lines = FAILURES.map(([line]) => line);
  const { code, stderr, records } = await runScript(sandbox, [...lines, "echo still here"], ["--keep-going"]);
  assertEquals(code, 4);
  assertStringIncludes(stderr, "still here");
  FAILURES.forEach(([, , says], index) =>
    assertMatch(stderr, new RegExp(`^krakenws: <stdin>:${index + 1}:`, "m"), says)
  );
  assertEquals(records.filter(({ channel }) => channel === "error").length, FAILURES.length + 1);
});

Deno.test("an action of on or every that fails ends a script at the line that set it", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const on = await runScript(sandbox, ["on ticker do book XBT/USD 17", "ticker XBT/USD", "sleep 1m"]);
  assertEquals(on.code, 2);
  assertMatch(on.stderr, /^krakenws: <stdin>:1: The exchange has no depth of 17 levels/);
  const every = await runScript(sandbox, ["# a comment", "every 200ms do nonsense", "sleep 1m"]);
  assertEquals(every.code, 2);
  assertMatch(every.stderr, /^krakenws: <stdin>:2: There is no command "nonsense"/);
});

Deno.test("with --keep-going a failure ends nothing, not even what is to hold on, and counts wherever it came from", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const held = await runScript(sandbox, ["ticker XBT/USD", "echo stdin"], [
    "-c",
    "nonsense",
    "--keep-going",
    "--for",
    "1s",
  ]);
  assertEquals([held.code, held.records.at(-1)?.type], [2, "failed"]);
  assertStringIncludes(held.stderr, "\nstdin\n");
  assert(held.records.some(({ channel }) => channel === "ticker"));
  const refused = "addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=1000000";
  const action = await runScript(sandbox, [`on mark do ${refused}`, "mark now"], ["--keep-going"]);
  assertEquals(action.code, 4);
});

Deno.test("a file that takes no more is an error, and ends a script", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const file = new MemoryOut();
  file.failure = new Error("No space left on device");
  const files = { ...denoPorts().files, open: () => Object.assign(file, { [Symbol.dispose]: () => {} }) };
  const session = new SessionUnderTest(sandbox, ["shell", "--on-eof", "hold"], { files });
  session.send("ticker XBT/USD > full.ndjson");
  assertEquals(await session.code, 1);
  const [error] = session.on("error");
  assertEquals([error.code, error.message], [
    "cannot_write",
    "Cannot write to full.ndjson any more: No space left on device",
  ]);
});

/** Characters after which a test stops to read, so that one that fails does not fill the memory. */
const MOST_WRITTEN = 20_000_000;

Deno.test("an action that causes itself keeps nobody from ending the session", async (t) => {
  for (const loop of [["on mark do mark again", "mark again"], ["on error do nosuch", "nosuch"]]) {
    await t.step(loop[0]!, async () => {
      await using sandbox = await startSandbox();
      const session = new SessionUnderTest(sandbox, ["shell", "--keep-going"]);
      let written = 0;
      const unwatch = session.stdout.watch(() => {
        written += session.stdout.writes.at(-1)!.length;
        if (written > MOST_WRITTEN) session.stdout.failure = new ClosedPipeError();
      });
      session.write([...loop, "sleep 20ms", "exit 9"].join("\n"));
      assertEquals(await session.end(), 9);
      unwatch();
    });
  }
});

Deno.test("what a command that failed was to bind or to answer is nothing, and not what came before", async () => {
  await using sandbox = await startSandbox();
  const order = "addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=";
  const { code, stderr, records } = await runScript(sandbox, [
    `let o = ${order}0.01`,
    `let o = ${order}1000000`,
    "cancelOrder txid=$o.txid",
    `assert .type == "accepted"`,
  ], ["--keep-going"]);
  assertEquals(code, 4);
  assertMatch(stderr, /<stdin>:3:18: \$o is not defined/);
  assertMatch(stderr, /<stdin>:4: assert .* does not hold/);
  assertEquals(records.filter(({ channel, request }) => channel === "order" && request === "cancelOrder"), []);
});

Deno.test("on and every act, and exit says with which code a script ends", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const on = await runScript(sandbox, [
    "let most = 100000",
    "on ticker XBT/USD where .data.ask.price - .data.bid.price > $most * 0.5 do exit 8",
    "on ticker XBT/USD where (.data.ask.price - .data.bid.price) > 0.00001 do exit 9",
    "ticker XBT/USD",
    "sleep 1m",
  ]);
  assertEquals([on.code, on.stderr], [9, ""]);
  const every = await runScript(sandbox, ["every 200ms do mark beat", "expect mark count 2"]);
  assertEquals([every.code, every.records.filter(({ channel }) => channel === "mark").length], [0, 2]);
  for (const [line, code] of [["exit", 0], ["exit 0", 0], ["exit 255", 255]] as const) {
    const ran = await runScript(sandbox, [line, "nonsense"]);
    assertEquals([ran.code, ran.stderr, ran.records.at(-1)?.type], [code, "", "done"]);
  }
});

Deno.test("claims follow a command one after the other, each from where it began", async () => {
  await using sandbox = await startSandbox();
  const { code, stderr } = await runScript(sandbox, [
    "book XBT/USD",
    "echo between",
    "expect subscription.pending",
    "expect subscription.subscribed XBT/USD",
    "expect book.snapshot",
    "ping",
    "expect pong",
    "wait within 5s",
  ]);
  assertEquals([code, stderr], [0, "between\n"]);
});

Deno.test("lines join, comments end, quotes hold, and sourced files tell their own lines", async () => {
  await using sandbox = await startSandbox();
  const file = await Deno.makeTempFile({ dir: "/tmp", suffix: ".kws" });
  await Deno.writeTextFile(file, "# sourced\necho from the file\n\nnonsense\n");
  const { code, stderr } = await runScript(sandbox, ["echo one \\", "  'two  # three' # four", `source ${file}`]);
  await Deno.remove(file);
  assertEquals(code, 2);
  // The whole file is read before any of it runs, and what is wrong in it shows when it runs.
  assertEquals(stderr.split("\n").slice(0, 3), [
    "one two  # three",
    "from the file",
    `krakenws: ${file}:4: There is no command "nonsense"`,
  ]);
});

Deno.test("lines of the command line come first, then files, then stdin", async () => {
  await using sandbox = await startSandbox();
  const file = await Deno.makeTempFile({ dir: "/tmp", suffix: ".kws" });
  await Deno.writeTextFile(file, "echo 3\n");
  const words = ["-c", "echo 1", "-f", file, "-c", "echo 2"];
  const { code, stderr } = await runScript(sandbox, ["echo 4"], words);
  await Deno.remove(file);
  assertEquals([code, stderr], [0, "1\n2\n3\n4\n"]);
  const bad = await runScript(sandbox, ["echo 4"], ["-c", "echo 1", "-c", "let"]);
  assertEquals(bad.code, 2);
  assertMatch(bad.stderr, /^krakenws: <-c 2>:1:/);
});

Deno.test("at the end of its input a session drains, holds or exits, as it is told", async () => {
  await using sandbox = await startSandbox({ speed: 20 });
  const drained = await runScript(sandbox, ["ticker XBT/USD"]);
  assertEquals([drained.code, drained.records.at(-1)?.type], [0, "done"]);
  assert(drained.records.some(({ type }) => type === "subscribed"));

  const held = await runScript(sandbox, ["ticker XBT/USD"], ["--on-eof", "hold", "--count", "3"]);
  assertEquals([held.code, held.records.at(-1)?.type], [0, "count"]);
  const timed = await runScript(sandbox, ["ticker XBT/USD"], ["--for", "300ms"]);
  assertEquals([timed.code, timed.records.at(-1)?.type], [0, "time"]);
  assert(timed.records.filter(({ channel }) => channel === "ticker").length > 1);

  const unknown = await runScript(sandbox, [], ["--on-eof", "linger"]);
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.stderr, "It is one of drain, hold, exit");
});

/** Runs a script file as a process. */
function runFile(text: string, options: string): ReturnType<typeof runBash> {
  return runBash(
    `file=$(mktemp /tmp/krakenws-XXXXXX.kws); trap 'rm -f "$file"' EXIT
cat > "$file" <<'SCRIPT'
${text}
SCRIPT
krakenws run "$file" ${options}`,
    "shell",
  );
}

Deno.test(
  "krakenws run ends with the script's code and names the file and the line",
  { ignore: !hasProgram("bash") },
  async () => {
    for (
      const [text, code, says] of [
        ["ticker XBT/USD\nexpect ticker within 5s", 0, /^$/],
        ["ping\nexit 7", 7, /^$/],
        ["ping\n\n# here\nbook XBT/USD 17", 2, /^krakenws: \S+\.kws:4: The exchange has no depth/],
        ["ping\nexpect trade within 10ms", 3, /^krakenws: \S+\.kws:2: expect trade/],
        ["book FOO/BAR", 4, /^krakenws: \S+\.kws:1: The exchange did not accept/],
        ["ping\nlet\nexpect nothing", 2, /^krakenws: \S+\.kws:2:4: .*\n\S+\.kws:3:8: [^]*Nothing of it was run/],
      ] as const
    ) {
      const ran = await runFile(text, "--sandbox");
      assertEquals(ran.code, code, ran.stderr);
      assertMatch(ran.stderr, says);
      assertEquals(ran.records.at(-1)?.exit, code);
    }
  },
);

Deno.test(
  "krakenws run --check tells what a script would use, and needs no network",
  { ignore: !hasProgram("bash") },
  async () => {
    const { code, records, stderr } = await runFile(
      [
        "let pair = XBT/USD",
        "subscribe ticker $pair ETH/USD as t",
        "book $pair 25",
        "let o = addOrder pair=$pair type=buy ordertype=limit price=1000 volume=0.01",
        "on ticker do cancelOrder txid=$o.txid",
        "every 5s do ping",
      ].join("\n"),
      "--check",
    );
    assertEquals(code, 0, stderr);
    const [check] = records;
    const { sockets, subscriptions, orders } = check.data;
    assertEquals(sockets, ["public", "private"]);
    assertEquals(subscriptions, ["ticker:XBT/USD", "ticker:ETH/USD", "book-25:XBT/USD"]);
    assertEquals(orders.map(({ command }: { command: string }) => command), [
      "addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.01",
      "cancelOrder txid=$o.txid",
    ]);
    assertMatch(orders[1].place, /\.kws:5$/);
    assertEquals(records.map(({ channel }) => channel), ["check", "end"]);
    assertMatch(stderr, /can run\. It would use\n {2}sockets +public, private\n/);
  },
);

Deno.test("krakenws run --check finds every mistake", { ignore: !hasProgram("bash") }, async () => {
  const { code, stderr } = await runFile(
    [
      "tikcer XBT/USD",
      "book XBT/USD 17",
      "addOrder pair=XBT/USD type=bay",
      "echo $x",
      "source /nowhere.kws",
      "on ticker where .data.ask.price - .data.bid.price > $most do ping",
      "wait trade $where within 5s",
      "assert .type == $type",
      "ticker XBT/USD > $file",
      "let pair = XBT/USD",
      "ticker XBT/USD where .data.ask.price > $pair * 2",
      "let o = ping",
      "expect pong where .reqid == $o.reqid + 1 or .reqid == $o.nothing",
      "subs",
    ].join("\n"),
    "--check",
  );
  assertEquals(code, 2);
  const places = [...stderr.matchAll(/\.kws:(\d+):/g)].map(([, line]) => Number(line));
  assertEquals(places, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]);
  assertStringIncludes(stderr, '$pair is "XBT/USD", and only decimals can be computed with');
});

Deno.test("a script names a pair with small letters in it as the exchange does, wherever a pair can stand", async () => {
  await using sandbox = await startSandbox({ pairs: ["AAPLx/USD"] });
  const ran = await runScript(sandbox, [
    "let pair = AAPLx/USD",
    "subscribe ticker AAPLx/usd as apple",
    "expect ticker $pair",
    "addOrder pair=AAPLx/USD type=buy ordertype=limit price=100 volume=1",
    "addOrder --pair AAPLx/usd --type buy --ordertype limit --price 100 --volume 1 --dry-run",
    "unsubscribe ticker AAPLx/USD",
  ]);
  assertEquals([ran.code, ran.stderr], [0, ""]);
  const told = ran.records.filter(({ channel }) => ["order", "subscription"].includes(channel));
  assertEquals(told.map(({ type, pair, data }) => `${type} ${pair ?? data?.pair ?? ""}`), [
    "pending AAPLx/USD",
    "subscribed AAPLx/USD",
    "sent AAPLx/USD",
    "accepted ",
    "dry_run AAPLx/USD",
    "unsubscribed AAPLx/USD",
  ]);
});
