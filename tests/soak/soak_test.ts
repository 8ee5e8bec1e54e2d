/** A short run of `deno task soak`: thousands of frames in place of millions. @module */

import { assert, assertEquals } from "@std/assert";
import { soak } from "./_soak.ts";

Deno.test("books of twelve pairs stay whole through random faults, every gap accounted for, in steady memory", async () => {
  const { complaints, records, frames, rss, gaps } = await soak({ frames: 30_000, faultEvery: 2_500, seed: 7 });
  assertEquals(complaints, []);
  assert(records >= frames, `${records} records of ${frames} frames`);
  assert((gaps["disconnected"] ?? 0) + (gaps["stall"] ?? 0) + (gaps["checksum"] ?? 0) > 0, JSON.stringify(gaps));
  // A young process grows while its code is compiled; the full soak asks for more.
  const [first, last] = rss;
  assert(last - first < 64 * 2 ** 20, `${first} bytes grew to ${last}`);
});
