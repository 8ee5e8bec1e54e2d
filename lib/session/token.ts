/**
 * Where tokens come from.
 *
 * The places are looked at in this order, each time that a token is to be sent: the file of `--token-file`,
 * `KRAKENWS_TOKEN`, `./WS_Token`, and at last the exchange itself, which makes one for `KRAKEN_API_KEY` and
 * `KRAKEN_API_SECRET`, with `KRAKEN_API_OTP` where the key wants it. A file is read anew each time, so that whoever
 * renews it need not tell us. A token that the exchange made is used until it is {@linkcode Tokens.spend | spent} or
 * too old to begin with; one that is spent is passed over, as long as a later place has another.
 *
 * No option takes the token itself: other users of a machine can read the command lines on it.
 *
 * Source: https://docs.kraken.com/api/docs/guides/spot-ws-auth
 *
 * @module
 */

import { RefusedError } from "../errors.ts";
import type { Ports } from "../io/ports.ts";
import { MIN_SECRET_LENGTH, Secret } from "../model/secret.ts";
import type { ApiKey, MadeToken } from "./rest.ts";

/** What those who send tokens need to know of them. */
export interface TokenSource {
  /**
   * The token to send now.
   *
   * @returns One that was not spent, if there is one, else one that was.
   * @throws {RefusedError} If there is none, with the places that were looked at.
   * @throws {UnreachableError} If the exchange had to make one and could not be reached.
   */
  get(): Promise<Secret>;
  /** The exchange took this one no more, or the connection that kept it alive is gone. */
  spend(token: Secret): void;
}

export type TokenPorts = Pick<Ports, "clock" | "environment" | "files" | "post">;

export interface TokenOptions {
  readonly restUrl: string;
  readonly timeoutMs: number;
  /** The file that the user named, if any. */
  readonly tokenFile: string | undefined;
  /** The account of an exchange that has its own: then nothing else is looked at, since nothing else would fit it. */
  readonly account: ApiKey | undefined;
  /** Whether the exchange is one for practice, as far as can be told. */
  readonly practice: boolean;
  /** Hears of each secret before it is used, to keep it out of what is written. */
  readonly onSecret: (secret: Secret) => void;
  /** Says something to the person in front of the program. */
  readonly warn: (text: string) => void;
}

/** The file of the exchange's own script. */
export const TOKEN_FILE = "WS_Token";

/** The account that every sandbox opens; it holds play money only. */
export const SANDBOX_ACCOUNT: ApiKey = { key: "sandbox", secret: new Secret("c2FuZGJveA==") };

/** A made token is not used for the first time this close to its end. */
const EXPIRY_MARGIN_SECONDS = 60;

/** A place to look at, for people, and what was found there. */
interface Place {
  readonly name: string;
  /** The token, or why there is none. */
  read(): Secret | string | Promise<Secret | string>;
}

export class Tokens implements TokenSource {
  readonly #options: TokenOptions;
  readonly #ports: TokenPorts;
  readonly #spent = new Set<string>();
  readonly #warned = new Set<string>();
  #made: { readonly token: Secret; readonly untilMs: number } | undefined;
  #making: Promise<Secret> | undefined;
  #nonce = 0n;

  constructor(options: TokenOptions, ports: TokenPorts) {
    this.#options = options;
    this.#ports = ports;
    // What is in the environment may be repeated by a line or a message long before it is used.
    for (const name of ["KRAKENWS_TOKEN", "KRAKEN_API_SECRET"]) {
      const text = ports.environment(name)?.trim() ?? "";
      if (text !== "") options.onSecret(new Secret(text));
    }
  }

  async get(): Promise<Secret> {
    const looked: string[] = [];
    let spent: Secret | undefined;
    for (const place of this.#places()) {
      const found = await place.read();
      if (typeof found === "string") {
        looked.push(`${place.name} (${found})`);
      } else if (this.#spent.has(found.reveal())) {
        spent ??= found;
      } else {
        this.#options.onSecret(found);
        return found;
      }
    }
    if (spent !== undefined) return spent;
    throw new RefusedError("no_token", `There is no token to send. Looked at: ${looked.join(", ")}`, {
      hint: this.#options.practice
        ? "For the account of a sandbox set KRAKEN_API_KEY=sandbox and KRAKEN_API_SECRET=c2FuZGJveA=="
        : 'Set KRAKEN_API_KEY and KRAKEN_API_SECRET to a key with the permission "Access WebSockets API", ' +
          `and tokens are made on demand; or keep one in ${TOKEN_FILE}, as "krakenws token" does`,
    });
  }

