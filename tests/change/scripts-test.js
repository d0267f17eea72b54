// SPDX-License-Identifier: LGPL-2.1-or-later
// Denying and changing calls, as JavaScript sees it.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PinkTrace from 'gi://PinkTrace?version=1.0';

import {test, guarded, assert, assertEqual, assertThrows, run} from '../bindings/tap.js';

const BOUND = 20;                               // seconds that a trace may take
const {TracerError, Verdict} = PinkTrace;
const folder = GLib.dir_make_tmp('pinktrace-change-XXXXXX');
const file = GLib.build_filenamev([folder, 'file']);
GLib.file_set_contents(file, 'hello\n');

Gio._promisify(PinkTrace.Tracer.prototype, 'run_async');
Gio._promisify(PinkTrace.Tracee.prototype, 'inject_syscall_async');

async function trace(tracer, ...argv) {
    const tracee = tracer.spawn(argv);
    let late = false;
    const source = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, BOUND, () => {
        late = true;
        tracer.quit();
        return GLib.SOURCE_CONTINUE;
    });
    await tracer.run_async(null);
    GLib.source_remove(source);
    assert(!late, 'the trace did not end');
    return tracee;
}

// Whether cat may open the file, when this handler is asked; it may throw.
async function mayOpen(handler, verdict = Verdict.ALLOW) {
    const tracer = new PinkTrace.Tracer({default_verdict: verdict, default_error: 'EROFS'});
    let error = null;
    tracer.connect('syscall-enter::openat', (_tracer, call) => {
        if (call.read_path(1) === file)
            handler(call);
        else
            call.allow();
    });
    tracer.connect('syscall-exit::openat', guarded((_tracer, call) => {
        if (call.read_path(1) === file)
            error = call.error_name ?? 'none';
    }));
    await trace(tracer, '/bin/sh', '-c', `: < ${file}`);
    return error;
}


test('deny by name', async () => {
    assertEqual(await mayOpen(call => call.deny('EACCES')), 'EACCES');
});

test('deny by number', async () => {
    assertEqual(await mayOpen(call => call.deny(28)), 'ENOSPC');
});

test('deny with a misspelt name denies and throws', async () => {
    const answer = await mayOpen(guarded(call => {
        const error = assertThrows(() => call.deny('EACESS'), TracerError, TracerError.INVALID_ARGUMENT);
        assert(error.message.includes('EACESS'), error.message);
    }));
    assertEqual(answer, 'EPERM');
});

test('deny with a number that is no errno says that number', async () => {
    const answer = await mayOpen(guarded(call => {
        const error = assertThrows(() => call.deny(5000), TracerError, TracerError.INVALID_ARGUMENT);
        assert(error.message.includes('5000 is no errno'), error.message);
    }));
    assertEqual(answer, 'EPERM');
});

test('a handler that throws before it decides', async () => {
    const broken = () => {
        throw new Error('a mistake (expected here)');
    };
    assertEqual(await mayOpen(broken, Verdict.DENY), 'EROFS');
    assertEqual(await mayOpen(broken, Verdict.ALLOW), 'none');
});

test('a handler that throws after it has decided', async () => {
    const broken = call => {
        call.deny('EIO');
        throw new Error('a mistake (expected here)');
    };
    assertEqual(await mayOpen(broken, Verdict.ALLOW), 'EIO');
});

test('deciding after an await is an error', async () => {
    let tell;
    const told = new Promise(resolve => {
        tell = resolve;
    });
    assertEqual(await mayOpen(async call => {
        await null;
        await new Promise(resolve => GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        }));
        try {
            call.deny('EACCES');
            tell(0);
        } catch (error) {
            tell(error.code);
        }
    }), 'none');
    assertEqual(await told, TracerError.WRONG_STATE);
});

test('held until a promise is kept', async () => {
    let ticks = 0;
    assertEqual(await mayOpen(async call => {
        call.hold();
        await new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, 2, () => {
            if (++ticks < 10)
                return GLib.SOURCE_CONTINUE;
            resolve();
            return GLib.SOURCE_REMOVE;
        }));
        call.deny('ENOSPC');
        call.release();
    }), 'ENOSPC');
    assertEqual(ticks, 10);
});

