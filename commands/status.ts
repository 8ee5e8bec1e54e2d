/** `krakenws status`: tells the exchange's state. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { UnreachableError } from "../lib/errors.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export function statusCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples("Tell whether the exchange is online, and end.", [
      "krakenws status",
      "krakenws status | jq -r 'select(.channel==\"status\").data.status'",
    ]))
    .action(async (options) => status(await host.open(options)));
}

/**
 * Waits for the `status` record that the exchange sends to every new connection; on one that stands, repeats what it said.
 *
 * @throws {UnreachableError} If it does not come in time.
 */
export async function status(app: App): Promise<void> {
  const { timeoutMs } = app.config;
  const known = app.feed.session("public")?.systemStatus;
  if (known !== undefined) {
    return app.emit({ channel: "status", type: "known", socket: "public", data: { status: known } });
  }
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const unwatch = app.watch((record) => record.channel === "status" && resolve(true));
  const timer = app.ports.clock.setTimer(timeoutMs, () => resolve(false));
  try {
    await app.feed.open("public");
    if (await promise) return;
  } finally {
    timer.cancel();
    unwatch();
  }
  throw new UnreachableError("no_status", `The exchange did not tell its status within ${timeoutMs / 1000} s`);
}