  spend(token: Secret): void {
    this.#spent.add(token.reveal());
    if (this.#made?.token.reveal() === token.reveal()) this.#made = undefined;
  }

  /**
   * Has the exchange make a new token, which is handed out and not kept.
   *
   * @throws {RefusedError} If there is no API key, or the exchange refuses it.
   * @throws {UnreachableError} If the exchange could not be reached.
   */
  async make(): Promise<MadeToken> {
    const apiKey = this.#apiKey();
    if (typeof apiKey === "string") {
      throw new RefusedError("no_api_key", `Cannot make a token of KRAKEN_API_KEY and KRAKEN_API_SECRET: ${apiKey}`, {
        hint: 'Create a key with the permission "Access WebSockets API" in the exchange\'s API settings, ' +
          "and set both to it",
      });
    }
    const { restUrl, timeoutMs, onSecret } = this.#options;
    onSecret(apiKey.secret);
    if (apiKey.otp !== undefined) onSecret(apiKey.otp);
    // Signing needs cryptography, which takes longer to load than all the rest, and most commands need no token.
    const { makeToken } = await import("./rest.ts");
    return await makeToken({ restUrl, apiKey, nonce: this.#nextNonce(), post: this.#ports.post, timeoutMs });
  }

  #places(): Place[] {
    const { tokenFile, account } = this.#options;
    const made: Place = { name: "KRAKEN_API_KEY and KRAKEN_API_SECRET", read: () => this.#fromExchange() };
    if (account !== undefined) return [made];
    return [
      ...(tokenFile === undefined ? [] : [{ name: tokenFile, read: () => this.#fromNamedFile(tokenFile) }]),
      { name: "KRAKENWS_TOKEN", read: () => this.#fromEnvironment() },
      { name: `./${TOKEN_FILE}`, read: () => this.#fromFile(TOKEN_FILE) },
      made,
    ];
  }

  /** A file that the user named must hold a token: to pass it over would be to use another than the one meant. */
  #fromNamedFile(path: string): Secret {
    const found = this.#fromFile(path);
    if (typeof found !== "string") return found;
    throw new RefusedError("bad_token_file", `Cannot use the token file "${path}": ${found}`, {
      hint: '"krakenws token --file PATH" writes one',
    });
  }

  #fromFile(path: string): Secret | string {
    const { files } = this.#ports;
    try {
      const text = files.read(path);
      if (text === undefined) return "there is no such file";
      if (!this.#warned.has(path) && files.readableByOthers(path)) {
        this.#warned.add(path);
        this.#options.warn(
          `warning: others on this machine can read the token in ${path}; chmod 600 ${path} keeps it yours`,
        );
      }
      return readToken(text);
    } catch (error) {
      return fileProblem(error);
    }
  }

  #fromEnvironment(): Secret | string {
    const text = this.#ports.environment("KRAKENWS_TOKEN") ?? "";
    return text === "" ? "not set" : readToken(text);
  }

  async #fromExchange(): Promise<Secret | string> {
    if (this.#made !== undefined && this.#ports.clock.nowMs() < this.#made.untilMs) return this.#made.token;
    const apiKey = this.#apiKey();
    if (typeof apiKey === "string") return apiKey;
    // Several who ask at once share one call.
    this.#making ??= this.#makeAndKeep().finally(() => this.#making = undefined);
    return await this.#making;
  }

  async #makeAndKeep(): Promise<Secret> {
    const { token, expiresSeconds } = await this.make();
    const untilMs = this.#ports.clock.nowMs() + (expiresSeconds - EXPIRY_MARGIN_SECONDS) * 1000;
    this.#made = { token, untilMs };
    return token;
  }

  #apiKey(): ApiKey | string {
    if (this.#options.account !== undefined) return this.#options.account;
    const variable = (name: string) => this.#ports.environment(name)?.trim() ?? "";
    const key = variable("KRAKEN_API_KEY");
    const secret = variable("KRAKEN_API_SECRET");
    const otp = variable("KRAKEN_API_OTP");
    if (key !== "" && secret !== "") {
      return { key, secret: new Secret(secret), ...(otp === "" ? {} : { otp: new Secret(otp) }) };
    }
    return key === secret ? "neither is set" : `${key === "" ? "KRAKEN_API_KEY" : "KRAKEN_API_SECRET"} is not set`;
  }

  /**
   * Nanoseconds since the epoch: above the nonces of every program that counts in a coarser unit, and of an earlier run of
   * this one.
   */
  #nextNonce(): bigint {
    const now = BigInt(this.#ports.clock.epochMicros()) * 1000n;
    this.#nonce = now > this.#nonce ? now : this.#nonce + 1n;
    return this.#nonce;
  }
}

function readToken(content: string): Secret | string {
  const text = content.trim();
  if (text === "") return "it is empty";
  if (/\s/.test(text)) return "it holds more than one word";
  return text.length < MIN_SECRET_LENGTH ? "what it holds is too short for a token" : new Secret(text);
}

function fileProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "NotCapable" ? "Deno was not given access to it" : `it cannot be read: ${error.message}`;
}
