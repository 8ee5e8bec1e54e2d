import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compareDecimals, type Decimal } from "../../lib/model/decimal.ts";
import { compile, parseCondition, readCondition } from "../../lib/shell/condition.ts";
import { ShellSyntaxError } from "../../lib/shell/syntax.ts";

const RECORD = {
  seq: 7,
  time: "2026-11-22T08:20:46.102311Z",
  channel: "ticker",
  type: "update",
  pair: "XBT/USD",
  verified: true,
  to: null,
  connection: "13935949241502919679",
  tiny: 1e-7,
  huge: 1e21,
  text: 'say "hi"',
  data: {
    ask: { price: "60000.10000", whole_lot_volume: 1 },
    low: { today: "59000.0", last_24h: "58000.0" },
    "last-trade": { price: "60000.05" },
    trades: [{ price: "1.50", side: "sell" }, { price: "2.50", side: "buy" }],
    none: [],
    flags: { post: false },
  },
};

function holds(condition: string, variables?: ReadonlyMap<string, unknown>): boolean {
  return compile(parseCondition(condition), variables)(RECORD);
}

function checkAll(table: readonly (readonly [condition: string, holds: boolean])[]): void {
  for (const [condition, expected] of table) assertEquals(holds(condition), expected, condition);
}

Deno.test("compile() compares decimals by value, whatever their digits and whether text, number or literal", () => {
  checkAll([
    [".data.ask.price > 60000", true],
    [".data.ask.price > 9", true],
    [".data.ask.price == 60000.1", true],
    [".data.ask.price != 60000.1", false],
    [".data.ask.price >= 60000.10000000", true],
    [".data.ask.price <= 60000.09", false],
    ["60000 < .data.ask.price", true],
    [".data.ask.price > .data.low.today", true],
    [".data.ask.whole_lot_volume == 1.0", true],
    [".seq < 10", true],
    [".seq > -10", true],
    [".connection == 13935949241502919679", true],
    [".connection == 13935949241502919680", false],
    [".tiny == 0.0000001", true],
    [".tiny < 0.00000011", true],
    [".huge == 1000000000000000000000", true],
  ]);
});

Deno.test("compile() adds, subtracts and multiplies exactly, products first and else from left to right", () => {
  checkAll([
    [".data.ask.price - .data.low.today > 1000", true],
    [".data.ask.price - .data.low.today == 1000.1", true],
    [".data.ask.price - .data.low.today == 1000.10000001", false],
    ["1000.1 == .data.ask.price - .data.low.today", true],
    [".data.ask.price - 1 - 1 == 59998.1", true],
    [".data.ask.price + 2 * 3 == 60006.1", true],
    ["(.data.ask.price + 2) * 3 == 180006.3", true],
    ["((1 + 2) * (3 - 5)) == -6", true],
    ["0.1 + 0.2 == 0.3", true],
    ["5 - -3 == 8", true],
    [".tiny * .tiny == 0.00000000000001", true],
    [".connection + 1 == 13935949241502919680", true],
    ["1 - 1 == 0 and 0 - 0.5 < 0", true],
    ["2 * 3 - 1 > 4 or false", true],
    ["(.data.ask.price) > 5", true],
    ["(.seq + 1) == 8 and (.verified)", true],
  ]);
});

Deno.test("compile() finds nothing where a sum lacks a decimal", () => {
  checkAll([
    [".data.ask.price - .missing > 0", false],
    [".data.ask.price - .missing < 0", false],
    [".data.ask.price - .missing != 0", true],
    [".pair + 1 > 0", false],
    [".verified * 2 == 2", false],
    [".to - .to == 0", false],
    [".data.trades * 2 > 0", false],
    [".missing + 1", false],
    ["not .pair - 1", true],
    [".seq - 7", true],
  ]);
});

Deno.test("compile() computes with variables that are decimals, and refuses others before any record comes", () => {
  const variables = new Map<string, unknown>([["limit", "1000.1"], ["pair", "XBT/USD"], ["o", { n: 5, text: null }]]);
  assertEquals(holds(".data.ask.price - .data.low.today == $limit * 1", variables), true);
  assertEquals(holds(".seq - $o.n == 2", variables), true);
  const error = assertThrows(() => holds(".seq - $pair > 0", variables), ShellSyntaxError);
  assertEquals([error.at, error.problem], [7, '$pair is "XBT/USD", and only decimals can be computed with']);
  assertThrows(() => holds("$o.text + .seq > 0", variables), ShellSyntaxError, '$o.text is "null"');
});

