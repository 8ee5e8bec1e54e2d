import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ShellSyntaxError } from "../../lib/shell/syntax.ts";
import { expand, expandArguments } from "../../lib/shell/word.ts";
import { MAX_LINE_LENGTH, readLine, type Token } from "../../lib/shell/words.ts";
import type { Variables } from "../../lib/shell/variable.ts";

const VARIABLES: Variables = new Map<string, unknown>([
  ["pair", "XBT/USD"],
  ["spaced", "two words > file # $pair"],
  ["dash", "--yes"],
  ["empty", ""],
  ["o", { txid: "OA7JUX", reqid: 7, ok: true, reason: null, data: [{ "a-b": "deep" }] }],
]);

/** One line in a word or two: `<…>` a condition, `>f` or `>>f` a redirect. */
function shown(token: Token): string {
  switch (token.type) {
    case "word":
      return expand(token.word, VARIABLES);
    case "condition":
      return `<${token.condition.text}>`;
    case "redirect":
      return `${token.redirect.append ? ">>" : ">"}${expand(token.redirect.target, VARIABLES)}`;
    default:
      return token satisfies never;
  }
}

function words(line: string): string[] {
  return readLine(line).tokens.map(shown);
}

Deno.test("readLine() cuts a line into words as a POSIX shell does", () => {
  const table: [line: string, words: string[]][] = [
    ["", []],
    [" \t ", []],
    ["book ETH/USD 10", ["book", "ETH/USD", "10"]],
    ["  book\tETH/USD  ", ["book", "ETH/USD"]],
    ["echo 'one  word' \"two  words\"", ["echo", "one  word", "two  words"]],
    ["a''b\"\"c", ["abc"]],
    ["echo '' \"\"", ["echo", "", ""]],
    ["a\\ b \\\\ \\' \\\"", ["a b", "\\", "'", '"']],
    [`"a\\"b\\\\c\\$d\\e"`, ['a"b\\c$d\\e']],
    ["'a\\b$pair'", ["a\\b$pair"]],
    ["book XBT/USD\r", ["book", "XBT/USD"]],
    ["book \\\n  XBT/USD", ["book", "XBT/USD"]],
    ["book \\\r\n  XBT/USD", ["book", "XBT/USD"]],
    ['echo "a\\\nb"', ["echo", "ab"]],
  ];
  for (const [line, expected] of table) assertEquals(words(line), expected, line);
});

Deno.test("readLine() leaves the exchange's values as they are", () => {
  for (
    const value of [
      "pair=XBT/USD",
      "close[price]=+5%",
      "price=#2%",
      "price2=-1.5%",
      "a=b=c",
      "txid=OADMSD-7AGC3-IMB46A,OD6VRE-HCSPM-CKORER",
      "{a,b}",
      "*?~!",
      "cost=5$",
      "$",
      "$5",
      "ümläut/😀",
    ]
  ) assertEquals(words(`x ${value} y`), ["x", value, "y"]);
});

Deno.test("readLine() takes # for a comment only where a word starts", () => {
  const table: [line: string, words: string[]][] = [
    ["# all of it", []],
    ["book # the rest > file where $nothing '", ["book"]],
    ["book#1", ["book#1"]],
    ["echo '#' \\#", ["echo", "#", "#"]],
    ["subs # ends here \\\nmute", ["subs"]],
  ];
  for (const [line, expected] of table) assertEquals(words(line), expected, line);
});

Deno.test("readLine() keeps each word's place", () => {
  const { tokens } = readLine("book  'XBT/USD' 10");
  assertEquals(tokens.map(({ start, end }) => [start, end]), [[0, 4], [6, 15], [16, 18]]);
});

Deno.test("readLine() says where the next line starts", () => {
  const text = "one\ntwo \\\n three # x \\\nfour\\\\\nfive";
  const lines = [];
  for (let at = 0; at < text.length;) {
    const { tokens, next } = readLine(text, at);
    lines.push(tokens.map(shown));
    at = next;
  }
  assertEquals(lines, [["one"], ["two", "three"], ["four\\"], ["five"]]);
});

