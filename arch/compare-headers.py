#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare syscalls.txt with the kernel headers of the compilers that are installed.

    compare-headers.py [ABI…]

For maintainers, when newer headers came: numbers that differ, and calls that the
headers have and the table has not, are printed; the exit status is 1 if there was
one. What the table has beyond the headers is newer than they are, or was removed
from the kernel, and is only counted. Compilers that are not installed are passed by,
and named. Those that "./dev emulate" has unpacked are found by

    export PATH=~/.cache/pinktrace-glib/emulate/tools/usr/bin:$PATH
    export LD_LIBRARY_PATH=~/.cache/pinktrace-glib/emulate/tools/usr/lib/x86_64-linux-gnu
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.abspath(__file__))

# ABI → (command, what comes before a call's name in the headers)
COMPILERS = {
    "x86_64": ("x86_64-linux-gnu-gcc", "__NR_"),
    "i386": ("x86_64-linux-gnu-gcc -m32 -idirafter /usr/include/x86_64-linux-gnu", "__NR_"),
    "x32": ("x86_64-linux-gnu-gcc -mx32 -idirafter /usr/include/x86_64-linux-gnu", "__NR_"),
    "aarch64": ("aarch64-linux-gnu-gcc", "__NR_"),
    "arm": ("arm-linux-gnueabihf-gcc", "__NR_|__ARM_NR_"),
    "powerpc": ("powerpc-linux-gnu-gcc", "__NR_"),
    "powerpc64": ("powerpc64-linux-gnu-gcc", "__NR_"),
    "riscv64": ("riscv64-linux-gnu-gcc", "__NR_"),
    "s390x": ("s390x-linux-gnu-gcc", "__NR_"),
    "s390": ("s390x-linux-gnu-gcc -m31", "__NR_"),
    "mips_o32": ("mipsel-linux-gnu-gcc", "__NR_"),
    "mips_n32": ("mips64el-linux-gnuabi64-gcc -mabi=n32", "__NR_"),
    "mips_n64": ("mips64el-linux-gnuabi64-gcc", "__NR_"),
    "loongarch64": ("loongarch64-linux-gnu-gcc", "__NR_"),
}
X32_BIT = 0x40000000
NOT_CALLS = {"BASE", "syscalls", "SYSCALL_BASE", "SYSCALL_MASK", "OABI_SYSCALL_BASE", "arch_specific_syscall",
             "Linux", "Linux_syscalls", "O32_Linux", "O32_Linux_syscalls", "N32_Linux", "N32_Linux_syscalls",
             "64_Linux", "64_Linux_syscalls"}
EMPTY = re.compile(r"(unused|reserved)\d+$")
# Called so in arm's headers alone; the rest of the world has another name.
RENAMED = {"arm_fadvise64_64": "fadvise64_64", "arm_sync_file_range": "sync_file_range2"}


def load_table():
    spec = importlib.util.spec_from_file_location("gen_syscalls", os.path.join(HERE, "gen-syscalls.py"))
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    path = os.path.join(HERE, "syscalls.txt")
    with open(path, encoding="utf-8") as lines:
        rows = generator.parse(lines, path)[1]
    table = {}
    for row in rows:
        for abi, number in row.numbers.items():
            table.setdefault(abi, {})[row.name] = number
    return table


def preprocess(command, text, *options):
    return subprocess.run([*command, "-E", *options, "-x", "c", "-"], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True).stdout


def headers(command, prefixes):
    """name → number, as the compiler's headers have it."""
    include = "#include <asm/unistd.h>\n"
    macros = preprocess(command, include, "-dM")
    names = re.findall(rf"^#define ((?:{prefixes})(\w+)) ", macros, re.MULTILINE)
    # A line a call, for the preprocessor to calculate with.
    text = include + "".join(f'"{name}" = {macro}\n' for macro, name in names)
    found = {}
    for name, value in re.findall(r'^"(\w+)" = (.*)$', preprocess(command, text, "-P"), re.MULTILINE):
        if name not in NOT_CALLS and not EMPTY.match(name) and re.fullmatch(r"[0-9a-fxA-FX+()| ]+", value):
            found[RENAMED.get(name, name)] = eval(value) & ~X32_BIT  # nothing but numbers, see above
    return found


def compare(abi, ours, theirs):
    differences = 0
    for name, number in sorted(theirs.items()):
        if ours.get(name) != number:
            differences += 1
            print(f"{abi}: {name} is {number} in the headers, {ours.get(name, 'not')} in the table")
    print(f"{abi}: {len(theirs)} calls in the headers, {differences} differences;"
          f" {len(set(ours) - set(theirs))} more in the table")
    return differences


def main():
    abis = sys.argv[1:] or list(COMPILERS)
    for abi in abis:
        if abi not in COMPILERS:
            sys.exit(f"there is no compiler for '{abi}': {' '.join(COMPILERS)}")
    table = load_table()
    differences = 0
    for abi in abis:
        command, prefixes = COMPILERS[abi]
        command = command.split()
        if shutil.which(command[0]) is None:
            print(f"{abi}: passed by, {command[0]} is not installed")
            continue
        try:
            theirs = headers(command, prefixes)
        except subprocess.CalledProcessError:
            print(f"{abi}: passed by, {' '.join(command)} finds no headers")
            continue
        differences += compare(abi, table[abi], theirs)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
