/** What `krakenws ping` does, with nothing around it: connect, ask, print the answer, leave. @module */

const socket = new WebSocket(Deno.args[0] ?? "");
socket.onopen = () => socket.send('{"event":"ping","reqid":1}');
socket.onmessage = ({ data }) => {
  if (!data.includes("pong")) return;
  Deno.stdout.writeSync(new TextEncoder().encode(`${data}\n`));
  Deno.exit(0);
};
