/**
 * An exchange that misbehaves on command.
 *
 * A fault is a line of text. Durations are written `500ms`, `3s` or `2m`.
 *
 * | fault | what happens |
 * |---|---|
 * | `drop [3s]` | every connection ends (close code 1001); new ones are refused with HTTP 503 for that long |
 * | `close CODE [REASON]` | every connection is closed with that code |
 * | `refuse STATUS [for 3s]` | new connections are refused with that HTTP status, until `clear` without a duration |
 * | `stall [10s]` | nothing is sent any more on the connections there are, heartbeats included; it comes later |
 * | `delay 500ms` | everything is sent that much later, until `clear` or `delay 0s` |
 * | `lose-reply` | the next answer to a trading request is lost; the request was carried out |
 * | `late-reply 2s` | the next answer to a trading request comes that much later |
 * | `lose-status` | the next `subscriptionStatus` is lost; the subscription was made or ended |
 * | `corrupt-checksum` | the next book update carries a wrong checksum |
 * | `skip-sequence` | the next private message skips a number |
 * | `duplicate` | the next message of a feed is sent twice |
 * | `malformed` | the next message of a feed arrives cut in half |
 * | `reject TEXT` | the next subscription or trading request is refused with that text |
 * | `rate-limit [3s]` | the next request, or all for that long, are refused as too many |
 * | `expire-token` | every token issued so far becomes invalid |
 * | `maintenance [5s]` | the exchange says so and takes neither orders nor cancellations; then it is online again |
 * | `cancel_only [5s]`, `post_only [5s]` | likewise, with cancellations only, or post-only orders only |
 * | `clear` | ends every fault that lasts and forgets those that have not struck yet |
 *
 * "The next" is the next on any connection; the same fault given twice strikes twice.
 *
 * Pure but for the state of {@linkcode Faults}.
 *
 * @module
 */

/** A fault, read. */
export type Fault =
  | { readonly type: "drop"; readonly forMicros: number }
  | { readonly type: "close"; readonly code: number; readonly reason: string }
  | { readonly type: "refuse"; readonly status: number; readonly forMicros: number }
  | { readonly type: "stall"; readonly forMicros: number }
  | { readonly type: "delay"; readonly micros: number }
  | { readonly type: "late-reply"; readonly micros: number }
  | { readonly type: "reject"; readonly message: string }
  | { readonly type: "rate-limit"; readonly forMicros: number | undefined }
  | { readonly type: "state"; readonly state: "maintenance" | "cancel_only" | "post_only"; readonly forMicros: number }
  | { readonly type: OneShot | "expire-token" | "clear" };

/** Faults that strike once and need nothing said about them. */
type OneShot = "lose-reply" | "lose-status" | "corrupt-checksum" | "skip-sequence" | "duplicate" | "malformed";

/** How each fault is written. */
const USAGE: Readonly<Record<string, string>> = {
  drop: "drop [DURATION]",
  close: "close CODE [REASON]",
  refuse: "refuse STATUS [for DURATION]",
  stall: "stall [DURATION]",
  delay: "delay DURATION",
  "lose-reply": "lose-reply",
  "late-reply": "late-reply DURATION",
  "lose-status": "lose-status",
  "corrupt-checksum": "corrupt-checksum",
  "skip-sequence": "skip-sequence",
  duplicate: "duplicate",
  malformed: "malformed",
  reject: "reject TEXT",
  "rate-limit": "rate-limit [DURATION]",
  "expire-token": "expire-token",
  maintenance: "maintenance [DURATION]",
  cancel_only: "cancel_only [DURATION]",
  post_only: "post_only [DURATION]",
  clear: "clear",
};

/** The names of all faults. */
export const FAULT_NAMES: readonly string[] = Object.keys(USAGE);

/**
 * Reads a fault.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseFault } from "./faults.ts";
 *
 * assertEquals(parseFault("drop 3s"), { type: "drop", forMicros: 3_000_000 });
 * assertEquals(parseFault("reject EService:Busy"), { type: "reject", message: "EService:Busy" });
 * assertThrows(() => parseFault("delay soon"), SyntaxError, "expected: delay DURATION");
 * ```
 *
 * @throws {SyntaxError} If it is none; the message says how it is written.
 */
export function parseFault(text: string): Fault {
  const [name = "", rest = ""] = split(text);
  const usage = Object.hasOwn(USAGE, name) ? USAGE[name] : undefined;
  if (usage === undefined) {
    throw new SyntaxError(`Cannot read fault "${text.trim()}": expected one of ${FAULT_NAMES.join(", ")}`);
  }
  const fault = readFault(name, rest);
  if (fault === undefined) throw new SyntaxError(`Cannot read fault "${text.trim()}": expected: ${usage}`);
  return fault;
}

function readFault(name: string, rest: string): Fault | undefined {
  const duration = rest === "" ? undefined : readDuration(rest);
  if (rest !== "" && duration === undefined && !/^(close|refuse|reject)$/.test(name)) return undefined;
  switch (name) {
    case "drop":
      return { type: "drop", forMicros: duration ?? 0 };
    case "stall":
      return { type: "stall", forMicros: duration ?? Infinity };
    case "maintenance":
    case "cancel_only":
    case "post_only":
      return { type: "state", state: name, forMicros: duration ?? Infinity };
    case "rate-limit":
      return { type: "rate-limit", forMicros: duration };
    case "delay":
    case "late-reply":
      return duration === undefined ? undefined : { type: name, micros: duration };
    case "reject":
      return rest === "" ? undefined : { type: "reject", message: rest };
    case "close":
      return readClose(rest);
    case "refuse":
      return readRefusal(rest);
    default:
      return rest === "" ? { type: name as OneShot | "expire-token" | "clear" } : undefined;
  }
}

