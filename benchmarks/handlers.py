# SPDX-License-Identifier: LGPL-2.1-or-later
"""handlers.py PROGRAM [ARGUMENT]...: a Python handler on every entry and exit."""
import sys

import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import PinkTrace

seen = 0


def count(_tracer, _call):
    global seen
    seen += 1


tracer = PinkTrace.Tracer()
tracer.connect("syscall-enter", count)
tracer.connect("syscall-exit", count)
tracer.spawn(sys.argv[1:])
tracer.run()
print("stops", seen)
