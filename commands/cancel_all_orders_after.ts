/** `krakenws cancelAllOrdersAfter`: the dead man's switch. @module */

import type { Host } from "./_host.ts";
import { tradingCommand } from "./_trading.ts";

export function cancelAllOrdersAfterCommand(host: Host) {
  return tradingCommand(host, "cancelAllOrdersAfter", {
    summary: "Have all orders cancelled after some seconds, unless this is said again before.",
    examples: [
      "krakenws cancelAllOrdersAfter timeout=60",
      "krakenws cancelAllOrdersAfter --after 0   # switches it off",
    ],
    details: "A dead man's switch: repeat it every 15 to 30 s while you trade. No question is asked.",
  });
}
