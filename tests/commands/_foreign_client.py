"""A WebSocket client of nobody's library: RFC 6455 by hand, on Python's standard library alone.

Usage: _foreign_client.py PORT. Prints each text frame on a line of its own, and ends when the book has moved.
"""

import base64
import hashlib
import os
import socket
import struct
import sys

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10


def main() -> None:
    port = int(sys.argv[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        stream = connection.makefile("rb")
        shake_hands(connection, stream, port)
        assert b"systemStatus" in show(read_frame(stream, TEXT))

        send(connection, PING, b"are you there")
        assert read_frame(stream, PONG) == b"are you there"

        send(connection, TEXT, b'{"event":"ping","reqid":42}')
        assert show(read_frame(stream, TEXT)) == b'{"event":"pong","reqid":42}'

        # One request in three fragments, as the standard allows.
        request = b'{"event":"subscribe","reqid":7,"pair":["XBT/USD"],"subscription":{"name":"book","depth":10}}'
        send(connection, TEXT, request[:20], final=False)
        send(connection, CONTINUATION, request[20:60], final=False)
        send(connection, CONTINUATION, request[60:])
        while b'"c":"' not in show(read_frame(stream, TEXT)):
            pass

        send(connection, CLOSE, struct.pack("!H", 1000))
        code = read_frame(stream, CLOSE)
        assert struct.unpack("!H", code[:2])[0] == 1000, code


def shake_hands(connection, stream, port) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET / HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    status = stream.readline()
    assert b" 101 " in status, status
    headers = {}
    for line in iter(stream.readline, b"\r\n"):
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    expected = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
    assert headers["sec-websocket-accept"] == expected, headers
    assert "sec-websocket-extensions" not in headers, headers


def send(connection, opcode: int, payload: bytes, final: bool = True) -> None:
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0x80 | 126, len(payload))
    connection.sendall(bytes([(0x80 if final else 0) | opcode]) + length + mask + masked)


def read_frame(stream, wanted: int) -> bytes:
    while True:
        first, second = stream.read(2)
        assert first & 0x70 == 0, "reserved bits are set"
        assert second & 0x80 == 0, "a server must not mask"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", stream.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", stream.read(8))
        payload = stream.read(length)
        if first & 0x0F == wanted:
            return payload


def show(frame: bytes) -> bytes:
    print(frame.decode("utf-8"), flush=True)
    return frame


main()
