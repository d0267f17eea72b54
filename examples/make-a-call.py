# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import GLib, PinkTrace

def on_write(tracer, call):
    def injected(tracee, result):
        try:
            done = tracee.inject_syscall_finish(result)
            print(done.to_string(), done.read_bytes(0, 390).get_data().split(b"\0")[0].decode())
        finally:
            call.release()
    args = GLib.Variant("(ay)", [bytes(390)])     # integers, "s" for a string, "ay" for a buffer
    call.props.tracee.inject_syscall_async("uname", args, None, injected)
    call.hold()                                   # last: from here only this tracee waits

tracer = PinkTrace.Tracer()
tracer.connect("syscall-enter::write", on_write)
tracer.spawn(sys.argv[1:])
tracer.run()
