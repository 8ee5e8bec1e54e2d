import { assert, assertEquals } from "@std/assert";
import * as errors from "../lib/errors.ts";
import { ExitCode, KrakenwsError, UsageError, worstExitCode } from "../lib/errors.ts";

Deno.test("each kind of error has the exit code that the README documents", () => {
  const exits = Object.entries(errors).flatMap(([name, Kind]) => {
    if (typeof Kind !== "function" || !(Kind.prototype instanceof KrakenwsError)) return [];
    const error = new (Kind as unknown as new (code: string, message: string) => KrakenwsError)("slug", "message");
    assertEquals(error.name, name);
    return [[name, error.exitCode]];
  });
  assertEquals(Object.fromEntries(exits), {
    UsageError: 2,
    ExpectationError: 3,
    RejectedError: 4,
    OutcomeUnknownError: 5,
    RefusedError: 6,
    UnreachableError: 7,
    OutputError: 1,
    IntegrityError: 8,
  });
});

Deno.test("an error carries its slug, its hint and what caused it", () => {
  const cause = new Error("below");
  const error = new UsageError("bad_count", "Cannot stop after 0", { hint: "from 1", cause });
  assertEquals([error.code, error.message, error.hint, error.cause], [
    "bad_count",
    "Cannot stop after 0",
    "from 1",
    cause,
  ]);
  assert(error instanceof Error);
  assertEquals(new UsageError("bad_count", "…").hint, undefined);
});

Deno.test("worstExitCode() lets an unknown order outweigh even a defect, then a rejection, then the rest", () => {
  const { Done, Internal, Usage, OutcomeUnknown, Rejected, IntegrityFailed, Unreachable, ExpectationFailed } = ExitCode;
  const order = [OutcomeUnknown, Internal, Rejected, IntegrityFailed, Unreachable, ExpectationFailed];
  for (const [index, worse] of order.entries()) {
    for (const better of [...order.slice(index), Done]) {
      assertEquals(worstExitCode([better, worse]), worse);
      assertEquals(worstExitCode([worse, better]), worse);
    }
  }
  assertEquals(worstExitCode([]), Done);
  assertEquals(worstExitCode([Done, Usage]), Usage);
});
