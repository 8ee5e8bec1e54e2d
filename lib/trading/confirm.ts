/**
 * Whether a request may be sent: real orders want a person's word.
 *
 * A live order is read back and confirmed at the terminal; where nobody can be asked it is refused, unless `--yes` was
 * given. Cancelling single orders and the timer that cancels all are not asked about: in a fast market, a question in
 * front of the brake does more harm than good.
 *
 * @module
 */

import type { App } from "../app.ts";
import { isPractice } from "../config.ts";
import { RefusedError } from "../errors.ts";
import type { Parameters, RequestName } from "./parameters.ts";
import { openOrders } from "./snapshots.ts";
import { inWords } from "./words.ts";

const ASKED_ABOUT: readonly RequestName[] = ["addOrder", "amendOrder", "editOrder", "cancelAll"];

/**
 * Has a request confirmed, if it needs that.
 *
 * @throws {RefusedError} If it was not.
 */
export async function confirm(
  app: App,
  { request, parameters, yes }: {
    readonly request: RequestName;
    readonly parameters: Parameters;
    readonly yes: boolean;
  },
): Promise<void> {
  const { target } = app.config;
  if (yes || isPractice(target) || parameters.get("validate") === "true" || !ASKED_ABOUT.includes(request)) return;
  const { ask } = app.ports;
  if (ask === undefined) {
    throw new RefusedError("not_confirmed", `${request} changes real orders and nobody is here to confirm it`, {
      hint: "Add --yes to send it all the same; --dry-run shows what would be sent, --sandbox practises",
    });
  }
  const words = request === "cancelAll" ? await cancelAllInWords(app) : inWords(request, parameters);
  app.output.flush();
  const answer = await ask(`${new URL(target.urls.private).host}: ${words}. Send it? [y/N] `);
  if (/^\s*y(?:es)?\s*$/i.test(answer ?? "")) return;
  throw new RefusedError("declined", `${request} was not confirmed: nothing was sent`);
}

async function cancelAllInWords(app: App): Promise<string> {
  const orders = await openOrders(app);
  return orders === undefined
    ? "cancel all open orders"
    : `cancel all open orders, of which there are ${orders.length}`;
}
