/** Servers that say nothing more, and machines that sleep. @module */

import { assert, assertEquals } from "@std/assert";
import { Feed } from "../../lib/market/feed.ts";
import { denoPorts } from "../../lib/io/deno.ts";
import { parsePair } from "../../lib/model/pair.ts";
import type { StreamRecord } from "../../lib/model/record.ts";
import { Secret } from "../../lib/model/secret.ts";
import { v1 } from "../../lib/protocol/v1.ts";
import { DEFAULT_POLICY } from "../../lib/session/connection.ts";
import { spawnCli } from "../_cli.ts";
import { linesOf } from "../_fakes.ts";
import { tcpServer } from "../commands/_servers.ts";
import { openWorld, within } from "./_world.ts";

/** The policy of a hurried reader: heartbeats come every second. */
const HURRIED = { ...DEFAULT_POLICY, silenceMs: 1_500, pongMs: 400, dialTimeoutMs: 400 };

Deno.test(
  "a server that freezes is noticed, and trusted again once it has thawed",
  { ignore: Deno.build.os === "windows" },
  async () => {
    const server = spawnCli(["sandbox"]);
    const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    const { data } = JSON.parse(linesOf(value)[0] ?? "");
    const waiting = new Set<{ matches: (record: StreamRecord) => boolean; resolve: () => void }>();
    const { clock, dial, random } = denoPorts();
    const feed = new Feed(
      {
        urls: { public: data.public, private: data.private },
        protocol: v1,
        policy: HURRIED,
        confirmTimeoutMs: 5_000,
        tokens: { get: () => Promise.resolve(new Secret("t0ken")), spend: () => {} },
      },
      { clock, dial, random },
      (record) => {
        for (const wait of waiting) if (wait.matches(record)) wait.resolve();
      },
    );
    const until = (what: string, matches: (record: StreamRecord) => boolean) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add({ matches, resolve });
      return within(20_000, what, promise);
    };
    await feed.subscribe([{ channel: "book", depth: 10, pair: parsePair("XBT/USD") }]);
    await until("data", ({ channel }) => channel === "book");

    const stalled = until("a stall", (record) => record.channel === "gap" && record.type === "stall");
    server.kill("SIGSTOP");
    await stalled;
    const thawed = until("the end of the stall", (record) => record.channel === "gap" && record.to !== null);
    server.kill("SIGCONT");
    await thawed;

    await feed.close();
    server.kill("SIGINT");
    await reader.cancel();
    await server.stderr.cancel();
    await server.status;
  },
);

Deno.test("a server that takes the connection and never speaks is given up in time", async () => {
  await using silent = tcpServer();
  await using world = await openWorld();
  const args = ["ticker", "XBT/USD", "--public-url", silent.url, "--private-url", silent.url, "--timeout", "2s"];
  const { code, stderr } = await within(10_000, "giving up", world.run(args));
  assertEquals(code, 7);
  assert(stderr.includes("no answer within 2 s"), stderr);
});

Deno.test("Ctrl-C ends every wait at once: while dialing, while waiting to dial again, while stalled", async () => {
  const faults: readonly (readonly string[])[] = [["drop", "refuse 429"], ["drop", "refuse 503"], ["stall"]];
  await Promise.all(faults.map(async (fault) => {
    await using world = await openWorld();
    let interrupt = (_signal: "SIGINT" | "SIGTERM"): void => {};
    let struck = false;
    const on = ({ channel }: { channel: string }): void => {
      if (channel !== "ticker" || struck) return;
      struck = true;
      for (const text of fault) world.sandbox.fault(text);
      world.later(5_000, () => interrupt("SIGINT"));
    };
    const onStopSignal = (callback: typeof interrupt) => {
      interrupt = callback;
      return () => {};
    };
    const running = world.run(["ticker", "XBT/USD", "--timeout", "60s"], { on, ports: { onStopSignal } });
    const { code, records } = await within(10_000, `Ctrl-C in ${fault}`, running);
    assertEquals([code, records.at(-1).channel, records.at(-1).type], [130, "end", "interrupted"]);
  }));
});
