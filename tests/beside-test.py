#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python's own children, while the same interpreter traces: their statuses arrive."""
import os
import subprocess
import sys
import threading
import unittest

import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import GLib, PinkTrace  # noqa: E402

import tap_unittest  # noqa: E402

N_CALLS = 100000
TESTPROG = os.environ["PINK_TESTPROG"]
BOUND_S = 120


class BesideTest(unittest.TestCase):
    """In this thread's main loop a program is traced; in another, subprocess is used."""

    def setUp(self):
        self.n_calls = 0
        self.loop = GLib.MainLoop()
        self.tracer = PinkTrace.Tracer()
        self.tracer.connect("syscall-enter::getppid", self.on_call)
        self.tracer.connect("finished", lambda tracer: self.loop.quit())
        self.tracer.spawn([TESTPROG, f"getppid:{N_CALLS}"])

    def on_call(self, tracer, call):
        self.n_calls += 1

    def run_trace(self):
        self.late = False

        def on_late():
            self.late = True
            self.loop.quit()
            return GLib.SOURCE_REMOVE

        source = GLib.timeout_add_seconds(BOUND_S, on_late)
        self.loop.run()
        self.assertFalse(self.late, f"{self.n_calls} calls in {BOUND_S} seconds")
        GLib.source_remove(source)
        self.assertEqual(self.n_calls, N_CALLS)

    def test_subprocess(self):
        statuses = []

        def use_subprocess():
            for wanted in range(50):
                done = subprocess.run(["/bin/sh", "-c", f"echo {wanted}; exit {wanted}"],
                                      stdout=subprocess.PIPE, timeout=BOUND_S)
                statuses.append((wanted, done.returncode, done.stdout.decode()))
            killed = subprocess.Popen(["/bin/sleep", "1000"])
            killed.terminate()
            statuses.append((-15, killed.wait(timeout=BOUND_S), None))
            with self.assertRaises(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)

        def use_it_and_keep_errors():
            try:
                use_subprocess()
            except BaseException as error:  # pylint: disable=broad-except
                statuses.append(error)
            self.calls_at_end = self.n_calls

        thread = threading.Thread(target=use_it_and_keep_errors)
        thread.start()
        self.run_trace()
        thread.join(BOUND_S)
        self.assertFalse(thread.is_alive())
        self.assertEqual(len(statuses), 51, statuses)
        for wanted, status, output in statuses:
            self.assertEqual(status, wanted)
            self.assertIn(output, (None, f"{wanted}\n"))
        # All that was while we traced.
        self.assertLess(self.calls_at_end, N_CALLS)

    def test_children_of_the_main_thread(self):
        statuses = []
        seen = set()

        def start():
            seen.add(self.n_calls)
            with subprocess.Popen(["/bin/sh", "-c", f"exit {len(statuses)}"]) as process:
                statuses.append((len(statuses), process.wait(timeout=BOUND_S)))
            if len(statuses) < 50:
                GLib.timeout_add(10, start)
            return False

        # In between the tracee goes on: an idle source would let it wait for all of them.
        GLib.timeout_add(10, start)
        self.run_trace()
        self.assertEqual(statuses, [(status, status) for status in range(50)])
        self.assertGreater(len(seen), 10) # one after another, during the trace


if __name__ == "__main__":
    sys.exit(tap_unittest.main())
