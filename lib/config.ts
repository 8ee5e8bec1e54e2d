/**
 * What one invocation was told: options over environment over defaults.
 *
 * What was typed ({@linkcode Settings}, all text) and what it means ({@linkcode Config}) are two types with one conversion
 * between them, so that everything behind it can trust what it holds.
 *
 * Pure.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { parseDuration } from "./model/duration.ts";
import type { Socket } from "./model/subscription.ts";
import { suggest } from "./model/suggest.ts";
import type { OutputMode } from "./output/output.ts";

/** What can be said on the command line; each also as an environment variable of {@linkcode VARIABLES}. */
export type Settings = {
  readonly target?: string | undefined;
  readonly sandbox?: boolean | undefined;
  readonly publicUrl?: string | undefined;
  readonly privateUrl?: string | undefined;
  readonly restUrl?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly output?: string | undefined;
  readonly rawFrame?: boolean | undefined;
  readonly heartbeats?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly timeout?: string | undefined;
  readonly reconnect?: boolean | undefined;
  readonly validate?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly stats?: string | undefined;
  readonly count?: string | undefined;
  readonly for?: string | undefined;
};

/** The environment variable of each setting. */
export const VARIABLES: Readonly<Record<keyof Settings, string>> = {
  target: "KRAKENWS_TARGET",
  sandbox: "KRAKENWS_SANDBOX",
  publicUrl: "KRAKENWS_PUBLIC_URL",
  privateUrl: "KRAKENWS_PRIVATE_URL",
  restUrl: "KRAKENWS_REST_URL",
  tokenFile: "KRAKENWS_TOKEN_FILE",
  output: "KRAKENWS_OUTPUT",
  rawFrame: "KRAKENWS_RAW_FRAME",
  heartbeats: "KRAKENWS_HEARTBEATS",
  quiet: "KRAKENWS_QUIET",
  verbose: "KRAKENWS_VERBOSE",
  timeout: "KRAKENWS_TIMEOUT",
  reconnect: "KRAKENWS_RECONNECT",
  validate: "KRAKENWS_VALIDATE",
  strict: "KRAKENWS_STRICT",
  stats: "KRAKENWS_STATS",
  count: "KRAKENWS_COUNT",
  for: "KRAKENWS_FOR",
};

export interface Config {
  readonly target: Target;
  /** Where a token is kept, if the user says so. */
  readonly tokenFile: string | undefined;
  readonly output: OutputMode;
  readonly rawFrame: boolean;
  readonly heartbeats: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly timeoutMs: number;
  readonly reconnect: boolean;
  /** Orders are only to be checked by the exchange. */
  readonly validate: boolean;
  /** End at the first stretch that cannot be trusted. */
  readonly strict: boolean;
  /** How often to tell how the program itself is doing; `undefined` for never. */
  readonly statsMs: number | undefined;
  readonly limits: StreamLimits;
}

/** When a stream is to end on its own. */
export interface StreamLimits {
  /** After this many data records. */
  readonly count: number | undefined;
  readonly forMs: number | undefined;
}

export interface Target {
  /** `sandbox` is the one in this process; `custom` an exchange at other addresses. */
  readonly name: "live" | "beta" | "sandbox" | "custom";
  readonly urls: Readonly<Record<Socket, string>>;
  readonly restUrl: string;
}

/**
 * Whether orders for this target are play: nothing but an exchange on this machine can receive them.
 *
 * The beta endpoints are not: behind them stands the real engine, and so may behind any other address. Nor is a relay on
 * this machine, for which another one makes the tokens.
 */
export function isPractice({ name, urls, restUrl }: Target): boolean {
  return name === "sandbox" || [urls.private, restUrl].every((url) => isLoopback(new URL(url).hostname));
}

const REST_URL = "https://api.kraken.com";

