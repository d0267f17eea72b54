# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signals and group-stops, in strace's form."""
import os
import re
import signal
import subprocess
import time
import unittest

import tap_unittest
from toolcase import (ENVIRONMENT, PINKTRACE, PYTHON, STRACE, TIMEOUT, ToolCase, in_own_group,
                      needs_strace, traced_child)

SCRIPT = """
import ctypes, os, signal, subprocess, threading
libc = ctypes.CDLL(None)
seen = []
def ignore(number, frame): seen.append(number)
def queue(number, value): libc.sigqueue(os.getpid(), number, ctypes.c_void_p(value))
for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGCHLD, signal.SIGRTMIN,
               signal.SIGRTMIN + 1, signal.SIGVTALRM):
    signal.signal(number, ignore)
"""


@needs_strace
@unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
class Form(ToolCase):
    def check(self, script, least=1):
        def notes(lines):
            # The processor time of a child is chance.
            return [re.sub(r"(si_pid|si_utime|si_stime)=\d+( /\* [\d.]+ s \*/)?", r"\1=N", line) for line in lines
                    if line.startswith(("---", "+++"))]

        found = self.assert_same(notes, "-e", "none", PYTHON, "-c", SCRIPT + script)
        self.assertGreaterEqual(len(found), least + 1)
        return found

    def test_kill(self):
        self.assertIn("SI_USER", self.check("os.kill(os.getpid(), signal.SIGUSR1)")[0])

    def test_tkill(self):
        self.assertIn("SI_TKILL", self.check("signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)")[0])

    def test_queue(self):
        found = self.check("queue(signal.SIGRTMIN, 5); queue(signal.SIGRTMIN + 1, 0); "
                           "queue(signal.SIGUSR1, 0x123456789)", 3)
        self.assertTrue(any("si_int=5, si_ptr=0x5}" in line for line in found), found)

    def test_timers(self):
        self.check("signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause()")
        self.check("signal.setitimer(signal.ITIMER_VIRTUAL, 0.01)\n"
                   "while signal.getitimer(signal.ITIMER_VIRTUAL)[0]: pass")

    def test_child(self):
        for how in ("exit 3", "kill -9 $$", "kill -USR1 $$", "ulimit -c 0; kill -SEGV $$"):
            with self.subTest(how):
                self.assertIn("SIGCHLD", self.check(f"subprocess.run(['sh', '-c', '{how}'])")[0])

    def test_child_stopped(self):
        # Each is waited for until it is here: of two that are under way the kernel
        # makes one, and it tells waitid() of a SIGCONT before it sends the signal.
        found = self.check("p = subprocess.Popen(['sh', '-c', 'kill -STOP $$; read x; :'], "
                           "stdin=subprocess.PIPE)\n"
                           "os.waitid(os.P_PID, p.pid, os.WSTOPPED)\n"
                           "p.send_signal(signal.SIGCONT)\n"
                           "while len(seen) < 2: os.sched_yield()\n"
                           "p.stdin.close()\np.wait()", 3)
        self.assertIn("CLD_STOPPED", found[0])
        self.assertIn("CLD_CONTINUED", found[1])

    def test_segv(self):
        self.assertIn("si_code=SEGV_MAPERR, si_addr=NULL}", self.check("ctypes.string_at(0)")[0])
        self.assertIn("si_addr=0x1234}", self.check("ctypes.string_at(0x1234)")[0])
        self.assertIn("SEGV_ACCERR", self.check(
            "import mmap; m = mmap.mmap(-1, 4096, prot=mmap.PROT_READ)\n"
            "libc.mmap.restype = ctypes.c_void_p\n"
            "libc.memset(ctypes.c_void_p(libc.mmap(ctypes.c_void_p(0x10000000), 4096, 1, 0x32, -1, 0)), 1, 1)\n")[0])

    def test_abort(self):
        self.check("os.abort()")

    def test_pipe(self):
        self.check("signal.signal(signal.SIGPIPE, signal.SIG_DFL); r, w = os.pipe(); os.close(r); "
                   "os.write(w, b'x')")

    def test_none_without_lines(self):
        result = self.pinktrace("-c", "sh", "-c", "trap : USR1; kill -USR1 $$")
        self.assertNotIn(b"SIGUSR1", result.stderr)


class GroupStop(ToolCase):
    def test_stop_and_continue(self):
        """As strace's, and stopped it is until somebody says otherwise."""
        found = []
        for tracer in filter(None, (PINKTRACE, STRACE)):
            process = subprocess.Popen([tracer, "-e", "none", "/usr/bin/sleep", "1000"], env=ENVIRONMENT,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0)
            self.addCleanup(process.stderr.close)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            limit = time.monotonic() + TIMEOUT
            while True:
                try:
                    pid = traced_child(process.pid, "/usr/bin/sleep")[0]
                    break
                except AssertionError:
                    self.assertLess(time.monotonic(), limit)
            text = ""
            for number, pattern in ((signal.SIGSTOP, "stopped by SIGSTOP"), (signal.SIGCONT, "SIGCONT"),
                                    (signal.SIGTSTP, "stopped by SIGTSTP"), (signal.SIGCONT, "SIGCONT"),
                                    (signal.SIGTERM, "killed by")):
                os.kill(pid, number)
                while True:
                    line = process.stderr.readline().decode()
                    self.assertTrue(line, text)
                    text += line
                    if pattern in line:
                        break
            self.assertEqual(process.wait(TIMEOUT), -signal.SIGTERM)
            found.append(re.sub(r"si_pid=\d+", "si_pid=PID", text))
        self.assertEqual(found[0].count("--- stopped by "), 2)
        self.assertEqual(found[0], found[-1])


if __name__ == "__main__":
    in_own_group(tap_unittest.main)
