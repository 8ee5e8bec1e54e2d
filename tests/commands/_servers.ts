/**
 * Servers that are not what a client hopes for. Each listens on loopback until it is disposed of.
 *
 * @module
 */

export interface Server extends AsyncDisposable {
  readonly port: number;
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
}

/** Answers every request with this HTTP status and never with a WebSocket. */
export function httpServer(status: number): Server {
  return serve(() => new Response("no WebSocket here\n", { status }));
}

/** What a {@linkcode socketServer} does with a client. */
export interface Script {
  /** Sent as soon as the client is there. */
  readonly greeting?: readonly (string | Uint8Array<ArrayBuffer>)[];
  /** Answers a text from the client. */
  readonly answer?: (text: string, socket: WebSocket) => void;
}

/** Speaks WebSocket, and by that script. */
export function socketServer({ greeting = [], answer = () => {} }: Script): Server {
  return serve((request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      for (const frame of greeting) socket.send(frame);
    };
    socket.onmessage = ({ data }) => answer(data, socket);
    socket.onerror = (event) => event.preventDefault();
    return response;
  });
}

function serve(handler: (request: Request) => Response): Server {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const { port } = server.addr;
  return { port, url: `ws://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Takes connections, says `text` and hangs up; without a text it says nothing and stays on the line. */
export function tcpServer(text?: string): Server {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held = new Set<Deno.TcpConn>();
  const serving = (async () => {
    for await (const connection of listener) {
      held.add(connection);
      if (text === undefined) continue;
      await connection.write(new TextEncoder().encode(text)).catch(() => {});
      await connection.closeWrite().catch(() => {});
    }
  })();
  const { port } = listener.addr;
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
      for (const connection of held) connection.close();
    },
  };
}

/** A port on which nobody listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Confirms every subscription of a request, as a willing exchange does. */
export function confirmation(text: string): string[] {
  const { event, reqid, pair, subscription } = JSON.parse(text);
  if (event !== "subscribe") return [];
  const channelName = [subscription.name, subscription.depth ?? subscription.interval].filter(Boolean).join("-");
  return pair.map((name: string) =>
    JSON.stringify({ channelName, event: "subscriptionStatus", pair: name, reqid, status: "subscribed", subscription })
  );
}
