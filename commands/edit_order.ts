/** `krakenws editOrder`: cancels an open order and places a changed one. @module */

import type { Host } from "./_host.ts";
import { tradingCommand } from "./_trading.ts";

export function editOrderCommand(host: Host) {
  return tradingCommand(host, "editOrder", {
    summary: "Replace an open order by a changed one, which has an id of its own.",
    examples: [
      "krakenws editOrder orderid=OADMSD-7AGC3-IMB46A pair=XBT/EUR price=7450",
      "krakenws editOrder --orderid OADMSD-7AGC3-IMB46A --pair XBT/EUR --volume 0.1 --validate",
    ],
    details: "amendOrder keeps the order's id and its turn.",
  });
}
