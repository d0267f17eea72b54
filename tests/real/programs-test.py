# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real programs do traced what they do untraced, and each call is seen.

Each is run untraced, and traced with a handler on everything: output, exit status
and what is left in the directory are the same. Then how often each call was seen
is compared with strace, wherever three runs of strace agree. With PINK_TEST_LONG
they have more to do.
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "tool")]
import tap_unittest
from toolcase import ENVIRONMENT, PINKTRACE, PYTHON, STRACE, ToolCase, in_own_group, needs_program

LONG = bool(os.environ.get("PINK_TEST_LONG"))
BOUND = 1200 if LONG else 120
ATTEMPTS = 5
# How often they find nobody, or somebody else in the way, is a matter of speed alone.
TIMED = {"futex", "wait4"}
PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")

# A table of -c, ours or strace's: the number of calls and the name.
ROW = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", re.MULTILINE)


def counts(file):
    with open(file, errors="replace") as stream:
        text = stream.read()
    table = text[text.rindex("% time"):]
    found = {name: int(number) for number, name in ROW.findall(table)}
    return {name: number for name, number in found.items() if name not in TIMED | {"total"}}


class Programs(ToolCase):
    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def take(self, name, program):
        """One of the programs beside this one, in the directory of that name."""
        os.makedirs(self.path(name), exist_ok=True)
        shutil.copy(os.path.join(PROGRAMS, program), self.path(name))

    def run_in(self, name, command):
        """In a fresh copy of the directory: output, status, errors."""
        place = self.path("run")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.path(name), place, symlinks=True)
        result = subprocess.run(command, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=dict(ENVIRONMENT, HOME=place), timeout=BOUND)
        return result.stdout.decode(), result.returncode, result.stderr.decode()

    def check_counts(self, name, command, follow):
        strace = [STRACE, *follow, "-c", "-o", self.path("theirs")]
        ours = [PINKTRACE, *follow, "-C", "-o", self.path("ours")]
        runs = []
        for _ in range(ATTEMPTS):
            for _ in range(3):
                self.run_in(name, [*strace, *command])
                runs.append(counts(self.path("theirs")))
            # What is chance may agree three times, but hardly in all attempts.
            agreed = {call: number for call, number in runs[0].items()
                      if all(run.get(call) == number for run in runs)}
            self.assertGreater(len(agreed), 3, runs)
            self.run_in(name, [*ours, *command])
            found = counts(self.path("ours"))
            wrong = {call: f"{found.get(call)}, strace {number}" for call, number in agreed.items()
                     if found.get(call) != number}
            if not wrong:
                print(f"# {name}: {sum(found.values())} calls; the same as strace's: {len(agreed)} of "
                      f"{len(found)} names, {sum(agreed.values())} calls", flush=True)
                return
            print(f"# {name}: {wrong}", flush=True)
        self.fail(f"{name}: {wrong}")

    def check(self, name, command, follow=("-f",), look=None, mask=str):
        """look() gives more that must be the same, of what is left in the directory;
        mask() takes from the output what no two runs have in common."""
        def outcome(*tracer):
            output, code, errors = self.run_in(name, [*tracer, *command])
            return mask(output), code, look() if look else None, errors

        untraced = outcome()
        self.assertEqual(untraced[1], 0, untraced)
        traced = outcome(PINKTRACE, *follow, "-o", self.path("trace"))
        self.assertEqual(traced[:3], untraced[:3], traced[3])
        with open(self.path("trace"), errors="replace") as file:
            self.assertIn("+++ exited with 0 +++", file.read()[-200:])
        os.remove(self.path("trace"))
        if STRACE:
            self.check_counts(name, command, list(follow))

    @needs_program("make")
    def test_make(self):
        n = 50 if LONG else 6
        for i in range(n):
            self.write(f"make/f{i}.c", f"#include <stdio.h>\nint f{i} (void) {{ return {i}; }}\n")
        self.write("make/main.c", "".join(f"int f{i} (void);\n" for i in range(n)) +
                   "int main (void)\n{\n  int sum = 0;\n" +
                   "".join(f"  sum += f{i} ();\n" for i in range(n)) +
                   f"  return sum != {n * (n - 1) // 2};\n}}\n")
        objects = " ".join(f"f{i}.o" for i in range(n))
        self.write("make/Makefile", f"CC = cc\nall: prog\n\t./prog\nprog: main.o {objects}\n"
                                    "\t$(CC) -o $@ $^\n%.o: %.c\n\t@$(CC) -c -o $@ $<\n")
        self.check("make", ["make", "-j4"], look=lambda: sorted(os.listdir(self.path("run"))))

    @needs_program("git")
    def test_git(self):
        git = ["git", "-c", "user.name=n", "-c", "user.email=e@e", "-c", "init.defaultBranch=main"]
        os.makedirs(self.path("git/origin"))
        subprocess.run([*git, "init", "-q"], cwd=self.path("git/origin"), env=ENVIRONMENT, check=True)
        for i in range(30 if LONG else 4):
            self.write(f"git/origin/file{i}", "".join(f"{i} {n}\n" for n in range(1000)))
            for arguments in (["add", "."], ["commit", "-q", "-m", f"number {i}"]):
                subprocess.run([*git, *arguments], cwd=self.path("git/origin"), env=ENVIRONMENT,
                               check=True)

        def history():
            return subprocess.run(["git", "-C", self.path("run/copy"), "log", "--format=%H"],
                                  env=ENVIRONMENT, capture_output=True).stdout
        self.check("git", ["sh", "-c", "git clone -q origin copy && git -C copy gc -q && "
                           "git -C copy fsck --strict && git -C copy status -s"], look=history)

    @unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
    def test_python(self):
        self.take("python", "test_it.py")
        self.check("python", [PYTHON, "-m", "unittest", "-q", "test_it"])

    @needs_program("bash")
    def test_bash(self):
        self.take("bash", "jobs.sh")
        self.check("bash", ["bash", "jobs.sh"])

    def test_tar(self):
        os.makedirs(self.path("tar/data"))
        block = os.urandom(1 << 20)
        for i in range(16):
            with open(self.path(f"tar/data/{i}"), "wb") as file:
                for _ in range(64 if LONG else 1):
                    file.write(block)
        # Only what must be the same: times and owners are the copy's.
        self.check("tar", ["sh", "-c", "tar -c --sort=name --mtime=@0 --owner=0 --group=0 "
                           "--numeric-owner data | gzip -1n | sha256sum"])

    @needs_program("sqlite3")
    def test_sqlite(self):
        n = 10000 if LONG else 200
        self.write("sqlite/insert.sql", "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);\n" +
                   "".join(f"INSERT INTO t VALUES ({i}, 'row {i}');\n" for i in range(n)) +
                   "SELECT count(*), sum(a), max(b) FROM t;\n")
        self.check("sqlite", ["sh", "-c", "sqlite3 base.db <insert.sql"])

    @needs_program("node")
    def test_node(self):
        self.take("node", "workers.js")
        self.check("node", ["node", "workers.js"])

    @needs_program("gdb")
    def test_gdb(self):
        """With -f the kernel would refuse gdb a child that is traced already."""
        self.take("gdb", "debugged.c")
        subprocess.run(["cc", "-g", "-O0", "-o", "debugged", "debugged.c"], cwd=self.path("gdb"),
                       check=True)
        self.check("gdb", ["gdb", "-nx", "-batch", "-ex", "set startup-with-shell off",
                           "-ex", "break twice", "-ex", "run", "-ex", "info args", "-ex", "finish",
                           "-ex", "delete", "-ex", "continue", "debugged"], follow=(),
                   mask=lambda text: re.sub(r"process \d+", "process N", text))

    @unittest.skipUnless(STRACE, "strace is not installed")
    def test_strace(self):
        def lines():
            with open(self.path("run/inner")) as file:
                return len(file.readlines())

        self.write("strace/word", "word\n")
        self.check("strace", [STRACE, "-f", "-e", "trace=openat", "-o", "inner", "/bin/cat", "word"],
                   follow=(), look=lines)


if __name__ == "__main__":
    in_own_group(tap_unittest.main)
