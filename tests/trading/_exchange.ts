/** The private side of an exchange, as small as a test needs: it keeps what it was sent and answers as it was told. */

type Frame = Readonly<Record<string, unknown>>;

export interface FakeExchange extends AsyncDisposable {
  readonly url: string;
  readonly restUrl: string;
  /** What came over WebSocket. */
  readonly received: Frame[];
  /** Tokens that were made by REST, in order. */
  readonly tokens: string[];
}

export interface Script {
  /** The frames that answer one; `close` drops the connection. */
  readonly answer?: (frame: Frame, exchange: FakeExchange) => readonly (Frame | readonly unknown[] | "close")[];
  readonly status?: string;
  /** The REST answer's errors. */
  readonly errors?: readonly string[];
}

export const API_ENVIRONMENT = { KRAKEN_API_KEY: "key", KRAKEN_API_SECRET: "c2VjcmV0IG9mIHRoZSBrZXk=" };

export function startExchange({ answer = accept, status = "online", errors = [] }: Script = {}): FakeExchange {
  const received: Frame[] = [];
  const tokens: string[] = [];
  const sockets = new Set<WebSocket>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (request.method === "POST") {
      await request.text();
      if (errors.length > 0) return Response.json({ error: errors });
      tokens.push(`MadeTokenNumber${tokens.length + 1}/+abc`);
      return Response.json({ error: [], result: { token: tokens.at(-1), expires: 900 } });
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    sockets.add(socket);
    socket.onopen = () =>
      socket.send(JSON.stringify({ connectionID: 1, event: "systemStatus", status, version: "1.9.1" }));
    socket.onmessage = ({ data }) => {
      const frame: Frame = JSON.parse(data);
      received.push(frame);
      for (const reply of answer(frame, exchange)) {
        if (reply === "close") socket.close(1001);
        else socket.send(JSON.stringify(reply));
      }
    };
    socket.onclose = () => sockets.delete(socket);
    return response;
  });
  const exchange: FakeExchange = {
    url: `ws://127.0.0.1:${server.addr.port}/`,
    restUrl: `http://127.0.0.1:${server.addr.port}`,
    received,
    tokens,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close();
      await server.shutdown();
    },
  };
  return exchange;
}

/** Says yes to everything, with empty snapshots. */
export function accept(frame: Frame): (Frame | readonly unknown[])[] {
  const { event, reqid } = frame;
  switch (event) {
    case "ping":
      return [{ event: "pong", reqid }];
    case "subscribe":
    case "unsubscribe": {
      const { name } = frame["subscription"] as { readonly name: string };
      const status = {
        channelName: name,
        event: "subscriptionStatus",
        reqid,
        status: `${event}d`,
        subscription: { name },
      };
      return event === "subscribe" ? [status, [[], name, { sequence: 1 }]] : [status];
    }
    case "addOrder":
      return [{ descr: "buy", event: "addOrderStatus", reqid, status: "ok", txid: "OA7JUX-OKLO3-M6IEVL" }];
    case "cancelOrder":
      return ((frame["txid"] ?? frame["cl_ord_id"]) as readonly string[])
        .map(() => ({ event: "cancelOrderStatus", reqid, status: "ok" }));
    default:
      return [{ event: `${event}Status`, reqid, status: "ok" }];
  }
}

/** The same, but for the frames of one event. */
export function acceptBut(event: string, answer: NonNullable<Script["answer"]>): NonNullable<Script["answer"]> {
  return (frame, exchange) => frame["event"] === event ? answer(frame, exchange) : accept(frame);
}

export interface Run {
  readonly code: number;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs krakenws as a real process against an exchange, in a folder without a token unless one is named. */
export async function run(
  args: readonly string[],
  { exchange, environment = API_ENVIRONMENT, cwd = "/tmp" }: {
    readonly exchange?: FakeExchange;
    readonly environment?: Readonly<Record<string, string>>;
    readonly cwd?: string;
  } = {},
): Promise<Run> {
  const root = new URL("../../", import.meta.url).pathname;
  const where = exchange === undefined
    ? []
    : ["--private-url", exchange.url, "--public-url", exchange.url, "--rest-url", exchange.restUrl];
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-env",
      "--allow-net=127.0.0.1",
      `--allow-read=${cwd}`,
      `--allow-write=${cwd}`,
      "--config",
      `${root}deno.json`,
      `${root}main.ts`,
      ...args,
      ...where,
    ],
    cwd,
    env: { ...environment, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout);
  return {
    code,
    records: text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
    stdout: text,
    stderr: new TextDecoder().decode(stderr),
  };
}
