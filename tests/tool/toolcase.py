# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the command-line program have in common.

PINKTRACE in the environment is the program under test, ODD_CALLS a program that
makes unusual calls (see odd-calls.c). strace, where it is there, is the measure.
"""
import ctypes
import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

PINKTRACE = os.environ.get("PINKTRACE", "pinktrace")
ODD_CALLS = os.environ.get("ODD_CALLS")
STRACE = shutil.which("strace")
# Not the first in PATH, which may be a script that goes through a tree of versions.
PYTHON = "/usr/bin/python3"
TIMEOUT = 120

needs_strace = unittest.skipUnless(STRACE, "strace is not installed")
needs_odd_calls = unittest.skipUnless(ODD_CALLS, "no program for this machine's calls")
needs_int80 = unittest.skipIf(os.environ.get("PINK_RUNS_INT80") == "0",
                              "this machine does not take 32-bit calls of 64-bit programs")


def needs_program(program):
    return unittest.skipUnless(shutil.which(program), f"{program} comes with ./dev test --long=real")


# Whoever runs the tests may ignore one of these (nohup does), and so would all
# that is run here; a shell cannot even trap what it was born ignoring.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)

# So that what is compared runs twice in the same surroundings, and what it does
# depends on nothing else.
ENVIRONMENT = {
    "HOME": "/", "LC_ALL": "C", "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "G_SLICE"):
    if name in os.environ:
        ENVIRONMENT[name] = os.environ[name]


def in_own_group(main):
    """Runs main() in a process group that is not orphaned.

    meson starts a test as the leader of a session, and in its group, which is
    orphaned, SIGTSTP stops nobody.
    """
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        os.setpgid(0, 0)
        main()
        sys.exit(0)
    status = os.waitpid(child, 0)[1]
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


class ToolCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="pinktrace-test-")
        self.addCleanup(shutil.rmtree, self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def run_tracer(self, tracer, *args, **kwargs):
        kwargs.setdefault("env", ENVIRONMENT)
        kwargs.setdefault("cwd", self.directory)
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([tracer, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=TIMEOUT, **kwargs)

    def pinktrace(self, *args, **kwargs):
        return self.run_tracer(PINKTRACE, *args, **kwargs)

    def strace(self, *args, **kwargs):
        return self.run_tracer(STRACE, *args, **kwargs)

    def trace(self, tracer, *args, **kwargs):
        """The lines of the trace, from a file."""
        file = self.path("trace")
        result = self.run_tracer(tracer, "-o", file, *args, **kwargs)
        self.assertNotIn(b"pinktrace:", result.stderr)
        with open(file, errors="surrogateescape") as stream:
            return stream.read().splitlines()

    def assert_same(self, function, *args, **kwargs):
        """function(lines) is the same of both tracers' lines."""
        theirs = function(self.trace(STRACE, *args, **kwargs))
        ours = function(self.trace(PINKTRACE, *args, **kwargs))
        self.assert_equal_lists(ours, theirs)
        return ours

    def assert_equal_lists(self, ours, theirs):
        """As assertEqual(), but what it says is not the whole of two long traces."""
        if ours != theirs:
            self.fail("\n".join(difflib.unified_diff([str(item) for item in theirs],
                                                     [str(item) for item in ours],
                                                     "expected", "found", lineterm="", n=2)))

    def assert_one_line(self, result, pattern):
        """The program itself failed, and said so as it should."""
        text = result.stderr.decode()
        self.assertRegex(text, pattern)
        self.assertTrue(text.startswith("pinktrace: "), text)
        self.assertEqual(text.count("\n"), 1, text)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, b"")


def traced_child(tracer, program):
    """The process that runs PROGRAM below the process TRACER, and that one's parent."""
    parents = {}
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as file:
                parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            pass  # it is no process, or is gone already
    for pid, parent in parents.items():
        try:
            found = os.readlink(f"/proc/{pid}/exe") == os.path.realpath(program)
        except OSError:
            continue
        ancestor = parent
        while found and ancestor in parents:
            if ancestor == tracer:
                return pid, parent
            ancestor = parents[ancestor]
    raise AssertionError(f"no {program} below {tracer} in {parents}")


def calls(lines):
    """Of the trace's lines those that are calls."""
    return [line for line in lines if re.match(r"\w+\(", line)]


def names(lines):
    return [line[:line.index("(")] for line in calls(lines)]


# As short as an address of a program at a fixed place may be, and longer than flags are.
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")


def mask(line):
    """Without what differs from run to run: addresses and process ids."""
    line = ADDRESS.sub("ADDRESS", line)
    if line.startswith(("set_tid_address(", "getpid(", "getppid(", "gettid(")):
        line = re.sub(r"= \d+$", "= PID", line)
    return line
