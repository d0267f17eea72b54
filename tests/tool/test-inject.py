# SPDX-License-Identifier: LGPL-2.1-or-later
"""-e inject=, -e fault=, -P: the same as strace does."""
import os
import re
import struct
import subprocess
import time
import unittest

import tap_unittest
from toolcase import ENVIRONMENT, PYTHON, TIMEOUT, ToolCase, needs_strace

WRITES = ("import os\n"
          "for i in range(6):\n"
          "    try: os.write(1, b'%d' % i)\n"
          "    except OSError as e: pass\n")


def writes(done):
    """The traced calls, without what differs from run to run."""
    return re.findall(r"^write\(.*", done.stderr.decode(), re.MULTILINE)


class Inject(ToolCase):
    def both(self, *args):
        mine, theirs = self.pinktrace(*args), self.strace(*args)
        self.assertEqual(writes(mine), writes(theirs))
        self.assertEqual(mine.stdout, theirs.stdout)
        self.assertEqual(mine.returncode, theirs.returncode)
        return mine

    @needs_strace
    def test_like_strace(self):
        for words in ("inject=write:error=ENOSPC", "inject=write:error=28:when=2", "inject=write:retval=1:when=2+",
                      "inject=write:error=EIO:when=2+2", "inject=write:error=EIO:when=2..4",
                      "inject=write:error=EIO:when=1..5+2", "fault=write:when=3", "fault=write:error=EINTR:when=4",
                      "fault=write", "inject=write:error=EIO:delay_enter=100:when=2",
                      "inject=write:delay_exit=100:when=2+3"):
            with self.subTest(words):
                done = self.both("-e", "trace=write", "-e", words, PYTHON, "-S", "-c", WRITES)
                self.assertIn(b"(DELAYED)" if "delay" in words else b"(INJECTED)", done.stderr)

    def test_third_write(self):
        done = self.pinktrace("-e", "trace=write", "-e", "inject=write:error=ENOSPC:when=3",
                              PYTHON, "-S", "-c", WRITES)
        self.assertEqual(done.stdout, b"01345")
        self.assertEqual(len(re.findall(rb"= -1 ENOSPC \(No space left on device\) \(INJECTED\)", done.stderr)), 1)

    def test_not_shown(self):
        done = self.pinktrace("-e", "trace=none", "-e", "fault=write:when=1+2", PYTHON, "-S", "-c", WRITES)
        self.assertEqual(done.stdout, b"135")

    def test_signal(self):
        done = self.pinktrace("-e", "trace=write", "-e", "inject=write:signal=SIGUSR1:when=2",
                              PYTHON, "-S", "-c", "import signal, sys\n"
                              "signal.signal(signal.SIGUSR1, lambda *a: sys.exit(9))\n" + WRITES)
        self.assertEqual(done.returncode, 9)
        self.assertEqual(done.stdout, b"01")

    def test_kill(self):
        done = self.pinktrace("-e", "inject=write:signal=KILL", "-o", self.path("trace"), "/bin/echo", "late")
        self.assertEqual(done.returncode, -9)
        self.assertEqual(done.stdout, b"")

    def test_exit_refused(self):
        done = self.pinktrace("-e", "trace=exit_group", "-e", "inject=exit_group:error=EPERM:when=1", "/bin/true")
        first = done.stderr.decode().split("\n")[0]
        self.assertRegex(first, r"^exit_group\(0\) += -1 EPERM \(Operation not permitted\) \(INJECTED\)$")

    def test_exit_refused_by_filter(self):
        """The line is ended before that is known."""
        program = ("import ctypes, os, struct, sys\n"
                   "libc = ctypes.CDLL(None)\n"
                   "insns = [(0x20, 0, 0, 0), (0x15, 0, 1, int(sys.argv[1])), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000)]\n"
                   "code = ctypes.create_string_buffer(b''.join(struct.pack('=HBBI', *insn) for insn in insns))\n"
                   "filter = struct.pack('HP', len(insns), ctypes.addressof(code))\n"
                   "libc.prctl(38, 1, 0, 0, 0)\n"
                   "libc.prctl(22, 2, ctypes.c_char_p(filter), 0, 0)\n"
                   "libc.syscall(int(sys.argv[1]), 3)\n"
                   "os.kill(os.getpid(), 9)\n")
        numbers = {"x86_64": 231, "i686": 252, "armv7l": 248, "s390x": 248, "ppc64": 234, "ppc64le": 234}
        number = numbers.get(os.uname().machine, 94)
        done = self.pinktrace("-e", "trace=exit_group", PYTHON, "-S", "-c", program, str(number))
        lines = [re.sub(" +", " ", line) for line in done.stderr.decode().split("\n")]
        self.assertEqual(lines[:2], ["exit_group(3) = ?",
                                     "<... exit_group resumed>) = -1 EPERM (Operation not permitted)"])

    def test_delay(self):
        begin = time.monotonic()
        done = self.pinktrace("-e", "trace=none", "-e", "inject=write:delay_enter=50ms:delay_exit=30000:when=1",
                              PYTHON, "-S", "-c", WRITES)
        self.assertEqual(done.stdout, b"012345")
        self.assertGreaterEqual(time.monotonic() - begin, 0.08)

    def test_other_call(self):
        done = self.pinktrace("-e", "trace=none", "-e", "inject=write:syscall=getpid:when=2",
                              PYTHON, "-S", "-c", WRITES)
        self.assertEqual(done.stdout, b"02345")

    def test_mistakes(self):
        for words in ("write", "write:when=1", "write:error=EFOO", "write:error=0", "write:error=4096",
                      "write:error=EIO:retval=1", "write:retval=x", "write:signal=SIGFOO", "write:delay_enter=1h",
                      "write:error=EIO:when=0", "write:error=EIO:when=3..2", "write:error=EIO:when=1+0",
                      "write:error=EIO:when=", "write:syscall=open", "write:what=1", ":error=EIO"):
            with self.subTest(words):
                self.assert_one_line(self.pinktrace("-e", "inject=" + words, "true"), "invalid (inject argument|system call)")
        self.assert_one_line(self.pinktrace("-e", "inject=nope:error=EIO", "true"), "invalid system call 'nope'")
        self.assert_one_line(self.pinktrace("-e", "fault=write:retval=1", "true"), "invalid fault argument")


