import { assert, assertEquals, assertMatch } from "@std/assert";
import { signatureOf } from "../../lib/sandbox/rest.ts";
import { startSandbox } from "../../lib/sandbox/server.ts";

const PATH = "/0/private/GetWebSocketsToken";
const SECRET = "c2FuZGJveA==";

async function requestToken(url: string, { key = "sandbox", secret = SECRET, nonce, json = false }: {
  readonly key?: string;
  readonly secret?: string;
  readonly nonce: string;
  readonly json?: boolean;
}) {
  const body = json ? `{"nonce":${nonce}}` : `nonce=${nonce}`;
  const headers = { "API-Key": key, "API-Sign": signatureOf(secret, { path: PATH, nonce, body }) };
  return await (await fetch(url + PATH, { method: "POST", headers, body })).json();
}

Deno.test("a signed call with a rising nonce gets a token that opens the private endpoint", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  const { error, result } = await requestToken(sandbox.restUrl, { nonce: "1616492376594" });
  assertEquals([error, result.expires], [[], 900]);
  assertMatch(result.token, /^[A-Za-z0-9]{43}$/);
  const socket = new WebSocket(sandbox.privateUrl);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  const status = new Promise<string>((resolve) => {
    socket.onmessage = ({ data }) => data.includes("subscriptionStatus") && resolve(data);
    socket.onopen = () =>
      socket.send(JSON.stringify({ event: "subscribe", subscription: { name: "ownTrades", token: result.token } }));
  });
  assertEquals(JSON.parse(await status).status, "subscribed");
  socket.close();
  await closed;
});

Deno.test("calls that the exchange would refuse are refused in its words", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  const error = async (options: Parameters<typeof requestToken>[1]) =>
    (await requestToken(sandbox.restUrl, options)).error[0];
  assertEquals(await error({ nonce: "5" }), undefined);
  assertEquals(await error({ nonce: "5" }), "EAPI:Invalid nonce");
  assertEquals(await error({ nonce: "4" }), "EAPI:Invalid nonce");
  assertEquals(await error({ nonce: "1763800000000000001", json: true }), undefined);
  assertEquals(await error({ nonce: "1763800000000000001", json: true }), "EAPI:Invalid nonce");
  assertEquals(await error({ nonce: "6", key: "nobody" }), "EAPI:Invalid key");
  assertEquals(await error({ nonce: "6", secret: "d3Jvbmc=" }), "EAPI:Invalid signature");
  assertEquals(await error({ nonce: "6", key: "sandbox-readonly" }), "EGeneral:Permission denied");
  assertEquals(await error({ nonce: "6", key: "sandbox-second" }), undefined);
});

Deno.test("AssetPairs, SystemStatus and Time answer like the exchange", async () => {
  await using sandbox = await startSandbox({ clock: "manual" });
  const get = async (path: string) => await (await fetch(sandbox.restUrl + path)).json();
  const { result } = await get("/0/public/AssetPairs");
  assert(Object.keys(result).length >= 12);
  const { wsname, altname, tick_size, pair_decimals, ordermin, base, quote } = result["XXBTZUSD"];
  assertEquals([wsname, altname, tick_size, pair_decimals, ordermin, base, quote], [
    "XBT/USD",
    "XBTUSD",
    "0.1",
    1,
    "0.00005",
    "XXBT",
    "ZUSD",
  ]);
  assertEquals(Object.keys((await get("/0/public/AssetPairs?pair=XBTEUR,XDG/USD")).result), ["XXBTZEUR", "XDGUSD"]);
  assertEquals(await get("/0/public/AssetPairs?pair=NONE"), { error: ["EQuery:Unknown asset pair"] });
  assertEquals(await get("/0/public/SystemStatus"), {
    error: [],
    result: { status: "online", timestamp: "2026-01-05T09:30:00Z" },
  });
  assertEquals((await get("/0/public/Time")).result.unixtime, Date.UTC(2026, 0, 5, 9, 30) / 1000);
  assertEquals(await get("/0/public/Nothing"), { error: ["EGeneral:Unknown method"] });
});
