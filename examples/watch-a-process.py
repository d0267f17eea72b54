# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import GLib, PinkTrace

def attached(tracer, result):
    try:
        tracer.attach_finish(result)
    except GLib.Error as e:       # what to do about it stands in the message
        print(e.message, file=sys.stderr)

tracer = PinkTrace.Tracer()
tracer.set_syscalls(["%file", "!stat"])
tracer.connect("syscall-exit", lambda tracer, call: print(call.props.tracee.props.pid, call.to_string()))
tracer.attach_async(int(sys.argv[1]), None, attached)
tracer.run()                      # waits for what is being attached, too; Ctrl-C lets it go
