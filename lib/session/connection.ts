/**
 * When to connect, when to ask whether anybody is there, and when to give up: a table of phase and input.
 *
 * | phase   | opened              | lost                              | wake                                     | stop    |
 * | ------- | ------------------- | --------------------------------- | ---------------------------------------- | ------- |
 * | idle    | -                   | -                                 | -                                        | stopped |
 * | waiting | -                   | -                                 | due: dial -> dialing                     | stopped |
 * | dialing | resubscribe -> open | never open yet: give up; waiting  | past the deadline: close, as lost        | stopped |
 * | open    | -                   | waiting; attempts start over      | quiet: ping; still quiet: close, as lost | stopped |
 * |         |                     | if it was stable                  |                                          |         |
 * | stopped | -                   | -                                 | -                                        | -       |
 *
 * `start` takes idle to dialing, and `held` takes dialing back to waiting: too many connections were made of late. A pair
 * that has no entry changes nothing.
 *
 * The first connection is tried once: a command that cannot reach the exchange should say so. A connection that has
 * stood is brought back for as long as {@linkcode Policy.maxAttempts} allows.
 *
 * Pure: time comes in with each input, and what to do comes out as effects.
 *
 * @module
 */

import type { Loss, Random } from "../io/ports.ts";
import { delayMs } from "./backoff.ts";

export type ConnectionState =
  | { readonly phase: "idle" }
  | { readonly phase: "waiting"; readonly attempt: number; readonly untilMs: number; readonly everOpen: boolean }
  | { readonly phase: "dialing"; readonly attempt: number; readonly deadlineMs: number; readonly everOpen: boolean }
  | {
    readonly phase: "open";
    readonly attempt: number;
    readonly sinceMs: number;
    readonly pingedMs: number | undefined;
  }
  | { readonly phase: "stopped" };

export type ConnectionInput =
  | { readonly type: "start"; readonly nowMs: number }
  /** The dialing that has begun may not be done before `delayMs` have passed. */
  | { readonly type: "held"; readonly nowMs: number; readonly delayMs: number }
  | { readonly type: "opened"; readonly nowMs: number }
  | { readonly type: "lost"; readonly nowMs: number; readonly loss: Loss; readonly maintenance: boolean }
  /** `heardMs` is when the last frame came, moved on by any time in which this program could not have heard one. */
  | {
    readonly type: "wake";
    readonly nowMs: number;
    readonly heardMs: number;
    readonly subscribed: boolean;
    readonly maintenance: boolean;
  }
  | { readonly type: "stop" };

export type ConnectionEffect =
  | { readonly type: "dial" }
  | { readonly type: "resubscribe" }
  | { readonly type: "ping" }
  | { readonly type: "close" }
  /** The connection is gone; `delayMs` says when the next one is tried. */
  | { readonly type: "retry"; readonly loss: Loss; readonly attempt: number; readonly delayMs: number }
  | { readonly type: "hold"; readonly attempt: number; readonly delayMs: number }
  | { readonly type: "give_up"; readonly loss: Loss; readonly attempt: number }
  | { readonly type: "wake"; readonly atMs: number };

export interface Policy {
  readonly reconnect: boolean;
  /** How long a handshake may take. */
  readonly dialTimeoutMs: number;
  /** Tries in a row after which to give up. */
  readonly maxAttempts: number;
  /** A connection that stood this long starts the attempts over. */
  readonly stableMs: number;
  /** With a subscription a heartbeat comes every second, so this much silence is suspicious. */
  readonly silenceMs: number;
  /** Without one the exchange says nothing, and closes after about a minute: so ask this often. */
  readonly idleMs: number;
  /** How long a ping may stay unanswered. */
  readonly pongMs: number;
}

export const DEFAULT_POLICY: Policy = {
  reconnect: true,
  dialTimeoutMs: 10_000,
  maxAttempts: 60,
  stableMs: 30_000,
  silenceMs: 10_000,
  idleMs: 15_000,
  pongMs: 5_000,
};

