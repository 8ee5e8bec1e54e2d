import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { EventPattern, Expectation } from "../../lib/shell/event.ts";
import { parseLine, parseScript } from "../../lib/shell/script.ts";
import type { Command, Statement } from "../../lib/shell/statement.ts";
import { ShellSyntaxError } from "../../lib/shell/syntax.ts";
import { literalOf, type Word } from "../../lib/shell/word.ts";

/** Statements as plain values, words as their text. */
function plain(statement: Statement | undefined): unknown {
  switch (statement?.type) {
    case "command":
      return command(statement.command);
    case "let":
      return { let: statement.name, command: command(statement.command) };
    case "let_value":
      return { let: statement.name, value: text(statement.value) };
    case "echo":
      return { echo: statement.words.map(text) };
    case "assert":
      return { assert: statement.condition.text };
    case "source":
      return { source: text(statement.file) };
    case "wait":
    case "expect":
      return { [statement.type]: expectation(statement.expectation) };
    case "on":
      return { on: event(statement.event), do: plain(statement.action) };
    case "every":
      return { every: statement.everyMs, do: plain(statement.action) };
    default:
      return statement;
  }
}

function text(word: Word): string {
  return literalOf(word) ?? word.parts.map((part) => part.type === "text" ? part.text : part.variable.text).join("");
}

function command({ words, redirect, where }: Command): unknown {
  return {
    words: words.map(text).join(" "),
    ...(redirect && { [redirect.append ? ">>" : ">"]: text(redirect.target) }),
    ...(where && { where: where.text }),
  };
}

function event({ channel, type, pair, where }: EventPattern): unknown {
  return { channel, ...(type && { type }), ...(pair && { pair: text(pair) }), ...(where && { where: where.text }) };
}

function expectation(expected: Expectation): unknown {
  const { withinMs, count, since } = expected;
  return { ...event(expected) as object, withinMs, count, ...(since && { since }) };
}

function parsed(line: string): unknown {
  return plain(parseLine({ file: "<test>", text: line })?.statement);
}

Deno.test("parseLine() reads every form of a statement", () => {
  const table: [line: string, statement: unknown][] = [
    ["", undefined],
    ["  # nothing", undefined],
    ["subscribe book XBT/USD 25 as b", { words: "subscribe book XBT/USD 25 as b" }],
    ["addOrder pair=XBT/USD price=$p", { words: "addOrder pair=XBT/USD price=$p" }],
    ["book XBT/USD > b.ndjson where .verified", { words: "book XBT/USD", ">": "b.ndjson", where: ".verified" }],
    ["book XBT/USD where .depth == 10 as b >> f", { words: "book XBT/USD as b", ">>": "f", where: ".depth == 10" }],
    ["'echo' x", { words: "echo x" }],
    ["let o = addOrder pair=XBT/USD type=buy", { let: "o", command: { words: "addOrder pair=XBT/USD type=buy" } }],
    ["let all = cancelAll", { let: "all", command: { words: "cancelAll" } }],
    ["let b = cancel-all", { let: "b", command: { words: "cancel-all" } }],
    ["let p = 60000.5", { let: "p", value: "60000.5" }],
    ["let pair = XBT/USD", { let: "pair", value: "XBT/USD" }],
    ['let side = "buy"', { let: "side", value: "buy" }],
    ["let id = $o.txid", { let: "id", value: "$o.txid" }],
    ["source orders.kws", { source: "orders.kws" }],
    ["source $dir/orders.kws", { source: "$dir/orders.kws" }],
    ["sleep 1.5s", { type: "sleep", durationMs: 1_500 }],
    ["mark start", { type: "mark", name: "start" }],
    ["echo hello $name 'two words'", { echo: ["hello", "$name", "two words"] }],
    ["echo", { echo: [] }],
    ["exit", { type: "exit", code: 0 }],
    ["exit 3", { type: "exit", code: 3 }],
    ['assert $o.status == "ok" and not .x', { assert: '$o.status == "ok" and not .x' }],
    ["wait", { type: "settle", withinMs: 10_000 }],
    ["wait within 3s", { type: "settle", withinMs: 3_000 }],
    ["wait ticker", { wait: { channel: "ticker", withinMs: 60_000, count: 1 } }],
    ["every 5s do ping", { every: 5_000, do: { words: "ping" } }],
    ["every 1m do echo alive", { every: 60_000, do: { echo: ["alive"] } }],
    ["on gap do echo lost", { on: { channel: "gap" }, do: { echo: ["lost"] } }],
    ["on order.accepted do mark accepted", {
      on: { channel: "order", type: "accepted" },
      do: { type: "mark", name: "accepted" },
    }],
    ['on trade XBT/USD where .data[0].side == "buy" do book $pair where .depth > 10 > f', {
      on: { channel: "trade", pair: "XBT/USD", where: '.data[0].side == "buy"' },
      do: { words: "book $pair", ">": "f", where: ".depth > 10" },
    }],
    ["on gap do assert .to == null", { on: { channel: "gap" }, do: { assert: ".to == null" } }],
    ["on gap do let o = cancelAll", { on: { channel: "gap" }, do: { let: "o", command: { words: "cancelAll" } } }],
    ["on error do exit 4", { on: { channel: "error" }, do: { type: "exit", code: 4 } }],
  ];
  for (const [line, statement] of table) assertEquals(parsed(line), statement, line);
});

