/**
 * The shape that lib/README.md promises, read from the sources themselves.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

/**
 * The layers, from the top down. A file may import from its own layer and from those below it, never upwards.
 *
 * | layer        | answers                                                        |
 * | ------------ | -------------------------------------------------------------- |
 * | main.ts      | how the process begins and ends                                |
 * | commands     | which verbs there are                                          |
 * | lib/shell    | what a line means, and what is on the screen                   |
 * | lib/trading  | what an order is, and what became of it                        |
 * | lib/*.ts     | what a command receives: configuration, app, one-shot stream   |
 * | lib/output   | what a record looks like on stdout                             |
 * | lib/market   | what events mean                                               |
 * | lib/session  | being connected                                                |
 * | lib/protocol | the exchange's language                                        |
 * | lib/model    | the vocabulary                                                 |
 * | lib/io       | the outside world                                              |
 * | lib/errors   | what can stop a command                                        |
 */
const LAYERS = [
  "main.ts",
  "commands",
  "lib/shell",
  "lib/trading",
  "lib",
  "lib/output",
  "lib/market",
  "lib/session",
  "lib/protocol",
  "lib/model",
  "lib/io",
  "lib/errors.ts",
];

/** The exchange of our own stands apart: it speaks the wire in its own words, so that a shared misreading shows. */
const SANDBOX = "lib/sandbox";

/** Stand-ins for packages, of which nothing but the import map knows. */
const STAND_INS = "lib/jsr";

const ROOT = new URL("../", import.meta.url);

interface Source {
  readonly path: string;
  readonly text: string;
  /** The text without comments and the contents of strings: what the file does, not what it says. */
  readonly code: string;
}

const SOURCES = await Array.fromAsync(sources());

async function* sources(): AsyncGenerator<Source> {
  yield await read("main.ts");
  for (const folder of ["commands", "lib"]) yield* walk(folder);
}

