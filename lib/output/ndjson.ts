/**
 * A record as one line of text.
 *
 * Pure. The result is one line whatever the exchange sent: JSON has no raw newline in it, and the few further characters
 * that a terminal would act on (delete and the C1 controls, line and paragraph separator) are written as escapes.
 *
 * @module
 */

import type { StreamRecord } from "../model/record.ts";
import { isoMicros } from "../model/time.ts";

export interface Envelope {
  readonly seq: number;
  readonly atMicros: number;
  /** The command that caused the record, by the name that a program gave it. */
  readonly cause?: string | undefined;
  /** The untouched frame, to be added as the last key. */
  readonly frame?: string | undefined;
}

/**
 * One JSON object with a newline behind it; `seq` and `time` come first, then the record's keys in their order.
 *
 * A frame that is JSON stands under `frame` as it came, put in by concatenation; any other is a string there.
 */
export function recordLine(record: StreamRecord, { seq, atMicros, cause, frame }: Envelope): string {
  const json = JSON.stringify(record);
  const body = (PRINTABLE.has(record.channel) ? json : printable(json)).slice(1);
  const caused = cause === undefined ? "" : `"cause":${printable(JSON.stringify(cause))},`;
  const head = `{"seq":${seq},"time":"${isoMicros(atMicros)}",${caused}${body}`;
  return frame === undefined ? `${head}\n` : `${head.slice(0, -1)},"frame":${embedded(record, frame)}}\n`;
}

/** Anything that could end the line or steer a terminal. JSON text itself has none of it outside of strings but spaces. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Channels whose texts have all been read as pairs, decimals and plain words: nothing in them is unsafe, and they come by the million. */
const PRINTABLE: ReadonlySet<string> = new Set(
  ["ticker", "trade", "ohlc", "spread", "book"] satisfies StreamRecord["channel"][],
);

/** The same text with unsafe characters as escapes; in JSON, where they can only stand in strings, it means the same. */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function embedded(record: StreamRecord, frame: string): string {
  const asItCame = record.channel !== "unrecognized" && frame.search(UNSAFE) < 0;
  return asItCame ? frame : printable(JSON.stringify(frame));
}
