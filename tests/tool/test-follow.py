# SPDX-License-Identifier: LGPL-2.1-or-later
"""-f: each thread's calls are, name by name, those strace sees; and the form of its lines."""
import collections
import os
import re
import shutil
import unittest

import tap_unittest
from toolcase import ADDRESS, ODD_CALLS, PINKTRACE, PYTHON, STRACE, ToolCase, needs_odd_calls, needs_strace

# What is called depends on who comes first: whether there is something to wait for.
UNSTEADY = {"futex", "restart_syscall", "sched_yield", "rt_sigreturn", "madvise", "munmap", "mprotect",
            "mmap", "brk"}

CALL = re.compile(r"(?:(\w+)\(|<\.\.\. (\w+) resumed>)")


def by_pid(lines):
    """{pid: [the rest of its lines]} of a trace in a file, in the order of first lines."""
    found = collections.OrderedDict()
    for line in lines:
        pid, rest = line.split(None, 1)
        found.setdefault(int(pid), []).append(rest)
    return found


def call_names(lines):
    return [match[1] for match in map(CALL.match, lines) if match and match[1]]


def threads(lines):
    """The names of each thread's calls. Who comes first is chance: they are sorted."""
    return sorted([name for name in call_names(rest) if name not in UNSTEADY]
                  for rest in by_pid(lines).values())


class Follow(ToolCase):
    def check(self, *argv, least, threads=threads):
        # Once without a witness: what is made only once (a cache) is there then.
        self.run_tracer(*argv)
        for _ in range(5):
            theirs = threads(self.trace(STRACE, "-f", *argv))
            ours = threads(self.trace(PINKTRACE, "-f", *argv))
            if ours == theirs:
                break
            # Chance or a mistake? A mistake does not go away.
        self.assert_equal_lists([" ".join(calls) for calls in ours],
                                [" ".join(calls) for calls in theirs])
        self.assertGreaterEqual(len(ours), least)

    @needs_strace
    def test_pipe(self):
        self.check("sh", "-c", "ls | wc -l", least=3)

    @needs_strace
    def test_wait(self):
        self.check("bash", "-c", "(true; exit 3) & wait", least=2)

    @needs_strace
    @unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
    def test_python(self):
        script = ("import subprocess, threading\n"
                  "for i in range(3):\n"
                  "    t = threading.Thread(target=lambda: open('/etc/passwd').close())\n"
                  "    t.start(); t.join()\n"
                  "subprocess.run(['/bin/true'])\n")
        self.check(PYTHON, "-c", script, least=5)

    @needs_strace
    @unittest.skipUnless(shutil.which("make", path="/usr/bin") and shutil.which("gcc", path="/usr/bin"),
                         "make or gcc is not installed")
    def test_make(self):
        """The processes are the same; inside, make and gcc depend on who is ready first."""
        for name in "abcd":
            with open(self.path(f"{name}.c"), "w") as file:
                file.write(f"int {name} (void) {{ return 0; }}\n")
        with open(self.path("main.c"), "w") as file:
            file.write("int main (void) { return 0; }\n")
        with open(self.path("Makefile"), "w") as file:
            file.write("main: main.o a.o b.o c.o d.o\n\tgcc -o $@ $^\n"
                       "%.o: %.c\n\tgcc -c $<\n")

        def programs(lines):
            found = []
            for rest in by_pid(lines).values():
                text = "\n".join(rest)
                found.append(([line.split('"')[1] for line in rest if line.startswith("execve(")],
                              re.findall(r"^\+\+\+ .*", text, re.MULTILINE),
                              # Random names of temporary files are tried until one is free.
                              [name for name in call_names(rest)
                               if name in ("openat", "unlink", "write") and "/make" not in text]))
            return sorted(found)

        argv = ("make", "-j2", "-B")
        self.run_tracer(*argv)
        theirs = programs(self.trace(STRACE, "-f", *argv))
        ours = programs(self.trace(PINKTRACE, "-f", *argv))
        self.assert_equal_lists(ours, theirs)
        self.assertGreater(len(ours), 15)
        self.assertEqual(self.run_tracer("./main").returncode, 0)

    @needs_strace
    def test_xargs(self):
        """How often xargs itself waits, for what, and what of that is interrupted, is chance."""
        def steady(lines):
            found = []
            for rest in by_pid(lines).values():
                calls = [name for name in call_names(rest) if name not in UNSTEADY | {"wait4"}]
                if calls.count("clone") > 2:
                    calls = [*sorted(set(calls)), str(calls.count("clone"))]
                found.append(calls)
            return sorted(found)

        self.check("sh", "-c", "seq 8 | xargs -P4 -n1 /bin/true", least=10, threads=steady)

    def test_many_processes(self):
        lines = self.trace(PINKTRACE, "-f", "-e", "trace=execve", "sh", "-c",
                           "for i in $(seq 50); do /bin/true & done; wait")
        # And the one that makes the list.
        self.assertEqual(len([line for line in lines if line.endswith("+++ exited with 0 +++")]), 52)

    def test_not_followed(self):
        lines = self.trace(PINKTRACE, "-e", "trace=execve", "sh", "-c", "/bin/true; /bin/true; :")
        self.assertEqual(len([line for line in lines if "execve(" in line]), 1)

    def test_status_is_that_of_the_first(self):
        for options in ((), ("-f",), ("-f", "-c"), ("-ff", "-o", self.path("out"))):
            with self.subTest(options):
                result = self.pinktrace("-qq", *options, "sh", "-c", "(exit 5) & wait; exit 3")
                self.assertEqual(result.returncode, 3)

    def test_waits_for_all(self):
        lines = self.trace(PINKTRACE, "-f", "-e", "trace=none", "sh", "-c", "(sleep 0.3; exit 5) & exit 3")
        self.assertTrue(any(line.endswith("+++ exited with 5 +++") for line in lines), lines)

    @needs_strace
    def test_counts(self):
        def counts(lines):
            return sorted(re.sub(r"^ *[\d.]+ +[\d.]+ +\d+ ", "", line) for line in lines[2:-2])

        argv = ("-f", "-c", "-e", "trace=execve,openat,close,write", "sh", "-c", "ls | wc -l; /bin/true")
        self.assert_same(counts, *argv)


