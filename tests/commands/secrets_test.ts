/** Tokens and secrets are in no byte that the program writes, whatever it is asked and whatever goes wrong. @module */

import { assert, assertEquals } from "@std/assert";
import { startSandbox } from "../../lib/sandbox/server.ts";
import { runCli } from "../_cli.ts";
import { MemoryOut } from "../_fakes.ts";
import { accept, acceptBut, API_ENVIRONMENT, run, type Script, startExchange } from "../trading/_exchange.ts";

const KEPT_TOKEN = "Kept/Token+In=A.File";
const API_SECRET = API_ENVIRONMENT["KRAKEN_API_SECRET"]!;
const API_OTP = API_ENVIRONMENT["KRAKEN_API_OTP"]!;
const ORDER = ["addOrder", "pair=XBT/USD", "type=buy", "ordertype=limit", "price=1", "volume=1"];

/** What was written, be it records or not. */
class Bytes extends MemoryOut {
  override get records(): [] {
    return [];
  }
}

const LINES: readonly (readonly string[])[] = [
  ["openOrders", "--count", "1"],
  ["openOrders", "ratecounter=true", "--count", "1", "--raw-frame"],
  ["ownTrades", "--count", "1", "-o", "raw"],
  ["balances", "--count", "1"],
  ORDER,
  [...ORDER, "--raw-frame"],
  [...ORDER, "-o", "raw"],
  [...ORDER, "--dry-run"],
  [...ORDER, "--validate"],
  ["amendOrder", "txid=O1", "volume=1"],
  ["editOrder", "orderid=O1", "pair=XBT/USD", "volume=1"],
  ["cancelOrder", "txid=O1,O2"],
  ["cancelAll"],
  ["cancelAllOrdersAfter", "timeout=60"],
  ["token"],
  ["shell", "-c", "openOrders", "-c", `${ORDER.join(" ")} token=x`, "--keep-going"],
];

/** Exchanges that repeat what they were sent, at every opportunity. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  accepting: {},
  silent: { answer: (frame) => frame["event"] === "addOrder" ? [] : accept(frame) },
  repeating: {
    answer: (
      frame,
    ) => [frame, { event: "error", errorMessage: `Unsupported: ${JSON.stringify(frame)}`, reqid: frame["reqid"] }],
  },
  refusing: {
    answer: acceptBut("subscribe", ({ reqid, subscription }) => [
      { event: "subscriptionStatus", errorMessage: "ESession:Invalid session", reqid, status: "error", subscription },
    ]),
  },
  "without tokens": {
    errors: [`EAPI:Invalid signature ${API_SECRET} ${encodeURIComponent(API_SECRET)} ${API_OTP}`],
  },
};

for (const [name, script] of Object.entries(SCRIPTS)) {
  Deno.test(`with an exchange that is ${name}, no command line prints a token or a secret`, async () => {
    await using exchange = startExchange(script);
    for (const files of [{}, { WS_Token: KEPT_TOKEN }]) {
      for (const line of LINES) {
        const args = [...line, "-v", "--timeout", "250ms"];
        const { stdout, stderr } = await run(args, { exchange, files, stdout: new Bytes() });
        for (const secret of [KEPT_TOKEN, API_SECRET, API_OTP, ...exchange.tokens]) {
          for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
            assertEquals((stdout + stderr).includes(form), false, `${line.join(" ")} printed a secret`);
          }
        }
      }
    }
    const sent = JSON.stringify(exchange.received);
    assert(name === "without tokens" || sent.includes(exchange.tokens[0] ?? "?"), "no token was in use");
    assert(sent.includes(KEPT_TOKEN), "the token of the file was not in use");
  });
}

Deno.test("a real process with -v shows its frames without the token in them", async () => {
  await using sandbox = await startSandbox();
  const env = { KRAKEN_API_KEY: "sandbox", KRAKEN_API_SECRET: "c2FuZGJveA==", KRAKENWS_TARGET: sandbox.publicUrl };
  const { code, stdout, stderr } = await runCli([...ORDER, "-v", "--raw-frame"], {
    permissions: "loopbackWithVariables",
    env,
  });
  assertEquals(code, 0);
  assert(stderr.includes('"token":"***"'), stderr);
  assertEquals((stdout + stderr).includes("c2FuZGJveA=="), false);
  assertEquals(/[A-Za-z0-9]{43}/.test(stdout + stderr), false);
});
