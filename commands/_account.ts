/**
 * The few `key=value` words that account channels take.
 *
 * @module
 */

import { UsageError } from "../lib/errors.ts";
import { suggest } from "../lib/model/suggest.ts";

/**
 * Reads words such as `snapshot=false`.
 *
 * @param keys Those that the channel has.
 * @throws {UsageError} If a word is of another form, names another key or the same twice, or is neither true nor false.
 */
export function readFlags<Key extends string>(
  verb: string,
  words: readonly string[],
  keys: readonly Key[],
): Readonly<Partial<Record<Key, boolean>>> {
  const flags: Partial<Record<Key, boolean>> = {};
  for (const word of words) {
    const key = keys.find((candidate) => word.startsWith(`${candidate}=`));
    const value = word.slice(word.indexOf("=") + 1);
    if (key === undefined || (value !== "true" && value !== "false")) throw badWord(verb, word, keys);
    if (flags[key] !== undefined) throw new UsageError("duplicate_key", `${verb}: ${key} is given twice`);
    flags[key] = value === "true";
  }
  return flags;
}

function badWord(verb: string, word: string, keys: readonly string[]): UsageError {
  const [name = ""] = word.split("=", 1);
  const key = suggest(name, keys) ?? keys[0];
  return new UsageError("bad_word", `${verb} does not know "${word}"`, {
    hint: key === undefined ? `${verb} takes no words` : `It takes ${keys.join(" and ")}, as in ${key}=false`,
  });
}
