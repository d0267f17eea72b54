# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a stop costs, in C and in other languages, and how late timers are meanwhile."""
import os
import shutil
import statistics
import subprocess
import sys

from harness import LOADS, Loop, progress, select, time_limit


def c_loops(bench):
    loops = [Loop('bare ptrace loop', [bench.program('bare')]),
             Loop('bare, on one CPU', [bench.program('bare')], pinned=True)]
    if shutil.which('strace'):
        loops.append(Loop('strace', ['strace', '-o', '/dev/null']))
    return loops + [Loop('ours', [bench.program('ours')]),
                    Loop('ours, on one CPU', [bench.program('ours')], pinned=True),
                    Loop('ours, recorded', [bench.program('ours'), '--log'])]


def script_loops(bench):
    """Of the languages that are there."""
    def here(command):
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0
    folder = os.path.dirname(os.path.abspath(__file__))
    python = next((one for one in ('/usr/bin/python3', sys.executable) if here([one, '-c', 'import gi'])), None)
    loops = []
    if python and here([python, '-c', 'import gi; gi.require_version("PinkTrace", "1.0")']):
        loops.append(Loop('ours, from Python', [python, folder + '/handlers.py']))
    if shutil.which('gjs') and loops:
        loops.append(Loop('ours, from GJS', ['gjs', '-m', folder + '/handlers.js']))
    if python and here([python, '-c', 'import ptrace.debugger']):
        loops.append(Loop('python-ptrace', [python, folder + '/python-ptrace.py']))
    return loops


def measure_stops(bench, part, loops, loads, n_runs, n_calls, rows):
    """In turns, so that what changes on the machine meanwhile meets all of them."""
    for run in range(n_runs):
        for load in loads:
            turn = run % len(loops)
            with bench.beside(load, len(loops) * time_limit(n_calls)):
                for loop in loops[turn:] + loops[:turn]:
                    progress('run %d of %d, %s: %s' % (run + 1, n_runs, load, loop.name))
                    n, elapsed = bench.trace(loop, n_calls)['calls']
                    rows.append([part, loop.name, load, run + 1, 'us', elapsed / (2000 * n)])


def measure_timers(bench, n_runs, n_calls, rows):
    loop = Loop('ours, with a timer', [bench.program('ours'), '--timer'])
    for run in range(n_runs):
        for load in LOADS:
            progress('timer, run %d of %d, %s' % (run + 1, n_runs, load))
            with bench.beside(load, time_limit(n_calls)):
                said = bench.trace(loop, n_calls)
            for name in 'timer', 'control':
                worst, n_ticks, elapsed, _ = said[name]
                rows.append(['lateness', name, load, run + 1, 'us', worst])
                rows.append(['interval', name, load, run + 1, 'us', elapsed / max(1, n_ticks)])


def measure_frames(bench, n_runs, n_calls, rows):
    """Of a display's clock, while eight processes make calls that are recorded."""
    loop = Loop('ours, recorded', [bench.program('ours'), '--log', '--timer', '--frames'])
    traced = [bench.program('crowd'), '8', '8', str(n_calls // 8)]
    for run in range(n_runs):
        for load in LOADS:
            progress('frames, run %d of %d, %s' % (run + 1, n_runs, load))
            with bench.beside(load, time_limit(n_calls)):
                said = bench.trace(loop, n_calls // 8 * 8, traced)
            for name in 'timer', 'control':
                rows.append(['frames', name, load, run + 1, 'us', said[name][0]])
                rows.append(['99 of 100 frames', name, load, run + 1, 'us', said[name][3]])


def print_late(rows, title, part, second, second_part, summary):
    print('%-26s | %8s | %13s | %s' % (title, 'worst', second, 'worst of each run'))
    for load in LOADS:
        for name in 'timer', 'control':
            worst = select(rows, part, name, load)
            print('%-26s | %8.1f | %13.1f | %s' % (
                name + ', ' + load, max(worst) / 1000, summary(select(rows, second_part, name, load)) / 1000,
                ' '.join('%.1f' % (value / 1000) for value in worst)))


def print_timers(rows):
    print_late(rows, '10 ms timer, ms late', 'lateness', 'mean interval', 'interval', statistics.mean)


def print_frames(rows):
    print_late(rows, '16 ms, 8 recorded, ms late', 'frames', '99 of 100', '99 of 100 frames', max)
