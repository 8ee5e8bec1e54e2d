/**
 * The exchange on loopback: sockets, HTTP and a real clock around the pure {@linkcode Exchange}.
 *
 * Plain RFC 6455 over `ws://127.0.0.1`, public at `/`, private at `/auth`, faults at `/control`; REST under `/0/`. It
 * listens nowhere else. This is the only file of the sandbox that knows Deno, timers and the time of day.
 *
 * @module
 */

import { Exchange } from "./exchange.ts";
import { Rest } from "./rest.ts";
import type { Endpoint, Session } from "./session.ts";

export interface SandboxOptions {
  /** Port to listen on; 0, the default, takes a free one. */
  readonly port?: number;
  /** Same seed, same market; 1 by default. */
  readonly seed?: number;
  /**
   * How many times busier than usual the market is; 1 by default. The clock keeps its pace. A machine that cannot keep
   * up gets a market as busy as it can.
   */
  readonly speed?: number;
  /** Wire names of the pairs that are traded; all by default. A market of few pairs starts faster. */
  readonly pairs?: readonly string[];
  /** Pauses the market while a client is far behind with reading, instead of cutting it off; false by default. */
  readonly waitsForReaders?: boolean;
  /** `manual`: nothing moves but by {@linkcode Sandbox.advance}. */
  readonly clock?: "real" | "manual";
  /** When the exchange's time begins; now for a real clock, a fixed date for a manual one. */
  readonly startMicros?: number;
  /** What each account begins with, decimal text by asset: `{ USD: "1000", XBT: "0.5" }`. */
  readonly balances?: Readonly<Record<string, string>>;
  /** Requests that a connection may make within a second; 50 by default. */
  readonly requestsPerSecond?: number;
  /** The limit of the trading rate counter; 125 by default. */
  readonly maxRateCount?: number;
}

/** A running exchange. */
export interface Sandbox extends AsyncDisposable {
  /** `ws://127.0.0.1:PORT/` */
  readonly publicUrl: string;
  /** `ws://127.0.0.1:PORT/auth` */
  readonly privateUrl: string;
  /** `ws://127.0.0.1:PORT/control`: takes a fault in each text frame. */
  readonly controlUrl: string;
  /** `http://127.0.0.1:PORT` */
  readonly restUrl: string;
  readonly exchange: Exchange;
  /** Connections accepted since the start. */
  readonly connections: { readonly public: number; readonly private: number };
  /**
   * Makes the exchange misbehave: `drop 3s`, `stall`, `reject EService:Busy` and what else {@linkcode ./faults.ts} lists.
   *
   * @throws {SyntaxError} If there is no such fault.
   */
  fault(text: string): void;
  /** Moves the exchange's time on by `ms`; for a manual clock only. */
  advance(ms: number): void;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const TICK_MS = 10;
/** How long the crowd may keep the process busy at a time, so that sockets get their turn at any speed. */
const BUSY_MS = 8;
/** Where a manual clock starts: 2026-01-05T09:30:00Z. */
const MANUAL_START_MICROS = Date.UTC(2026, 0, 5, 9, 30) * 1000;
/** What may wait for a client that does not read before it is cut off. */
const SEND_BUFFER_BYTES = 8 * 2 ** 20;
/** What may wait for a client before a market that waits for its readers does so. */
const FULL_BYTES = 2 ** 20;

/**
 * Starts an exchange on loopback.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { startSandbox } from "./server.ts";
 *
 * await using sandbox = await startSandbox({ clock: "manual" });
 * const response = await fetch(sandbox.restUrl);
 * assertEquals(response.status, 426); // That address speaks WebSocket.
 * await response.body?.cancel();
 * ```
 *
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 */
export function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return Promise.try(openSandbox, options);
}

