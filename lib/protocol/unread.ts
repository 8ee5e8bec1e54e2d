/**
 * A protocol that leaves data unread: for a user who wants the exchange's frames and nothing else.
 *
 * What concerns the connection and the requests is still read, since the session lives by it. Books are then not checked
 * and sequences not followed.
 *
 * @module
 */

import type { Protocol } from "./mod.ts";

/** `protocol`, but for frames with data, each of which becomes an `unread` event. */
export function leavingDataUnread(protocol: Protocol): Protocol {
  return {
    encode: protocol.encode,
    decode: (frame) => isMarketData(frame) ? UNREAD : protocol.decode(frame),
  };
}

/** Account data begin with a list of entries: they are few, and orders are looked up in them. */
function isMarketData(frame: string): boolean {
  return frame.charCodeAt(0) === OPEN_LIST && frame.charCodeAt(1) !== OPEN_LIST;
}

const OPEN_LIST = 0x5b;

const UNREAD = { type: "unread" } as const;
