# SPDX-License-Identifier: LGPL-2.1-or-later
"""What recorder.c says of an emulated machine's calls: our lines, strace's lines, and how
many are the same.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "decode"))
import compare_strace

# Beside those of compare_strace.py: what is another one in two runs on such a machine.
MASKS = (
    (r"/\* NUMBER-[^*]* \*/", "DATE"), (r"\b(ru_[us]time)=\{[^}]*\}", r"\1=TIME"),
    (r"\b(ru_\w+|uptime|stx?_ino|d_ino)=\w+", r"\1=N"),
    (r"c(time)(_nsec=|=\{tv_sec=NUMBER, tv_nsec=)\w+", r"c\1\2N"),
    (r"loads=\[[^]]*\]", "LOADS"), (r"left \{[^}]*\}", "LEFT"),
)


def masked(line):
    for pattern, instead in (*compare_strace.MASKS, *MASKS):
        line = re.sub(pattern, instead, line)
    return line.rstrip()


class Recording:
    """The calls of one ABI."""

    def __init__(self, abi, head):
        self.abi, self.head = abi, [head]
        self.stops = []  # of each call, its lines of a file in tests/decode/stops/
        self.said = {"o": [], "full": [], "s": [], "v": []}

    def add(self, kind, text):
        if kind != ">":
            self.said[kind].append(text)
        elif text.startswith("call "):
            self.stops.append([text])
        elif not self.stops:
            self.head.append(text)
        else:
            self.stops[-1].append(text)
            if text.startswith("line "):
                self.said["full"].append(text[len("line "):])

    def pairs(self):
        """strace's line and ours, usual ones and then those with -v."""
        yield from zip(self.said["s"], self.said["o"])
        yield from zip(self.said["v"], self.said["full"])

    @property
    def is_whole(self):
        return len({len(lines) for lines in self.said.values()}) == 1

    def differing(self):
        return [(theirs, ours) for theirs, ours in self.pairs() if masked(theirs) != masked(ours)]


def recordings(text):
    found = []
    for line in text.splitlines():
        match = re.search(r"#([>osv]) (.*)", line) if line.startswith("#") else None
        if match and match[1] == ">" and match[2].startswith("recorded "):
            found.append(Recording(match[2].split()[1], match[2]))
        elif match and found:
            found[-1].add(match[1], match[2])
    return found
