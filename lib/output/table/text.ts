/**
 * Rows of styled text, cut to the width of a window. What was cut ends in `…`, so that no part of a figure passes for it.
 *
 * One character is one column: everything that is not printable ASCII or one of the shapes drawn here shows as `?`. So
 * widths can be counted, and nothing that the exchange sends can steer the terminal.
 *
 * Pure.
 *
 * @module
 */

/** What a piece of text means; the terminal's own colours do the rest. */
export type Style = "up" | "down" | "faint" | "strong" | "warning";

export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

export type Row = readonly Span[];

export interface Canvas {
  readonly columns: number;
  /** Whether styles show. */
  readonly color: boolean;
}

const CODES: Readonly<Record<Style, string>> = { up: "32", down: "31", faint: "2", strong: "1", warning: "1;7" };

export function span(text: string, style?: Style): Span {
  return { text: text.replaceAll(FOREIGN, "?"), style };
}

/** All but printable ASCII, the middle dot, the ellipsis, box drawing, blocks, and geometric shapes. */
const FOREIGN = /[^\x20-\x7e\u00b7\u2026\u2500-\u25ff]/g;

/** The columns that a row takes. */
export function widthOf(row: Row): number {
  return row.reduce((width, { text }) => width + text.length, 0);
}

/** The row in exactly this many columns, cut or filled with blanks. */
export function fitted(row: Row, columns: number): Row {
  const cut = clipped(row, columns);
  return [...cut, span(" ".repeat(Math.max(columns - widthOf(cut), 0)))];
}

/** The text of a row as a terminal takes it, no wider than the canvas. */
export function drawn(row: Row, { columns, color }: Canvas): string {
  const parts = clipped(row, columns).map(({ text, style }) =>
    color && style !== undefined && text !== "" ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text
  );
  return parts.join("").trimEnd();
}

/** Columns of a text that was {@linkcode drawn}. */
export function drawnWidth(text: string): number {
  return text.replaceAll(STYLING, "").length;
}

// deno-lint-ignore no-control-regex -- an escape sequence begins with one
const STYLING = /\x1b\[[\d;]*m/g;

function clipped(row: Row, columns: number): Row {
  if (widthOf(row) <= columns) return row;
  const kept: Span[] = [];
  let left = columns;
  for (const [index, { text, style }] of row.entries()) {
    const lost = text.slice(left) + row.slice(index + 1).map((span) => span.text).join("");
    if (lost.trim() === "") return [...kept, { text: text.slice(0, left), style }];
    if (text.length >= left) return [...kept, { text: left === 0 ? "" : `${text.slice(0, left - 1)}…`, style }];
    kept.push({ text, style });
    left -= text.length;
  }
  return kept;
}