Deno.test("readLine() finds redirects and conditions, and what comes behind them", () => {
  const table: [line: string, shown: string[]][] = [
    ["ticker XBT/USD > a.ndjson", ["ticker", "XBT/USD", ">a.ndjson"]],
    ["ticker XBT/USD >>'my file'", ["ticker", "XBT/USD", ">>my file"]],
    ["ticker > $pair XBT/USD", ["ticker", ">XBT/USD", "XBT/USD"]],
    ["book XBT/USD where .verified == false", ["book", "XBT/USD", "where", "<.verified == false>"]],
    ["book where .a > 5 > f", ["book", "where", "<.a > 5>", ">f"]],
    ["book where .a > 5 >> 5", ["book", "where", "<.a > 5>", ">>5"]],
    ["spread where (.a - .b) > 5 > f", ["spread", "where", "<(.a - .b) > 5>", ">f"]],
    ["spread where (.a > 5 - .b) > f", ["spread", "where", "<(.a > 5 - .b)>", ">f"]],
    ["book where (.a or .b)# c", ["book", "where", "<(.a or .b)>"]],
    ["expect book where .a count 3 since b", ["expect", "book", "where", "<.a>", "count", "3", "since", "b"]],
    ["on a where .b do book where .c >> d", ["on", "a", "where", "<.b>", "do", "book", "where", "<.c>", ">>d"]],
    ["assert $o.ok", ["assert", "<$o.ok>"]],
    ["on gap do assert .a", ["on", "gap", "do", "assert", "<.a>"]],
    ["echo assert 'where' x", ["echo", "assert", "where", "x"]],
    ["book where .a \\\n and .b", ["book", "where", "<.a \\\n and .b>"]],
  ];
  for (const [line, expected] of table) assertEquals(words(line), expected, line);
});

Deno.test("readLine() refuses what it could only misread, and says where and what would be right", () => {
  const table: [line: string, column: number, problem: string][] = [
    ["echo 'open", 6, "the quote ' is never closed"],
    ['echo a"open', 7, 'the quote " is never closed'],
    ["echo 'a\nb'", 6, "the quote ' is never closed"],
    ["echo ${", 8, 'expected a name after "${"'],
    ["echo ${a", 9, 'expected "}"'],
    ["echo $a[x]", 8, 'expected [0] or ["key"]'],
    ["ticker >", 9, 'expected a file after ">"'],
    ["ticker where (.a) > f", 21, "to redirect, put > FILE before where"],
    ["ticker >> # f", 11, 'expected a file after ">>"'],
    ["ticker > ''", 10, "expected a file"],
    ["ticker XBT/USD>f", 15, 'put a space before ">"'],
    ["ticker 2>f", 9, 'put a space before ">"'],
    ["ticker XBT/USD | jq", 16, 'unexpected "|"'],
    ["cancelAll ; exit", 11, "a line is one command"],
    ["book where", 11, "expected a path"],
    ["book where # .a", 12, "expected a path"],
    ["book where .a an .b", 15, 'did you mean "and"?'],
    ["book where .a == 1 XBTUSD", 20, "the end of the condition"],
    ["book where .a == 1 'count' 3", 20, "the end of the condition"],
    ["book where 1 < .a > 2", 19, "comparisons do not chain"],
    ["book where .verified > f.ndjson", 24, "to redirect, put > FILE before where"],
    ["echo a\u0000b", 7, "the control character U+0000"],
    ["echo \x1b[31m", 6, "the control character U+001B"],
    ["echo a\rb", 7, "the control character U+000D"],
    ["echo \ufffd", 6, "bytes that are no UTF-8"],
    ["x".repeat(MAX_LINE_LENGTH + 1), 1, "longer than 65536"],
  ];
  for (const [line, column, problem] of table) {
    const error = assertThrows(() => readLine(line), ShellSyntaxError, problem, line.slice(0, 80));
    assertEquals(error.at + 1, column, `${line.slice(0, 80)} (${error.message})`);
    assert(!error.incomplete);
  }
});

