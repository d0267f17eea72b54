// SPDX-License-Identifier: LGPL-2.1-or-later
// The library as JavaScript sees it, by real traces.
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gio from 'gi://Gio';
import PinkTrace from 'gi://PinkTrace?version=1.0';

import {test, guarded, assert, assertEqual, assertMatch, assertThrows, run} from './tap.js';

const BOUND = 20;                               // seconds that a trace may take
const {TracerError, SyscallState, TraceeState} = PinkTrace;

Gio._promisify(PinkTrace.Tracer.prototype, 'run_async');

const folder = GLib.dir_make_tmp('pinktrace-gjs-XXXXXX');

function makeFile(name = 'file', contents = '') {
    const path = GLib.build_filenamev([folder, name]);
    GLib.file_set_contents(path, contents);
    return path;
}

// What take(event, …) makes of each emission.
function collect(tracer, signal, take) {
    const kept = [];
    tracer.connect(signal, guarded((_tracer, ...args) => {
        kept.push(take(...args));
    }));
    return kept;
}

function bounded(begin, stop) {
    let late = false;
    const source = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, BOUND, () => {
        late = true;
        stop();
        return GLib.SOURCE_CONTINUE;
    });
    begin();
    GLib.source_remove(source);
    assert(!late, 'the trace did not end');
}

function trace(tracer, ...argv) {
    const tracee = tracer.spawn(argv);
    bounded(() => tracer.run(), () => tracer.quit());
    return tracee;
}

test('calls by name', () => {
    const tracer = new PinkTrace.Tracer();
    const entered = collect(tracer, 'syscall-enter::openat', call => call.name);
    const left = collect(tracer, 'syscall-exit::openat', call => call.name);
    const tracee = trace(tracer, '/bin/cat', makeFile());
    assert(entered.length >= 2, 'libc and the file');
    assertEqual([...new Set(entered)], ['openat']);
    assertEqual(left, entered);
    assertEqual(tracee.exit_code, 0);
});

test('all calls', () => {
    const tracer = new PinkTrace.Tracer();
    const entered = collect(tracer, 'syscall-enter', call => call.name);
    const left = collect(tracer, 'syscall-exit', call => call.name);
    trace(tracer, '/bin/cat', makeFile());
    assertEqual(entered[0], 'execve');
    assertEqual(entered[entered.length - 1], 'exit_group');
    assertEqual(left, entered.slice(0, -1));
});

test('numbers', () => {
    const tracer = new PinkTrace.Tracer();
    const path = makeFile();
    const before = GLib.get_real_time();
    const calls = collect(tracer, 'syscall-exit::openat',
        call => call.read_string(1) === path ? call : null);
    const tracee = trace(tracer, '/bin/cat', path);
    const after = GLib.get_real_time();
    const call = calls.find(each => each !== null);

    assertEqual(call.abi, PinkTrace.Abi.get_native());
    assertEqual(call.number, PinkTrace.syscall_from_name(call.abi, 'openat'));
    assertEqual(PinkTrace.syscall_name(call.abi, call.number), 'openat');
    assertEqual(call.n_arguments, 4);
    assert(call.tracee === tracee, 'another tracee');
    assertEqual(call.get_argument_signed(0), -100);
    assertEqual(BigInt.asIntN(32, BigInt(call.get_argument_hex(0))), -100n);
    assertEqual(BigInt(call.get_argument_hex(1)), BigInt(call.get_argument(1)));
    assertEqual(call.get_argument_text(0), 'AT_FDCWD');
    assert(call.return_value >= 3, `returned ${call.return_value}`);
    assertEqual([call.error_code, call.error_name], [0, null]);
    assert(before <= call.time && call.time <= after, `made at ${call.time}`);
    assert(call.duration >= 0 && call.duration <= after - before, `took ${call.duration}`);
    assert(call.instruction_pointer > 0 && call.stack_pointer > 0, 'no pointers');
    assertEqual(call.state, SyscallState.FINISHED);
});

