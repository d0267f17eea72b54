#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example that watches a process that runs already, in each language.

Arguments: --language LANGUAGE COMMAND…, for each of them.
"""
import os
import select
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap_unittest

BOUND = 30                                      # seconds that anything may take
EXAMPLES = {}
# Opens a file whenever it is told to, and makes other calls as well.
BUSY = "while read -r line; do : <\"$line\"; cd /; umask 022; kill -0 $$; done"


class Watch(unittest.TestCase):
    def start(self, command, *argv, **options):
        process = subprocess.Popen([*command, *argv], stdout=subprocess.PIPE, text=True, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def busy(self):
        process = self.start(["/bin/sh", "-c", BUSY], stdin=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        return process

    def tell(self, process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()

    def watch(self, command):
        """A busy shell, and the example that has begun to print what it does."""
        shell = self.busy()
        example = self.start(command, str(shell.pid))
        # The first ones are not seen, while nobody is attached.
        for _ in range(10 * BOUND):
            if select.select([example.stdout], [], [], 0.1)[0]:
                return shell, example
            self.tell(shell, "/etc/passwd")
        raise AssertionError(f"nothing was printed in {BOUND} s")

    def test_watches(self):
        for language, command in EXAMPLES.items():
            with self.subTest(language=language):
                shell, example = self.watch(command)
                self.tell(shell, "/etc/group")
                shell.stdin.close()
                said = example.stdout.read()
                self.assertEqual(example.wait(BOUND), 0)
                self.assertRegex(said, rf"(?m)^{shell.pid} openat\(AT_FDCWD, \"/etc/group\", .*\) = \d+$")
                self.assertIn('chdir("/") = 0', said)
                self.assertNotRegex(said, r"umask|kill|read\(")
                self.assertEqual(shell.wait(BOUND), 0)

    def test_interrupt_lets_it_go(self):
        for language, command in EXAMPLES.items():
            with self.subTest(language=language):
                shell, example = self.watch(command)
                example.send_signal(signal.SIGINT)
                self.assertEqual(example.wait(BOUND), -signal.SIGINT)
                self.tell(shell, "/etc/passwd")
                shell.stdin.close()
                self.assertEqual(shell.wait(BOUND), 0)

    def test_says_why_not(self):
        for language, command in EXAMPLES.items():
            with self.subTest(language=language):
                with subprocess.Popen(["/bin/true"]) as gone:
                    gone.wait()
                example = self.start(command, str(gone.pid), stderr=subprocess.PIPE)
                said, complaint = example.communicate(timeout=BOUND)
                self.assertEqual(said, "")
                self.assertRegex(complaint, rf"\b{gone.pid}\b")


if __name__ == "__main__":
    EXAMPLES.update(tap_unittest.take_commands())
    tap_unittest.main()
