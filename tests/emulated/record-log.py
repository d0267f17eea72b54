#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make logs of what tests/log/foreign-test.c has saved: record-log.py NAME=REPORT…

A report is the output of one machine, as "./dev emulate" keeps it ("NAME,library"), or of
the test itself with PINK_SHOW_LOG set. NAME.log and NAME.txt go into tests/log/made/, in
place of those that were there: the log, and the lines that it was shown as there.
"""

import base64
import os
import re
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "log", "made")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for word in sys.argv[1:]:
        name, path = word.split("=", maxsplit=1)
        with open(path, encoding="utf-8", errors="replace") as report:
            text = report.read()
        log = "".join(re.findall(r"^# log (\S+)$", text, re.M))
        if not log:
            sys.exit(f"{path} has no log: boot the machine anew")
        with open(os.path.join(FOLDER, name + ".log"), "wb") as out:
            out.write(base64.b64decode(log))
        with open(os.path.join(FOLDER, name + ".txt"), "w", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in re.findall(r"^# line (.*)$", text, re.M))


if __name__ == "__main__":
    main()
