/**
 * The lines typed before, over sessions.
 *
 * The file holds one line an entry, the newest last. A line typed again moves to
 * the end. A line is never kept when it starts with a blank, as shells have it,
 * or when it holds a secret. Several shells may share the file: each adds its line
 * to what is there at that moment.
 *
 * Losing history is no reason to stop trading: a file that cannot be read or
 * written is said once, and the session goes on with what it remembers.
 *
 * @module
 */

/** How many lines are kept. */
export const MAX_ENTRIES = 1_000;
/** A longer line is not kept, in UTF-16 units. */
export const MAX_ENTRY_LENGTH = 4_096;

/** Where the history lives. */
export interface HistoryStore {
  /** The file's text; `undefined` when there is none yet. Throws when it cannot be read. */
  read(): string | undefined;
  /** Puts `text` in place of what the file holds. Throws when it cannot. */
  write(text: string): void;
}

export interface HistoryOptions {
  /** Whether a line holds a token or another secret. */
  readonly isSecret: (line: string) => boolean;
  /** Told once, when the history cannot be read or kept. */
  readonly warn: (message: string) => void;
}

export class History {
  readonly #store: HistoryStore;
  readonly #options: HistoryOptions;
  #entries: readonly string[] = [];
  #hasWarned = false;

  constructor(store: HistoryStore, options: HistoryOptions) {
    this.#store = store;
    this.#options = options;
    try {
      this.#entries = this.#read();
    } catch (error) {
      this.#warn("read", error);
    }
  }

  /** The lines, the oldest first. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  /** Keeps a line, unless it is one of those that are never kept. */
  add(line: string): void {
    if (!isKept(line, this.#options)) return;
    this.#entries = withEntry(this.#entries, line);
    try {
      // What cannot be read is not overwritten either.
      this.#entries = withEntry(this.#read(), line);
      this.#store.write(formatHistory(this.#entries));
    } catch (error) {
      this.#warn("kept", error);
    }
  }

  #read(): readonly string[] {
    return parseHistory(this.#store.read() ?? "").filter((line) => isKept(line, this.#options));
  }

  #warn(verb: string, error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.warn(`The history cannot be ${verb}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The entries that start with `prefix`, the newest first. */
export function entriesStartingWith(entries: readonly string[], prefix: string): readonly string[] {
  return entries.filter((entry) => entry.startsWith(prefix)).toReversed();
}

/** The entries with a line at their end: none twice, and no more than {@linkcode MAX_ENTRIES}. */
export function withEntry(entries: readonly string[], line: string): readonly string[] {
  const entry = line.trimEnd();
  return [...entries.filter((other) => other !== entry), entry].slice(-MAX_ENTRIES);
}

/** The entries in a file's text. Lines that no shell of ours wrote, such as binary ones, are left out. */
export function parseHistory(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line !== "" && !CONTROL.test(line)).slice(-MAX_ENTRIES);
}

/** The file's text for some entries. */
export function formatHistory(entries: readonly string[]): string {
  return entries.map((entry) => `${entry}\n`).join("");
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f-\x9f\ufffd]/;

function isKept(line: string, { isSecret }: HistoryOptions): boolean {
  if (line.trim() === "" || /^\s/.test(line) || line.length > MAX_ENTRY_LENGTH) return false;
  return !CONTROL.test(line) && !isSecret(line);
}
