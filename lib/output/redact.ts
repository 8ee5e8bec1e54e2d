/**
 * Keeps secrets out of everything that leaves the program.
 *
 * A {@linkcode Secret} hides itself, but the exchange may repeat a token, and a trace shows frames as they are sent. So the
 * values that are in use are known here, and whatever is about to be written is searched for them: records, errors, traces
 * and help alike. With no secret in use nothing is searched, and a search is done once for all the lines of a write.
 *
 * @module
 */

import type { TextOut } from "../io/ports.ts";
import { occursByChance, type Secret, SHOWN } from "../model/secret.ts";

export class Redactor {
  readonly #texts = new Set<string>();

  /** From now on this secret is taken out, however it is escaped. */
  add(secret: Secret): void {
    const text = secret.reveal();
    if (occursByChance(text)) return;
    const inJson = JSON.stringify(text).slice(1, -1);
    for (const form of [text, inJson, inJson.replaceAll("/", "\\/"), encodeURIComponent(text)]) this.#texts.add(form);
  }

  /**
   * The same text without any secret that was added.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Secret } from "../model/secret.ts";
   * import { Redactor } from "./redact.ts";
   *
   * const redactor = new Redactor();
   * redactor.add(new Secret("T0k/en"));
   * assertEquals(redactor.redact('{"token":"T0k/en","also":"T0k%2Fen"}'), '{"token":"***","also":"***"}');
   * ```
   */
  redact(text: string): string {
    let clean = text;
    for (const secret of this.#texts) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, SHOWN);
    }
    return clean;
  }
}

/** The same way out, behind the redactor. */
export function redacting(out: TextOut, redactor: Redactor): TextOut {
  return {
    write: (text) => out.write(redactor.redact(text)),
    isTerminal: () => out.isTerminal(),
  };
}
