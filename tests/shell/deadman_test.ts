import { assert, assertEquals, assertRejects } from "@std/assert";
import { type KrakenwsError, RejectedError, UnreachableError, UsageError } from "../../lib/errors.ts";
import type { DeadmanRecord } from "../../lib/model/record.ts";
import { Deadman, type DeadmanExchange, type OnExit } from "../../lib/shell/deadman.ts";
import { FakeClock, settle } from "../_fakes.ts";

const REFUSED = new RejectedError("request_rejected", "EGeneral:Permission denied");
const SILENT = new UnreachableError("unanswered", "no answer came");

/** A switch, and an exchange whose timer is the judge of what it claims. */
class World {
  readonly clock = new FakeClock();
  readonly records: DeadmanRecord[] = [];
  readonly requests: string[] = [];
  /** What the exchange does with the next requests; it confirms when there is nothing here. */
  readonly failures: KrakenwsError[] = [];
  /** An exchange that takes this long to answer, and sets its timer only then. */
  answersAfterMs = 0;
  /** When the exchange's own timer fires. */
  firesAtMs = Infinity;

  readonly exchange: DeadmanExchange = {
    setTimer: async (seconds, { timeoutMs }) => {
      this.requests.push(`${this.clock.nowMs() / 1000}s: ${seconds}`);
      assert(timeoutMs > 0 && timeoutMs <= 10_000);
      const error = this.failures.shift();
      if (error !== undefined) return { type: "failed", error };
      if (this.answersAfterMs > 0) {
        await new Promise<void>((resolve) => void this.clock.setTimer(this.answersAfterMs, resolve));
      }
      this.firesAtMs = seconds === 0 ? Infinity : this.clock.nowMs() + seconds * 1000;
      return { type: "confirmed", triggerTime: "2026-01-05T09:31:00Z" };
    },
    cancelAll: () => {
      this.requests.push("cancelAll");
      const error = this.failures.shift();
      return Promise.resolve(error === undefined ? { type: "cancelled", count: "2" } : { type: "failed", error });
    },
  };

  readonly deadman = new Deadman({
    exchange: this.exchange,
    clock: this.clock,
    emit: (record) => this.records.push(record),
  });

  get types(): string[] {
    return this.records.map(({ type }) => type);
  }
}

const ONE_MINUTE = { seconds: 60, onExit: "leave" } as const;

Deno.test("Deadman sets the exchange's timer anew every quarter of its time", async () => {
  const world = new World();
  await world.deadman.on(ONE_MINUTE);
  await world.clock.advance(50_000);
  assertEquals(world.requests, ["0s: 60", "15s: 60", "30s: 60", "45s: 60"]);
  assertEquals(world.types, ["armed", "refreshed", "refreshed", "refreshed"]);
  assertEquals(world.deadman.state, { type: "armed", secondsLeft: 55 });
  world.deadman.stop();
  assertEquals(world.clock.pending, 0);
});

Deno.test("Deadman is not off before the exchange has said so", async () => {
  const world = new World();
  await world.deadman.on(ONE_MINUTE);
  world.failures.push(SILENT);
  await assertRejects(() => world.deadman.off());
  assertEquals(world.deadman.state, { type: "armed", secondsLeft: 60 });
  assertEquals(
    (await world.deadman.end("leave")).says,
    "The exchange cancels all orders in about 60 s, unless it is told otherwise",
  );
  await world.clock.advance(60_000);
  assertEquals(world.deadman.state, { type: "off" });
});

Deno.test("Deadman never claims to be armed for longer than the exchange's timer runs", async () => {
  const world = new World();
  world.answersAfterMs = 2_000;
  const armed = world.deadman.on({ seconds: 20, onExit: "leave" });
  await world.clock.advance(2_000);
  await armed;
  world.failures.push(...Array(9).fill(SILENT));
  for (let second = 0; second < 40; second++) {
    const { state } = world.deadman;
    const firesInMs = world.firesAtMs - world.clock.nowMs();
    if (state.type === "armed") assert(state.secondsLeft * 1000 <= firesInMs, `${state.secondsLeft} s at ${second}`);
    else assert(world.clock.nowMs() >= 20_000, "given up while it was armed");
    await world.clock.advance(1_000);
  }
  assertEquals(world.deadman.state, { type: "unconfirmed" });
  assertEquals(world.types.filter((type) => type === "lapsed"), ["lapsed"]);
  world.deadman.stop();
});

