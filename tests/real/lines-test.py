# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole lines of real programs, by default and with -v, are strace's.

What differs still, by kind, for whoever looks at a failure:
- what another process or thread does meanwhile: a signal or a futex() comes earlier or
  later in each run, of strace too (such lines do not count)
- -v: nested attributes of netlink messages are bytes (IFLA_AF_SPEC, IFLA_LINKINFO, IFLA_XDP)
- names that are newer than Debian's strace
"""
import os
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "tool"), os.path.join(TESTS, "decode")]
import tap_unittest
from compare_strace import compare
from toolcase import PINKTRACE, ToolCase, needs_program, needs_strace

# Chance makes a pair of runs differ now and then, a mistake all of them.
ATTEMPTS = 3

# It waits once for what the server says when it is ready, so that each run has the same calls.
SERVER = """
cd "$1" || exit 1
python3 -S -u -m http.server --bind 127.0.0.1 0 >../said 2>/dev/null & server=$!
exec 3<../said
read line <&3
port=${line#*port }
curl -s -o /dev/null "http://127.0.0.1:${port%% *}/file"
kill -9 $server
"""

# Threads of Python's meet at one lock, each time in another order.
THREADS = """
trap 'echo usr1' USR1
kill -USR1 $$
"$1" threads 20 1
kill -TERM $$
"""


@needs_strace
class Lines(ToolCase):
    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def check(self, *command):
        for options, least in ((["-ff"], 97), (["-ff", "-v"], 95)):
            for _ in range(ATTEMPTS):
                equal, total, differing = compare(PINKTRACE, options, command)
                if 100 * equal >= least * total:
                    break
            self.assertGreater(total, 10)
            self.assertGreaterEqual(100 * equal, least * total,
                                    f"{equal} of {total} lines equal with {options}:\n" + "\n".join(differing))

    def test_true(self):
        self.check("/bin/true")

    def test_cat(self):
        self.check("cat", "/etc/passwd")

    def test_ls(self):
        self.check("ls", "-l", "/usr")

    def test_find(self):
        self.check("find", "/etc/apt", "/etc/default", "/etc/init.d")

    def test_python(self):
        self.check("python3", "-c", "print(1)")

    def test_pipe(self):
        self.check("sh", "-c", "ls | wc -l")

    @needs_program("git")
    def test_git(self):
        where = self.path("repository")
        for command in (["init", "-q"], ["add", "."]):
            os.makedirs(where, exist_ok=True)
            with open(os.path.join(where, "file"), "w", encoding="utf-8") as file:
                file.write("text\n")
            self.assertEqual(os.spawnlp(os.P_WAIT, "git", "git", "-C", where, *command), 0)
        self.check("git", "-C", where, "status")

    def test_tar(self):
        self.check("tar", "-cf", self.path("archive"), "-C", TESTS, "decode")

    @needs_program("curl")
    def test_network(self):
        os.mkdir(self.path("served"))
        os.mkfifo(self.path("said"))
        self.write("served/file", "text\n")
        self.check("sh", self.write("server", SERVER), self.path("served"))

    def test_threads(self):
        self.check("sh", self.write("threads", THREADS), os.environ["PINK_TREEPROG"])

    def test_make(self):
        names = "abc"
        for name in names:
            self.write(f"{name}.c", f"#include <stdio.h>\nint {name} (void) {{ return puts (\"\"); }}\n")
        self.write("Makefile", "all: " + " ".join(f"{name}.o" for name in names) + "\n")
        self.check("make", "-s", "-B", "-C", self.path(""))

    @needs_program("sqlite3")
    def test_sqlite(self):
        self.check("sqlite3", ":memory:", "create table t(n); insert into t values(1); select * from t")

    @needs_program("ssh-keygen")
    def test_key(self):
        script = self.write("key", 'rm -f "$1" "$1.pub"; exec ssh-keygen -q -t ed25519 -N "" -f "$1"\n')
        self.check("sh", script, self.path("made"))

    @needs_program("ip")
    def test_netlink(self):
        self.check("ip", "addr")


if __name__ == "__main__":
    tap_unittest.main()
