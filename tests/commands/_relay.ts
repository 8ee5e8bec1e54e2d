/** A wire between a client and an exchange, on which a test decides what gets through. @module */

export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** Frames that the client sent. */
  readonly sent: string[];
}

/** Stands before the exchange at `target`; drops those of its frames that `drop` wants dropped. */
export function startRelay(target: string, drop: (frame: string) => boolean): Relay {
  const sent: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket: client, response } = Deno.upgradeWebSocket(request);
    const exchange = new WebSocket(target);
    const opened = new Promise((resolve) => exchange.onopen = resolve);
    const ready = new Promise((resolve) => client.onopen = resolve);
    client.onmessage = async ({ data }) => {
      sent.push(data);
      await opened;
      exchange.send(data);
    };
    exchange.onmessage = async ({ data }) => {
      await ready;
      if (!drop(data)) client.send(data);
    };
    client.onclose = () => exchange.close();
    exchange.onclose = () => client.close();
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}/`,
    sent,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
