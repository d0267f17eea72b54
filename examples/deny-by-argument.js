// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import PinkTrace from 'gi://PinkTrace?version=1.0';

const loop = new GLib.MainLoop(null, false);
const tracer = new PinkTrace.Tracer();
tracer.connect('syscall-enter::openat', (_tracer, call) => {
    if (call.read_path(1).startsWith('/etc/'))
        call.deny('EACCES');
});
tracer.connect('finished', () => loop.quit());
tracer.spawn(ARGV);
loop.run();
