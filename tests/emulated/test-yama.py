# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a newcomer is told where Yama restricts ptrace: scopes 0 to 3, on a kernel that has it.

In the environment: PINK_YAMA_KERNEL, a bzImage of Debian's linux-image-amd64, and PINKTRACE,
the program under test. Needs qemu-system-x86_64, busybox (static) and setpriv.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import tap_unittest

PINKTRACE = os.environ.get("PINKTRACE", "pinktrace")
BOUND = 240  # seconds; a boot under emulation takes about 20 on an idle machine
KERNEL = os.environ.get("PINK_YAMA_KERNEL", "")


def libraries(program):
    """The shared libraries of a program, as {where it will look for it: the file}."""
    found = {}
    said = subprocess.run(["ldd", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in said.splitlines():
        match = re.match(r"\s*(?:\S+ => )?(/\S+) \(0x", line)
        if match:
            is_loader = "=>" not in line
            path = match[1] if is_loader else "/lib/" + os.path.basename(match[1])
            found[path] = os.path.realpath(match[1])
    return found


def make_initramfs(directory):
    passwd = os.path.join(directory, "passwd")
    with open(passwd, "w") as file:
        file.write("root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
    nodes = {"/etc/passwd": passwd, "/init": os.path.join(HERE, "yama-init.sh"),
             "/bin/busybox": shutil.which("busybox")}
    for target, program in (("/bin/pinktrace", os.path.realpath(PINKTRACE)),
                            ("/bin/as-user", shutil.which("setpriv"))):
        nodes[target] = program
        nodes.update(libraries(program))
    words = [f"{path}={file}" for path, file in nodes.items()]
    words += [f"/bin/{name}->busybox" for name in
              ("sh", "cat", "sleep", "mount", "mkfifo", "sed", "rm", "poweroff", "kill")]
    image = os.path.join(directory, "initramfs")
    subprocess.run([sys.executable, os.path.join(HERE, "initramfs.py"), image, *words], check=True)
    return image


def boot(image):
    """What the machine has printed until it turned itself off."""
    command = ["qemu-system-x86_64", "-accel", "tcg", "-M", "pc", "-m", "512", "-nographic",
               "-no-reboot", "-kernel", KERNEL, "-initrd", image,
               "-append", "console=ttyS0 quiet panic=-1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=BOUND)
    return done.stdout.decode(errors="replace").replace("\r", "")


class Yama(unittest.TestCase):
    """Every case of yama-init.sh: (scope, user, what) → (status, what was said)."""

    @classmethod
    def setUpClass(cls):
        cls.cases = {}
        with tempfile.TemporaryDirectory(prefix="pinktrace-yama-") as directory:
            text = boot(make_initramfs(directory))
        case = None
        for line in text.splitlines():
            # The firmware leaves the first line without a beginning of its own.
            found = re.search(r"case (\d) (\w+) (\S+) (\d+)$", line)
            if found:
                case = (int(found[1]), found[2], found[3])
                cls.cases[case] = (int(found[4]), [])
            elif line.startswith("said ") and case:
                cls.cases[case][1].append(line[len("said "):])
        if "that is all" not in text:
            raise RuntimeError("the machine did not come to its end:\n" + text)

    def assert_traced(self, *case):
        status, said = self.cases[case]
        self.assertEqual(status, 0, said)
        return said

    def assert_refused(self, *case):
        status, said = self.cases[case]
        self.assertEqual(status, 1, said)
        self.assertEqual(len(said), 1, said)
        self.assertIn("Cannot trace", said[0])
        return said[0]

    def test_spawn(self):
        for case in ((0, "root"), (0, "nobody"), (1, "root"), (1, "nobody"), (2, "root")):
            with self.subTest(case):
                said = self.assert_traced(*case, "spawn")
                # Strings are read, too, whatever Yama restricts.
                self.assertRegex(said[0], r'^execve\("/bin/cat", \["cat", "/etc/passwd"\]')
                self.assertTrue([line for line in said if "root:x:0:0" in line], said)
                self.assertTrue([line for line in said if '"/etc/passwd"' in line and "openat" in line
                                 or "open(" in line], said)

    def test_spawn_refused(self):
        message = self.assert_refused(2, "nobody", "spawn")
        self.assertIn("kernel.yama.ptrace_scope is 2", message)
        self.assertIn("root", message)
        for user in ("root", "nobody"):
            self.assertIn("kernel.yama.ptrace_scope is 3", self.assert_refused(3, user, "spawn"))

    def test_attach(self):
        for case in ((0, "root"), (0, "nobody"), (1, "root"), (2, "root")):
            with self.subTest(case):
                self.assert_traced(*case, f"attach-{case[1]}")

    def test_attach_refused(self):
        message = self.assert_refused(1, "nobody", "attach-nobody")
        self.assertIn("its own descendants (kernel.yama.ptrace_scope is 1)", message)
        self.assertIn("(sleep)", message)
        self.assertIn("kernel.yama.ptrace_scope is 2",
                      self.assert_refused(2, "nobody", "attach-nobody"))
        for user in ("root", "nobody"):
            self.assertIn("kernel.yama.ptrace_scope is 3",
                          self.assert_refused(3, user, f"attach-{user}"))

    def test_attach_to_another_users(self):
        for scope in range(4):
            with self.subTest(scope):
                self.assertIn("it belongs to user root. Run as that user or as root.",
                              self.assert_refused(scope, "nobody", "attach-root"))


if __name__ == "__main__":
    tap_unittest.main()
