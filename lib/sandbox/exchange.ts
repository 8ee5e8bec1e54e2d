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

import { answerFrame } from "./answers.ts";
import { Faults, parseFault } from "./faults.ts";
import { Gate } from "./gate.ts";
import { Market } from "./market.ts";
import { findPair, type Pair, PAIRS } from "./pairs.ts";
import { type Balances, writeBalances } from "./ledger.ts";
import { type OrderView, viewOrder } from "./order_messages.ts";
import { DEFAULT_BALANCES, PrivateSide, type SystemState } from "./private_side.ts";
import { createRandom, type Random } from "./random.ts";
import { type Entry, Schedule } from "./schedule.ts";
import { type Endpoint, Session, type Sink } from "./session.ts";
import { findApiKey } from "./tokens.ts";
import { HEARTBEAT, writeEvent } from "./wire_v1.ts";

export interface ExchangeOptions {
  readonly seed: number;
  /** How many times busier than usual the crowd is. */
  readonly speed: number;
  readonly startMicros: number;
  /** Wire names of the pairs that are traded; all by default. A market of few pairs starts faster. */
  readonly pairs?: readonly string[];
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

/** A running exchange. */
export class Exchange {
  /** Accounts, orders and tokens. */
  readonly private: PrivateSide;
  readonly #speed: number;
  readonly #requestsPerSecond: number;
  readonly #schedule = new Schedule();
  readonly #markets: ReadonlyMap<string, Market>;
  readonly #random: Random;
  readonly #sessions = new Map<Session, Gate>();
  readonly #faults = new Faults();
  #nowMicros: number;
  /** Until when the crowd rests, if it does. */
  #rest: () => number | undefined = () => undefined;
  /** Ends a state that was set for a while. */
  #recovery: Entry | undefined;

  constructor(options: ExchangeOptions) {
    this.#speed = options.speed;
    this.#requestsPerSecond = options.requestsPerSecond ?? 50;
    this.#nowMicros = options.startMicros;
    this.#random = createRandom(options.seed, "exchange");
    this.#markets = new Map(
      choosePairs(options.pairs).map((pair) => {
        const random = createRandom(options.seed, pair.wsname);
        return [pair.wsname, new Market(pair, { random, startMicros: options.startMicros })];
      }),
    );
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
    return this.private.trading.orders.liveOf(this.private.account(account)).map(viewOrder);
  }

  /** Every order an account has ever made, oldest first. */
  orders(account: string): readonly OrderView[] {
    return this.private.trading.orders.of(this.private.account(account)).map(viewOrder);
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

  /**
   * Lets everything happen that is due until `micros`. Going back is ignored.
   *
   * @param isTired Asked before the crowd acts; where it says so the crowd rests until `micros`. What customers and
   * connections are due is never left out.
   */
  advanceTo(micros: number, isTired: () => boolean = () => false): void {
    this.#rest = () => isTired() ? micros : undefined;
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
    const gate = new Gate(sink, { faults: this.#faults, schedule: this.#schedule, now: () => this.#nowMicros });
    const session = new Session(endpoint, { sink: gate, nowMicros: this.#nowMicros });
    this.#sessions.set(session, gate);
    session.send(writeEvent("systemStatus", {
      connectionID: { raw: this.#connectionId() },
      status: this.private.state,
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
    const isAdmitted = session.admit(this.#nowMicros, this.#requestsPerSecond);
    answerFrame({ exchange: this, session, faults: this.#faults }, { text, isAdmitted });
    // What an answer has set off for this very moment, such as a conditional close, happens now.
    this.advanceTo(this.#nowMicros);
  }

  /**
   * Misbehaves as told; {@linkcode ./faults.ts} lists the ways.
   *
   * @throws {SyntaxError} If there is no such fault.
   */
  fault(text: string): void {
    const fault = parseFault(text);
    this.#faults.apply(fault, this.#nowMicros);
    switch (fault.type) {
      case "drop":
        return this.#closeAll(1001, "CloudFlare WebSocket proxy restarting");
      case "close":
        return this.#closeAll(fault.code, fault.reason);
      case "stall":
        for (const gate of this.#sessions.values()) gate.stall(this.#nowMicros + fault.forMicros);
        return;
      case "expire-token":
        return this.private.tokens.revokeAll();
      case "state":
        return this.#setState(fault.state, fault.forMicros);
      case "clear":
        for (const gate of this.#sessions.values()) gate.release();
        return this.#setState("online", Infinity);
    }
  }

  /** The HTTP status with which a new connection is refused at the moment, if it is. */
  get refusal(): number | undefined {
    return this.#faults.refusal(this.#nowMicros);
  }

  #closeAll(code: number, reason: string): void {
    for (const session of [...this.#sessions.keys()]) {
      session.close(code, reason);
      this.disconnect(session);
    }
  }

  /** Changes what the exchange takes and says so to everyone; back online after a while. */
  #setState(state: SystemState, forMicros: number): void {
    this.#recovery?.cancel();
    if (forMicros < Infinity) {
      this.#recovery = this.#schedule.at(this.#nowMicros + forMicros, () => this.#setState("online", Infinity));
    }
    if (this.private.state === state) return;
    this.private.state = state;
    for (const session of this.#sessions.keys()) {
      session.send(writeEvent("systemStatus", { status: state, version: VERSION }));
    }
  }

  #planCrowd(market: Market): void {
    const plan = (fromMicros: number) => this.#schedule.at(fromMicros + market.pauseMicros(this.#speed), act);
    const act = () => {
      const untilMicros = this.#rest();
      if (untilMicros === undefined) {
        const fills = market.actCrowd(this.#nowMicros);
        if (fills.length > 0) this.private.trading.settleCrowd(market, fills);
      }
      plan(untilMicros ?? this.#nowMicros);
    };
    plan(this.#nowMicros);
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
      skips: () => this.#faults.takeSkip(),
      market: (wsname) => this.market(wsname),
    });
  }

  /** Above 2^63, so that whoever reads it as a JavaScript number loses digits, as on the exchange. */
  #connectionId(): string {
    const high = BigInt(0x8000_0000 + this.#random.below(0x4000_0000));
    return String((high << 32n) | BigInt(this.#random.below(0x1_0000_0000)) | 1n);
  }
}

function choosePairs(names: readonly string[] | undefined): readonly Pair[] {
  const unknown = names?.find((name) => findPair(name) === undefined);
  if (unknown !== undefined) throw new RangeError(`Cannot trade "${unknown}": the sandbox knows no such pair`);
  return PAIRS.filter(({ wsname }) => names?.includes(wsname) ?? true);
}
