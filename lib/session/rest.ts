/**
 * The one REST call that a WebSocket client needs: an API key makes a token.
 *
 * It owns the signature and the reading of the answer. It refuses to keep either key or token; `token.ts` does.
 *
 * Sources: https://docs.kraken.com/api/docs/guides/spot-rest-auth (signature),
 * https://docs.kraken.com/api/docs/rest-api/get-websockets-token (call and answer),
 * https://support.kraken.com/articles/360000714526 (keys with two-factor authentication).
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import { type ErrorDetails, type KrakenwsError, RefusedError, UnreachableError } from "../errors.ts";
import type { Post } from "../io/ports.ts";
import { Secret, SHOWN } from "../model/secret.ts";

/** An API key: the key itself is sent with each call, its secret only signs. */
export interface ApiKey {
  readonly key: string;
  readonly secret: Secret;
  /** The password, or the code of this half minute, of a key with two-factor authentication. */
  readonly otp?: Secret;
}

export interface MadeToken {
  readonly token: Secret;
  /** How long the exchange waits for its first use. */
  readonly expiresSeconds: number;
}

const PATH = "/0/private/GetWebSocketsToken";

/**
 * Asks the exchange for a token.
 *
 * @param nonce A whole number above that of every earlier call with this key.
 * @throws {RefusedError} If the key cannot be used for this, with what to do about it.
 * @throws {UnreachableError} If no usable answer came.
 */
export async function makeToken(
  { restUrl, apiKey, nonce, post, timeoutMs }: {
    readonly restUrl: string;
    readonly apiKey: ApiKey;
    readonly nonce: bigint;
    readonly post: Post;
    readonly timeoutMs: number;
  },
): Promise<MadeToken> {
  const url = new URL(PATH, restUrl).href;
  const { otp } = apiKey;
  const body = new URLSearchParams({ nonce: String(nonce), ...(otp && { otp: otp.reveal() }) }).toString();
  const headers = {
    "API-Key": apiKey.key,
    "API-Sign": signature({ path: PATH, nonce: String(nonce), body, secret: apiKey.secret }),
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "krakenws",
  };
  const answer = await post(url, { headers, body, timeoutMs });
  if (answer.type === "lost") {
    throw new UnreachableError(answer.loss.kind, `Cannot get a token from ${url}: ${answer.loss.message}`, {
      hint: answer.loss.kind === "permission"
        ? `Run with --allow-net for ${new URL(url).host}`
        : "Check the network, or bring a token of your own with --token-file",
    });
  }
  return readAnswer(answer.text, { url, status: answer.status, otp });
}

/**
 * Signs a private call: HMAC-SHA-512 over its path and the SHA-256 of nonce and body, in base64.
 *
 * @throws {RefusedError} If the secret is not base64, as every secret of the exchange is.
 */
export function signature(
  { path, nonce, body, secret }: {
    readonly path: string;
    readonly nonce: string;
    /** The bytes as they are sent. */
    readonly body: string;
    readonly secret: Secret;
  },
): string {
  const digest = createHash("sha256").update(nonce + body).digest();
  return createHmac("sha512", keyBytes(secret)).update(path).update(digest).digest("base64");
}

function keyBytes(secret: Secret): Uint8Array {
  try {
    return Uint8Array.fromBase64(secret.reveal());
  } catch {
    throw new RefusedError("bad_secret", "KRAKEN_API_SECRET is not the secret of an API key: it is not base64", {
      hint: "Copy the whole private key from the exchange's API settings, with the = signs at its end",
    });
  }
}

function readAnswer(
  text: string,
  { url, status, otp }: { readonly url: string; readonly status: number; readonly otp: Secret | undefined },
): MadeToken {
  const answer = parseJson(text);
  const errors = answer?.["error"];
  if (Array.isArray(errors) && errors.length > 0) {
    const reason = errors.join("; ");
    // A code of six digits is not hidden everywhere (see `occursByChance`), so it is here, where it could come back.
    throw refusal(otp === undefined ? reason : reason.replaceAll(otp.reveal(), SHOWN));
  }
  const result = answer?.["result"];
  if (isObject(result) && typeof result["token"] === "string" && result["token"] !== "") {
    const { token, expires } = result;
    return {
      token: new Secret(token),
      expiresSeconds: typeof expires === "number" ? expires : DEFAULT_EXPIRES_SECONDS,
    };
  }
  throw new UnreachableError("bad_answer", `Cannot get a token from ${url}: HTTP ${status} without a token in it`, {
    hint: "Is it the exchange's REST address? The live one is https://api.kraken.com",
  });
}

const DEFAULT_EXPIRES_SECONDS = 900;

/** What each of the exchange's refusals means, and what to do about it. */
const REFUSALS: readonly (readonly [RegExp, code: string, hint: string])[] = [
  [/Invalid key/, "invalid_key", "KRAKEN_API_KEY is not a key of this exchange, or it was deleted there"],
  [
    /Invalid signature/,
    "invalid_signature",
    "KRAKEN_API_SECRET does not belong to KRAKEN_API_KEY; or the key has two-factor authentication, and KRAKEN_API_OTP is " +
    "not its password or its code of this half minute",
  ],
  [
    /Invalid nonce/,
    "invalid_nonce",
    "The nonce is this machine's time: set its clock, and give each program that runs in parallel an API key of its own",
  ],
  [
    /Permission denied|Invalid permissions/,
    "permission_denied",
    'The API key lacks the permission "Access WebSockets API": grant it in the exchange\'s API settings',
  ],
  [/lockout/, "locked_out", "Too many refused calls: the exchange wants some minutes of silence"],
  [/Rate limit|Too many/, "rate_limited", "Too many calls in a short time: wait for some seconds"],
];

function refusal(reason: string): KrakenwsError {
  const message = `The exchange made no token: ${reason}`;
  if (/EService:/.test(reason)) {
    return new UnreachableError("service_unavailable", message, { hint: "The exchange is not available: try later" });
  }
  const [, code = "token_refused", hint] = REFUSALS.find(([pattern]) => pattern.test(reason)) ?? [];
  const details: ErrorDetails = hint === undefined ? {} : { hint };
  return new RefusedError(code, message, details);
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
