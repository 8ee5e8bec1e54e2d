/**
 * Aligned columns.
 *
 * Columns stand in the order of their importance: a window that is too narrow loses them from the right.
 *
 * Pure.
 *
 * @module
 */

import { fitted, type Row, type Span, span } from "./text.ts";

export interface Column<T> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (item: T) => Span;
}

/** Draws something into the columns that are left over. */
export interface Filling<T> {
  readonly title: string;
  /** Below this it is left out. */
  readonly least: number;
  readonly draw: (item: T, columns: number) => Row;
}

const GUTTER = 2;

/** A title row, then a row for each item, in at most this many columns. */
export function grid<T>(
  columns: readonly Column<T>[],
  items: readonly T[],
  { width, filling }: { readonly width: number; readonly filling?: Filling<T> },
): Row[] {
  const fitting = fittingColumns(widthsOf(columns, items), width);
  const left = width - fitting.total - GUTTER;
  const filled = filling !== undefined && left >= filling.least ? filling : undefined;
  const title = [...titleRow(columns, fitting.widths), span(filled === undefined ? "" : `  ${filled.title}`, "faint")];
  const rows = items.map((item) => [
    ...cellRow(columns, item, fitting.widths),
    ...(filled === undefined ? [] : [span(" ".repeat(GUTTER)), ...filled.draw(item, left)]),
  ]);
  return [title, ...rows];
}

/** The width that each column needs for its title and these items; never less than in `before`. */
export function widthsOf<T>(
  columns: readonly Column<T>[],
  items: readonly T[],
  before: readonly number[] = [],
): number[] {
  return columns.map(({ title, cell }, index) =>
    Math.max(title.length, before[index] ?? 0, ...items.map((item) => cell(item).text.length))
  );
}

/** The titles of as many columns as there are widths. */
export function titleRow<T>(columns: readonly Column<T>[], widths: readonly number[]): Row {
  return joined(widths.map((width, index) => aligned(columns[index]!, span(columns[index]!.title, "faint"), width)));
}

/** The cells of as many columns as there are widths. */
export function cellRow<T>(columns: readonly Column<T>[], item: T, widths: readonly number[]): Row {
  return joined(widths.map((width, index) => aligned(columns[index]!, columns[index]!.cell(item), width)));
}

function fittingColumns(widths: readonly number[], width: number) {
  let total = 0;
  let count = 0;
  for (const column of widths) {
    const next = total + column + (count === 0 ? 0 : GUTTER);
    if (next > width && count > 0) break;
    total = next;
    count++;
  }
  return { widths: widths.slice(0, count), total };
}

function aligned<T>({ align }: Column<T>, cell: Span, width: number): Row {
  if (align === "left") return fitted([cell], width);
  return [span(" ".repeat(Math.max(width - cell.text.length, 0))), cell];
}

function joined(cells: readonly Row[]): Row {
  return cells.flatMap((cell, index) => index === 0 ? cell : [span(" ".repeat(GUTTER)), ...cell]);
}