test('an error', () => {
    const tracer = new PinkTrace.Tracer();
    const missing = GLib.build_filenamev([folder, 'missing']);
    const errors = collect(tracer, 'syscall-exit::openat', call =>
        [call.read_path(1), call.return_value, call.error_code, call.error_name, call.to_string()]);
    trace(tracer, '/bin/sh', '-c', `{ : < ${missing}; } 2> /dev/null`);
    const [path, value, code, name, text] = errors[errors.length - 1];
    assertEqual([path, value, code, name], [missing, -1, 2, 'ENOENT']);
    assertMatch(text, /^openat\(AT_FDCWD, ".*missing", .*\) = -1 ENOENT \(No such file or directory\)$/);
});

test('text and variant', () => {
    const tracer = new PinkTrace.Tracer();
    const said = collect(tracer, 'syscall-exit::openat', call =>
        [call.to_string(), call.get_call_text(), call.get_result_text(), call.to_variant()]);
    const path = makeFile();
    trace(tracer, '/bin/cat', path);
    const [text, callText, resultText, variant] = said[said.length - 1];
    assert(text.startsWith(`openat(AT_FDCWD, "${path}", `) && text.endsWith(') = 3'), text);
    assert(text.startsWith(callText) && text.endsWith(resultText), `${callText}${resultText}`);
    assertEqual(variant.get_type_string(), 'a{sv}');
    assertEqual(variant.recursiveUnpack().name, 'openat');
});

test('states', () => {
    const tracer = new PinkTrace.Tracer();
    const entered = collect(tracer, 'syscall-enter::openat', call =>
        `${call.state} ${call.tracee.state} ${call.duration} ${call.tracee.command}`);
    const left = collect(tracer, 'syscall-exit::openat', call => call.state);
    const tracee = trace(tracer, '/bin/cat', makeFile());
    assertEqual([...new Set(entered)], [`${SyscallState.ENTRY} ${TraceeState.STOPPED} -1 cat`]);
    assertEqual([...new Set(left)], [SyscallState.EXIT]);
    assertEqual(tracee.state, TraceeState.EXITED);
});

test('what a script sets at the entry is there at the exit', () => {
    const tracer = new PinkTrace.Tracer();
    const marks = [];
    tracer.connect('syscall-enter::openat', guarded((_tracer, call) => {
        call.mark = {count: marks.length};
    }));
    tracer.connect('syscall-exit::openat', guarded((_tracer, call) => marks.push(call.mark.count)));
    trace(tracer, '/bin/cat', makeFile());
    assert(marks.length >= 2, 'too few calls');
    assertEqual(marks, [...marks.keys()]);
});

test('bytes', () => {
    const contents = Uint8Array.from({length: 256}, (_value, index) => index);
    const path = makeFile('bytes', contents);
    const tracer = new PinkTrace.Tracer();
    const got = collect(tracer, 'syscall-exit::read', call =>
        call.return_value === 256 ? call.read_bytes(1, 256).toArray() : null);
    trace(tracer, '/bin/sh', '-c', `exec /bin/cat ${path} > /dev/null`);
    assertEqual([...got.find(each => each !== null)], [...contents]);
});

test('arrays of strings', () => {
    const path = makeFile();
    const tracer = new PinkTrace.Tracer();
    const argvs = collect(tracer, 'syscall-enter::execve', call =>
        [call.read_string(0), call.read_string_array(1)]);
    trace(tracer, '/bin/sh', '-c', `exec /bin/cat ${path}`);
    assertEqual(argvs, [
        ['/bin/sh', ['/bin/sh', '-c', `exec /bin/cat ${path}`]],
        ['/bin/cat', ['/bin/cat', path]],
    ]);
});

test('a relative path, and a launcher', () => {
    makeFile();
    const launcher = new PinkTrace.Launcher();
    const tracer = new PinkTrace.Tracer();
    const seen = collect(tracer, 'syscall-enter::openat', call =>
        [call.read_string(1), call.read_path(1), call.read_file(1).get_path()]);
    launcher.set_working_directory(folder);
    launcher.setenv('LC_ALL', 'C', true);
    launcher.spawn(tracer, ['/bin/cat', './file']);
    bounded(() => tracer.run(), () => tracer.quit());
    assertEqual(seen[seen.length - 1], ['./file', `${folder}/file`, `${folder}/file`]);
});

