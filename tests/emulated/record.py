#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make fixtures of what the small tracer said: record.py REPORT… >>tests/arch/fixtures.txt

A report is the output of one machine, as "./dev emulate" keeps it. Its register
sets become fixtures of tests/arch/registers-test.c, in the form that is told at the
top of fixtures.txt. A report named ROW:CPU has the processor in its name.
"""

import os
import sys


def fixtures(path):
    host = kernel = ""
    abis = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line[max(line.find("# host "), 0):]  # a console clears its first line
            words = line.split()
            if line.startswith("# host "):
                host, kernel = words[2].rstrip(","), words[4]
            elif len(words) > 4 and words[0] == "#" and words[1] in ("entry", "exit", "regs", "memory"):
                abis.setdefault(words[2], []).append((words[1], words[3], words[4:]))
    cpu = os.path.basename(path).partition(":")[2]
    for abi, found in abis.items():
        yield "fixture %s %s recorded on Linux %s%s" % (abi, host, kernel, cpu and ", " + cpu)
        memory = {int(words[0]): words[1:] for kind, which, words in found
                  if kind == "memory" and which == "error"}
        for kind, which, words in found:
            if kind == "entry" and which == "error":
                for number, (_, value) in memory.items():
                    words[1 + number] = value
                yield "entry " + " ".join(words)
                for address, value in memory.values():
                    yield "memory %s %s" % (address, value)
            elif kind == "regs" and (which == "error" or words[0] == "exit"):
                yield "%s-regs %s" % (which if words[0] == "exit" else "entry", words[1])
            elif kind == "exit":
                yield "%s %s" % (which, " ".join(words))
        yield ""


def main():
    for path in sys.argv[1:]:
        for line in fixtures(path):
            print(line)


if __name__ == "__main__":
    main()
