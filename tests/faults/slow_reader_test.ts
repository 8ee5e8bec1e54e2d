/**
 * Readers that take their time, and pipes that are not what they should be: the program as a process.
 *
 * `KRAKENWS_SLOW_READER_SECONDS=60 deno test … tests/faults/slow_reader_test.ts` reads for the full minute.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { hasProgram, runBash, spawnCli } from "../_cli.ts";
import { linesOf } from "../_fakes.ts";

const SECONDS = Number(Deno.env.get("KRAKENWS_SLOW_READER_SECONDS") ?? "6");
const BYTES_A_SECOND = 100_000;

/** Reads a stream at so many bytes a second for some time, then the rest of it at once. */
async function readSlowly(stream: ReadableStream<Uint8Array>, seconds: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const startMs = performance.now();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.length;
    const aheadMs = bytes / BYTES_A_SECOND * 1000 - (performance.now() - startMs);
    if (performance.now() - startMs < seconds * 1000 && aheadMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(aheadMs, 200)));
    }
  }
  return text;
}

Deno.test("a slow reader loses nothing, costs no memory, and is not taken for a stall", async () => {
  const sandbox = spawnCli(["sandbox", "--speed", "40"]);
  const reader = sandbox.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const { data } = JSON.parse(linesOf(value)[0] ?? "");
  const pairs = ["XBT/USD", "ETH/USD", "XBT/EUR", "ETH/EUR"];
  const process = spawnCli(["book", ...pairs, "--target", data.public, "--for", `${SECONDS}s`, "--stats", "1s"]);
  const text = await readSlowly(process.stdout, SECONDS);
  const { code } = await process.status;
  sandbox.kill("SIGINT");
  await Promise.all([process.stderr.cancel(), sandbox.stderr.cancel(), reader.cancel()]);
  await sandbox.status;

  const records = linesOf(text).map((line) => JSON.parse(line));
  assertEquals(code, 0);
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  assertEquals(records.at(-1)?.type, "time");
  assertEquals(records.filter(({ channel }) => channel === "gap"), []);
  assert(records.every(({ verified }) => verified !== false), "every book stayed whole");
  const stats = records.filter(({ channel }) => channel === "stat").map(({ data }) => data);
  const last = stats.at(-1);
  assert(last.blocked_ms > last.uptime_ms / 4, `the reader was to be felt: ${JSON.stringify(last)}`);
  assert(last.rss_bytes - stats[0].rss_bytes < 64 * 2 ** 20, JSON.stringify(stats.map(({ rss_bytes }) => rss_bytes)));
});

Deno.test("a pipe that somebody has made non-blocking loses nothing", { ignore: !hasProgram("python3") }, async () => {
  const nonBlocking = "import fcntl, os, time\n" +
    "fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_NONBLOCK)\n" +
    "time.sleep(1.5)\n" +
    "fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) & ~os.O_NONBLOCK)\n" +
    "import sys\n" +
    "sys.stdout.buffer.write(sys.stdin.buffer.read())";
  const { code, stdout } = await runBash(
    `krakenws book XBT/USD ETH/USD 100 --raw-frame --sandbox --for 2500ms | python3 -c '${nonBlocking}'`,
  );
  assertEquals(code, 0);
  const records = linesOf(stdout).map((line) => JSON.parse(line));
  assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  assertEquals(records.at(-1)?.channel, "end");
});

Deno.test("a reader that closes in the middle of a line ends the stream, with exit 0 and no word", async () => {
  const { code, stdout, stderr } = await runBash("krakenws book XBT/USD 1000 --sandbox | head -c 5000");
  assertEquals([code, stdout.length, stderr], [0, 5_000, ""]);
});

Deno.test(
  "a disk that fills up on the way is an error that says so",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    // A file may not grow beyond this many KiB: the write in the middle of the stream fails as on a full disk.
    const folder = await Deno.makeTempDir({ dir: "/tmp" });
    const { code, stderr } = await runBash(
      `trap '' XFSZ; ulimit -f 8; krakenws book XBT/USD ETH/USD 100 --sandbox > ${folder}/records.ndjson`,
    );
    const text = await Deno.readTextFile(`${folder}/records.ndjson`);
    await Deno.remove(folder, { recursive: true });
    assertEquals(code, 1);
    assert(/^krakenws: Cannot write to stdout: /.test(stderr), stderr);
    assertEquals(text.length, 8 * 1024);
  },
);