Deno.test("Deadman goes on asking after a request without an answer, and is armed anew by the next", async () => {
  const world = new World();
  world.failures.push(SILENT);
  await assertRejects(() => world.deadman.on(ONE_MINUTE), UnreachableError);
  assertEquals(world.deadman.state, { type: "unconfirmed" });
  assertEquals(world.deadman.problem, "no answer came");
  await world.clock.advance(15_000);
  assertEquals(world.types, ["unconfirmed", "armed"]);
  assertEquals(world.deadman.problem, undefined);
  world.deadman.stop();
});

Deno.test("Deadman that the exchange refuses stays as it was", async () => {
  const world = new World();
  world.failures.push(REFUSED);
  await assertRejects(() => world.deadman.on(ONE_MINUTE), RejectedError);
  assertEquals(world.deadman.state, { type: "off" });
  assertEquals(world.clock.pending, 0);

  await world.deadman.on(ONE_MINUTE);
  world.failures.push(REFUSED);
  await assertRejects(() => world.deadman.on({ seconds: 30, onExit: "cancel" }), RejectedError);
  assertEquals(world.deadman.wish, ONE_MINUTE);
  await world.clock.advance(15_000);
  assertEquals(world.requests.at(-1), "15s: 60");
  world.deadman.stop();
});

Deno.test("Deadman asks at once when the connection stands again, and only if it is wanted", async () => {
  const world = new World();
  world.deadman.reconnected();
  await settle();
  assertEquals(world.requests, []);
  await world.deadman.on(ONE_MINUTE);
  await world.clock.advance(5_000);
  world.deadman.reconnected();
  await settle();
  assertEquals(world.requests, ["0s: 60", "5s: 60"]);
  world.deadman.stop();
});

Deno.test("Deadman off switches the timer off once, after whatever is under way", async () => {
  const world = new World();
  await world.deadman.on(ONE_MINUTE);
  world.answersAfterMs = 3_000;
  await world.clock.advance(16_000);
  const off = world.deadman.off();
  await world.clock.advance(10_000);
  await off;
  assertEquals(world.requests, ["0s: 60", "15s: 60", "18s: 0"]);
  assertEquals([world.firesAtMs, world.deadman.state], [Infinity, { type: "off" }]);
  await world.clock.advance(120_000);
  assertEquals(world.types, ["armed", "refreshed", "disarmed"]);
  assertEquals(world.clock.pending, 0);
});

Deno.test("Deadman off that is not confirmed says so, and tells when the timer still fires", async () => {
  const world = new World();
  await world.deadman.on(ONE_MINUTE);
  world.failures.push(SILENT);
  await assertRejects(() => world.deadman.off(), UnreachableError);
  assertEquals(world.types, ["armed", "unconfirmed"]);
  await world.clock.advance(61_000);
  assertEquals(world.types, ["armed", "unconfirmed", "lapsed"]);
});

Deno.test("Deadman takes whole seconds within its limits", async () => {
  const { deadman } = new World();
  for (const seconds of [0, 9, 10.5, 86_401, NaN]) {
    await assertRejects(() => deadman.on({ seconds, onExit: "leave" }), UsageError, "cannot wait", String(seconds));
  }
});

Deno.test("Deadman ends as it was told", async () => {
  const endings: [action: OnExit, failures: KrakenwsError[], requests: string[], says: string][] = [
    ["cancel", [], ["cancelAll", "0s: 0"], "All orders are cancelled"],
    [
      "cancel",
      [SILENT],
      ["cancelAll"],
      "no answer came. The exchange cancels all orders in about 60 s, unless it is told otherwise",
    ],
    ["disable", [], ["0s: 0"], "The dead man's switch is off; the orders stay"],
    [
      "disable",
      [REFUSED],
      ["0s: 0"],
      "EGeneral:Permission denied. The exchange cancels all orders in about 60 s, unless it is told otherwise",
    ],
    ["leave", [], [], "The exchange cancels all orders in about 60 s, unless it is told otherwise"],
  ];
  for (const [action, failures, requests, says] of endings) {
    const world = new World();
    await world.deadman.on({ seconds: 60, onExit: action });
    world.failures.push(...failures);
    assertEquals((await world.deadman.end(action)).says, says);
    assertEquals(world.requests.slice(1), requests, action);
    await world.clock.advance(30_000);
    assertEquals(world.requests.slice(1), requests, "it sends nothing after its end");
  }
});
