# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lines are strace's, word for word."""
import os
import re
import signal
import subprocess
import time
import unittest

import tap_unittest
from toolcase import (ENVIRONMENT, ODD_CALLS, PINKTRACE, PYTHON, STRACE, TIMEOUT, ToolCase, calls,
                      mask, needs_int80, needs_odd_calls, needs_strace, traced_child)


def plain(line):
    """Without the padding, which depends on the lengths of addresses."""
    return re.sub(r" +(= )", r" \1", mask(line))


@needs_strace
class Lines(ToolCase):
    # Random bytes, and how much memory is free, differ from run to run.
    LEFT_OUT = ("getrandom(", "sysinfo(")

    def check(self, *argv, options=()):
        theirs = calls(self.trace(STRACE, *options, *argv))
        ours = calls(self.trace(PINKTRACE, *options, *argv))
        kept = [[plain(line) for line in lines if not line.startswith(self.LEFT_OUT)]
                for lines in (ours, theirs)]
        self.assert_equal_lists(kept[0], kept[1])
        return ours

    def test_true(self):
        self.check("/bin/true")

    def test_cat(self):
        self.check("cat", "/etc/passwd")

    def test_ls(self):
        self.check("ls", "-l", "/usr")

    @unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
    def test_python(self):
        self.check(PYTHON, "-c", "print(1)")

    def test_arguments(self):
        self.check("/bin/true", "", "with space", 'quo"te', "back\\slash", "new\nline", "x" * 100)

    def test_many_arguments(self):
        self.check("/bin/true", *(str(i) for i in range(40)))

    @needs_odd_calls
    def test_strings(self):
        self.check(ODD_CALLS, "strings")
        self.check(ODD_CALLS, "strings", options=["-s", "5"])
        self.check(ODD_CALLS, "strings", options=["-s", "1000"])

    @needs_odd_calls
    def test_strings_cut_off_by_a_page(self):
        self.check(ODD_CALLS, "edge")

    @needs_odd_calls
    def test_unknown_calls(self):
        self.check(ODD_CALLS, "unknown")

    @needs_int80
    @needs_odd_calls
    def test_calls_of_other_abis(self):
        ours = self.check(ODD_CALLS, "abis")
        self.assertEqual(len([line for line in ours if line.startswith("getpid")]), 2)

    def test_string_limit(self):
        for limit in ("0", "1", "5", "100000", "536870912"):
            with self.subTest(limit):
                self.check("cat", "/etc/passwd", options=["-s", limit])
        self.check("cat", "/etc/passwd", options=["--string-limit=7"])

    def test_paths_are_whole(self):
        path = "/" + "/".join(["long" * 30] * 20)
        self.assertIn(path, "".join(self.check("cat", path, options=["-s", "1"])))


@needs_strace
class Columns(ToolCase):
    """Here nothing is masked: the calls have no address in them."""

    def check(self, *options):
        lines = self.assert_same(lambda lines: lines, "-e", "trace=close,read,exit_group", *options,
                                 "cat", "/etc/passwd")
        self.assertTrue(lines)
        return lines

    def test_default(self):
        self.assertEqual(self.check()[-2:],
                         ["exit_group(0)                           = ?", "+++ exited with 0 +++"])

    def test_others(self):
        for column in ("0", "8", "9", "10", "60", "200"):
            with self.subTest(column):
                self.check("-a", column)
        self.check("--columns=17")


@needs_strace
class Notes(ToolCase):
    """What is printed beside calls."""

    def check(self, *argv):
        pid = re.compile(r"PID=\d+|\d+$", re.MULTILINE)
        theirs = self.strace(*argv).stderr.decode()
        ours = self.pinktrace(*argv).stderr.decode()
        self.assertEqual(pid.sub("PID", ours), pid.sub("PID", theirs))
        return ours

    def test_exited(self):
        self.assertEqual(self.check("-e", "none", "sh", "-c", "exit 7"), "+++ exited with 7 +++\n")

    def test_killed(self):
        self.assertEqual(self.check("-e", "none", "sh", "-c", "kill -9 $$"),
                         "+++ killed by SIGKILL +++\n")

    def test_quiet(self):
        for options in (["-q"], ["-qq"], ["-q", "-q"], ["-qqq"], ["--quiet"], ["--quiet=exit"],
                        ["--quiet=all"], ["--quiet=none"], ["--quiet=!exit"], ["-e", "quiet=exit"],
                        ["-e", "q=personality"], ["--quiet=attach,exit"], ["--silent=exit"]):
            with self.subTest(options):
                self.check(*options, "-e", "none", "/bin/true")

    @needs_int80
    @needs_odd_calls
    def test_personality(self):
        self.assertIn("runs in 32 bit mode", self.check("-e", "getpid,close,getppid", ODD_CALLS, "abis"))
        self.assertNotIn("runs in", self.check("-q", "-e", "getpid", ODD_CALLS, "abis"))


