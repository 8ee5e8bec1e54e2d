/**
 * `krakenws run --check`: what a script would use, found without a network.
 *
 * Feeds and orders go through their own commands, with an app that notes what they ask for and sends nothing; of every
 * other command only its name is looked at.
 *
 * @module
 */

import type { App } from "../lib/app.ts";
import { UsageError } from "../lib/errors.ts";
import type { CheckRecord } from "../lib/model/record.ts";
import { type Socket, socketOf, type Subscription, subscriptionId } from "../lib/model/subscription.ts";
import { readScript } from "../lib/shell/interpreter.ts";
import { survey, type Surveyed } from "../lib/shell/survey.ts";
import { REQUEST_NAMES } from "../lib/trading/parameters.ts";
import { asUsageError } from "./_options.ts";
import { SHELL_VERBS } from "./_shell_verbs.ts";
import { kebab } from "./_trading.ts";
import { commandTree, loadVerbs, type Verbs } from "./mod.ts";

const FEEDS: readonly string[] = ["ticker", "book", "trade", "spread", "ohlc", "openOrders", "ownTrades", "balances"];
const ORDERS: readonly string[] = REQUEST_NAMES;

/** The commands that use a socket without a subscription or an order. */
const OTHERS: Readonly<Record<string, Socket>> = { ping: "public", status: "public", deadman: "private" };

/**
 * Tells what a script would use.
 *
 * @throws {UsageError} If anything in the script is wrong: all of it is told at once.
 */
export async function checkScript(app: App, path: string): Promise<void> {
  const verbs = await loadVerbs();
  const read = (file: string) => readScript(app.ports.files.read, file);
  const usage = new Usage();
  const mistakes: string[] = [];
  for (const step of survey(read(path), { readScript: read })) {
    if (step.type === "mistake") mistakes.push(step.message);
    else await look(app, step, { usage, verbs }).catch((error) => mistakes.push(mistakeOf(error, step)));
  }
  if (mistakes.length > 0) throw new UsageError("bad_script", mistakes.join("\n"), { hint: "Nothing of it was run" });
  app.emit({ channel: "check", type: "ok", file: path, data: usage.data });
  app.output.say(usage.described(path));
}

function mistakeOf(error: unknown, { place }: Surveyed): string {
  const known = asUsageError(error, "");
  if (known instanceof UsageError) return `${place}: ${known.message}`;
  throw error;
}

interface LookOptions {
  readonly usage: Usage;
  readonly verbs: Verbs;
}

async function look(app: App, { words, place, isKnown }: Surveyed, { usage, verbs }: LookOptions): Promise<void> {
  const [verb = "", ...rest] = words[0] === "subscribe" && words.length > 1 ? words.slice(1) : words;
  const at = rest.indexOf("as");
  const plain = [verb, ...(at === -1 ? rest : rest.toSpliced(at, 2))];
  const isOrder = ORDERS.some((name) => verb === name || verb === kebab(name));
  const isFeed = FEEDS.some((name) => verb === name || verb === kebab(name));
  const note = (): void => usage.note(plain.join(" "), { place, isOrder });
  const open = () => Promise.resolve(noting(app, usage, note));
  const tree = commandTree({ ports: app.ports, print: () => {}, open }, verbs);
  if (tree.getCommand(verb) === undefined && !Object.hasOwn(SHELL_VERBS, verb)) {
    throw new UsageError("unknown_verb", `There is no command "${verb}"`);
  }
  const other = OTHERS[verb];
  if (other !== undefined) usage.sockets.add(other);
  if (!isOrder && !isFeed) return;
  try {
    await tree.parse(isOrder ? [...plain, "--dry-run"] : plain);
  } catch (error) {
    // What a reply will fill in cannot be checked before.
    if (isKnown) throw error;
    note();
  }
}

/** An app that takes note of what a command asks for, and of an order by calling `note`. */
function noting(app: App, usage: Usage, note: () => void): App {
  const { config, ports, feed, tokens, redactor, output, stopped } = app;
  return {
    ...{ config, ports, feed, tokens, redactor, output, stopped },
    stream(subscriptions) {
      for (const subscription of subscriptions) usage.subscribe(subscription);
      return Promise.resolve();
    },
    emit: ({ channel }) => channel === "order" && note(),
    flush: () => true,
    nextRequestId: () => app.nextRequestId(),
    watch: () => () => {},
    hold: () => app.hold(),
    stop: (stop) => app.stop(stop),
  };
}

/** What a script would use. */
class Usage {
  readonly sockets = new Set<Socket>();
  readonly #subscriptions = new Set<string>();
  readonly #orders: { readonly place: string; readonly command: string }[] = [];

  subscribe(subscription: Subscription): void {
    this.sockets.add(socketOf(subscription));
    this.#subscriptions.add(subscriptionId(subscription));
  }

  note(command: string, { place, isOrder }: { readonly place: string; readonly isOrder: boolean }): void {
    if (!isOrder) return void this.#subscriptions.add(command);
    this.sockets.add("private");
    this.#orders.push({ place, command });
  }

  get data(): CheckRecord["data"] {
    const sockets = (["public", "private"] as const).filter((socket) => this.sockets.has(socket));
    return { sockets, subscriptions: [...this.#subscriptions], orders: this.#orders };
  }

  described(path: string): string[] {
    const { sockets, subscriptions, orders } = this.data;
    const listed = (texts: readonly string[]): string => texts.length === 0 ? "none" : texts.join(", ");
    return [
      `${path} can run. It would use`,
      `  sockets        ${listed(sockets)}`,
      `  subscriptions  ${listed(subscriptions)}`,
      `  orders         ${orders.length === 0 ? "none" : orders.length}`,
      ...orders.map(({ place, command }) => `    ${place}  ${command}`),
    ];
  }
}
