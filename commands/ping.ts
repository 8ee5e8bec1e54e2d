/** `krakenws ping`: measures how long the exchange takes to answer. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { UnreachableError } from "../lib/errors.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

/** The exchange answers within milliseconds or not at all. */
const PONG_TIMEOUT_MS = 3_000;

export function pingCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Ask the exchange for a sign of life, and tell how long it took.", [
      "krakenws ping",
      "krakenws ping | jq 'select(.channel==\"pong\").round_trip_ms'",
    ]))
    .action(async (options) => ping(await host.open(options)));
}

/**
 * Pings once over the public socket; the `pong` record carries `round_trip_ms`.
 *
 * @throws {UnreachableError} If there is no answer within 3 s.
 */
export async function ping(app: App): Promise<void> {
  const timeoutMs = Math.min(PONG_TIMEOUT_MS, app.config.timeoutMs);
  if (await app.feed.ping("public", { reqid: app.nextRequestId(), timeoutMs })) return;
  throw new UnreachableError("no_pong", `The exchange did not answer a ping within ${timeoutMs / 1000} s`);
}
