/** Where tokens come from, and in which order. @module */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RefusedError } from "../../lib/errors.ts";
import type { PostRequest } from "../../lib/io/ports.ts";
import { Secret } from "../../lib/model/secret.ts";
import { SANDBOX_ACCOUNT, type TokenOptions, Tokens } from "../../lib/session/token.ts";
import { FakeClock } from "../_fakes.ts";

const KEY = { KRAKEN_API_KEY: "key", KRAKEN_API_SECRET: "c2VjcmV0" };

interface World {
  readonly options?: Partial<TokenOptions>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Text, or an error that reading it throws. */
  readonly files?: Record<string, string | Error>;
  readonly readableByOthers?: boolean;
}

function newTokens({ options = {}, environment = {}, files = {}, readableByOthers = false }: World = {}) {
  const clock = new FakeClock();
  const calls: PostRequest[] = [];
  const warnings: string[] = [];
  const secrets: string[] = [];
  const tokens = new Tokens(
    {
      restUrl: "https://exchange.test",
      timeoutMs: 1_000,
      tokenFile: undefined,
      account: undefined,
      practice: false,
      onSecret: (secret) => secrets.push(secret.reveal()),
      warn: (text) => warnings.push(text),
      ...options,
    },
    {
      clock,
      environment: (name) => environment[name],
      files: {
        read: (path) => {
          const content = files[path];
          if (content instanceof Error) throw content;
          return content;
        },
        readableByOthers: () => readableByOthers,
        write: () => {},
        open: () => {
          throw new Error("not written to");
        },
      },
      post: (_, request) => {
        calls.push(request);
        const result = { token: `made ${calls.length}`, expires: 900 };
        return Promise.resolve({ type: "answered", status: 200, text: JSON.stringify({ error: [], result }) });
      },
    },
  );
  const get = async () => (await tokens.get()).reveal();
  return { tokens, get, clock, calls, warnings, secrets, files };
}

Deno.test("what the environment holds is secret before it is used", () => {
  const environment = { ...KEY, KRAKENWS_TOKEN: " from the environment " };
  assertEquals(newTokens({ environment }).secrets, ["from the environment", "c2VjcmV0"]);
});

Deno.test("get() looks at --token-file, KRAKENWS_TOKEN, ./WS_Token and the API key, in this order", async () => {
  const options = { tokenFile: "mine" };
  const environment = { KRAKENWS_TOKEN: "from the variable".replaceAll(" ", "-"), ...KEY };
  const files = { mine: "from-my-file\n", WS_Token: "  from-ws-token\n" };
  assertEquals(await newTokens({ options, environment, files }).get(), "from-my-file");
  assertEquals(await newTokens({ environment, files }).get(), "from-the-variable");
  assertEquals(await newTokens({ environment: KEY, files }).get(), "from-ws-token");
  assertEquals(await newTokens({ environment: KEY }).get(), "made 1");
});

Deno.test("get() reads a file anew each time", async () => {
  const { get, files } = newTokens({ files: { WS_Token: "first" } });
  assertEquals(await get(), "first");
  files["WS_Token"] = "second";
  assertEquals(await get(), "second");
});

Deno.test("get() makes one token for many requests, and another once it is spent or old", async () => {
  const { tokens, get, clock, calls } = newTokens({ environment: KEY });
  assertEquals(await Promise.all([get(), get(), get()]), ["made 1", "made 1", "made 1"]);
  tokens.spend(new Secret("made 1"));
  assertEquals(await get(), "made 2");
  await clock.advance(839_000);
  assertEquals(await get(), "made 2");
  await clock.advance(2_000);
  assertEquals(await get(), "made 3");
  assertEquals(calls.length, 3);
});

Deno.test("get() passes over a spent token for as long as there is another", async () => {
  const both = newTokens({ environment: KEY, files: { WS_Token: "stale" } });
  assertEquals(await both.get(), "stale");
  both.tokens.spend(new Secret("stale"));
  assertEquals(await both.get(), "made 1");
  both.files["WS_Token"] = "fresh";
  assertEquals(await both.get(), "fresh");

  const alone = newTokens({ files: { WS_Token: "stale" } });
  alone.tokens.spend(new Secret("stale"));
  assertEquals(await alone.get(), "stale");
});

