// SPDX-License-Identifier: LGPL-2.1-or-later
// A program's calls out of a log, as JavaScript sees it.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import PinkTrace from 'gi://PinkTrace?version=1.0';

import {test, assert, assertEqual, assertThrows, run} from '../bindings/tap.js';

const BOUND = 20;                               // seconds that a trace may take

Gio._promisify(PinkTrace.Tracer.prototype, 'run_async');

async function record(properties, ...argv) {
    const tracer = new PinkTrace.Tracer();
    const log = new PinkTrace.SyscallLog(properties);
    tracer.add_log(log);
    tracer.spawn(argv);
    let late = false;
    const source = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, BOUND, () => {
        late = true;
        tracer.quit();
        return GLib.SOURCE_CONTINUE;
    });
    await tracer.run_async(null);
    GLib.source_remove(source);
    assert(!late, 'the trace did not end');
    return log;
}

function rows(log) {
    return [...Array(log.get_n_items()).keys()].map(i => log.get_item(i));
}

test('a log is a list of calls', async () => {
    const log = await record({}, '/bin/cat', '/dev/null');
    const calls = rows(log);
    assertEqual(calls[0].name, 'execve');
    assertEqual(calls[calls.length - 1].name, 'exit_group');
    assert(calls.some(call => call.name === 'openat' && call.read_string(1) === '/dev/null'));
    assert(calls.some(call => call.to_string() === 'openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3'));
    assertEqual(log.n_items, calls.length);
    assertEqual(log.n_dropped, 0);
});

test('a log keeps its bounds', async () => {
    const log = await record({max_rows: 5, drop_newest: true}, '/bin/cat', '/dev/null');
    assertEqual(log.get_n_items(), 5);
    assert(log.n_dropped > 5);
    assertEqual(log.get_item(0).name, 'execve');
});

test('rows are the same objects and can only be read', async () => {
    const log = await record({}, '/bin/true');
    const row = log.get_item(2);
    row.mark = 'mine';
    assertEqual(log.get_item(2).mark, 'mine');
    assertThrows(() => row.deny('EPERM'), PinkTrace.TracerError, PinkTrace.TracerError.WRONG_STATE);
});

test('rows outlive the log, and the log its tracer', async () => {
    let log = await record({}, '/bin/true');
    System.gc();
    const row = log.get_item(0);
    log = null;
    System.gc();
    assert(row.to_string().startsWith('execve("/bin/true", ["/bin/true"]'));
});

await run();
