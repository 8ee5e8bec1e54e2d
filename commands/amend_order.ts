/** `krakenws amendOrder`: changes an open order in its place. @module */

import type { Host } from "./_host.ts";
import { tradingCommand } from "./_trading.ts";

export function amendOrderCommand(host: Host) {
  return tradingCommand(host, "amendOrder", {
    summary: "Change an open order in its place: it keeps its id and, where possible, its turn.",
    examples: [
      "krakenws amendOrder txid=OADMSD-7AGC3-IMB46A limit_price=7450",
      "krakenws amendOrder --cl-ord-id my-order-1 --volume 0.1 --post-only",
    ],
  });
}
