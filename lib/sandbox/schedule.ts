/**
 * What the exchange has to do later, in the order of its time.
 *
 * Two entries of the same time run in the order in which they were made, so that a run can be repeated exactly.
 *
 * Pure but for its own state: the time comes from the caller.
 *
 * @module
 */

/** Something to be done; `cancel()` makes it never happen. */
export interface Entry {
  readonly atMicros: number;
  cancel(): void;
}

class Slot implements Entry {
  constructor(readonly atMicros: number, readonly order: number, public run: (() => void) | undefined) {}

  cancel(): void {
    this.run = undefined;
  }
}

/** A queue of entries by time: a binary heap. */
export class Schedule {
  readonly #heap: Slot[] = [];
  #made = 0;

  /** Plans `run` for the time `atMicros`. */
  at(atMicros: number, run: () => void): Entry {
    const slot = new Slot(atMicros, this.#made++, run);
    this.#rise(this.#heap.push(slot) - 1, slot);
    return slot;
  }

  /** The time of the earliest entry; `undefined` when there is none. */
  get nextMicros(): number | undefined {
    return this.#heap[0]?.atMicros;
  }

  /** Takes the earliest entry out and runs it. */
  runNext(): void {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return;
    if (first !== last) this.#sink(last);
    first.run?.();
  }

  #rise(index: number, slot: Slot): void {
    const heap = this.#heap;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent]!;
      if (!isBefore(slot, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = slot;
  }

  #sink(slot: Slot): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      const below = heap[child]!;
      if (!isBefore(below, slot)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = slot;
  }
}

function isBefore(a: Slot, b: Slot): boolean {
  return a.atMicros < b.atMicros || (a.atMicros === b.atMicros && a.order < b.order);
}