function readClose(rest: string): Fault | undefined {
  const [text = "", reason = ""] = split(rest);
  const code = /^\d{4}$/.test(text) ? Number(text) : 0;
  // What a peer may send: https://www.rfc-editor.org/rfc/rfc6455#section-7.4
  const maySend = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
  return maySend && new TextEncoder().encode(reason).length <= 123 ? { type: "close", code, reason } : undefined;
}

function readRefusal(rest: string): Fault | undefined {
  const match = /^([45]\d\d)(?:\s+for\s+(\S+))?$/.exec(rest);
  if (match === null) return undefined;
  const forMicros = match[2] === undefined ? Infinity : readDuration(match[2]);
  return forMicros === undefined ? undefined : { type: "refuse", status: Number(match[1]), forMicros };
}

function readDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * { ms: 1e3, s: 1e6, m: 60e6 }[match[2] as "ms" | "s" | "m"]);
}

function split(text: string): readonly string[] {
  const [, first, rest] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(text) ?? [];
  return [first ?? "", rest ?? ""];
}

/** A frame on its way, and how long it is kept back for itself; others pass it meanwhile. */
export interface Outgoing {
  readonly frame: string;
  readonly lateMicros: number;
}

/** The faults that are waiting to strike, or last. */
export class Faults {
  /** How much later everything is sent. */
  delayMicros = 0;
  readonly #armed: Fault[] = [];
  #refusal: { readonly status: number; readonly untilMicros: number } | undefined;
  #limitedUntilMicros = 0;

  /** Whether no fault is waiting for a frame. */
  get isIdle(): boolean {
    return this.#armed.length === 0 && this.delayMicros === 0;
  }

  /** Takes up a fault. Connections, tokens and the state of the market are the exchange's to change. */
  apply(fault: Fault, nowMicros: number): void {
    switch (fault.type) {
      case "clear":
        this.#armed.length = 0;
        this.#refusal = undefined;
        this.#limitedUntilMicros = 0;
        this.delayMicros = 0;
        break;
      case "drop":
        this.#refusal = { status: 503, untilMicros: nowMicros + fault.forMicros };
        break;
      case "refuse":
        this.#refusal = { status: fault.status, untilMicros: nowMicros + fault.forMicros };
        break;
      case "delay":
        this.delayMicros = fault.micros;
        break;
      case "rate-limit":
        if (fault.forMicros === undefined) this.#armed.push(fault);
        else this.#limitedUntilMicros = nowMicros + fault.forMicros;
        break;
      case "close":
      case "stall":
      case "expire-token":
      case "state":
        break;
      default:
        this.#armed.push(fault);
    }
  }

  /** The HTTP status with which a handshake is refused now, if it is. */
  refusal(nowMicros: number): number | undefined {
    return this.#refusal !== undefined && nowMicros < this.#refusal.untilMicros ? this.#refusal.status : undefined;
  }

  /** Whether a request that has come now is one too many. */
  takeRateLimit(nowMicros: number): boolean {
    return nowMicros < this.#limitedUntilMicros || this.#take("rate-limit") !== undefined;
  }

  /** The text with which a request that has come now is refused, if it is. */
  takeRejection(): string | undefined {
    return this.#take("reject")?.message;
  }

  /** Whether the next private message skips a number. */
  takeSkip(): boolean {
    return this.#take("skip-sequence") !== undefined;
  }

  /** What becomes of a frame that is about to be sent. */
  send(frame: string): readonly Outgoing[] {
    if (isTradingReply(frame)) {
      if (this.#take("lose-reply") !== undefined) return [];
      return [{ frame, lateMicros: this.#take("late-reply")?.micros ?? 0 }];
    }
    if (frame.includes('"event":"subscriptionStatus"') && this.#take("lose-status") !== undefined) return [];
    if (!frame.startsWith("[")) return [{ frame, lateMicros: 0 }];
    const checksum = /"c":"(\d+)"/.exec(frame)?.[1];
    if (checksum !== undefined && this.#take("corrupt-checksum") !== undefined) {
      frame = frame.replace(`"c":"${checksum}"`, `"c":"${(Number(checksum) ^ 1) >>> 0}"`);
    }
    if (this.#take("malformed") !== undefined) frame = frame.slice(0, frame.length >> 1);
    const copies = this.#take("duplicate") === undefined ? 1 : 2;
    return Array.from({ length: copies }, () => ({ frame, lateMicros: 0 }));
  }

  #take<T extends Fault["type"]>(type: T): Extract<Fault, { readonly type: T }> | undefined {
    const index = this.#armed.findIndex((fault) => fault.type === type);
    return index < 0 ? undefined : this.#armed.splice(index, 1)[0] as Extract<Fault, { readonly type: T }>;
  }
}

function isTradingReply(frame: string): boolean {
  return /"event":"(?:add|amend|edit|cancel)\w+Status"/.test(frame);
}
