// SPDX-License-Identifier: LGPL-2.1-or-later
import PinkTrace from 'gi://PinkTrace?version=1.0';

const tracer = new PinkTrace.Tracer();
tracer.connect('syscall-exit::openat', (_tracer, call) => print(call.tracee.pid, call.to_string()));
tracer.spawn(ARGV);
tracer.run();                     // or any GLib.MainLoop; this one ends with the last tracee, or Ctrl-C
