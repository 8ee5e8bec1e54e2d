/**
 * What stdout carries, as JSON Schema: every record with its types and fields, and the exit codes.
 *
 * The compiler holds the channels and types to those of `model/record.ts`; the tests hold every record that they see to
 * the fields.
 *
 * Pure data.
 *
 * Source: https://json-schema.org/draft/2020-12
 *
 * @module
 */

import { ExitCode } from "../errors.ts";
import type { StreamRecord } from "../model/record.ts";
import { DEPTHS, INTERVALS } from "../model/subscription.ts";

/** A part of a schema. */
type Schema = Readonly<Record<string, unknown>>;

/** Fields in their order on stdout; a name that ends in `?` may be missing. */
type Fields = Readonly<Record<string, Schema>>;

/** `unread` stands for frames that are passed on, and is never written. */
type Channel = Exclude<StreamRecord["channel"], "unread">;

type TypeOf<C, R = StreamRecord> = R extends { readonly channel: infer Known; readonly type: infer T }
  ? C extends Known ? T : never
  : never;

interface Description<T extends string> {
  readonly about: string;
  /** Each type with what it says; none where the types are not ours. */
  readonly types: Readonly<Record<T, string>>;
  readonly fields: Fields;
}

const TEXT = { type: "string" };
const INTEGER = { type: "integer" };
const NUMBER = { type: "number" };
const BOOLEAN = { type: "boolean" };
const TIME = { $ref: "#/$defs/time" };
const DECIMAL = { $ref: "#/$defs/decimal" };
const EXIT = { $ref: "#/$defs/exit" };
const SOCKET = { enum: ["public", "private"] };
const PAIR = { type: "string", description: "As the exchange spells it, such as XBT/USD." };
const SUBSCRIPTION = { type: "string", description: "Such as book-10:XBT/USD." };
const REQUEST_ID = { type: ["integer", "string"], description: "A string beyond 2^53." };
/** What the exchange sent, with its own keys. */
const AS_SENT = { type: "object" };

