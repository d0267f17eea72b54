# SPDX-License-Identifier: LGPL-2.1-or-later
"""-v, -X, -x, -y and the -e qualifiers that choose how calls are written."""
import os
import re
import unittest

import tap_unittest
from toolcase import PINKTRACE, PYTHON, STRACE, ToolCase, calls, mask, needs_strace

# Each kind of descriptor, and a path that has to be escaped.
DESCRIPTORS = """
import os, socket
folder = os.path.dirname(os.path.abspath(__file__))
name = folder + '/we<ird> "n\\u00e4me\\\\\\n\\x01'
for one in (name, folder + '/gone'):
    fd = os.open(one, os.O_CREAT | os.O_RDWR)
    if one != name:
        os.unlink(one)
    os.write(fd, b'x' * 40)
    os.close(fd)
fd = os.open('/dev/null', os.O_RDWR)
os.write(fd, b'n')
os.close(fd)
r, w = os.pipe()
os.write(w, b'pipe')
os.read(r, 10)
for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
    s = socket.socket(family)
    try:
        s.bind((address, 0))
    except OSError:
        continue
    s.listen(5)
    c = socket.socket(family)
    c.connect(s.getsockname())
    a, _ = s.accept()
    a.send(b'tcp')
    c.recv(3)
    for one in (a, c, s):
        one.close()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 0))
s.getsockname()
s.close()
x, y = socket.socketpair()
x.send(b'u')
y.recv(1)
s = socket.socket(socket.AF_UNIX)
s.bind(folder + '/sock')
s.listen(1)
c = socket.socket(socket.AF_UNIX)
c.connect(folder + '/sock')
a, _ = s.accept()
a.send(b'unix')
c.recv(4)
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.bind((0, 0))
s.getsockname()
d = os.open('/etc', os.O_DIRECTORY | os.O_RDONLY)
os.close(os.open('passwd', os.O_RDONLY, dir_fd=d))
"""

VECTORS = """
import os, socket
f = os.open(__file__, 0)
os.readv(f, [bytearray(5), bytearray(20)])
os.pread(f, 10, 2)
a, b = socket.socketpair()
a.sendmsg([b"abc", b"defghijklmnopqrstuv"])
b.recvmsg(30)
a.send(b"x" * 3)
b.recv(100)
"""


def plain(line):
    """Without what differs between two runs of one tracer."""
    line = re.sub(r"nl_pad=0x\w+, ", "", mask(line))
    line = re.sub(r"\[\d+(->\d+)?[],]", lambda match: "[INODE" + match.group(0)[-1], line)
    line = re.sub(r"htons\(\d+\)|:\d{4,}\b|(?<=ROUTE):\d+", "PORT", line)
    line = re.sub(r"nl_pid=\d+", "nl_pid=PID", line)
    line = re.sub(r"stx_[abcm]time=\{.*?\}( /\* .*? \*/)?", "TIME", line)
    line = re.sub(r"si_[us]time=\d+|st_ino=\d+|\d{10} /\* .*? \*/|_nsec=\d+", "TIME", line)
    return re.sub(r" +(= )", r" \1", line)


def shown(lines):
    """Calls, and the data below them."""
    return [line for line in lines if calls([line]) or line.startswith((" | ", " * "))]


