import { assert, assertEquals, assertThrows } from "@std/assert";
import { isPractice, resolveConfig, type Settings, VARIABLES } from "../lib/config.ts";
import { UsageError } from "../lib/errors.ts";

function resolve(settings: Settings = {}, environment: Readonly<Record<string, string>> = {}) {
  return resolveConfig(settings, (name) => environment[name]);
}

Deno.test("without a word the exchange is the live one, and everything else is at its default", () => {
  assertEquals(resolve(), {
    target: {
      name: "live",
      urls: { public: "wss://ws.kraken.com", private: "wss://ws-auth.kraken.com" },
      restUrl: "https://api.kraken.com",
    },
    tokenFile: undefined,
    output: "ndjson",
    rawFrame: false,
    heartbeats: false,
    quiet: false,
    verbose: false,
    timeoutMs: 10_000,
    reconnect: true,
    strict: false,
    validate: false,
    statsMs: undefined,
    limits: { count: undefined, forMs: undefined },
  });
});

Deno.test("options come before the environment, and that before defaults", () => {
  const environment = { KRAKENWS_TARGET: "beta", KRAKENWS_TIMEOUT: "3s", KRAKENWS_QUIET: "1", KRAKENWS_COUNT: "7" };
  const { target, timeoutMs, quiet, limits } = resolve({ target: "live", timeout: "1m" }, environment);
  assertEquals([target.name, timeoutMs, quiet, limits.count], ["live", 60_000, true, 7]);
  assertEquals(resolve({}, environment).target.urls.public, "wss://beta-ws.kraken.com");
  assertEquals(resolve({ quiet: false }, environment).quiet, false);
});

Deno.test("every setting has a variable of its own, named after it", () => {
  for (const [setting, variable] of Object.entries(VARIABLES)) {
    assertEquals(variable, `KRAKENWS_${setting.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`);
  }
});

Deno.test("flags in the environment are 1 or 0, true or false; empty is unset", () => {
  const rawFrame = (value: string) => resolve({}, { KRAKENWS_RAW_FRAME: value }).rawFrame;
  assertEquals(["1", "true", "0", "false", ""].map(rawFrame), [true, true, false, false, false]);
  assertEquals(resolve({}, { KRAKENWS_TIMEOUT: "", KRAKENWS_TARGET: "" }).target.name, "live");
  const error = assertThrows(() => rawFrame("yes"), UsageError, 'KRAKENWS_RAW_FRAME is "yes"');
  assertEquals(error.code, "bad_flag");
});

Deno.test("a URL as target is an exchange laid out as the sandbox is", () => {
  const { target } = resolve({ target: "ws://127.0.0.1:8080" });
  assertEquals(target, {
    name: "custom",
    urls: { public: "ws://127.0.0.1:8080/", private: "ws://127.0.0.1:8080/auth" },
    restUrl: "http://127.0.0.1:8080",
  });
  const below = resolve({ target: "wss://exchange.test/spot" }).target;
  assertEquals([below.urls, below.restUrl], [
    { public: "wss://exchange.test/spot", private: "wss://exchange.test/spot/auth" },
    "https://exchange.test",
  ]);
});

Deno.test("single addresses replace those of the target", () => {
  const { target } = resolve({ target: "beta", publicUrl: "wss://mirror.test/feed" });
  assertEquals(target, {
    name: "custom",
    urls: { public: "wss://mirror.test/feed", private: "wss://beta-ws-auth.kraken.com" },
    restUrl: "https://api.kraken.com",
  });
});