test('another port', async () => {
    const service = new Gio.SocketService();
    const port = service.add_any_inet_port(null);
    service.connect('incoming', (_service, connection) => {
        connection.get_output_stream().write_all('welcome', null);
        connection.close(null);
        return true;
    });
    service.start();
    const tracer = new PinkTrace.Tracer();
    tracer.connect('syscall-enter::connect', guarded((_tracer, call) => {
        const address = call.read_socket_address();
        if (!(address instanceof Gio.InetSocketAddress) || address.get_port() !== 80)
            return;
        const bytes = call.read_bytes(1, call.get_argument(2)).toArray();
        [bytes[2], bytes[3]] = [port >> 8, port & 255];
        call.set_argument_bytes(1, new GLib.Bytes(bytes));
    }));
    const tracee = await trace(tracer, '/usr/bin/python3', '-S', '-c',
        "import socket, sys; sys.exit(socket.create_connection(('127.0.0.1', 80)).recv(100) != b'welcome')");
    assertEqual(tracee.exit_code, 0);
    service.stop();
});

test('a longer string, and another call', async () => {
    const tracer = new PinkTrace.Tracer();
    const trash = GLib.build_filenamev([folder, 'a-trash-folder-with-quite-a-long-name']);
    const path = GLib.build_filenamev([folder, 'precious']);
    GLib.mkdir_with_parents(trash, 0o700);
    GLib.file_set_contents(path, 'data');
    tracer.connect('syscall-enter::unlinkat', guarded((_tracer, call) => {
        call.set_name('renameat');
        call.set_argument_signed(2, -100);
        call.set_argument_string(3, GLib.build_filenamev([trash, 'precious']));
    }));
    assertEqual((await trace(tracer, '/bin/rm', path)).exit_code, 0);
    assert(!GLib.file_test(path, GLib.FileTest.EXISTS));
    const kept = Gio.File.new_for_path(GLib.build_filenamev([trash, 'precious']));
    assertEqual(new TextDecoder().decode(kept.load_contents(null)[1]), 'data');
    kept.delete(null);
    GLib.rmdir(trash);
});

test('which files are open, asked from inside', async () => {
    const tracer = new PinkTrace.Tracer();
    const links = [];
    tracer.connect('syscall-enter::exit_group', guarded(async (_tracer, call) => {
        call.hold();
        for (let fd = 0; fd < 10; fd++) {
            const args = new GLib.Variant('(sayt)', [`/proc/self/fd/${fd}`, new Uint8Array(4096), 4096]);
            const done = await call.tracee.inject_syscall_async('readlink', args, null);
            if (done.return_value > 0)
                links.push(new TextDecoder().decode(done.read_bytes(1, done.return_value).toArray()));
        }
        call.release();
    }));
    await trace(tracer, '/bin/sh', '-c', `exec 7< ${file}`);
    assert(links.includes(file), links.join());
});

test('64 bits', async () => {
    const tracer = new PinkTrace.Tracer();
    const seen = [];
    tracer.connect('syscall-enter::lseek', guarded((_tracer, call) => {
        call.set_argument(1, 0x123456789abcdef0n);
        seen.push(call.get_argument_hex(1));
        call.set_argument_hex(1, 'fedcba9876543210');
        seen.push(call.get_argument_hex(1));
        call.set_argument_signed(1, -2);
        seen.push(call.get_argument_signed(1));
        call.set_return_value(0x7edcba9876543210n);
    }));
    await trace(tracer, '/usr/bin/python3', '-S', '-c', 'import os; os.lseek(0, 0, 0)');
    assertEqual(seen.slice(-3), ['0x123456789abcdef0', '0xfedcba9876543210', -2]);
});

await run();
Gio.File.new_for_path(file).delete(null);
GLib.rmdir(folder);