Deno.test("readLine() marks a line whose last backslash waits for the next one", () => {
  assert(assertThrows(() => readLine("book \\"), ShellSyntaxError, "joins the next line").incomplete);
});

Deno.test("expand() puts values in whole and never reads them again", () => {
  const table: [line: string, words: string[]][] = [
    ["book $pair", ["book", "XBT/USD"]],
    ["x pair=${pair}s", ["x", "pair=XBT/USDs"]],
    ['x "$pair $pair"', ["x", "XBT/USD XBT/USD"]],
    ["x $spaced", ["x", "two words > file # $pair"]],
    ["x $empty", ["x", ""]],
    ["x $o.txid,$o.txid", ["x", "OA7JUX,OA7JUX"]],
    ["x ${o.txid}.json $o.reqid $o.ok", ["x", "OA7JUX.json", "7", "true"]],
    ['x ${o.data[0]["a-b"]}', ["x", "deep"]],
    ["x '$pair' \\$pair", ["x", "$pair", "$pair"]],
  ];
  for (const [line, expected] of table) assertEquals(words(line), expected, line);
});

Deno.test("expand() refuses a variable that stands for nothing, with a suggestion", () => {
  const table: [line: string, problem: string][] = [
    ["x $piar", "$piar is not defined; did you mean $pair?"],
    ["x $nothing", "$nothing is not defined; bind it first: let nothing = …"],
    ["x $o", "$o is a whole record; name one of its fields: txid, reqid, ok, reason, data"],
    ["x $o.txdi", '$o.txdi is not there; did you mean "txid"?'],
    ["x $o.volume", "$o.volume is not there; there are: txid, reqid"],
    ["x $o.reason", "$o.reason has no value (null)"],
    ["x $pair.ndjson", "${pair} where a dot follows the name"],
    ["x $constructor", "is not defined"],
    ["x $o.constructor", "is not there"],
  ];
  for (const [line, problem] of table) {
    const error = assertThrows(() => words(line), ShellSyntaxError, problem, line);
    assertEquals(error.at, 2);
  }
});

Deno.test("expandArguments() never lets a value become an option", () => {
  const wordsOf = (line: string) => readLine(line).tokens.flatMap((token) => token.type === "word" ? [token.word] : []);
  assertThrows(() => expandArguments(wordsOf("addOrder $dash"), VARIABLES), ShellSyntaxError, "read as an option");
  assertEquals(expandArguments(wordsOf("addOrder --yes x=$dash"), VARIABLES), ["addOrder", "--yes", "x=--yes"]);
});

Deno.test("readLine() gives back any words once they are quoted, in either way", () => {
  const printable = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/\p{Cc}|\ufffd/u.test(text));
  const quotings = [
    (text: string) => `'${text.replaceAll("'", "'\\''")}'`,
    (text: string) => `"${text.replaceAll(/["\\$]/g, "\\$&")}"`,
  ];
  fc.assert(fc.property(fc.array(fc.tuple(printable, fc.constantFrom(...quotings))), (pairs) => {
    assertEquals(words(pairs.map(([text, quoted]) => quoted(text)).join(" ")), pairs.map(([text]) => text));
  }));
});

Deno.test("readLine() reads or refuses any text, and always gets on", () => {
  const scrap = fc.constantFrom(
    "'",
    '"',
    "\\",
    "$",
    "${",
    "}",
    "[",
    "]",
    "where ",
    "assert ",
    ">",
    "#",
    " ",
    "\n",
    "a",
    ".a",
    "==",
  );
  fc.assert(fc.property(fc.array(fc.oneof(scrap, fc.string()), { maxLength: 20 }), (scraps) => {
    const text = scraps.join("");
    try {
      const { next } = readLine(text);
      assert(next > 0 || text === "");
    } catch (error) {
      assert(error instanceof ShellSyntaxError && error.at >= 0 && error.at <= text.length, String(error));
    }
  }));
});
