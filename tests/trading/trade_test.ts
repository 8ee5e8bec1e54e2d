/** A trading request from the command line to the exchange: sent once, told before and after, and never without leave. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { denoPorts } from "../../lib/io/deno.ts";
import { ClosedPipeError, type Ports } from "../../lib/io/ports.ts";
import { InputQueue } from "../../lib/shell/input_queue.ts";
import { MemoryOut } from "../_fakes.ts";
import { accept, acceptBut, framesOf, liveAt, run, startExchange, typesOf } from "./_exchange.ts";

const LIMIT = ["addOrder", "pair=XBT/EUR", "type=sell", "ordertype=limit", "price=7500", "volume=0.125"];
const QUICK = ["--timeout", "300ms"];

/** An account in which these orders are open. */
function withOpenOrders(orders: (received: readonly Readonly<Record<string, unknown>>[]) => readonly unknown[]) {
  return acceptBut("subscribe", (frame, { received }) => {
    const [status, snapshot] = accept(frame);
    const name = status !== undefined && "channelName" in status ? status.channelName : "";
    const told = name === "openOrders" ? [orders(received), name, { sequence: 1 }] : snapshot;
    return [status!, told!];
  });
}

Deno.test("addOrder tells that it sends before it sends, then the answer", async () => {
  const stdout = new MemoryOut();
  let toldBefore = "";
  await using exchange = startExchange({
    answer: acceptBut("addOrder", (frame) => {
      toldBefore = stdout.text;
      return accept(frame);
    }),
  });
  const result = await run(LIMIT, { exchange, stdout });
  assertEquals([result.code, result.stderr], [0, ""]);
  assertEquals(typesOf(result, "order"), ["sent", "accepted"]);
  const [sent, accepted] = result.records.filter(({ channel }) => channel === "order");
  assertStringIncludes(toldBefore, JSON.stringify(sent));
  assertEquals([accepted.reqid, accepted.userref, accepted.txid], [sent.reqid, sent.userref, "OA7JUX-OKLO3-M6IEVL"]);
  assertEquals(framesOf(exchange, "addOrder"), [{
    pair: "XBT/EUR",
    type: "sell",
    ordertype: "limit",
    price: "7500",
    volume: "0.125",
    userref: String(sent.userref),
    event: "addOrder",
    reqid: sent.reqid,
    token: exchange.tokens[0],
  }]);
});

Deno.test("an order gets a userref only where the user gave it no name", async () => {
  await using exchange = startExchange();
  for (const name of ["userref=7", "cl_ord_id=mine"]) await run([...LIMIT, name], { exchange });
  assertEquals(framesOf(exchange, "addOrder").map(({ userref, cl_ord_id }) => [userref, cl_ord_id]), [
    ["7", undefined],
    [undefined, "mine"],
  ]);
});

Deno.test("a request's number is the user's, if there is one", async () => {
  await using exchange = startExchange();
  const { code } = await run([...LIMIT, "reqid=1608543428050"], { exchange });
  assertEquals([code, framesOf(exchange, "addOrder")[0]?.["reqid"]], [0, 1608543428050]);
});

Deno.test("no request of the program's own has a number that the user chose", async () => {
  await using exchange = startExchange({ answer: acceptBut("addOrder", () => []) });
  await run([...LIMIT, "reqid=2", ...QUICK], { exchange });
  const numbers = exchange.received.map(({ reqid }) => reqid);
  assertEquals([numbers[0], new Set(numbers).size], [2, numbers.length]);
  assert(numbers.includes(3));
});

Deno.test("an order whose records go to a file is told there before it is sent, or not sent", async () => {
  const file = new MemoryOut();
  let toldBefore = "";
  await using exchange = startExchange({
    answer: acceptBut("addOrder", (frame) => {
      toldBefore = file.text;
      return accept(frame);
    }),
  });
  const files = { ...denoPorts().files, open: () => Object.assign(file, { [Symbol.dispose]: () => {} }) };
  const shell = ["shell", "-c", `${LIMIT.join(" ")} > orders.ndjson`];
  assertEquals((await run(shell, { exchange, ports: { files } })).code, 0);
  assertStringIncludes(toldBefore, '"type":"sent"');
  file.failure = new Error("No space left on device");
  const { code, stderr } = await run(shell, { exchange, ports: { files } });
  assertEquals([code, framesOf(exchange, "addOrder").length], [6, 1]);
  assertStringIncludes(stderr, "Its record could not be written: addOrder was not sent");
});

