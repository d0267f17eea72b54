# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a thing is run and timed, and what is told of the machine meanwhile."""
import collections
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time

LOADS = ['idle', 'busy']


class Failed(Exception):
    pass


# The command is what goes before the traced program's own.
Loop = collections.namedtuple('Loop', 'name command pinned', defaults=[False])


class Bench:
    def __init__(self, build):
        self.programs = os.path.join(build, 'benchmarks')
        self.tool = os.path.join(build, 'tools', 'pinktrace')
        self.library = os.path.join(build, 'pinktrace-glib', 'libpinktrace-glib-1.0.so.0')
        self.cpus = sorted(os.sched_getaffinity(0))
        self.n_beside = max(2, len(self.cpus))

    def program(self, name):
        return os.path.join(self.programs, name)

    def trace(self, loop, n_calls, traced=None):
        """What the programs have said, as {word: [number, ...]}."""
        command = loop.command + (traced or [self.program('calls'), str(n_calls)])
        # Interrupts of devices mostly go to the first CPU.
        pin = (lambda: os.sched_setaffinity(0, self.cpus[-1:])) if loop.pinned else None
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  universal_newlines=True, preexec_fn=pin,
                                  timeout=time_limit(n_calls))
        except subprocess.TimeoutExpired as error:
            raise Failed('%s: not done in %d s' % (loop.name, error.timeout)) from None
        if done.returncode != 0:
            raise Failed('%s: ended with %d' % (loop.name, done.returncode))
        said = {line.split()[0]: [int(word) for word in line.split()[1:]]
                for line in done.stdout.splitlines()}
        if said.get('stops', [2 * n_calls])[0] < 2 * n_calls:
            raise Failed('%s: saw %d stops of %d calls' % (loop.name, said['stops'][0], n_calls))
        return said

    @contextlib.contextmanager
    def beside(self, load, seconds):
        """Busy loops that end with the block; and by themselves, should this not see its end."""
        loops = []
        try:
            if load == 'busy':
                for i in range(self.n_beside):
                    cpu = str(self.cpus[i % len(self.cpus)])
                    loops.append(subprocess.Popen([self.program('beside'), cpu, str(int(seconds))],
                                                  stdout=subprocess.PIPE))
                for loop in loops:
                    if loop.stdout.read() != b'ready\n':
                        raise Failed('a busy loop did not start')
            yield
            if any(loop.poll() is not None for loop in loops):
                raise Failed('a busy loop ended too early')
        finally:
            for loop in loops:
                loop.kill()
                loop.wait()
                loop.stdout.close()


def time_limit(n_calls):
    """A hundred times what it should be: for what hangs, not for what is slow."""
    return 30 + n_calls * 0.01


def progress(text):
    if sys.stderr.isatty():
        print('\r\033[K' + text, end='', file=sys.stderr, flush=True)


class Others:
    """How many CPUs were kept busy by what is not ours, since this was made."""

    def __init__(self):
        self.began = self.read()

    @staticmethod
    def read():
        tick = os.sysconf('SC_CLK_TCK')
        with open('/proc/stat') as stat:
            times = [int(word) / tick for word in stat.readline().split()[1:9]]
        # Our own and those of the children that have ended, and of theirs.
        return time.monotonic(), times[3] + times[4], times[7], sum(os.times()[:4])

    def facts(self):
        elapsed, idle, stolen, ours = (now - then for now, then in zip(self.read(), self.began))
        others = os.sysconf('SC_NPROCESSORS_ONLN') - (idle + stolen + ours) / elapsed
        # What others take comes and goes, and so would the figures.
        note = ', too much: measure again when they rest' if others > 0.05 else ''
        return [('others took', '%.2f CPUs%s' % (max(0, others), note)),
                ('the host stole', '%.2f CPUs' % (stolen / elapsed)),
                ('the run took', '%.0f s' % elapsed)]


def cpu_model():
    with open('/proc/cpuinfo') as info:
        names = [line for line in info if line.startswith(('model name', 'cpu\t'))]
    return names[0].split(':', 1)[1].strip() if names else os.uname().machine


def machine_facts(bench, options):
    facts = [('CPUs', '%d of %d, %s' % (len(bench.cpus), os.cpu_count(), cpu_model())),
             ('kernel', '%s %s' % (os.uname().release, os.uname().machine))]
    if shutil.which('strace'):
        version = subprocess.run(['strace', '-V'], stdout=subprocess.PIPE).stdout.decode()
        facts.append(('strace', version.split('\n')[0].split()[-1]))
    else:
        facts.append(('strace', 'not installed: left out'))
    n, elapsed = bench.trace(Loop('no tracer', []), options.calls)['calls']
    size, = bench.trace(Loop('recorded', [bench.program('ours'), '--log']), options.calls)['row']
    return facts + [('a call, untraced', '%.3f us' % (elapsed / (1000 * n))),
                    ('a row of a log', '%d bytes' % size),
                    ('busy', '%d busy loops beside it' % bench.n_beside)]


def select(rows, part, what, load):
    return [row[5] for row in rows if row[:3] == [part, what, load]]


def print_table(title, names, part, rows, unit=1, form='%11.1f %7.1f %7.1f', against=None):
    """Medians, least and most; with a row to compare with, how many times its median."""
    loads = [load for load in LOADS if any(row[0] == part and row[2] == load for row in rows)]
    print(' | '.join(['%-26s' % title] + ['%11s %7s %7s' % (load + ' median', 'min', 'max') for load in loads] +
                     (['times ' + against] if against else [])))
    for name in names:
        cells = ['%-26s' % name]
        for load in loads:
            values = [value / unit for value in select(rows, part, name, load)]
            cells.append(form % (statistics.median(values), min(values), max(values)))
        if against:
            cells.append('%.2f' % (statistics.median(select(rows, part, name, loads[0])) /
                                   statistics.median(select(rows, part, against, loads[0]))))
        print(' | '.join(cells))