class Form(ToolCase):
    def stderr(self, tracer, *args):
        return self.run_tracer(tracer, *args).stderr.decode()

    def masked(self, text):
        text = re.sub(r"^(?:pinktrace|\S*strace): ", "TRACER: ", text, flags=re.MULTILINE)
        text = ADDRESS.sub("ADDRESS", text)
        return re.sub(r"(?<=pid=)\d+|(?<=\[pid )[ \d]{5,}|(?<=Process )\d+|(?<=in pid )\d+", "PID", text)

    @needs_strace
    def test_prefixes(self):
        """They are there while there is more than one; the shell waits in a call of its own."""
        argv = ("-f", "-e", "trace=exit_group", "sh", "-c", "/bin/true; exit 3")
        self.assertEqual(self.masked(self.stderr(PINKTRACE, *argv)),
                         self.masked(self.stderr(STRACE, *argv)))

    def test_unfinished_and_resumed(self):
        text = self.masked(self.stderr(PINKTRACE, "-f", "-e", "trace=wait4,exit_group", "sh", "-c",
                                       "sleep 0.2; exit 3"))
        self.assertRegex(text, r"\[pid PID\] wait4\(-1,  <unfinished \.\.\.>\n"
                               r"\[pid PID\] exit_group\(0\) {15}= \?\n"
                               r"\[pid PID\] \+\+\+ exited with 0 \+\+\+\n"
                               r"<\.\.\. wait4 resumed>\[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0\}\], 0, NULL\) = \d+\n")

    def test_attached_note(self):
        self.assertIn("pinktrace: Process ", self.stderr(PINKTRACE, "-f", "sh", "-c", "/bin/true; :"))
        self.assertNotIn("pinktrace: ", self.stderr(PINKTRACE, "-q", "-f", "sh", "-c", "/bin/true; :"))
        self.assertNotIn("attached", self.stderr(PINKTRACE, "-f", "--quiet=attach", "sh", "-c",
                                                 "/bin/true; :"))

    def test_file_has_every_pid(self):
        for line in self.trace(PINKTRACE, "-f", "/bin/true"):
            self.assertRegex(line, r"^\d+ +\S")

    @needs_strace
    @needs_odd_calls
    def test_superseded(self):
        argv = ("-f", "-e", "trace=execve", ODD_CALLS, "thread-exec")

        def notes(text):
            return [line for line in self.masked(text).splitlines() if "execve in" in line or "exited" in line
                    or "resumed" in line]

        ours = notes(self.stderr(PINKTRACE, *argv))
        self.assertEqual(ours, notes(self.stderr(STRACE, *argv)))
        self.assertEqual(ours[0], "+++ superseded by execve in pid PID +++")
        ours = self.stderr(PINKTRACE, "--quiet=thread-execve", *argv)
        self.assertNotIn("superseded", ours)

    def test_detach_on_execve(self):
        text = self.stderr(PINKTRACE, "-f", "-b", "execve", "-e", "trace=execve,exit_group", "sh", "-c",
                           "/bin/true; /bin/true; exit 4")
        self.assertEqual(len(re.findall("Process \\d+ detached", text)), 2)
        self.assertEqual(text.count("exit_group"), 1)
        self.assertTrue(text.endswith("+++ exited with 4 +++\n"))

    def test_detach_on_execve_of_the_program(self):
        """It goes on, and the tracer ends."""
        result = self.pinktrace("-q", "-b", "execve", "sh", "-c", "exec sh -c 'echo here; exit 3'")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, b"here\n")
        self.assertIn(b" <detached ...>\n", result.stderr)


