#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""arch/compare-headers.py with the compilers that were fetched for the emulated machines:
a case for each ABI whose headers are there. The report is TAP.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

import provision

COMPARE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "arch", "compare-headers.py")


def main():
    done = subprocess.run([sys.executable, COMPARE], stdout=subprocess.PIPE, text=True, check=False,
                          env=provision.environment())
    failed = count = 0
    for line in done.stdout.splitlines():
        found = re.match(r"(\w+): (\d+) calls in the headers, (\d+) differences", line)
        print("# " + line)
        if found:
            count += 1
            good = int(found[2]) > 100 and found[3] == "0"
            failed += not good
            print(f"{'ok' if good else 'not ok'} {count} - the numbers of {found[1]} are those of its headers")
    if count == 0:
        print("Bail out! no compiler has headers, not even this machine's own")
    print(f"1..{count}")
    sys.exit(1 if failed or count == 0 or done.returncode != 0 else 0)


if __name__ == "__main__":
    main()
