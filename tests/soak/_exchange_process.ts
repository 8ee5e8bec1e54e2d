/**
 * A sandbox in a process of its own, so that its memory is not counted as the client's. A line on stdin is a command, and
 * each is answered with a line: `advance MS`, `fault TEXT`, `books PAIR…`.
 *
 * @module
 */

import { startSandbox } from "../../lib/sandbox/server.ts";
import { connect } from "../sandbox/_exchange.ts";

const [seed = "1", speed = "1"] = Deno.args;
await using sandbox = await startSandbox({
  clock: "manual",
  seed: Number(seed),
  speed: Number(speed),
  requestsPerSecond: 1e6,
});

const COMMANDS: Readonly<Record<string, (rest: string) => unknown>> = {
  advance: (ms) => sandbox.advance(Number(ms)),
  fault: (text) => sandbox.fault(text),
  books: (pairs) => books(pairs.split(" ")),
};

/** The ten best levels of each book, as a client that has just come is told. */
function books(pair: readonly string[]): Record<string, unknown> {
  const client = connect(sandbox.exchange);
  client.send({ event: "subscribe", pair, subscription: { name: "book", depth: 10 } });
  return Object.fromEntries(
    client.take().filter((frame) => frame.startsWith("[")).map((frame) => {
      const [, { as, bs }, , wsname] = JSON.parse(frame);
      return [wsname, [as, bs].map((side) => side.map(([price, volume]: string[]) => [price, volume]))];
    }),
  );
}

function answer(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value ?? "ok")}\n`));
}

answer(sandbox.publicUrl);
let text = "";
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  text += chunk;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
    const [, name = "", rest = ""] = /^(\w+) ?(.*)$/.exec(text.slice(0, end)) ?? [];
    text = text.slice(end + 1);
    answer(COMMANDS[name]?.(rest));
  }
}
