/** The shell as a process: pipes that close, folders that cannot be written, signals. @module */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { denoRun, hasProgram, runBash } from "../_cli.ts";
import { linesOf } from "../_fakes.ts";

const ignore = !hasProgram("bash");

Deno.test("krakenws without a command is a session; a pipe is its script", { ignore }, async () => {
  const script = await runBash("printf 'ticker XBT/USD\\nexpect ticker\\n' | krakenws --sandbox", "shell");
  assertEquals([script.code, script.stderr], [0, ""]);
  assert(script.records.some(({ channel }) => channel === "ticker"));
  const nothing = await runBash("krakenws --sandbox < /dev/null", "shell");
  assertEquals([nothing.code, nothing.records.map(({ channel }) => channel)], [0, ["end"]]);
});

Deno.test("a closed stdout ends the session at once and with 0, although stdin stays open", async () => {
  const [program = "", ...args] = denoRun(["shell", "--sandbox"], "shell");
  const session = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const stdin = session.stdin.getWriter();
  await stdin.write(new TextEncoder().encode("ticker XBT/USD\n"));
  const stdout = session.stdout.getReader();
  await stdout.read();
  await stdout.cancel();
  assertEquals((await session.status).code, 0);
  assertEquals(await new Response(session.stderr).text(), "");
  await stdin.abort();
});

Deno.test("a closed stderr ends nothing", { ignore }, async () => {
  const { code, records } = await runBash(
    "printf 'echo nobody hears this\\nnonsense\\necho nor this\\nbook XBT/USD\\nexpect book\\n' | " +
      "krakenws shell --sandbox --keep-going 2> >(exec 0<&-)",
    "shell",
  );
  assertEquals(code, 2);
  assert(records.some(({ channel }) => channel === "book"));
  const closed = await runBash("printf 'echo nobody\\nping\\n' | krakenws shell --sandbox 2>&-", "shell");
  assertEquals([closed.code, closed.records.at(-1)?.type], [0, "done"]);
});

Deno.test("a session needs no more than loopback, where it keeps nothing", { ignore }, async () => {
  const { code, stderr, records } = await runBash("printf 'book XBT/USD\\nexpect book\\n' | krakenws shell --sandbox");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(records.at(-1)?.type, "done");
});

Deno.test("Ctrl-C ends a script in the middle of a wait with 130, and runs nothing behind it", { ignore }, async () => {
  const { code, stderr, stdout } = await runBash(
    `file=$(mktemp /tmp/krakenws-XXXXXX.kws); trap 'rm -f "$file"' EXIT
printf 'book XBT/USD\\nwait trade XBT/EUR within 1m\\naddOrder pair=XBT/USD type=buy ordertype=limit price=1000 volume=0.01\\n' > "$file"
coproc RUN { krakenws run "$file" --sandbox --keep-going; }
from=\${RUN[0]} process=$RUN_PID
while IFS= read -r -u "$from" record; do
  echo "$record"
  case $record in *'"type":"snapshot"'*) pkill -INT -P "$process" || kill -INT "$process";; esac
done
wait "$process"`,
    "shell",
  );
  const records = linesOf(stdout).map((line) => JSON.parse(line));
  assertEquals([code, stderr], [130, ""]);
  assertEquals([records.at(-1).type, records.at(-1).exit], ["interrupted", 130]);
  assertEquals(records.filter(({ channel }) => channel === "order"), []);
});

Deno.test("every line that a session prints is JSON, whatever is said beside it", { ignore }, async () => {
  const { stdout, stderr } = await runBash(
    "printf 'help\\nsubs\\nnonsense\\nticker XBT/USD\\nexpect ticker\\nset\\nhistory\\n' | krakenws shell --sandbox --keep-going",
    "shell",
  );
  for (const line of linesOf(stdout)) assertMatch(JSON.stringify(JSON.parse(line)), /^\{"seq":\d+,/);
  // deno-lint-ignore no-control-regex -- the absence of ANSI is the promise
  assert(!/\x1b/.test(stdout + stderr));
});
