/**
 * The ledger of one socket: what the user wants, apart from what the exchange has confirmed.
 *
 * | state   | means                                                        | leads to                      |
 * | ------- | ------------------------------------------------------------ | ----------------------------- |
 * | wanted  | to be asked for (again)                                      | pending, when a request goes  |
 * | pending | asked for, not answered                                      | active; gone, if rejected     |
 * | active  | confirmed                                                    | leaving                       |
 * | leaving | to be ended, and then to be forgotten or (resync) asked anew | gone or wanted                |
 *
 * A lost connection takes every entry back to wanted, or forgets it if it was
 * leaving for good. A request that is to be made again waits until its time. The
 * ledger sends nothing and knows no clock but the times it is told.
 *
 * @module
 */

import type { RequestId, SubscriptionEvent } from "../model/event.ts";
import { channelName, type Subscription, subscriptionId } from "../model/subscription.ts";
import { retryDelayMs } from "./retries.ts";

export type EntryState = "wanted" | "pending" | "active" | "leaving";

export interface Entry {
  readonly id: string;
  readonly subscription: Subscription;
  readonly state: EntryState;
  /** Ask for it again once it has ended: a new snapshot is what is wanted. */
  readonly again: boolean;
  /** The last request that named it; `undefined` before the request that its state calls for. */
  readonly reqid: number | undefined;
  readonly askedMs: number;
  /** Whether it has ever been confirmed, so that asking again is a repetition. */
  readonly confirmedBefore: boolean;
  /** How often in a row the exchange has not taken the request that its state calls for. */
  readonly tries: number;
  /** No request for it before this time. */
  readonly notBeforeMs: number;
  /** How often it was started anew with little time in between, and when for the last time. */
  readonly restarts: number;
  readonly restartedMs: number;
}

/** How many pairs one request names at most. */
const PAIRS_PER_REQUEST = 100;

/** A subscription that had not to be started anew for this long is well. */
const STEADY_MS = 60_000;

const FRESH = {
  state: "wanted",
  again: false,
  reqid: undefined,
  askedMs: 0,
  confirmedBefore: false,
  tries: 0,
  notBeforeMs: 0,
  restarts: 0,
  restartedMs: -Infinity,
} as const;

export class Ledger {
  readonly #entries = new Map<string, Entry>();