@needs_strace
class Styles(ToolCase):
    # Random bytes, the free memory and the clock differ from run to run; a stamp of
    # when something was last read, too.
    LEFT_OUT = ("getrandom(", "sysinfo(", "clock_gettime(")
    # -X: what is not numbers and names alone: strace shows a socket's address as bytes,
    # and flags of two kinds each by themselves.
    LEFT_OUT_OF_X = ("statx(", "socket(", "connect(", "clone(", "fcntl(")

    def check(self, options, *argv, left_out=()):
        lines = []
        for tracer in (PINKTRACE, STRACE):
            lines.append([plain(line) for line in shown(self.trace(tracer, *options, *argv))
                          if not line.startswith((*self.LEFT_OUT, *left_out))])
        self.assertGreater(len(lines[0]), 1)
        self.assert_equal_lists(*lines)
        return "\n".join(lines[0])

    def test_verbose(self):
        found = self.check(["-v", "-e", "trace=!execve"], "ls", "-l", "/usr/share")
        self.assertIn("stx_attributes_mask=", found)
        self.assertIn("[\"HOME=/\", ", self.check(["-v"], "/bin/true"))

    def test_abbreviated(self):
        self.assertIn("st_dev=", self.check(["-e", "abbrev=openat"], "cat", "/etc/passwd"))
        self.assertIn("...}", self.check(["-e", "abbrev=!openat"], "cat", "/etc/passwd"))
        self.assertIn("...}", self.check(["--abbrev=all"], "cat", "/etc/passwd"))

    def test_addresses(self):
        for options in (["-e", "verbose=none"], ["-e", "v=!newfstatat"], ["--verbose=!%file,%desc"]):
            with self.subTest(options):
                self.assertNotIn("st_mode", self.check(options, "cat", "/etc/passwd"))
        self.assertIn("st_mode", self.check(["-e", "verbose=newfstatat"], "cat", "/etc/passwd"))

    def test_raw(self):
        found = self.check(["-e", "raw=openat,read,exit_group,mmap,access"], "cat", "/etc/passwd", "/nope")
        self.assertRegex(found, r"openat\(ADDRESS, ADDRESS, 0x80000, 0\) = 0x3")
        self.assertIn("-1 ENOENT", found)
        self.check(["--raw=all"], "cat", "/etc/passwd", left_out=["set_tid_address("])

    def test_constants(self):
        found = self.check(["-X", "raw"], "cat", "/etc/passwd", "/nope", left_out=self.LEFT_OUT_OF_X)
        self.assertIn("openat(-100, ", found)
        found = self.check(["-X", "verbose"], "cat", "/etc/passwd", "/nope", left_out=self.LEFT_OUT_OF_X)
        self.assertIn("openat(-100 /* AT_FDCWD */, ", found)
        self.assertIn("st_mode=0100644 /* S_IFREG|0644 */", found)
        self.assertEqual(self.check(["-X", "raw", "--const-print-style=abbrev"], "cat", "/etc/passwd"),
                         self.check([], "cat", "/etc/passwd"))

    def test_hexadecimal(self):
        self.assertIn('"\\x7f\\x45\\x4c\\x46', self.check(["-x"], "cat", "/etc/passwd"))
        self.assertIn('"\\x2f\\x65\\x74\\x63', self.check(["-xx"], "cat", "/etc/passwd"))
        self.check(["--strings-in-hex"], "cat", "/etc/passwd")
        self.check(["--strings-in-hex=non-ascii"], "cat", "/etc/passwd")

    def run_script(self, options, text):
        name = self.path("script.py")
        with open(name, "w", encoding="utf-8") as script:
            script.write(text)
        lines = []
        for tracer in (PINKTRACE, STRACE):
            lines.append([plain(line) for line in shown(self.trace(tracer, *options, PYTHON, "-S", name))
                          if not line.startswith(self.LEFT_OUT)])
            for made in os.listdir(self.path("")):
                if made != "script.py":
                    os.unlink(self.path(made))
        return lines

    @unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
    def test_descriptors(self):
        chosen = "trace=%desc,%network,close"
        ours, theirs = self.run_script(["-y", "-e", chosen], DESCRIPTORS)
        self.assert_equal_lists(ours, theirs)
        text = "\n".join(ours)
        for part in (r'/we\74ird\76 \"n\303\244me\\\n\1>', "/gone>(deleted)", "</dev/null>", "<pipe:[",
                     "<socket:[", "</etc/passwd>", "AT_FDCWD<"):
            self.assertIn(part, text)

    @unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
    def test_descriptor_details(self):
        # A socket that is bound, and not connected, is in no list of /proc.
        unknown = re.compile(r"^listen\(\d+<TCP(v6)?:\[.*?\]>, ")
        found = [[line for line in lines if not unknown.match(line)]
                 for lines in self.run_script(["-yy", "-e", "trace=%desc,%network,close"], DESCRIPTORS)]
        self.assert_equal_lists(*found)
        text = "\n".join(found[0])
        for part in ("<char 1:3>", "<TCP:[127.0.0.1PORT->127.0.0.1PORT]>", "<UNIX-STREAM:[INODE]>",
                     "<UDP:[127.0.0.1PORT]>", "<NETLINK:[ROUTE", '/sock"]>'):
            self.assertIn(part, text)

    @unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
    def test_data(self):
        chosen = ["-e", "trace=readv,pread64,sendmsg,recvmsg,sendto,recvfrom"]
        for options in (["-e", "read=3", "-e", "write=all"], ["-e", "read=!3", "-e", "write=none"],
                        ["--read=3,5", "--write=4"]):
            with self.subTest(options):
                ours, theirs = self.run_script(chosen + options, VECTORS)
                self.assert_equal_lists(ours, theirs)
                self.assertTrue([line for line in ours if line.startswith(" | 00000  ")])
        found = self.check(["-e", "read=3", "-e", "write=1", "-e", "trace=read,write"], "cat", "/etc/passwd")
        self.assertIn(" | 00010  ", found)

    def test_nothing_but_the_chosen(self):
        self.assertNotIn(" | ", self.check(["-e", "read=77", "-e", "write=!1"], "cat", "/etc/passwd"))


if __name__ == "__main__":
    tap_unittest.main()
