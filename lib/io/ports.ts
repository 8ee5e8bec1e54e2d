/**
 * The outside world, in the smallest shapes the program uses.
 *
 * `deno.ts` beside this file has the real ones; tests bring their own.
 *
 * @module
 */

export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  nowMs(): number;
  /**
   * The same, read once for all that happens in one turn of the event loop, unless `nowMs` is asked in between: asking for
   * the time costs as much as reading a trade does, and what comes in one turn has come by its beginning.
   */
  turnMs(): number;
  /** Microseconds since the Unix epoch, for the `time` of a record: now, or at a moment that `nowMs` gave. */
  epochMicros(atMs?: number): number;
  /** Calls `callback` once, `ms` from now, unless cancelled. */
  setTimer(ms: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** A number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** Starts a WebSocket connection. Never throws: whatever goes wrong arrives as {@linkcode TransportListener.lost}. */
export type Dial = (url: string, listener: TransportListener) => Transport;

export interface Transport {
  /** Sends one text frame; does nothing on a connection that is not open. */
  send(text: string): void;
  /** Starts to close. The listener hears nothing more of this connection. */
  close(): void;
}

export interface TransportListener {
  opened(): void;
  frame(text: string): void;
  /** The exchange speaks text; bytes are kept all the same. */
  binary(bytes: Uint8Array): void;
  /** Called once: the connection failed to open or came to its end. */
  lost(loss: Loss): void;
}

/** Why a connection is not there. */
export interface Loss {
  readonly kind:
    | "refused"
    | "name_not_found"
    | "tls"
    | "http_status"
    | "not_websocket"
    | "permission"
    | "closed"
    | "timeout"
    | "stall";
  /** For people, without a full stop. */
  readonly message: string;
  /** HTTP status of a refused handshake, or close code of an ended connection. */
  readonly code?: number;
}

/** Where lines go: stdout, or a file. */
export interface TextOut {
  /**
   * Writes all of the text before it returns, however long the reader takes.
   *
   * @throws {ClosedPipeError} If nobody reads any more.
   */
  write(text: string): void;
  isTerminal(): boolean;
}

/** Downstream has closed its end: for a pipeline that is the normal way to end. */
export class ClosedPipeError extends Error {
  override readonly name = "ClosedPipeError";
}

/** Work for the end of the current turn of the event loop, after everything that has already arrived. */
export type Defer = (callback: () => void) => void;

/** Where commands come from, other than argv. */
export interface TextIn {
  isTerminal(): boolean;
  /** The bytes as they come; ends at the end of the input. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** The files that this program reads and writes: few, small, and its owner's alone. */
export interface Files {
  /** The whole text; `undefined` if there is no such file. */
  read(path: string): string | undefined;
  /** Whether the owner's group or everybody may read it; `false` where files have no such modes. */
  readableByOthers(path: string): boolean;
  /** Puts `text` in place of what the file holds, readable by its owner only; makes the folders that are missing. */
  write(path: string, text: string): void;
  /** Opens a file to write to, from its start or behind what it holds. */
  open(path: string, options: { readonly append: boolean }): TextOut & Disposable;
}

/** Makes one HTTP POST request. Never rejects. */
export type Post = (url: string, request: PostRequest) => Promise<PostAnswer>;

export interface PostRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

export type PostAnswer =
  | { readonly type: "answered"; readonly status: number; readonly text: string }
  | { readonly type: "lost"; readonly loss: Loss };

/** Puts a question to the person at the terminal; `undefined` if they end the input instead of answering. */
export type Ask = (question: string) => Promise<string | undefined>;

/** The size of a terminal's window. */
export interface Window {
  /** The width of the window, now. */
  columns(): number;
  /** Its height. */
  rows(): number;
  /** Calls `callback` whenever the window has changed, until the function that is returned is called. */
  onResize(callback: () => void): () => void;
  /**
   * Keeps Ctrl-Z from stopping the process, until the function that is returned is called.
   *
   * A process that is stopped cannot tidy its screen up before, and without the permission to signal not stop itself after.
   */
  refuseToStop(): () => void;
}

/** The terminal of a person, for as long as a screen holds it. */
export interface Terminal extends Window {
  /** The keyboard: a terminal's `process.stdin`. */
  readonly input: NodeJS.ReadableStream;
  readonly stdout: TextOut;
  /** Must be a terminal. */
  readonly stderr: TextOut;
}

/** What the process holds, in bytes. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly dial: Dial;
  readonly defer: Defer;
  /** As `defer`, for what only gains by waiting: while there has been little to do, it waits for next to nothing. */
  readonly gather: Defer;
  readonly stdout: TextOut;
  readonly stderr: TextOut;
  readonly stdin: TextIn;
  readonly files: Files;
  /** Takes hold of the terminal; what is written goes through `ends`. */
  readonly terminal: (ends: Pick<Ports, "stdout" | "stderr">) => Promise<Terminal>;
  readonly memory: () => Memory;
  /** The value of an environment variable; `undefined` also where reading it is not permitted. */
  readonly environment: (name: string) => string | undefined;
  readonly post: Post;
  /** `undefined` where nobody can be asked. */
  readonly ask: Ask | undefined;
  /** Calls back when a signal asks the process to end; the returned function undoes that. */
  readonly onStopSignal: (callback: (signal: "SIGINT" | "SIGTERM") => void) => () => void;
}