function openSandbox(options: SandboxOptions): Sandbox {
  const manual = options.clock === "manual";
  const startMicros = options.startMicros ?? (manual ? MANUAL_START_MICROS : Date.now() * 1000);
  const startedMs = performance.now();
  const exchange = new Exchange({ seed: 1, speed: 1, ...options, startMicros });
  const rest = new Rest(exchange);
  const connections = { public: 0, private: 0 };
  const sockets = new Set<WebSocket>();
  const catchUp = () => {
    if (manual) return;
    const nowMs = performance.now();
    const isTired = () =>
      performance.now() - nowMs > BUSY_MS || (options.waitsForReaders === true && sockets.values().some(isFull));
    exchange.advanceTo(startMicros + Math.floor((nowMs - startedMs) * 1000), isTired);
  };

  const accept = (request: Request, serve: (socket: WebSocket) => void) => {
    if (request.headers.get("sec-websocket-key") === null) return upgradeRequired();
    const { socket, response } = Deno.upgradeWebSocket(request);
    sockets.add(socket);
    socket.addEventListener("close", () => sockets.delete(socket));
    // A lost connection is reported as an error first; "close" follows and does the work.
    socket.addEventListener("error", (event) => event.preventDefault());
    serve(socket);
    return response;
  };
  const server = Deno.serve({ hostname: HOST, port: options.port ?? 0, onListen: () => {} }, (request) => {
    catchUp();
    const url = new URL(request.url);
    if (url.pathname.startsWith("/0/")) return answerRest(rest, request, url);
    const place = PLACES[url.pathname];
    if (place === undefined) return new Response("Not found\n", { status: 404 });
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return upgradeRequired();
    if (place === "control") return accept(request, (socket) => serveControl(socket, fault));
    const { refusal } = exchange;
    if (refusal !== undefined) return new Response("Refused by a fault\n", { status: refusal });
    connections[place]++;
    return accept(request, (socket) => serveClient(exchange, { socket, endpoint: place, catchUp }));
  });
  const fault = (text: string) => {
    catchUp();
    exchange.fault(text);
  };
  const timer = manual ? undefined : setInterval(catchUp, TICK_MS);
  const close = async () => {
    clearInterval(timer);
    for (const socket of sockets) socket.close(1001, "Sandbox closing");
    await server.shutdown();
  };
  const address = `${HOST}:${server.addr.port}`;
  return {
    publicUrl: `ws://${address}/`,
    privateUrl: `ws://${address}/auth`,
    controlUrl: `ws://${address}/control`,
    restUrl: `http://${address}`,
    exchange,
    connections,
    fault,
    advance(ms) {
      if (!manual) throw new TypeError('Cannot advance a real clock: start the sandbox with clock: "manual"');
      exchange.advanceTo(exchange.nowMicros + Math.round(ms * 1000));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What is found under each path. */
const PLACES: Readonly<Record<string, Endpoint | "control">> = {
  "/": "public",
  "/auth": "private",
  "/auth/": "private",
  "/control": "control",
};

function upgradeRequired(): Response {
  const text = "This address speaks WebSocket: connect to it with a WebSocket client\n";
  return new Response(text, { status: 426, headers: { upgrade: "websocket", connection: "Upgrade" } });
}

function isFull(socket: WebSocket): boolean {
  return socket.bufferedAmount > FULL_BYTES;
}

async function answerRest(rest: Rest, request: Request, url: URL): Promise<Response> {
  const { method, headers } = request;
  const text = rest.answer({
    method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: await request.text(),
  });
  return new Response(text, { headers: { "content-type": "application/json; charset=utf-8" } });
}

function serveClient(exchange: Exchange, { socket, endpoint, catchUp }: {
  readonly socket: WebSocket;
  readonly endpoint: Endpoint;
  readonly catchUp: () => void;
}): void {
  let session: Session | undefined;
  const sink = {
    send(frame: string) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(frame);
      if (socket.bufferedAmount > SEND_BUFFER_BYTES) session?.close(1008, "Slow consumer");
    },
    close(code: number, reason: string) {
      if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
    },
  };
  socket.addEventListener("open", () => {
    catchUp();
    session = exchange.connect(endpoint, sink);
  });
  socket.addEventListener("message", ({ data }) => {
    catchUp();
    // A binary frame is none of the protocol's; read as text it is no JSON either.
    if (session !== undefined) exchange.receive(session, typeof data === "string" ? data : "");
  });
  socket.addEventListener("close", () => {
    if (session !== undefined) exchange.disconnect(session);
  });
}

/** Takes a fault in each frame and says what became of it. */
function serveControl(socket: WebSocket, fault: (text: string) => void): void {
  socket.addEventListener("message", ({ data }) => {
    const text = typeof data === "string" ? data.trim() : "";
    const answer = (status: "ok" | "error", reason?: string) =>
      socket.send(JSON.stringify({ event: "faultStatus", status, reason, fault: text }));
    try {
      fault(text);
      answer("ok");
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      answer("error", error.message);
    }
  });
}