/** Source: https://docs.kraken.com/api/docs/guides/spot-ws-intro */
const TARGETS: Readonly<Record<"live" | "beta", Target>> = {
  live: {
    name: "live",
    urls: { public: "wss://ws.kraken.com", private: "wss://ws-auth.kraken.com" },
    restUrl: REST_URL,
  },
  beta: {
    name: "beta",
    urls: { public: "wss://beta-ws.kraken.com", private: "wss://beta-ws-auth.kraken.com" },
    restUrl: REST_URL,
  },
};

const DEFAULT_TIMEOUT = "10s";

/**
 * What the settings mean together with the environment.
 *
 * @throws {UsageError} If one of them cannot be read.
 */
export function resolveConfig(settings: Settings, environment: (name: string) => string | undefined): Config {
  const text = (key: TextSetting): string | undefined => settings[key] ?? nonEmpty(environment(VARIABLES[key]));
  /** What a setting is called where it was given. */
  const source = (key: TextSetting): string => settings[key] === undefined ? VARIABLES[key] : `--${key}`;
  const flag = (key: FlagSetting): boolean | undefined => settings[key] ?? parseFlag(key, environment(VARIABLES[key]));
  const count = text("count");
  const forText = text("for");
  const output = parseOutput(text("output") ?? "ndjson");
  const rawFrame = flag("rawFrame") ?? false;
  const verbose = flag("verbose") ?? false;
  if (output === "table" && (rawFrame || verbose)) throw noFramesInTable(rawFrame ? "--raw-frame" : "--verbose");
  if (settings.sandbox === true && settings.target !== undefined && settings.target !== "sandbox") {
    throw twoTargets(`--sandbox and --target ${settings.target} contradict each other`);
  }
  const stats = text("stats");
  return {
    target: resolveTarget({
      target: flag("sandbox") === true && settings.target === undefined ? "sandbox" : text("target"),
      publicUrl: text("publicUrl"),
      privateUrl: text("privateUrl"),
      restUrl: text("restUrl"),
    }),
    tokenFile: text("tokenFile"),
    output,
    rawFrame,
    heartbeats: flag("heartbeats") ?? false,
    // Words between the rows of a table would break it.
    quiet: output === "table" || (flag("quiet") ?? false),
    verbose,
    timeoutMs: parseTime(source("timeout"), text("timeout") ?? DEFAULT_TIMEOUT),
    reconnect: flag("reconnect") ?? true,
    validate: flag("validate") ?? false,
    strict: flag("strict") ?? false,
    statsMs: stats === undefined ? undefined : parseTime(source("stats"), stats),
    limits: {
      count: count === undefined ? undefined : parseCount(source("count"), count),
      forMs: forText === undefined ? undefined : parseTime(source("for"), forText),
    },
  };
}

type FlagSetting = "sandbox" | "rawFrame" | "heartbeats" | "quiet" | "verbose" | "reconnect" | "strict" | "validate";
type TextSetting = Exclude<keyof Settings, FlagSetting>;

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function parseFlag(key: FlagSetting, text: string | undefined): boolean | undefined {
  switch (text) {
    case undefined:
    case "":
      return undefined;
    case "1":
    case "true":
      return true;
    case "0":
    case "false":
      return false;
  }
  throw new UsageError("bad_flag", `${VARIABLES[key]} is "${text}"`, { hint: "Set it to 1 or 0" });
}

/** @throws {UsageError} If there is no such mode. */
export function parseOutput(text: string): OutputMode {
  if (text === "ndjson" || text === "raw" || text === "table") return text;
  throw new UsageError("no_such_output", `There is no output mode "${text}"`, {
    hint: "There are ndjson, raw and table",
  });
}

function noFramesInTable(option: string): UsageError {
  return new UsageError("no_frames_in_table", `A table has no place for the frames of ${option}`, {
    hint: "Leave out one of the two; frames are shown with -o ndjson",
  });
}

function parseCount(source: string, text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new UsageError("bad_count", `Cannot stop after "${text}" records`, {
    hint: `${source} takes a whole number from 1`,
  });
}

function parseTime(source: string, text: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new UsageError("bad_duration", `${source}: ${error.message}`);
  }
  throw new UsageError("bad_duration", `${source} is no time at all`, { hint: "Give it a length, such as 30s" });
}