class Times(ToolCase):
    CLOCK = r"\d\d:\d\d:\d\d"
    FORMS = {
        ("-t",): rf"{CLOCK} ",
        ("-tt",): rf"{CLOCK}\.\d{{6}} ",
        ("-t", "-tt"): r"\d{10,}\.\d{6} ",
        ("-ttt",): r"\d{10,}\.\d{6} ",
        ("-tttt",): r"\d{10,}\.\d{6} ",
        ("--absolute-timestamps",): rf"{CLOCK} ",
        ("-r",): r" {5}\d\.\d{6} ",
        ("-r", "-t"): rf"{CLOCK} \(\+ {{5}}\d\.\d{{6}}\) ",
        ("-f", "-tt"): rf"\d+ +{CLOCK}\.\d{{6}} ",
    }

    def test_leaders(self):
        for options, form in self.FORMS.items():
            for tracer in filter(None, (PINKTRACE, STRACE)):
                with self.subTest([tracer, options]):
                    lines = self.trace(tracer, *options, "-e", "trace=close,kill", "sh", "-c",
                                       "trap : USR1; kill -USR1 $$")
                    self.assertGreater(len(lines), 3)
                    for line in lines:
                        self.assertRegex(line, rf"^{form}(close\(|kill\(|--- SIGUSR1|\+\+\+ exited)")

    def test_clock(self):
        before = time.time()
        found = [float(line.split()[0]) for line in self.trace(PINKTRACE, "-ttt", "/bin/true")]
        self.assertLessEqual(before - 1e-3, found[0])
        self.assertLessEqual(found[-1], time.time() + 1e-3)
        self.assertEqual(found, sorted(found))

    def test_relative(self):
        lines = self.trace(PINKTRACE, "-r", "-e", "trace=/nanosleep,exit_group", "sleep", "0.2")
        self.assertEqual(float(lines[0].split()[0]), 0)
        self.assertGreaterEqual(float(lines[1].split()[0]), 0.19)

    def test_duration(self):
        for tracer in filter(None, (PINKTRACE, STRACE)):
            lines = self.trace(tracer, "-T", "-e", "trace=/nanosleep,exit_group", "sleep", "0.2")
            self.assertRegex(lines[0], r" = 0 <0\.[2-9]\d{5}>$")
            self.assertRegex(lines[1], r" = \?$")


@needs_strace
class Chosen(ToolCase):
    """By how they end."""

    def check(self, *options):
        def chosen(lines):
            return [re.sub(r"\(.* =", "(...) =", mask(line)) for line in lines]

        return self.assert_same(chosen, "-e", "trace=openat,close,access,exit_group", *options, "cat", "/nope")

    def test_successful(self):
        for options in (["-z"], ["--successful-only"], ["-e", "status=successful"], ["--status=!failed"]):
            with self.subTest(options):
                found = self.check(*options)
                self.assertTrue(found)
                self.assertFalse([line for line in found if "-1 E" in line])

    def test_failed(self):
        for options in (["-Z"], ["-e", "status=failed"], ["--failed-only"]):
            with self.subTest(options):
                found = self.check(*options)
                self.assertTrue(all("-1 E" in line for line in found[:-1]), found)
                self.assertGreater(len(found), 2)

    def test_unfinished(self):
        self.assertEqual(len(self.check("-e", "status=unfinished")), 2)

    def test_followed(self):
        """A line is written when its call is over, and whole."""
        lines = self.trace(PINKTRACE, "-f", "-z", "sh", "-c", "ls | wc -l")
        self.assertFalse([line for line in lines if "unfinished" in line or "resumed" in line])


class Unfinished(ToolCase):
    """A call in which the program is killed."""

    def kill_in_call(self, call, begun, *argv):
        """Its line, where the process is killed once that much of it has been seen."""
        with subprocess.Popen([PINKTRACE, "-e", f"trace={call}", *argv], env=ENVIRONMENT,
                              stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            text = b""
            while begun.encode() not in text:
                piece = os.read(process.stderr.fileno(), 4096)
                self.assertTrue(piece, text)
                text += piece
            os.kill(traced_child(process.pid, argv[0])[0], signal.SIGKILL)
            text += process.stderr.read()
            self.assertEqual(process.wait(TIMEOUT), -signal.SIGKILL)
        return text.decode()

    # strace is no measure here: if the end comes before it has let the call run, it
    # leaves out the second half of the line.

    def test_call_that_waits(self):
        text = self.kill_in_call("clock_nanosleep", "clock_nanosleep(", "/usr/bin/sleep", "1000")
        self.assertRegex(text, r"^clock_nanosleep\(.*\) += \?\n\+\+\+ killed by SIGKILL \+\+\+\n$")

    def test_buffer_not_filled(self):
        text = self.kill_in_call("read", "read(0, ", "/usr/bin/cat")
        self.assertEqual(text.splitlines()[-2:], ["read(0,  <unfinished ...>)              = ?",
                                                  "+++ killed by SIGKILL +++"])

    @needs_strace
    @needs_odd_calls
    def test_exec_in_another_thread(self):
        lines = self.assert_same(lambda lines: [line for line in lines if "ADDR" not in mask(line)],
                                 "-e", "pause", ODD_CALLS, "thread-exec")
        self.assertEqual(lines, ["pause()                                 = ?", "+++ exited with 0 +++"])


if __name__ == "__main__":
    tap_unittest.main()
