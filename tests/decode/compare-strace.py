#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many of pinktrace's lines are strace's.

compare-strace.py [--pinktrace FILE] [--options OPTIONS] COMMAND [ARGUMENT…]

Both trace the command with the same options (-ff by default: a file for
each process, so that their order is no difference). Addresses, process ids,
times and other long numbers, which differ between two runs of strace too, are masked.
"""
import argparse
import difflib
import os
import re
import subprocess
import tempfile

MASKS = (
    (r"^\d+ +", ""), (r"0x[0-9a-f]{5,}", "ADDRESS"), (r"\\x[0-9a-f]{2}", "BYTE"),
    (r"(BYTE)+", "BYTES"), (r"\b\d{3,}\b", "NUMBER"), (r"\d+\.\d+", "TIME"), (r" += ", " = "),
    (r"((?:free|shared|buffer)ram|procs|si_[us]time)=\w+", r"\1=N"),
    (r"nl_pad=0x\w+, ", ""), (r" <unfinished \.\.\.>\)?", ""), (r"<\.\.\. (\w+) resumed>", r"\1 resumed "),
)


def lines(tool, options, command):
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "trace")
        subprocess.run([tool, "-o", name, *options, *command], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=120)
        found = []
        for one in sorted(os.listdir(folder), key=lambda one: (len(one), one)):
            with open(os.path.join(folder, one), encoding="utf-8", errors="replace") as text:
                found += text.read().splitlines()
    for pattern, instead in MASKS:
        found = [re.sub(pattern, instead, line) for line in found]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pinktrace", default="build/tools/pinktrace")
    parser.add_argument("--options", default="-ff")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    theirs = lines("strace", given.options.split(), given.command)
    ours = lines(given.pinktrace, given.options.split(), given.command)
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    equal = sum(block.size for block in matcher.get_matching_blocks())
    for line in difflib.unified_diff(theirs, ours, "strace", "pinktrace", lineterm="", n=0):
        print(line)
    print("%d of %d lines equal: %.1f%%" % (equal, max(len(theirs), 1), 100 * equal / max(len(theirs), 1)))


if __name__ == "__main__":
    main()
