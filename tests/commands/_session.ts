/**
 * A session of the shell in this process, on real sockets: what goes into stdin is the test's, what comes out is kept.
 *
 * @module
 */

import { invoke } from "../../commands/_invoke.ts";
import { denoPorts } from "../../lib/io/deno.ts";
import type { Ports } from "../../lib/io/ports.ts";
import type { Sandbox } from "../../lib/sandbox/server.ts";
import { InputQueue } from "../../lib/shell/input_queue.ts";
import { MemoryOut } from "../_fakes.ts";

/** The account that every sandbox opens. */
export const ACCOUNT = { KRAKEN_API_KEY: "sandbox", KRAKEN_API_SECRET: "c2FuZGJveA==" };

// deno-lint-ignore no-explicit-any -- what a record holds is what the tests are about
export type AnyRecord = any;

/** Stdout that tells of each line. */
class WatchedOut extends MemoryOut {
  readonly #watchers = new Set<() => void>();

  override write(text: string): void {
    super.write(text);
    for (const watcher of [...this.#watchers]) watcher();
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

export class SessionUnderTest {
  readonly stdout = new WatchedOut();
  readonly stderr = new WatchedOut();
  readonly #stdin = new InputQueue<Uint8Array>(Infinity);
  readonly #code: Promise<number>;

  /** @param overrides What is not as in a pipe: a terminal's environment, or somebody who can be asked. */
  constructor(sandbox: Sandbox, words: readonly string[], overrides: Partial<Ports> = {}) {
    const { publicUrl, privateUrl, restUrl } = sandbox;
    const target = ["--public-url", publicUrl, "--private-url", privateUrl, "--rest-url", restUrl];
    const environment: Readonly<Record<string, string>> = ACCOUNT;
    const ports: Ports = {
      ...denoPorts(),
      stdout: this.stdout,
      stderr: this.stderr,
      stdin: { isTerminal: () => false, chunks: this.#stdin },
      environment: (name) => environment[name],
      onStopSignal: () => () => {},
      ask: undefined,
      ...overrides,
      ...(overrides.environment?.("TERM") === "dumb" ? this.#dumbTerminal() : {}),
    };
    this.#code = invoke([...words, ...target], ports);
  }

  #dumbTerminal(): Pick<Ports, "stdin" | "stderr"> {
    const isTerminal = () => true;
    const { stderr } = this;
    return {
      stdin: { isTerminal, chunks: this.#stdin },
      stderr: { isTerminal, write: (text) => stderr.write(text) },
    };
  }

  /** Puts text or bytes into stdin, as they are. */
  write(input: string | Uint8Array): void {
    this.#stdin.put(typeof input === "string" ? new TextEncoder().encode(input) : input);
  }

  /** Puts a line into stdin: a text, or a request of a program. */
  send(line: string | object): void {
    this.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  }

  /** Ends stdin, and waits for the exit code. */
  end(): Promise<number> {
    this.#stdin.end();
    return this.#code;
  }

  /** The exit code, once the session has ended by itself. */
  get code(): Promise<number> {
    return this.#code;
  }

  get records(): AnyRecord[] {
    return this.stdout.records;
  }

  /** The records on a channel so far. */
  on(channel: string): AnyRecord[] {
    return this.records.filter((record) => record.channel === channel);
  }

  /** Waits for the `count`th record that is as wanted. */
  async record(wanted: (record: AnyRecord) => boolean, count = 1): Promise<AnyRecord> {
    const { promise, resolve } = Promise.withResolvers<AnyRecord>();
    const look = (): void => {
      const found = this.records.filter(wanted)[count - 1];
      if (found !== undefined) resolve(found);
    };
    const unwatch = this.stdout.watch(look);
    look();
    const ended = this.#code.then((code) => {
      throw new Error(
        `the session ended with ${code} before such a record came:\n${this.stdout.text}${this.stderr.text}`,
      );
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      unwatch();
    }
  }

  /** Waits for the result of a program's command. */
  result(id: string): Promise<AnyRecord> {
    return this.record(({ channel, cause }) => channel === "result" && cause === id);
  }
}

/** Runs a script from stdin to its end. */
export async function runScript(sandbox: Sandbox, lines: readonly string[], words: readonly string[] = []) {
  const session = new SessionUnderTest(sandbox, ["shell", ...words]);
  session.write(lines.join("\n"));
  const code = await session.end();
  return { code, records: session.records, stdout: session.stdout.text, stderr: session.stderr.text };
}
