/**
 * The real ports: the only file of the program (beside the sandbox's server) that names `Deno`, `WebSocket`, timers, the
 * clock and chance.
 *
 * Facts about Deno 2.9 that shape it:
 * - `console.log` never notices a closed pipe; `writeSync` does, so output goes through `writeSync`.
 * - A failed handshake closes with code 0 and tells its reason only in the text of the error event.
 * - A connection without the net permission throws at once, from the constructor.
 * - `setTimeout`, `setImmediate` and `node:path` are Node's, and loading any of them takes 3 ms or more: a fifth of what a
 *   short command lasts. A signal that aborts after a while is as good a timer; `setImmediate` is loaded when there is so
 *   much to do that the end of a turn matters.
 *
 * @module
 */

import {
  type Ask,
  type Clock,
  ClosedPipeError,
  type Defer,
  type Dial,
  type Loss,
  type Memory,
  type Ports,
  type Post,
  type TextOut,
} from "./ports.ts";

/** The ports of a real process. */
export function denoPorts(): Ports {
  const defer = endOfTurn();
  const gather = onceBusy(defer);
  return {
    clock: denoClock(gather),
    random: Math.random,
    dial,
    defer,
    gather,
    stdout: textOut(Deno.stdout),
    stderr: textOut(Deno.stderr),
    stdin: { isTerminal: () => Deno.stdin.isTerminal(), chunks: stdinChunks() },
    files: { read: readFile, readableByOthers, write: writeFile, open: openFile },
    terminal: async (ends) => (await import("./terminal.ts")).processTerminal(ends),
    memory,
    environment,
    post,
    ask: Deno.stdin.isTerminal() && Deno.stderr.isTerminal() ? ask : undefined,
    onStopSignal,
  };
}

/** Calls back once what has arrived by now has been seen to. */
function endOfTurn(): Defer {
  let setImmediate: ((callback: () => void) => unknown) | undefined;
  return (callback) => {
    if (setImmediate !== undefined) return void setImmediate(callback);
    void import("node:timers").then((timers) => {
      setImmediate = timers.setImmediate;
      setImmediate(callback);
    });
  };
}

/** A process that has gathered so often is no short command, and may load what tells it of the end of a turn. */
const BUSY_TURNS = 100;

function onceBusy(defer: Defer): Defer {
  let turns = 0;
  return (callback) => ++turns > BUSY_TURNS ? defer(callback) : queueMicrotask(callback);
}

/** How far the wall clock may run from the monotonic one before a jump (a sleep, a correction) is taken over. */
const CLOCK_JUMP_MS = 50;

/** How often that is looked at: asking for the time of day costs as much as reading a price. */
const CLOCK_CHECK_MS = 10;

function denoClock(gather: Defer): Clock {
  let origin = performance.timeOrigin;
  let checkedMs = -Infinity;
  let turnMs: number | undefined;

  const nowMs = (): number => {
    const ms = performance.now();
    // What comes later in this turn must not seem to have come before.
    if (turnMs !== undefined) turnMs = ms;
    return ms;
  };
  const endTurn = (): void => {
    turnMs = undefined;
  };

  return {
    nowMs,
    turnMs() {
      if (turnMs === undefined) {
        turnMs = performance.now();
        gather(endTurn);
      }
      return turnMs;
    },
    epochMicros(monotonic = nowMs()) {
      if (Math.abs(monotonic - checkedMs) > CLOCK_CHECK_MS) {
        checkedMs = monotonic;
        const drift = Date.now() - (origin + monotonic);
        if (Math.abs(drift) > CLOCK_JUMP_MS) origin += drift;
      }
      return Math.round((origin + monotonic) * 1000);
    },
    setTimer(ms, callback) {
      const elapsed = AbortSignal.timeout(Math.max(0, Math.ceil(ms)));
      const listener = (): void => callback();
      elapsed.addEventListener("abort", listener);
      return { cancel: () => elapsed.removeEventListener("abort", listener) };
    },
  };
}

function memory(): Memory {
  const { rss, heapUsed } = Deno.memoryUsage();
  return { rss, heap: heapUsed };
}

const onStopSignal: Ports["onStopSignal"] = (callback) => {
  // Windows has no SIGTERM to listen to.
  const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;
  const listeners = signals.map((signal) => ({ signal, listener: () => callback(signal) }));
  for (const { signal, listener } of listeners) Deno.addSignalListener(signal, listener);
  return () => {
    for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
  };
};

function environment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

const dial: Dial = (url, listener) => {
  let socket: WebSocket;
  try {
    socket = new WebSocket(url);
  } catch (error) {
    // The listener must not hear of the loss before the caller holds the transport.
    queueMicrotask(() => listener.lost(thrownLoss(error)));
    return { send() {}, close() {} };
  }
  socket.binaryType = "arraybuffer";
  let opened = false;
  let handshakeError = "";
  socket.onopen = () => {
    opened = true;
    listener.opened();
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") listener.frame(data);
    else listener.binary(new Uint8Array(data));
  };
  socket.onerror = (event) => {
    handshakeError = event instanceof ErrorEvent ? event.message : "";
  };
  socket.onclose = ({ code, reason }) => {
    listener.lost(opened ? closeLoss(code, reason, handshakeError) : handshakeLoss(handshakeError));
  };
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      // A connection that is closed before it stands reports an error: nobody waits for it any more.
      socket.onerror = (event) => event.preventDefault();
      socket.close();
    },
  };
};

