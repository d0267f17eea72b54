# SPDX-License-Identifier: LGPL-2.1-or-later
"""--json: every line an object, and all of them what the lines say."""
import json
import re
import time

import tap_unittest
from toolcase import ODD_CALLS, PINKTRACE, ToolCase, calls, mask, needs_int80, needs_odd_calls


def unpadded(lines):
    return [mask(re.sub(r" += ", " = ", line)) for line in calls(lines)]


class Json(ToolCase):
    def objects(self, *args, **kwargs):
        return [json.loads(line) for line in self.trace(PINKTRACE, "--json", *args, **kwargs)]

    def test_agrees_with_the_lines(self):
        random = ("-e", "trace=!getrandom")
        for argv in (["/bin/true"], ["ls", "/usr"], ["cat", "/etc/passwd", "/nope"]):
            with self.subTest(argv):
                lines = unpadded(self.trace(PINKTRACE, *random, *argv))
                texts = [mask(call["text"] + ("" if "result" in call else " = ?"))
                         for call in self.objects(*random, *argv) if call["type"] == "syscall"]
                self.assert_equal_lists(texts, lines)

    def test_members(self):
        before = time.time() * 1e6
        objects = self.objects("/bin/true")
        after = time.time() * 1e6
        pid = objects[0]["pid"]
        for call in objects[:-1]:
            self.assertEqual(call["type"], "syscall")
            self.assertEqual(call["pid"], pid)
            self.assertRegex(call["abi"], r"^[a-z0-9_]+$")
            self.assertTrue(call["text"].startswith(call["name"] + "("))
            self.assertGreaterEqual(call["number"], 0)
            self.assertTrue(all(re.match(r"0x[0-9a-f]+$", arg) for arg in call["args"]), call)
            self.assertLess(before, call["time"])
            self.assertLess(call["time"], after)
            self.assertEqual("error" in call, call.get("result") == -1)
            self.assertEqual("error" in call, "error_name" in call)
        times = [call["time"] for call in objects[:-1]]
        self.assertEqual(times, sorted(times))
        self.assertEqual(objects[-1], {"type": "exited", "pid": pid, "exit_code": 0})

    def test_result(self):
        call = self.objects("-e", "trace=openat", "cat", "/no/such/file")[-2]
        self.assertEqual((call["result"], call["error"], call["error_name"]), (-1, 2, "ENOENT"))
        # AT_FDCWD: the upper half of the register is as the program left it.
        self.assertIn(call["args"][0], ("0xffffff9c", "0xffffffffffffff9c"))

    def test_duration(self):
        call = self.objects("-e", "trace=/nanosleep", "sleep", "0.2")[0]
        self.assertGreater(call["duration"], 190000)
        self.assertLess(call["duration"], 20000000)

    def test_without_result(self):
        call = self.objects("-e", "trace=exit_group", "sh", "-c", "exit 3")
        self.assertEqual(call[0]["text"], "exit_group(3)")
        self.assertNotIn("result", call[0])
        self.assertNotIn("duration", call[0])
        self.assertEqual(call[1]["exit_code"], 3)

    def test_killed(self):
        last = self.objects("sh", "-c", "kill -9 $$")[-1]
        self.assertEqual((last["type"], last["signal"], last["signal_name"], last["core_dumped"]),
                         ("killed", 9, "SIGKILL", False))

    def test_signal(self):
        found = self.objects("-e", "none", "sh", "-c", "trap : USR1; kill -USR1 $$")
        self.assertEqual([line["type"] for line in found], ["signal", "exited"])
        self.assertEqual((found[0]["signal_name"], found[0]["code"], found[0]["sender"]),
                         ("SIGUSR1", 0, found[0]["pid"]))
        self.assertTrue(found[0]["text"].startswith("{si_signo=SIGUSR1, si_code=SI_USER, "))

    def test_followed(self):
        found = self.objects("-f", "-e", "trace=exit_group", "sh", "-c", "/bin/true; exit 3")
        first, child = found[-1]["pid"], found[0]["pid"]
        self.assertEqual(found[0], {"type": "attached", "pid": child, "process": child, "parent": first})
        self.assertEqual([(line["type"], line["pid"]) for line in found[1:]],
                         [("syscall", child), ("exited", child), ("signal", first), ("syscall", first),
                          ("exited", first)])

    def test_statuses(self):
        for call in self.objects("-Z", "cat", "/nope")[:-1]:
            self.assertIn("error", call)

    def test_quiet(self):
        self.assertEqual(self.objects("-qq", "-e", "none", "/bin/true"), [])

    @needs_odd_calls
    def test_odd_strings(self):
        """Whatever bytes there are: JSON, in UTF-8, and as in the lines."""
        lines = unpadded(self.trace(PINKTRACE, ODD_CALLS, "strings"))
        texts = [mask(call["text"]) for call in self.objects(ODD_CALLS, "strings") if "result" in call]
        self.assert_equal_lists(texts, lines[:-1])

    @needs_int80
    @needs_odd_calls
    def test_abis(self):
        found = self.objects("-e", "trace=getpid,getppid", ODD_CALLS, "abis")[:-1]
        self.assertEqual([call["abi"] for call in found], ["x86_64", "i386", "x86_64", "x32", "x86_64"])


if __name__ == "__main__":
    tap_unittest.main()