/** Where the in-process sandbox will be is known when it runs, so its addresses are filled in then. */
const SANDBOX: Target = { name: "sandbox", urls: { public: "", private: "" }, restUrl: "" };

interface TargetSettings {
  readonly target: string | undefined;
  readonly publicUrl: string | undefined;
  readonly privateUrl: string | undefined;
  readonly restUrl: string | undefined;
}

function resolveTarget({ target = "live", publicUrl, privateUrl, restUrl }: TargetSettings): Target {
  const base = namedTarget(target);
  if (publicUrl === undefined && privateUrl === undefined && restUrl === undefined) return base;
  if (base.name === "sandbox") {
    throw twoTargets("The sandbox in this process has addresses of its own");
  }
  return {
    name: "custom",
    urls: {
      public: publicUrl === undefined ? base.urls.public : parseUrl(publicUrl, SOCKET_SCHEMES).href,
      private: privateUrl === undefined ? base.urls.private : parseUrl(privateUrl, SOCKET_SCHEMES).href,
    },
    restUrl: restUrl === undefined ? base.restUrl : parseUrl(restUrl, REST_SCHEMES).origin,
  };
}

function twoTargets(message: string): UsageError {
  return new UsageError("two_targets", message, {
    hint: "Use either --sandbox, or the name or the URLs of an exchange that runs elsewhere",
  });
}

function namedTarget(text: string): Target {
  switch (text) {
    case "live":
    case "beta":
      return TARGETS[text];
    case "sandbox":
      return SANDBOX;
  }
  if (text.includes(":")) return targetAt(parseUrl(text, SOCKET_SCHEMES));
  const nearest = suggest(text, ["live", "beta", "sandbox"]);
  throw new UsageError("no_such_target", `There is no target "${text}"`, {
    hint: nearest === undefined
      ? "Use live, beta, sandbox or a URL such as ws://127.0.0.1:8080"
      : `Did you mean ${nearest}?`,
  });
}

/** An exchange behind one URL, laid out as `krakenws sandbox` is: account data and orders below `auth`, REST at the root. */
function targetAt(url: URL): Target {
  const base = url.href.endsWith("/") ? url.href : `${url.href}/`;
  const restUrl = `${url.protocol === "ws:" ? "http" : "https"}://${url.host}`;
  return { name: "custom", urls: { public: url.href, private: new URL("auth", base).href }, restUrl };
}

interface Schemes {
  readonly secure: string;
  readonly plain: string;
}

const SOCKET_SCHEMES: Schemes = { secure: "wss:", plain: "ws:" };
const REST_SCHEMES: Schemes = { secure: "https:", plain: "http:" };

/** Orders and tokens travel over these: without TLS they may not leave the machine. */
function parseUrl(text: string, { secure, plain }: Schemes): URL {
  const url = URL.parse(text);
  if (url?.protocol === secure) return url;
  if (url?.protocol === plain && isLoopback(url.hostname)) return url;
  throw new UsageError("bad_url", `Cannot use "${text}" as an address of the exchange`, {
    hint: url?.protocol === plain
      ? `Use ${secure}// for another machine; plain ${plain}// is for this one (127.0.0.1, localhost, [::1]) only`
      : `It must begin with ${secure}// (or ${plain}// for this machine)`,
  });
}

/** Whether an address is on this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

/** The folder that keeps what outlives a process, such as the shell's history; `undefined` where the system names none. */
export function stateFolder(environment: (name: string) => string | undefined): string | undefined {
  const own = nonEmpty(environment("KRAKENWS_STATE"));
  if (own !== undefined) return own;
  const state = nonEmpty(environment("XDG_STATE_HOME")) ?? nonEmpty(environment("LOCALAPPDATA"));
  if (state !== undefined) return `${state}/krakenws`;
  const home = nonEmpty(environment("HOME"));
  return home === undefined ? undefined : `${home}/.local/state/krakenws`;
}
