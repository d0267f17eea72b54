#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make the system call tables from syscalls.txt: gen-syscalls.py syscalls.txt out.c

The form of the text file is told at its top. It is checked strictly here, since
a wrong number shows nowhere else: the first error ends the build, with its line.
"""

import re
import sys

# A column of syscalls.txt, and the ids of pink-arch.h that it serves.
ABIS = {
    "x86_64": ["X86_64"],
    "i386": ["I386"],
    "x32": ["X32"],
    "aarch64": ["AARCH64"],
    "arm": ["ARM"],
    "powerpc": ["POWERPC"],
    "powerpc64": ["POWERPC64", "POWERPC64LE"],
    "ia64": ["IA64"],
    "riscv64": ["RISCV64"],
    "s390x": ["S390X"],
    "s390": ["S390"],
    "mips_o32": ["MIPS_O32", "MIPSEL_O32"],
    "mips_n32": ["MIPS_N32", "MIPSEL_N32"],
    "mips_n64": ["MIPS_N64", "MIPSEL_N64"],
    "loongarch64": ["LOONGARCH64"],
}

# Kind in syscalls.txt → PinkArgKind.
KINDS = {
    "int": "INT",
    "uint": "UINT",
    "long": "LONG",
    "ulong": "ULONG",
    "llong": "LLONG",
    "ullong": "ULLONG",
    "hex": "HEX",
    "hex32": "HEX32",
    "oct": "OCT",
    "fd": "FD",
    "dirfd": "DIRFD",
    "pid": "PID",
    "uid": "UID",
    "signal": "SIGNAL",
    "pointer": "POINTER",
    "path": "PATH",
    "string": "STRING",
    "buf": "BUFFER",
    "out": "OUT_BUFFER",
    "strv": "STRING_ARRAY",
}
RESULTS = ["none", "int", "uint", "long", "ulong", "hex", "oct", "fd", "pid", "uid", "pointer"]
BUFFERS = ["buf", "out"]
INTEGERS = ["int", "uint", "long", "ulong"]

MAX_ARGS = 6
MAX_CALL_NAME = 31  # PINK_ARCH_CALL_NAME and _ARG_NAME have room for a NUL
MAX_ARG_NAME = 17
MAX_CLASSES = 32
MAX_GAP = 64  # more missing numbers than this begin a new segment

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
ARGUMENT = re.compile(r"([a-z0-9]+)(?:\((%s)\))?:(%s)\Z" % (NAME, NAME))
NUMBER = re.compile(r"(%s)=(0|[1-9][0-9]*|0x[0-9a-f]+)\Z" % NAME)


class Mistake(Exception):
    pass


class Row:
    def __init__(self, name, classes, result, args, numbers):
        self.name = name
        self.classes = classes
        self.result = result
        self.args = args
        self.numbers = numbers


def parse_args(text):
    """→ list of [kind, name, index of aux or −1]"""
    args = []
    wanted = []
    for word in text.split():
        match = ARGUMENT.match(word)
        if not match:
            raise Mistake("not an argument: %s" % word)
        kind, aux, name = match.groups()
        if kind not in KINDS:
            raise Mistake("unknown kind: %s" % kind)
        if aux and kind not in BUFFERS:
            raise Mistake("only buffers have a length: %s" % word)
        if kind in BUFFERS and not aux:
            raise Mistake("a buffer needs the argument with its length: %s" % word)
        if len(name) > MAX_ARG_NAME:
            raise Mistake("more than %d characters: %s" % (MAX_ARG_NAME, name))
        if name in (arg[1] for arg in args):
            raise Mistake("two arguments of one name: %s" % name)
        args.append([kind, name, -1])
        wanted.append(aux)

    if len(args) > MAX_ARGS:
        raise Mistake("more than %d arguments" % MAX_ARGS)

    names = [arg[1] for arg in args]
    dirfd = -1
    for index, arg in enumerate(args):
        if wanted[index]:
            if wanted[index] not in names:
                raise Mistake("no argument called %s" % wanted[index])
            arg[2] = names.index(wanted[index])
            if args[arg[2]][0] not in INTEGERS:
                raise Mistake("not a length: %s" % wanted[index])
        elif arg[0] == "dirfd":
            dirfd = index
        elif arg[0] == "path":
            arg[2] = dirfd
    return args


def parse_numbers(text):
    numbers = {}
    for word in text.split():
        match = NUMBER.match(word)
        if not match:
            raise Mistake("not ABI=number: %s" % word)
        abi, number = match.group(1), int(match.group(2), 0)
        if abi not in ABIS:
            raise Mistake("unknown ABI: %s" % abi)
        if abi in numbers:
            raise Mistake("two numbers for %s" % abi)
        if number > 0x7FFFFFFF:
            raise Mistake("number too large: %s" % word)
        numbers[abi] = number
    if not numbers:
        raise Mistake("no number at all")
    return numbers


def parse_row(line, classes):
    columns = [column.strip() for column in line.split("|")]
    if len(columns) != 5:
        raise Mistake("%d columns, not 5" % len(columns))
    name, mine, result, args, numbers = columns
    if not re.match(NAME + r"\Z", name):
        raise Mistake("not a name: %s" % name)
    if len(name) > MAX_CALL_NAME:
        raise Mistake("more than %d characters: %s" % (MAX_CALL_NAME, name))
    mine = mine.split()
    for one in mine:
        if one not in classes:
            raise Mistake("unknown class: %s" % one)
    if len(set(mine)) != len(mine):
        raise Mistake("a class twice")
    if result not in RESULTS:
        raise Mistake("unknown result: %s" % result)
    return Row(name, mine, result, parse_args(args), parse_numbers(numbers))


def parse(lines, filename="syscalls.txt"):
    """→ (classes, rows sorted by name)"""
    classes = []
    rows = []
    by_number = {}
    by_name = {}

    for line_number, line in enumerate(lines, 1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        try:
            if line.startswith("classes:"):
                if classes:
                    raise Mistake("classes are given twice")
                classes = line.split(":", 1)[1].split()
                if len(set(classes)) != len(classes):
                    raise Mistake("a class twice")
                if len(classes) > MAX_CLASSES:
                    raise Mistake("more than %d classes" % MAX_CLASSES)
                continue
            row = parse_row(line, classes)
            for abi, number in row.numbers.items():
                before = by_number.setdefault((abi, number), row.name)
                if before != row.name:
                    raise Mistake("%s=%d is %s already" % (abi, number, before))
                if (abi, row.name) in by_name:
                    raise Mistake("%s of %s is in line %d already"
                                  % (row.name, abi, by_name[abi, row.name]))
                by_name[abi, row.name] = line_number
            rows.append(row)
        except Mistake as mistake:
            raise Mistake("%s:%d: %s" % (filename, line_number, mistake)) from None

    if not rows:
        raise Mistake("%s: no rows" % filename)
    if len(rows) > 0x7FFF:
        raise Mistake("%s: too many rows for an int16_t" % filename)
    # Stable: rows of one name stay in the file's order. Plain names sort here
    # as strcmp() does, being ASCII.
    rows.sort(key=lambda row: row.name)
    return classes, rows


def segments(numbers):
    """Sorted numbers → list of (first, last)."""
    runs = []
    for number in numbers:
        if runs and number - runs[-1][1] <= MAX_GAP:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def wrap(words):
    line = " "
    for word in words:
        if len(line) + 1 + len(word) > 96:
            yield line
            line = " "
        line += " " + word
    yield line


def c_row(row, classes):
    bits = 0
    for one in row.classes:
        bits |= 1 << classes.index(one)
    args = ", ".join('{ "%s", PINK_ARG_%s, %d }' % (name, KINDS[kind], aux)
                     for kind, name, aux in row.args)
    # Unused slots are not zero: an aux of 0 would be the first argument.
    rest = ", ".join(["{ \"\", PINK_ARG_NONE, -1 }"] * (MAX_ARGS - len(row.args)))
    return '  { "%s", 0x%x, %d, %s,\n    { %s } },' % (
        row.name, bits, len(row.args),
        "PINK_ARG_" + ("NONE" if row.result == "none" else KINDS[row.result]),
        ", ".join(part for part in (args, rest) if part))


def generate(classes, rows):
    yield "/* Made by gen-syscalls.py from syscalls.txt. Do not edit."
    yield " *"
    yield " * SPDX-License-Identifier: LGPL-2.1-or-later */"
    yield '#include "pink-arch-private.h"'
    yield ""
    yield "const char *const pink_arch_classes[] = {"
    for one in classes:
        yield '  "%s",' % one
    yield "  NULL"
    yield "};"
    yield ""
    yield "const char *const pink_arch_kinds[] = {"
    for word, kind in KINDS.items():
        yield '  [PINK_ARG_%s] = "%s",' % (kind, word)
    yield "};"
    yield ""
    yield "const unsigned pink_arch_n_kinds = sizeof pink_arch_kinds / sizeof pink_arch_kinds[0];"
    yield ""
    yield "const PinkArchSyscall pink_arch_rows[] = {"
    for row in rows:
        yield c_row(row, classes)
    yield "};"
    yield ""
    yield "const unsigned pink_arch_n_rows = %d;" % len(rows)

    for abi in ABIS:
        numbers = {row.numbers[abi]: index for index, row in enumerate(rows) if abi in row.numbers}
        runs = segments(sorted(numbers))
        for index, (first, last) in enumerate(runs):
            yield ""
            yield "static const int16_t %s_rows_%d[] = {" % (abi, index)
            yield from wrap("%d," % numbers.get(number, -1) for number in range(first, last + 1))
            yield "};"
        yield ""
        yield "static const PinkArchSegment %s_segments[] = {" % abi
        for index, (first, last) in enumerate(runs):
            yield "  { %d, %d, %s_rows_%d }," % (first, last - first + 1, abi, index)
        yield "};"
        yield ""
        yield "static const PinkArchNamed %s_named[] = {" % abi
        yield from wrap("{ %d, %d }," % (row.numbers[abi], index)
                        for index, row in enumerate(rows) if abi in row.numbers)
        yield "};"

    yield ""
    yield "const PinkArchTable pink_arch_tables[PINK_ARCH_N_IDS] = {"
    for abi, ids in ABIS.items():
        count = sum(abi in row.numbers for row in rows)
        runs = segments(sorted(row.numbers[abi] for row in rows if abi in row.numbers))
        for one in ids:
            yield ('  [PINK_ARCH_%s] = { "%s", %s_segments, %s_named, %d, %d },'
                   % (one, one.lower(), abi, abi, len(runs), count))
    yield "};"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: gen-syscalls.py syscalls.txt out.c")
    try:
        with open(sys.argv[1], encoding="utf-8") as text:
            classes, rows = parse(text, sys.argv[1])
    except Mistake as mistake:
        sys.exit(str(mistake))
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for line in generate(classes, rows):
            out.write(line + "\n")


if __name__ == "__main__":
    main()
