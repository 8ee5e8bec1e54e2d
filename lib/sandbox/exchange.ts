/**
 * The exchange: markets, connections and the time they share.
 *
 * It is driven from outside. {@linkcode Exchange.advanceTo} lets time pass, {@linkcode Exchange.receive} hands in what a
 * client says, and frames leave through each session's sink. With the same seed, the same times and the same requests
 * it sends the same bytes.
 *
 * Pure but for its own state: no clock, no socket, no timer.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-intro
 *
 * @module
 */

import { Market } from "./market.ts";
import { PAIRS } from "./pairs.ts";
import { type Balances, writeBalances } from "./ledger.ts";
import { type OrderView, viewOrder } from "./orders.ts";
import { handlePrivateSubscription } from "./private_requests.ts";
import { DEFAULT_BALANCES, PrivateSide } from "./private_side.ts";
import { handlePublicSubscription, WRONG_PUBLIC_ENDPOINT } from "./public_requests.ts";
import { createRandom, type Random } from "./random.ts";
import { echoReqId, INVALID_REQID, readRequest, type Request } from "./requests.ts";
import { Schedule } from "./schedule.ts";
import { type Endpoint, Session, type Sink } from "./session.ts";
import { findApiKey } from "./tokens.ts";
import { handleTrading, TRADING_FIELDS } from "./trading_requests.ts";
import { HEARTBEAT, writeEvent } from "./wire_v1.ts";

export interface ExchangeOptions {
  readonly seed: number;
  /** How many times busier than usual the crowd is. */
  readonly speed: number;
  readonly startMicros: number;
  /** Requests that a connection may make within a second. */
  readonly requestsPerSecond?: number;
  /** What each account begins with: decimal text by asset. */
  readonly balances?: Readonly<Record<string, string>>;
  /** The trading rate counter's limit, 125 by default. */
  readonly maxRateCount?: number;
}

const HEARTBEAT_MICROS = 1e6;
const IDLE_MICROS = 60e6;
const VERSION = "1.9.1";

