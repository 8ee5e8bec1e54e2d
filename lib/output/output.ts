/**
 * What this process says: records on stdout in the order in which they came, words for people on stderr.
 *
 * It numbers the records, holds back what was not asked for (heartbeats), and gathers the lines of one turn of the event
 * loop into one write: a line never waits for the next, and many that come together cost one system call. The write
 * itself blocks while the reader is slow, on purpose: see `io/ports.ts`.
 *
 * @module
 */

import type { Defer, TextOut } from "../io/ports.ts";
import { OutputError } from "../errors.ts";
import { ClosedPipeError } from "../io/ports.ts";
import type { Origin } from "../market/feed.ts";
import type { EndType, StreamRecord } from "../model/record.ts";
import { recordLine } from "./ndjson.ts";
import { printable } from "./printable.ts";

/**
 * `raw`: the exchange's frames and nothing else, byte for byte unless a frame would break its line or steer a terminal.
 * `table`: for eyes, by a {@linkcode Display}.
 */
export type OutputMode = "ndjson" | "raw" | "table";

export interface OutputOptions {
  readonly mode: OutputMode;
  /** Add the untouched frame to each record. */
  readonly rawFrame: boolean;
  /** Show heartbeats, too. */
  readonly heartbeats: boolean;
  /** Say nothing to people but errors. */
  readonly quiet: boolean;
}

export interface OutputPorts {
  readonly stdout: TextOut;
  readonly stderr: TextOut;
  readonly gather: Defer;
}

/** Where a record goes in place of stdout, and on whose behalf. */
export interface Destination {
  /** `undefined` drops the record. */
  readonly output: Output | undefined;
  readonly cause?: string | undefined;
}

/** Decides for each record; `undefined` leaves it to stdout. */
export type Router = (record: StreamRecord, origin: Origin) => Destination | undefined;

/** Shows records to a person, in its own way and time. */
export interface Display {
  /** A stream is about to begin, and will last until the user ends it. */
  begin(): Promise<void>;
  record(record: StreamRecord, origin: Origin): void;
  /** Gives the terminal back as it was. */
  leave(): void;
}

const LINE_BREAKS = /[\r\n]*\n[\r\n]*/g;

/**
 * How much text is gathered before it is written in the middle of a turn: half of what a pipe holds, so that its reader has
 * the one half while the other is gathered. With 64 KiB each waits for the other, and an eighth of the lines a second is lost.
 */
const GATHER_LIMIT = 32 * 1024;

export class Output {
  #options: OutputOptions;
  #router: Router | undefined;
  #display: Display | undefined;
  #ports: OutputPorts;
  #toTerminal: boolean;
  readonly #onLost: (error: ClosedPipeError | OutputError) => void;
  #gathered = "";
  #flushing = false;
  #closed = false;
  #untold = false;
  #seq = 0;
  #ended = false;
  #gaps = 0;

  /** @param onLost Called once, when stdout takes no more: because nobody reads it, or because it failed. */
  constructor(
    options: OutputOptions,
    ports: OutputPorts,
    onLost: (error: ClosedPipeError | OutputError) => void,
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#toTerminal = ports.stdout.isTerminal();
    this.#onLost = onLost;
  }

  /** Whether anything went to stdout. */
  get started(): boolean {
    return this.#seq > 0;
  }

