// SPDX-License-Identifier: LGPL-2.1-or-later
int main (string[] args) {
    var tracer = new PinkTrace.Tracer ();
    tracer.syscall_exit.connect ((call) => print ("%d %s\n", call.tracee.pid, call.to_string ()));
    try {
        tracer.set_syscalls ({ "%file", "!stat" });
        tracer.attach_async.begin (int.parse (args[1]), null, (_, result) => {
            try {
                tracer.attach_async.end (result);
            } catch (Error e) {   // what to do about it stands in the message
                printerr ("%s\n", e.message);
            }
        });
        tracer.run ();            // waits for what is being attached, too; Ctrl-C lets it go
        return 0;
    } catch (Error e) {
        printerr ("%s\n", e.message);
        return 1;
    }
}
