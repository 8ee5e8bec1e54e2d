/**
 * The cookbook is true: each of its recipes runs as it stands, against an exchange on this machine.
 *
 * Only what would take too long or too much room is made smaller. A recipe that has no proof here is a failure.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { startSandbox } from "../lib/sandbox/server.ts";
import { hasProgram, runBash, runHere } from "./_cli.ts";

const COOKBOOK = await Deno.readTextFile(new URL("../examples/README.md", import.meta.url));
const ROOT = new URL("..", import.meta.url).pathname;

/** What a recipe is to do, and what it needs beside bash. */
interface Proof {
  readonly needs: readonly string[];
  /** Lines of bash to run before it. */
  readonly before?: (port: number) => string;
  /** Lines of bash to run after it. */
  readonly after?: string;
  /** What shall happen to it on the way. */
  readonly fault?: string;
  readonly check: (lines: readonly string[]) => void;
}

const PRICE = /\d+\.\d{5}/.source;
const VOLUME = /\d+\.\d{8}/.source;
const TIME = /"\d{4}-\d\d-\d\dT[\d:.]+Z"/.source;

const PROOFS: Readonly<Record<string, Proof>> = {
  "Top of book as CSV": {
    needs: ["jq"],
    check: (lines) => everyLine(lines, `${TIME},"XBT/USD","${PRICE}","${VOLUME}","${PRICE}","${VOLUME}"`),
  },
  "Last price of each pair": {
    needs: ["jq"],
    check: (lines) => {
      const prices: Record<string, string> = JSON.parse(lines.join(""));
      assertEquals(Object.keys(prices).toSorted(), ["ETH/EUR", "XBT/USD"]);
      for (const price of Object.values(prices)) assertMatch(price, new RegExp(`^${PRICE}$`));
    },
  },
  "VWAP over the last minute": {
    needs: ["jq"],
    check: (lines) => everyLine(lines, String.raw`\d+\.\d+,9\d{4}(\.\d+)?`),
  },
  "Alert when the spread widens": {
    needs: ["jq"],
    check: (lines) => everyLine(lines, String.raw`(XBT/USD|ETH/EUR): the spread is \S+ basis points`),
  },
  "Candles to CSV": {
    needs: ["jq"],
    check: (lines) => {
      everyLine(lines, `"(XBT/USD|ETH/EUR)","\\d+\\.\\d{6}"(,"${PRICE}"){4},"${VOLUME}"`);
      assert(lines.length <= 4, "a line for each candle, not for each of its states");
    },
  },
  "Gaps only": {
    needs: ["jq"],
    fault: "corrupt-checksum",
    check: (lines) => {
      const gaps = lines.map((line) => JSON.parse(line));
      assertEquals(gaps.map(({ type, to }) => [type, to === null]), [["checksum", true], ["checksum", false]]);
    },
  },
  "Only what can be trusted": {
    needs: ["jq"],
    fault: "corrupt-checksum",
    check: (lines) => {
      const books = lines.map((line) => JSON.parse(line));
      assert(books.length > 10);
      for (const { channel, verified } of books) assertEquals([channel, verified], ["book", verified && true]);
      assertEquals(books.filter(({ type }) => type === "snapshot").length, 3, "one more after the gap");
    },
  },
  "Orders by state": {
    needs: ["jq"],
    check: (lines) => assertEquals(JSON.parse(lines[0] ?? ""), { open: 2 }),
  },
  "What a session traded": {
    needs: ["jq"],
    check: (lines) => everyLine(lines, `"\\d+\\.\\d{6}","XBT/USD","buy","${VOLUME}","${PRICE}","${PRICE}"`),
  },
  "Files rotated by size": {
    needs: ["split"],
    after: "ls; cat trades-*.ndjson > all; wc -l < all; tail -n 1 all",
    check: (lines) => {
      const files = lines.filter((line) => /^trades-\d{4}\.ndjson$/.test(line));
      assert(files.length >= 2, lines.join("\n"));
      assertEquals(JSON.parse(lines.at(-1) ?? "").seq, Number(lines.at(-2)), "no line is lost or cut");
    },
  },
  "A file for each hour": {
    needs: ["awk"],
    after: "ls trades-*; tail -q -n 1 trades-* | tail -n 1",
    check: (lines) => {
      assertMatch(lines[0] ?? "", /^trades-\d{4}-\d\d-\d\dT\d\d\.ndjson$/);
      assertEquals(JSON.parse(lines.at(-1) ?? "").channel, "end");
    },
  },
  SQLite: {
    needs: ["python3", "sqlite3"],
    check: (lines) => everyLine(lines, `[^|]+Z\\|XBT/USD\\|${PRICE}\\|${VOLUME}`),
  },
  DuckDB: {
    needs: ["duckdb"],
    check: (lines) => {
      assertEquals(lines[0], "pair,trades,vwap");
      assertMatch(lines[1] ?? "", /^XBT\/USD,\d+,9\d{4}\.\d+$/);
    },
  },
  "Redis Streams": {
    needs: ["jq", "redis-server", "redis-cli"],
    before: (port) => `
      redis-server --port ${port} --save '' --daemonize no > redis.log & redis=$!
      redis-cli() { command redis-cli -p ${port} "$@"; }
      until redis-cli ping > pong 2>&1; do :; done`,
    after: "redis-cli --raw XRANGE kraken:ticker - + COUNT 3; kill $redis",
    check: (lines) => {
      assertMatch(lines[0] ?? "", /^\d+-\d+$/);
      const [, key, pair, name, record = ""] = lines;
      assertEquals([key, name], ["pair", "record"]);
      assertEquals(JSON.parse(record).pair, pair);
    },
  },
  Kafka: {
    needs: ["jq", "kcat"],
    // librdkafka brings a broker of its own for tests; -T shows what was delivered to it.
    before: () => `kcat() { command kcat -T -X test.mock.num.brokers=1 "$@"; }`,
    check: (lines) => {
      const delivered = lines.join("").split(/(?=(?:XBT\/USD|ETH\/EUR)\t)/).map((text) => text.split("\t"));
      for (const [pair, record = ""] of delivered) {
        assertEquals([JSON.parse(record).channel, JSON.parse(record).pair], ["trade", pair]);
      }
    },
  },
  NATS: {
    needs: ["jq", "nats-server"],
    // A subscriber is there before anything is published; its last PONG says that it has got everything.
    before: (port) => `
      nats-server --addr 127.0.0.1 --port ${port} --log nats.log & server=$!
      until exec 4<> /dev/tcp/localhost/${port}; do :; done 2> connecting.log
      printf 'SUB kraken.trade.> 1\\r\\nPING\\r\\n' >&4
      until read -r line <&4 && [[ $line == PONG* ]]; do :; done`,
    after: `
      printf 'PING\\r\\n' >&4
      until read -r line <&4 && echo "$line" && [[ $line == PONG* ]]; do :; done
      kill $server`,
    check: (lines) => {
      const messages = lines.join("\n").split(/^MSG kraken\.trade\./m).slice(1);
      assert(messages.length > 2, lines.join("\n"));
      for (const message of messages) {
        const [, pair, record = ""] = /^(\S+) 1 \d+\r?\n(.*)/.exec(message) ?? [];
        assertEquals([JSON.parse(record).channel, JSON.parse(record).pair], ["trade", pair]);
      }
    },
  },
};