Deno.test("the look for a lost order ends no subscription that somebody has asked for meanwhile", async () => {
  const stdin = new InputQueue<Uint8Array>(100);
  const send = (line: object) => stdin.put(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  const [cmd, ...args] = LIMIT;
  await using exchange = startExchange({
    answer: (frame) => {
      const [status] = accept(frame);
      if (frame["event"] === "addOrder") return [];
      const isLook = frame["event"] === "subscribe" && status !== undefined && "channelName" in status;
      if (!isLook || status.channelName !== "openOrders") return accept(frame);
      send({ id: "look", cmd: "openOrders" });
      stdin.end();
      return [status];
    },
  });
  send({ id: "order", cmd, args });
  const ports = { stdin: { isTerminal: () => false, chunks: stdin } };
  const result = await run(["shell", "--input", "ndjson", ...QUICK], { exchange, ports });
  assertEquals(result.records.filter(({ channel }) => channel === "result").length, 2);
  const ended = framesOf(exchange, "unsubscribe").map(({ subscription }) => (subscription as Named).name);
  assertEquals(ended, ["ownTrades"]);
});

interface Named {
  readonly name: string;
}

Deno.test("a refused order is exit 4, with the exchange's words, and is not sent again", async () => {
  await using exchange = startExchange({
    answer: acceptBut("addOrder", ({ reqid }) => [
      { errorMessage: "EOrder:Insufficient funds", event: "addOrderStatus", reqid, status: "error" },
    ]),
  });
  const result = await run(LIMIT, { exchange });
  assertEquals(result.code, 4);
  assertStringIncludes(result.stderr, "The exchange refused addOrder: EOrder:Insufficient funds");
  assertEquals(typesOf(result, "order"), ["sent", "rejected"]);
  assertEquals(framesOf(exchange, "addOrder").length, 1);
});

Deno.test("an order refused for its token is not sent again either", async () => {
  await using exchange = startExchange({
    answer: acceptBut("addOrder", ({ reqid }) => [
      { errorMessage: "ESession:Invalid session", event: "addOrderStatus", reqid, status: "error" },
    ]),
  });
  const { code, stderr } = await run(LIMIT, { exchange });
  assertEquals([code, framesOf(exchange, "addOrder").length], [4, 1]);
  assertStringIncludes(stderr, "krakenws token");
});

Deno.test("a general error that names the request refuses it", async () => {
  await using exchange = startExchange({
    answer: acceptBut("addOrder", ({ reqid }) => [{ errorMessage: "Exceeded msg rate", event: "error", reqid }]),
  });
  const { code, stderr } = await run(LIMIT, { exchange });
  assertEquals(code, 4);
  assertStringIncludes(stderr, "Exceeded msg rate");
});

Deno.test("an order without an answer is exit 5, is looked up by its userref, and was sent once", async () => {
  const standing = withOpenOrders((received) => [{
    "OA7JUX-OKLO3-M6IEVL": {
      status: "open",
      userref: Number(received.find(({ event }) => event === "addOrder")?.["userref"]),
      vol: "0.125",
      vol_exec: "0.00000000",
    },
  }]);
  await using exchange = startExchange({
    answer: (frame, itself) => frame["event"] === "addOrder" ? [] : standing(frame, itself),
  });
  const result = await run([...LIMIT, ...QUICK], { exchange });
  assertEquals(result.code, 5);
  assertEquals(typesOf(result, "order"), ["sent", "unknown", "open"]);
  assertStringIncludes(result.stderr, "Found OA7JUX-OKLO3-M6IEVL (open)");
  assertEquals(framesOf(exchange, "addOrder").length, 1);
});

Deno.test("an order whose connection is lost is exit 5, is looked up on the next one, and was sent once", async () => {
  await using exchange = startExchange({ answer: acceptBut("addOrder", () => ["close"]) });
  const result = await run([...LIMIT, "--timeout", "5s"], { exchange });
  assertEquals(result.code, 5);
  assertEquals(typesOf(result, "order"), ["sent", "unknown"]);
  assertEquals(typesOf(result, "openOrders"), ["snapshot"]);
  assertStringIncludes(result.stderr, "the connection was lost before the answer");
  assertEquals(framesOf(exchange, "addOrder").length, 1);
});

Deno.test("an account that cannot be looked at leaves the outcome open, and says so", async () => {
  await using exchange = startExchange({ answer: () => [] });
  const result = await run([...LIMIT, ...QUICK], { exchange });
  assertEquals(result.code, 5);
  assertStringIncludes(result.stderr, "could not be looked at");
});

Deno.test("raw output finds an unanswered order as well, and tells on stderr what it was sent as", async () => {
  await using exchange = startExchange({ answer: acceptBut("addOrder", () => []) });
  const { code, stderr, stdout } = await run([...LIMIT, ...QUICK, "-o", "raw", "-q"], {
    exchange,
    stdout: new RawOut(),
  });
  assertEquals(code, 5);
  assertMatch(stderr, /order sent .*"userref":\d+/);
  assertStringIncludes(stderr, "No such order is open");
  assertStringIncludes(stdout, '[[],"openOrders",{"sequence":1}]');
});

/** Lines that are the exchange's, and no records. */
class RawOut extends MemoryOut {
  override get records(): [] {
    return [];
  }
}

Deno.test("a validation without an answer has placed nothing, and is exit 7", async () => {
  await using exchange = startExchange({ answer: acceptBut("addOrder", () => []) });
  const result = await run([...LIMIT, "--validate", ...QUICK], { exchange });
  assertEquals(result.code, 7);
  assertStringIncludes(result.stderr, "nothing was placed");
  assertEquals(framesOf(exchange, "addOrder")[0]?.["validate"], "true");
});

Deno.test("--validate is a boolean for editOrder, and refused where the exchange has none", async () => {
  await using exchange = startExchange();
  const { code } = await run(["editOrder", "orderid=O1", "pair=XBT/EUR", "price=5", "--validate"], { exchange });
  assertEquals([code, framesOf(exchange, "editOrder")[0]?.["validate"]], [0, true]);
  assertEquals((await run(["cancelAll", "--validate"], { exchange })).code, 2);
  assertEquals(framesOf(exchange, "cancelAll"), []);
});

Deno.test("cancelOrder waits for an answer for each order, and counts the refusals", async () => {
  await using exchange = startExchange({
    answer: acceptBut("cancelOrder", ({ reqid }) => [
      { event: "cancelOrderStatus", reqid, status: "ok" },
      { errorMessage: "EOrder:Unknown order", event: "cancelOrderStatus", reqid, status: "error" },
    ]),
  });
  const result = await run(["cancelOrder", "txid=OADMSD-7AGC3-IMB46A,OD6VRE-HCSPM-CKORER"], { exchange });
  assertEquals(result.code, 4);
  assertEquals(typesOf(result, "order"), ["sent", "accepted", "rejected"]);
  assertStringIncludes(result.stderr, "(1 of 2 orders): EOrder:Unknown order");
});

Deno.test("cancelOrder with too few answers is unknown", async () => {
  await using exchange = startExchange({
    answer: acceptBut("cancelOrder", ({ reqid }) => [{ event: "cancelOrderStatus", reqid, status: "ok" }]),
  });
  const result = await run(["cancelOrder", "txid=O1,O2", ...QUICK], { exchange });
  assertEquals(result.code, 5);
  assertEquals(typesOf(result, "order"), ["sent", "accepted", "unknown"]);
  assertStringIncludes(result.stderr, "None of the orders is open.");
});

Deno.test("--dry-run shows the frame with the token hidden, and needs no exchange", async () => {
  const { code, records } = await run(["cancelOrder", "txid=O1,O2", "reqid=7", "--dry-run"], { environment: {} });
  assertEquals(code, 0);
  assertEquals(records[0].data, { txid: ["O1", "O2"], event: "cancelOrder", reqid: 7, token: "***" });
  assertEquals(records[0].type, "dry_run");
});

Deno.test("nothing is sent to an exchange in maintenance", async () => {
  await using exchange = startExchange({ status: "maintenance" });
  const { code, stderr } = await run(LIMIT, { exchange });
  assertEquals([code, exchange.received], [6, []]);
  assertStringIncludes(stderr, "in maintenance");
});

Deno.test("an order that cannot be sent is exit 7, and nothing is told as sent", async () => {
  const nowhere = { url: "ws://127.0.0.1:1/", restUrl: "http://127.0.0.1:1" };
  const result = await run(LIMIT, { exchange: nowhere, environment: { KRAKENWS_TOKEN: "T0ken" } });
  assertEquals([result.code, typesOf(result, "order")], [7, []]);
});

Deno.test("an unknown key is passed on, with a note if it looks like a slip", async () => {
  await using exchange = startExchange();
  const { stderr } = await run([...LIMIT, "levrage=5"], { exchange });
  assertStringIncludes(stderr, "did you mean leverage?");
  assertEquals(framesOf(exchange, "addOrder")[0]?.["levrage"], "5");
});

Deno.test("parameters can be options as well", async () => {
  await using exchange = startExchange();
  const options = [
    "--type",
    "buy",
    "--ordertype",
    "limit",
    "--price=-1%",
    "--volume",
    "0.01",
    "--close-ordertype",
    "limit",
  ];
  await run(["add-order", "pair=XBT/USD", ...options, "--close-price", "9", "--reduce-only", "--userref", "5"], {
    exchange,
  });
  const [{ token: _token, ...frame } = {}] = framesOf(exchange, "addOrder");
  assertEquals(frame, {
    pair: "XBT/USD",
    type: "buy",
    ordertype: "limit",
    price: "-1%",
    volume: "0.01",
    "close[ordertype]": "limit",
    "close[price]": "9",
    reduce_only: true,
    userref: "5",
    event: "addOrder",
    reqid: 1,
  });
});

// ---------------------------------------------------------------- leave

Deno.test("a live order is refused where nobody can confirm it, before anything is opened", async () => {
  await using exchange = startExchange();
  for (const words of [LIMIT, ["cancelAll"], ["amendOrder", "txid=O1", "volume=1"]]) {
    const { code, stderr, records } = await run(words, { ports: liveAt(exchange) });
    assertEquals([code, records.map(({ channel }) => channel)], [6, ["error", "end"]]);
    assertStringIncludes(stderr, "--yes");
  }
  assertEquals([exchange.received, exchange.tokens], [[], []]);
});

Deno.test("a live order is read back, and sent if that is confirmed, with a deadline", async () => {
  await using exchange = startExchange();
  const { code, questions } = await run(LIMIT, { ports: liveAt(exchange), answer: "y" });
  assertEquals(code, 0);
  assertEquals(questions, [
    "ws-auth.kraken.com: sell 0.125 XBT/EUR at 7500 or better, 937.5 EUR in all. Send it? [y/N] ",
  ]);
  const deadline = String(framesOf(exchange, "addOrder")[0]?.["deadline"]);
  assertMatch(deadline, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(Math.abs(Date.parse(deadline) - Date.now() - 5_000) < 3_000, deadline);
});

/** A program's session: these requests at once, and nothing after them. */
function programOf(...lines: readonly string[][]): Pick<Ports, "stdin"> {
  const requests = lines.map(([cmd, ...args], id) => `${JSON.stringify({ id, cmd, args })}\n`).join("");
  const chunks = (async function* () {
    yield new TextEncoder().encode(requests);
  })();
  return { stdin: { isTerminal: () => false, chunks } };
}

Deno.test("two orders at once are asked about one after the other, and each answer is its own question's", async () => {
  await using exchange = startExchange();
  const open: string[] = [];
  const ask = async (question: string) => {
    open.push(question);
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(open, [question]);
    open.pop();
    return question.includes("7500") ? "y" : "n";
  };
  const other = LIMIT.map((word) => word.replace("7500", "9000"));
  await run(["shell", "--input", "ndjson"], { ports: { ...liveAt(exchange), ...programOf(LIMIT, other), ask } });
  assertEquals(framesOf(exchange, "addOrder").map(({ price }) => price), ["7500"]);
});

Deno.test("whatever is no yes is a no", async () => {
  await using exchange = startExchange();
  for (const answer of ["", "n", "no", "yellow", "Y es"]) {
    const { code } = await run(LIMIT, { ports: liveAt(exchange), answer });
    assertEquals(code, 6, answer);
  }
  assertEquals(exchange.received, []);
});

Deno.test("--yes asks nothing, and --no-deadline sets none", async () => {
  await using exchange = startExchange();
  const { code, questions } = await run([...LIMIT, "--yes", "--no-deadline"], { ports: liveAt(exchange), answer: "n" });
  assertEquals([code, questions.length, "deadline" in (framesOf(exchange, "addOrder")[0] ?? {})], [0, 0, false]);
});

Deno.test("cancelAll says how many orders it is about", async () => {
  await using exchange = startExchange({ answer: withOpenOrders(() => [{ O1: { status: "open" } }, { O2: {} }]) });
  const { code, questions } = await run(["cancelAll"], { ports: liveAt(exchange), answer: "yes" });
  assertEquals([code, framesOf(exchange, "cancelAll").length], [0, 1]);
  assertStringIncludes(questions[0] ?? "", "cancel all open orders, of which there are 2");
});

Deno.test("the brakes work without a question", async () => {
  await using exchange = startExchange();
  for (const words of [["cancelOrder", "txid=O1"], ["cancelAllOrdersAfter", "timeout=60"], [...LIMIT, "--validate"]]) {
    assertEquals((await run(words, { ports: liveAt(exchange) })).code, 0);
  }
});

Deno.test("practice needs no leave and gets no deadline", async () => {
  await using exchange = startExchange();
  assertEquals((await run(LIMIT, { exchange })).code, 0);
  assertEquals("deadline" in (framesOf(exchange, "addOrder")[0] ?? {}), false);
});

// ---------------------------------------------------------------- being told to stop

/** Ports whose signal the test sends. */
function signals(): { readonly ports: Pick<Ports, "onStopSignal">; readonly interrupt: () => void } {
  let callback: (signal: "SIGINT") => void = () => {};
  return {
    ports: {
      onStopSignal: (listener) => {
        callback = listener;
        return () => {};
      },
    },
    interrupt: () => callback("SIGINT"),
  };
}

Deno.test("Ctrl-C between sending and answer is exit 5: the order may stand", async () => {
  const { ports, interrupt } = signals();
  await using exchange = startExchange({
    answer: acceptBut("addOrder", () => {
      interrupt();
      return [];
    }),
  });
  const result = await run(LIMIT, { exchange, ports });
  assertEquals([result.code, typesOf(result, "order")], [5, ["sent", "unknown"]]);
  assertStringIncludes(result.stderr, "the answer was not waited for");
});

Deno.test("Ctrl-C before anything is sent is exit 130, and nothing is sent", async () => {
  const { ports, interrupt } = signals();
  await using exchange = startExchange();
  const ask = () => {
    interrupt();
    return new Promise<never>(() => {});
  };
  const { code, stderr } = await run(LIMIT, { ports: { ...liveAt(exchange), ...ports, ask } });
  assertEquals([code, exchange.received], [130, []]);
  assertStringIncludes(stderr, "addOrder was not sent");
});

/** A reader that leaves once it has read a text. */
class LeavingReader extends MemoryOut {
  constructor(readonly last: string) {
    super();
  }

  override write(text: string): void {
    if (this.text.includes(this.last)) throw new ClosedPipeError();
    super.write(text);
  }

  override get records(): [] {
    return [];
  }
}

Deno.test("an order that could not be told as sent is not sent", async () => {
  await using exchange = startExchange();
  const { code, stderr } = await run(LIMIT, { exchange, stdout: new LeavingReader('"channel":"connection"') });
  assertEquals([code, exchange.received], [6, []]);
  assertStringIncludes(stderr, "Its record could not be written");
});

Deno.test("with frames alone on stdout, an order is told as sent on stderr, or is not sent", async () => {
  await using exchange = startExchange();
  const silent = {
    isTerminal: () => false,
    write: () => {
      throw new ClosedPipeError();
    },
  };
  const { code } = await run([...LIMIT, "-o", "raw"], { exchange, ports: { stderr: silent } });
  assertEquals([code, framesOf(exchange, "addOrder")], [6, []]);
});

Deno.test("an order that was sent is followed to its answer, even if nobody reads on", async () => {
  await using exchange = startExchange({
    answer: acceptBut("addOrder", ({ reqid }) => [
      { errorMessage: "EOrder:Insufficient funds", event: "addOrderStatus", reqid, status: "error" },
    ]),
  });
  const { code } = await run(LIMIT, { exchange, stdout: new LeavingReader('"type":"sent"') });
  assertEquals([code, framesOf(exchange, "addOrder").length], [4, 1]);
});
