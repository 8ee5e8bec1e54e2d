/**
 * The subscriptions of a shell: who asked for each, where its records go, and how it is doing.
 *
 * It routes and counts. It asks the exchange for nothing.
 *
 * @module
 */

import type { StreamView } from "../app.ts";
import { UsageError } from "../errors.ts";
import type { Origin } from "../market/feed.ts";
import { spellPair } from "../model/pair.ts";
import { isDataRecord, type StreamRecord, subscriptionIdOf } from "../model/record.ts";
import { type Subscription, subscriptionId } from "../model/subscription.ts";
import { suggest } from "../model/suggest.ts";
import type { Destination, Output } from "../output/output.ts";
import type { Predicate } from "./condition.ts";

/** What the line that subscribed said of its records. */
export interface Ownership {
  /** The name that a program gave its command. */
  readonly cause: string | undefined;
  /** A name for the subscriptions of one line. */
  readonly alias: string | undefined;
  /** Only data records for which this holds are shown. */
  readonly where: Predicate | undefined;
  /** Where the records go; stdout if `undefined`. */
  readonly output: Output | undefined;
  /** Who else is told of each data record. */
  readonly follow?: StreamView["follow"];
}

/** One subscription, as `subs` shows it. */
export interface Stream extends Ownership {
  readonly id: string;
  readonly subscription: Subscription;
  /** On whose behalf it goes on: the line that asked for it last. */
  readonly owner: Ownership;
  muted: boolean;
  /** The name of the command that ends it, if one is about to: what the exchange says to that is its doing. */
  farewell?: string | undefined;
  /** Data records so far. */
  messages: number;
  lastMicros: number | undefined;
  gaps: number;
  inGap: boolean;
  /** Whether the last book update had the exchange's checksum; `undefined` before one came, and for what is no book. */
  verified: boolean | undefined;
}

export class Streams {
  readonly #stdout: Output;
  readonly #streams = new Map<string, Stream>();

  constructor(stdout: Output) {
    this.#stdout = stdout;
  }

  all(): Stream[] {
    return [...this.#streams.values()];
  }

  /** Notes who wants a subscription; one that is there already goes over to the new owner, and keeps its counts. */
  adopt(subscription: Subscription, owner: Ownership): Stream {
    const id = subscriptionId(subscription);
    const { cause, alias, where, output, follow } = owner;
    const fresh = { muted: false, messages: 0, lastMicros: undefined, gaps: 0, inGap: false, verified: undefined };
    const stream = { ...fresh, ...this.#streams.get(id), id, subscription, owner, cause, alias, where, output, follow };
    this.#streams.set(id, stream);
    return stream;
  }

  /** Forgets a stream, unless it has gone over to another owner since. */
  forget(stream: Stream): void {
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
  }

  drop(id: string): void {
    this.#streams.delete(id);
  }

  /**
   * The streams that words name: `all`, an alias, a channel, or a channel with pairs (and a depth or an interval).
   *
   * @throws {UsageError} If they name none.
   */
  find(words: readonly string[]): Stream[] {
    const [first = "all", ...rest] = words;
    if (first === "all" && rest.length === 0) return this.all();
    const named = rest.length === 0 ? this.all().filter(({ alias, id }) => alias === first || id === first) : [];
    if (named.length > 0) return named;
    const pairs = rest.filter((word) => !/^\d+$/.test(word)).map(spellPair);
    const number = rest.find((word) => /^\d+$/.test(word));
    const found = this.all().filter(({ subscription }) =>
      subscription.channel === first && hasPair(subscription, pairs) && hasNumber(subscription, number)
    );
    if (found.length > 0) return found;
    const known = this.all().flatMap(({ alias, subscription }) => [alias ?? [], subscription.channel].flat());
    const near = suggest(first, known);
    throw new UsageError("no_such_subscription", `There is no subscription "${words.join(" ")}"`, {
      hint: near === undefined || near === first ? "subs lists the subscriptions" : `Did you mean ${near}?`,
    });
  }

  /** Tells a record to whoever follows its stream. */
  tell(record: StreamRecord): void {
    if (isDataRecord(record)) this.#streamOf(record)?.follow?.(record);
  }

  /** Counts a record, and says where it goes if it belongs to a stream. */
  route(record: StreamRecord, { atMicros }: Origin): Destination | undefined {
    const stream = this.#streamOf(record);
    if (stream === undefined) return undefined;
    const shown = count(stream, record, atMicros);
    return { output: shown ? stream.output ?? this.#stdout : undefined, cause: causeOf(stream, record) };
  }

  #streamOf(record: StreamRecord): Stream | undefined {
    const id = subscriptionIdOf(record);
    return id === undefined ? undefined : this.#streams.get(id);
  }
}

/** The command that a record is told for. */
function causeOf(stream: Stream, { channel, type }: StreamRecord): string | undefined {
  const { farewell, cause } = stream;
  if (channel !== "subscription" || farewell === undefined) return cause;
  // What comes after the exchange's word belongs to whoever has asked for the stream again.
  if (type === "unsubscribed" || type === "rejected") stream.farewell = undefined;
  return farewell;
}

/** Takes a record into a stream's figures; says whether it is to be shown. */
function count(stream: Stream, record: StreamRecord, atMicros: number): boolean {
  if (record.channel === "gap") {
    stream.inGap = record.to === null;
    if (stream.inGap) stream.gaps++;
    return true;
  }
  if (!isDataRecord(record)) return true;
  stream.messages++;
  stream.lastMicros = atMicros;
  if (record.channel === "book" && record.verified !== undefined) stream.verified = record.verified;
  return !stream.muted && (stream.where === undefined || stream.where(record));
}

function hasPair(subscription: Subscription, pairs: readonly string[]): boolean {
  return pairs.length === 0 || ("pair" in subscription && pairs.includes(subscription.pair));
}

function hasNumber(subscription: Subscription, number: string | undefined): boolean {
  if (number === undefined) return true;
  const own = subscription.channel === "book"
    ? subscription.depth
    : subscription.channel === "ohlc"
    ? subscription.interval
    : undefined;
  return String(own) === number;
}
