#!/usr/bin/env python3
"""Prints a pair's best ask some times, and leaves: krakenws as a child, one JSON object a line in and out.

    best_ask.py PAIR COUNT [options of krakenws, such as --sandbox]

KRAKENWS is how krakenws is started, if not by that name. Nothing beyond the standard library is needed.
"""

import json
import os
import shlex
import subprocess
import sys


class Krakenws:
    """A session whose sockets stay open. Iterating over it gives the records as they come."""

    def __init__(self, *options):
        command = shlex.split(os.environ.get("KRAKENWS", "krakenws"))
        self._process = subprocess.Popen(
            [*command, "shell", "--input", "ndjson", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            bufsize=1,
        )

    def send(self, name, command, *words):
        """Starts a command. Its records carry the name as `cause`; the one on channel `result` ends it."""
        request = {"id": name, "cmd": command, "args": words}
        print(json.dumps(request), file=self._process.stdin)

    def __iter__(self):
        return map(json.loads, self._process.stdout)

    def wait(self):
        """The exit code of the session, once it has ended."""
        self._process.stdin.close()
        return self._process.wait()


def main(pair, count, *options):
    remaining = int(count)
    krakenws = Krakenws(*options)
    krakenws.send("feed", "subscribe", "ticker", pair)
    for record in krakenws:
        if record["channel"] == "ticker" and remaining > 0:
            # The price is text, with the exchange's digits: decimal.Decimal reads it without loss.
            print(record["data"]["ask"]["price"], flush=True)
            remaining -= 1
            if remaining == 0:
                krakenws.send("farewell", "unsubscribe", "all")
        elif record["channel"] == "result" and record["type"] == "error":
            print(f"krakenws: {record['message']}", file=sys.stderr)
            krakenws.wait()
            return record["exit"]
        elif record["channel"] == "result" and record["cause"] == "farewell":
            krakenws.send("quit", "exit")
    return krakenws.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
