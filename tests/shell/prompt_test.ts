import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type PromptState, renderPrompt, wantsColor } from "../../lib/shell/prompt.ts";

const IDLE: PromptState = {
  target: "sandbox",
  validate: false,
  publicSocket: "unused",
  privateSocket: "unused",
  subscriptions: 0,
  deadman: { type: "off" },
};

Deno.test("renderPrompt() tells target, sockets, subscriptions and the dead man's switch", () => {
  const table: [change: Partial<PromptState>, prompt: string][] = [
    [{}, "sandbox> "],
    [{ target: "live" }, "LIVE> "],
    [{ target: "beta" }, "BETA> "],
    [{ target: "live", validate: true }, "LIVE validate> "],
    [{ target: "wss://example.org" }, "WSS://EXAMPLE.ORG> "],
    [{ publicSocket: "open", subscriptions: 1 }, "sandbox +public 1 sub> "],
    [{ publicSocket: "lost", privateSocket: "connecting", subscriptions: 12 }, "sandbox !public ~private 12 subs> "],
    [{ privateSocket: "open", deadman: { type: "armed", secondsLeft: 59.9 } }, "sandbox +private deadman 59s> "],
    [{ deadman: { type: "armed", secondsLeft: -1 } }, "sandbox deadman 0s> "],
    [{ deadman: { type: "unconfirmed" } }, "sandbox deadman NOT ARMED> "],
  ];
  for (const [change, prompt] of table) assertEquals(renderPrompt({ ...IDLE, ...change }, { color: false }), prompt);
});

Deno.test("renderPrompt() paints a target of real orders as a warning, and others not", () => {
  const color = (change: Partial<PromptState>) => renderPrompt({ ...IDLE, ...change }, { color: true }).split("m")[0];
  assertEquals(color({ target: "live" }), "\x1b[1;31");
  assertEquals(color({ target: "beta" }), "\x1b[1;31");
  assertEquals(color({ target: "ws://127.0.0.1:1" }), "\x1b[1;31");
  assertEquals(color({ target: "live", validate: true }), "\x1b[32");
  assertEquals(color({ target: "sandbox" }), "\x1b[32");
});

Deno.test("renderPrompt() says the same with and without colour, and lets no control character in", () => {
  const socket = fc.constantFrom("unused" as const, "connecting" as const, "open" as const, "lost" as const);
  const deadman = fc.oneof(
    fc.constantFrom({ type: "off" as const }, { type: "unconfirmed" as const }),
    fc.record({ type: fc.constant("armed" as const), secondsLeft: fc.integer() }),
  );
  const state = fc.record({
    target: fc.string({ unit: "binary" }),
    validate: fc.boolean(),
    publicSocket: socket,
    privateSocket: socket,
    subscriptions: fc.nat(),
    deadman,
  });
  fc.assert(fc.property(state, (state) => {
    const plain = renderPrompt(state, { color: false });
    // deno-lint-ignore no-control-regex
    assertEquals(renderPrompt(state, { color: true }).replaceAll(/\x1b\[[\d;]*m/g, ""), plain);
    assert(!/\p{Cc}/u.test(plain));
  }));
});

Deno.test("wantsColor() honours NO_COLOR and TERM=dumb", () => {
  assertEquals(wantsColor({ noColor: undefined, term: "xterm-256color" }), true);
  assertEquals(wantsColor({ noColor: "", term: undefined }), true);
  assertEquals(wantsColor({ noColor: "1", term: "xterm" }), false);
  assertEquals(wantsColor({ noColor: undefined, term: "dumb" }), false);
});
