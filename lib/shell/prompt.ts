/**
 * The prompt: where orders would go, and whether everything that should stand does.
 *
 * ```text
 * LIVE +public ~private 3 subs deadman 47s>
 * ```
 *
 * `+` is an open socket, `~` one that is being opened, `!` one that was lost; a socket that nothing needs is not shown.
 * Colour only repeats what the text says. Where orders are real, the target is in capitals and in the colour of
 * a warning; the exchange's beta runs on the real engine, and an address given by hand may be anything.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-intro (beta) and https://no-color.org
 *
 * @module
 */

import { visible } from "../output/printable.ts";

export type SocketState = "unused" | "connecting" | "open" | "lost";

export interface PromptState {
  /** `sandbox`, `live`, `beta`, or an address. */
  readonly target: string;
  /** Orders are only checked by the exchange, never made. */
  readonly validate: boolean;
  readonly publicSocket: SocketState;
  readonly privateSocket: SocketState;
  readonly subscriptions: number;
  /**
   * The dead man's switch: `armed` as long as the exchange has confirmed it and its time is not over; `unconfirmed` when it is
   * wanted and nothing protects.
   */
  readonly deadman:
    | { readonly type: "off" }
    | { readonly type: "armed"; readonly secondsLeft: number }
    | { readonly type: "unconfirmed" };
}

export interface PromptStyle {
  readonly color: boolean;
}

/**
 * Whether to use colour on a terminal, by the environment that the caller read.
 *
 * @param environment `NO_COLOR` counts when it is not empty; so does `TERM=dumb`.
 */
export function wantsColor(environment: { readonly noColor: string | undefined; readonly term: string | undefined }) {
  return (environment.noColor ?? "") === "" && environment.term !== "dumb";
}

/**
 * The prompt's text, with a blank at its end.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderPrompt } from "./prompt.ts";
 *
 * const state = {
 *   target: "live",
 *   validate: false,
 *   publicSocket: "open",
 *   privateSocket: "unused",
 *   subscriptions: 2,
 *   deadman: { type: "armed", secondsLeft: 47 },
 * } as const;
 * assertEquals(renderPrompt(state, { color: false }), "LIVE +public 2 subs deadman 47s> ");
 * ```
 */
export function renderPrompt(state: PromptState, style: PromptStyle): string {
  const { target, validate, publicSocket, privateSocket, subscriptions, deadman } = state;
  const isHarmless = target === "sandbox" || validate;
  const parts = [
    paint(target === "sandbox" ? target : shown(target), isHarmless ? GREEN : RED, style),
    validate ? paint("validate", GREEN, style) : "",
    renderSocket("public", publicSocket, style),
    renderSocket("private", privateSocket, style),
    subscriptions === 0 ? "" : `${subscriptions} ${subscriptions === 1 ? "sub" : "subs"}`,
    renderDeadman(deadman, style),
  ];
  return `${parts.filter((part) => part !== "").join(" ")}> `;
}

function shown(target: string): string {
  return visible(target.replaceAll(/\s+/g, "")).toUpperCase();
}

function renderSocket(name: string, state: SocketState, style: PromptStyle): string {
  switch (state) {
    case "unused":
      return "";
    case "connecting":
      return paint(`~${name}`, YELLOW, style);
    case "open":
      return paint(`+${name}`, GREEN, style);
    case "lost":
      return paint(`!${name}`, RED, style);
    default:
      return state satisfies never;
  }
}

function renderDeadman(deadman: PromptState["deadman"], style: PromptStyle): string {
  switch (deadman.type) {
    case "off":
      return "";
    case "armed":
      return `deadman ${Math.max(0, Math.floor(deadman.secondsLeft))}s`;
    case "unconfirmed":
      return paint("deadman NOT ARMED", RED, style);
    default:
      return deadman satisfies never;
  }
}

const RED = "1;31";
const GREEN = "32";
const YELLOW = "33";

function paint(text: string, code: string, { color }: PromptStyle): string {
  return color && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
}