Deno.test("plain ws:// leaves this machine for nowhere", () => {
  for (const url of ["ws://127.0.0.1:1", "ws://127.8.9.1:1", "ws://localhost:1", "ws://[::1]:1"]) {
    assertEquals(resolve({ publicUrl: url }).target.urls.public, `${url}/`);
  }
  const refused = [
    "ws://example.com",
    "ws://127.0.0.1.example.com",
    "ws://localhost.example.com",
    "ws://0.0.0.0",
    "ws://10.0.0.1",
  ];
  for (const url of refused) {
    for (const setting of ["target", "publicUrl", "privateUrl"] as const) {
      const error = assertThrows(() => resolve({ [setting]: url }), UsageError, url);
      assert(error.hint?.includes("wss://"), error.hint);
    }
  }
  assertThrows(() => resolve({ restUrl: "http://api.kraken.com" }), UsageError);
  assertEquals(resolve({ restUrl: "http://127.0.0.1:99/x" }).target.restUrl, "http://127.0.0.1:99");
});

Deno.test("what is no address is told as such", () => {
  for (const url of ["http://127.0.0.1", "file:///etc/passwd", "javascript:alert(1)", "wss://", "kraken.com:443"]) {
    assertThrows(() => resolve({ target: url }), UsageError, "Cannot use");
  }
  const typo = assertThrows(() => resolve({ target: "sandox" }), UsageError, 'no target "sandox"');
  assertEquals(typo.hint, "Did you mean sandbox?");
  assert(assertThrows(() => resolve({ target: "mars" }), UsageError).hint?.includes("live, beta, sandbox"));
});

Deno.test("the sandbox of this process has addresses of its own, and an explicit target outdoes the flag", () => {
  assertEquals(resolve({ sandbox: true }).target.name, "sandbox");
  assertEquals(resolve({}, { KRAKENWS_SANDBOX: "1" }).target.name, "sandbox");
  assertEquals(resolve({ target: "live" }, { KRAKENWS_SANDBOX: "1" }).target.name, "live");
  assertThrows(() => resolve({ sandbox: true, publicUrl: "ws://127.0.0.1:1" }), UsageError, "addresses of its own");
});

Deno.test("--sandbox beside another target is refused: one of the two is not meant, and one of the two is real", () => {
  for (const target of ["live", "beta", "wss://exchange.test"]) {
    assertThrows(() => resolve({ sandbox: true, target }), UsageError, "contradict each other");
  }
  assertEquals(resolve({ sandbox: true, target: "sandbox" }).target.name, "sandbox");
  assertEquals(resolve({ sandbox: true }, { KRAKENWS_TARGET: "live" }).target.name, "sandbox");
});

Deno.test("an order is play only where both the socket and the maker of tokens are on this machine", () => {
  assert(isPractice(resolve({ sandbox: true }).target));
  assert(isPractice(resolve({ target: "ws://127.0.0.1:8080" }).target));
  assert(!isPractice(resolve({ privateUrl: "ws://127.0.0.1:8080" }).target));
  assert(!isPractice(resolve({ target: "beta" }).target));
});

Deno.test("a limit that cannot be read is told by the name under which it was given", () => {
  const environment = (name: string) => new Map([["KRAKENWS_COUNT", "x"], ["KRAKENWS_FOR", "9"]]).get(name);
  const hint = assertThrows(() => resolveConfig({}, environment), UsageError).hint;
  assertEquals(hint, "KRAKENWS_COUNT takes a whole number from 1");
  assertThrows(() => resolveConfig({ count: "1" }, environment), UsageError, "KRAKENWS_FOR: Cannot read");
  assertThrows(() => resolveConfig({ count: "1", for: "8" }, environment), UsageError, "--for: Cannot read");
});

Deno.test("limits are whole counts and real durations", () => {
  assertEquals(resolve({ count: "10", for: "1.5m" }).limits, { count: 10, forMs: 90_000 });
  for (const count of ["0", "-1", "1.5", "ten", "1e3", "9007199254740993", " "]) {
    assertThrows(() => resolve({ count }), UsageError, "Cannot stop after");
  }
  for (const duration of ["0s", "30", "-1s", "1d", "soon", "1000h"]) {
    assertEquals(assertThrows(() => resolve({ for: duration }), UsageError, "--for").code, "bad_duration");
    assertThrows(() => resolve({ timeout: duration }), UsageError, "--timeout");
  }
});
