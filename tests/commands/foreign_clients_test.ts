/** The sandbox as seen by clients that nobody here wrote. @module */

import { assertEquals, assertMatch } from "@std/assert";
import { startSandbox } from "../../lib/sandbox/server.ts";
import { hasProgram } from "../_cli.ts";
import { linesOf } from "../_fakes.ts";

const PYTHON_CLIENT = new URL("./_foreign_client.py", import.meta.url).pathname;

Deno.test("a client of RFC 6455 alone is served", { ignore: !hasProgram("python3") }, async () => {
  await using sandbox = await startSandbox({ speed: 10 });
  const { code, stdout, stderr } = await new Deno.Command("python3", {
    args: [PYTHON_CLIENT, new URL(sandbox.publicUrl).port],
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const frames = linesOf(new TextDecoder().decode(stdout));
  assertMatch(frames[0] ?? "", /^\{"connectionID":\d+,"event":"systemStatus","status":"online","version":"[\d.]+"\}$/);
  assertEquals(frames[1], '{"event":"pong","reqid":42}');
  assertMatch(frames[2] ?? "", /"channelName":"book-10","event":"subscriptionStatus","pair":"XBT\/USD","reqid":7/);
  assertMatch(frames.find((frame) => frame.includes('"as"')) ?? "", /,"book-10","XBT\/USD"\]$/);
});
