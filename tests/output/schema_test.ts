import { assert, assertEquals, assertThrows } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import { ExitCode } from "../../lib/errors.ts";
import { EXIT_CODES, RECORDS, recordSchema } from "../../lib/output/schema.ts";
import { runHere } from "../_cli.ts";
import { readRecord } from "../_schema.ts";

Deno.test("krakenws schema prints a schema that is one", async () => {
  const { code, stdout, stderr } = await runHere(["schema"]);
  assertEquals([code, stderr], [0, ""]);
  const schema = JSON.parse(stdout);
  assertEquals(schema, recordSchema());
  assertEquals(new Ajv2020({ allowUnionTypes: true }).validateSchema(schema), true);
});

Deno.test("the schema names every exit code once", () => {
  const { exit } = (recordSchema() as { $defs: { exit: { oneOf: { const: number }[] } } }).$defs;
  assertEquals(exit.oneOf.map((entry) => entry.const), Object.values(ExitCode));
  assert(Object.values(EXIT_CODES).every((meaning) => meaning.endsWith(".")));
});

const VALID = '{"seq":1,"time":"2026-11-22T08:20:46.102311Z","channel":"pong","type":"reply","reqid":1}';

Deno.test("readRecord() takes a record of the schema, and complains of any other", () => {
  assertEquals(readRecord(VALID).reqid, 1);
  for (
    const wrong of [
      VALID.replace('"pong"', '"pang"'),
      VALID.replace('"reply"', '"answer"'),
      VALID.replace('"seq":1,', ""),
      VALID.replace("46.102311Z", "46Z"),
      VALID.replace('"reqid":1', '"reqid":1.5'),
      VALID.replace('"reqid":1', '"extra":1'),
    ]
  ) assertThrows(() => readRecord(wrong));
});

Deno.test("every stream of the sandbox is as the schema says, with all that can be added to a record", async () => {
  for (const words of ["ticker XBT/USD", "trade XBT/USD", "spread XBT/USD", "ohlc XBT/USD", "book XBT/USD --top 2"]) {
    const { code, stdout } = await runHere([...words.split(" "), "--sandbox", "--count", "2", "--raw-frame"]);
    const records = stdout.trim().split("\n").map(readRecord);
    assertEquals([code, records.at(-1).type], [0, "count"], words);
    assert(records.some(({ channel }) => channel === words.split(" ")[0]));
  }
});

Deno.test("every type that is ours has a description", () => {
  for (const [channel, { about, types }] of Object.entries(RECORDS)) {
    for (const text of [about, ...Object.values(types)]) assert(text.endsWith("."), `${channel}: ${text}`);
  }
});