Deno.test("parseLine() takes the parts of an expectation in any order", () => {
  const parts = ["XBT/USD", "within 5s", "where .data.ask.price > 60000", "count 3", "since start"];
  const expected = {
    expect: {
      channel: "ticker",
      pair: "XBT/USD",
      where: ".data.ask.price > 60000",
      withinMs: 5_000,
      count: 3,
      since: "start",
    },
  };
  fc.assert(fc.property(fc.shuffledSubarray(parts, { minLength: 5, maxLength: 5 }), (order) => {
    assertEquals(parsed(`expect ticker ${order.join(" ")}`), expected);
  }));
  assertEquals(parsed("expect order.accepted $pair"), {
    expect: { channel: "order", type: "accepted", pair: "$pair", withinMs: 10_000, count: 1 },
  });
});

Deno.test("parseLine() says what is wrong with a statement, where, and what would be right", () => {
  const table: [line: string, column: number, problem: string][] = [
    ["sleep", 6, "expected a duration, such as 2s"],
    ["sleep 2", 7, "the unit is missing"],
    ["sleep $pause", 7, "no variable can stand here"],
    ["sleep 2s 3s", 10, 'expected the end of the line, not "3s"'],
    ["let", 4, "expected a name"],
    ["let $o = ping", 5, "write the name without a dollar: o"],
    ["let o=ping", 5, 'put spaces around "=": let o = ping'],
    ["let 1x = ping", 5, "expected a name of letters"],
    ["let o ping", 7, 'expected "=" and a command or a value, not "ping"'],
    ["let o =", 8, "expected a command or a value"],
    ["let o = where .a", 15, 'expected a command before "where"'],
    ["mark", 5, "expected a name"],
    ["mark two words", 10, "expected the end"],
    ["echo a > f", 8, "expected a word, not a redirect"],
    ["assert", 7, "expected a path"],
    ["exit 256", 6, 'expected an exit code from 0 to 255, not "256"'],
    ["exit now", 6, "expected an exit code"],
    ["source", 7, "expected a file"],
    ["expect", 7, "expected a channel, such as ticker"],
    ["expect tickr", 8, 'did you mean "ticker"?'],
    [
      'expect .channel == "x"',
      8,
      "expected a channel, such as ticker or order.accepted; a condition comes after where",
    ],
    ["expect prices", 8, 'there is no channel "prices"; there are: ticker, ohlc'],
    ["expect order.", 8, "expected a type after the dot"],
    ["expect ticker withn 5s", 15, 'not "withn"; did you mean "within"?'],
    ["expect ticker XBT/USD ETH/USD", 23, 'there is a second "pair" here'],
    ["expect ticker count 3 count 3", 23, 'there is a second "count" here'],
    ["expect ticker count 0", 21, "expected a whole number from 1"],
    ["expect ticker count 1.5", 21, "expected a whole number"],
    ["expect ticker within", 21, "expected a duration"],
    ["expect ticker where .a > x", 26, "expected a path"],
    ["expect ticker > f", 15, "not a redirect"],
    ["wait 5s", 6, 'there is no channel "5s"'],
    ["on gap", 7, 'expected "do" and a command'],
    ["on gap d echo", 8, 'not "d"'],
    ["on gap do", 10, "expected a command"],
    ["on gap within 5s do ping", 8, 'expected "do" and a command, not "within"'],
    ["on gap do on gap do ping", 11, '"on" cannot stand after "do"'],
    ["every 5s do sleep 1s", 13, '"sleep" cannot stand after "do"'],
    ["every 0s do ping", 7, "the shortest beat is 200ms"],
    ["book > a > b", 10, "there is a second redirect here"],
    ["> a", 1, "expected a command, not a redirect"],
    ["ping\nping", 6, "expected one line"],
  ];
  for (const [line, column, problem] of table) {
    const error = assertThrows(() => parsed(line), ShellSyntaxError, problem, line);
    assertEquals(error.at + 1, column, `${line} (${error.message})`);
  }
});