  entries(): Entry[] {
    return [...this.#entries.values()];
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Notes a subscription as wanted; one that is there already stays as it is, unless it is about to go. */
  want(subscription: Subscription): void {
    const id = subscriptionId(subscription);
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      this.#entries.set(id, { id, subscription, ...FRESH });
    } else if (entry.state === "leaving") {
      this.#entries.set(id, { ...entry, subscription, again: true });
    }
  }

  /** Notes a subscription as no longer wanted; says whether the exchange must be told. */
  unwant(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    if (entry.state === "wanted") {
      this.#entries.delete(id);
      return false;
    }
    this.#entries.set(id, { ...entry, state: "leaving", again: false });
    return true;
  }

  /** Notes that a subscription must end and start anew, for a fresh snapshot; one that just did waits for a while. */
  restart(id: string, nowMs: number): boolean {
    const entry = this.#entries.get(id);
    if (entry?.state !== "active") return false;
    const anew = { state: "leaving", again: true, reqid: undefined } as const;
    this.#entries.set(id, { ...entry, ...anew, ...startingAnew(entry, nowMs) });
    return true;
  }

  /** Notes that the exchange has ended a subscription on its own: as after a {@linkcode restart}, the next one may wait. */
  endedByItself(id: string, nowMs: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#entries.set(id, { ...entry, ...startingAnew(entry, nowMs) });
  }

  /** When the next request can be made; `undefined` if there is nothing to ask for. */
  get dueMs(): number | undefined {
    const times = this.entries().filter(isDue).map(({ notBeforeMs }) => notBeforeMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** What the next request can end: entries that are to start anew and whose end has not been asked for. */
  nextFarewells(nowMs: number): Subscription[] {
    return together(
      this.#due(nowMs).filter(({ state }) => state === "leaving").map(({ subscription }) => subscription),
    );
  }

  /** What the next request can ask for: wanted entries that share channel and parameters. */
  nextWanted(nowMs: number): Subscription[] {
    return together(this.#due(nowMs).filter(({ state }) => state === "wanted").map(({ subscription }) => subscription));
  }

  #due(nowMs: number): Entry[] {
    return this.entries().filter((entry) => isDue(entry) && entry.notBeforeMs <= nowMs);
  }

  /** Notes that a request was sent for these. */
  asked(subscriptions: readonly Subscription[], { reqid, nowMs }: { reqid: number; nowMs: number }): void {
    for (const subscription of subscriptions) {
      const entry = this.#entries.get(subscriptionId(subscription));
      if (entry === undefined) continue;
      const state = entry.state === "wanted" ? "pending" : entry.state;
      this.#entries.set(entry.id, { ...entry, state, reqid, askedMs: nowMs });
    }
  }

  /**
   * Takes the exchange's word on a subscription.
   *
   * @returns The entries that it changed, as they were before: several if a whole request was refused.
   */
  settle(event: SubscriptionEvent): Entry[] {
    const concerned = this.concernedBy(event);
    for (const entry of concerned) {
      if (event.type === "subscribed") {
        this.#entries.set(entry.id, { ...entry, state: "active", confirmedBefore: true, tries: 0 });
      } else if (entry.again || entry.state === "active") {
        // Ended as it had to, or by the exchange's own will: either way it is still wanted.
        this.#entries.set(entry.id, { ...entry, state: "wanted", again: false });
      } else {
        this.#entries.delete(entry.id);
      }
    }
    return concerned;
  }

  /** The entries that the exchange's word is about, in a state that it can change. */
  concernedBy(event: SubscriptionEvent): Entry[] {
    return this.entries().filter((entry) => MEANT_FOR[event.type].includes(entry.state) && concerns(event, entry));
  }

  /** Entries whose request has gone unanswered since before `askedBeforeMs`. */
  overdue(askedBeforeMs: number): Entry[] {
    return this.entries().filter(({ state, reqid, askedMs }) =>
      (state === "pending" || state === "leaving") && reqid !== undefined && askedMs <= askedBeforeMs
    );
  }

  /** Notes that the exchange did not take the last request for an entry, and when to make it again. */
  postpone(id: string, notBeforeMs: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const state = entry.state === "leaving" ? "leaving" : "wanted";
    this.#entries.set(id, { ...entry, state, reqid: undefined, tries: entry.tries + 1, notBeforeMs });
  }

  /** Forgets an entry that got no answer, or puts it back among the wanted. */
  giveBack(id: string, { retry }: { readonly retry: boolean }): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (retry) this.#entries.set(id, { ...entry, state: "wanted", again: false, tries: 0, notBeforeMs: 0 });
    else this.#entries.delete(id);
  }

  /** The connection is gone, and with it all that was confirmed. Returns what had been. */
  disconnected(): Entry[] {
    const before = this.entries();
    for (const entry of before) this.giveBack(entry.id, { retry: entry.state !== "leaving" || entry.again });
    return before;
  }
}

/** When a subscription that must start anew may do so: the sooner it had to before, the later. */
function startingAnew(
  { restarts: before, restartedMs }: Entry,
  nowMs: number,
): Pick<Entry, "notBeforeMs" | "restarts" | "restartedMs"> {
  const restarts = nowMs - restartedMs > STEADY_MS ? 0 : before + 1;
  const notBeforeMs = restarts === 0 ? 0 : nowMs + (retryDelayMs(restarts - 1) ?? STEADY_MS);
  return { notBeforeMs, restarts, restartedMs: nowMs };
}

/** Whether a request is to be made for an entry. */
function isDue({ state, reqid }: Entry): boolean {
  return state === "wanted" || (state === "leaving" && reqid === undefined);
}

/** The leading subscriptions of the list that one request can name. */
function together(subscriptions: readonly Subscription[]): Subscription[] {
  const [first] = subscriptions;
  if (first === undefined) return [];
  if (!("pair" in first)) return [first];
  const name = channelName(first);
  return subscriptions.filter((other) => "pair" in other && channelName(other) === name).slice(0, PAIRS_PER_REQUEST);
}

/**
 * The states that a word of the exchange can change. In any other it is late news: of an earlier request that was given up
 * and made again, or of one whose end has been asked for since.
 */
const MEANT_FOR: Readonly<Record<SubscriptionEvent["type"], readonly EntryState[]>> = {
  subscribed: ["pending"],
  unsubscribed: ["active", "leaving"],
  rejected: ["pending", "leaving"],
};

/** Whether a word of the exchange is about an entry; whatever the exchange leaves out does not tell entries apart. */
function concerns(event: SubscriptionEvent, { subscription, reqid }: Entry): boolean {
  const pair = "pair" in subscription ? subscription.pair : undefined;
  if (event.pair !== undefined && event.pair !== pair) return false;
  if (event.channelName !== undefined && event.channelName !== channelName(subscription)) return false;
  // What is confirmed is confirmed, whichever of our requests did it.
  if (event.type === "subscribed" && event.channelName !== undefined) return event.pair === pair;
  if (event.reqid !== undefined) return sameRequest(event.reqid, reqid);
  return event.channelName !== undefined;
}

function sameRequest(a: RequestId, b: number | undefined): boolean {
  return b !== undefined && String(a) === String(b);
}
