#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The README shows the examples as they are in examples/, each in at most 15 lines."""
import os
import re
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
import tap_unittest

LANGUAGES = {"python": "print-opens.py", "js": "print-opens.js", "vala": "print-opens.vala",
             "c": "print-opens.c"}
NAMES = {"javascript": "js", "py": "python", "python3": "python"}


def without_licence(text):
    """A file's text without its first line if that is the licence's, which a README may omit."""
    first, rest = text.split("\n", 1)
    return rest if "SPDX-License-Identifier" in first else text


def blocks():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        text = file.read()
    for name, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        name = name.lower()
        yield NAMES.get(name, name), block


class Readme(unittest.TestCase):
    def test_examples(self):
        shown = list(blocks())
        for language, name in LANGUAGES.items():
            with self.subTest(example=name):
                with open(os.path.join(ROOT, "examples", name), encoding="utf-8") as file:
                    example = without_licence(file.read())
                mine = [block for kind, block in shown
                        if kind == language and without_licence(block) == example]
                self.assertEqual(len(mine), 1, f"README.md has no block that is examples/{name}")
                self.assertLessEqual(len(mine[0].splitlines()), 15, "leave the licence line out")


if __name__ == "__main__":
    tap_unittest.main()
