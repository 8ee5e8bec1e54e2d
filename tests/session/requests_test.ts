import { assertEquals } from "@std/assert";
import type { RequestId, ServerEvent } from "../../lib/model/event.ts";
import { Requests } from "../../lib/session/requests.ts";
import { FakeClock } from "../_fakes.ts";

function pong(reqid: RequestId): ServerEvent {
  return { type: "pong", reqid };
}

Deno.test("expect() settles with the answer that carries its number", async () => {
  const clock = new FakeClock();
  const requests = new Requests(clock);
  const first = requests.expect(1, { timeoutMs: 1_000, count: 1 });
  const second = requests.expect(2, { timeoutMs: 1_000, count: 1 });
  requests.answer(2, pong(2));
  requests.answer(1, pong(1));
  assertEquals(await first, { type: "answered", events: [pong(1)] });
  assertEquals(await second, { type: "answered", events: [pong(2)] });
  assertEquals(clock.pending, 0);
});

Deno.test("expect() takes a number that came back as text for the same number", async () => {
  const requests = new Requests(new FakeClock());
  const answer = requests.expect(7, { timeoutMs: 1_000, count: 1 });
  requests.answer("7", pong("7"));
  assertEquals((await answer).type, "answered");
});

Deno.test("expect() waits for as many answers as belong to the request", async () => {
  const clock = new FakeClock();
  const requests = new Requests(clock);
  const answer = requests.expect(1, { timeoutMs: 1_000, count: 3 });
  requests.answer(1, pong(1));
  requests.answer(1, pong(1));
  await clock.advance(999);
  requests.answer(1, pong(1));
  assertEquals((await answer).events.length, 3);
});

Deno.test("expect() settles at its deadline with what has come until then", async () => {
  const clock = new FakeClock();
  const requests = new Requests(clock);
  const answer = requests.expect(1, { timeoutMs: 1_000, count: 2 });
  requests.answer(1, pong(1));
  await clock.advance(1_000);
  assertEquals(await answer, { type: "timeout", events: [pong(1)] });
});

Deno.test("lost() settles everything that waits, and leaves no timer behind", async () => {
  const clock = new FakeClock();
  const requests = new Requests(clock);
  const answers = [1, 2, 3].map((reqid) => requests.expect(reqid, { timeoutMs: 1_000, count: 1 }));
  requests.lost();
  assertEquals((await Promise.all(answers)).map(({ type }) => type), ["lost", "lost", "lost"]);
  assertEquals(clock.pending, 0);
});

Deno.test("answer() leaves alone what nobody waits for", () => {
  const requests = new Requests(new FakeClock());
  requests.answer(undefined, pong(1));
  requests.answer(99, pong(99));
  requests.lost();
});

Deno.test("expect() does not count time in which the program could hear nothing", async () => {
  const clock = new FakeClock();
  const requests = new Requests(clock);
  const answer = requests.expect(1, { timeoutMs: 1_000, count: 1 });
  // Blocked in a write for a minute: the answer lies in the socket, and is read right after.
  await clock.oversleep(60_000);
  requests.answer(1, pong(1));
  assertEquals((await answer).type, "answered");

  const unanswered = requests.expect(2, { timeoutMs: 1_000, count: 1 });
  await clock.oversleep(60_000);
  await clock.advance(1_000);
  assertEquals((await unanswered).type, "timeout");
  assertEquals(clock.pending, 0);
});