Deno.test("each nonce is above the one before, even when the clock stands still", async () => {
  const { tokens, calls } = newTokens({ environment: KEY });
  for (let call = 0; call < 3; call++) await tokens.make();
  const nonces = calls.map(({ body }) => BigInt(body.replace("nonce=", "")));
  assert(nonces.every((nonce, index) => index === 0 || nonce > nonces[index - 1]!), nonces.join(" "));
  assertEquals(String(nonces[0]).length, "1767605400000000000".length);
});

Deno.test("without a token, get() says where it looked and how to get one", async () => {
  const error = await assertRejects(() => newTokens().get(), RefusedError);
  assertEquals(error.code, "no_token");
  for (const place of ["KRAKENWS_TOKEN", "./WS_Token", "KRAKEN_API_KEY"]) assertStringIncludes(error.message, place);
  assertStringIncludes(error.hint ?? "", "Access WebSockets API");
  const half = await assertRejects(() => newTokens({ environment: { KRAKEN_API_KEY: "key" } }).get(), RefusedError);
  assertStringIncludes(half.message, "KRAKEN_API_SECRET is not set");
});

Deno.test("a file that the user named and that holds no token is an error, and never passed over", async () => {
  const notCapable = Object.assign(new Error("requires read access"), { name: "NotCapable" });
  const cases: readonly (readonly [string | Error | undefined, string])[] = [
    [undefined, "no such file"],
    ["", "empty"],
    [" \n", "empty"],
    ["two words", "more than one word"],
    ["abc", "too short"],
    [notCapable, "Deno was not given access"],
    [new Error("Permission denied (os error 13)"), "cannot be read"],
  ];
  for (const [content, reason] of cases) {
    const files = content === undefined ? {} : { mine: content };
    const { get } = newTokens({ options: { tokenFile: "mine" }, environment: KEY, files });
    const error = await assertRejects(get, RefusedError, reason);
    assertEquals(error.code, "bad_token_file");
  }
});

Deno.test("a file that others can read is used, with one warning that does not show it", async () => {
  const { get, warnings } = newTokens({ files: { WS_Token: "visible" }, readableByOthers: true });
  assertEquals([await get(), await get()], ["visible", "visible"]);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0] ?? "", "chmod 600 WS_Token");
  assertEquals(warnings[0]?.includes("visible"), false);
});

Deno.test("the exchange in this process gets its own account's token and no other", async () => {
  const { get, calls } = newTokens({
    options: { account: SANDBOX_ACCOUNT, tokenFile: "mine" },
    environment: { KRAKENWS_TOKEN: "real", ...KEY },
    files: { mine: "real", WS_Token: "real" },
  });
  assertEquals(await get(), "made 1");
  assertEquals(calls[0]?.headers["API-Key"], "sandbox");
});

Deno.test("every secret is known to whoever hides it before it is used", async () => {
  const { get, secrets } = newTokens({ environment: KEY });
  await get();
  assertEquals([...new Set(secrets)], ["c2VjcmV0", "made 1"]);
  const withOtp = newTokens({ environment: { ...KEY, KRAKEN_API_OTP: "pass word" } });
  await withOtp.get();
  assertEquals([...new Set(withOtp.secrets)], ["c2VjcmV0", "pass word", "made 1"]);
});

Deno.test("KRAKEN_API_OTP goes with the key of the environment, and never to the exchange in this process", async () => {
  const environment = { ...KEY, KRAKEN_API_OTP: " 123456\n" };
  const own = newTokens({ environment });
  await own.get();
  assertEquals(own.calls[0]?.body, "nonce=1767605400000000000&otp=123456");
  for (const world of [{ environment, options: { account: SANDBOX_ACCOUNT } }, { environment: KEY }]) {
    const { get, calls } = newTokens(world);
    await get();
    assertEquals(calls[0]?.body, "nonce=1767605400000000000");
  }
});
