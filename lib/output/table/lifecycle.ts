/**
 * The lines at the bottom of a live view: what the sockets do, which stretches cannot be trusted, and how old what is
 * shown is.
 *
 * Pure: it is told the time.
 *
 * @module
 */

import type { StreamRecord, SubscriptionRecord } from "../../model/record.ts";
import type { Socket } from "../../model/subscription.ts";
import { type Row, type Span, span, widthOf } from "./text.ts";

/** What has happened around the data. */
export interface Lifecycle {
  /** Where the data comes from, in a word. */
  readonly target: string;
  readonly sockets: ReadonlyMap<Socket, SocketState>;
  /** The exchange's own word on itself, unless it is `online`. */
  readonly trouble: string | undefined;
  /** Ids of the subscriptions in the order in which they were asked for. */
  readonly wanted: readonly string[];
  /** Why each subscription that is in a gap is there. */
  readonly openGaps: ReadonlyMap<string, string>;
  readonly gaps: number;
  /** When the exchange was last heard. */
  readonly heardMicros: number | undefined;
  readonly frames: number;
  /** What a person should know of, and no data tells. */
  readonly notice: string | undefined;
}

interface SocketState {
  readonly text: string;
  readonly open: boolean;
  /** When the next attempt to connect is due. */
  readonly retryMicros?: number;
}

export function startOfLife(target: string): Lifecycle {
  return {
    target,
    sockets: new Map(),
    trouble: undefined,
    wanted: [],
    openGaps: new Map(),
    gaps: 0,
    heardMicros: undefined,
    frames: 0,
    notice: undefined,
  };
}

/** When a record came, and whether it stands for a frame of the exchange. */
export interface Arrival {
  readonly atMicros: number;
  readonly framed: boolean;
}

export function nextLifecycle(before: Lifecycle, record: StreamRecord, { atMicros, framed }: Arrival): Lifecycle {
  const heard = framed ? { ...before, heardMicros: atMicros, frames: before.frames + 1 } : before;
  switch (record.channel) {
    case "connection":
      return { ...heard, sockets: new Map([...heard.sockets, [record.socket, socketState(record, atMicros)]]) };
    case "status":
      return { ...heard, trouble: record.data.status === "online" ? undefined : record.data.status };
    case "subscription":
      return nextSubscription(heard, record);
    case "gap": {
      const openGaps = new Map(heard.openGaps);
      if (record.to === null) openGaps.set(record.subscription, record.type);
      else openGaps.delete(record.subscription);
      return { ...heard, openGaps, gaps: heard.gaps + (record.to === null ? 1 : 0) };
    }
    case "error":
      return { ...heard, notice: `${record.code}: ${record.message}` };
    case "unrecognized":
      return { ...heard, notice: `Not understood: ${record.text}` };
    default:
      return heard;
  }
}

type ConnectionRecord = Extract<StreamRecord, { readonly channel: "connection" }>;

function socketState(record: ConnectionRecord, atMicros: number): SocketState {
  const { type, retry_in_ms, reason } = record;
  const text = reason === undefined ? type : `${type} (${reason})`;
  const retry = retry_in_ms === undefined ? {} : { retryMicros: atMicros + retry_in_ms * 1000 };
  return { text, open: type === "open", ...retry };
}

function nextSubscription(before: Lifecycle, { type, subscription, reason }: SubscriptionRecord): Lifecycle {
  switch (type) {
    case "pending":
    case "resubscribing":
      return before.wanted.includes(subscription) ? before : { ...before, wanted: [...before.wanted, subscription] };
    case "rejected":
    case "unanswered":
    case "failed":
      return {
        ...before,
        wanted: before.wanted.filter((id) => id !== subscription),
        notice: `${subscription} ${type}${reason === undefined ? "" : `: ${reason}`}`,
      };
    default:
      return before;
  }
}

/** The notice, if there is one, and the line with the state of things; more lines where the window is narrow. */
export function renderLifecycle(
  lifecycle: Lifecycle,
  { columns, nowMicros }: { readonly columns: number; readonly nowMicros: number },
): Row[] {
  const { target, sockets, trouble, openGaps, gaps, heardMicros, frames, notice } = lifecycle;
  const parts = [
    span(target, "strong"),
    ...[...sockets].map(([socket, state]) => socketSpan(socket, state, nowMicros)),
    ...(trouble === undefined ? [] : [span(`exchange ${trouble}`, "warning")]),
    gapSpan(openGaps, gaps),
    ...(heardMicros === undefined ? [] : [span(`heard ${age((nowMicros - heardMicros) / 1000)} ago`)]),
  ];
  const [last = [], ...above] = flowed(parts, columns).reverse();
  const extended = [...last, SEPARATOR, span(`${frames} frames`, "faint"), SEPARATOR, span("Ctrl-C ends", "faint")];
  const state = [...above.reverse(), widthOf(extended) <= columns ? extended : last];
  return notice === undefined ? state : [[span(notice, "warning")], ...state];
}

const SEPARATOR = span(" · ", "faint");

/** As many parts to a row as fit. */
function flowed(parts: readonly Span[], columns: number): Row[] {
  const rows: Row[] = [];
  for (const part of parts) {
    const row = rows.at(-1);
    const longer = row === undefined ? [part] : [...row, SEPARATOR, part];
    if (row !== undefined && widthOf(longer) <= columns) rows[rows.length - 1] = longer;
    else rows.push([part]);
  }
  return rows;
}

function socketSpan(socket: Socket, { text, open, retryMicros }: SocketState, nowMicros: number): Span {
  if (open) return span(`${socket} open`, "up");
  const left = retryMicros === undefined ? 0 : Math.ceil((retryMicros - nowMicros) / 1_000_000);
  return span(`${socket} ${text}${left > 0 ? `, again in ${left} s` : ""}`, "warning");
}

function gapSpan(openGaps: ReadonlyMap<string, string>, gaps: number): Span {
  const [first] = openGaps;
  if (first === undefined) return span(gaps === 1 ? "1 gap" : `${gaps} gaps`);
  const more = openGaps.size > 1 ? ` and ${openGaps.size - 1} more` : "";
  return span(`IN A GAP: ${first[0]} ${first[1]}${more}`, "warning");
}

/** How long ago something was: `0.3 s`, `42 s`, `3 min`. */
function age(ms: number): string {
  if (ms < 10_000) return `${(Math.max(ms, 0) / 1000).toFixed(1)} s`;
  return ms < 120_000 ? `${Math.floor(ms / 1000)} s` : `${Math.floor(ms / 60_000)} min`;
}
