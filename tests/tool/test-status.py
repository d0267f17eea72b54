# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the tracer ends: as the program did."""
import os
import pty
import resource
import select
import signal
import subprocess
import time

import tap_unittest
from toolcase import ENVIRONMENT, PINKTRACE, STRACE, TIMEOUT, ToolCase, traced_child

# Of a shell: says that its traps are set, and waits for what they do.
WAIT = "echo ready; while :; do sleep 0.05; done"


class Status(ToolCase):
    def check(self, script, returncode):
        self.assertEqual(self.pinktrace("-o", "/dev/null", "sh", "-c", script).returncode, returncode)
        self.assertEqual(self.pinktrace("sh", "-c", script).returncode, returncode)
        self.assertEqual(self.pinktrace("-c", "sh", "-c", script).returncode, returncode)
        if STRACE:
            self.assertEqual(self.strace("sh", "-c", script).returncode, returncode)

    def test_exit(self):
        for status in (0, 1, 3, 127, 255):
            with self.subTest(status):
                self.check(f"exit {status}", status)

    def test_killed(self):
        for name in ("KILL", "TERM", "INT", "HUP", "USR1", "PIPE"):
            with self.subTest(name):
                self.check(f"kill -{name} $$", -getattr(signal, f"SIG{name}"))

    def test_core(self):
        for name in ("SEGV", "ABRT"):
            with self.subTest(name):
                self.check(f"ulimit -c 0; kill -{name} $$", -getattr(signal, f"SIG{name}"))

    def test_core_is_the_program_s(self):
        """It is not overwritten by one of the tracer."""
        with open("/proc/sys/kernel/core_pattern") as file:
            pattern = file.read().strip()
        if pattern != "core" or resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY:
            self.skipTest("the system puts no core file beside the program")

        def allow():
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)

        # Also in the shell: a tracer built with AddressSanitizer lowers the limit.
        result = self.pinktrace("-e", "none", "sh", "-c", "ulimit -S -c unlimited; kill -SEGV $$",
                                preexec_fn=allow)
        self.assertTrue(result.stderr.endswith(b"\n+++ killed by SIGSEGV (core dumped) +++\n"))
        cores = [name for name in os.listdir(self.directory) if name.startswith("core")]
        self.assertEqual(len(cores), 1)
        with open(self.path(cores[0]), "rb") as file:
            self.assertNotIn(b"pinktrace\0", file.read())

    def test_output_of_the_program(self):
        result = self.pinktrace("-o", self.path("trace"), "sh", "-c", "echo out; echo err >&2")
        self.assertEqual((result.stdout, result.stderr), (b"out\n", b"err\n"))

    def test_input_of_the_program(self):
        with open("/etc/passwd", "rb") as file:
            result = self.pinktrace("-o", "/dev/null", "cat", stdin=file)
        with open("/etc/passwd", "rb") as file:
            self.assertEqual(result.stdout, file.read())

    def test_no_descriptor_more(self):
        argv = ["-o", "/dev/null", "ls", "/proc/self/fd"]
        expected = subprocess.run(argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=ENVIRONMENT).stdout
        self.assertEqual(self.pinktrace(*argv).stdout, expected)


    def test_closed_descriptors(self):
        """They stay closed for the program, and nothing is printed into another one."""
        for fds in ("0", "1", "2", "01", "012"):
            with self.subTest(fds):
                closing = " ".join(f"{fd}>&-" for fd in fds)
                script = "for i in 0 1 2; do test -e /proc/self/fd/$i && echo $i >&9; done; exit 3"
                with open(self.path("open"), "wb") as file:
                    result = self.run_tracer("/bin/sh", "-c", f'exec "$@" 9>open {closing}', "sh",
                                             PINKTRACE, "/bin/sh", "-c", script)
                self.assertEqual(result.returncode, 3)
                self.assertEqual(result.stdout, b"")
                with open(self.path("open")) as file:
                    self.assertEqual(file.read().split(), [fd for fd in "012" if fd not in fds])

    def test_tracer_task_killed(self):
        """The library's helper killed from outside: the program cannot go on, and that is said."""
        process = subprocess.Popen([PINKTRACE, "-o", self.path("trace"), "/usr/bin/cat"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=ENVIRONMENT)
        self.addCleanup(process.kill)
        process.stdin.write(b"ready\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"ready\n")
        os.kill(traced_child(process.pid, "/usr/bin/cat")[1], signal.SIGKILL)
        output, errors = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(errors, rb"^pinktrace: .*\n$")
        with open(self.path("trace")) as file:
            self.assertIn('read(0, "ready', file.read())


class Signals(ToolCase):
    """Signals sent to the tracer alone: as strace, it passes them on, lets go and ends."""

    def start(self, *argv, tracer=PINKTRACE):
        process = subprocess.Popen([tracer, *argv], env=ENVIRONMENT, cwd=self.directory,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def finish(self, process):
        output, _ = process.communicate(timeout=TIMEOUT)
        return output, process.returncode

    def check(self, name, script, output):
        for tracer in filter(None, (PINKTRACE, STRACE)):
            process = self.start("sh", "-c", script, tracer=tracer)
            number = getattr(signal, f"SIG{name}")
            process.send_signal(number)
            # To the end of the pipe, which the program has too: it goes on.
            self.assertEqual(self.finish(process), (output, -number))

    def test_passed_on(self):
        for name in ("TERM", "INT", "HUP", "QUIT"):
            with self.subTest(name):
                self.check(name, f"trap 'echo got; sleep 0.2; echo end; exit 5' {name}; {WAIT}",
                           b"got\nend\n")

    def test_program_dies_of_it(self):
        self.check("TERM", WAIT, b"")

    def test_program_goes_on(self):
        self.check("TERM", "trap '' TERM; echo ready; sleep 0.5; echo end", b"end\n")

    def test_kill_on_exit(self):
        process = self.start("--kill-on-exit", "sh", "-c", f"trap '' TERM; {WAIT}")
        process.send_signal(signal.SIGTERM)
        # End of file: the program is gone as well.
        self.assertEqual(self.finish(process), (b"", -signal.SIGTERM))

    def test_killed(self):
        """The program lives on, and with --kill-on-exit it does not."""
        process = self.start("sh", "-c", "echo ready; sleep 0.5; echo end")
        process.kill()
        self.assertEqual(self.finish(process), (b"end\n", -signal.SIGKILL))
        process = self.start("-f", "--kill-on-exit", "sh", "-c", "(echo ready; sleep 0.5; echo end)")
        process.kill()
        self.assertEqual(self.finish(process), (b"", -signal.SIGKILL))

    def test_all_are_let_go(self):
        process = self.start("-f", "sh", "-c", "trap '' TERM; for i in 1 2 3; do (sleep 0.5; echo end) & done; "
                                               "echo ready; wait")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process), (b"end\n" * 3, -signal.SIGTERM))

    def test_ignored_with_a_file(self):
        process = self.start("-o", self.path("trace"), "sh", "-c",
                             "trap 'echo got' TERM; echo ready; sleep 0.5; exit 4")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process), (b"", 4))

    def test_anywhere(self):
        process = self.start("-I1", "sh", "-c", "trap 'echo got' TERM; echo ready; sleep 1")
        process.send_signal(signal.SIGTERM)
        # The program has not been told.
        self.assertEqual(process.wait(TIMEOUT), -signal.SIGTERM)

    def kill_group(self, group):
        """The program, too, which else would run on without its tracer."""
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_reader_gone(self):
        """As in "pinktrace ls 2>&1 | head -1"; it is the next line that finds the reader gone."""
        reader, writer = os.pipe()
        process = subprocess.Popen([PINKTRACE, "sh", "-c", "while :; do kill -0 $$; done; :"], stderr=writer,
                                   stdin=subprocess.DEVNULL, env=ENVIRONMENT, start_new_session=True)
        self.addCleanup(self.kill_group, process.pid)
        os.close(writer)
        os.read(reader, 10)
        os.close(reader)
        self.assertEqual(process.wait(TIMEOUT), -signal.SIGPIPE)


