# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line, and what is wrong with it."""
import os
import pwd
import re
import unittest
import select
import stat
import subprocess
import time

import tap_unittest
from toolcase import ENVIRONMENT, PINKTRACE, ToolCase, needs_strace


class Errors(ToolCase):
    """A line that tells what is wrong, status 1, and no process."""

    def check(self, args, pattern, **kwargs):
        # Whatever it leaves behind would keep this pipe's end open.
        reader, writer = os.pipe()
        try:
            self.assert_one_line(self.pinktrace(*args, pass_fds=[writer], **kwargs), pattern)
        finally:
            os.close(writer)
        try:
            self.assertTrue(select.select([reader], [], [], 60)[0], "something is left behind")
            self.assertEqual(os.read(reader, 1), b"")
        finally:
            os.close(reader)

    def test_no_program(self):
        self.check([], "must have PROGRAM")
        self.check(["-q"], "must have PROGRAM")
        self.check(["--"], "must have PROGRAM")

    def test_program_does_not_exist(self):
        self.check(["./nope"], "nope.*No such file")
        self.check(["nope-nowhere"], "nope-nowhere.*(No such file|no such program)")
        self.check([""], "No such file|no such program")
        self.check(["-o", "trace", "--", "-x"], "-x.*(No such file|no such program)")
        self.check(["--json", "./nope"], "No such file")
        self.check(["-c", "./nope"], "No such file")

    def test_program_without_permission(self):
        with open(self.path("plain"), "w") as file:
            file.write("#!/bin/sh\n")
        self.check(["./plain"], "plain.*Permission denied")

    def test_program_is_a_directory(self):
        self.check(["/tmp"], "/tmp.*(Permission denied|Is a directory)")

    def test_program_of_no_format(self):
        with open(self.path("odd"), "w") as file:
            file.write("not a program\n")
        os.chmod(self.path("odd"), 0o755)
        self.check(["./odd"], "odd.*Exec format error")

    def test_interpreter_does_not_exist(self):
        with open(self.path("script"), "w") as file:
            file.write("#!/no/such/interpreter\n")
        os.chmod(self.path("script"), 0o755)
        self.check(["./script"], "script.*No such file")

    def test_unknown_call(self):
        for words in ("nope", "openat,nope", "%nope", "!nope", "", "!", "openat,!close", "none,openat",
                      "openat,none", "/(", "/nope", "99999", ",", " openat"):
            with self.subTest(words):
                self.check(["-e", f"trace={words}", "true"], "invalid system call '.*'")
        self.check(["-e", "nope", "true"], "invalid system call 'nope'")
        self.check(["-e", "nope=openat", "true"], "invalid system call 'nope=openat'")
        self.check(["--trace=nope", "true"], "invalid system call 'nope'")

    def test_not_in_this_version(self):
        self.check(["-e", "signal=none", "true"], "this version has no -e signal=")
        for option in ("-Y", "-D", "-k", "-qk"):
            with self.subTest(option):
                self.check([option, "true"], f"this version has no -{option[-1]} ")

    def test_styles(self):
        self.check(["-X", "nope", "true"], "invalid -X argument: 'nope'")
        self.check(["--strings-in-hex=nope", "true"], "invalid --strings-in-hex argument: 'nope'")
        for name in ("abbrev", "verbose", "raw", "a", "v", "x"):
            self.check(["-e", f"{name}=nope", "true"], "invalid system call 'nope'")
        for name in ("read", "write", "r", "w", "reads", "writes"):
            for value in ("x", "3-4", "-1", "", "1,"):
                self.check(["-e", f"{name}={value}", "true"], "invalid descriptor: '")
        self.check(["-e", "decode-fds=nope", "true"], "invalid decode-fds: 'nope'")

    def test_numbers(self):
        for option in ("-s", "-a", "-I"):
            for value in ("x", "", "-1", "5k", "0x10", " 5", "99999999999999999999", "4294967295"):
                with self.subTest([option, value]):
                    self.check([option, value, "true"], f"invalid {option} argument: '{value}'")
        self.check(["-I", "5", "true"], "invalid -I argument: '5'")
        self.check(["-I", "0", "true"], "invalid -I argument: '0'")

    def test_unknown_options(self):
        self.check(["-@", "true"], "invalid option -- '@'")
        self.check(["-qG", "true"], "invalid option -- 'G'")
        self.check(["--nope", "true"], "unrecognized option '--nope'")
        self.check(["--su", "true"], "unrecognized option '--su'")
        self.check(["--json=x", "true"], "option '--json=x' takes no argument")
        self.check(["-o"], "option '-o' requires an argument")
        self.check(["--output"], "option '--output' requires an argument")
        self.check(["--quiet=nope", "true"], "invalid quiet 'nope'")
        self.check(["-E", "=x", "true"], "invalid -E argument: '=x'")

    def test_contradictions(self):
        self.check(["-w", "true"], "must be given with")
        self.check(["-c", "--json", "true"], "mutually exclusive")
        self.check(["-c", "-C", "true"], "mutually exclusive")
        self.check(["-ff", "true"], "must be given with -o")
        self.check(["-ff", "-c", "-o", "x", "true"], "mutually exclusive")
        self.check(["-ff", "--json", "-o", "x", "true"], "mutually exclusive")
        self.check(["-ff", "-o", "|cat", "true"], "mutually exclusive")
        self.check(["--kill-on-exit", "-p", "1"], "mutually exclusive")
        self.check(["-b", "openat", "true"], "-b takes execve only, not 'openat'")
        self.check(["-e", "status=nope", "true"], "invalid status 'nope'")

    def test_user_refused(self):
        self.check(["-u", "nosuchuser", "true"], 'There is no user "nosuchuser"')
        self.check(["-u", "root", "-p", "1"], "must be given with PROGRAM")
        if os.getuid() != 0:
            self.check(["-u", "root", "true"], "Only root can do that")

    def test_output(self):
        self.check(["-o", "/no/such/place", "true"], "/no/such/place.*No such file")
        self.check(["-o", "/tmp", "true"], "/tmp.*Is a directory")

    def test_nothing_is_run_if_output_cannot_be_written(self):
        self.check(["-o", "/no/such/place", "touch", self.path("made")], "No such file")
        self.assertFalse(os.path.exists(self.path("made")))


