# SPDX-License-Identifier: LGPL-2.1-or-later
"""-p: programs that run already, which live on."""
import os
import re
import signal
import subprocess
import unittest

import tap_unittest
from toolcase import ENVIRONMENT, PINKTRACE, PYTHON, TIMEOUT, ToolCase

LOOP = "while :; do sleep 0.02; done"
THREADS = ("import threading, time\n"
           "for i in range(4): threading.Thread(target=time.sleep, args=[1000], daemon=True).start()\n"
           "print('ready', flush=True)\n"
           "time.sleep(1000)\n")


def may_attach():
    """Only root may, where Yama lets the others trace what they have started alone."""
    try:
        with open("/proc/sys/kernel/yama/ptrace_scope") as file:
            return os.geteuid() == 0 or int(file.read()) == 0
    except FileNotFoundError:
        return True


@unittest.skipUnless(may_attach(), "kernel.yama.ptrace_scope does not permit it")
class AttachCase(ToolCase):
    def program(self, *argv, **kwargs):
        process = subprocess.Popen(argv, env=ENVIRONMENT, stdin=subprocess.DEVNULL, **kwargs)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def tracer(self, *args, tracer=PINKTRACE):
        process = subprocess.Popen([tracer, *args], env=ENVIRONMENT, cwd=self.directory,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def read_until(self, process, pattern):
        text = ""
        while not re.search(pattern, text):
            line = process.stderr.readline().decode()
            self.assertTrue(line, text)
            text += line
        return text

    def assert_runs(self, program):
        self.assertIsNone(program.poll())
        with open(f"/proc/{program.pid}/status") as file:
            status = file.read()
        self.assertIn("TracerPid:\t0\n", status)
        self.assertNotRegex(status, r"State:\t[tT]")


class Attach(AttachCase):
    def test_attach_and_detach(self):
        program = self.program("sh", "-c", LOOP)
        for name in ("INT", "TERM", "HUP", "QUIT"):
            with self.subTest(name):
                tracer = self.tracer("-p", str(program.pid))
                text = self.read_until(tracer, r"wait4\(.*\) += \d+\n")
                self.assertTrue(text.startswith(f"pinktrace: Process {program.pid} attached\n"), text)
                self.assertNotIn("[pid", text)
                tracer.send_signal(getattr(signal, f"SIG{name}"))
                text = tracer.stderr.read().decode()
                self.assertEqual(tracer.wait(TIMEOUT), -getattr(signal, f"SIG{name}"))
                self.assertIn(f"pinktrace: Process {program.pid} detached\n", text)
                self.assert_runs(program)

    def test_detached_in_a_call(self):
        program = self.program("/bin/sleep", "1000")
        tracer = self.tracer("-p", str(program.pid))
        self.assertEqual(self.read_until(tracer, "attached\n"),
                         f"pinktrace: Process {program.pid} attached\n")
        os.read(tracer.stderr.fileno(), 1000)
        tracer.send_signal(signal.SIGINT)
        text = tracer.stderr.read().decode()
        self.assertTrue(text.endswith(f"pinktrace: Process {program.pid} detached\n <detached ...>\n"), text)
        self.assert_runs(program)

    def test_several(self):
        programs = [self.program("sh", "-c", LOOP) for _ in range(3)]
        pids = [program.pid for program in programs]
        tracer = self.tracer("-q", "-p", f"{pids[0]},{pids[1]}", f"-p{pids[2]}")
        text = ""
        for pid in pids:
            text += self.read_until(tracer, rf"\[pid +{pid}\] ")
        tracer.send_signal(signal.SIGINT)
        text += tracer.stderr.read().decode()
        self.assertEqual(tracer.wait(TIMEOUT), -signal.SIGINT)
        self.assertNotIn("pinktrace:", text)
        for program in programs:
            self.assert_runs(program)

    def test_threads(self):
        program = self.program(PYTHON, "-c", THREADS, stdout=subprocess.PIPE)
        self.addCleanup(program.stdout.close)
        program.stdout.readline()
        tracer = self.tracer("-f", "-p", str(program.pid))
        self.read_until(tracer, rf"^pinktrace: Process {program.pid} attached with 5 threads\n")
        tracer.send_signal(signal.SIGINT)
        text = tracer.stderr.read().decode()
        self.assertEqual(tracer.wait(TIMEOUT), -signal.SIGINT)
        self.assertEqual(len(re.findall(r"pinktrace: Process \d+ detached\n", text)), 5, text)
        self.assert_runs(program)

    def test_only_the_thread_named(self):
        """Without -f."""
        program = self.program(PYTHON, "-c", THREADS, stdout=subprocess.PIPE)
        self.addCleanup(program.stdout.close)
        program.stdout.readline()
        tracer = self.tracer("-p", str(program.pid))
        text = self.read_until(tracer, rf"^pinktrace: Process {program.pid} attached\n")
        os.read(tracer.stderr.fileno(), 1000)
        tracer.send_signal(signal.SIGINT)
        text += tracer.stderr.read().decode()
        self.assertEqual(len(re.findall(r"detached\n", text)), 1, text)
        self.assertNotIn("[pid", text)
        self.assert_runs(program)

    def test_end_of_the_program(self):
        """It is not our child: its status is not ours."""
        program = self.program("sh", "-c", "sleep 0.5; exit 3")
        tracer = self.tracer("-p", str(program.pid), "-e", "none")
        text = tracer.stderr.read().decode()
        self.assertEqual(tracer.wait(TIMEOUT), 0)
        self.assertTrue(text.endswith("+++ exited with 3 +++\n"), text)

    def test_tracer_killed(self):
        program = self.program("sh", "-c", LOOP)
        tracer = self.tracer("-p", str(program.pid))
        self.read_until(tracer, r"wait4")
        tracer.kill()
        tracer.stderr.read()
        tracer.wait(TIMEOUT)
        # The kernel lets it go when the tracer task ends, which that one does by itself.
        for _ in range(500):
            with open(f"/proc/{program.pid}/status") as file:
                if "TracerPid:\t0\n" in file.read():
                    break
            subprocess.run(["sleep", "0.01"], check=True)
        self.assert_runs(program)

    def test_output_file(self):
        program = self.program("sh", "-c", LOOP)
        tracer = self.tracer("-o", "trace", "-e", "trace=wait4", "-p", str(program.pid))
        self.read_until(tracer, "attached\n")
        while not os.path.exists(self.path("trace")) or os.path.getsize(self.path("trace")) < 200:
            self.assertIsNone(tracer.poll())
        tracer.send_signal(signal.SIGINT)
        self.assertIn(b"detached", tracer.stderr.read())
        with open(self.path("trace")) as file:
            self.assertRegex(file.read(), r"^(wait4\(.*\n|--- SIGCHLD .*\n)+")

    def test_separate_files(self):
        program = self.program("sh", "-c", "sleep 0.3; /bin/true; exit 3")
        tracer = self.tracer("-q", "-ff", "-o", "trace", "-p", str(program.pid))
        self.assertEqual(tracer.stderr.read(), b"")
        self.assertEqual(tracer.wait(TIMEOUT), 0)
        self.assertGreaterEqual(len(os.listdir(self.directory)), 2)
        self.assertIn(f"trace.{program.pid}", os.listdir(self.directory))

    def test_with_a_program(self):
        program = self.program("sh", "-c", "sleep 0.2")
        result = self.pinktrace("-e", "none", "-p", str(program.pid), "sh", "-c", "exit 4")
        self.assertEqual(result.returncode, 4)
        self.assertIn(b"+++ exited with 4 +++\n", result.stderr)
        self.assertIn(b"+++ exited with 0 +++\n", result.stderr)


class Errors(AttachCase):
    def check(self, pid, pattern):
        self.assert_one_line(self.pinktrace("-p", str(pid)), pattern)

    def test_no_such_process(self):
        program = subprocess.Popen(["/bin/true"])
        program.wait()
        self.check(program.pid, f"process {program.pid}: there is no such process")

    def test_not_a_number(self):
        for text in ("x", "0", "-1", "1x", "99999999999", "self"):
            with self.subTest(text):
                self.check(text, f"invalid process id: '{text}'")

    def test_none(self):
        self.check(",", "must have PROGRAM")

    def test_traced_already(self):
        program = self.program("/bin/sleep", "1000")
        tracer = self.tracer("-p", str(program.pid))
        self.read_until(tracer, "attached\n")
        os.read(tracer.stderr.fileno(), 1000)
        self.check(program.pid, f"Cannot trace process {program.pid} \\(sleep\\): .*traces it already")
        tracer.send_signal(signal.SIGINT)
        tracer.stderr.read()

    def test_others_are_traced(self):
        program = self.program("sh", "-c", "sleep 0.3; exit 3")
        result = self.pinktrace("-e", "none", "-p", "999999999", "-p", str(program.pid))
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"no such process", result.stderr)
        self.assertIn(b"exited with 3", result.stderr)


if __name__ == "__main__":
    tap_unittest.main()