class Filter(ToolCase):
    SCRIPT = "for i in 1 2 3; do /bin/cat /etc/hostname /etc/nowhere; done 2>/dev/null | (cat; exit 7)"

    def opens(self, done):
        return sorted(re.findall(r"openat\(.*", done.stderr.decode()))

    @needs_strace
    def test_like_strace(self):
        args = "--seccomp-bpf", "-f", "-e", "trace=openat", "/bin/sh", "-c", self.SCRIPT
        mine, theirs = self.pinktrace(*args), self.strace(*args)
        self.assertEqual(mine.returncode, 7)
        self.assertEqual(mine.stdout, theirs.stdout)
        self.assertEqual(len(self.opens(mine)), len(self.opens(theirs)))
        self.assertGreater(len(self.opens(mine)), 20)

    def test_status(self):
        done = self.pinktrace("--seccomp-bpf", "-f", "-o", self.path("trace"), "-e", "trace=connect",
                              "/bin/grep", "Seccomp:", "/proc/self/status")
        self.assertEqual(done.stdout, b"Seccomp:\t2\n")

    def confined(self, *args, **kwargs):
        """The same inside as outside, by a filter of ours and without one."""
        run = {"env": ENVIRONMENT, "cwd": self.directory, "stdin": subprocess.DEVNULL,
               "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": TIMEOUT}
        plain = subprocess.run(args, **run, **kwargs)
        for options in ("--seccomp-bpf", "-f"), ("-f",):
            with self.subTest(options=options):
                traced = self.pinktrace(*options, "-e", "trace=openat,mkdir,mkdirat,getppid,rmdir", "-o", self.path("trace"), *args, **kwargs)
                self.assertEqual((traced.returncode, traced.stdout, traced.stderr),
                                 (plain.returncode, plain.stdout, plain.stderr))
        with open(self.path("trace"), errors="surrogateescape") as file:
            return plain, file.read()

    def test_bubblewrap(self):
        """A sandbox with a filter in it: mkdir fails with EXDEV there, and is seen."""
        def instruction(code, if_true, if_false, operand):
            return struct.pack("=HBBI", code, if_true, if_false, operand)
        with open(self.path("filter"), "wb") as file:
            file.write(instruction(0x20, 0, 0, 0) + instruction(0x15, 0, 1, 83) +
                       instruction(6, 0, 0, 0x50000 | 18) + instruction(6, 0, 0, 0x7FFF0000))
        descriptor = os.open(self.path("filter"), os.O_RDONLY)
        self.addCleanup(os.close, descriptor)
        args = ("/usr/bin/bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--seccomp", str(descriptor),
                "/bin/sh", "-c", "mkdir /dev/shm/x; echo end")
        plain, trace = self.confined(*args, preexec_fn=lambda: os.lseek(descriptor, 0, os.SEEK_SET),
                                     pass_fds=[descriptor])
        self.assertEqual(plain.stdout, b"end\n")
        self.assertRegex(trace, r'mkdir\("/dev/shm/x", .*EXDEV')

    @unittest.skipUnless(os.environ.get("CONFINED"), "no libseccomp")
    def test_libseccomp(self):
        """Some calls refused, others decided by a thread of its own: made, or answered."""
        plain, trace = self.confined(os.environ["CONFINED"])
        self.assertEqual(plain.stdout.decode(), "mkdirat: -1, Invalid cross-device link\ngetppid: as before\n"
                                                "rmdir: -1, Directory not empty\n")
        self.assertEqual(plain.returncode, 0)
        self.assertRegex(trace, r'mkdirat\(AT_FDCWD, "directory", 0700\) += -1 EXDEV')
        self.assertRegex(trace, r"getppid\(\) += \d")
        self.assertRegex(trace, r'rmdir\("directory"\) += -1 ENOTEMPTY')

    def test_man(self):
        """man-db's helpers confine themselves; without the page it is told that there is none."""
        plain, _trace = self.confined("/usr/bin/man", "ls")
        self.assertNotEqual(plain.stdout + plain.stderr, b"")

    def test_mistakes(self):
        done = self.pinktrace("--seccomp-bpf", "-o", self.path("trace"), "/bin/grep", "Seccomp:", "/proc/self/status")
        self.assertIn(b"without -f/--follow-forks, disabling", done.stderr)
        self.assertEqual(done.stdout, b"Seccomp:\t0\n")
        self.assert_one_line(self.pinktrace("--seccomp-bpf", "-f", "-b", "execve", "true"), "mutually exclusive")
        self.assert_one_line(self.pinktrace("--seccomp-bpf", "-f", "-p", "1"), "mutually exclusive")