/** The fields that each kind of request may have. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  ping: [],
  subscribe: ["pair", "subscription"],
  unsubscribe: ["pair", "subscription", "channelID"],
  ...Object.fromEntries(Object.entries(TRADING_FIELDS).map(([event, fields]) => [event, ["token", ...fields]])),
};

export class Exchange {
  /** Accounts, orders and tokens. */
  readonly private: PrivateSide;
  readonly #speed: number;
  readonly #requestsPerSecond: number;
  readonly #schedule = new Schedule();
  readonly #markets: ReadonlyMap<string, Market>;
  readonly #random: Random;
  readonly #sessions = new Set<Session>();
  #nowMicros: number;
  #connected = 0;

  constructor(options: ExchangeOptions) {
    this.#speed = options.speed;
    this.#requestsPerSecond = options.requestsPerSecond ?? 50;
    this.#nowMicros = options.startMicros;
    this.#random = createRandom(options.seed, "exchange");
    this.#markets = new Map(PAIRS.map((pair) => {
      const random = createRandom(options.seed, pair.wsname);
      return [pair.wsname, new Market(pair, { random, startMicros: options.startMicros })];
    }));
    this.private = this.#openPrivateSide(options);
    for (const market of this.#markets.values()) this.#planCrowd(market);
  }

  /** Microseconds since the epoch, as far as the exchange knows. */
  get nowMicros(): number {
    return this.#nowMicros;
  }

  /** The market of a pair by its wire name. */
  market(wsname: string): Market | undefined {
    return this.#markets.get(wsname);
  }

  /** The live orders of an account, oldest first; `sandbox` is the account of the key of that name. */
  openOrders(account: string): readonly OrderView[] {
    return [...this.private.trading.liveOrdersOf(this.private.account(account))].map(viewOrder);
  }

  /** Every order an account has ever made, oldest first. */
  orders(account: string): readonly OrderView[] {
    return [...this.private.trading.ordersOf(this.private.account(account))].map(viewOrder);
  }

  /** What an account has, and how much of it is set aside for orders. */
  balances(account: string): Balances {
    return writeBalances(this.private.account(account));
  }

  /**
   * Makes a token as the REST call does, without the call.
   *
   * @throws {RangeError} If there is no such API key.
   */
  issueToken(key = "sandbox"): string {
    const apiKey = findApiKey(key);
    if (apiKey === undefined) throw new RangeError(`Cannot issue a token for "${key}": no such API key`);
    return this.private.tokens.issue(apiKey, this.#nowMicros);
  }

  /** Lets everything happen that is due until `micros`. Going back is ignored. */
  advanceTo(micros: number): void {
    for (;;) {
      const next = this.#schedule.nextMicros;
      if (next === undefined || next > micros) break;
      this.#nowMicros = next;
      this.#schedule.runNext();
    }
    if (micros > this.#nowMicros) this.#nowMicros = micros;
  }

  /** Takes a client in and greets it. */
  connect(endpoint: Endpoint, sink: Sink): Session {
    const session = new Session(endpoint, { id: ++this.#connected, sink, nowMicros: this.#nowMicros });
    this.#sessions.add(session);
    session.send(writeEvent("systemStatus", {
      connectionID: { raw: this.#connectionId() },
      status: "online",
      version: VERSION,
    }));
    this.#planHeartbeat(session);
    return session;
  }

  /** Lets go of a client that has gone. */
  disconnect(session: Session): void {
    this.#sessions.delete(session);
    this.private.feeds.drop(session);
    this.private.tokens.letGo(session);
    session.release();
  }

  /** Answers a frame from a client. */
  receive(session: Session, text: string): void {
    const incoming = readRequest(text);
    const reqid = incoming.type === "request" ? incoming.request.reqid : undefined;
    if (!session.admit(this.#nowMicros, this.#requestsPerSecond)) {
      this.#error(session, "Exceeded msg rate", reqid);
    } else if (incoming.type === "malformed") {
      this.#error(session, "Malformed request", undefined);
    } else if (incoming.type === "nameless") {
      this.#error(session, "Event(s) not found", incoming.reqid);
    } else {
      this.#answer(session, incoming.request);
    }
  }

  #answer(session: Session, request: Request): void {
    const { event, reqid } = request;
    const fields = FIELDS[event];
    if (fields === undefined) return this.#error(session, "Event(s) not found", reqid);
    if (reqid === "invalid") return this.#refuse(session, request, INVALID_REQID);
    const foreign = Object.keys(request.fields).find((field) => !fields.includes(field));
    if (foreign !== undefined) {
      this.#error(session, `Unsupported field: '${foreign}' for the given msg type: ${event}`, reqid);
    } else if (event === "ping") {
      session.send(writeEvent("pong", { reqid: echoReqId(reqid) }));
    } else if (event in TRADING_FIELDS) {
      if (session.endpoint === "public") this.#refuse(session, request, WRONG_PUBLIC_ENDPOINT);
      else handleTrading(this.private, request, (frame) => session.send(frame));
    } else if (session.endpoint === "public") {
      handlePublicSubscription(this, session, request);
    } else {
      handlePrivateSubscription(this.private, session, request);
    }
  }

  /** Refuses a request in the form of the answer that its kind would get. */
  #refuse(session: Session, { event, reqid, fields }: Request, errorMessage: string): void {
    if (event === "ping") return this.#error(session, errorMessage, reqid);
    const pair = typeof fields["pair"] === "string" ? fields["pair"] : undefined;
    const answer = event in TRADING_FIELDS ? `${event}Status` : "subscriptionStatus";
    session.send(writeEvent(answer, { errorMessage, pair, reqid: echoReqId(reqid), status: "error" }));
  }

  #error(session: Session, errorMessage: string, reqid: Request["reqid"]): void {
    session.send(writeEvent("error", { errorMessage, reqid: echoReqId(reqid) }));
  }

  #planCrowd(market: Market): void {
    const act = () => {
      const fills = market.actCrowd(this.#nowMicros);
      if (fills.length > 0) this.private.trading.settleCrowd(market, fills);
      this.#schedule.at(this.#nowMicros + market.pauseMicros(this.#speed), act);
    };
    this.#schedule.at(this.#nowMicros + market.pauseMicros(this.#speed), act);
  }

  /** Once a second: a heartbeat to who listens, a farewell to who neither listens nor asks. */
  #planHeartbeat(session: Session): void {
    const beat = () => {
      if (!session.isOpen) return;
      if (session.channels.size > 0 || this.private.feeds.isHeldBy(session)) session.send(HEARTBEAT);
      else if (session.idleMicros(this.#nowMicros) >= IDLE_MICROS) {
        session.close(1000, "Idle connection");
        this.disconnect(session);
        return;
      }
      this.#schedule.at(this.#nowMicros + HEARTBEAT_MICROS, beat);
    };
    this.#schedule.at(this.#nowMicros + HEARTBEAT_MICROS, beat);
  }

  #openPrivateSide({ seed, balances, maxRateCount }: ExchangeOptions): PrivateSide {
    const nowMicros = () => this.#nowMicros;
    return new PrivateSide({
      get nowMicros() {
        return nowMicros();
      },
      schedule: this.#schedule,
      random: createRandom(seed, "private"),
      balances: balances ?? DEFAULT_BALANCES,
      maxRateCount,
      market: (wsname) => this.market(wsname),
    });
  }

  /** Above 2^63, so that whoever reads it as a JavaScript number loses digits, as on the exchange. */
  #connectionId(): string {
    const high = BigInt(0x8000_0000 + this.#random.below(0x4000_0000));
    return String((high << 32n) | BigInt(this.#random.below(0x1_0000_0000)) | 1n);
  }
}