function thrownLoss(error: unknown): Loss {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.NotCapable) return { kind: "permission", message: "Deno was not given net access" };
  return { kind: "refused", message };
}

function closeLoss(code: number, reason: string, error: string): Loss {
  const detail = reason || error.replace(/^\w+Error: /, "");
  const message = `the connection was closed with code ${code}${detail === "" ? "" : `: ${detail}`}`;
  return { kind: "closed", message, code };
}

/** The parts of Deno's error texts by which the reasons are told apart. */
const HANDSHAKE_LOSSES: readonly (readonly [RegExp, Loss["kind"], string])[] = [
  [/dns error/, "name_not_found", "the host name was not found"],
  [/certificate|corrupt message|tls|handshake/i, "tls", "the TLS connection failed"],
  [
    /invalid HTTP|Invalid (upgrade|connection|sec-websocket)|parse|unexpected/i,
    "not_websocket",
    "no WebSocket answered",
  ],
];

function handshakeLoss(error: string): Loss {
  const detail = error.replace(/^\w+Error: /, "").replace(/^failed to connect to WebSocket: /, "");
  const status = /Invalid status code: (\d+)/.exec(detail)?.[1];
  if (status !== undefined) {
    return { kind: "http_status", message: `the server answered HTTP ${status}`, code: Number(status) };
  }
  for (const [pattern, kind, message] of HANDSHAKE_LOSSES) {
    if (pattern.test(detail)) return { kind, message: `${message} (${detail})` };
  }
  return { kind: "refused", message: `the connection was refused${detail === "" ? "" : ` (${detail})`}` };
}

/** How long to leave a full pipe alone before trying again. */
const FULL_PIPE_PAUSE_MS = 1;

/** Bytes that are written at once: more than the output gathers. */
const WRITE_BYTES = 64 * 1024;

function textOut(file: { writeSync(bytes: Uint8Array): number; isTerminal(): boolean }): TextOut {
  const encoder = new TextEncoder();
  let buffer: Uint8Array<ArrayBuffer> | undefined;
  return {
    isTerminal: () => file.isTerminal(),
    write(text) {
      buffer ??= new Uint8Array(WRITE_BYTES);
      for (let rest = text; rest !== "";) {
        const { read, written } = encoder.encodeInto(rest, buffer);
        writeAll(file, buffer.subarray(0, written));
        rest = rest.slice(read);
      }
    },
  };
}

function writeAll(file: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(file.writeSync(rest));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new ClosedPipeError();
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      // Somebody made the pipe non-blocking and it is full. Waiting here, as a blocking write would, leaves the frames
      // that keep coming with the kernel and with the exchange instead of in our memory.
      Atomics.wait(PAUSE, 0, 0, FULL_PIPE_PAUSE_MS);
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

async function* stdinChunks(): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(64 * 1024);
  for (let count = await Deno.stdin.read(buffer); count !== null; count = await Deno.stdin.read(buffer)) {
    yield buffer.slice(0, count);
  }
}

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

function readFile(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes beside the file and then renames, so that nobody ever reads half of it. */
function readableByOthers(path: string): boolean {
  const { mode } = Deno.statSync(path);
  return mode !== null && (mode & 0o044) !== 0;
}

function writeFile(path: string, text: string): void {
  // A path without a folder is one in this folder.
  const folder = path.replace(/[^/\\]*$/, "") || ".";
  Deno.mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  const draft = `${path}.${Deno.pid}.tmp`;
  Deno.writeTextFileSync(draft, text, { mode: OWNER_ONLY });
  Deno.renameSync(draft, path);
}

function openFile(path: string, { append }: { readonly append: boolean }): TextOut & Disposable {
  const file = Deno.openSync(path, { create: true, write: true, append, truncate: !append, mode: OWNER_ONLY });
  return { ...textOut(file), [Symbol.dispose]: () => file.close() };
}

// ---------------------------------------------------------------- HTTP and the terminal

const post: Post = async (url, { headers, body, timeoutMs }) => {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
    return { type: "answered", status: response.status, text: await response.text() };
  } catch (error) {
    return { type: "lost", loss: requestLoss(error, timeoutMs) };
  }
};

function requestLoss(error: unknown, timeoutMs: number): Loss {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { kind: "timeout", message: `no answer within ${timeoutMs / 1000} s` };
  }
  if (error instanceof Deno.errors.NotCapable) return thrownLoss(error);
  return handshakeLoss(error instanceof Error ? error.message : String(error));
}

/** Reads one line from the terminal, which edits it; Ctrl-C stays a signal. */
const ask: Ask = async (question) => {
  await Deno.stderr.write(new TextEncoder().encode(question));
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(1024);
  let line = "";
  while (!line.includes("\n")) {
    const length = await Deno.stdin.read(bytes);
    if (length === null) return line === "" ? undefined : line;
    line += decoder.decode(bytes.subarray(0, length), { stream: true });
  }
  return line.slice(0, line.indexOf("\n"));
};
