/**
 * The exchange as one stream of records: both sockets, the books they feed, and the stretches that cannot be trusted.
 *
 * It owns the sessions, opens each when it is first needed and keeps a checked {@linkcode Book} for every book that is
 * subscribed. It refuses to know where records go: each is handed to the {@linkcode RecordSink} in the turn in which its
 * frame arrived, so that no queue stands between the exchange and stdout.
 *
 * One frame gives one record. Around them stand the records that say what happened to the connection, the subscriptions
 * and the trust in them.
 *
 * @module
 */

import { KrakenwsError, UnreachableError, UsageError } from "../errors.ts";
import type { Loss } from "../io/ports.ts";
import type { AccountEvent, MarketEvent, RequestId, ServerEvent } from "../model/event.ts";
import type { BookRecord, GapType, StreamRecord } from "../model/record.ts";
import { type PrivateFeed, type Socket, socketOf, type Subscription, subscriptionId } from "../model/subscription.ts";
import type { Protocol, Request } from "../protocol/mod.ts";
import type { ConnectLog } from "../session/budget.ts";
import type { Policy } from "../session/connection.ts";
import { Session, type SessionListener, type SessionPorts } from "../session/session.ts";
import type { SubscriptionOutcome } from "../session/subscriber.ts";
import type { Entry } from "../session/subscriptions.ts";
import type { TokenSource } from "../session/token.ts";
import { Book } from "./book.ts";
import { type BookKey, Books, type KeptBook } from "./books.ts";
import { Gaps } from "./gaps.ts";
import { accountRecord, connectionRecord, controlRecord, marketRecord } from "./records.ts";

/** Where a record comes from. */
export interface Origin {
  /** When it was received: microseconds since the epoch. */
  readonly atMicros: number;
  /** The exchange's frame, untouched, if the record stands for one. */
  readonly frame?: string;
}

export type RecordSink = (record: StreamRecord, origin: Origin) => void;

export interface FeedOptions {
  readonly urls: Readonly<Record<Socket, string>>;
  readonly protocol: Protocol;
  readonly policy: Policy;
  /** How long the exchange may take to confirm a subscription or to answer a ping. */
  readonly confirmTimeoutMs: number;
  readonly tokens: TokenSource;
  /** Where connections are counted; absent for an exchange that bans nobody. */
  readonly connects?: ConnectLog | undefined;
  /** Sees every frame, in both directions, with the secrets still in it. */
  readonly trace?: (direction: "sent" | "received", socket: Socket, frame: string) => void;
}

/** How a book is shown. */
export interface BookView {
  /** Show this many of the best levels after each update, in place of the raw changes. */
  readonly top?: number | undefined;
}

export interface PingOptions {
  readonly reqid: number;
  readonly timeoutMs: number;
}

export class Feed implements AsyncDisposable {
  readonly #options: FeedOptions;
  readonly #ports: SessionPorts;
  readonly #sink: RecordSink;
  readonly #sessions = new Map<Socket, Session>();
  readonly #books = new Books();
  readonly #sequences = new Map<string, number>();
  /** How many questions wait on each subscription that was made for questions alone. */
  readonly #lent = new Map<string, number>();
  readonly #gaps = new Gaps();
  /** When each ping that waits for its answer was sent. */
  readonly #pingedMs = new Map<string, number>();
  #lastRequestId = 0;
  /** Numbers above the last that users have given their requests. */
  readonly #chosenRequestIds = new Set<number>();
  #frames = 0;
  #bytes = 0;

  constructor(options: FeedOptions, ports: SessionPorts, sink: RecordSink) {
    this.#options = options;
    this.#ports = ports;
    this.#sink = sink;
  }

  /** The frame that a request is, for whoever wants to see it and not to send it. */
  encode(request: Request): string {
    return this.#options.protocol.encode(request);
  }

