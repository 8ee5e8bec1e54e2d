/**
 * `deno task soak [FRAMES] [SEED]`: ten million frames with random faults, and whether everything held.
 *
 * @module
 */

import { soak } from "./_soak.ts";

const [frames = "10000000", seed = "1"] = Deno.args;
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const mega = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const result = await soak({
  frames: Number(frames),
  faultEvery: 20_000,
  seed: Number(seed),
  progress: (done, rss) => say(`${done} frames, ${mega(rss)}`),
});
const { rss, complaints, ...figures } = result;
say(
  JSON.stringify({ ...figures, rss_first_quarter: mega(rss[0]), rss_last_quarter: mega(rss[1]), complaints }, null, 2),
);
Deno.exit(complaints.length === 0 ? 0 : 1);
