import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Loss } from "../../lib/io/ports.ts";
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  DEFAULT_POLICY,
  step,
} from "../../lib/session/connection.ts";

const CLOSED: Loss = { kind: "closed", message: "closed with code 1006", code: 1006 };

const IDLE: ConnectionState = { phase: "idle" };
const WAITING: ConnectionState = { phase: "waiting", attempt: 2, untilMs: 5_000, everOpen: true };
const FIRST_DIAL: ConnectionState = { phase: "dialing", attempt: 0, deadlineMs: 10_000, everOpen: false };
const REDIAL: ConnectionState = { phase: "dialing", attempt: 2, deadlineMs: 10_000, everOpen: true };
const OPEN: ConnectionState = { phase: "open", attempt: 2, sinceMs: 0, pingedMs: undefined };
const PINGED: ConnectionState = { phase: "open", attempt: 2, sinceMs: 0, pingedMs: 11_000 };
const STOPPED: ConnectionState = { phase: "stopped" };

const START: ConnectionInput = { type: "start", nowMs: 0 };
const STOP: ConnectionInput = { type: "stop" };

function opened(nowMs: number): ConnectionInput {
  return { type: "opened", nowMs };
}

function lost(nowMs: number, maintenance = false): ConnectionInput {
  return { type: "lost", nowMs, loss: CLOSED, maintenance };
}

function wake(nowMs: number, heardMs = 0, subscribed = true): ConnectionInput {
  return { type: "wake", nowMs, heardMs, subscribed, maintenance: false };
}

interface Cell {
  readonly when: string;
  readonly state: ConnectionState;
  readonly input: ConnectionInput;
  readonly phase: ConnectionState["phase"];
  readonly effects: readonly string[];
}

/** The table at the head of connection.ts, cell by cell. */
const CELLS: readonly Cell[] = [
  { when: "idle starts", state: IDLE, input: START, phase: "dialing", effects: ["wake at 10000", "dial"] },
  { when: "idle is stopped", state: IDLE, input: STOP, phase: "stopped", effects: ["close"] },

  { when: "waiting wakes early", state: WAITING, input: wake(4_999), phase: "waiting", effects: ["wake at 5000"] },
  { when: "waiting is due", state: WAITING, input: wake(5_000), phase: "dialing", effects: ["wake at 15000", "dial"] },
  { when: "waiting is stopped", state: WAITING, input: STOP, phase: "stopped", effects: ["close"] },

  {
    when: "dialing is held",
    state: REDIAL,
    input: { type: "held", nowMs: 100, delayMs: 9_000 },
    phase: "waiting",
    effects: ["hold for 9000", "wake at 9100"],
  },
  {
    when: "dialing succeeds",
    state: REDIAL,
    input: opened(100),
    phase: "open",
    effects: ["resubscribe", "wake at 10100"],
  },
  { when: "the first dialing fails", state: FIRST_DIAL, input: lost(100), phase: "stopped", effects: ["give_up 0"] },
  {
    when: "a later dialing fails",
    state: REDIAL,
    input: lost(100),
    phase: "waiting",
    effects: ["retry 3 in 2000", "wake at 2100"],
  },
  { when: "dialing wakes early", state: REDIAL, input: wake(9_999), phase: "dialing", effects: ["wake at 10000"] },
  {
    when: "the first dialing takes too long",
    state: FIRST_DIAL,
    input: wake(10_000),
    phase: "stopped",
    effects: ["close", "give_up 0"],
  },
  {
    when: "a later dialing takes too long",
    state: REDIAL,
    input: wake(10_000),
    phase: "waiting",
    effects: ["close", "retry 3 in 2000", "wake at 12000"],
  },
  { when: "dialing is stopped", state: REDIAL, input: STOP, phase: "stopped", effects: ["close"] },

  {
    when: "open is lost soon",
    state: OPEN,
    input: lost(29_999),
    phase: "waiting",
    effects: ["retry 3 in 2000", "wake at 31999"],
  },
  {
    when: "open is lost once it was stable",
    state: OPEN,
    input: lost(30_000),
    phase: "waiting",
    effects: ["retry 1 in 0", "wake at 30000"],
  },
  {
    when: "open is lost in maintenance",
    state: OPEN,
    input: lost(30_000, true),
    phase: "waiting",
    effects: ["retry 1 in 5000", "wake at 35000"],
  },
  { when: "open has heard enough", state: OPEN, input: wake(12_000, 3_000), phase: "open", effects: ["wake at 13000"] },
  {
    when: "open is silent",
    state: OPEN,
    input: wake(13_000, 3_000),
    phase: "open",
    effects: ["ping", "wake at 18000"],
  },
  {
    when: "open without a subscription may be silent longer",
    state: OPEN,
    input: wake(13_000, 3_000, false),
    phase: "open",
    effects: ["wake at 18000"],
  },
  {
    when: "open without a subscription asks from time to time",
    state: OPEN,
    input: wake(18_000, 3_000, false),
    phase: "open",
    effects: ["ping", "wake at 23000"],
  },
  { when: "a ping still waits", state: PINGED, input: wake(15_999, 1_000), phase: "open", effects: ["wake at 16000"] },
  {
    when: "a ping was answered",
    state: PINGED,
    input: wake(16_000, 11_500),
    phase: "open",
    effects: ["wake at 21500"],
  },
  {
    when: "a ping goes unanswered",
    state: PINGED,
    input: wake(16_000, 1_000),
    phase: "waiting",
    effects: ["close", "retry 3 in 2000", "wake at 18000"],
  },
  { when: "open is stopped", state: OPEN, input: STOP, phase: "stopped", effects: ["close"] },

  { when: "stopped is stopped again", state: STOPPED, input: STOP, phase: "stopped", effects: [] },
];

