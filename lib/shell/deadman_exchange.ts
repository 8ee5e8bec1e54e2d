/**
 * The exchange's end of the dead man's switch: `cancelAllOrdersAfter` and `cancelAll` over the session's private socket.
 *
 * Each request goes out once. What stands in its way, from a missing token to a lost connection, is an answer like any
 * other, since whoever refreshes a timer has to go on in any case.
 *
 * Source: https://docs.kraken.com/api/docs/websocket-v1/cancelallordersafter and
 * https://docs.kraken.com/api/docs/websocket-v1/cancelall
 *
 * @module
 */

import type { App } from "../app.ts";
import { KrakenwsError, RejectedError, UnreachableError } from "../errors.ts";
import type { ServerEvent } from "../model/event.ts";
import { rejectionHint } from "../rejections.ts";
import type { DeadmanExchange } from "./deadman.ts";

export function deadmanExchange(app: App): DeadmanExchange {
  return {
    async setTimer(seconds, { timeoutMs }) {
      const outcome = await request(app, "cancelAllOrdersAfter", { parameters: { timeout: seconds }, timeoutMs });
      if (outcome.type === "failed") return outcome;
      const { triggerTime } = outcome.data;
      return { type: "confirmed", triggerTime: typeof triggerTime === "string" ? triggerTime : undefined };
    },
    async cancelAll() {
      const outcome = await request(app, "cancelAll", { parameters: {}, timeoutMs: app.config.timeoutMs });
      return outcome.type === "failed" ? outcome : { type: "cancelled", count: String(outcome.data["count"] ?? "all") };
    },
  };
}

type Outcome =
  | { readonly type: "answered"; readonly data: Readonly<Record<string, unknown>> }
  | { readonly type: "failed"; readonly error: KrakenwsError };

interface Request {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

async function request(app: App, event: string, { parameters, timeoutMs }: Request): Promise<Outcome> {
  try {
    const [token, session] = await Promise.all([app.tokens.get(), app.feed.open("private")]);
    const reqid = app.nextRequestId();
    const answer = await session.request({ type: "trading", event, reqid, token, parameters }, { timeoutMs, count: 1 });
    const [reply] = answer.events;
    const reason = reply === undefined ? undefined : refusalOf(reply);
    if (reason?.includes("Invalid session")) app.tokens.spend(token);
    if (reason !== undefined) {
      const error = new RejectedError("request_rejected", `The exchange refused ${event}: ${reason}`, {
        hint: rejectionHint(reason),
      });
      return { type: "failed", error };
    }
    if (reply?.type === "reply") return { type: "answered", data: reply.data };
    const why = answer.type === "lost" ? "there is no connection" : `no answer came within ${timeoutMs / 1000} s`;
    return { type: "failed", error: new UnreachableError("unanswered", `${event}: ${why}`) };
  } catch (error) {
    if (error instanceof KrakenwsError) return { type: "failed", error };
    throw error;
  }
}

function refusalOf(event: ServerEvent): string | undefined {
  return event.type === "reply" ? event.reason : event.type === "error" ? event.message : undefined;
}