class Paths(ToolCase):
    def names(self, done):
        return re.findall(r"^(\w+)\(", done.stderr.decode(), re.MULTILINE)

    @needs_strace
    def test_like_strace(self):
        with open(self.path("file"), "w") as file:
            file.write("contents\n")
        for path in self.path("file"), "file", "nowhere":
            with self.subTest(path):
                args = "-P", path, "/bin/cat", self.path("file")
                self.assertEqual(self.names(self.pinktrace(*args)), self.names(self.strace(*args)))
        done = self.pinktrace("-P", "file", "/bin/cat", "file")
        self.assertIn(b'openat(AT_FDCWD, "file"', done.stderr)

    def test_two(self):
        done = self.pinktrace("-P", "/dev/null", "--trace-path=/dev/zero", "/bin/sh", "-c", ": < /dev/null; : < /dev/zero; : < /dev/full")
        self.assertIn(b'"/dev/null"', done.stderr)
        self.assertIn(b'"/dev/zero"', done.stderr)
        self.assertNotIn(b'"/dev/full"', done.stderr)

    def test_summary(self):
        done = self.pinktrace("-c", "-P", "/dev/null", "/bin/sh", "-c", ": < /dev/null")
        self.assertIn(b"openat", done.stderr)
        self.assertNotIn(b"mmap", done.stderr)


if __name__ == "__main__":
    tap_unittest.main()
