/** The private side of an exchange, as small as a test needs: it keeps what it was sent and answers as it was told. */

import { invoke } from "../../commands/_invoke.ts";
import { denoPorts } from "../../lib/io/deno.ts";
import type { Ports } from "../../lib/io/ports.ts";
import { MemoryOut } from "../_fakes.ts";

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

export const API_ENVIRONMENT: Readonly<Record<string, string>> = {
  KRAKEN_API_KEY: "key",
  KRAKEN_API_SECRET: "c2VjcmV0IG9mIHRoZSBrZXk=",
  KRAKEN_API_OTP: "pass/word+of the=key",
};

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
  // deno-lint-ignore no-explicit-any -- what a record holds is what the tests are about
  readonly records: readonly any[];
  readonly stdout: string;
  readonly stderr: string;
  /** What the person at the terminal was asked. */
  readonly questions: readonly string[];
}

export interface RunOptions {
  readonly exchange?: Pick<FakeExchange, "url" | "restUrl">;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** What the person at the terminal answers; without it nobody is there. */
  readonly answer?: string;
  readonly stdout?: MemoryOut;
  /** Takes the place of any other port. */
  readonly ports?: Partial<Ports>;
}

/** Runs a command line in this process, on real sockets, with files and a person that are made up. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { exchange, environment = API_ENVIRONMENT, files = {}, answer, stdout = new MemoryOut() } = options;
  const questions: string[] = [];
  const stderr = new MemoryOut();
  const where = exchange === undefined
    ? []
    : ["--private-url", exchange.url, "--public-url", exchange.url, "--rest-url", exchange.restUrl];
  const code = await invoke([...args, ...where], {
    ...denoPorts(),
    stdout,
    stderr,
    stdin: { isTerminal: () => false, chunks: (async function* () {})() },
    environment: (name) => environment[name],
    files: {
      read: (path) => files[path],
      readableByOthers: () => false,
      write: () => {},
      open: denoPorts().files.open,
    },
    ask: answer === undefined ? undefined : (question) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
    onStopSignal: () => () => {},
    ...options.ports,
  });
  return { code, records: stdout.records, stdout: stdout.text, stderr: stderr.text, questions };
}

/** The ports of a machine on which the live exchange is this one. */
export function liveAt({ url, restUrl }: FakeExchange): Pick<Ports, "dial" | "post"> {
  const { dial, post } = denoPorts();
  return {
    dial: (_, listener) => dial(url, listener),
    post: (called, request) => post(called.replace("https://api.kraken.com", restUrl), request),
  };
}

/** The frames of one event that an exchange was sent. */
export function framesOf({ received }: FakeExchange, event: string): Frame[] {
  return received.filter((frame) => frame["event"] === event);
}

/** The records of a channel, by their types. */
export function typesOf({ records }: Run, channel: string): string[] {
  return records.filter((record) => record.channel === channel).map(({ type }) => type);
}