async function* walk(folder: string): AsyncGenerator<Source> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}/${name}`;
    if (path === STAND_INS) continue;
    if (isDirectory) yield* walk(path);
    else if (name.endsWith(".ts")) yield await read(path);
  }
}

async function read(path: string): Promise<Source> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  return { path, text, code: withoutComments(text).replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""') };
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|[^:])\/\/.*$/gm, "$1");
}

interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package. */
  readonly of: string;
  readonly dynamic: boolean;
}

function imports({ path, text }: Source): Import[] {
  return [...withoutComments(text).matchAll(/(?:\bfrom\s+|\bimport\s+|\b(import)\()"([^"]+)"/g)].map((
    [, lazy, name],
  ) => ({
    from: path,
    of: name!.startsWith(".") ? new URL(name!, new URL(path, ROOT)).href.slice(ROOT.href.length) : name!,
    dynamic: lazy !== undefined,
  }));
}

const IMPORTS = SOURCES.flatMap(imports);

/** The index of a path's layer; the longest name that fits counts. */
function layerOf(path: string): number {
  const fits = LAYERS.filter((layer) => path === layer || path.startsWith(`${layer}/`));
  return LAYERS.indexOf(fits.toSorted((a, b) => b.length - a.length)[0] ?? "");
}

function isSandbox(path: string): boolean {
  return path.startsWith(`${SANDBOX}/`);
}

Deno.test("the sources are where this test looks for them", () => {
  assert(SOURCES.length > 40, `only ${SOURCES.length} files`);
  assert(IMPORTS.length > 100, `only ${IMPORTS.length} imports`);
  assertEquals(SOURCES.filter(({ path }) => !isSandbox(path) && layerOf(path) < 0).map(({ path }) => path), []);
});

Deno.test("imports point one way, from the top layer down", () => {
  const upwards = IMPORTS
    .filter(({ from, of }) => /^(?:main|commands|lib)\b/.test(of) && !isSandbox(from) && !isSandbox(of))
    .filter(({ from, of }) => layerOf(of) < layerOf(from))
    .map(({ from, of }) => `${from} imports ${of}`);
  assertEquals(upwards, []);
});

Deno.test("only the sandbox command and --sandbox load the sandbox, and only when they need it", () => {
  const outside = IMPORTS.filter(({ from, of }) => isSandbox(of) && !isSandbox(from));
  assertEquals(outside.map(({ from }) => from).sort(), ["commands/_invoke.ts", "commands/sandbox.ts"]);
  assertEquals(outside.map(({ of }) => of), ["lib/sandbox/server.ts", "lib/sandbox/server.ts"]);
  assert(outside.every(({ dynamic }) => dynamic), "a static import would load it for every command");
});

Deno.test("the sandbox shares no code with the client, so that a misreading of the wire cannot cancel out", () => {
  const shared = IMPORTS.filter(({ from, of }) => isSandbox(from) && of.startsWith("lib/") && !isSandbox(of));
  assertEquals(shared, []);
});

/** Who may touch the world: the real ports, and the server of the sandbox. */
const RIM = ["lib/io/deno.ts", "lib/io/terminal.ts", "lib/sandbox/server.ts"];

const WORLD: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["Deno", /\bDeno\./],
  ["a socket", /\bnew (?:WebSocket|EventSource)\(|\bfetch\(/],
  ["a timer", /\b(?:set|clear)(?:Timeout|Interval|Immediate)\b/],
  ["the time of day", /\bDate\.now\b|\bnew Date\(\)|\bperformance\./],
  ["chance", /\bMath\.random\b|\bcrypto\.(?:randomUUID|getRandomValues)\b/],
  ["the process", /\bprocess\./],
];

for (const [what, pattern] of WORLD) {
  Deno.test(`nothing but the rim names ${what}`, () => {
    const named = SOURCES.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
    const mainMay = what === "Deno" ? ["main.ts"] : [];
    assertEquals(named.filter((path) => !RIM.includes(path) && !mainMay.includes(path)), []);
  });
}

Deno.test("main.ts uses Deno to read argv and to end the process, and is the only one to end it", () => {
  const { code } = SOURCES.find(({ path }) => path === "main.ts")!;
  assertEquals([...code.matchAll(/\bDeno\.\w+/g)].map(([name]) => name).sort(), ["Deno.args", "Deno.exit"]);
  assertEquals(SOURCES.filter(({ code }) => /\bDeno\.exit\b/.test(code)).map(({ path }) => path), ["main.ts"]);
});

Deno.test("only protocol/v1.ts and its reader of market data know the wire's arrays and keys", () => {
  const wire = /\b(?:errorMessage|channelID)\b|"subscriptionStatus"|\.at\(-2\)/;
  const knowing = SOURCES.filter(({ path, text }) => !isSandbox(path) && wire.test(withoutComments(text)));
  assertEquals(knowing.map(({ path }) => path), ["lib/protocol/v1.ts"]);
  const choosing = IMPORTS.filter(({ of, from }) => of === "lib/protocol/v1.ts" && from !== of);
  assertEquals([...new Set(choosing.map(({ from }) => from))], ["lib/invocation.ts"]);
  const reading = IMPORTS.filter(({ of }) => of === "lib/protocol/v1_market.ts");
  assertEquals(reading.map(({ from }) => from), ["lib/protocol/v1.ts"]);
});

Deno.test("a price never becomes a number between the wire and stdout", () => {
  const counting = SOURCES
    .filter(({ path }) => /^lib\/(?:protocol|market|output)\//.test(path))
    .flatMap(({ path, code }) =>
      [...code.matchAll(/\b(?:Number|parseFloat|parseInt)\([^)]*\)/g)].map(([call]) => `${path}: ${call}`)
    );
  // A round trip in milliseconds is ours, not the exchange's.
  assertEquals(counting.filter((use) => !use.includes("nowMs()")), []);
});

Deno.test("sources name only what a reader of the repository has", () => {
  assertEquals(SOURCES.filter(({ text }) => /\bshared\//.test(text)).map(({ path }) => path), []);
});

Deno.test("every module says what it owns", () => {
  const silent = SOURCES.filter(({ text }) => !/^\/\*\*[\s\S]*?@module/.test(text)).map(({ path }) => path);
  assertEquals(silent, []);
});

Deno.test("there is no default export, no any, no console and no event emitter", () => {
  for (
    const pattern of [
      /\bexport default\b/,
      /[:<]\s*any\b|\bas any\b/,
      /\bconsole\./,
      /\bEventEmitter\b|\bextends EventTarget\b/,
    ]
  ) {
    assertEquals(SOURCES.filter(({ code }) => pattern.test(code)).map(({ path }) => path), [], String(pattern));
  }
});
