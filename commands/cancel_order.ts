/** `krakenws cancelOrder`: cancels orders. @module */

import type { Host } from "./_host.ts";
import { tradingCommand } from "./_trading.ts";

export function cancelOrderCommand(host: Host) {
  return tradingCommand(host, "cancelOrder", {
    summary: "Cancel one order or several, by their ids, userrefs or your own ids.",
    examples: [
      "krakenws cancelOrder txid=O6L3CW-FD5CZ-NE373X",
      "krakenws cancelOrder txid=OADMSD-7AGC3-IMB46A,OD6VRE-HCSPM-CKORER",
      "krakenws cancelOrder --cl-ord-id my-order-1",
    ],
    details: "The exchange answers once for each order, without saying for which. No question is asked.",
  });
}