  /**
   * Numbers a request; one series for both sockets, each number once, so that no answer can be taken for another's.
   *
   * @param chosen The number that the user wants, which the series passes over from then on.
   * @throws {UsageError} If a request had the chosen number before.
   */
  readonly nextRequestId = (chosen?: number): number => {
    if (chosen === undefined) {
      do this.#lastRequestId++; while (this.#chosenRequestIds.delete(this.#lastRequestId));
      return this.#lastRequestId;
    }
    if (chosen <= this.#lastRequestId || this.#chosenRequestIds.has(chosen)) {
      throw new UsageError("reqid_in_use", `reqid ${chosen} is that of an earlier request: nothing was sent`, {
        hint: "Leave reqid away, and each request gets one of its own",
      });
    }
    this.#chosenRequestIds.add(chosen);
    return chosen;
  };

  /**
   * The session of a socket, connected.
   *
   * @throws {UnreachableError} If the first connection fails.
   */
  async open(socket: Socket): Promise<Session> {
    const session = this.#session(socket);
    const loss = await session.open();
    if (loss !== undefined) throw unreachable(this.#options.urls[socket], loss);
    return session;
  }

  /** Ends a confirmed subscription and asks for it anew, for a fresh snapshot. */
  resync(subscription: Subscription): void {
    this.#session(socketOf(subscription)).resync(subscription);
  }

  /** The session of a socket, if it has been asked for. */
  session(socket: Socket): Session | undefined {
    return this.#sessions.get(socket);
  }

  /** Subscribes, and settles when the exchange has said yes or no to each. */
  subscribe(subscriptions: readonly Subscription[], { top }: BookView = {}): Promise<SubscriptionOutcome[]> {
    for (const subscription of subscriptions) {
      if (top !== undefined && subscription.channel === "book") this.#books.keep(subscription).top = top;
      // From now on it is there for more than a question, and begins anew for whoever has not seen its snapshot.
      if (this.#lent.delete(subscriptionId(subscription))) this.resync(subscription);
    }
    return this.#subscribe(subscriptions);
  }

  /**
   * Has a subscription begin, or begin anew, for one question; {@linkcode giveBack} follows.
   *
   * @returns Whether it is under way: the exchange has confirmed it, or somebody had asked for it before.
   */
  async borrow(subscription: PrivateFeed): Promise<boolean> {
    const id = subscriptionId(subscription);
    const entry = this.#entryOf(subscription);
    // One that is being ended has no snapshot to come, unless it is asked for again.
    const isWanted = entry !== undefined && (entry.state !== "leaving" || entry.again);
    const lent = this.#lent.get(id) ?? 0;
    if (!isWanted || lent > 0) this.#lent.set(id, lent + 1);
    if (isWanted) {
      this.resync(entry.subscription);
      return true;
    }
    const [outcome] = await this.#subscribe([subscription]);
    return outcome?.type === "subscribed";
  }

  /** Ends a borrowed subscription, unless another question waits on it or somebody has asked for it since. */
  async giveBack(subscription: PrivateFeed): Promise<void> {
    const id = subscriptionId(subscription);
    const lent = this.#lent.get(id);
    if (lent === undefined) return;
    this.#lent.delete(id);
    if (lent > 1) this.#lent.set(id, lent - 1);
    else await this.unsubscribe([subscription]);
  }

  async #subscribe(subscriptions: readonly Subscription[]): Promise<SubscriptionOutcome[]> {
    const outcomes = await this.#bySocket(subscriptions, async (socket, group) => {
      // Wanted from now on, so that whoever unsubscribes before the connection stands has taken it back.
      const session = this.#session(socket);
      const outcomes = session.subscribe(group);
      // Who has no token should hear of that, and not of a connection that would be of no use.
      if (socket === "private" && !session.isOpen) await this.#tokenFor(session, group);
      await this.open(socket);
      return outcomes;
    });
    this.#forgetEnded(subscriptions);
    return outcomes;
  }

  /** Makes sure that there is a token; without one, these are no longer wanted. */
  async #tokenFor(session: Session, subscriptions: readonly Subscription[]): Promise<void> {
    try {
      await this.#options.tokens.get();
    } catch (error) {
      await session.unsubscribe(subscriptions);
      throw error;
    }
  }

  async unsubscribe(subscriptions: readonly Subscription[]): Promise<SubscriptionOutcome[]> {
    const outcomes = await this.#bySocket(subscriptions, (socket, group) => this.#session(socket).unsubscribe(group));
    this.#forgetEnded(subscriptions);
    return outcomes;
  }

  /** Forgets these, but for those that are still asked for, or that somebody has asked for again meanwhile. */
  #forgetEnded(subscriptions: readonly Subscription[]): void {
    for (const subscription of subscriptions) {
      if (this.#entryOf(subscription) === undefined) this.#forget(subscription);
    }
  }

  /** What the ledger has of a subscription; nothing once its session is over. */
  #entryOf(subscription: Subscription): Entry | undefined {
    const session = this.#sessions.get(socketOf(subscription));
    if (session === undefined || session.phase === "stopped") return undefined;
    const id = subscriptionId(subscription);
    return session.entries.find((entry) => entry.id === id);
  }

  /** What has come since the start; `bytes` counts characters, which the exchange sends one byte each. */
  get received(): { readonly frames: number; readonly bytes: number } {
    return { frames: this.#frames, bytes: this.#bytes };
  }

  /** The book kept for a pair at a depth, if it is subscribed and its snapshot has come. */
  book(subscription: Subscription): Book | undefined {
    return subscription.channel === "book" ? this.#books.find(subscription)?.book : undefined;
  }

  /**
   * Asks for a sign of life; the `pong` record tells how long it took.
   *
   * @returns Whether the exchange answered in time.
   */
  async ping(socket: Socket, { reqid, timeoutMs }: PingOptions): Promise<boolean> {
    const session = await this.open(socket);
    this.#pingedMs.set(String(reqid), this.#ports.clock.nowMs());
    const answer = await session.request({ type: "ping", reqid }, { timeoutMs, count: 1 });
    this.#pingedMs.delete(String(reqid));
    return answer.type === "answered";
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #bySocket(
    subscriptions: readonly Subscription[],
    action: (socket: Socket, group: readonly Subscription[]) => Promise<SubscriptionOutcome[]>,
  ): Promise<SubscriptionOutcome[]> {
    const bySocket = [...Map.groupBy(subscriptions, socketOf)];
    return (await Promise.all(bySocket.map(([socket, group]) => action(socket, group)))).flat();
  }

  #session(socket: Socket): Session {
    const existing = this.#sessions.get(socket);
    // One that has given up is over; whoever needs the socket again gets a new try.
    if (existing !== undefined && existing.phase !== "stopped") return existing;
    const { urls, trace: _trace, ...shared } = this.#options;
    const url = urls[socket];
    const options = { ...shared, socket, url, nextRequestId: () => this.nextRequestId() };
    const session = new Session(options, this.#ports, this.#listener(socket, url));
    this.#sessions.set(socket, session);
    return session;
  }

  #listener(socket: Socket, url: string): SessionListener {
    const { trace } = this.#options;
    let heardMicros: number | undefined;
    return {
      frame: (event, frame, atMs) => {
        const atMicros = this.#ports.clock.epochMicros(atMs);
        heardMicros = atMicros;
        this.#frames++;
        this.#bytes += frame.length;
        trace?.("received", socket, frame);
        this.#frame(event, socket, { atMicros, frame });
      },
      binary: (bytes) => {
        const text = bytes.toBase64();
        this.#sink({ channel: "unrecognized", type: "binary", socket, text }, { atMicros: this.#now() });
      },
      oversized: (length, text) => this.#emit({ channel: "unrecognized", type: "oversize", socket, length, text }),
      connection: (change) => {
        // It will not try again: whoever asks next gets a new one.
        if (change.type === "failed") this.#sessions.delete(socket);
        this.#emit(connectionRecord(change, socket, url));
      },
      requested: (subscription, { reqid, again }) => {
        const type = again ? "resubscribing" : "pending";
        this.#emit({ channel: "subscription", type, ...named(subscription), reqid });
      },
      unanswered: (subscription) => this.#emit({ channel: "subscription", type: "unanswered", ...named(subscription) }),
      postponed: (subscription, { reason, attempt, retryInMs }) => {
        const details = { reason, attempt, retry_in_ms: retryInMs };
        this.#emit({ channel: "subscription", type: "postponed", ...named(subscription), ...details });
      },
      confirmed: (subscription) => this.#confirmed(subscription),
      failed: (subscription, reason) => {
        const why = reason === undefined ? {} : { reason };
        this.#emit({ channel: "subscription", type: "failed", ...named(subscription), ...why });
        this.#forget(subscription);
      },
      tokenless: (subscription, error, { retry }) => this.#tokenless(subscription, error, retry),
      interrupted: (subscriptions, cause) => {
        const fromMicros = heardMicros ?? this.#now();
        for (const subscription of subscriptions) this.#mistrust(subscription, cause, fromMicros);
      },
      sent: (frame) => trace?.("sent", socket, frame),
    };
  }

  #frame(event: ServerEvent, socket: Socket, origin: Origin): void {
    switch (event.type) {
      case "ticker":
      case "trade":
      case "spread":
      case "ohlc":
        return this.#sink(marketRecord(event), origin);
      case "book_snapshot":
        return this.#snapshot(event, origin);
      case "book_update":
        return this.#update(event, origin);
      case "account":
        return this.#account(event, origin);
      case "unread":
        return this.#sink(UNREAD, origin);
      case "pong":
        return this.#pong(event.reqid, origin);
      default:
        return this.#sink(controlRecord(event, socket), origin);
    }
  }

  #pong(reqid: RequestId | undefined, origin: Origin): void {
    const sentMs = this.#pingedMs.get(String(reqid));
    const took = sentMs === undefined ? {} : { round_trip_ms: Number((this.#ports.clock.nowMs() - sentMs).toFixed(3)) };
    const answers = reqid === undefined ? {} : { reqid };
    this.#sink({ channel: "pong", type: "reply", ...answers, ...took }, origin);
  }

  // -------------------------------------------------------------- books

  #snapshot(event: Extract<MarketEvent, { readonly type: "book_snapshot" }>, origin: Origin): void {
    const { pair, depth, data } = event;
    const kept = this.#books.keep(event);
    kept.book = new Book(depth, data);
    this.#trust(subscriptionId({ channel: "book", depth, pair }), origin.atMicros);
    this.#sink(shown({ channel: "book", type: "snapshot", pair, depth, data }, kept), origin);
  }

  #update(event: Extract<MarketEvent, { readonly type: "book_update" }>, origin: Origin): void {
    const { pair, depth, data, checksum } = event;
    const kept = this.#books.find(event);
    const book = kept?.book;
    book?.update(data);
    const verified = book !== undefined && checksum !== undefined && book.matches(checksum);
    const record: BookRecord = checksum === undefined
      ? { channel: "book", type: "update", pair, depth, verified, data }
      : { channel: "book", type: "update", pair, depth, checksum, verified, data };
    this.#sink(kept === undefined ? record : shown(record, kept), origin);
    if (!verified) this.#distrustBook(event, book, origin.atMicros);
  }

  /** A book that is not the exchange's is dropped, and its pair alone is asked for again. */
  #distrustBook({ pair, depth }: BookKey, book: Book | undefined, atMicros: number): void {
    const subscription: Subscription = { channel: "book", depth, pair };
    const isConfirmed = this.#session("public").resync(subscription);
    if (book !== undefined) this.#mistrust(subscription, "checksum", atMicros);
    // Changes to a book whose snapshot never came.
    else if (isConfirmed) this.#mistrust(subscription, "sequence", atMicros);
  }

  // -------------------------------------------------------------- account

  /** The exchange counts an account channel's messages: a number that does not follow means that some are missing. */
  #account(event: AccountEvent, origin: Origin): void {
    const { channel, sequence } = event;
    const before = this.#sequences.get(channel);
    this.#sequences.set(channel, sequence);
    const session = this.#sessions.get("private");
    const subscription = session?.entries.find(({ id }) => id === channel)?.subscription;
    const isAwaited = subscription === undefined || hasSnapshot(subscription);
    const isSnapshot = sequence === 1 && isAwaited;
    this.#sink(accountRecord(event, { snapshot: isSnapshot }), origin);
    const follows = before === undefined ? !isAwaited : sequence === before + 1;
    if (isSnapshot || follows || session === undefined || subscription === undefined) return;
    const isConfirmed = session.resync(subscription);
    // Without a number before it, it is a snapshot that is missing, unless the snapshot is still to come.
    if (before !== undefined || isConfirmed) this.#mistrust(subscription, "sequence", origin.atMicros);
  }

  #tokenless(subscription: Subscription, error: unknown, retry: boolean): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (!retry) {
      return this.#emit({ channel: "subscription", type: "rejected", ...named(subscription), reason });
    }
    const code = error instanceof KrakenwsError ? error.code : "internal";
    this.#emit({ channel: "error", type: "local", code, message: reason, retryable: true });
  }

  // -------------------------------------------------------------- trust

  #mistrust(subscription: Subscription, type: GapType, fromMicros: number): void {
    const kept = subscription.channel === "book" ? this.#books.find(subscription) : undefined;
    if (kept !== undefined) kept.book = undefined;
    this.#sequences.delete(subscriptionId(subscription));
    const record = this.#gaps.open(subscription, type, fromMicros);
    if (record !== undefined) this.#emit(record);
  }

  #trust(id: string, atMicros: number): void {
    const record = this.#gaps.close(id, atMicros);
    if (record !== undefined) this.#emit(record);
  }

  /** A confirmed stream is whole again, but for a book, which is only with its snapshot. */
  #confirmed(subscription: Subscription): void {
    const id = subscriptionId(subscription);
    // A snapshot begins the count, and may have come before the word that it would.
    if (!hasSnapshot(subscription)) this.#sequences.delete(id);
    if (subscription.channel !== "book" || this.book(subscription) !== undefined) this.#trust(id, this.#now());
  }

  #forget(subscription: Subscription): void {
    const id = subscriptionId(subscription);
    if (subscription.channel === "book") this.#books.forget(subscription);
    this.#sequences.delete(id);
    this.#trust(id, this.#now());
  }

  #emit(record: StreamRecord): void {
    this.#sink(record, { atMicros: this.#now() });
  }

  #now(): number {
    return this.#ports.clock.epochMicros();
  }
}

