/**
 * One invocation from argv to exit code: builds the tree, runs the command, ends the stream, explains what went wrong.
 *
 * @module
 */

import { type App, exitCodeOf, type Stop } from "../lib/app.ts";
import { type Config, resolveConfig, type Settings, type Target, VARIABLES } from "../lib/config.ts";
import { ExitCode, UnreachableError, UsageError } from "../lib/errors.ts";
import { Invocation } from "../lib/invocation.ts";
import { ClosedPipeError, type Ports } from "../lib/io/ports.ts";
import type { EndRecord } from "../lib/model/record.ts";
import { suggest } from "../lib/model/suggest.ts";
import { recordLine } from "../lib/output/ndjson.ts";
import { stdoutFailed } from "../lib/output/output.ts";
import { redacting, Redactor } from "../lib/output/redact.ts";
import { errorRecord, explain } from "../lib/report.ts";
import type { Host } from "./_host.ts";
import { asUsageError, unknownCommand } from "./_options.ts";
import { commandTree, loadVerbs, VERB_NAMES } from "./mod.ts";

/** Runs one command line; never throws. */
export async function invoke(argv: readonly string[], ports: Ports): Promise<number> {
  const redactor = new Redactor();
  const { stdout, stderr } = ports;
  const guarded = { ...ports, stdout: redacting(stdout, redactor), stderr: redacting(stderr, redactor) };
  await using host = new OneShot(guarded, redactor);
  try {
    const tree = commandTree(host, await loadVerbs(argv));
    const parsed = tree.parse([...argv]).then(() => host.stop);
    return await host.end(await Promise.race([parsed, host.stopped]));
  } catch (error) {
    return await host.end({ type: "failed", error: await lineError(error, argv) });
  }
}

/** What is wrong with a command line, and where to look for what would be right. */
async function lineError(error: unknown, argv: readonly string[]): Promise<unknown> {
  const missing = unknownCommand(error);
  if (missing !== undefined) {
    return new UsageError("unknown_verb", `There is no command "${missing}"`, { hint: await insteadOf(missing) });
  }
  const verb = argv.find((word) => VERB_NAMES.includes(word));
  return asUsageError(
    error,
    verb === undefined
      ? "krakenws --help lists the commands and options"
      : `krakenws ${verb} --help tells what it takes`,
  );
}

async function insteadOf(verb: string): Promise<string> {
  if (verb === "help") return "krakenws --help lists the commands; krakenws COMMAND --help explains one";
  const [{ SHELL_VERBS }, { STATEMENTS }] = await Promise.all([
    import("./_shell_verbs.ts"),
    import("./_shell_help.ts"),
  ]);
  if (Object.hasOwn(SHELL_VERBS, verb) || Object.hasOwn(STATEMENTS, verb)) {
    return `${verb} is a line of the shell: krakenws shell, or krakenws shell -c "${verb} …"`;
  }
  const near = suggest(verb, VERB_NAMES);
  return near === undefined ? "krakenws --help lists the commands" : `Did you mean ${near}?`;
}

/** The surroundings of a single command: an app on real ports, for as long as the process lives. */
class OneShot implements Host, AsyncDisposable {
  readonly ports: Ports;
  readonly #stopped = Promise.withResolvers<Stop>();
  readonly #closing = new AsyncDisposableStack();
  readonly #redactor: Redactor;
  /** What a command asked for that would have had records on stdout. */
  #asked: Settings | undefined;
  #app: Invocation | undefined;
  #stop: Stop = { type: "done", exit: ExitCode.Done };

  constructor(ports: Ports, redactor: Redactor) {
    this.ports = ports;
    this.#redactor = redactor;
  }

  async open(settings: Settings): Promise<App> {
    this.#asked = settings;
    const config = resolveConfig(settings, this.ports.environment);
    const app = new Invocation(config, await this.#target(config), this.ports, this.#redactor);
    this.#app = app;
    if (config.output === "table") await this.#showTable(app, config);
    this.#closing.defer(this.ports.onStopSignal((signal) => app.stop(SIGNAL_STOPS[signal])));
    void app.stopped.then(async (stop) => {
      this.#stop = stop;
      await app.released();
      // A command that held the app may have failed: that comes first.
      this.ports.defer(() => this.#stopped.resolve(stop));
    });
    return app;
  }

  print(text: string): void {
    try {
      this.ports.stdout.write(`${text}\n`);
    } catch (error) {
      if (!(error instanceof ClosedPipeError)) throw stdoutFailed(error);
    }
  }

  /** Why the invocation ends, once its command has come to its end. */
  get stop(): Stop {
    return this.#stop;
  }

  /** Settles when it is to end before its command does. */
  get stopped(): Promise<Stop> {
    return this.#stopped.promise;
  }

  /** Ends the stream, if one began, and says to the user what went wrong, if anything did. */
  async end(stop: Stop): Promise<number> {
    // On a terminal the reason comes last, after what led to it.
    this.#app?.output.leave();
    if (stop.type === "failed") this.#explain(stop.error);
    try {
      if (this.#app !== undefined) return await this.#app.finish(stop);
      if (stop.type === "failed") this.#tellUnopened(stop.error);
    } catch (error) {
      this.#explain(error);
      return exitCodeOf(error);
    }
    return stop.type === "failed" ? exitCodeOf(stop.error) : stop.exit;
  }

  /** A stream that could not even begin says why, and ends, as any other does. */
  #tellUnopened(error: unknown): void {
    const { clock, environment } = this.ports;
    const mode = this.#asked?.output ?? (environment(VARIABLES.output) || "ndjson");
    if (this.#asked === undefined || mode !== "ndjson") return;
    const atMicros = clock.epochMicros();
    const exit = exitCodeOf(error);
    const end: EndRecord = { channel: "end", type: "failed", exit, data: { records: 1, gaps: 0 } };
    const lines = recordLine(errorRecord(error), { seq: 1, atMicros }) + recordLine(end, { seq: 2, atMicros });
    this.print(lines.trimEnd());
  }

  #explain(error: unknown): void {
    try {
      this.ports.stderr.write(`${explain(error)}\n`);
    } catch (failure) {
      // Nobody listens: the exit code and the records still tell.
      if (!(failure instanceof ClosedPipeError)) throw failure;
    }
  }

  async #showTable({ output }: App, { target, heartbeats }: Config): Promise<void> {
    const { TableDisplay } = await import("../lib/output/table/display.ts");
    const label = target.name === "custom" ? new URL(target.urls.public).host : target.name;
    const write = (text: string): void => output.draw(text);
    output.show(new TableDisplay({ target: label, heartbeats, write }, this.ports));
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
