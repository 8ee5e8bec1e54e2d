import { assertEquals } from "@std/assert";
import { OpenOrders } from "../../lib/shell/open_orders.ts";

Deno.test("OpenOrders knows what the account channel and the answers to orders tell, the newest first", () => {
  const orders = new OpenOrders();
  orders.update({ channel: "order", type: "accepted", request: "addOrder", txid: "O1", data: {} });
  assertEquals(orders.ids, ["O1"]);
  const head = { channel: "openOrders", sequence: 1 } as const;
  orders.update({
    ...head,
    type: "snapshot",
    data: [{ txid: "O2", status: "open" }, { txid: "O3", status: "pending" }],
  });
  assertEquals(orders.ids, ["O3", "O2"]);
  orders.update({ ...head, type: "update", data: [{ txid: "O2", status: "canceled" }, { txid: "O4", vol_exec: "1" }] });
  assertEquals(orders.ids, ["O4", "O3"]);
  orders.update({ channel: "order", type: "expired", txid: "O4", data: {} });
  assertEquals(orders.ids, ["O3"]);
});
