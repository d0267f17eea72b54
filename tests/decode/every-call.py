#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many calls pinktrace writes as strace does, of all that there are.

every-call.py [--pinktrace FILE] [--abi x86_64|i386] PROGRAM [CALL…]
every-call.py [--pinktrace FILE] [--abi x86_64|i386] --detail PROGRAM

PROGRAM is every-call.c, built for that ABI. It makes every call (or those named)
three times: with zeros; with arguments that can be told from each other, and memory
full of zeros; with others, and memory full of small numbers. Calls that fail are as good as others: most
do. With --detail it makes those of in-detail.txt instead. What differs is printed.
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SYSCALLS = os.path.join(HERE, "..", "..", "arch", "syscalls.txt")
DETAIL = os.path.join(HERE, "in-detail.txt")

# What would end more than a process of its own, or is another call every time.
LEFT_OUT = {"rt_sigreturn", "sigreturn", "restart_syscall", "vfork", "fork", "exit", "execve",
            "execveat", "clone", "clone3", "sync", "syncfs", "vhangup"}

BY_KIND = (
    # zeros, recognisable, others
    (("fd",), ("0xffffffff", "77", "0")),
    (("dirfd",), ("0xffffff9c", "77", "0xffffff9c")),
    (("path",), ("0", "s:/nonexistent/path", "s:relative")),
    (("string",), ("0", "s:string", "s:other\t")),
    (("strv",), ("0", "v", "0")),
    (("pointer", "buf", "out"), ("0", "@", "@+1024")),
    (("int",), ("0", "3", "5")),
    (("uint",), ("0", "3", "6")),
    (("hex32",), ("0", "1", "6")),
    (("hex",), ("0", "1", "0x12")),
    (("oct",), ("0", "0644", "0177777")),
    (("pid",), ("0x7ffffff0", "0x7ffffff1", "0x7ffffff2")),
    (("uid",), ("0", "65534", "1000")),
    (("signal",), ("0", "10", "35")),
    (("long", "ulong", "llong", "ullong"), ("0", "8", "16")),
)


def table(abi):
    """Name, number and kinds of the calls of ABI."""
    with open(SYSCALLS, encoding="utf-8") as file:
        for line in file:
            fields = [field.strip() for field in line.split("|")]
            if line.startswith("#") or len(fields) != 5:
                continue
            for one in fields[4].split():
                name, _, number = one.partition("=")
                if name == abi:
                    yield fields[0], int(number, 0), re.findall(r"(?<!\S)(\w+)(?:\(\w+\))?:", fields[3])


def words(kinds, variant, abi):
    for kind in kinds:
        value = next(values for names, values in BY_KIND if kind in names)[variant]
        yield value
        if abi == "i386" and kind in ("llong", "ullong"):
            yield "0"