Deno.test("parseScript() tells each statement's line, over comments, joined lines and either line end", () => {
  const script = "# head\r\n\r\nping\nsubscribe ticker \\\n  XBT/USD \\\r\n  ETH/USD\n\n  exit # done \\\nsubs";
  const { lines, errors } = parseScript({ file: "a.kws", text: script });
  assertEquals(errors, []);
  assertEquals(lines.map(({ line, statement }) => [line, plain(statement)]), [
    [3, { words: "ping" }],
    [4, { words: "subscribe ticker XBT/USD ETH/USD" }],
    [8, { type: "exit", code: 0 }],
    [9, { words: "subs" }],
  ]);
});

Deno.test("parseScript() finds every mistake and names file, line and column", () => {
  const script = "ping\necho 'open\nsleep 2\n\nexpect tickr \\\n  XBT/USD\nbook \\\n  XBT/USD where .a = 1\nsubs\nlet";
  const { lines, errors } = parseScript({ file: "a.kws", text: script });
  assertEquals(lines.map(({ line }) => line), [1, 9]);
  assertEquals(errors.map((error) => error.message.split(": ")[0]), [
    "a.kws:2:6",
    "a.kws:3:7",
    "a.kws:5:8",
    "a.kws:8:20",
    "a.kws:10:4",
  ]);
});

Deno.test("parseLine() counts on from the line it is given", () => {
  const line = parseLine({ file: "<stdin>", text: "ping", firstLine: 41 });
  assertEquals(line?.line, 41);
  const { errors } = parseScript({ file: "<stdin>", text: "\nsleep", firstLine: 41 });
  assertEquals(errors[0]?.message, "<stdin>:42:6: expected a duration, such as 2s");
});

Deno.test("parseLine() asks for the next line after a backslash", () => {
  const error = assertThrows(() => parseLine({ file: "<stdin>", text: "book \\" }), ShellSyntaxError);
  assert(error.incomplete);
  assertEquals(parsed("book \\\nXBT/USD"), { words: "book XBT/USD" });
});

Deno.test("parseScript() reads twenty thousand lines without slowing down", () => {
  const { lines } = parseScript({ file: "long.kws", text: "subscribe ticker XBT/USD # again\n".repeat(20_000) });
  assertEquals(lines.at(-1)?.line, 20_000);
});

Deno.test("parseScript() survives any text, and every mistake has a place in it", () => {
  const scraps = [
    "on ",
    "do ",
    "let ",
    "= ",
    "expect ",
    "ticker ",
    "where ",
    ".a ",
    "== ",
    "1 ",
    "\n",
    "\\\n",
    "'",
    "> ",
    "within ",
    "5s ",
  ];
  fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...scraps), fc.string()), { maxLength: 30 }), (parts) => {
    const script = parts.join("");
    const { lines, errors } = parseScript({ file: "f", text: script });
    const height = script.split("\n").length;
    for (const { line } of lines) assert(line >= 1 && line <= height);
    for (const { message } of errors) assert(/^f:\d+:\d+: ./.test(message), message);
  }));
});
