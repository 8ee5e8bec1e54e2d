/**
 * The last records, so that a script can ask for what has just come.
 *
 * It holds the newest {@linkcode JOURNAL_LIMIT} records by number. A mark is a number under a name.
 *
 * @module
 */

import type { StreamRecord } from "../model/record.ts";

/** How many records a script can look back. */
export const JOURNAL_LIMIT = 10_000;

export class Journal {
  readonly #records: StreamRecord[] = [];
  readonly #marks = new Map<string, number>();
  #first = 0;

  /** The number that the next record will have. */
  get next(): number {
    return this.#first + this.#records.length;
  }

  add(record: StreamRecord): void {
    this.#records.push(record);
    // Cutting off many at a time keeps the cost of each small.
    if (this.#records.length < 2 * JOURNAL_LIMIT) return;
    this.#first += JOURNAL_LIMIT;
    this.#records.splice(0, JOURNAL_LIMIT);
  }

  mark(name: string): void {
    this.#marks.set(name, this.next);
  }

  /** Where a mark stands; `undefined` if there is none of that name. */
  markOf(name: string): number | undefined {
    return this.#marks.get(name);
  }

  get marks(): string[] {
    return [...this.#marks.keys()];
  }

  /** The records from a number on; `undefined` if the oldest of them are gone. */
  since(number: number): readonly StreamRecord[] | undefined {
    return number < this.#first ? undefined : this.#records.slice(number - this.#first);
  }
}
