/**
 * `-o table`: records for eyes. A stream on a terminal is a live view; anything else, and everything in a pipe, is rows.
 *
 * @module
 */

import type { Clock, Ports } from "../../io/ports.ts";
import type { Origin } from "../../market/feed.ts";
import type { StreamRecord } from "../../model/record.ts";
import type { Display } from "../output.ts";
import { LiveView } from "./live.ts";
import { EMPTY_LISTING, type Listing, nextListing } from "./plain.ts";
import { emptyView } from "./view.ts";

export interface TableOptions {
  /** Where the data comes from, in a word. */
  readonly target: string;
  /** Show heartbeats as rows, too. */
  readonly heartbeats: boolean;
  /** Puts text on stdout. */
  readonly write: (text: string) => void;
}

export type TablePorts = Pick<Ports, "stdout" | "stderr" | "terminal" | "environment"> & { readonly clock: Clock };

export class TableDisplay implements Display {
  readonly #options: TableOptions;
  readonly #ports: TablePorts;
  #listing: Listing = EMPTY_LISTING;
  #live: LiveView | undefined;

  constructor(options: TableOptions, ports: TablePorts) {
    this.#options = options;
    this.#ports = ports;
  }

  async begin(): Promise<void> {
    const { stdout, environment, clock, terminal } = this.#ports;
    if (!stdout.isTerminal() || environment("TERM") === "dumb") return;
    const window = await terminal(this.#ports);
    const color = (environment("NO_COLOR") ?? "") === "";
    const { target, write } = this.#options;
    this.#live ??= new LiveView(emptyView(target), { clock, window, write }, { color });
  }

  record(record: StreamRecord, { atMicros, frame }: Origin): void {
    const arrival = { atMicros, framed: frame !== undefined };
    if (this.#live !== undefined) return this.#live.record(record, arrival);
    if (record.channel === "heartbeat" && !this.#options.heartbeats) return;
    const { listing, lines } = nextListing(this.#listing, record, arrival);
    this.#listing = listing;
    if (lines.length > 0) this.#options.write(`${lines.join("\n")}\n`);
  }

  leave(): void {
    this.#live?.leave();
  }
}
