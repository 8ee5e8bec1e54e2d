/**
 * Pictures side by side: as many in a line as fit, and the lines share the rows.
 *
 * Pure.
 *
 * @module
 */

import { fitted, type Row, span } from "./text.ts";

/** Room to draw in. */
export interface Area {
  readonly columns: number;
  readonly rows: number;
}

const GUTTER = 2;

/** @param leastColumns What one picture needs: pictures stand side by side only if each has as much. */
export function tiled<T>(
  items: readonly T[],
  { columns, rows, leastColumns }: Area & { readonly leastColumns: number },
  draw: (item: T, area: Area) => readonly Row[],
): Row[] {
  if (items.length === 0) return [];
  const abreast = Math.min(items.length, Math.max(Math.floor((columns + GUTTER) / (leastColumns + GUTTER)), 1));
  const lines = Math.ceil(items.length / abreast);
  const area = {
    columns: Math.floor((columns - (abreast - 1) * GUTTER) / abreast),
    rows: Math.max(Math.floor(rows / lines), 1),
  };
  return Array.from({ length: lines }, (_, line) => {
    const pictures = items.slice(line * abreast, (line + 1) * abreast).map((item) => draw(item, area));
    return beside(pictures, area.columns);
  }).flat();
}

function beside(pictures: readonly (readonly Row[])[], columns: number): Row[] {
  const height = Math.max(...pictures.map((picture) => picture.length));
  return Array.from({ length: height }, (_, row) =>
    pictures.flatMap((picture, index) => {
      const cells = fitted(picture[row] ?? [], columns);
      return index === 0 ? cells : [span(" ".repeat(GUTTER)), ...cells];
    }));
}
