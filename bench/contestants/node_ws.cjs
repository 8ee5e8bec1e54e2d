/** The usual loop of a Node program with the `ws` package. Usage: `node node_ws.cjs URL REQUEST` */

const { WebSocket } = require("ws");
const process = require("node:process");

const [url, request] = process.argv.slice(2);
const socket = new WebSocket(url);
socket.on("open", () => socket.send(request));
socket.on("message", (data) => process.stdout.write(`${data}\n`));
