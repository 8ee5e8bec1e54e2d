import { assert } from "@std/assert";
import { Command } from "@cliffy/command";
import { exists } from "@std/fs";

Deno.test("the three JSR names resolve to working modules", async () => {
  assert(await exists(new URL("../deno.json", import.meta.url)));
  assert(new Command().name("x") instanceof Command);
});
