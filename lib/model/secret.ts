/**
 * A text that must never be shown: a WebSocket token or an API secret.
 *
 * However it is printed, logged, inspected or turned to JSON, it reads `***`.
 * {@linkcode Secret.reveal} is the one way to the text, for the frame or the
 * signature that needs it.
 *
 * @module
 */

/** What stands in place of a secret. */
export const SHOWN = "***";

/** Shorter texts occur by chance: taking them out of what is written would ruin the data and protect nothing. */
export const MIN_SECRET_LENGTH = 4;

/** Whether a text occurs by chance where prices and times are written: a short one, or the digits of a one-time code. */
export function occursByChance(text: string): boolean {
  return text.length < MIN_SECRET_LENGTH || /^\d{1,8}$/.test(text);
}

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Whoever calls this sends it to the exchange, and nowhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return SHOWN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SHOWN;
  }
}
