/**
 * One invocation from argv to exit code: builds the tree, runs the command, ends the stream, explains what went wrong.
 *
 * @module
 */

import { ValidationError } from "@cliffy/command";
import { type App, exitCodeOf, type Stop } from "../lib/app.ts";
import { type Config, resolveConfig, type Settings, type Target } from "../lib/config.ts";
import { ExitCode, KrakenwsError, UnreachableError, UsageError } from "../lib/errors.ts";
import { Invocation } from "../lib/invocation.ts";
import { ClosedPipeError, type Ports } from "../lib/io/ports.ts";
import { printable } from "../lib/output/ndjson.ts";
import { stdoutFailed } from "../lib/output/output.ts";
import type { Host } from "./_host.ts";
import { commandTree } from "./mod.ts";

/** Runs one command line; never throws. */
export async function invoke(argv: readonly string[], ports: Ports): Promise<ExitCode> {
  await using host = new OneShot(ports);
  try {
    const parsed = commandTree(host).parse([...argv]).then((): Stop => ({ type: "done", exit: ExitCode.Done }));
    return await host.end(await Promise.race([parsed, host.stopped]));
  } catch (error) {
    return await host.end({ type: "failed", error: asUsageError(error) });
  }
}

/** The surroundings of a single command: an app on real ports, for as long as the process lives. */
class OneShot implements Host, AsyncDisposable {
  readonly ports: Ports;
  readonly #stopped = Promise.withResolvers<Stop>();
  readonly #closing = new AsyncDisposableStack();
  #app: Invocation | undefined;

  constructor(ports: Ports) {
    this.ports = ports;
  }

  async open(settings: Settings): Promise<App> {
    const config = resolveConfig(settings, this.ports.environment);
    const app = new Invocation(config, await this.#target(config), this.ports);
    this.#app = app;
    this.#closing.defer(this.ports.onStopSignal((signal) => app.stop(SIGNAL_STOPS[signal])));
    void app.stopped.then(this.#stopped.resolve);
    return app;
  }

  print(text: string): void {
    try {
      this.ports.stdout.write(`${text}\n`);
    } catch (error) {
      if (!(error instanceof ClosedPipeError)) throw stdoutFailed(error);
    }
  }

  get stopped(): Promise<Stop> {
    return this.#stopped.promise;
  }

  /** Ends the stream, if one began, and says to the user what went wrong, if anything did. */
  async end(stop: Stop): Promise<ExitCode> {
    if (stop.type === "failed") explain(stop.error, this.ports);
    try {
      if (this.#app !== undefined) return await this.#app.finish(stop);
    } catch (error) {
      explain(error, this.ports);
      return exitCodeOf(error);
    }
    return stop.type === "failed" ? exitCodeOf(stop.error) : stop.exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }

  async #target({ target }: Config): Promise<Target> {
    if (target.name !== "sandbox") return target;
    const { startSandbox } = await import("../lib/sandbox/server.ts");
    const sandbox = this.#closing.use(await startSandbox().catch(sandboxFailed));
    const { publicUrl, privateUrl, restUrl } = sandbox;
    return { ...target, urls: { public: publicUrl, private: privateUrl }, restUrl };
  }
}

function sandboxFailed(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new UnreachableError("no_sandbox", `Cannot start the sandbox in this process: ${reason}`, {
    hint: "It listens on loopback, for which Deno needs --allow-net=127.0.0.1",
  });
}

const SIGNAL_STOPS: Readonly<Record<"SIGINT" | "SIGTERM", Stop>> = {
  SIGINT: { type: "interrupted", exit: ExitCode.Interrupted },
  SIGTERM: { type: "terminated", exit: ExitCode.Terminated },
};

/** What the parser of the command line complains of is a mistake in the command line. */
function asUsageError(error: unknown): unknown {
  if (!(error instanceof ValidationError)) return error;
  return new UsageError("bad_command_line", error.message, { hint: "krakenws --help lists the commands and options" });
}

/** Tells a person. A stack trace is for a defect of ours only. */
function explain(error: unknown, { stderr }: Ports): void {
  const lines = error instanceof KrakenwsError
    ? [`krakenws: ${error.message}`, ...(error.hint === undefined ? [] : [`  ${error.hint}`])]
    : ["krakenws: internal error, please report it", ...traceOf(error).split("\n")];
  // The exchange's words stand in some messages: they must not steer a terminal or pass for lines of ours.
  stderr.write(lines.map((line) => `${printable(line)}\n`).join(""));
}

function traceOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
