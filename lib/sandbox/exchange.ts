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
import { handlePublicSubscription } from "./public_requests.ts";
import { createRandom, type Random } from "./random.ts";
import { echoReqId, INVALID_REQID, readRequest, type Request } from "./requests.ts";
import { Schedule } from "./schedule.ts";
import { type Endpoint, Session, type Sink } from "./session.ts";
import { HEARTBEAT, writeEvent } from "./wire_v1.ts";

export interface ExchangeOptions {
  readonly seed: number;
  /** How many times busier than usual the crowd is. */
  readonly speed: number;
  readonly startMicros: number;
  /** Requests that a connection may make within a second. */
  readonly requestsPerSecond?: number;
}

const HEARTBEAT_MICROS = 1e6;
const IDLE_MICROS = 60e6;
const VERSION = "1.9.1";

/** Fields of the requests of the public endpoint. */
const PUBLIC_FIELDS: Readonly<Record<string, readonly string[]>> = {
  ping: [],
  subscribe: ["pair", "subscription"],
  unsubscribe: ["pair", "subscription", "channelID"],
};

export class Exchange {
  readonly #options: Required<ExchangeOptions>;
  readonly #schedule = new Schedule();
  readonly #markets: ReadonlyMap<string, Market>;
  readonly #random: Random;
  readonly #sessions = new Set<Session>();
  #nowMicros: number;
  #connected = 0;

  constructor(options: ExchangeOptions) {
    this.#options = { requestsPerSecond: 50, ...options };
    this.#nowMicros = options.startMicros;
    this.#random = createRandom(options.seed, "exchange");
    this.#markets = new Map(PAIRS.map((pair) => {
      const random = createRandom(options.seed, pair.wsname);
      return [pair.wsname, new Market(pair, { random, startMicros: options.startMicros })];
    }));
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
    session.release();
  }

  /** Answers a frame from a client. */
  receive(session: Session, text: string): void {
    const incoming = readRequest(text);
    const reqid = incoming.type === "request" ? incoming.request.reqid : undefined;
    if (!session.admit(this.#nowMicros, this.#options.requestsPerSecond)) {
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
    const fields = PUBLIC_FIELDS[request.event];
    if (fields === undefined) {
      this.#error(session, "Event(s) not found", request.reqid);
      return;
    }
    if (request.reqid === "invalid") {
      if (request.event === "ping") this.#error(session, INVALID_REQID, request.reqid);
      else {session.send(
          writeEvent("subscriptionStatus", { errorMessage: INVALID_REQID, reqid: null, status: "error" }),
        );}
      return;
    }
    const foreign = Object.keys(request.fields).find((field) => !fields.includes(field));
    if (foreign !== undefined) {
      const text = `Unsupported field: '${foreign}' for the given msg type: ${request.event}`;
      this.#error(session, text, request.reqid);
    } else if (request.event === "ping") {
      session.send(writeEvent("pong", { reqid: echoReqId(request.reqid) }));
    } else {
      handlePublicSubscription(this, session, request);
    }
  }

  #error(session: Session, errorMessage: string, reqid: Request["reqid"]): void {
    session.send(writeEvent("error", { errorMessage, reqid: echoReqId(reqid) }));
  }

  #planCrowd(market: Market): void {
    const act = () => {
      market.actCrowd(this.#nowMicros);
      this.#schedule.at(this.#nowMicros + market.pauseMicros(this.#options.speed), act);
    };
    this.#schedule.at(this.#nowMicros + market.pauseMicros(this.#options.speed), act);
  }

  /** Once a second: a heartbeat to who listens, a farewell to who neither listens nor asks. */
  #planHeartbeat(session: Session): void {
    const beat = () => {
      if (!session.isOpen) return;
      if (session.channels.size > 0) session.send(HEARTBEAT);
      else if (session.idleMicros(this.#nowMicros) >= IDLE_MICROS) {
        this.#sessions.delete(session);
        session.close(1000, "Idle connection");
        return;
      }
      this.#schedule.at(this.#nowMicros + HEARTBEAT_MICROS, beat);
    };
    this.#schedule.at(this.#nowMicros + HEARTBEAT_MICROS, beat);
  }

  /** Above 2^63, so that whoever reads it as a JavaScript number loses digits, as on the exchange. */
  #connectionId(): string {
    const high = BigInt(0x8000_0000 + this.#random.below(0x4000_0000));
    return String((high << 32n) | BigInt(this.#random.below(0x1_0000_0000)) | 1n);
  }
}
