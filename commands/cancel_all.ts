/** `krakenws cancelAll`: cancels every open order. @module */

import type { Host } from "./_host.ts";
import { tradingCommand } from "./_trading.ts";

export function cancelAllCommand(host: Host) {
  return tradingCommand(host, "cancelAll", {
    summary: "Cancel all open orders of the account.",
    examples: ["krakenws cancelAll", "krakenws cancelAll --yes | jq 'select(.type==\"accepted\").data.count'"],
    details: "On a terminal it asks, and says how many there are.",
  });
}
