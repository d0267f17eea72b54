# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of -c: strace's form, and its counts."""
import re

import tap_unittest
from toolcase import ODD_CALLS, PINKTRACE, STRACE, ToolCase, needs_int80, needs_odd_calls, needs_strace


def counts(lines):
    """(calls, errors, name), in the order of the names: that of the table is one of time."""
    found = []
    for line in lines:
        match = re.match(r" *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: {1,9}(\d+)| {10}) (\w+)$", line)
        if match:
            found.append((int(match[1]), int(match[2] or 0), match[3]))
    return sorted(found, key=lambda row: row[2])


@needs_strace
class Counts(ToolCase):
    def check(self, *args):
        found = self.assert_same(counts, "-c", *args)
        self.assertTrue(found)
        return found

    def test_true(self):
        self.check("/bin/true")

    def test_ls(self):
        rows = self.check("ls", "-l", "/usr", "/nope")
        total = rows.pop([row[2] for row in rows].index("total"))
        self.assertEqual(total[0], sum(row[0] for row in rows))
        self.assertEqual(total[1], sum(row[1] for row in rows))

    def test_wall_clock(self):
        self.check("-w", "/bin/true")

    def test_bundled(self):
        self.check("-qw", "/bin/true")

    def test_chosen_calls(self):
        self.assertEqual([row[2] for row in self.check("-e", "trace=close,openat", "/bin/true")],
                         ["close", "openat", "total"])

    def test_nothing_to_count(self):
        for tracer in (PINKTRACE, STRACE):
            self.assertEqual(self.trace(tracer, "-c", "-e", "none", "/bin/true"), [])

    def test_killed(self):
        self.check("sh", "-c", "kill -9 $$")

    @needs_odd_calls
    def test_unknown_calls(self):
        self.check(ODD_CALLS, "unknown")

    @needs_int80
    @needs_odd_calls
    def test_abis(self):
        def titles(lines):
            return [line for line in lines if line.startswith("System call usage")]

        self.check(ODD_CALLS, "abis")
        self.assertEqual(self.assert_same(titles, "-c", ODD_CALLS, "abis"),
                         ["System call usage summary for 32 bit mode:",
                          "System call usage summary for x32 mode:"])


class Form(ToolCase):
    def test_headings(self):
        lines = self.trace(PINKTRACE, "-c", "/bin/true")
        self.assertEqual(lines[0], "% time     seconds  usecs/call     calls    errors syscall")
        self.assertEqual(lines[1], "------ ----------- ----------- --------- --------- ----------------")
        self.assertEqual(lines[1], lines[-2])
        self.assertRegex(lines[-1], r"^100\.00    0\.\d{6}  +\d+  +\d+  +\d+ total$")

    @needs_strace
    def test_widths(self):
        def widths(lines):
            return [re.sub(r"\S", "x", line) for line in lines if set(line) <= set("- ")]

        # A long name makes its column wider.
        self.assert_same(widths, "-c", "-e", "trace=set_robust_list", "/bin/true")
        self.assert_same(widths, "-c", "-e", "trace=sched_setaffinity", "taskset", "-p", "1", "1")

    def test_longest_time_first(self):
        lines = self.trace(PINKTRACE, "-cw", "sh", "-c", "exec sleep 0.3")[2:-2]
        seconds = [float(line.split()[1]) for line in lines]
        self.assertEqual(seconds, sorted(seconds, reverse=True))
        self.assertIn("nanosleep", lines[0])
        self.assertGreater(seconds[0], 0.3)
        self.assertGreater(float(lines[0].split()[0]), 50)

    def test_processor_time(self):
        """Sleeping takes none."""
        line = self.trace(PINKTRACE, "-c", "-e", "trace=/nanosleep", "sleep", "0.3")[2]
        self.assertLess(float(line.split()[1]), 0.1)

    def test_processor_time_is_counted(self):
        line = self.trace(PINKTRACE, "-c", "-e", "trace=read", "dd", "if=/dev/zero", "of=/dev/null",
                          "bs=64M", "count=8")[2]
        self.assertGreater(float(line.split()[1]), 0.01)

    def test_lines_and_table(self):
        lines = self.trace(PINKTRACE, "-C", "-e", "trace=close", "/bin/true")
        middle = lines.index("+++ exited with 0 +++") + 1
        self.assertTrue(all(line.startswith("close(") for line in lines[:middle - 1]))
        self.assertTrue(lines[middle].startswith("% time"))
        self.assertEqual(int(lines[-1].split()[3]), middle - 1)

    def test_program_writes_as_ever(self):
        result = self.pinktrace("-c", "sh", "-c", "echo x; exit 3")
        self.assertEqual((result.stdout, result.returncode), (b"x\n", 3))
        self.assertTrue(result.stderr.startswith(b"% time"))


if __name__ == "__main__":
    tap_unittest.main()
