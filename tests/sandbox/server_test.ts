import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { PAIRS } from "../../lib/sandbox/pairs.ts";
import { startSandbox } from "../../lib/sandbox/server.ts";

/** Opens a socket; `next()` gives its frames one by one. */
async function open(url: string) {
  const socket = new WebSocket(url);
  const frames: string[] = [];
  const waiting: ((frame: string) => void)[] = [];
  socket.onmessage = ({ data }) => {
    const resolve = waiting.shift();
    if (resolve === undefined) frames.push(data);
    else resolve(data);
  };
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`Cannot open ${url}`));
  });
  return {
    socket,
    closed,
    next: () => {
      const frame = frames.shift();
      return frame === undefined ? new Promise<string>((resolve) => waiting.push(resolve)) : Promise.resolve(frame);
    },
    async close() {
      socket.close();
      await closed;
    },
  };
}

Deno.test("a client over a real socket is greeted, subscribes and gets what the manual clock lets happen", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  const client = await open(sandbox.publicUrl);
  assertMatch(await client.next(), /"event":"systemStatus"/);
  client.socket.send('{"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"book"}}');
  assertMatch(await client.next(), /"status":"subscribed"/);
  assertMatch(await client.next(), /^\[320,\{"as":/);
  sandbox.advance(2000);
  assertMatch(await client.next(), /"c":"\d+"\},"book-10","XBT\/USD"\]$/);
  await client.close();
});

Deno.test("the same seed and manual clock give the same bytes over sockets", async () => {
  const run = async () => {
    await using sandbox = await startSandbox({ clock: "manual", seed: 9 });
    const client = await open(sandbox.publicUrl);
    client.socket.send('{"event":"subscribe","pair":["ETH/USD"],"subscription":{"name":"spread"}}');
    const frames = [await client.next(), await client.next(), await client.next()];
    sandbox.advance(5000);
    for (let count = 0; count < 20; count++) frames.push(await client.next());
    await client.close();
    return frames;
  };
  assertEquals(await run(), await run());
});

Deno.test("a real clock moves the market by itself", async () => {
  await using sandbox = await startSandbox({ speed: 10 });
  const client = await open(sandbox.publicUrl);
  await client.next();
  client.socket.send('{"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"trade"}}');
  await client.next();
  assertMatch(await client.next(), /"trade","XBT\/USD"\]$|heartbeat/);
  assertThrows(() => sandbox.advance(1), TypeError, "manual");
  await client.close();
});

Deno.test("a binary frame is a malformed request", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  const client = await open(sandbox.publicUrl);
  await client.next();
  client.socket.send(new Uint8Array([1, 2, 3]));
  assertEquals(await client.next(), '{"errorMessage":"Malformed request","event":"error"}');
  await client.close();
});

Deno.test("plain HTTP is told what the address speaks, and unknown paths do not exist", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  for (const path of ["/", "/auth"]) {
    const response = await fetch(sandbox.restUrl + path);
    assertEquals(response.status, 426);
    assertMatch(await response.text(), /WebSocket/);
  }
  const response = await fetch(`${sandbox.restUrl}/nothing`);
  await response.body?.cancel();
  assertEquals(response.status, 404);
});

Deno.test("close() ends the connections, frees the port and may be called again", async () => {
  const sandbox = await startSandbox({ clock: "manual" });
  const client = await open(sandbox.publicUrl);
  const other = await open(sandbox.privateUrl);
  assertEquals(sandbox.connections, { public: 1, private: 1 });
  await sandbox.close();
  assertEquals((await client.closed).code, 1001);
  await other.closed;
  await assertRejects(() => open(sandbox.publicUrl));
  await sandbox.close();
});

Deno.test("a port that is taken is refused", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  const port = Number(new URL(sandbox.restUrl).port);
  await assertRejects(() => startSandbox({ port }), Deno.errors.AddrInUse);
});

Deno.test("a client that is too far behind with reading is cut off instead of filling the memory", async () => {
  await using sandbox = await startSandbox({ clock: "manual", speed: 200 });
  const client = await open(sandbox.publicUrl);
  const pair = PAIRS.map(({ wsname }) => wsname);
  for (const depth of [10, 25, 100, 500, 1000]) {
    client.socket.send(JSON.stringify({ event: "subscribe", pair, subscription: { name: "book", depth } }));
  }
  for (let frame = 0; frame < 1 + 5 * 2 * pair.length; frame++) await client.next();
  // Nobody reads during a step of a manual clock, and this one is worth more than the server keeps for a client.
  for (let step = 0; step < 20; step++) sandbox.advance(50);
  const { code, reason } = await client.closed;
  assertEquals([code, reason], [1008, "Slow consumer"]);
});
