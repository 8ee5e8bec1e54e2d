/** `krakenws token`: has the exchange make a token, and keeps it in a file. @module */

import { Command } from "@cliffy/command";
import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import { RefusedError } from "../lib/errors.ts";
import { TOKEN_FILE } from "../lib/session/token.ts";
import type { Host } from "./_host.ts";
import { withExamples } from "./_options.ts";

export interface TokenOptions {
  /** Where to write it; `undefined` writes no file. */
  readonly file: string | undefined;
  /** Print it: the one way in which a token ever gets to stdout. */
  readonly show: boolean;
}

export function tokenCommand(host: Host) {
  return new Command<Settings>()
    .description(withExamples(
      "Make a token from KRAKEN_API_KEY and KRAKEN_API_SECRET, and keep it in a file.",
      [
        "krakenws token",
        "krakenws token --file /run/user/1000/WS_Token",
        "KRAKENWS_TOKEN=$(krakenws token --show | jq -r 'select(.channel==\"token\").data.token')",
      ],
      `The file is yours alone (0600); it is ./${TOKEN_FILE} if no other is named and the token is not shown instead. ` +
        "A token is to be used within 15 minutes, and stays good for as long as a connection uses it.",
    ))
    .option("--file <path:string>", "Where to write it.")
    .option("--show", "Print it, as data.token of the record.")
    .action(async ({ file, show = false, ...options }) =>
      makeToken(await host.open(options), { file: file ?? (show ? undefined : TOKEN_FILE), show })
    );
}

/**
 * Makes a token.
 *
 * @throws {RefusedError} If there is no API key, the exchange refuses it, or the file cannot be written.
 * @throws {UnreachableError} If the exchange could not be reached.
 */
export async function makeToken(app: App, { file, show }: TokenOptions): Promise<void> {
  const { token, expiresSeconds } = await app.tokens.make();
  if (!show) app.redactor.add(token);
  if (file !== undefined) write(app, file, token.reveal());
  app.emit({
    channel: "token",
    type: "made",
    data: {
      expires: expiresSeconds,
      ...(file === undefined ? {} : { file }),
      ...(show ? { token: token.reveal() } : {}),
    },
  });
}

function write({ ports }: App, file: string, token: string): void {
  try {
    ports.files.write(file, `${token}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RefusedError("cannot_write", `Cannot write the token to "${file}": ${reason}`, {
      hint: "Name another file with --file; Deno needs --allow-read and --allow-write for its folder",
    });
  }
}