class Terminal(ToolCase):
    """Ctrl-C, which the terminal sends to the tracer and the program alike."""

    def interrupt(self, *argv):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(argv[0], argv, ENVIRONMENT)
        output = b""
        sent = False
        limit = time.monotonic() + TIMEOUT
        while time.monotonic() < limit:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            output += piece
            if b"ready" in output and not sent:
                os.write(terminal, b"\003")
                sent = True
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output

    def test_program_dies(self):
        for options in (["-e", "none"], ["-o", self.path("trace")]):
            with self.subTest(options):
                argv = [*options, "sh", "-c", "echo ready; exec sleep 1000"]
                self.assertEqual(self.interrupt(PINKTRACE, *argv)[0], -signal.SIGINT)
                if STRACE:
                    self.assertEqual(self.interrupt(STRACE, *argv)[0], -signal.SIGINT)

    def test_program_handles_it_once(self):
        """It is not sent to it a second time; SIGCONT comes with what is."""
        script = ("n=0; trap 'n=$((n+1))' INT; trap 'echo again' CONT; echo ready; "
                  "while [ $n = 0 ]; do sleep 0.05; done; sleep 0.2; echo count $n; exit 6")
        for options in (["-e", "none"], ["-o", self.path("trace")]):
            with self.subTest(options):
                status, output = self.interrupt(PINKTRACE, *options, "sh", "-c", script)
                if options[0] == "-o":
                    self.assertIn(b"count 1", output)
                    self.assertNotIn(b"again", output)
                    self.assertEqual(status, 6)
                else:
                    # It is let go, and the tracer ends.
                    self.assertEqual(status, -signal.SIGINT)


if __name__ == "__main__":
    tap_unittest.main()
