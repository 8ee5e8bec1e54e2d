/** `krakenws sandbox`: serves an exchange on this machine. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { UsageError } from "../lib/errors.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export interface SandboxCommandOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly seed: number;
  readonly speed: number;
}

export function sandboxCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Serve an exchange on this machine, for trying and for testing.", [
      "krakenws sandbox --port 8080",
      "krakenws ticker XBT/USD --target ws://127.0.0.1:8080",
    ], "The first record says where it listens; it listens on loopback only."))
    .option("--port <port:integer>", "The port to listen on; 0 takes a free one.", { default: 0 })
    .option("--seed <seed:integer>", "The same seed gives the same market.", { default: 1 })
    .option("--speed <factor:number>", "How many times busier than usual the market is.", { default: 1 })
    .action(async ({ port, seed, speed, ...settings }) =>
      serveSandbox(await host.open(settings), { port, seed, speed })
    );
}

/**
 * Serves until the app is to end.
 *
 * @throws {UsageError} If a number is out of its range or the port is taken.
 */
export async function serveSandbox(app: App, options: SandboxCommandOptions): Promise<void> {
  if (options.port < 0 || options.port > 65_535) {
    throw new UsageError("bad_port", `There is no port ${options.port}`, {
      hint: "Ports go from 0 (any free one) to 65535",
    });
  }
  if (!(options.speed > 0 && options.speed <= 1_000)) {
    throw new UsageError("bad_speed", `Cannot run the market ${options.speed} times as fast`, {
      hint: "--speed takes a number above 0 and up to 1000",
    });
  }
  // Loaded only here: no other command has a use for an exchange.
  const { startSandbox } = await import("../lib/sandbox/server.ts");
  await using sandbox = await startSandbox(options).catch((error: unknown) => {
    throw new UsageError("cannot_listen", `Cannot listen on 127.0.0.1:${options.port}: ${(error as Error).message}`, {
      hint: "Another program may have the port: --port 0 takes a free one. Deno needs --allow-net=127.0.0.1",
    });
  });
  const { publicUrl, privateUrl, restUrl } = sandbox;
  app.emit({
    channel: "sandbox",
    type: "listening",
    data: { public: publicUrl, private: privateUrl, rest: restUrl },
  });
  app.output.note(`The sandbox listens on ${restUrl}; Ctrl-C ends it`);
  await app.stopped;
}