Deno.test("compile() agrees with whole numbers on any sums and products of them", () => {
  const operand = fc.tuple(fc.constantFrom("+", "-", "*"), fc.bigInt({ min: -1000n, max: 1000n }));
  fc.assert(fc.property(fc.bigInt({ min: -1000n, max: 1000n }), fc.array(operand, { maxLength: 8 }), (first, rest) => {
    const terms = [first];
    for (const [operator, value] of rest) {
      if (operator === "*") terms.push((terms.pop() ?? 0n) * value);
      else terms.push(operator === "+" ? value : -value);
    }
    const result = terms.reduce((a, b) => a + b);
    const text = rest.map(([operator, value]) => ` ${operator} ${value}`).join("");
    assertEquals(holds(`${first}${text} == ${result}`), true, text);
  }));
});

Deno.test("compile() compares as text where a side is quoted or neither is a decimal", () => {
  checkAll([
    ['.pair == "XBT/USD"', true],
    [".pair == 'XBT/USD'", true],
    ['.pair < "XBU"', true],
    ['.time > "2026-11-22T08:20"', true],
    ['.time > "2026-11-23"', false],
    ['.data.ask.price == "60000.10000"', true],
    ['.data.ask.price == "60000.1"', false],
    ['.seq == "7"', true],
    ['.text == "say \\"hi\\""', true],
    [".pair == .channel", false],
    ['.text contains "hi"', true],
    ['.text contains "HI"', false],
    [".seq contains 7", false],
  ]);
});

Deno.test("compile() finds kinds that do not mix unequal, and neither more nor less", () => {
  checkAll([
    [".pair > 5", false],
    [".pair < 5", false],
    [".pair == 5", false],
    [".pair != 5", true],
    [".verified == true", true],
    [".verified != false", true],
    [".verified >= true", true],
    [".verified > false", false],
    ['.verified == "true"', false],
    [".to == null", true],
    [".to < 5", false],
    [".data == .data", false],
    [".data != .data", true],
    [".data.trades > 1", false],
  ]);
});

Deno.test("compile() makes every comparison with something missing false, except !=", () => {
  checkAll([
    [".missing == 1", false],
    [".missing < 1", false],
    [".missing >= 1", false],
    [".missing == null", false],
    [".missing == .missing", false],
    ['.missing contains ""', false],
    [".missing != 1", true],
    [".missing != null", true],
    ["not .missing == 1", true],
    [".data.ask.price.deeper == 1", false],
    [".data.trades[2].price > 0", false],
    [".data.constructor != 1", true],
    [".pair.length == 7", false],
  ]);
});

Deno.test("compile() takes an operand alone for a question whether it is there and not false", () => {
  checkAll([
    [".verified", true],
    [".to", false],
    [".missing", false],
    [".data.flags.post", false],
    [".data.none", true],
    ["true", true],
    ["false", false],
    ["null", false],
    ["not .missing", true],
  ]);
});

Deno.test("compile() follows paths through fields, places from either end, quoted keys and lengths", () => {
  checkAll([
    [".data.trades[0].price == 1.5", true],
    [".data.trades[-1].side == 'buy'", true],
    ['.data["low"].today == 59000', true],
    ['.["data"].low["last_24h"] == 58000', true],
    ['.data["last-trade"].price == 60000.05', true],
    [".data.trades.length == 2", true],
    [".data.none.length == 0", true],
  ]);
});

Deno.test("compile() binds not before and before or, and parentheses before all", () => {
  checkAll([
    ["true or true and false", true],
    ["(true or true) and false", false],
    ["not false and false", false],
    ["not (false and false)", true],
    ["not not true", true],
    ["false or false or true", true],
    ["true and true and false", false],
    ["not .seq == 8 and .seq == 7", true],
    ["((.seq==7))and(.verified)", true],
    ["  .seq\\\n == 7\t", true],
  ]);
});

Deno.test("compile() takes variables at their values, and refuses undefined ones before any record comes", () => {
  const variables = new Map<string, unknown>([["limit", "60000"], ["side", '"buy" or true'], ["o", {
    txid: "OA7",
    n: 5,
  }]]);
  assertEquals(holds(".data.ask.price > $limit", variables), true);
  assertEquals(holds(".data.trades[1].side == $side", variables), false);
  assertEquals(holds('$o.txid == "OA7" and ${o.n} < 6', variables), true);
  const error = assertThrows(() => holds(".a == $limt", variables), ShellSyntaxError, "did you mean $limit?");
  assertEquals(error.at, 6);
});

Deno.test("readCondition() stops where the next word cannot continue it", () => {
  const text = "where .data.ask.price > 60000  count 3";
  const { condition, end } = readCondition(text, 6);
  assertEquals(condition.text, ".data.ask.price > 60000");
  assertEquals(text.slice(end), "count 3");
});

