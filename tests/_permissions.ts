/**
 * The permission set of each mode: what the README says, what the tasks give and what the tests hold it to.
 *
 * @module
 */

export interface PermissionSet {
  readonly mode: string;
  /** What `deno run` is given, as the README writes it. */
  readonly flags: readonly string[];
}

export const PERMISSION_SETS: readonly PermissionSet[] = [
  { mode: "market data", flags: ["--allow-net=ws.kraken.com"] },
  { mode: "account data and orders", flags: ["--allow-net=ws-auth.kraken.com"] },
  { mode: "the beta exchange", flags: ["--allow-net=beta-ws.kraken.com,beta-ws-auth.kraken.com"] },
  { mode: "the sandbox", flags: ["--allow-net=127.0.0.1"] },
  { mode: "settings from the environment", flags: ['--allow-env="KRAKENWS_*"'] },
];
