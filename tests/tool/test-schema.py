# SPDX-License-Identifier: LGPL-2.1-or-later
"""--json: what it says is of the form that pinktrace.schema.json describes."""
import json
import os
import re
import sys

try:
    import jsonschema
except ImportError:
    # Distributions install it for their own python3, which need not be the first.
    if sys.executable == "/usr/bin/python3" or "PINK_SCHEMA_AGAIN" in os.environ:
        raise
    os.environ["PINK_SCHEMA_AGAIN"] = "1"
    os.execv("/usr/bin/python3", ["python3", *sys.argv])

import tap_unittest
from toolcase import PINKTRACE, PYTHON, ToolCase

TALK = """
import os, select, signal, socket
a, b = socket.socketpair()
p = select.poll()
p.register(a, select.POLLIN | select.POLLOUT)
p.poll(0)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP, signal.SIGUSR1])
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.getsockname()
os.write(a.fileno(), b'caf\\xc3\\xa9 \\xff' + b'x' * 50)
if os.fork() == 0:
    os._exit(3)
os.wait()
"""


def nodes(value):
    """All the nodes in VALUE, and what is in them."""
    yield value
    for child in list(value.get("struct", {}).values()) + value.get("array", []):
        yield from nodes(child)


class Schema(ToolCase):
    @classmethod
    def setUpClass(cls):
        with open(os.environ["PINK_SCHEMA"], encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        cls.validator = jsonschema.Draft7Validator(schema)

    def check(self, *args):
        lines = [json.loads(line) for line in self.trace(PINKTRACE, "--json", *args)]
        self.assertGreater(len(lines), 10)
        for line in lines:
            error = jsonschema.exceptions.best_match(self.validator.iter_errors(line))
            if error is not None:
                self.fail(f"{line}: {error.message} at {list(error.absolute_path)}")
        return [line for line in lines if line["type"] == "syscall"]

    def check_flags(self, found):
        """Every flag that a line names is there as a name, and its number is there."""
        n = 0
        for call in found:
            for node in (node for argument in call["details"] for node in nodes(argument)):
                if "flags" not in node or not node["names"]:
                    continue
                n += 1
                self.assertIsInstance(node["flags"], (int, str))
                self.assertIn("|".join(node["names"]), call["text"])
        self.assertGreater(n, 5)

    def test_list(self):
        found = self.check("ls", "-l", "/usr")
        self.check_flags(found)
        opened = next(call for call in found if call["name"] == "openat" and "O_DIRECTORY" in call["text"])
        flags = opened["details"][2]
        self.assertEqual(flags["argument"], "flags")
        self.assertIn("O_DIRECTORY", flags["names"])
        self.assertEqual(flags["flags"], int(opened["args"][2], 16))
        self.assertEqual(opened["details"][1]["string"], "/usr")
        self.assertEqual(opened["details"][0], {"argument": "dirfd", "descriptor": -100, "name": "AT_FDCWD"})
        self.assertEqual(opened["result_details"], {"descriptor": opened["result"]})

    def test_structures(self):
        found = self.check("cat", "/etc/passwd")
        self.check_flags(found)
        size = os.stat("/etc/passwd").st_size
        members = [argument["struct"] for call in found if call["name"] == "newfstatat"
                   for argument in call["details"] if "struct" in argument]
        self.assertIn(size, [one["st_size"]["number"] for one in members])
        self.assertIn({"number": 0o100644, "words": "S_IFREG|0644"}, [one["st_mode"] for one in members])
        limits = next(call for call in found if call["name"] == "prlimit64")["details"]
        self.assertEqual(limits[1]["name"], "RLIMIT_STACK")
        self.assertIn("number", limits[3]["struct"]["rlim_cur"])

    def test_script(self):
        if not os.path.exists(PYTHON):
            self.skipTest(f"there is no {PYTHON}")
        found = self.check("-f", "-y", PYTHON, "-S", "-c", TALK)
        self.check_flags(found)
        by_name = {call["name"]: call for call in found}
        written = [call["details"][1] for call in found if call["name"] == "write"][0]
        self.assertEqual(written["string"], "caf\u00e9 \\xff" + "x" * 25)
        self.assertTrue(written["truncated"])
        self.assertIn(("SIGUSR1", 10), [one for call in found if call["name"] == "rt_sigprocmask"
                                        for one in zip(call["details"][1].get("set", []),
                                                       call["details"][1].get("numbers", []))])
        self.assertEqual(by_name["socket"]["details"][0]["name"], "AF_INET")
        self.assertRegex(by_name["bind"]["details"][0]["refers-to"], r"^<socket:\[\d+\]>$")
        ready = list(by_name["poll"]["result_extra"].values())[0]["array"][0]["struct"]
        self.assertEqual(ready["revents"]["names"], ["POLLOUT"])

    def test_verbose(self):
        self.check("-v", "-yy", "ls", "/")

    def test_it_can_fail(self):
        line = json.loads(self.trace(PINKTRACE, "--json", "/bin/true")[0])
        line["details"][0]["number"] = 1
        self.assertFalse(self.validator.is_valid(line))
        self.assertTrue(re.match("^execve", line["text"]))


if __name__ == "__main__":
    tap_unittest.main()
