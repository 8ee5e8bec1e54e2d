#!/usr/bin/env python3
"""Keeps every record that it reads in an SQLite database, whole, with the columns that one looks for first.

    krakenws trade XBT/USD | to_sqlite.py market.db

Whatever has arrived is committed at once, so that a reader of the database never waits. Nothing beyond the standard
library is needed.
"""

import json
import sqlite3
import sys

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (time TEXT, channel TEXT, type TEXT, pair TEXT, record TEXT);
CREATE INDEX IF NOT EXISTS records_by_pair ON records (channel, pair, time);
"""


def row(line):
    record = json.loads(line)
    return record["time"], record["channel"], record["type"], record.get("pair"), line.rstrip("\n")


def main(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(SCHEMA)
    # Readers go on while this writes.
    database.execute("PRAGMA journal_mode = WAL")
    for line in sys.stdin:
        database.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?)", row(line))
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
