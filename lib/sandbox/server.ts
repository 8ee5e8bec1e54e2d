/**
 * The exchange on loopback: sockets, HTTP and a real clock around the pure {@linkcode Exchange}.
 *
 * Plain RFC 6455 over `ws://127.0.0.1`, public at `/`, private at `/auth`. It listens nowhere else. This is the only
 * file of the sandbox that knows Deno, timers and the time of day.
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
  /** How many times busier than usual the market is; 1 by default. The clock keeps its pace. */
  readonly speed?: number;
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
  /** `http://127.0.0.1:PORT` */
  readonly restUrl: string;
  readonly exchange: Exchange;
  /** Connections accepted since the start. */
  readonly connections: { readonly public: number; readonly private: number };
  /** Moves the exchange's time on by `ms`; for a manual clock only. */
  advance(ms: number): void;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const TICK_MS = 10;
/** Where a manual clock starts: 2026-01-05T09:30:00Z. */
const MANUAL_START_MICROS = Date.UTC(2026, 0, 5, 9, 30) * 1000;
/** What may wait for a client that does not read before it is cut off. */
const SEND_BUFFER_BYTES = 16 * 2 ** 20;

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
  const exchange = new Exchange({ seed: 1, speed: 1, ...options, startMicros });
  const rest = new Rest(exchange);
  const startedMs = performance.now();
  const catchUp = () => {
    if (!manual) exchange.advanceTo(startMicros + Math.floor((performance.now() - startedMs) * 1000));
  };
  const connections = { public: 0, private: 0 };
  const sockets = new Set<WebSocket>();

  const server = Deno.serve({ hostname: HOST, port: options.port ?? 0, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/0/")) {
      catchUp();
      return answerRest(rest, request, url);
    }
    const endpoint = findEndpoint(url.pathname);
    if (endpoint === undefined) return new Response("Not found\n", { status: 404 });
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      const text = "This address speaks WebSocket: connect to it with a WebSocket client\n";
      return new Response(text, { status: 426, headers: { upgrade: "websocket", connection: "Upgrade" } });
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    connections[endpoint]++;
    sockets.add(socket);
    socket.addEventListener("close", () => sockets.delete(socket));
    serveSocket(exchange, { socket, endpoint, catchUp });
    return response;
  });

  const timer = manual ? undefined : setInterval(catchUp, TICK_MS);
  const { port } = server.addr;
  const close = async () => {
    clearInterval(timer);
    for (const socket of sockets) socket.close(1001, "Sandbox closing");
    await server.shutdown();
  };
  return {
    publicUrl: `ws://${HOST}:${port}/`,
    privateUrl: `ws://${HOST}:${port}/auth`,
    restUrl: `http://${HOST}:${port}`,
    exchange,
    connections,
    advance(ms) {
      if (!manual) throw new TypeError('Cannot advance a real clock: start the sandbox with clock: "manual"');
      exchange.advanceTo(exchange.nowMicros + Math.round(ms * 1000));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
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

function findEndpoint(path: string): Endpoint | undefined {
  if (path === "/") return "public";
  return path === "/auth" || path === "/auth/" ? "private" : undefined;
}

function serveSocket(exchange: Exchange, { socket, endpoint, catchUp }: {
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
  // A lost connection is reported as an error first; "close" follows and does the work.
  socket.addEventListener("error", (event) => event.preventDefault());
}
