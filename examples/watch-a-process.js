// SPDX-License-Identifier: LGPL-2.1-or-later
import PinkTrace from 'gi://PinkTrace?version=1.0';

const tracer = new PinkTrace.Tracer();
tracer.set_syscalls(['%file', '!stat']);
tracer.connect('syscall-exit', (_tracer, call) => print(call.tracee.pid, call.to_string()));
tracer.attach_async(Number(ARGV[0]), null, (_tracer, result) => {
    try {
        tracer.attach_finish(result);
    } catch (e) {                 // what to do about it stands in the message
        printerr(e.message);
    }
});
tracer.run();                     // waits for what is being attached, too; Ctrl-C lets it go
