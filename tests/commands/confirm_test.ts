/** Real orders in a session: nobody sends one by accident. @module */

import { assertEquals, assertMatch } from "@std/assert";
import { invoke } from "../../commands/_invoke.ts";
import { FakeWorld } from "../_fakes.ts";

const ORDER = "addOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.01";

/** A session on the live exchange, which is not there: whatever would be sent stays in the test. */
async function runLive(line: string, answer?: string) {
  const world = new FakeWorld();
  const questions: string[] = [];
  world.environment["KRAKENWS_TOKEN"] = "a token that no one has seen";
  const ask = (question: string): Promise<string | undefined> => {
    questions.push(question);
    return Promise.resolve(answer);
  };
  const ports = { ...world.ports, ask: answer === undefined ? undefined : ask };
  const code = await invoke(["shell", "-c", line], ports);
  const sent = world.dials.transports.flatMap((transport) => transport.sent);
  return { code, questions, sent, stderr: world.stderr.text };
}

Deno.test("a real order in a session is read back, and a no sends nothing", async () => {
  for (const answer of ["", "n", "no", "yes please", "Y E S"]) {
    const { code, questions, sent, stderr } = await runLive(ORDER, answer);
    assertEquals([code, sent], [6, []], answer);
    assertEquals(questions.length, 1);
    assertMatch(questions[0] ?? "", /^ws-auth\.kraken\.com: .*buy.*0\.01.*XBT.*1000[^]*Send it\? \[y\/N\] $/);
    assertMatch(stderr, /<-c 1>:1: addOrder was not confirmed: nothing was sent/);
  }
});

Deno.test("a real order in a script that nobody watches is refused without --yes", async () => {
  const { code, sent, stderr } = await runLive(ORDER);
  assertEquals([code, sent], [6, []]);
  assertMatch(stderr, /nobody is here to confirm it\n {2}Add --yes/);
});

Deno.test("a real order that is only to be validated needs no confirmation", async () => {
  const { questions, stderr } = await runLive(`${ORDER} --validate --dry-run`, "n");
  assertEquals([questions, stderr], [[], ""]);
});