test('any bytes are text', () => {
    const place = `${folder}/bytes-in-name`;
    const file = Gio.File.new_for_uri(`file://${place}/caf%E9%20%5C%20%C3%A9`);
    GLib.mkdir_with_parents(place, 0o700);
    file.create(Gio.FileCreateFlags.NONE, null).close(null);

    const tracer = new PinkTrace.Tracer();
    const seen = collect(tracer, 'syscall-enter::openat', call =>
        [call.read_string(1), call.read_path(1), call.read_file(1).get_uri()]);
    const argvs = collect(tracer, 'syscall-enter::execve', call => call.read_string_array(1));
    trace(tracer, '/bin/sh', '-c', `exec /bin/cat ${place}/*`);
    const text = `${place}/caf\\xe9 \\\\ é`;
    assertEqual(seen[seen.length - 1], [text, text, file.get_uri()]);
    assertEqual(argvs[argvs.length - 1], ['/bin/cat', text]);
    file.delete(null);
    GLib.rmdir(place);
});

test('unreadable memory', () => {
    const tracer = new PinkTrace.Tracer();
    const errors = [];
    tracer.connect('syscall-enter::close', guarded((_tracer, call) => {
        errors.push(assertThrows(() => call.read_string(0), TracerError, TracerError.UNREADABLE));
        assertThrows(() => call.read_path(9), TracerError, TracerError.INVALID_ARGUMENT);
    }));
    trace(tracer, '/bin/cat', makeFile());
    assert(errors.length > 0, 'no call was seen');
});

test('how tracees end', () => {
    const tracer = new PinkTrace.Tracer();
    const ends = collect(tracer, 'exited', (tracee, status) => [tracee.pid, status]);
    const exited = trace(tracer, '/bin/sh', '-c', 'exit 3');
    const killed = trace(tracer, '/bin/sh', '-c', 'kill -TERM $$');
    assertEqual(ends, [[exited.pid, 3 << 8], [killed.pid, 15]]);
    assertEqual([exited.exit_code, exited.term_signal], [3, 0]);
    assertEqual([killed.exit_code, killed.term_signal], [-1, 15]);
});

test('a GLib.MainLoop', () => {
    const tracer = new PinkTrace.Tracer();
    const loop = new GLib.MainLoop(null, false);
    const entered = collect(tracer, 'syscall-enter::openat', call => call.name);
    const finished = collect(tracer, 'finished', () => {
        loop.quit();
        return true;
    });
    tracer.spawn(['/bin/cat', makeFile()]);
    bounded(() => loop.run(), () => loop.quit());
    assertEqual(finished, [true]);
    assert(entered.length > 0, 'no call was seen');
});

test('a handler that throws', () => {
    const tracer = new PinkTrace.Tracer();
    let calls = 0;
    tracer.connect('syscall-enter::openat', () => {
        if (calls++ === 0)
            throw new Error('on purpose');
    });
    assertEqual(trace(tracer, '/bin/cat', makeFile()).exit_code, 0);
    assert(calls >= 2, 'the tracee did not go on');
});

test('handlers connected and disconnected in the middle', () => {
    const tracer = new PinkTrace.Tracer();
    const [ids, detailed, plain] = [[], [], []];
    let marks = 0;
    tracer.connect('syscall-enter::openat', guarded((_tracer, call) => {
        if (call.read_string(1) !== '/dev/null')
            return;
        marks++;
        if (marks === 3) {
            ids.push(tracer.connect('syscall-enter::chdir', () => detailed.push(marks)));
            ids.push(tracer.connect('syscall-enter', (__tracer, each) => {
                if (each.name === 'chdir')
                    plain.push(marks);
            }));
        } else if (marks === 6) {
            ids.forEach(id => tracer.disconnect(id));
        }
    }));
    trace(tracer, '/bin/sh', '-c', 'cd /; cd /usr; : < /dev/null; '.repeat(8));
    assertEqual(marks, 8);
    assertEqual(detailed, [3, 3, 4, 4, 5, 5]);
    assertEqual(plain, detailed);
});

