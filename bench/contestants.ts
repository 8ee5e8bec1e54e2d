/**
 * Who runs: krakenws in its modes, what Deno itself can do, and what a user would otherwise pick.
 *
 * @module
 */

import { type Feed, subscribeRequest } from "./traffic.ts";

export interface Contestant {
  readonly name: string;
  /** The command line that prints a feed from an exchange at `url`. */
  readonly command: (url: string, feed: Feed) => readonly string[];
  /** A command that succeeds where the contestant is installed. */
  readonly probe?: readonly string[];
  /** Slow ones get fewer frames, so that a round stays short. */
  readonly share?: number;
}

const DENO_RUN = ["deno", "run", "--no-prompt", "--allow-net=127.0.0.1"];

/** As `deno task install` has it: what is young is small and short-lived, so that more room for it is only memory. */
const V8 = ["--v8-flags=--max-semi-space-size=4"];

function here(path: string): string {
  return new URL(path, import.meta.url).pathname;
}

/** krakenws with these words, as it is installed. */
export function krakenws(...args: readonly string[]): readonly string[] {
  return [...DENO_RUN, ...V8, "--no-config", here("../dist/lib/main.js"), ...args];
}

/** A script of `contestants/` in Deno. */
export function denoScript(name: string, ...args: readonly string[]): readonly string[] {
  return [...DENO_RUN, here(`contestants/${name}`), ...args];
}

function stream(url: string, { name, depth, pairs }: Feed): readonly string[] {
  const depthOption = depth === undefined ? [] : ["--depth", String(depth)];
  return krakenws(name, ...pairs, ...depthOption, "--target", url, "--quiet");
}

/** The limit: print the frames. */
export const PRINT: Contestant = {
  name: "Deno, print only",
  command: (url, feed) => denoScript("bare.ts", url, subscribeRequest(feed), "print"),
};

/** The limit of whoever looks at the frames. */
export const PARSE: Contestant = {
  name: "Deno, parse and stringify",
  command: (url, feed) => denoScript("bare.ts", url, subscribeRequest(feed), "parse"),
};

export const RAW: Contestant = {
  name: "krakenws -o raw",
  command: (url, feed) => [...stream(url, feed), "-o", "raw"],
};

export const NDJSON: Contestant = {
  name: "krakenws",
  command: stream,
};

export const PYTHON: Contestant = {
  name: "Python websocket-client",
  command: (url, feed) => ["python3", here("contestants/websocket_client.py"), url, subscribeRequest(feed)],
  probe: ["python3", "-c", "import websocket"],
  share: 0.1,
};

const NODE_WS: Contestant = {
  name: "Node ws",
  command: (url, feed) => ["node", here("contestants/node_ws.cjs"), url, subscribeRequest(feed)],
  probe: ["node", "-e", 'require("ws")'],
  share: 0.3,
};

const WSCAT: Contestant = {
  name: "wscat",
  command: (url, feed) => ["wscat", "--connect", url, "--execute", subscribeRequest(feed), "--wait", "600"],
  probe: ["wscat", "--version"],
  share: 0.1,
};

export const CONTESTANTS: readonly Contestant[] = [PRINT, PARSE, RAW, NDJSON, PYTHON, NODE_WS, WSCAT];

/** Those that this machine has, and the names of those that it lacks. */
export async function installed(): Promise<
  { readonly present: readonly Contestant[]; readonly missing: readonly string[] }
> {
  const probed = await Promise.all(CONTESTANTS.map(async (contestant) => ({
    contestant,
    there: contestant.probe === undefined || await succeeds(contestant.probe),
  })));
  return {
    present: probed.filter(({ there }) => there).map(({ contestant }) => contestant),
    missing: probed.filter(({ there }) => !there).map(({ contestant }) => contestant.name),
  };
}

/** Whether a command is there, and ends well. */
export async function succeeds([program = "", ...args]: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
