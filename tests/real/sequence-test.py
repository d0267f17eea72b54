# SPDX-License-Identifier: LGPL-2.1-or-later
"""The calls of each thread, in their order, are those that strace -f sees.

Programs with threads and children, small enough for their calls to be the same
in each run: what three runs of strace agree on must be what we see, name by name,
with the signals and the ends between them.
"""
import collections
import glob
import os
import re
import shutil
import sys
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "tool")]
import tap_unittest
from toolcase import PINKTRACE, STRACE, ToolCase, in_own_group

TREEPROG = os.environ["PINK_TREEPROG"]
# Of the programs below so many are to agree with themselves, and then with us.
WANTED = 20
ATTEMPTS = 3

PYTHON_THREADS = """
import threading
def work(): open("/etc/passwd").read(); open("/etc/group").read()
for _ in range(3):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""

PERL_FORKS = """
for (1 .. 4) { my $pid = fork; if (!$pid) { open my $f, "<", "/etc/passwd"; exit $_ } waitpid $pid, 0 }
open my $p, "-|", "echo one"; print <$p>; close $p;
$SIG{USR1} = sub { print "got\\n" }; kill "USR1", $$;
"""

# By name: what runs in a directory of its own.
PROGRAMS = {
    "subshells": ["sh", "-c", "for i in 1 2 3; do (exit $i); done; echo done"],
    "substitution": ["sh", "-c", "echo $(echo $(uname)) >file; read line <file; echo $line"],
    "pipe": ["sh", "-c", "echo one >file; cat <file >other; wc -l other"],
    "background": ["sh", "-c", "/bin/true & wait; /bin/false & wait $!; echo $?"],
    "trap": ["sh", "-c", "trap 'echo usr1' USR1; kill -USR1 $$; (kill -TERM $$) 2>&1; echo no"],
    "bash": ["bash", "-c", "f() { echo $1; }; for i in a b c; do (f $i); done; x=$(f d); echo $x"],
    "bash exec": ["bash", "-c", "(exec /bin/echo one); exec /bin/echo two"],
    "xargs": ["sh", "-c", "echo a b c d >file; xargs -a file -n 1 echo"],
    "find": ["find", ".", "-maxdepth", "1", "-exec", "/bin/ls", "-d", "{}", ";"],
    "env": ["env", "-i", "A=b", "/usr/bin/env"],
    "nice": ["nice", "-n", "1", "/bin/sh", "-c", "nice; true"],
    "make": ["make", "-s", "-f", "Makefile"],
    "perl": ["perl", "-e", PERL_FORKS],
    "python children": ["/usr/bin/python3", "-c", "import subprocess\nfor _ in range(3):\n"
                        "    subprocess.run(['/bin/echo', 'x'], stdout=subprocess.DEVNULL)"],
    "python threads": ["/usr/bin/python3", "-c", PYTHON_THREADS],
    "git": ["git", "init", "-q", "repository"],
    "awk": ["awk", "BEGIN { system(\"echo one\"); \"uname\" | getline x; print x }"],
    "tar": ["sh", "-c", "echo one >file; tar -cf archive file; tar -tf archive"],
    "fork": [TREEPROG, "fork", "20"],
    "vfork": [TREEPROG, "vfork", "20"],
    "clone": [TREEPROG, "clone", "10"],
    "clone3": [TREEPROG, "clone3", "10"],
    "threads": [TREEPROG, "threads", "10", "1"],
    "vfork, execve": [TREEPROG, "vfork-exec", "10"],
    "a thread's execve": [TREEPROG, "thread-exec", "0", TREEPROG, "getppid", "3"],
    "jobs": [TREEPROG, "job", "19", "3"],
    "queued signals": [TREEPROG, "queue", "50", "34"],
    "one child": [TREEPROG, "bomb", "1"],
    "vfork, then execve": [TREEPROG, "vfork-then", "/bin/echo", "x"],
    "vfork, then exit": [TREEPROG, "vfork-wait"],
    "killed": ["sh", "-c", "/bin/sh -c 'kill -9 $$'; /bin/sh -c 'kill -SEGV $$'; true"],
    "timeout": ["timeout", "100", "/bin/true"],
    "setsid": ["setsid", "-w", "/bin/sh", "-c", "exit 3"],
}

CALL = re.compile(r"^(\w+)\(")
OTHER = re.compile(r"^(?:--- (?:stopped by )?(\w+)|\+\+\+ (killed by \w+|exited with \d+|superseded))")


def steps(lines):
    """Names of calls, signals and ends, in their order.

    But for SIGCHLD, which comes before or after a wait4(), as the child is fast or slow;
    and so does the end of its handler.
    """
    handled = 0
    for line in lines:
        found = CALL.match(line) or OTHER.match(line)
        name = found and found.group(found.lastindex)
        if name == "SIGCHLD":
            handled += 1
        elif name == "rt_sigreturn" and handled:
            handled -= 1
        elif name:
            yield name


@unittest.skipUnless(STRACE, "no strace")
class Sequences(ToolCase):
    def sequences(self, tracer, command):
        """How often each sequence of a thread was there."""
        place, traces = self.path("run"), self.path("traces")
        for directory in place, traces:
            shutil.rmtree(directory, ignore_errors=True)
            os.mkdir(directory)
        with open(os.path.join(place, "Makefile"), "w") as file:
            file.write("all: one two\none two:\n\t@echo $@ >$@; uname >/dev/null\n")
        self.run_tracer(tracer, "-ff", "-o", os.path.join(traces, "t"), *command, cwd=place)
        found = collections.Counter()
        for name in glob.glob(os.path.join(traces, "t.*")):
            with open(name, errors="replace") as file:
                found[tuple(steps(file))] += 1
        return found

    def compare(self, command):
        """How many threads and calls agreed; None if strace's own runs do not agree."""
        theirs = []
        for _ in range(ATTEMPTS):
            theirs += [self.sequences(STRACE, command) for _ in range(3)]
            if any(run != theirs[0] for run in theirs):
                return None
            ours = self.sequences(PINKTRACE, command)
            if ours == theirs[0]:
                return sum(ours.values()), sum(len(one) * count for one, count in ours.items())
        # Chance may agree three times, but hardly in all attempts.
        self.assert_equal_lists([" ".join(sequence) for sequence in sorted(ours.elements())],
                                [" ".join(sequence) for sequence in sorted(theirs[0].elements())])

    def test_sequences(self):
        agreed = {}
        for name, command in PROGRAMS.items():
            if not shutil.which(command[0]):
                continue
            with self.subTest(name):
                agreed[name] = self.compare(command) or self.compare(command)
        print("# not the same in each run of strace:",
              ", ".join(name for name, found in agreed.items() if not found), flush=True)
        agreed = {name: found for name, found in agreed.items() if found}
        print(f"# {len(agreed)} programs with {sum(threads for threads, _ in agreed.values())} threads, "
              f"{sum(calls for _, calls in agreed.values())} calls, signals and ends: as strace has them",
              flush=True)
        self.assertGreaterEqual(len(agreed), WANTED, agreed)


if __name__ == "__main__":
    in_own_group(tap_unittest.main)