/** The heading and the first bash block of each recipe. */
const RECIPES = COOKBOOK.split(/^### /m).slice(1).map((section) => {
  const [name = ""] = section.split("\n", 1);
  return { name, script: /^```bash\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? "" };
});

Deno.test("the cookbook: every recipe has a proof, and every proof a recipe", () => {
  assertEquals(RECIPES.map(({ name }) => name), Object.keys(PROOFS));
});

for (const { name, script } of RECIPES) {
  const { needs, before, after = "", fault, check } = PROOFS[name] ?? { needs: [], check: () => {} };
  const missing = needs.filter((program) => !hasProgram(program));
  const skipped = missing.length === 0 ? "" : ` (skipped without ${missing.join(" and ")})`;
  Deno.test(`the cookbook: ${name} works as it is written${skipped}`, { ignore: missing.length > 0 }, async () => {
    // Busy, so that a short stream shows everything.
    await using exchange = await startSandbox({ speed: 20 });
    const settings = {
      KRAKENWS_TARGET: exchange.publicUrl,
      KRAKEN_API_KEY: "sandbox",
      KRAKEN_API_SECRET: "c2FuZGJveA==",
      KRAKENWS_FOR: "1500ms",
    };
    if (fault !== undefined) exchange.fault(fault);
    if (script.includes("openOrders")) await placeOrders(settings, ["limit price=1000", "limit price=1001"]);
    if (script.includes("ownTrades")) await placeOrders(settings, ["market", "market"]);
    const folder = await Deno.makeTempDir({ prefix: "krakenws-cookbook-" });
    const port = freePort();
    const finished = await runBash(
      [
        `cd ${folder} && ln -s ${ROOT}examples examples`,
        ...Object.entries(settings).map(([variable, value]) => `export ${variable}='${value}'`),
        before?.(port) ?? "",
        smaller(script).replaceAll("4222", String(port)),
        after,
      ].join("\n"),
      "loopbackWithVariables",
    );
    await Deno.remove(folder, { recursive: true });
    assertEquals(finished.code, 0, finished.stderr);
    check(finished.stdout.trimEnd().split("\n"));
  });
}

/** What would take an hour or a hundred megabytes takes a moment and kilobytes. */
function smaller(script: string): string {
  return script.replaceAll(/--for \w+/g, "").replaceAll("100M", "4K");
}

async function placeOrders(settings: Readonly<Record<string, string>>, forms: readonly string[]): Promise<void> {
  for (const form of forms) {
    const words = `addOrder pair=XBT/USD type=buy volume=0.01 ordertype=${form}`.split(" ");
    assertEquals((await runHere(words, settings)).code, 0);
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function everyLine(lines: readonly string[], pattern: string): void {
  const whole = new RegExp(`^${pattern}$`);
  for (const line of lines) assertMatch(line, whole);
}
