#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare syscalls.txt with a table collected elsewhere: compare-csv.py numbers.csv

For maintainers, when a new kernel's numbers were collected. The CSV has a header
line: name, any of nargs and classes (joined by |), then a column an ABI. Every
difference is printed, both ways; the exit status is 1 if there was one.
"""

import csv
import importlib.util
import os
import sys

sys.dont_write_bytecode = True


def load_generator():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen-syscalls.py")
    spec = importlib.util.spec_from_file_location("gen_syscalls", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: compare-csv.py numbers.csv")

    generator = load_generator()
    ours = {}
    our_classes = {}
    text = os.path.join(os.path.dirname(os.path.abspath(__file__)), "syscalls.txt")
    with open(text, encoding="utf-8") as lines:
        for row in generator.parse(lines, text)[1]:
            our_classes.setdefault(row.name, set()).update(row.classes)
            for abi, number in row.numbers.items():
                ours[row.name, abi] = number

    theirs = {}
    their_classes = {}
    with open(sys.argv[1], encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        abis = [column for column in reader.fieldnames if column in generator.ABIS]
        for row in reader:
            if "classes" in row:
                their_classes[row["name"]] = set(filter(None, row["classes"].split("|")))
            for abi in abis:
                if row[abi]:
                    theirs[row["name"], abi] = int(row[abi], 0)

    differences = 0
    for key in sorted(set(ours) | set(theirs)):
        if key[1] in abis and ours.get(key) != theirs.get(key):
            differences += 1
            print("%s of %s: %s here, %s there" % (key[0], key[1], ours.get(key), theirs.get(key)))
    for name in sorted(their_classes):
        if our_classes.get(name, set()) != their_classes[name]:
            differences += 1
            print("%s: classes %s here, %s there"
                  % (name, sorted(our_classes.get(name, ())), sorted(their_classes[name])))

    print("%d names, %d numbers of %d ABIs compared, %d differences"
          % (len({name for name, _ in theirs}), len(theirs), len(abis), differences))
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
