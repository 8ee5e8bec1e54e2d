/** `krakenws addOrder`: places an order. @module */

import type { Host } from "./_host.ts";
import { tradingCommand } from "./_trading.ts";

export function addOrderCommand(host: Host) {
  return tradingCommand(host, "addOrder", {
    summary: "Place an order, and wait for the exchange's answer.",
    examples: [
      "krakenws addOrder pair=XBT/USD type=buy ordertype=market volume=0.002 leverage=5",
      "krakenws addOrder pair=XBT/EUR type=sell ordertype=limit price=7500 volume=0.125",
      "krakenws addOrder --pair XBT/USD --type buy --ordertype limit --price=-1% --volume 0.01 --oflags post --validate",
      "krakenws --sandbox addOrder pair=ETH/USD type=buy ordertype=limit price=1000 volume=1 close[ordertype]=limit close[price]=1100",
    ],
    details: "A live order is read back and confirmed; it gets a userref to find it by and a deadline of 5 s, unless " +
      "given. It is sent once: without an answer it is `unknown`, exit 5, and what the account shows is told.",
  });
}
