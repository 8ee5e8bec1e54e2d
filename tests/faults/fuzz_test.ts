/**
 * Whatever comes in, from the exchange, from a script or from a command line: no crash, no hang, no promise forgotten.
 *
 * A rejection that nobody handles fails the test it happens in, since Deno ends the run.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { invoke } from "../../commands/_invoke.ts";
import type { Ports } from "../../lib/io/ports.ts";
import { parsePair } from "../../lib/model/pair.ts";
import { type FakeTransport, FakeWorld, settle } from "../_fakes.ts";
import { within } from "./_world.ts";

/** Frames as the exchange sends them, to be spoiled. */
const FRAMES: readonly string[] = [
  '{"connectionID":13935949241502919679,"event":"systemStatus","status":"online","version":"1.9.1"}',
  '{"event":"heartbeat"}',
  '{"channelID":336,"channelName":"book-10","event":"subscriptionStatus","pair":"XBT/USD","reqid":1,"status":"subscribed","subscription":{"depth":10,"name":"book"}}',
  '{"channelName":"book-10","event":"subscriptionStatus","pair":"XBT/USD","status":"unsubscribed","subscription":{"depth":10,"name":"book"}}',
  '{"errorMessage":"EService:Busy","event":"subscriptionStatus","pair":"XBT/USD","reqid":1,"status":"error","subscription":{"depth":10,"name":"book"}}',
  '{"errorMessage":"Exceeded msg rate","event":"error","reqid":1}',
  '[336,{"as":[["37080.20000","0.44907155","1699797211.976902"]],"bs":[["37080.10000","24.49109974","1699797200.242011"]]},"book-10","XBT/USD"]',
  '[336,{"b":[["37079.40000","0.36000000","1699797212.921034"]],"c":"2845854188"},"book-10","XBT/USD"]',
  '[336,{"a":[["37080.20000","0.00000000","1699797213.0"]]},{"b":[["37080.10000","0.00000000","1699797213.1","r"]],"c":"0"},"book-10","XBT/USD"]',
  '[340,{"a":["37080.2",0,"0.4"],"b":["37080.1",24,"24.4"],"c":["37080.1","0.01"],"v":["5","1"],"p":["3","3"],"t":[1,2],"l":["3","3"],"h":["3","3"],"o":["3","3"]},"ticker","XBT/USD"]',
  '[337,[["37080.10000","0.00015891","1699797222.188887","s","m",""]],"trade","XBT/USD"]',
  '[[{"OX":{"status":"open","userref":0}}],"openOrders",{"sequence":2}]',
  '{"descr":"buy","event":"addOrderStatus","status":"ok","txid":"OA7JUX"}',
];

/** What becomes of a frame on its way. */
const spoiled: fc.Arbitrary<string> = fc.tuple(
  fc.constantFrom(...FRAMES),
  fc.nat(400),
  fc.string({ maxLength: 6 }),
  fc.nat(3),
)
  .map(([frame, at, garbage, how]) => {
    const index = at % frame.length;
    switch (how) {
      case 0:
        return frame;
      case 1:
        return frame.slice(0, index);
      case 2:
        return frame.slice(0, index) + garbage + frame.slice(index + 1);
      default:
        return frame.slice(0, index) + frame.slice(index + garbage.length);
    }
  });

/** A stream of a book, run in a world of its own with what `play` does to it, and then interrupted. */
async function stream(play: (transport: () => FakeTransport, world: FakeWorld) => Promise<void>) {
  const world = new FakeWorld();
  let frames = 0;
  const ports: Ports = {
    ...world.ports,
    dial: (url, listener) =>
      world.ports.dial(url, {
        ...listener,
        frame(text) {
          frames++;
          listener.frame(text);
        },
      }),
  };
  const options = ["--target", "ws://127.0.0.1:1", "--heartbeats", "--raw-frame"];
  const running = invoke(["book", "XBT/USD", ...options], ports);
  await settle();
  world.dials.last.open();
  await settle();
  await play(() => world.dials.last, world);
  world.signal("SIGINT");
  const code = await within(5_000, "ending", running);
  return { code, world, frames, records: world.stdout.records };
}

function assertWhole(records: readonly { readonly seq: number; readonly channel: string }[]): void {
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  assertEquals(records.at(-1)?.channel, "end");
}

Deno.test("frames cut at every byte are records, whatever is left of them", async () => {
  const cuts = FRAMES.flatMap((frame) => Array.from({ length: frame.length }, (_, length) => frame.slice(0, length)));
  const { records } = await stream(async (transport) => {
    for (const cut of cuts) transport().frame(cut);
    await settle();
  });
  assertWhole(records);
  assert(records.filter(({ channel }) => channel === "unrecognized").length > cuts.length * 0.9);
});

