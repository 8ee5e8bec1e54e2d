/**
 * What clients say in version 1, read as far as every kind of request has it in common.
 *
 * The `reqid` is echoed digit for digit, although JavaScript's numbers end before those of the exchange do: it is kept
 * as the text that stood in the request.
 *
 * Pure.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-intro
 *
 * @module
 */

import type { Raw } from "./wire_v1.ts";

/** A frame from a client. */
export type Incoming =
  /** No JSON object. */
  | { readonly type: "malformed" }
  /** An object without an event name. */
  | { readonly type: "nameless"; readonly reqid: ReqId }
  | { readonly type: "request"; readonly request: Request };

/** A request whose fields are still to be looked at. */
export interface Request {
  readonly event: string;
  readonly reqid: ReqId;
  readonly fields: Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The request id; `undefined` where none was given, `"invalid"` where it is none. */
export type ReqId = Raw | undefined | "invalid";

/** The answer to an invalid {@linkcode ReqId}. */
export const INVALID_REQID = "Reqid field must be a positive integer less than 18446744073709551616";

const REQID_LIMIT = 1n << 64n;

/**
 * Reads a frame.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readRequest } from "./requests.ts";
 *
 * assertEquals(readRequest('{"event":"ping","reqid":18446744073709551615}'), {
 *   type: "request",
 *   request: { event: "ping", reqid: { raw: "18446744073709551615" }, fields: {} },
 * });
 * ```
 */
export function readRequest(text: string): Incoming {
  let value: unknown;
  try {
    value = JSON.parse(text, keepReqidText);
  } catch {
    return { type: "malformed" };
  }
  if (!isObject(value)) return { type: "malformed" };
  const { event, reqid, ...fields } = value;
  const id = "reqid" in value ? readReqId(reqid) : undefined;
  if (typeof event !== "string") return { type: "nameless", reqid: id };
  return { type: "request", request: { event, reqid: id, fields } };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field as every reply echoes it; an invalid one is echoed as `null`. */
export function echoReqId(reqid: ReqId): Raw | null | undefined {
  return reqid === "invalid" ? null : reqid;
}

function readReqId(value: unknown): ReqId {
  if (!(value instanceof NumberText) || !/^\d{1,20}$/.test(value.text)) return "invalid";
  return BigInt(value.text) < REQID_LIMIT ? { raw: value.text } : "invalid";
}

/** A number in a request, as it was written. */
class NumberText {
  constructor(readonly text: string) {}
}

function keepReqidText(key: string, value: unknown, ...[context]: { readonly source?: string }[]): unknown {
  return key === "reqid" && typeof value === "number" ? new NumberText(context?.source ?? String(value)) : value;
}
