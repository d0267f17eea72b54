#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gen-syscalls.py must refuse, each with the line it is in."""

import importlib.util
import os
import sys
import unittest

sys.dont_write_bytecode = True

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen-syscalls.py")
SPEC = importlib.util.spec_from_file_location("gen_syscalls", PATH)
GENERATOR = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(GENERATOR)

GOOD = [
    "# comment",
    "classes: file desc",
    "open | file | fd | path:pathname hex32:flags oct:mode | x86_64=2 i386=5",
]


class Refusals(unittest.TestCase):
    def refused(self, line, why):
        with self.assertRaisesRegex(GENERATOR.Mistake, r"^t:4: .*" + why):
            GENERATOR.parse(GOOD + [line], "t")

    def test_good(self):
        classes, rows = GENERATOR.parse(GOOD)
        self.assertEqual(classes, ["file", "desc"])
        self.assertEqual(rows[0].args[0], ["path", "pathname", -1])

    def test_number_twice_in_an_abi(self):
        self.refused("close | desc | int | fd:fd | i386=5", "i386=5 is open already")

    def test_name_twice_in_an_abi(self):
        self.refused("open | file | fd | path:pathname | i386=6", "in line 3 already")

    def test_same_number_in_two_rows_of_a_name(self):
        self.refused("open | file | fd | path:pathname | i386=5", "in line 3 already")

    def test_abi_twice(self):
        self.refused("close | desc | int | fd:fd | arm=6 arm=7", "two numbers for arm")

    def test_unknown_abi(self):
        self.refused("close | desc | int | fd:fd | vax=6", "unknown ABI: vax")

    def test_not_a_number(self):
        self.refused("close | desc | int | fd:fd | arm=-6", "not ABI=number")

    def test_octal_looking_number(self):
        self.refused("close | desc | int | fd:fd | arm=06", "not ABI=number")

    def test_number_too_large(self):
        self.refused("close | desc | int | fd:fd | arm=0x80000000", "too large")

    def test_no_number(self):
        self.refused("close | desc | int | fd:fd |", "no number")

    def test_unknown_kind(self):
        self.refused("close | desc | int | handle:fd | arm=6", "unknown kind: handle")

    def test_unknown_class(self):
        self.refused("close | files | int | fd:fd | arm=6", "unknown class: files")

    def test_unknown_result(self):
        self.refused("close | desc | path | fd:fd | arm=6", "unknown result: path")

    def test_argument_without_name(self):
        self.refused("close | desc | int | fd | arm=6", "not an argument")

    def test_argument_name_twice(self):
        self.refused("dup2 | desc | fd | fd:a fd:a | arm=63", "one name: a")

    def test_names_too_long(self):
        self.refused("a23456789b123456789c123456789d12 | | int | | arm=6", "more than 31 characters: a2")
        self.refused("x | | int | int:a23456789b12345678 | arm=6", "more than 17 characters: a2")

    def test_too_many_arguments(self):
        self.refused("x | | int | int:a int:b int:c int:d int:e int:f int:g | arm=6", "more than 6")

    def test_missing_length(self):
        self.refused("read | desc | long | fd:fd out(count):buf | arm=3", "no argument called count")

    def test_buffer_without_length(self):
        self.refused("read | desc | long | fd:fd out:buf ulong:count | arm=3", "needs the argument")

    def test_length_of_no_buffer(self):
        self.refused("read | desc | long | pointer(n):p ulong:n | arm=3", "only buffers")

    def test_length_that_is_none(self):
        self.refused("read | desc | long | fd:fd out(fd):buf | arm=3", "not a length: fd")

    def test_too_few_columns(self):
        self.refused("close | desc | int | arm=6", "4 columns")

    def test_path_belongs_to_the_dirfd_before(self):
        rows = GENERATOR.parse(
            ["linkat | | int | dirfd:a path:b dirfd:c path:d | arm=330"])[1]
        self.assertEqual([arg[2] for arg in rows[0].args], [-1, 0, -1, 2])

    def test_private_numbers_are_a_segment_of_their_own(self):
        self.assertEqual(GENERATOR.segments([1, 3, 0xF0001, 0xF0002]),
                         [[1, 3], [0xF0001, 0xF0002]])


if __name__ == "__main__":
    unittest.main()
