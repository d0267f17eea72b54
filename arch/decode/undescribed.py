#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which arguments are shown as bare numbers: pointers, flags and requests that
calls.txt does not describe. A line a call: its name, and those arguments."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
BARE = ("pointer", "hex", "hex32")


def described():
    """{call: {argument}}"""
    found = {}
    with open(os.path.join(HERE, "calls.txt"), encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            for name in words[0].split(",") if words else ():
                found.setdefault(name, set()).update(word.split("=")[0] for word in words[1:] if "=" in word)
    return found


def undescribed():
    """{call: [argument]}"""
    known = described()
    found = {}
    with open(os.path.join(HERE, "..", "syscalls.txt"), encoding="utf-8") as file:
        for line in file:
            fields = [field.strip() for field in line.split("|")]
            if line.startswith("#") or len(fields) != 5:
                continue
            for kind, argument in re.findall(r"(?<!\S)(\w+)(?:\(\w+\))?:(\w+)", fields[3]):
                if kind in BARE and argument not in known.get(fields[0], ()):
                    found.setdefault(fields[0], [])
                    if argument not in found[fields[0]]:
                        found[fields[0]].append(argument)
    return found


if __name__ == "__main__":
    for call, arguments in sorted(undescribed().items()):
        print(call, *arguments)
