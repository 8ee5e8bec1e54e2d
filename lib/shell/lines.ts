/**
 * Lines out of bytes, whatever the bytes are.
 *
 * A program on the other end of a pipe can send half a line, a line without end, NUL bytes or no text at all. Each line
 * comes out as text or as a problem, and never holds more memory than {@linkcode MAX_LINE_BYTES}.
 *
 * Pure.
 *
 * @module
 */

/** What one line may hold: more than any command needs, and little enough to hold in memory. */
export const MAX_LINE_BYTES = 64 * 1024;

/** A line and its number from 1. */
export type Line =
  | { readonly type: "text"; readonly number: number; readonly text: string }
  | { readonly type: "problem"; readonly number: number; readonly problem: string };

const NEWLINE = 0x0a;

/** Takes bytes in pieces of any size. */
export class LineDecoder {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #pieces: Uint8Array[] = [];
  #length = 0;
  #number = 0;

  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  /** What stands behind the last newline, if anything does. */
  end(): Line[] {
    return this.#length === 0 ? [] : [this.#take()];
  }

  /** Keeps what may still become a line, and only counts what cannot. */
  #keep(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length <= MAX_LINE_BYTES) this.#pieces.push(bytes);
    else this.#pieces = [];
  }

  #take(): Line {
    const number = ++this.#number;
    const length = this.#length;
    const bytes = concatenated(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    if (length > MAX_LINE_BYTES) {
      return { type: "problem", number, problem: `The line has ${length} bytes; ${MAX_LINE_BYTES} are the limit` };
    }
    try {
      const text = this.#decoder.decode(bytes).replace(/\r$/, "");
      if (text.includes("\0")) return { type: "problem", number, problem: "The line holds a NUL byte" };
      return { type: "text", number, text };
    } catch {
      return { type: "problem", number, problem: "The line is not UTF-8 text" };
    }
  }
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}
