#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many of pinktrace's lines are strace's.

compare_strace.py [--pinktrace FILE] [--options OPTIONS] COMMAND [ARGUMENT…]

Both trace the command with the same options (-ff by default: a file for
each process, so that their order is no difference). Addresses, process ids,
times and other long numbers, which differ between two runs of strace too, are masked;
strace runs twice, and lines that are not the same in both runs do not count.
"""
import argparse
import difflib
import os
import re
import subprocess
import tempfile

# The first is what a comment says of a number; the last two hide only that a call was
# interrupted by another process's line.
MASKS = (
    (r" /\* (?:\d+\.\d+ s|[\d-]+T[\d:.+-]+) \*/", ""),
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


def common(one, other):
    """The lines of ONE that are in OTHER too, in the same order: their indices."""
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return {block.a + i for block in blocks for i in range(block.size)}


def compare(pinktrace, options, command):
    """→ how many lines are equal, of how many, and the others as a list of text."""
    theirs, again, ours = (lines(tool, options, command) for tool in ("strace", "strace", pinktrace))
    steady = common(theirs, again)
    equal = steady & common(theirs, ours)
    differing = list(difflib.unified_diff(theirs, ours, "strace", "pinktrace", lineterm="", n=0))
    return len(equal), len(steady), differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pinktrace", default="build/tools/pinktrace")
    parser.add_argument("--options", default="-ff")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    equal, total, differing = compare(given.pinktrace, given.options.split(), given.command)
    print("\n".join(differing))
    print("%d of %d lines equal: %.1f%%" % (equal, total, 100 * equal / max(total, 1)))


if __name__ == "__main__":
    main()