Deno.test("mutated frames, lost connections and time in any order: each frame is one record, and the stream ends when told", async () => {
  const event = fc.oneof(
    { weight: 12, arbitrary: spoiled.map((frame) => ({ type: "frame" as const, frame })) },
    { weight: 1, arbitrary: fc.constant({ type: "lose" as const }) },
    { weight: 2, arbitrary: fc.nat(20_000).map((ms) => ({ type: "time" as const, ms })) },
    { weight: 2, arbitrary: fc.constant({ type: "confirm" as const }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const { code, world, records, frames } = await stream(async (transport, { clock }) => {
        for (const next of events) {
          const current = transport();
          if (current.closed) current.open();
          switch (next.type) {
            case "frame":
              current.frame(next.frame);
              break;
            case "lose":
              current.lose();
              await clock.advance(70_000);
              transport().open();
              break;
            case "time":
              await clock.advance(next.ms);
              break;
            case "confirm":
              current.confirm();
          }
          await settle();
        }
      });
      assertWhole(records);
      // A first request that is refused for good ends the stream, and rightly so.
      assert([130, 4, 7].includes(code), `exit ${code}: ${world.stderr.text}`);
      assertEquals(world.clock.pending, 0, "no timer is left behind");
      const told = records.filter((record) => "frame" in record).length;
      if (code === 130) assertEquals(told, frames, "each frame is one record");
    }),
    { numRuns: 150 },
  );
});

const WORDS = [
  "ticker book trade spread ohlc ping status shell run sandbox token openOrders ownTrades balances addOrder amendOrder",
  "editOrder cancelOrder cancelAll cancelAllOrdersAfter subscribe unsubscribe subs mute unmute set wait expect assert on",
  "every mark let echo exit sleep source deadman fault history help within where count since do as XBT/USD ETH/EUR xbt/usd",
  "NO/SUCH 10 25 7 -1 1e9 0 5s 100ms soon --count --for --strict --stats --output --quiet --verbose --no-reconnect --top",
  "--dry-run --yes --help --version --timeout --raw-frame --depth --interval --wat -o -q ndjson raw table pair=XBT/USD",
  "type=buy price=1 volume=0.1 ordertype=limit txid=A,B userref=x close[price]=5 = => $x $ .data.ask.price > < == and or",
  "( ) ' \" \\ # { } ; | & * ? ~ ,",
].join(" ").split(" ");

const word = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);

/** A command line that does not wait for ever: the exchange is not there. */
async function run(args: readonly string[], stdin = ""): Promise<{ readonly code: number; readonly world: FakeWorld }> {
  const world = new FakeWorld();
  const chunks = (async function* () {
    if (stdin !== "") yield await Promise.resolve(new TextEncoder().encode(stdin));
  })();
  const ports = { ...world.ports, stdin: { isTerminal: () => false, chunks } };
  const running = invoke(args, ports);
  let ended = false;
  void running.then(() => ended = true);
  for (let round = 0; round < 40 && !ended; round++) {
    await settle();
    for (const transport of world.dials.transports) {
      if (!transport.closed) transport.lose({ kind: "refused", message: "the connection was refused" });
    }
    await world.clock.advance(5_000);
  }
  world.signal("SIGINT");
  return { code: await within(5_000, JSON.stringify({ args, stdin }), running), world };
}

Deno.test("random command lines end, with an exit code that means something", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 7 }), async (words) => {
      // A sandbox would listen, and is tested where it does.
      const args = words.filter((text) => text !== "sandbox" && text !== "--sandbox");
      const { code, world } = await run([...args, "--target", "ws://127.0.0.1:1"]);
      assert(
        [0, 2, 3, 4, 5, 6, 7, 130].includes(code),
        `exit ${code} of ${JSON.stringify(args)}: ${world.stderr.text}`,
      );
      for (const record of world.stdout.text.startsWith("{") ? world.stdout.records : []) {
        assert(record.channel, args.join());
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("random scripts end, with an exit code that means something", async () => {
  const line = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(" "));
  const script = fc.array(line, { maxLength: 5 }).map((lines) => lines.join("\n"));
  await fc.assert(
    fc.asyncProperty(script, fc.boolean(), async (text, keepGoing) => {
      const args = ["shell", "--target", "ws://127.0.0.1:1", ...keepGoing ? ["--keep-going"] : []];
      const { code, world } = await run(args, text);
      assert(code !== 1, `exit ${code} of ${JSON.stringify(text)}: ${world.stderr.text}`);
      assertEquals(world.stdout.records.at(-1)?.channel, "end");
    }),
    { numRuns: 150 },
  );
});

Deno.test("random bytes from a program are answered, line by line", async () => {
  const line = fc.oneof(
    fc.json(),
    fc.string({ maxLength: 30 }),
    fc.record({
      id: fc.oneof(fc.string(), fc.integer()),
      cmd: fc.constantFrom(...WORDS),
      args: fc.array(word, { maxLength: 4 }),
    })
      .map((command) => JSON.stringify(command)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const { code, world } = await run(
        ["shell", "--input", "ndjson", "--target", "ws://127.0.0.1:1"],
        lines.join("\n"),
      );
      assert(code !== 1, `exit ${code} of ${JSON.stringify(lines)}: ${world.stderr.text}`);
      assertEquals(world.stdout.records.at(-1)?.channel, "end");
    }),
    { numRuns: 100 },
  );
});

Deno.test("any text is a pair or a mistake that is told", () => {
  fc.assert(fc.property(fc.string({ maxLength: 20 }), (text) => {
    try {
      assert(parsePair(text).includes("/"));
    } catch (error) {
      assertEquals((error as Error).name, "UsageError");
    }
  }));
});