def trace(tool, program, pattern, script, *options):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        name = os.path.join(folder, "trace")
        subprocess.run([tool, "-f", "-q", *options, "-o", name, program, str(pattern)], input=script.encode("latin-1"),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False, timeout=150)
        with open(name, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()


def made(lines):
    """What each call was written as, by its line in the script: what a process did between the marks."""
    marked = {}
    number = {}
    begun = {}
    for line in lines:
        pid, _, text = line.partition(" ")
        text = text.strip()
        if text.endswith("<unfinished ...>"):
            begun[pid] = text[:-len("<unfinished ...>")].rstrip()
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", text)
        if resumed:
            gap = "" if begun.get(pid, "").endswith("(") or resumed.group(1).startswith((")", ",")) else " "
            text = begun.pop(pid, "") + gap + resumed.group(1).lstrip()
        mark = re.match(r"syscall_0x4d4b\((\w+)", text)
        if mark and int(mark.group(1), 0):
            number[pid] = int(mark.group(1), 0)
        elif mark:
            number.pop(pid, None)
        elif pid in number and not text.startswith(("---", "+++")):
            marked.setdefault(number[pid], text)
    return marked


def plain(line):
    line = re.sub(r"0x[0-9a-f]{6,8}000(?:[04]00)?\b|0x[5-7f][0-9a-f]{7,11}\b", "ADDRESS", line)
    line = re.sub(r"((?:get\w*id|getpgrp|msgget|semget|shmget|set_tid_address|getpgid|getsid)\w*\(.*) = \d+$", r"\1 = ID", line)
    line = re.sub(r"^((?:getrandom|time|times|gettimeofday|clock_gettime\w*|sysinfo|getrusage|getcpu)\().* = ",
                  r"\1...) = ", line)
    line = re.sub(r"^((?:time|times)\(.*) = \d+.*$", r"\1", line)
    # A call that its process was killed in: strace has not written the rest yet.
    if line.endswith("= ?"):
        line = re.sub(r",?( 0x\w+| ADDRESS)? ?(<unfinished \.\.\.>)?\) += \?$", ") = ?", line)
    return re.sub(r" += ", " = ", line)


def compare(given, calls, variant, differing):
    script = "".join("%d %s\n" % (number, " ".join(words(kinds, variant, given.abi)))
                     for _, number, kinds in calls)
    pattern = (0, 0, 1)[variant]
    theirs, ours = (made(trace(tool, given.program, pattern, script)) for tool in ("strace", given.pinktrace))
    equal = total = 0
    for line, (name, _, _) in enumerate(calls, 1):
        if line not in theirs and line not in ours:
            continue
        their, our = (plain(one.get(line, "nothing")) for one in (theirs, ours))
        # strace knows no such call yet.
        if their.startswith("syscall_0x"):
            continue
        # The machine was busy, and the process killed before it was done.
        if (their == "nothing") != (our == "nothing") or their.endswith("= ?") != our.endswith("= ?"):
            continue
        total += 1
        if their == our:
            equal += 1
        else:
            differing[name].append((their, our))
    return equal, total


def details(abi):
    """[(name, "NUMBER WORD…", what is expected or None for strace's line)] of in-detail.txt."""
    numbers = {name: number for name, number, _ in table(abi)}
    with open(DETAIL, encoding="utf-8") as file:
        for line in file:
            line, _, expected = line.rstrip("\n").partition(" => ")
            words = line.split()
            if not words or line.startswith("#"):
                continue
            for_abi = words.pop(0)[1:] if words[0].startswith("@") else abi
            if for_abi == abi and words[0] in numbers:
                yield words[0], " ".join([str(numbers[words[0]]), *words[1:]]), expected or None


def compare_details(given, calls, *options):
    """[(what is expected, what there is)] of those that differ; how many are equal."""
    script = "".join(call + "\n" for _, call, _ in calls)
    theirs, ours = (made(trace(tool, given.program, 0, script, *options)) for tool in ("strace", given.pinktrace))
    differing = []
    for line, (name, call, expected) in enumerate(calls, 1):
        their, our = (plain(one.get(line, "nothing")) for one in (theirs, ours))
        if expected is not None:
            their = expected
            our = our.rpartition(" = ")[0] if " = " not in expected else our
        if their != our or our == "nothing":
            differing.append((their, our, (name, call, expected)))
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pinktrace", default="build/tools/pinktrace")
    parser.add_argument("--abi", default="x86_64")
    parser.add_argument("--at-least", type=float, default=0, help="per cent that are to be equal")
    parser.add_argument("--detail", action="store_true", help="the calls of in-detail.txt")
    parser.add_argument("program")
    parser.add_argument("calls", nargs="*")
    given = parser.parse_args()
    given.program, given.pinktrace = os.path.abspath(given.program), os.path.abspath(given.pinktrace)
    if given.detail:
        calls = list(details(given.abi))
        for options in ([], ["-v"]):
            differing = compare_details(given, calls, *options)
            for their, our, _ in differing:
                print("-%s\n+%s" % (their, our))
            print("%d of %d lines differ%s" % (len(differing), len(calls), " with -v" if options else ""))
        return 0
    calls = [call for call in sorted(table(given.abi)) if call[0] not in LEFT_OUT and
             (not given.calls or call[0] in given.calls)]
    differing = collections.defaultdict(list)
    equal = total = 0
    for variant in range(3):
        found = compare(given, calls, variant, differing)
        equal, total = equal + found[0], total + found[1]
    for name in sorted(differing):
        for their, our in differing[name]:
            print("-%s\n+%s" % (their, our))
    percent = 100 * equal / max(total, 1)
    print("%d of %d lines equal: %.1f%%; all of %d calls, not of %d" %
          (equal, total, percent, len(calls) - len(differing), len(differing)))
    return 0 if percent >= given.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
