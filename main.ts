/**
 * krakenws: Kraken's WebSocket API from the command line.
 *
 * Joins the real world to the commands and ends the process with their exit code;
 * the only place that ends it.
 *
 * @module
 */

import { invoke } from "./commands/_invoke.ts";
import { denoPorts } from "./lib/io/deno.ts";

if (import.meta.main) Deno.exit(await invoke(Deno.args, denoPorts()));