test('errors by class', () => {
    const tracer = new PinkTrace.Tracer();
    const error = assertThrows(() => tracer.spawn(['/nonexistent/program']),
        Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND);
    assertMatch(error.message, /\/nonexistent\/program/);
    assertThrows(() => tracer.spawn([makeFile()]),
        Gio.IOErrorEnum, Gio.IOErrorEnum.PERMISSION_DENIED);
    assertThrows(() => tracer.spawn([]), TracerError, TracerError.INVALID_ARGUMENT);
    assertThrows(() => PinkTrace.syscall_expand(['opennat']),
        TracerError, TracerError.UNKNOWN_SYSCALL);
});

test('names', () => {
    assert(PinkTrace.syscall_expand(['%file', '!stat']).includes('openat'), 'no openat');
    assertEqual(PinkTrace.errno_name(13), 'EACCES');
    assertEqual(PinkTrace.errno_from_name('EACCES'), 13);
    assertEqual(PinkTrace.signal_name(15), 'SIGTERM');
    assertEqual(PinkTrace.Abi.get_name(PinkTrace.Abi.X86_64), 'x86_64');
});

// Everything on an object that no tracer made returns or throws.
function survives(thing, methods) {
    for (const spec of GObject.Object.list_properties.call(thing.constructor)) {
        if (spec.flags & GObject.ParamFlags.READABLE)
            void thing[spec.name.replaceAll('-', '_')];
    }
    for (const [name, ...args] of methods) {
        try {
            thing[name](...args);
        } catch (error) {
            assert(error instanceof GLib.Error, `${name}: ${error}`);
        }
    }
}

test('empty objects', () => {
    survives(new PinkTrace.Tracee(), [
        'get_pid', 'get_command', 'get_state', 'get_wait_status', 'get_exit_code',
        'get_term_signal', 'get_core_dumped',
    ].map(name => [name]));
    survives(new PinkTrace.SyscallEvent(), [
        ...['get_tracee', 'get_state', 'get_abi', 'get_number', 'get_name', 'get_n_arguments',
            'get_return_value', 'get_error_code', 'get_error_name', 'get_time', 'get_duration',
            'get_cpu_time', 'get_instruction_pointer', 'get_stack_pointer', 'to_string',
            'get_call_text', 'get_result_text', 'to_variant'].map(name => [name]),
        ...['get_argument', 'get_argument_signed', 'get_argument_hex', 'get_argument_text',
            'read_string', 'read_path', 'read_file', 'read_string_array'].map(name => [name, 0]),
        ['read_bytes', 0, 1],
    ]);
    survives(new PinkTrace.Launcher(), [
        ['get_working_directory'], ['set_working_directory', '/'], ['set_environ', []],
        ['setenv', 'V', '1', true], ['unsetenv', 'V'], ['close'],
    ]);
    survives(new PinkTrace.Tracer(), [
        ['get_n_tracees'], ['get_priority'], ['get_string_limit'], ['get_measure_cpu'],
        ['quit'], ['run'],
    ]);
});

// After the first await no loop of one's own goes on: what awaits comes last.
test('run_async with await', async () => {
    const tracer = new PinkTrace.Tracer();
    const entered = collect(tracer, 'syscall-enter::openat', call => call.name);
    const tracee = tracer.spawn(['/bin/cat', makeFile()]);
    assertEqual(await tracer.run_async(null), true);
    assertEqual(tracee.exit_code, 0);
    assert(entered.length > 0, 'no call was seen');
});

test('run_async, cancelled', async () => {
    const tracer = new PinkTrace.Tracer();
    const cancellable = new Gio.Cancellable();
    tracer.spawn(['/bin/sleep', '60']);
    GLib.idle_add(GLib.PRIORITY_DEFAULT_IDLE, () => {
        cancellable.cancel();
        return GLib.SOURCE_REMOVE;
    });
    let error = null;
    try {
        await tracer.run_async(cancellable);
    } catch (caught) {
        error = caught;
    }
    assert(error?.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), `threw ${error}`);
});

test('clean up', () => {
    for (const name of ['file', 'bytes'])
        GLib.unlink(`${folder}/${name}`);
    assertEqual(GLib.rmdir(folder), 0);
});

await run();
