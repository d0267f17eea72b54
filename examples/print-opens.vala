// SPDX-License-Identifier: LGPL-2.1-or-later
int main (string[] args) {
    var tracer = new PinkTrace.Tracer ();
    tracer.syscall_exit["openat"].connect ((call) => print ("%d %s\n", call.tracee.pid, call.to_string ()));
    try {
        tracer.spawn (args[1:]);
        tracer.run ();            // or any GLib.MainLoop; this one ends with the last tracee, or Ctrl-C
        return 0;
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
}
