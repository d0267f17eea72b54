#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each example does what it says, and Ctrl-C ends it and leaves nothing.

Arguments: --language LANGUAGE COMMAND…, for each of them.
"""
import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap_unittest

BOUND = 30  # seconds; a fraction of one on an idle machine
PR_SET_CHILD_SUBREAPER = 36
EXAMPLES = {}


def state_of(pid):
    """A process's name and state (proc_pid_stat(5)); of one that is gone, nothing and X."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return re.match(r"\d+ \((.*)\) (.)", file.read(), re.DOTALL).groups()
    except (FileNotFoundError, ProcessLookupError):
        return "", "X"


def wait_until(is_so, what):
    end = time.monotonic() + BOUND
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"after {BOUND} s not yet: {what}")
        time.sleep(0.01)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # What an example leaves behind becomes our child, whoever its parent was.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")

    @contextlib.contextmanager
    def started(self, command, *argv, **options):
        process = subprocess.Popen([*command, *argv], stdout=subprocess.PIPE, text=True,
                                   errors="surrogateescape", **options)
        try:
            yield process
        finally:
            process.kill()
            process.stdout.close()
            process.wait()

    def assert_nothing_left(self):
        def is_empty():
            try:
                while True:
                    pid, _status = os.waitpid(-1, os.WNOHANG)
                    if pid == 0:
                        return False
            except ChildProcessError:
                return True
        wait_until(is_empty, "no process is left")

    def test_prints_what_is_opened(self):
        with tempfile.NamedTemporaryFile() as file:
            for language, command in EXAMPLES.items():
                with self.subTest(language=language):
                    with self.started(command, "/bin/cat", file.name) as process:
                        said = process.communicate(timeout=20)[0]
                    self.assertEqual(process.returncode, 0)
                    calls = re.findall(r"^(\d+) (openat\(AT_FDCWD, .* = -?\d.*)$", said, re.MULTILINE)
                    self.assertGreaterEqual(len(calls), 2, said)
                    self.assertEqual(len(calls), len(said.splitlines()), said)
                    self.assertEqual(len({pid for pid, _text in calls}), 1)
                    self.assertIn(f'"{file.name}"', calls[-1][1])
                    self.assert_nothing_left()

    def test_a_program_that_does_not_exist(self):
        for language, command in EXAMPLES.items():
            with self.subTest(language=language):
                with self.started(command, "/nonexistent/program",
                                  stderr=subprocess.STDOUT) as process:
                    said = process.communicate(timeout=20)[0]
                self.assertEqual(process.returncode, 1)
                self.assertIn("/nonexistent/program", said)
                self.assert_nothing_left()

    def test_interrupt(self):
        for language, command in EXAMPLES.items():
            with self.subTest(language=language):
                with self.started(command, "/bin/sleep", "60", stderr=subprocess.DEVNULL) as process:
                    pid = int(process.stdout.readline().split()[0])
                    wait_until(lambda: state_of(pid) == ("sleep", "S"), "the tracee sleeps")
                    process.send_signal(signal.SIGINT)
                    self.assertEqual(process.wait(timeout=BOUND), -signal.SIGINT)
                    wait_until(lambda: state_of(pid)[1] in "ZX", "the tracee is gone")
                self.assert_nothing_left()

    def test_interrupt_of_a_busy_tracee(self):
        """The same while one call follows the other, and a handler on each of them."""
        for language, command in EXAMPLES.items():
            with self.subTest(language=language):
                with self.started(command, "/bin/sh", "-c", "while :; do : < /dev/null; done",
                                  stderr=subprocess.DEVNULL) as process:
                    pid = int(process.stdout.readline().split()[0])
                    for _ in range(200):
                        self.assertTrue(process.stdout.readline())
                    process.send_signal(signal.SIGINT)
                    process.communicate(timeout=BOUND)
                    self.assertEqual(process.returncode, -signal.SIGINT)
                    wait_until(lambda: state_of(pid)[1] in "ZX", "the tracee is gone")
                self.assert_nothing_left()


if __name__ == "__main__":
    EXAMPLES.update(tap_unittest.take_commands())
    tap_unittest.main()
