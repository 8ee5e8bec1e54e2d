/**
 * What one side puts in and the other side takes out, in order: the seam between callbacks and `for await`.
 *
 * It holds no more than it was made for. What comes on top of that is left out, and whoever put it in is told.
 *
 * @module
 */

export class InputQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  /** @param limit How many items may wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Puts an item in; says whether it is, which it is not in a queue that is full or has ended. */
  put(item: T): boolean {
    if (this.#hasEnded || this.#items.length >= this.#limit) return false;
    this.#items.push(item);
    this.#wake?.();
    return true;
  }

  /** What is in the queue can still be taken out; nothing more goes in, but for a last item that always has a place. */
  end(last?: T): void {
    if (!this.#hasEnded && last !== undefined) this.#items.push(last);
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** For one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift() as T;
      if (this.#hasEnded) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
