/** `krakenws sandbox`: serves an exchange on this machine. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { UsageError } from "../lib/errors.ts";
import { applyLimits } from "../lib/stream.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export interface SandboxCommandOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly seed: number;
  readonly speed: number;
}

const DETAILS = `The first record says where it listens; it listens on loopback only.

Its control connection, ws://127.0.0.1:PORT/control, takes a fault in each text frame, so that disasters can be rehearsed
with any program; in a shell with --sandbox the same is fault drop 3s. Each is answered with a faultStatus. Faults:
  drop [3s]                 connections end; new ones are refused for that long
  close CODE [REASON]       every connection is closed with that code
  refuse STATUS [for 3s]    new connections are refused with that HTTP status
  stall [10s]               nothing is sent any more on what is open
  delay 500ms               everything is sent that much later
  lose-reply                an order's next answer is lost; it was carried out
  late-reply 2s             an order's next answer comes that much later
  corrupt-checksum          the next book update carries a wrong checksum
  skip-sequence             the next account message skips a number
  duplicate, malformed      a feed's next message comes twice, or cut in half
  reject TEXT               the next request is refused with that text
  rate-limit [3s]           the next request, or all for that long, are too many
  expire-token              every token issued so far becomes invalid
  maintenance [5s], cancel_only [5s], post_only [5s]
  clear                     ends every fault`;

export function sandboxCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Serve an exchange on this machine, for trying and for testing.", [
      "krakenws sandbox --port 8080",
      "krakenws ticker XBT/USD --target ws://127.0.0.1:8080",
    ], DETAILS))
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
  const { publicUrl, privateUrl, restUrl, controlUrl } = sandbox;
  app.emit({
    channel: "sandbox",
    type: "listening",
    data: { public: publicUrl, private: privateUrl, rest: restUrl, control: controlUrl },
  });
  app.output.note(`The sandbox listens on ${restUrl}; Ctrl-C ends it`);
  using _limits = applyLimits(app);
  await app.stopped;
}