class Information(ToolCase):
    def check(self, option, pattern):
        result = self.pinktrace(option)
        self.assertRegex(result.stdout.decode(), pattern)
        self.assertEqual((result.stderr, result.returncode), (b"", 0))

    def test_version(self):
        self.check("-V", r"^pinktrace -- version \d+\.\d+\.\d+\n")
        self.check("--version", r"^pinktrace -- version")

    def test_help(self):
        self.check("-h", r"^Usage: pinktrace .*\n(.*\n)*.*--json")
        self.check("--help", r"^Usage: pinktrace")


class Program(ToolCase):
    """What becomes of the words after the options."""

    def output(self, *args, **kwargs):
        result = self.pinktrace("-o", "/dev/null", *args, **kwargs)
        self.assertEqual((result.stderr, result.returncode), (b"", 0))
        return result.stdout.decode()

    def test_options_end_at_the_program(self):
        self.assertEqual(self.output("printf", "%s|", "-e", "trace=none", "-V", "--", "x"),
                         "-e|trace=none|-V|--|x|")

    def test_dashes(self):
        self.assertEqual(self.output("--", "printf", "%s|", "--", "-q"), "--|-q|")

    def test_environment(self):
        lines = self.output("-E", "A=1", "-E", "A=2", "-E", "B=1", "-E", "B", "-E", "C=", "-E", "HOME",
                            "--env=D=x=y", "env").splitlines()
        self.assertIn("A=2", lines)
        self.assertIn("C=", lines)
        self.assertIn("D=x=y", lines)
        self.assertEqual([line for line in lines if line.startswith(("B", "HOME"))], [])

    @unittest.skipUnless(os.getuid() == 0, "only root can be another user")
    def test_user(self):
        script = "grep -E '^(Uid|Gid|Groups):' /proc/self/status"
        os.chmod(self.directory, 0o755)
        lines = [line.split() for line in self.output("-u", "nobody", "sh", "-c", script).splitlines()]
        user = pwd.getpwnam("nobody")
        self.assertEqual(lines[0][1:], [str(user.pw_uid)] * 4)
        self.assertEqual(lines[1][1:], [str(user.pw_gid)] * 4)
        self.assertEqual({int(group) for group in lines[2][1:]},
                         set(os.getgrouplist("nobody", user.pw_gid)))
        # What it makes is its own, too.
        self.assertEqual(self.output("-f", "-u", "nobody", "sh", "-c", "id -u; id -un"),
                         f"{user.pw_uid}\nnobody\n")

    @needs_strace
    def test_environment_as_strace(self):
        for tracer in ("pinktrace", "strace"):
            os.mkdir(self.path(tracer))
        args = ["-o", "/dev/null", "-E", "A=1", "-E", "LC_ALL", "env"]
        self.assertEqual(sorted(self.pinktrace(*args).stdout.splitlines()),
                         sorted(self.strace(*args).stdout.splitlines()))

    def test_path_is_searched(self):
        os.mkdir(self.path("bin"))
        with open(self.path("bin/first"), "w") as file:
            file.write("not executable")
        os.mkdir(self.path("more"))
        with open(self.path("more/first"), "w") as file:
            file.write("#!/bin/sh\necho $0\n")
        os.chmod(self.path("more/first"), 0o755)
        environment = dict(ENVIRONMENT, PATH=f"{self.path('bin')}:{self.path('more')}:/usr/bin:/bin")
        self.assertEqual(self.output("first", env=environment), self.path("more/first") + "\n")

    def test_working_directory(self):
        self.assertEqual(self.output("pwd"), os.path.realpath(self.directory) + "\n")