  /** What was written so far. */
  get counts(): { readonly records: number; readonly gaps: number } {
    return { records: this.#seq, gaps: this.#gaps };
  }

  get options(): OutputOptions {
    return this.#options;
  }

  /** Changes how records look from now on. */
  configure(options: Partial<OutputOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Goes on through other ends, such as a screen that keeps a prompt below what it prints. */
  connect(ends: Pick<OutputPorts, "stdout" | "stderr">): void {
    this.flush();
    this.#ports = { ...this.#ports, ...ends };
    this.#toTerminal = this.#ports.stdout.isTerminal();
  }

  /** Lets `router` say where each record goes. */
  route(router: Router): void {
    this.#router = router;
  }

  /** Has records shown by `display`, in place of lines. */
  show(display: Display): void {
    this.#display = display;
  }

  get display(): Display | undefined {
    return this.#display;
  }

  /** Ends the display's hold on the terminal, so that what is said next can be read. */
  leave(): void {
    this.#display?.leave();
    this.flush();
  }

  /** Writes a record where it belongs, as the output mode shows it; none after the end. */
  record(record: StreamRecord, origin: Origin): void {
    if (this.#ended) return;
    if (this.#router === undefined) return this.#write(record, origin, undefined);
    const destination = this.#router(record, origin);
    const output = destination === undefined ? this : destination.output;
    if (output !== undefined) output.#write(record, origin, destination?.cause);
  }

  #write(record: StreamRecord, { atMicros, frame }: Origin, cause: string | undefined): void {
    if (record.channel === "gap" && record.to === null) this.#gaps++;
    if (this.#options.mode === "raw") return this.#raw(record, frame);
    if (this.#display !== undefined) {
      if (record.channel !== "heartbeat") this.#seq++;
      return this.#display.record(record, frame === undefined ? { atMicros } : { atMicros, frame });
    }
    if (record.channel === "heartbeat" && !this.#options.heartbeats) return;
    const shown = this.#options.rawFrame ? frame : undefined;
    this.#line(recordLine(record, { seq: ++this.#seq, atMicros, cause, frame: shown }));
  }

  /** The last record: without it, a file was cut off. */
  end(type: EndType, { exit, atMicros }: { readonly exit: number; readonly atMicros: number }): void {
    if (this.#options.mode === "raw") return this.flush();
    this.record({ channel: "end", type, exit, data: { records: this.#seq, gaps: this.#gaps } }, { atMicros });
    this.#ended = true;
    this.flush();
  }

  /** Says something to a person, unless told to be quiet. */
  note(text: string): void {
    if (!this.#options.quiet) this.complain(text);
  }

  /**
   * Says something to a person that must be said, in one line that does nothing to a terminal but stand there.
   *
   * @returns Whether somebody listens; what goes to stdout matters more.
   */
  complain(text: string): boolean {
    try {
      this.#ports.stderr.write(`${printable(text)}\n`);
      return true;
    } catch (error) {
      if (error instanceof ClosedPipeError) return false;
      throw error;
    }
  }

  /** Whether records get nowhere any more: stdout takes none, or what became of an order could not be said. */
  get closed(): boolean {
    return this.#closed || this.#untold;
  }

  /** Says something of several lines, such as a table. Nothing from outside may choose where they break. */
  say(lines: readonly string[]): void {
    for (const line of lines) this.complain(line);
  }

  /** Writes what has been gathered. */
  flush(): void {
    const text = this.#gathered;
    this.#gathered = "";
    if (text === "" || this.#closed) return;
    try {
      this.#ports.stdout.write(text);
    } catch (error) {
      this.#closed = true;
      this.#onLost(error instanceof ClosedPipeError ? error : stdoutFailed(error));
    }
  }

  /** Writes what a display has drawn, with what has been gathered before it. */
  draw(text: string): void {
    this.#line(text);
  }

  #raw(record: StreamRecord, frame: string | undefined): void {
    if (frame !== undefined) {
      this.#seq++;
      // In JSON a line break is white space, and a frame is to be one line.
      const line = frame.indexOf("\n") < 0 ? frame : frame.replaceAll(LINE_BREAKS, " ");
      this.#line(`${this.#toTerminal ? printable(line) : line}\n`);
    } else if (record.channel === "order") {
      // What an order is found by must be said even to those who want quiet.
      if (!this.complain(lifecycleNote(record))) this.#untold = true;
    } else {
      this.note(lifecycleNote(record));
    }
  }

  #line(text: string): void {
    this.#gathered += text;
    if (this.#gathered.length >= GATHER_LIMIT) return this.flush();
    if (this.#flushing) return;
    this.#flushing = true;
    this.#ports.gather(() => {
      this.#flushing = false;
      this.flush();
    });
  }
}

/** The error for a user whose stdout does not work. */
export function stdoutFailed(cause: unknown): OutputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OutputError("stdout_failed", `Cannot write to stdout: ${reason}`, { cause });
}

/** What happens around the frames, in one line for a person. */
function lifecycleNote({ channel, type, ...details }: StreamRecord): string {
  return `${channel} ${type} ${JSON.stringify(details)}`;
}
