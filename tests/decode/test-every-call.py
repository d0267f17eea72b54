# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every system call, as strace writes it; and that each has a description.

What differs, by kind, for whoever looks at a failure:
- names that are newer than Debian's strace: pidfd_send_signal, set_mempolicy, membarrier,
  landlock_restrict_self, io_uring_setup
- a call's name, where it is one for many: socketcall and ipc stay what they are, and say
  in their first argument which it is; an event has one name, in its line and its detail
- numbers that are told of another kind there: modify_ldt's error, the arguments of vm86
- stime's time, which strace reads only where the call has not failed
- what strace names by its own tables, not by the kernel's: protocols of AX.25
- a call that was killed, or whose times are others in each run: select, adjtimex
"""
import collections
import importlib.util
import os
import unittest

import tap_unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ARCH = os.path.join(HERE, "..", "..", "arch", "decode")


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


every_call = load("every_call", os.path.join(HERE, "every-call.py"))

Given = collections.namedtuple("Given", "pinktrace program abi")

# Plain addresses, and what no kernel of today has, or one machine alone.
ADDRESSES = {"addr", "start", "end", "old_address", "uaddr", "stack", "shmaddr", "head", "module_image",
             "entry"}
NO_DESCRIPTION = set()


class EveryCall(unittest.TestCase):
    def check(self, variable, abi):
        program = os.environ.get(variable)
        if not program:
            self.skipTest("no program for this machine's calls")
        calls = [call for call in sorted(every_call.table(abi)) if call[0] not in every_call.LEFT_OUT]
        self.assertGreater(len(calls), 300)
        differing = collections.defaultdict(list)
        equal = total = 0
        for variant in range(3):
            found = every_call.compare(Given(os.environ["PINKTRACE"], program, abi), calls, variant, differing)
            equal, total = equal + found[0], total + found[1]
        self.assertGreater(total, 900)
        said = "\n".join(f"-{their}\n+{our}" for pairs in differing.values() for their, our in pairs)
        self.assertGreaterEqual(100 * equal, 95 * total, f"{equal} of {total} lines equal:\n{said}")

    # With --seccomp-bpf the tool writes what was recorded while nobody waited: of memory only
    # what the decoder has asked for then.
    def check_details(self, variable, abi, *options):
        program = os.environ.get(variable)
        if not program:
            self.skipTest("no program for this machine's calls")
        given = Given(os.environ["PINKTRACE"], program, abi)
        calls = list(every_call.details(abi))
        self.assertGreater(len(calls), 100)
        # On a busy machine a process is killed before its call is done.
        for _ in range(5):
            differing = every_call.compare_details(given, calls, *options)
            calls = [call for _, _, call in differing]
            if not calls:
                break
        self.assertEqual([], [f"-{their}\n+{our}" for their, our, _ in differing])

    def test_64_bit(self):
        self.check("EVERY_CALL", "x86_64")

    def test_64_bit_in_detail(self):
        self.check_details("EVERY_CALL", "x86_64")

    def test_64_bit_unabbreviated(self):
        self.check_details("EVERY_CALL", "x86_64", "-v")

    def test_64_bit_recorded(self):
        self.check_details("EVERY_CALL", "x86_64", "--seccomp-bpf")

    def test_32_bit_recorded(self):
        self.check_details("EVERY_CALL32", "i386", "--seccomp-bpf")

    def test_32_bit_in_detail(self):
        self.check_details("EVERY_CALL32", "i386")

    def test_32_bit_unabbreviated(self):
        self.check_details("EVERY_CALL32", "i386", "-v")

    def test_32_bit(self):
        self.check("EVERY_CALL32", "i386")


class Descriptions(unittest.TestCase):
    def test_which_have_none(self):
        undescribed = load("undescribed", os.path.join(ARCH, "undescribed.py")).undescribed()
        found = {call for call, arguments in undescribed.items() if set(arguments) - ADDRESSES}
        self.assertEqual(sorted(found - NO_DESCRIPTION), [], "these have no description in calls.txt")
        self.assertEqual(sorted(NO_DESCRIPTION - found), [], "these have one now")


if __name__ == "__main__":
    tap_unittest.main()
