# SPDX-License-Identifier: LGPL-2.1-or-later
"""The calls of a program are, name by name and in order, those strace sees."""
import os
import shutil
import unittest

import tap_unittest
from toolcase import PYTHON, ToolCase, names, needs_strace


@needs_strace
class Calls(ToolCase):
    def check(self, *argv):
        # Once without a witness: what is made only once (a cache) is there then.
        self.run_tracer(*argv)
        found = self.assert_same(names, *argv)
        self.assertEqual(found[0], "execve")
        self.assertEqual(found[-1], "exit_group")
        return found

    def test_true(self):
        self.check("/bin/true")

    def test_program_of_the_path(self):
        self.check("true")

    def test_cat(self):
        self.check("cat", "/etc/passwd")

    def test_ls(self):
        self.assertIn("write", self.check("ls", "-l", "/usr"))

    @unittest.skipUnless(os.path.exists(PYTHON), f"there is no {PYTHON}")
    def test_python(self):
        self.assertGreater(len(self.check(PYTHON, "-c", "print(1)")), 100)

    @unittest.skipUnless(shutil.which("gcc", path="/usr/bin"), "gcc is not installed")
    def test_gcc(self):
        with open(self.path("one.c"), "w") as file:
            file.write("int main (void) { return 0; }\n")
        # To name its temporary file it draws once more where the first number would
        # make some names likelier than others: one time in 23.
        def without_draws(lines):
            return [name for name in names(lines) if name != "getrandom"]

        self.assertIn("wait4", self.assert_same(without_draws, "gcc", "-c", "one.c"))

    def test_shell_with_children(self):
        # Only the first process is traced; what it starts must not suffer.
        result = self.pinktrace("-o", "/dev/null", "sh", "-c", "for i in 1 2 3; do ls /etc/passwd; done")
        self.assertEqual(result.stdout, b"/etc/passwd\n" * 3)
        self.assertEqual(result.returncode, 0)

    def test_not_only_by_luck(self):
        for _ in range(20):
            self.assert_same(names, "/bin/true")


@needs_strace
class Sets(ToolCase):
    PROGRAM = ("ls", "-l", "/usr")

    def check(self, *options):
        return self.assert_same(names, *options, *self.PROGRAM)

    def test_name(self):
        self.assertEqual(set(self.check("-e", "trace=openat")), {"openat"})

    def test_forms_of_the_option(self):
        for options in (["-e", "openat,close"], ["-eopenat,close"], ["-e", "t=openat,close"],
                        ["--trace=openat,close"], ["--trace", "openat,close"]):
            with self.subTest(options):
                self.assertEqual(set(self.check(*options)), {"openat", "close"})

    def test_classes(self):
        for name in ("file", "desc", "memory", "process", "signal", "network", "ipc", "creds",
                     "clock", "pure", "stat", "lstat", "fstat", "%stat", "statfs", "fstatfs",
                     "%statfs"):
            with self.subTest(name):
                self.check("-e", f"trace=%{name}")

    def test_classes_are_not_empty(self):
        for name in ("file", "desc", "memory", "process", "%stat"):
            with self.subTest(name):
                self.assertTrue(self.check("-e", f"trace=%{name}"))

    def test_class_without_percent(self):
        self.assertTrue(self.check("-e", "trace=file"))

    def test_negated(self):
        self.assertNotIn("openat", self.check("-e", "trace=!openat,close"))
        self.assertIn("openat", self.check("-e", "!!openat,close"))
        self.assertNotIn("openat", self.check("-e", "!%file"))

    def test_all_and_none(self):
        everything = self.check()
        self.assertEqual(self.check("-e", "trace=all"), everything)
        self.assertEqual(self.check("-e", "trace=!none"), everything)
        self.assertEqual(self.check("-e", "trace=none"), [])
        self.assertEqual(self.check("-e", "trace=!all"), [])
        self.assertEqual(self.check("-e", "trace=close,all"), everything)

    def test_last_one_counts(self):
        self.assertEqual(set(self.check("-e", "trace=close", "-e", "trace=openat")), {"openat"})

    def test_question_mark(self):
        self.assertEqual(self.check("-e", "trace=?no_such_call"), [])
        self.assertEqual(set(self.check("-e", "trace=?no_such_call,openat")), {"openat"})
        self.assertEqual(set(self.check("-e", "trace=???openat")), {"openat"})

    def test_call_of_another_machine(self):
        self.assertEqual(self.check("-e", "trace=open,socketcall"), [])

    def test_expression(self):
        self.assertEqual(set(self.check("-e", "trace=/^(open|clos)")), {"openat", "close"})
        self.assertNotIn("mmap", self.check("-e", "trace=!/map$"))

    def test_number(self):
        self.check("-e", "trace=0,1,2,3")

    def test_empty_words(self):
        self.assertEqual(set(self.check("-e", "trace=openat,,close,")), {"openat", "close"})


if __name__ == "__main__":
    tap_unittest.main()