Deno.test("parseCondition() says in which column what was expected", () => {
  const table: [condition: string, column: number, problem: string][] = [
    ["", 1, "expected a path"],
    [".a ==", 6, "expected a path (.data.price), a decimal"],
    [".a == buy", 7, 'a text is written in quotes: "buy"'],
    ["data.ask > 1", 1, "a path starts with a dot"],
    [". == 1", 2, "expected a name after the dot"],
    [".a-b == 1", 3, '["like-this"]'],
    [".a[b] == 1", 3, 'expected [0] or ["key"]'],
    [".a = 1", 4, 'write "==" instead of "="'],
    [".a && .b", 4, 'write "and" instead of "&&"'],
    [".a || .b", 4, 'write "or" instead of "||"'],
    ["!.a", 1, 'write "not" instead of "!"'],
    [".a <> 1", 4, 'write "!=" instead of "<>"'],
    [".a == 60,5", 9, 'unexpected "," behind a value'],
    [".a == 1e5", 8, 'unexpected "e" behind a value'],
    [".a == 7or true", 8, 'unexpected "o" behind a value'],
    [".a == .5", 8, "expected a name after the dot"],
    ["(.a == 1", 9, 'expected ")" to close "(", not the end'],
    [".a == 1)", 8, 'expected "and", "or" or the end'],
    [".a-.b > 1", 3, "an operator has blanks around it"],
    ["5* .a > 1", 2, 'unexpected "*" behind a value; an operator has blanks around it'],
    [".a -5 > 1", 4, 'put blanks around "-"'],
    [".a -.b > 1", 4, 'put blanks around "-"'],
    [".a / .b > 1", 4, 'there is no "/": not every quotient is a decimal; multiply the other side'],
    [".a > 1 / .b", 8, 'there is no "/"'],
    [".a > 1 --count 3", 8, 'expected "and", "or" or the end'],
    [".a > 1 -", 9, "expected a path"],
    [".a +", 5, "expected a path"],
    ["+ .a > 1", 1, "expected a path"],
    ['.a + "5" > 1', 6, "expected a path, a variable or a decimal to compute with"],
    ["true + 1 > 1", 1, "expected a path, a variable or a decimal to compute with"],
    ["(.a > 1) + 1 > 1", 1, "expected a path, a variable or a decimal to compute with"],
    ["1 + (not .a) > 1", 5, "expected a path, a variable or a decimal to compute with"],
    [".a == (.b and .c)", 7, "expected a value to compare with, not a condition"],
    ["(.a and .b) == true", 13, "comparisons do not chain"],
    ["(.a == 1) > 5", 11, "comparisons do not chain"],
    ["1 < .a < 3", 8, "comparisons do not chain"],
    ["3 > .a > 1", 8, "comparisons do not chain"],
    ['.a == "open', 7, 'the quote " is never closed'],
    [".a and", 7, "expected a path"],
    ["not", 4, "expected a path"],
    ["$ == 1", 2, 'expected a name after "$"'],
    ["(".repeat(60) + "true" + ")".repeat(60), 52, "more than 50 levels"],
    ["not ".repeat(60) + "true", 205, "more than 50 levels"],
  ];
  for (const [condition, column, problem] of table) {
    const error = assertThrows(() => parseCondition(condition), ShellSyntaxError, problem, condition);
    assertEquals(error.at + 1, column, `${condition} (${error.message})`);
    assert(error.message.startsWith(`column ${column}: `));
  }
});

Deno.test("parseCondition() reads a condition of ten thousand parts", () => {
  const long = Array.from({ length: 10_000 }, (_, index) => `.seq == ${index}`);
  assertEquals(holds(long.join(" or ")), true);
  assertEquals(holds(long.join(" and ")), false);
  const sum = Array.from({ length: 10_000 }, () => ".seq").join(" + ");
  assertEquals(holds(`${sum} == 70000`), true);
});

Deno.test("compile() agrees with the decimals themselves on any two of them", () => {
  const decimal = fc.tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.stringMatching(/^\d{0,10}$/))
    .map(([negative, whole, fraction]) => `${negative ? "-" : ""}${whole}${fraction && "."}${fraction}` as Decimal);
  fc.assert(fc.property(decimal, decimal, (a, b) => {
    const order = compareDecimals(a, b);
    const record = { a, b };
    const compared = {
      "==": order === 0,
      "!=": order !== 0,
      "<": order < 0,
      "<=": order <= 0,
      ">": order > 0,
      ">=": order >= 0,
    };
    for (const [operator, expected] of Object.entries(compared)) {
      assertEquals(compile(parseCondition(`.a ${operator} .b`))(record), expected, `${a} ${operator} ${b}`);
      assertEquals(compile(parseCondition(`.a ${operator} ${b}`))(record), expected, `${a} ${operator} ${b}`);
    }
  }));
});

Deno.test("compile() never throws on a record, whatever it is", () => {
  const conditions = [
    '.a.b[0] == "x"',
    ".a > 5 or .b contains 'x'",
    "not .a[-1].length < .b",
    ".a == null",
    ".a - .b * 2 > .a",
  ]
    .map((text) => compile(parseCondition(text)));
  fc.assert(fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
    for (const predicate of conditions) {
      for (const record of [value, { a: value, b: value }]) assertEquals(typeof predicate(record), "boolean");
    }
  }));
});
