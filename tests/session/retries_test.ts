import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FULL_PACE, type Remedy, remedyOf, retryDelayMs, slower, spacingMs } from "../../lib/session/retries.ts";

Deno.test("remedyOf() asks again what may be over in a moment, and takes the rest for final", () => {
  const remedies: readonly (readonly [reason: string, remedy: Remedy])[] = [
    ["Exceeded msg rate", "slow_down"],
    ["EService:Unavailable", "retry"],
    ["EService:Busy", "retry"],
    ["EService:Throttled:1700000000", "retry"],
    ["EGeneral:Internal error", "retry"],
    ["Already subscribed", "believe"],
    ["Currency pair not supported NO/SUCH", "none"],
    ["Subscription depth not supported", "none"],
    ["ESession:Invalid session", "none"],
    ["EGeneral:Permission denied", "none"],
    ["", "none"],
  ];
  for (const [reason, remedy] of remedies) assertEquals(remedyOf(reason), remedy, reason);
});

Deno.test("retryDelayMs() grows to a minute, and has an end", () => {
  const delays = Array.from({ length: 13 }, (_, tries) => retryDelayMs(tries));
  assertEquals(delays.slice(0, 8), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  assertEquals(delays.at(-1), undefined);
});

Deno.test("a refused pace is halved, down to a request in five seconds, and doubles again with every quiet half minute", () => {
  const refused = slower(FULL_PACE, 1_000);
  assertEquals(spacingMs(refused, 1_000), 400);
  assertEquals(spacingMs(refused, 30_999), 400);
  assertEquals(spacingMs(refused, 31_000), 200);
  let pace = FULL_PACE;
  for (let refusals = 0; refusals < 20; refusals++) pace = slower(pace, 5_000);
  assertEquals([spacingMs(pace, 5_000), spacingMs(pace, 35_000), spacingMs(pace, 600_000)], [5_000, 2_500, 200]);
});

Deno.test("whatever is refused and when, the pace stays between its bounds", () => {
  fc.assert(fc.property(fc.array(fc.nat(100_000), { maxLength: 50 }), (times) => {
    let pace = FULL_PACE;
    let nowMs = 0;
    for (const ms of times) {
      nowMs += ms;
      pace = slower(pace, nowMs);
      const spacing = spacingMs(pace, nowMs);
      assert(spacing >= 200 && spacing <= 5_000, `${spacing}`);
    }
  }));
});
