#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make an initramfs: initramfs.py OUT [PATH=FILE | PATH->TARGET]…

Folders on the way are made; /dev/console is always there, which a program needs to
be heard. Nothing of this needs a privilege or a tool.
"""

import os
import stat
import sys


def entry(number, name, mode, data=b"", device=(0, 0)):
    name = name.encode() + b"\0"
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1], len(name), 0]
    out = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    out += b"\0" * (-len(out) % 4)
    return out + data + b"\0" * (-len(data) % 4)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)

    nodes = {"dev": (stat.S_IFDIR | 0o755, b""), "proc": (stat.S_IFDIR | 0o755, b""),
             "tmp": (stat.S_IFDIR | 0o1777, b"")}
    for word in sys.argv[2:]:
        if "->" in word:
            path, target = word.split("->", 1)
            node = (stat.S_IFLNK | 0o777, target.encode())
        else:
            path, source = word.split("=", 1)
            with open(source, "rb") as data:
                node = (stat.S_IFREG | 0o755, data.read())
        path = path.strip("/")
        parts = path.split("/")
        for depth in range(1, len(parts)):
            nodes.setdefault("/".join(parts[:depth]), (stat.S_IFDIR | 0o755, b""))
        nodes[path] = node

    temporary = sys.argv[1] + ".new"
    with open(temporary, "wb") as out:
        number = 1
        for path in sorted(nodes):
            out.write(entry(number, path, *nodes[path]))
            number += 1
        out.write(entry(number, "dev/console", stat.S_IFCHR | 0o600, device=(5, 1)))
        out.write(entry(0, "TRAILER!!!", 0))
    os.replace(temporary, sys.argv[1])


if __name__ == "__main__":
    main()