function object(fields: Fields, description?: string): Schema {
  const properties = Object.entries(fields).map(([name, schema]) => [name.replace("?", ""), schema]);
  return {
    type: "object",
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(properties),
    required: Object.keys(fields).filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

const LEVELS = list(object({
  price: DECIMAL,
  volume: DECIMAL,
  time: DECIMAL,
  "republished?": { const: true, description: "It was outside the depth and moved in; it is older than its update." },
}));
const QUOTE = object({ price: DECIMAL, whole_lot_volume: INTEGER, lot_volume: DECIMAL });
const PRICE_AND_VOLUME = object({ price: DECIMAL, volume: DECIMAL });
const DAY = object({ today: DECIMAL, last_24h: DECIMAL }, "Since midnight UTC, and over the last 24 hours.");

const CANDLE = object({
  time: DECIMAL,
  etime: DECIMAL,
  ...{ open: DECIMAL, high: DECIMAL, low: DECIMAL, close: DECIMAL },
  ...{ vwap: DECIMAL, volume: DECIMAL, count: INTEGER },
});

const TRADE = object({
  price: DECIMAL,
  volume: DECIMAL,
  time: DECIMAL,
  ...{ side: TEXT, order_type: TEXT, misc: TEXT },
});

const ACCOUNT = {
  types: { snapshot: "All there is.", update: "What has changed." },
  fields: { sequence: INTEGER, data: list(AS_SENT) },
};

/** Every record, in the order in which the reference lists them. */
export const RECORDS: { readonly [C in Channel]: Description<TypeOf<C>> } = {
  ticker: {
    about: "Best prices, last trade and the day's figures.",
    types: { update: "As of now." },
    fields: {
      pair: PAIR,
      data: object({
        ...{ ask: QUOTE, bid: QUOTE, last: PRICE_AND_VOLUME, volume: DAY, vwap: DAY },
        trades: object({ today: INTEGER, last_24h: INTEGER }),
        ...{ low: DAY, high: DAY, open: DAY },
      }),
    },
  },
  trade: {
    about: "Trades that were made.",
    types: { update: "One or more, the oldest first." },
    fields: { pair: PAIR, data: list(TRADE) },
  },
  spread: {
    about: "Best bid and ask.",
    types: { update: "As of now." },
    fields: { pair: PAIR, data: object({ bid: PRICE_AND_VOLUME, ask: PRICE_AND_VOLUME, time: DECIMAL }) },
  },
  ohlc: {
    about: "The candle of the current interval.",
    types: { update: "As of now." },
    fields: { pair: PAIR, interval: { enum: INTERVALS }, data: CANDLE },
  },
  book: {
    about: "An order book, checked against the exchange's CRC-32.",
    types: {
      snapshot: "All levels.",
      update: "Changes in the order in which to apply them; a volume of zero deletes.",
    },
    fields: {
      pair: PAIR,
      depth: { enum: DEPTHS },
      "checksum?": TEXT,
      "verified?": BOOLEAN,
      "top?": { type: "integer", description: "data holds this many of the best levels, not the changes." },
      data: object({ asks: LEVELS, bids: LEVELS }),
    },
  },
  openOrders: { about: "The account's open orders, by txid.", ...ACCOUNT },
  ownTrades: { about: "The account's trades, by trade_id.", ...ACCOUNT },
  balances: { about: "The account's balances.", ...ACCOUNT },
  order: {
    about: "An order, or another request that changes orders.",
    types: {
      dry_run: "It would have been sent.",
      sent: "It is about to go out.",
      accepted: "The exchange took it.",
      rejected: "The exchange refused it.",
      unknown: "No answer came, and it will not be sent again.",
      open: "It stands.",
      partial: "A part of it was filled.",
      closed: "All of it was filled.",
      canceled: "It was cancelled.",
      expired: "Its time was over.",
    },
    fields: {
      "request?": { type: "string", description: "As the exchange spells it, such as addOrder." },
      "reqid?": REQUEST_ID,
      "userref?": REQUEST_ID,
      "cl_ord_id?": TEXT,
      "txid?": TEXT,
      "reason?": TEXT,
      data: AS_SENT,
    },
  },
  reply: {
    about: "The exchange's answer to a request; the type is the request, such as cancelOrder.",
    types: {},
    fields: { "reqid?": REQUEST_ID, status: { enum: ["ok", "error"] }, "reason?": TEXT, data: AS_SENT },
  },
  connection: {
    about: "What happens to a socket.",
    types: {
      connecting: "It is being opened.",
      waiting: "It waits for the budget of connections.",
      open: "It stands.",
      lost: "It is gone, and will be opened again.",
      failed: "There will be no further try.",
      closed: "It was closed on purpose.",
    },
    fields: {
      socket: SOCKET,
      url: TEXT,
      "epoch?": { type: "integer", description: "Counts the socket's connections from 1." },
      "attempt?": INTEGER,
      "retry_in_ms?": NUMBER,
      "reason?": TEXT,
      "message?": TEXT,
      "code?": { type: "integer", description: "Close code or HTTP status." },
    },
  },
  status: {
    about: "The exchange on itself.",
    types: { update: "It has just said so.", known: "It had said so before." },
    fields: { socket: SOCKET, data: object({ status: TEXT, "version?": TEXT, "connection_id?": TEXT }) },
  },
  subscription: {
    about: "What becomes of a subscription.",
    types: {
      pending: "It was asked for.",
      subscribed: "The exchange has confirmed it.",
      unsubscribed: "It has ended.",
      rejected: "The exchange refused it.",
      resubscribing: "It is asked for again.",
      unanswered: "The exchange did not answer.",
      postponed: "It will be asked for again, in retry_in_ms.",
      failed: "It is given up.",
    },
    fields: {
      "pair?": PAIR,
      subscription: SUBSCRIPTION,
      "reqid?": REQUEST_ID,
      "reason?": TEXT,
      "attempt?": INTEGER,
      "retry_in_ms?": NUMBER,
      "maxratecount?": INTEGER,
    },
  },
  gap: {
    about: "A stretch of a subscription that cannot be trusted.",
    types: {
      disconnected: "The connection was gone.",
      stall: "The connection was silent.",
      checksum: "The book differed from the exchange's.",
      sequence: "Messages were missing.",
      overflow: "There was more than could be kept.",
    },
    fields: {
      "pair?": PAIR,
      subscription: SUBSCRIPTION,
      from: TIME,
      to: { anyOf: [TIME, { type: "null" }], description: "null while the gap is open." },
    },
  },
  pong: {
    about: "A sign of life.",
    types: { reply: "The answer to a ping." },
    fields: { "reqid?": REQUEST_ID, "round_trip_ms?": NUMBER },
  },
  heartbeat: {
    about: "The exchange has nothing else to say; shown with --heartbeats.",
    types: { update: "About every second." },
    fields: { socket: SOCKET },
  },
  error: {
    about: "Something went wrong.",
    types: { local: "Here.", exchange: "The exchange says so." },
    fields: {
      code: { type: "string", description: "A stable slug." },
      message: TEXT,
      retryable: { type: "boolean", description: "Never true for an order." },
      "hint?": TEXT,
      "reqid?": REQUEST_ID,
    },
  },
  deadman: {
    about: "The exchange's dead man's switch.",
    types: {
      armed: "It runs.",
      refreshed: "It starts over.",
      unconfirmed: "A request had no good answer; the one before may still run.",
      lapsed: "Its time is over: all orders are cancelled.",
      disarmed: "It is off.",
    },
    fields: { "timeout?": { type: "integer", description: "Seconds." }, "trigger_time?": TEXT, "reason?": TEXT },
  },
  token: {
    about: "A token was made.",
    types: { made: "By krakenws token." },
    fields: { data: object({ expires: NUMBER, "file?": TEXT, "token?": TEXT }) },
  },
  mark: {
    about: "A place in the stream that a script has named.",
    types: { set: "Here." },
    fields: { name: TEXT },
  },
  result: {
    about: "What became of a command that a program gave.",
    types: { ok: "It was done.", error: "It failed." },
    fields: { "code?": TEXT, "message?": TEXT, "hint?": TEXT, "exit?": EXIT, data: {} },
  },
  check: {
    about: "What a script would use.",
    types: { ok: "It can run." },
    fields: {
      file: TEXT,
      data: object({
        sockets: list(SOCKET),
        subscriptions: list(TEXT),
        orders: list(object({ place: TEXT, command: TEXT })),
      }),
    },
  },
  sandbox: {
    about: "Where the exchange on this machine listens.",
    types: { listening: "It is ready." },
    fields: { data: object({ public: TEXT, private: TEXT, rest: TEXT, control: TEXT }) },
  },
  unrecognized: {
    about: "A frame that could not be read, kept whole.",
    types: { text: "As it came.", binary: "Bytes as base64.", oversize: "Only its beginning." },
    fields: { socket: SOCKET, "length?": INTEGER, text: TEXT },
  },
  stat: {
    about: "How the program itself is doing.",
    types: { update: "As often as was asked for." },
    fields: {
      data: object({
        ...{ uptime_ms: NUMBER, frames: INTEGER, bytes: INTEGER, records: INTEGER, gaps: INTEGER },
        ...{ blocked_ms: NUMBER, lag_ms: NUMBER, rss_bytes: INTEGER, heap_bytes: INTEGER },
      }),
    },
  },
  end: {
    about: "The last record: without it the stream was cut off.",
    types: {
      count: "As many as were asked for.",
      time: "As long as was asked for.",
      done: "The work was finished.",
      failed: "An error ended it.",
      interrupted: "Ctrl-C.",
      terminated: "SIGTERM.",
    },
    fields: { exit: EXIT, data: object({ records: INTEGER, gaps: INTEGER }) },
  },
};

/** What each exit code says. */
export const EXIT_CODES: Readonly<Record<keyof typeof ExitCode, string>> = {
  Done: "Done: the count or the time was reached, the reply was good, or the reader has left.",
  Internal: "A defect of krakenws, or stdout failed.",
  Usage: "The command line, a setting or a script cannot be understood.",
  ExpectationFailed: "A script's expect, assert or wait failed.",
  Rejected: "The exchange rejected the request or the subscription.",
  OutcomeUnknown: "An order's outcome is unknown: do not retry blindly.",
  Refused: "Refused here, before anything was sent; or there is no usable token.",
  Unreachable: "The exchange could not be reached, or was lost for good.",
  IntegrityFailed: "Data could not be trusted, under --strict.",
  Interrupted: "Interrupted.",
  Terminated: "Terminated.",
};

/** The schema of one line of stdout. */
export function recordSchema(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "krakenws record",
    description: "One line of krakenws's standard output. Figures that the exchange sent keep its digits, as strings.",
    oneOf: Object.entries(RECORDS).map(([channel, description]) => channelSchema(channel, description)),
    $defs: {
      decimal: { type: "string", pattern: "^-?\\d+(\\.\\d+)?$", description: "With the digits of the exchange." },
      time: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$" },
      exit: {
        description: "How the process ends.",
        oneOf: Object.entries(EXIT_CODES).map(([name, description]) => ({
          const: ExitCode[name as keyof typeof ExitCode],
          description,
        })),
      },
    },
  };
}

function channelSchema(channel: string, { about, types, fields }: Description<string>): Schema {
  const known = Object.entries(types).map(([type, description]) => ({ const: type, description }));
  const envelope = {
    seq: { type: "integer", minimum: 1, description: "Counts the records without holes." },
    time: { ...TIME, description: "When it was received." },
    "cause?": { type: "string", description: "The id of the command that caused it." },
    channel: { const: channel },
    type: known.length === 0 ? TEXT : { oneOf: known },
  };
  return object({ ...envelope, ...fields, "frame?": { description: "The exchange's untouched frame." } }, about);
}
