# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import PinkTrace

def on_openat(tracer, call):
    if call.read_path(1).startswith("/etc/"):
        call.deny("EACCES")

tracer = PinkTrace.Tracer()
tracer.connect("syscall-enter::openat", on_openat)
tracer.spawn(sys.argv[1:])
tracer.run()