export interface Step {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** One row of the table above. */
export function step(state: ConnectionState, input: ConnectionInput, policy: Policy, random: Random): Step {
  if (input.type === "stop") {
    return { state: { phase: "stopped" }, effects: state.phase === "stopped" ? [] : [{ type: "close" }] };
  }
  switch (state.phase) {
    case "idle":
      return input.type === "start"
        ? dial({ attempt: 0, everOpen: false }, input.nowMs, policy)
        : { state, effects: [] };
    case "waiting":
      return input.type === "wake" ? wakeWaiting(state, input.nowMs, policy) : { state, effects: [] };
    case "dialing":
      return stepDialing(state, input, policy, random);
    case "open":
      return stepOpen(state, input, policy, random);
    case "stopped":
      return { state, effects: [] };
  }
}

type Phase<P extends ConnectionState["phase"]> = Extract<ConnectionState, { readonly phase: P }>;

function dial(
  { attempt, everOpen }: { readonly attempt: number; readonly everOpen: boolean },
  nowMs: number,
  policy: Policy,
): Step {
  const deadlineMs = nowMs + policy.dialTimeoutMs;
  return {
    state: { phase: "dialing", attempt, deadlineMs, everOpen },
    // The deadline first: dialing may lead to the next step at once.
    effects: [{ type: "wake", atMs: deadlineMs }, { type: "dial" }],
  };
}

function wakeWaiting(state: Phase<"waiting">, nowMs: number, policy: Policy): Step {
  if (nowMs < state.untilMs) return { state, effects: [{ type: "wake", atMs: state.untilMs }] };
  return dial(state, nowMs, policy);
}

function stepDialing(state: Phase<"dialing">, input: ConnectionInput, policy: Policy, random: Random): Step {
  if (input.type === "opened") {
    return {
      state: { phase: "open", attempt: state.attempt, sinceMs: input.nowMs, pingedMs: undefined },
      effects: [{ type: "resubscribe" }, { type: "wake", atMs: input.nowMs + policy.silenceMs }],
    };
  }
  if (input.type === "lost") return lose(state, input, policy, random);
  if (input.type === "held") return hold(state, input);
  if (input.type !== "wake") return { state, effects: [] };
  if (input.nowMs < state.deadlineMs) return { state, effects: [{ type: "wake", atMs: state.deadlineMs }] };
  const loss: Loss = { kind: "timeout", message: `no answer within ${policy.dialTimeoutMs / 1000} s` };
  return closeAndLose(state, { ...input, loss }, policy, random);
}

function hold({ attempt, everOpen }: Losing, { nowMs, delayMs }: { nowMs: number; delayMs: number }): Step {
  const untilMs = nowMs + delayMs;
  return {
    state: { phase: "waiting", attempt, untilMs, everOpen },
    effects: [{ type: "hold", attempt, delayMs }, { type: "wake", atMs: untilMs }],
  };
}

function stepOpen(state: Phase<"open">, input: ConnectionInput, policy: Policy, random: Random): Step {
  if (input.type !== "lost" && input.type !== "wake") return { state, effects: [] };
  const stable = input.nowMs - state.sinceMs >= policy.stableMs;
  const losing: Losing = { attempt: stable ? 0 : state.attempt, everOpen: true };
  if (input.type === "lost") return lose(losing, input, policy, random);
  const { nowMs, heardMs } = input;
  const answered = state.pingedMs === undefined || heardMs >= state.pingedMs;
  if (!answered) {
    const dueMs = state.pingedMs + policy.pongMs;
    if (nowMs < dueMs) return { state, effects: [{ type: "wake", atMs: dueMs }] };
    const seconds = ((nowMs - heardMs) / 1000).toFixed(1);
    const loss: Loss = { kind: "stall", message: `nothing was heard for ${seconds} s and a ping went unanswered` };
    return closeAndLose(losing, { ...input, loss }, policy, random);
  }
  const quietMs = heardMs + (input.subscribed ? policy.silenceMs : policy.idleMs);
  if (nowMs < quietMs) return { state: { ...state, pingedMs: undefined }, effects: [{ type: "wake", atMs: quietMs }] };
  return {
    state: { ...state, pingedMs: nowMs },
    effects: [{ type: "ping" }, { type: "wake", atMs: nowMs + policy.pongMs }],
  };
}

interface Losing {
  readonly attempt: number;
  readonly everOpen: boolean;
}

function closeAndLose(
  from: Losing,
  input: { readonly nowMs: number; readonly loss: Loss; readonly maintenance: boolean },
  policy: Policy,
  random: Random,
): Step {
  const { state, effects } = lose(from, input, policy, random);
  return { state, effects: [{ type: "close" }, ...effects] };
}

function lose(
  { attempt, everOpen }: Losing,
  { nowMs, loss, maintenance }: { readonly nowMs: number; readonly loss: Loss; readonly maintenance: boolean },
  policy: Policy,
  random: Random,
): Step {
  if (!everOpen || !policy.reconnect || attempt >= policy.maxAttempts) {
    return { state: { phase: "stopped" }, effects: [{ type: "give_up", loss, attempt }] };
  }
  const delay = delayMs(attempt, { loss, maintenance }, random);
  const untilMs = nowMs + delay;
  return {
    state: { phase: "waiting", attempt: attempt + 1, untilMs, everOpen },
    effects: [{ type: "retry", loss, attempt: attempt + 1, delayMs: delay }, { type: "wake", atMs: untilMs }],
  };
}
