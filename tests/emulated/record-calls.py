#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make fixtures of the calls that were recorded: record-calls.py REPORT…

A report is the output of one machine, as "./dev emulate" keeps it. The calls of each of
its ABIs become a file of tests/decode/stops/, in place of the one that was there.
"""

import os
import sys

import stops

FOLDER = os.path.join(stops.HERE, "..", "decode", "stops")
LICENSE = "# SPDX-License-Identifier: LGPL-2.1-or-later\n"


def lines(recording):
    yield from recording.head
    theirs = recording.said["v"] if recording.is_whole else [None] * len(recording.stops)
    for stop, line, strace in zip(recording.stops, recording.said["full"], theirs):
        yield ""
        yield from stop
        if strace is not None and stops.masked(strace) != stops.masked(line):
            yield "strace " + strace


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8", errors="replace") as report:
            found = stops.recordings(report.read())
        for recording in found:
            with open(os.path.join(FOLDER, recording.abi + ".txt"), "w", encoding="utf-8") as out:
                out.write(LICENSE + "".join(line + "\n" for line in lines(recording)))


if __name__ == "__main__":
    main()