class Output(ToolCase):
    def test_file(self):
        result = self.pinktrace("-o", "trace", "echo", "x")
        self.assertEqual((result.stdout, result.stderr), (b"x\n", b""))
        with open(self.path("trace")) as file:
            self.assertEqual(file.read().splitlines()[-1], "+++ exited with 0 +++")

    def test_file_is_emptied(self):
        with open(self.path("trace"), "w") as file:
            file.write("x" * 100000)
        self.pinktrace("-otrace", "-e", "none", "true")
        with open(self.path("trace")) as file:
            self.assertEqual(file.read(), "+++ exited with 0 +++\n")

    def test_standard_error_only(self):
        result = self.pinktrace("echo", "x")
        self.assertEqual(result.stdout, b"x\n")
        self.assertIn(b"write(1, ", result.stderr)

    def test_command(self):
        for bar in "|!":
            with self.subTest(bar):
                self.pinktrace("-o", f"{bar}sleep 0.1; cat > trace; echo done >> trace", "true")
                with open(self.path("trace")) as file:
                    self.assertEqual(file.read().splitlines()[-2:], ["+++ exited with 0 +++", "done"])

    def test_full_disk(self):
        """Said once; the program is not disturbed."""
        result = self.pinktrace("-o", "/dev/full", "sh", "-c", "echo x; exit 3")
        self.assertEqual(result.stdout, b"x\n")
        self.assertEqual(result.stderr,
                         b"pinktrace: cannot write to '/dev/full': No space left on device\n")
        self.assertEqual(result.returncode, 3)

    def test_file_can_be_followed(self):
        """What has happened is in the file while the program goes on."""
        with subprocess.Popen([PINKTRACE, "-o", self.path("trace"), "cat"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, env=ENVIRONMENT) as process:
            limit = time.monotonic() + 60
            text = ""
            while "fadvise64(0" not in text:
                self.assertLess(time.monotonic(), limit, text)
                time.sleep(0.01)
                if os.path.exists(self.path("trace")):
                    with open(self.path("trace")) as file:
                        text = file.read()
            process.stdin.close()
            self.assertEqual(process.wait(60), 0)

    @unittest.skipIf(os.environ.get("PINK_SANITIZE") == "thread",
                     "ThreadSanitizer makes calls of its own in the tool")
    def test_few_writes_to_a_file(self):
        self.pinktrace("-o", "outer", "-e", "trace=write,openat",
                       PINKTRACE, "-o", "inner", "ls", "-l", "/usr")
        with open(self.path("inner")) as file:
            n_lines = len(file.readlines())
        with open(self.path("outer")) as file:
            trace = file.read()
        fd = re.search(r'^openat\(AT_FDCWD, "inner", .*\) += (\d+)$', trace, re.MULTILINE)[1]
        sizes = [int(size) for size in
                 re.findall(rf"^write\({fd}, .*\) += (\d+)$", trace, re.MULTILINE)]
        self.assertEqual(sum(sizes), os.stat(self.path("inner")).st_size)
        self.assertLess(len(sizes), n_lines / 4)

    def test_seen_before_the_call_is_made(self):
        """On standard error a call is announced, and what it writes comes after that."""
        result = self.pinktrace("-e", "trace=write", "sh", "-c", "echo x >&2")
        self.assertEqual(result.stderr.decode().splitlines()[0], 'write(1, "x\\n", 2x')

    def test_permissions(self):
        os.umask(0o027)
        self.addCleanup(os.umask, 0o022)
        self.pinktrace("-o", "trace", "true")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("trace")).st_mode), 0o640)


if __name__ == "__main__":
    tap_unittest.main()
