import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Files } from "../../lib/io/ports.ts";
import { denoPorts } from "../../lib/io/deno.ts";
import { budgetDelayMs, connectLog } from "../../lib/session/budget.ts";

const TEN_MINUTES = 600_000;

/** Ten connections a second, the last of them at `untilMs`. */
function burst(count: number, untilMs: number): number[] {
  return Array.from({ length: count }, (_, index) => untilMs - index * 100);
}

Deno.test("budgetDelayMs() lets a hundred connections through in ten minutes", () => {
  assertEquals(budgetDelayMs([], 1e9), 0);
  assertEquals(budgetDelayMs(burst(99, 1e9), 1e9), 0);
  assertEquals(budgetDelayMs(burst(100, 1e9), 1e9), TEN_MINUTES - 9_900);
  assertEquals(budgetDelayMs(burst(100, 1e9), 1e9 + TEN_MINUTES), 0);
});

Deno.test("budgetDelayMs() forgets times to come: a clock was set back", () => {
  assertEquals(budgetDelayMs(burst(200, 1e9 + 3_600_000), 1e9), 0);
});

Deno.test("whoever waits as long as told never makes more than a hundred connections in any ten minutes", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { minLength: 150, maxLength: 250 }), (pauses) => {
      const connects: number[] = [];
      let nowMs = 1e9;
      for (const pauseMs of pauses) {
        nowMs += pauseMs;
        nowMs += budgetDelayMs(connects, nowMs);
        connects.push(nowMs);
      }
      for (const atMs of connects) {
        const inWindow = connects.filter((other) => other > atMs - TEN_MINUTES && other <= atMs).length;
        assert(inWindow <= 100, `${inWindow}`);
      }
    }),
    { numRuns: 30 },
  );
});

function realFiles(): Files {
  return denoPorts().files;
}

/** Who may read a file is told so on POSIX only. */
const ignore = Deno.build.os === "windows";

Deno.test("connectLog() is shared by the processes of a user, in a file of their own", { ignore }, async () => {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  const path = `${folder}/state/connects`;
  const [one, other] = [connectLog(realFiles(), path), connectLog(realFiles(), path)];
  one.add(1_000.5);
  other.add(2_000);
  one.add(3_000);
  assertEquals(other.read().toSorted((a, b) => a - b), [1_000.5, 2_000, 3_000]);
  assertEquals(connectLog(realFiles(), path).read().length, 3);
  const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  assertEquals([await mode(path), await mode(`${folder}/state`)], [0o600, 0o700]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("connectLog() does without a file that is not permitted, not readable or not there", () => {
  const refusing = (): never => {
    throw new Deno.errors.NotCapable("not here");
  };
  const files = { ...realFiles(), read: refusing, write: refusing, open: refusing };
  for (const log of [connectLog(files, "/tmp/nowhere"), connectLog(files, undefined)]) {
    log.add(1_000);
    log.add(2_000);
    assertEquals(log.read(), [1_000, 2_000]);
  }
});

Deno.test("connectLog() passes over what is no time, and cuts a file that has grown", () => {
  let text = "nonsense\n{}\n-5\n\n" + "1000\n".repeat(20_000) + "999500\n";
  const files: Files = {
    ...realFiles(),
    read: () => text,
    write: (_path, whole) => void (text = whole),
    open: () => ({
      write: (more) => void (text += more),
      isTerminal: () => false,
      [Symbol.dispose]() {},
    }),
  };
  const log = connectLog(files, "any");
  log.add(1_000_000);
  assertEquals(text, "999500\n1000000\n");
  assertEquals(log.read(), [1_000_000, 999_500]);
});