for (const { when, state, input, phase, effects } of CELLS) {
  Deno.test(`step() when ${when}: ${[...effects, phase].join(", ")}`, () => {
    const next = step(state, input, DEFAULT_POLICY, () => 0.5);
    assertEquals([next.state.phase, next.effects.map(describe)], [phase, effects]);
  });
}

function describe(effect: ConnectionEffect): string {
  switch (effect.type) {
    case "wake":
      return `wake at ${effect.atMs}`;
    case "hold":
      return `hold for ${effect.delayMs}`;
    case "retry":
      return `retry ${effect.attempt} in ${effect.delayMs}`;
    case "give_up":
      return `give_up ${effect.attempt}`;
    default:
      return effect.type;
  }
}

Deno.test("step() changes nothing for a pair that has no entry in the table", () => {
  const pairs: readonly (readonly [ConnectionState, ConnectionInput])[] = [
    [IDLE, opened(1)],
    [IDLE, lost(1)],
    [IDLE, wake(1)],
    [WAITING, START],
    [WAITING, opened(1)],
    [WAITING, lost(1)],
    [REDIAL, START],
    [OPEN, START],
    [OPEN, opened(1)],
    [STOPPED, START],
    [STOPPED, opened(1)],
    [STOPPED, lost(1)],
    [STOPPED, wake(1)],
  ];
  for (const [state, input] of pairs) {
    assertEquals(step(state, input, DEFAULT_POLICY, () => 0.5), { state, effects: [] });
  }
});

Deno.test("step() gives up after as many tries as the policy allows, or at once where it allows none", () => {
  const policy = { ...DEFAULT_POLICY, maxAttempts: 2 };
  assertEquals(step(REDIAL, lost(1), policy, () => 0).effects.map(describe), ["give_up 2"]);
  assertEquals(step(OPEN, lost(1), { ...DEFAULT_POLICY, reconnect: false }, () => 0).effects.map(describe), [
    "give_up 2",
  ]);
});

Deno.test("step() never leaves a live connection without a wake to come", () => {
  const time = fc.nat(100_000);
  const input: fc.Arbitrary<ConnectionInput> = fc.oneof(
    time.map((nowMs): ConnectionInput => ({ type: "start", nowMs })),
    time.map(opened),
    time.map((nowMs) => lost(nowMs)),
    fc.tuple(time, time, fc.boolean()).map(([a, b, subscribed]) => wake(Math.max(a, b), Math.min(a, b), subscribed)),
  );
  fc.assert(fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
    let state: ConnectionState = IDLE;
    let planned = false;
    for (const next of inputs) {
      // A wake comes only where one was asked for, and uses it up.
      if (next.type === "wake" && !planned) continue;
      if (next.type === "wake") planned = false;
      const result = step(state, next, DEFAULT_POLICY, () => 0.5);
      planned ||= result.effects.some(({ type }) => type === "wake");
      state = result.state;
      if (state.phase !== "idle" && state.phase !== "stopped") {
        assert(planned, `${next.type} left ${state.phase} asleep`);
      }
    }
  }));
});
