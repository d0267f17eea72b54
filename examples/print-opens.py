# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import PinkTrace

tracer = PinkTrace.Tracer()
tracer.connect("syscall-exit::openat", lambda tracer, call: print(call.props.tracee.props.pid, call.to_string()))
tracer.spawn(sys.argv[1:])
tracer.run()                      # or any GLib.MainLoop; this one ends with the last tracee, or Ctrl-C
