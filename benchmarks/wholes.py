# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole commands, many tracees, and what the library takes of a program that uses it."""
import os
import shutil
import subprocess
import tempfile
import time

from harness import Failed, Loop, progress, time_limit

N_SOURCES = 50


## A compile job

def write_sources(folder):
    """Of a size that people have in a file, so that the compiler has its share."""
    names = ['unit%02d' % i for i in range(N_SOURCES)]
    for i, name in enumerate(names):
        with open('%s/%s.c' % (folder, name), 'w') as out:
            out.write('#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n')
            for j in range(40):
                out.write('int f%d_%d (int n, char *s) { int i, t = %d; for (i = 0; i < n; i++) '
                          't = t * 31 + s[i %% 7] + snprintf (s, 8, "%%d", t); return t; }\n' % (i, j, j))
    with open(folder + '/Makefile', 'w') as out:
        objects = ' '.join(name + '.o' for name in names)
        out.write('all: %s\n%%.o: %%.c\n\t$(CC) -O1 -c -o $@ $<\n' % objects)


def job_loops(bench):
    ours = [bench.tool, '-f', '-o', '/dev/null']
    loops = [Loop('native', []),
             Loop('ours, only connect', ours + ['--seccomp-bpf', '-e', 'trace=connect']),
             Loop('ours, only openat', ours + ['--seccomp-bpf', '-e', 'trace=openat']),
             Loop('ours, all calls', ours),
             Loop('ours, recorded', [bench.program('ours'), '--log'])]
    if shutil.which('strace'):
        theirs = ['strace', '-f', '-o', '/dev/null']
        loops += [Loop('strace, only openat', theirs + ['--seccomp-bpf', '-e', 'trace=openat']),
                  Loop('strace, all calls', theirs)]
    return loops


def measure_jobs(bench, loops, n_runs, rows):
    with tempfile.TemporaryDirectory(prefix='pinktrace-bench-') as folder:
        write_sources(folder)
        for run in range(n_runs):
            turn = run % len(loops)
            for loop in loops[turn:] + loops[:turn]:
                progress('make, run %d of %d: %s' % (run + 1, n_runs, loop.name))
                command = loop.command + ['make', '-s', '-B', '-j2', '-C', folder]
                begin = time.monotonic()
                done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, timeout=600)
                if done.returncode != 0:
                    raise Failed('%s: %s' % (loop.name, done.stderr.decode(errors='replace')[-500:]))
                rows.append(['make', loop.name, 'idle', run + 1, 's', time.monotonic() - begin])


## One call chosen, another one made

def measure_rare(bench, n_runs, n_calls, rows):
    """A million calls that the filter lets pass, with it and without."""
    loops = [Loop('native', []), Loop('the same filter, untraced', [bench.program('filtered'), 'connect']),
             Loop('ours, only connect', [bench.tool, '-f', '-o', '/dev/null', '--seccomp-bpf',
                                         '-e', 'trace=connect'])]
    for run in range(n_runs):
        for loop in loops:
            progress('one call chosen, run %d of %d: %s' % (run + 1, n_runs, loop.name))
            n, elapsed = bench.trace(loop, n_calls)['calls']
            rows.append(['rare', loop.name, 'idle', run + 1, 'ns', elapsed / n])
    return loops


## Many tracees

def crowds(most):
    sizes = [n for n in (1, 10, 100, 1000, 5000) if n <= most]
    return [('%d, all make calls' % n, n, n) for n in sizes] + \
           [('%d, one makes calls' % n, n, 1) for n in sizes[1:]]


# Of each: the first touches pages that fork() has left to be copied, which is not a stop's cost.
LEAST_CALLS = 20


def measure_crowds(bench, cases, n_runs, n_calls, rows):
    loop = Loop('ours', [bench.program('ours')])
    for run in range(n_runs):
        for name, n, active in cases:
            progress('many tracees, run %d of %d: %s' % (run + 1, n_runs, name))
            each = max(LEAST_CALLS, n_calls // active)
            traced = [bench.program('crowd'), str(n), str(active), str(each)]
            n_made, elapsed = bench.trace(loop, each * active, traced)['calls']
            rows.append(['crowd', name, 'idle', run + 1, 'us', elapsed / (2000 * n_made)])


## What it takes

def measure_size(bench, n_runs, n_stops, rows):
    """Growth over many stops; a start from a large process; the library in a small one."""
    progress('%d stops' % n_stops)
    if n_stops > 0:
        said = bench.trace(Loop('ours', [bench.program('ours'), '--memory']), n_stops // 2)
        rows.append(['size', 'growth over %d stops' % n_stops, 'idle', 1, 'KiB', said['memory'][1] - said['memory'][0]])
    for run in range(n_runs):
        progress('starts, run %d of %d' % (run + 1, n_runs))
        said = run_and_split([bench.program('spawn'), '20', '2048'])
        for word, name in ('posix_spawn', 'posix_spawn, from 2 GiB'), ('ours', 'spawn, from 2 GiB'):
            times = sorted(said[word])
            rows.append(['size', name, 'idle', run + 1, 'us', times[len(times) // 2] / 1000])
        said = run_and_split([bench.program('first'), bench.library])
        rows.append(['size', 'load and first tracer', 'idle', run + 1, 'us', said['first'][0] / 1000])
        rows.append(['size', 'memory of its own', 'idle', run + 1, 'KiB', said['first'][1]])


def run_and_split(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, universal_newlines=True,
                          timeout=time_limit(100000))
    if done.returncode != 0:
        raise Failed('%s: ended with %d' % (os.path.basename(command[0]), done.returncode))
    said = {}
    for line in done.stdout.splitlines():
        words = line.split()
        said.setdefault(words[0], []).extend(int(word) for word in words[1:])
    return said


def print_size(rows):
    seen = []
    for row in rows:
        if row[0] == 'size' and row[1] not in seen:
            seen.append(row[1])
    for name in seen:
        values = sorted(row[5] for row in rows if row[:2] == ['size', name])
        unit = next(row[4] for row in rows if row[:2] == ['size', name])
        print('%-30s | %10.0f %s (%.0f to %.0f)' % (name, values[len(values) // 2], unit, values[0], values[-1]))
