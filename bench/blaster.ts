/**
 * A server that sends as fast as the kernel takes it.
 *
 * It confirms any subscription, answers pings and holds its traffic back until it is told to send.
 *
 * @module
 */

import type { Feed, Traffic } from "./traffic.ts";
import { clientTexts, concat, handshakeAnswer, textFrame } from "./websocket.ts";

export interface Blaster extends AsyncDisposable {
  readonly url: string;
  /** The next client, once it has subscribed. */
  subscriber(): Promise<Subscriber>;
}

export interface Subscriber {
  /** Sends all frames of the traffic this many times, and the last frame behind them. */
  blast(blocks: number): Promise<void>;
  send(frame: Uint8Array): Promise<void>;
}

export function startBlaster({ feed, frames, last }: Traffic): Blaster {
  const block = concat(frames);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const waiting: ((subscriber: Subscriber) => void)[] = [];

  const subscriber = (connection: Deno.Conn): Subscriber => ({
    send: (frame) => writeAll(connection, frame),
    async blast(blocks) {
      for (let sent = 0; sent < blocks; sent++) await writeAll(connection, block);
      await writeAll(connection, last);
    },
  });

  const accept = async (): Promise<void> => {
    for await (const connection of listener) {
      connection.setNoDelay();
      const subscribed = (): void => waiting.shift()?.(subscriber(connection));
      void serve(connection, feed, subscribed).catch(ignoreReset).finally(() => connection.close());
    }
  };
  const accepting = accept();

  return {
    url: `ws://127.0.0.1:${listener.addr.port}/`,
    subscriber: () => new Promise((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
    },
  };
}

/** Serves one client until it leaves. */
async function serve(connection: Deno.Conn, feed: Feed, subscribed: () => void): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  const head = await connection.read(buffer);
  await writeAll(connection, handshakeAnswer(new TextDecoder().decode(buffer.subarray(0, head ?? 0))));
  await writeAll(connection, textFrame(SYSTEM_STATUS));
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    for (const text of clientTexts(buffer.subarray(0, count))) {
      const { event, reqid } = JSON.parse(text);
      if (event === "ping") await writeAll(connection, textFrame(JSON.stringify({ event: "pong", reqid })));
      if (event !== "subscribe") continue;
      for (const pair of feed.pairs) await writeAll(connection, textFrame(confirmation(feed, pair, reqid)));
      subscribed();
    }
  }
}

const SYSTEM_STATUS =
  '{"connectionID":13935949241502919679,"event":"systemStatus","status":"online","version":"1.9.1"}';

function confirmation({ name, depth }: Feed, pair: string, reqid: unknown): string {
  const channelName = depth === undefined ? name : `${name}-${depth}`;
  const event = "subscriptionStatus";
  return JSON.stringify({
    channelID: 336,
    channelName,
    event,
    pair,
    reqid,
    status: "subscribed",
    subscription: { name },
  });
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

/** A client that was ended takes its connection with it. */
function ignoreReset(error: unknown): void {
  const expected = [
    Deno.errors.ConnectionReset,
    Deno.errors.BrokenPipe,
    Deno.errors.BadResource,
    Deno.errors.Interrupted,
  ];
  if (!expected.some((kind) => error instanceof kind)) throw error;
}
