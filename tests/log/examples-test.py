#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example with everything in a list, in a window on a display of its own.

Arguments: --language LANGUAGE COMMAND…, for each that can be run.
"""
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
import tap_unittest

LONG = "PINK_TEST_LONG" in os.environ
ROWS = 1000 * 1000 if LONG else 30 * 1000
BOUND = 600 if LONG else 90                     # seconds that an example may take
COMMANDS = {}


@contextlib.contextmanager
def x_server():
    """A display of our own."""
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-screen", "0", "1024x768x24"],
                              pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield ":" + number.readline().strip()
    finally:
        server.terminate()
        server.wait()


class Examples(unittest.TestCase):
    def show(self, command, display):
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {
                "DISPLAY": display, "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "HOME": home, "LC_ALL": "C",
                "XDG_RUNTIME_DIR": home, "NO_AT_BRIDGE": "1", "GTK_A11Y": "none", "ROWS": str(ROWS)}
            done = subprocess.run(command + [os.environ["PINK_LOGPROG"], f"opens:{ROWS}"], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=BOUND, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("CRITICAL", done.stderr)
        return done.stderr

    def test_everything_in_a_list(self):
        with x_server() as display:
            for language, command in COMMANDS.items():
                with self.subTest(language=language):
                    said = self.show(command, display)
                    print("#", language, said.split("\n", 1)[0])
                    self.assertGreater(int(re.search(r"scrolled (\d+) times", said).group(1)), 3)
                    shown = re.findall(r"^shown: (.*)$", said, re.MULTILINE)
                    self.assertEqual(shown[:3], ["Process", "Microseconds", "Call"])
                    # Its end, and no more dropped than there is no room for.
                    self.assertIn("exit_group(0)", shown)
                    self.assertIn(f'openat(AT_FDCWD, "/nowhere/{ROWS - 1:06d}", O_RDONLY) = '
                                  "-1 ENOENT (No such file or directory)", shown)
                    self.assertLess(int(shown[-1]), 100)


if __name__ == "__main__":
    COMMANDS.update(tap_unittest.take_commands())
    tap_unittest.main()
