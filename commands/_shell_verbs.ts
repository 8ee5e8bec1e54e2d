/**
 * The verbs that only a shell has: what concerns sockets that stay open.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import { parseOutput } from "../lib/config.ts";
import { UsageError } from "../lib/errors.ts";
import { causeFault } from "../lib/fault.ts";
import { suggest } from "../lib/model/suggest.ts";
import { isoMicros } from "../lib/model/time.ts";
import type { Line, Shell } from "../lib/shell/shell.ts";
import type { OutputMode } from "../lib/output/output.ts";
import type { Stream } from "../lib/shell/streams.ts";
import { deadmanCommand } from "./_deadman.ts";
import { withExamples } from "./_options.ts";

/** What the verbs need beside the session. */
export interface ShellVerbsContext {
  readonly shell: Shell;
  /** The app of the line that is run. */
  readonly line: Line;
  /** Says something to the person at the prompt. */
  readonly print: (text: string) => void;
  /** The lines typed before, the oldest first. */
  readonly history: readonly string[];
  /** The help of a verb, or of the whole tree. */
  readonly help: (verb: string | undefined) => string;
}

/** The parsers of the shell's own verbs. */
export const SHELL_VERBS: Readonly<Record<string, (context: ShellVerbsContext) => unknown>> = {
  subscribe: subscribeCommand,
  unsubscribe: unsubscribeCommand,
  subs: subsCommand,
  mute: (context) => muteCommand(context, { muted: true }),
  unmute: (context) => muteCommand(context, { muted: false }),
  reconnect: reconnectCommand,
  fault: faultCommand,
  deadman: deadmanCommand,
  history: historyCommand,
  set: setCommand,
  help: helpCommand,
};

/** With words it never gets here: `subscribe ticker XBT/USD` is `ticker XBT/USD`. */
function subscribeCommand() {
  return new Command()
    .description(withExamples(
      "Subscribe beside what is subscribed already.",
      [
        "subscribe ticker XBT/USD ETH/USD",
        "subscribe book XBT/USD 25 as b",
        "subscribe ticker XBT/USD where .data.ask.price > 60000",
        "subscribe book XBT/USD as b > book.ndjson",
      ],
      "The feed's own line does the same: ticker XBT/USD. `as` names the subscriptions, `where` filters, `>` sends to a file.",
    ))
    .arguments("[feed...:string]")
    .action(() => {
      throw new UsageError("no_feed", "subscribe needs a feed", { hint: "For example: subscribe ticker XBT/USD" });
    });
}

function unsubscribeCommand({ shell, line }: ShellVerbsContext) {
  return new Command()
    .description(withExamples("End subscriptions: by feed and pair, by name, or all.", [
      "unsubscribe ticker ETH/USD",
      "unsubscribe b",
      "unsubscribe all",
    ]))
    .arguments("<what...:string>")
    .action(async (_options, ...words) => {
      const streams = shell.streams.find(words);
      await shell.unsubscribe(streams, line.ownership.cause);
      line.answer = streams.map(({ id }) => ({ subscription: id, type: "unsubscribed" }));
    });
}

function subsCommand({ shell, line, print }: ShellVerbsContext) {
  return new Command()
    .description(withExamples("List the subscriptions: wanted, confirmed, messages, age, gaps, checksum.", ["subs"]))
    .action(() => {
      const nowMicros = shell.app.ports.clock.epochMicros();
      const rows = shell.streams.all().map((stream) => subscriptionRow(stream, shell, nowMicros));
      line.answer = rows;
      print(rows.length === 0 ? "No subscriptions" : aligned([COLUMNS, ...rows.map(cells)]));
    });
}

const COLUMNS = ["subscription", "name", "state", "messages", "age", "gaps", "book"];

interface SubscriptionRow {
  readonly subscription: string;
  readonly name: string | null;
  /** `active` is confirmed; anything else is only wanted so far. */
  readonly state: string;
  readonly muted: boolean;
  readonly messages: number;
  /** When the last data record came; `null` if none has. */
  readonly last: string | null;
  readonly age_ms: number | null;
  readonly gaps: number;
  readonly in_gap: boolean;
  /** Of a book: whether its last checksum was right. */
  readonly verified: boolean | null;
}

function subscriptionRow(stream: Stream, shell: Shell, nowMicros: number): SubscriptionRow {
  const { id, alias, muted, messages, lastMicros, gaps, inGap, verified } = stream;
  const entries = (["public", "private"] as const).flatMap((socket) => shell.app.feed.session(socket)?.entries ?? []);
  return {
    subscription: id,
    name: alias ?? null,
    state: entries.find((entry) => entry.id === id)?.state ?? "wanted",
    muted,
    messages,
    last: lastMicros === undefined ? null : isoMicros(lastMicros),
    age_ms: lastMicros === undefined ? null : Math.round((nowMicros - lastMicros) / 1000),
    gaps,
    in_gap: inGap,
    verified: verified ?? null,
  };
}

