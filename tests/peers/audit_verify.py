#!/usr/bin/env python3
"""Verifies an export of the audit trail by itself, offline: it knows the trail's format and nothing of the bot's code.

Usage: audit_verify.py EXPORT [HEAD...]: the JSON Lines or CSV of `seqn-chatops audit export`, and published heads: lines
`[TIME] ROW HASH`, or files of such lines. Exit codes: 0 it holds, 1 it does not, 2 wrong usage.
"""
import csv
import hashlib
import json
import os
import re
import sys
from datetime import datetime, timezone

HEAD = re.compile(r"\b(\d+)\b[^0-9a-fA-F]+([0-9a-fA-F]{64})\b")


def bad(seq, why):
    sys.exit(f"The trail does not hold. First bad row: {seq}: {why}.")


def rows_of(path):
    """What the first line of JSON Lines says, if it is JSON Lines; and the rows."""
    with open(path, encoding="utf-8", newline="") as file:
        if file.read(1) != "{":
            file.seek(0)
            rows = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]
            return {}, [row | {"asked": row["asked"] == "yes"} for row in rows]
        file.seek(0)
        first, *rows = (json.loads(line) for line in file)
        return first, rows


def heads_of(words):
    heads = {}
    for word in words:
        lines = open(word, encoding="utf-8") if os.path.exists(word) else [word]
        found = [match.groups() for match in map(HEAD.search, lines) if match]
        if not found:
            sys.exit(print(f"{word} names no head (TIME ROW HASH)", file=sys.stderr) or 2)
        for seq, digest in found:
            heads.setdefault(int(seq), set()).add(digest.lower())
    return heads


def hash_of(row):
    maybe = lambda text: b"\0" if text is None else b"\1" + text.encode()
    number = lambda name: int(row[name]).to_bytes(8, "big", signed=True)
    parts = [b"seqn-chatops audit row 1", number("seq"), number("at"), maybe(row["staff"]), row["action"].encode()]
    parts += [maybe(row["request"]), row["outcome"].encode(), *map(bytes.fromhex, (row["commitment"], row["prev_hash"]))]
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def details_hold(seq, row, erasures):
    details, salt, by, at = (row.get(name) for name in ("details", "salt", "erased_by", "erased_at"))
    if details is not None and salt is not None:
        if hashlib.sha256(bytes.fromhex(salt) + details.encode()).hexdigest() != row["commitment"]:
            bad(seq, "its details are not what was recorded")
    elif details is not None or salt is not None or by is None or at is None:
        bad(seq, "its details are missing, and nobody is named who erased them")
    else:
        erasures[by, int(at)] = erasures.get((by, int(at)), 0) + 1


def main():
    if len(sys.argv) < 2:
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    (first, rows), heads = rows_of(sys.argv[1]), heads_of(sys.argv[2:])
    said, part = first.get("head"), first.get("rows_only", False)
    seq, digest, erasures = 0, "0" * 64, {}
    for row in rows:
        whole = int(row["seq"]) == seq + 1
        if not whole and not (part and int(row["seq"]) > seq):
            bad(seq + 1, "the row is missing")
        seq = int(row["seq"])
        if whole and row["prev_hash"] != digest:
            bad(seq, "it does not follow the row before it: one of them was replaced")
        digest = hash_of(row)
        if digest != row["hash"] or round(datetime.fromisoformat(row["time"]).timestamp() * 1000) != int(row["at"]):
            bad(seq, "its content is not what was recorded")
        if row["asked"]:
            details_hold(seq, row, erasures)
        if heads.pop(seq, {digest}) != {digest}:
            bad(seq, "it is not the row whose hash was published: it or one before it was rewritten")
    if not part and said and (said["seq"], said["hash"]) != (seq, digest):
        bad(seq + 1, f"the row is missing: there were {said['seq']} when this was exported")
    heads.pop(0, None)
    if heads and not part:
        bad(seq + 1, f"the head is not in the trail: row {min(heads)} was published, and the trail ends at row {seq}")
    print(f"rows: {len(rows)}\nhead: {digest}")
    for (by, at), count in sorted(erasures.items(), key=lambda one: one[0][1]):
        print(f"{count} row(s) erased by {by}, {datetime.fromtimestamp(at / 1000, timezone.utc):%Y-%m-%d %H:%M} UTC")
    print("Each row holds; rows were left out, so that no head proves them." if part else "It holds.")


if __name__ == "__main__":
    main()
