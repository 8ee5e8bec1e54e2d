/**
 * The least that a Deno program can do: print each frame, or print what it says after reading it.
 *
 * Lines that arrive in one turn of the event loop are written at once, as krakenws does; without that, a loop
 * of one write a line would be the slower one by far.
 *
 * Usage: `deno run --allow-net=127.0.0.1 bare.ts URL REQUEST print|parse`
 *
 * @module
 */

import { setImmediate } from "node:timers";

const [url = "", request = "", mode = "print"] = Deno.args;
const GATHER_LIMIT = 32 * 1024;
const encoder = new TextEncoder();
let gathered = "";
let flushing = false;

const socket = new WebSocket(url);
socket.onopen = () => socket.send(request);
socket.onmessage = ({ data }) => {
  gathered += mode === "parse" ? `${JSON.stringify(JSON.parse(data))}\n` : `${data}\n`;
  if (gathered.length >= GATHER_LIMIT) return flush();
  if (flushing) return;
  flushing = true;
  setImmediate(() => {
    flushing = false;
    flush();
  });
};

function flush(): void {
  let rest = encoder.encode(gathered);
  gathered = "";
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
