/**
 * As much of RFC 6455 as a server needs that talks to well-behaved clients only.
 *
 * Written by hand so that the server costs next to nothing: what is measured is the client.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc6455
 *
 * @module
 */

import { createHash } from "node:crypto";

/** A text frame from a server, ready for the wire. */
export function textFrame(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  const header = payload.length < 126 ? new Uint8Array(2) : new Uint8Array(payload.length < 0x10000 ? 4 : 10);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x81);
  view.setUint8(1, header.length === 2 ? payload.length : header.length === 4 ? 126 : 127);
  if (header.length === 4) view.setUint16(2, payload.length);
  if (header.length === 10) view.setBigUint64(2, BigInt(payload.length));
  return concat([header, payload]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The answer to a client's request to upgrade. */
export function handshakeAnswer(request: string): Uint8Array {
  const key = /^sec-websocket-key:\s*(\S+)/im.exec(request)?.[1] ?? "";
  const accept = createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64");
  return new TextEncoder().encode(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}

/** The texts in what a client sent at once: its frames are short, masked and never in pieces. */
export function* clientTexts(bytes: Uint8Array): Generator<string> {
  for (let offset = 0; offset + 6 <= bytes.length;) {
    const opcode = bytes[offset]! & 0x0f;
    const short = bytes[offset + 1]! & 0x7f;
    const start = offset + (short === 126 ? 4 : 2);
    const length = short === 126 ? (bytes[offset + 2]! << 8) | bytes[offset + 3]! : short;
    const mask = bytes.subarray(start, start + 4);
    const payload = bytes.slice(start + 4, start + 4 + length).map((byte, index) => byte ^ mask[index % 4]!);
    if (opcode === 1) yield new TextDecoder().decode(payload);
    offset = start + 4 + length;
  }
}