class Itself(ToolCase):
    def test_is_followed(self):
        """Who is traced with all that it starts can trace nothing, and is told by whom."""
        result = self.pinktrace("-f", "-o", "trace", PINKTRACE, "true")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, rb'^pinktrace: Cannot trace "\S+/true": process \d+ \(\S+\) traces this '
                                        rb"program with all that it starts, .* without following forks\.\n$")

    def test_is_not_followed(self):
        result = self.pinktrace("-o", "trace", PINKTRACE, "-o", "inner", "sh", "-c", "exit 3")
        self.assertEqual((result.returncode, result.stderr), (3, b""))


class Separate(ToolCase):
    def test_files(self):
        result = self.pinktrace("-ff", "-o", "trace", "-e", "trace=execve,exit_group", "sh", "-c",
                                "/bin/true; /bin/false; exit 3")
        self.assertEqual((result.returncode, result.stderr), (3, b""))
        found = {}
        for name in os.listdir(self.directory):
            with open(self.path(name)) as file:
                first, *lines = file.read().splitlines()
            program = re.match(r'execve\("/\S*/(\w+)", .* = 0$', first).group(1)
            found[program] = [line for line in lines if not line.startswith("--- SIGCHLD")]
        self.assertEqual(set(found), {"sh", "true", "false"})
        for program, status in ("sh", 3), ("true", 0), ("false", 1):
            self.assertRegex(found[program][0], rf"^exit_group\({status}\) +?= \?$")
            self.assertEqual(found[program][1:], [f"+++ exited with {status} +++"])

    @needs_strace
    @needs_odd_calls
    def test_superseded(self):
        """The thread's lines go on in the file of the first one, whose id it has."""
        found = []
        for tracer in (PINKTRACE, STRACE):
            os.mkdir(self.path("out"))
            self.run_tracer(tracer, "-ff", "-o", "out/trace", "-e", "trace=execve,exit_group", ODD_CALLS,
                            "thread-exec")
            texts = []
            for name in sorted(os.listdir(self.path("out")), key=lambda name: int(name[6:])):
                with open(self.path(f"out/{name}")) as file:
                    texts.append(re.sub(r"0x[0-9a-f]+|pid \d+|to \d+", "NUMBER", file.read()))
            found.append(texts)
            shutil.rmtree(self.path("out"))
        self.assertEqual(found[0], found[1])
        self.assertIn("<... execve resumed>", found[0][0])


if __name__ == "__main__":
    tap_unittest.main()
