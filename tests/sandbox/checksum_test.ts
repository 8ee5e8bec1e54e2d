import { assertEquals } from "@std/assert";
import { bookChecksum, DEPTHS } from "../../lib/sandbox/book_feed.ts";
import { parseFixed } from "../../lib/sandbox/fixed.ts";
import { Book } from "../../lib/sandbox/matching.ts";

Deno.test("bookChecksum() gives the documented checksum of the documented book", () => {
  const asks = [
    "0.05005",
    "0.05010",
    "0.05015",
    "0.05020",
    "0.05025",
    "0.05030",
    "0.05035",
    "0.05040",
    "0.05045",
    "0.05050",
  ];
  const bids = [
    "0.05000",
    "0.04995",
    "0.04990",
    "0.04980",
    "0.04975",
    "0.04970",
    "0.04965",
    "0.04960",
    "0.04955",
    "0.04950",
  ];
  const book = new Book(DEPTHS);
  const rest = (side: "buy" | "sell", price: string, remaining: bigint) =>
    book.rest({ side, price: parseFixed(price, 5)!, remaining }, 0);
  for (const price of asks) rest("sell", price, 500n);
  for (const price of bids) rest("buy", price, 500n);
  assertEquals(bookChecksum(book), "974947235");
  // What lies deeper than ten levels does not count.
  rest("sell", "0.06000", 1n);
  assertEquals(bookChecksum(book), "974947235");
});
