/**
 * What one side puts in and the other side takes out, in order: the seam between callbacks and `for await`.
 *
 * It holds no more than a person at a keyboard can put in.
 *
 * @module
 */

export class InputQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #hasEnded = false;
  #wake: (() => void) | undefined;

  put(item: T): void {
    if (this.#hasEnded) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** What is in the queue can still be taken out; nothing more goes in. */
  end(): void {
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
