/**
 * A request the exchange turns down, with the words in which it does so.
 *
 * @module
 */

/** Thrown where a request turns out to be impossible; caught where it is answered. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** The refusal of one argument: `EGeneral:Invalid arguments:volume`. */
export function invalid(argument: string): Refusal {
  return new Refusal(`EGeneral:Invalid arguments:${argument}`);
}
