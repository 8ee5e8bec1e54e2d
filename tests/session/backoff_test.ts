import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Loss } from "../../lib/io/ports.ts";
import { delayMs } from "../../lib/session/backoff.ts";

const CLOSED: Loss = { kind: "closed", message: "closed with code 1006", code: 1006 };

function delays(random: number, count: number, after = { loss: CLOSED, maintenance: false }): number[] {
  return Array.from({ length: count }, (_, attempt) => delayMs(attempt, after, () => random));
}

Deno.test("delayMs() tries at once, then twice soon, then ever later up to a minute", () => {
  assertEquals(delays(0, 6), [0, 1_000, 2_000, 5_000, 5_000, 5_000]);
  assertEquals(delays(0.5, 9), [0, 1_000, 2_000, 7_500, 12_500, 22_500, 32_500, 32_500, 32_500]);
});

Deno.test("delayMs() waits at least five seconds after maintenance", () => {
  assertEquals(delays(0.5, 5, { loss: CLOSED, maintenance: true }), [5_000, 5_000, 5_000, 7_500, 12_500]);
});

Deno.test("delayMs() waits a minute where the exchange says that this address asks too often", () => {
  for (const code of [403, 429]) {
    const loss: Loss = { kind: "http_status", message: `HTTP ${code}`, code };
    assertEquals(delayMs(0, { loss, maintenance: false }, () => 0), 60_000);
  }
  const loss: Loss = { kind: "http_status", message: "HTTP 502", code: 502 };
  assertEquals(delayMs(0, { loss, maintenance: false }, () => 0), 0);
});

Deno.test("delayMs() stays between its bounds whatever chance says, and spreads clients apart", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.nat(1_000), chance, (attempt, random) => {
    const ms = delayMs(attempt, { loss: CLOSED, maintenance: false }, () => random);
    assert(Number.isInteger(ms) && ms >= 0 && ms <= 60_000);
    if (attempt >= 3) assert(ms >= 5_000);
  }));
  assert(delays(0, 5)[4] !== delays(0.9, 5)[4]);
});

Deno.test("delayMs() makes far fewer than the 150 connections in ten minutes that the exchange bans", () => {
  let spentMs = 0;
  let connections = 0;
  while (spentMs < 600_000) spentMs += delayMs(connections++, { loss: CLOSED, maintenance: false }, () => 0.5);
  assert(connections < 50, `${connections} connections`);
});