function cells(
  { subscription, name, state, muted, messages, age_ms, gaps, in_gap, verified }: SubscriptionRow,
): string[] {
  const age = age_ms === null ? "-" : `${(age_ms / 1000).toFixed(1)}s`;
  const book = verified === null ? "-" : verified ? "verified" : "differs";
  const states = [state, muted ? "muted" : "", in_gap ? "in a gap" : ""].filter((text) => text !== "").join(", ");
  return [subscription, name ?? "-", states, String(messages), age, String(gaps), book];
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n");
}

function muteCommand({ shell }: ShellVerbsContext, { muted }: { readonly muted: boolean }) {
  const verb = muted ? "mute" : "unmute";
  const summary = muted ? "Keep subscriptions, and do not show their data." : "Show the data of subscriptions again.";
  return new Command()
    .description(withExamples(summary, [`${verb} ticker XBT/USD`, `${verb} b`, verb]))
    .arguments("[what...:string]")
    .action((_options, ...words) => {
      for (const stream of shell.streams.find(words)) stream.muted = muted;
    });
}

function reconnectCommand({ shell }: ShellVerbsContext) {
  return new Command()
    .description(
      withExamples("Drop the connections and make new ones; what is subscribed is asked for again.", ["reconnect"]),
    )
    .action(() => {
      for (const socket of ["public", "private"] as const) shell.app.feed.session(socket)?.reconnect();
    });
}

function faultCommand({ shell, line, print }: ShellVerbsContext) {
  return new Command()
    .description(withExamples(
      "Make the sandbox misbehave, to see what comes of it.",
      ["fault drop 3s", "fault stall 20s", "fault corrupt-checksum", "fault reject EService:Busy", "fault clear"],
      "krakenws sandbox --help lists the faults. The same is a text frame on its control connection.",
    ))
    .arguments("<fault...:string>")
    .action(async (_options, ...words) => {
      const fault = words.join(" ");
      await causeFault(fault, shell.app.config, shell.app.ports);
      line.answer = { fault };
      print(`The sandbox takes it: ${fault}`);
    });
}

function historyCommand({ history, print }: ShellVerbsContext) {
  return new Command()
    .description(withExamples("Show the lines typed before.", ["history"]))
    .action(() => print(history.map((entry, index) => `${String(index + 1).padStart(5)}  ${entry}`).join("\n")));
}

/** What `set` can change: each with the values it takes, and what they do. */
const SETTINGS: Readonly<Record<string, (value: string, context: ShellVerbsContext) => unknown>> = {
  output: (value, { shell }) => {
    const mode = parseOutput(value);
    requireLines(mode);
    shell.app.output.configure({ mode });
  },
  heartbeats: (value, { shell }) => shell.app.output.configure({ heartbeats: parseSwitch("heartbeats", value) }),
  "raw-frame": (value, { shell }) => shell.app.output.configure({ rawFrame: parseSwitch("raw-frame", value) }),
  validate: (value, { shell }) => shell.validate = parseSwitch("validate", value),
  quiet: (value, { shell }) => shell.app.output.configure({ quiet: parseSwitch("quiet", value) }),
};

/** @throws {UsageError} For a table: a view for one stream has no place beside a prompt and other streams. */
export function requireLines(mode: OutputMode): void {
  if (mode !== "table") return;
  throw new UsageError("no_table_in_shell", "A table cannot be shown in a session", {
    hint: "Open it in a window of its own, such as: krakenws ticker XBT/USD -o table",
  });
}

function setCommand(context: ShellVerbsContext) {
  return new Command()
    .description(withExamples("Show the session's settings, or change one.", [
      "set",
      "set heartbeats on",
      "set output raw",
    ], `There are ${Object.keys(SETTINGS).join(", ")}.`))
    .arguments("[setting:string] [value:string]")
    .action((_options, setting, value) => {
      const { mode, heartbeats, rawFrame, quiet } = context.shell.app.output.options;
      const onOff = (flag: boolean): string => flag ? "on" : "off";
      const change = setting !== undefined && Object.hasOwn(SETTINGS, setting) ? SETTINGS[setting] : undefined;
      if (setting !== undefined && change === undefined) {
        const near = suggest(setting, Object.keys(SETTINGS));
        throw new UsageError("no_such_setting", `There is no setting "${setting}"`, {
          hint: near === undefined ? `There are ${Object.keys(SETTINGS).join(", ")}` : `Did you mean ${near}?`,
        });
      }
      if (change === undefined || value === undefined) {
        const settings = [
          `output ${mode}`,
          `heartbeats ${onOff(heartbeats)}`,
          `raw-frame ${onOff(rawFrame)}`,
          `quiet ${onOff(quiet)}`,
          `validate ${onOff(context.shell.validate)}`,
        ];
        return context.print(settings.join("\n"));
      }
      change(value, context);
    });
}

function parseSwitch(setting: string, value: string): boolean {
  if (value === "on") return true;
  if (value === "off") return false;
  throw new UsageError("bad_switch", `${setting} cannot be "${value}"`, { hint: "It is on or off" });
}

function helpCommand({ print, help }: ShellVerbsContext) {
  return new Command()
    .description(withExamples("Show what the shell understands, or the help of one verb.", ["help", "help book"]))
    .arguments("[verb:string]")
    .action((_options, verb) => print(help(verb)));
}