const UNREAD: StreamRecord = { channel: "unread", type: "frame" };

/** The record as the user wants to see it: with the changes, or with what they made of the best levels. */
function shown(record: BookRecord, { book, top }: KeptBook): BookRecord {
  if (book === undefined || top === undefined) return record;
  const { data: _changes, ...head } = record;
  return { ...head, top, data: book.top(top) };
}

/** Whether an account channel begins with all that there is. */
function hasSnapshot(subscription: Subscription): boolean {
  return subscription.channel !== "ownTrades" || subscription.snapshot;
}

function named(subscription: Subscription) {
  const id = subscriptionId(subscription);
  return "pair" in subscription ? { pair: subscription.pair, subscription: id } : { subscription: id };
}

const HINTS: Readonly<Partial<Record<Loss["kind"], string>>> = {
  permission: "Run with --allow-net for this host; the README lists the permissions of each mode",
  name_not_found: "Check the host's name and this machine's network",
  refused: "Check that the host is up and that this machine may reach it",
  tls: "Check this machine's clock and certificates; plain ws:// is accepted for loopback only",
  http_status: "Is it the address of a WebSocket server, such as wss://ws.kraken.com? If so, try later",
  not_websocket: "The URL must be that of a WebSocket server, such as wss://ws.kraken.com",
  timeout: "Check the network, or allow more time with --timeout",
};

/** What to tell a user whose first connection failed. */
function unreachable(url: string, loss: Loss): UnreachableError {
  const tooOften = loss.code === 429 || loss.code === 403;
  const hint = tooOften
    ? "The exchange refuses an address that connects too often for about ten minutes: wait before trying again"
    : HINTS[loss.kind];
  return new UnreachableError(loss.kind, `Cannot connect to ${url}: ${loss.message}`, { hint });
}
