/**
 * What the commands need of their surroundings: an {@linkcode App} for the options they were given.
 *
 * @module
 */

import type { App } from "../lib/app.ts";
import type { Settings } from "../lib/config.ts";
import type { Ports } from "../lib/io/ports.ts";

export interface Host {
  readonly ports: Ports;
  /**
   * The app of this invocation.
   *
   * @throws {UsageError} If an option or an environment variable cannot be read.
   */
  open(settings: Settings): Promise<App>;
  /** Shows a text that was asked for, such as help. */
  print(text: string): void;
}
