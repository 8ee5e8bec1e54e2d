/** The REST call that makes a token: its signature, and what each answer means. @module */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { KrakenwsError, RefusedError, UnreachableError } from "../../lib/errors.ts";
import type { PostAnswer, PostRequest } from "../../lib/io/ports.ts";
import { Secret } from "../../lib/model/secret.ts";
import { type ApiKey, makeToken, signature } from "../../lib/session/rest.ts";

/** The key and nonce of the exchange's documented example: https://docs.kraken.com/api/docs/guides/spot-rest-auth */
const SECRET = new Secret("kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==");
const NONCE = "1616492376594";

Deno.test("signature() signs as the exchange's example does", () => {
  const cases: readonly (readonly [path: string, body: string, expected: string])[] = [
    [
      "/0/private/AddOrder",
      `nonce=${NONCE}&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25`,
      "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
    ],
    [
      "/0/private/GetWebSocketsToken",
      `nonce=${NONCE}`,
      "+mRDmY9Ks0Moc1zjv/BjfvYa98buO0x1yHChZR5onlfAzAUbfIYlLggUZzdQ0RsmXm4Sh+Q8iAIZdo2wSeHeiA==",
    ],
  ];
  for (const [path, body, expected] of cases) {
    assertEquals(signature({ path, nonce: NONCE, body, secret: SECRET }), expected);
  }
});

Deno.test("signature() refuses a secret that is no base64, without showing it", () => {
  const secret = new Secret("not base64!");
  const error = assertThrows(() => signature({ path: "/", nonce: "1", body: "", secret }), RefusedError);
  assertEquals(error.message.includes("not base64!"), false);
});

/** Makes a token from an answer, and keeps the call. */
async function ask(answer: PostAnswer, apiKey: Partial<ApiKey> = {}) {
  const calls: (PostRequest & { readonly url: string })[] = [];
  const made = await makeToken({
    restUrl: "https://exchange.test",
    apiKey: { key: "the key", secret: SECRET, ...apiKey },
    nonce: BigInt(NONCE),
    post: (url, request) => {
      calls.push({ url, ...request });
      return Promise.resolve(answer);
    },
    timeoutMs: 1_000,
  });
  return { made, calls };
}

function answered(value: unknown, status = 200): PostAnswer {
  return { type: "answered", status, text: typeof value === "string" ? value : JSON.stringify(value) };
}

Deno.test("makeToken() sends the key and the signature, never the secret, and reads the token", async () => {
  const { made, calls } = await ask(answered({ error: [], result: { token: "1Dwc4lzSwNWOAwk", expires: 900 } }));
  assertEquals([made.token.reveal(), made.expiresSeconds], ["1Dwc4lzSwNWOAwk", 900]);
  const [call] = calls;
  assertEquals(call?.url, "https://exchange.test/0/private/GetWebSocketsToken");
  assertEquals(call?.body, `nonce=${NONCE}`);
  assertEquals(call?.headers["API-Key"], "the key");
  assertEquals(
    call?.headers["API-Sign"],
    "+mRDmY9Ks0Moc1zjv/BjfvYa98buO0x1yHChZR5onlfAzAUbfIYlLggUZzdQ0RsmXm4Sh+Q8iAIZdo2wSeHeiA==",
  );
  assertEquals(JSON.stringify(calls).includes(SECRET.reveal()), false);
});

Deno.test("makeToken() sends the code or password of a key with two-factor authentication, signed and as a form writes it", async () => {
  const token = answered({ error: [], result: { token: "1Dwc4lzSwNWOAwk", expires: 900 } });
  for (const [otp, written] of [["123456", "123456"], ["a b&nonce=9", "a+b%26nonce%3D9"]] as const) {
    const { calls: [call] } = await ask(token, { otp: new Secret(otp) });
    const body = `nonce=${NONCE}&otp=${written}`;
    assertEquals(call?.body, body);
    const path = "/0/private/GetWebSocketsToken";
    assertEquals(call?.headers["API-Sign"], signature({ path, nonce: NONCE, body, secret: SECRET }));
  }
});

Deno.test("makeToken() repeats no code, whatever the exchange answers", async () => {
  const otp = new Secret("123456");
  const error = await assertRejects(
    () => ask(answered({ error: ["EGeneral:Invalid arguments:otp 123456"] }), { otp }),
    RefusedError,
  );
  assertEquals(error.message, "The exchange made no token: EGeneral:Invalid arguments:otp ***");
});

Deno.test("makeToken() says of each refusal what to do", async () => {
  const cases: readonly (readonly [reason: string, code: string, hint: string])[] = [
    ["EAPI:Invalid key", "invalid_key", "KRAKEN_API_KEY"],
    ["EAPI:Invalid signature", "invalid_signature", "KRAKEN_API_SECRET"],
    ["EAPI:Invalid signature", "invalid_signature", "KRAKEN_API_OTP"],
    ["EAPI:Invalid nonce", "invalid_nonce", "clock"],
    ["EGeneral:Permission denied", "permission_denied", "Access WebSockets API"],
    ["EGeneral:Temporary lockout", "locked_out", "minutes"],
    ["EAPI:Rate limit exceeded", "rate_limited", "wait"],
  ];
  for (const [reason, code, hint] of cases) {
    const error = await assertRejects(() => ask(answered({ error: [reason] })), RefusedError, reason);
    assertEquals(error.code, code);
    assertStringIncludes(error.hint ?? "", hint);
  }
  await assertRejects(() => ask(answered({ error: ["EQuery:Something else"] })), RefusedError, "EQuery:Something else");
});

Deno.test("makeToken() tells an exchange that is away from a key that is wrong", async () => {
  const cases: readonly (readonly [PostAnswer, code: string])[] = [
    [answered({ error: ["EService:Unavailable"] }), "service_unavailable"],
    [answered("<html>502</html>", 502), "bad_answer"],
    [answered({ error: [], result: {} }), "bad_answer"],
    [answered("null"), "bad_answer"],
    [answered(""), "bad_answer"],
    [{ type: "lost", loss: { kind: "timeout", message: "no answer within 1 s" } }, "timeout"],
    [{ type: "lost", loss: { kind: "permission", message: "Deno was not given net access" } }, "permission"],
  ];
  for (const [answer, code] of cases) {
    const error: KrakenwsError = await assertRejects(() => ask(answer), UnreachableError);
    assertEquals(error.code, code);
  }
});
