/**
 * The whole program on real sockets against the real sandbox, in time that runs faster: both sides share one clock, so that
 * the waits of the connection's policy, which are what these tests are about, take a tenth of what they say.
 *
 * That clock counts turns of the event loop, not the wall's milliseconds. On a machine that is busy with other things it
 * goes slower, as the sockets do, so that no deadline passes which the program could have met.
 *
 * @module
 */

import { invoke } from "../../commands/_invoke.ts";
import { denoPorts } from "../../lib/io/deno.ts";
import type { Clock, Ports } from "../../lib/io/ports.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../lib/sandbox/server.ts";
import { FakeClock, linesOf, MemoryOut, START_MICROS } from "../_fakes.ts";
import { connect } from "../sandbox/_exchange.ts";

/** How often the world's time is moved on, at best. */
const TICK_MS = 4;

/** Milliseconds that pass in the world with each tick. */
const STEP_MS = 40;

// deno-lint-ignore no-explicit-any -- what a record holds is what the tests are about
export type AnyRecord = any;

export interface Ran {
  readonly code: number;
  readonly records: readonly AnyRecord[];
  readonly stdout: string;
  readonly stderr: string;
}

export interface Watching {
  /** Called with each record as it is written. */
  readonly on?: (record: AnyRecord) => void;
  /** What comes in on stdin. */
  readonly stdin?: string;
  /** Takes the place of any port. */
  readonly ports?: Partial<Ports>;
}

export interface World extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  /** Runs a command line against the sandbox. */
  run(args: readonly string[], watching?: Watching): Promise<Ran>;
  /** The account places an order by other means, far from the market. */
  act(): void;
  /** Calls back after so many of the world's milliseconds. */
  later(ms: number, callback: () => void): void;
}

export async function openWorld(options: SandboxOptions = {}): Promise<World> {
  const sandbox = await startSandbox({ clock: "manual", startMicros: START_MICROS, speed: 0.3, ...options });
  const clock = new FakeClock();
  let open = true;
  const ticking = (async () => {
    while (open) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      sandbox.advance(STEP_MS);
      await clock.advance(STEP_MS);
    }
  })();
  return {
    sandbox,
    clock,
    run: (args, watching = {}) => run([...args, "--target", sandbox.publicUrl], clock, watching),
    act() {
      const token = sandbox.exchange.issueToken();
      const order = { pair: "XBT/USD", type: "buy", ordertype: "limit", price: "1000", volume: "0.01" };
      connect(sandbox.exchange, "private").send({ event: "addOrder", token, ...order });
    },
    later: (ms, callback) => void clock.setTimer(ms, callback),
    async [Symbol.asyncDispose]() {
      open = false;
      await ticking;
      await sandbox.close();
    },
  };
}

const ACCOUNT: Readonly<Record<string, string>> = {
  KRAKEN_API_KEY: "sandbox",
  KRAKEN_API_SECRET: "c2FuZGJveA==",
};

async function run(args: readonly string[], clock: Clock, { on, stdin, ports = {} }: Watching): Promise<Ran> {
  const stdout = new MemoryOut();
  const stderr = new MemoryOut();
  const watched = {
    isTerminal: () => false,
    write(text: string) {
      stdout.write(text);
      for (const line of linesOf(text)) on?.(JSON.parse(line));
    },
  };
  const code = await invoke(args, {
    ...denoPorts(),
    clock,
    stdout: on === undefined ? stdout : watched,
    stderr,
    stdin: { isTerminal: () => false, chunks: chunks(stdin) },
    ask: undefined,
    environment: (name) => ACCOUNT[name],
    onStopSignal: () => () => {},
    ...ports,
  });
  return {
    code,
    stdout: stdout.text,
    stderr: stderr.text,
    records: linesOf(stdout.text).map((line) => JSON.parse(line)),
  };
}

async function* chunks(text = ""): AsyncGenerator<Uint8Array> {
  if (text !== "") yield await Promise.resolve(new TextEncoder().encode(text));
}

/** `tasks` at the same time, `width` of them at once, in their order. */
export async function inParallel<T>(tasks: readonly (() => Promise<T>)[], width: number): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) results[index] = await tasks[index]!();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** Settles with the task, or fails once it has taken too long. */
export async function within<T>(ms: number, what: string, task: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms);
  try {
    return await Promise.race([task, promise]);
  } finally {
    clearTimeout(timer);
  }
}
