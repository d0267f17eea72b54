// SPDX-License-Identifier: LGPL-2.1-or-later
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PinkTrace from 'gi://PinkTrace?version=1.0';

const tracer = new PinkTrace.Tracer();

Gio._promisify(PinkTrace.Tracer.prototype, 'run_async');
Gio._promisify(PinkTrace.Tracee.prototype, 'inject_syscall_async');

tracer.connect('syscall-enter::write', async (_tracer, call) => {
    call.hold();
    try {
        const args = new GLib.Variant('(ay)', [new Uint8Array(390)]);    // integers, 's' for a string, 'ay' for a buffer
        const done = await call.tracee.inject_syscall_async('uname', args, null);
        print(done.to_string(), done.read_bytes(0, 390).toArray());
    } finally {
        call.release();
    }
});
tracer.spawn(ARGV);
await tracer.run_async(null);
