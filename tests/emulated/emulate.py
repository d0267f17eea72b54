#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boot emulated machines that trace: emulate.py [--prepare] [MACHINE…]

Each is a kernel for another processor, run by QEMU, whose first program is the small
tracer (tracer.c) with a marked program (marked.c) for each of its ABIs; after it the
recorder (recorder.c) and strace look at the calls of another one (calls.c), and what
they say is compared. Some start a second time, with the whole library and suites of it
(library.py). What is needed is fetched or built into a cache first; --prepare does no
more than that. The report is TAP; what each machine said is kept in the cache's folder
"reports", and record.py and record-calls.py make fixtures of it.

In the environment: PINK_KERNELS, a folder with kernels that were built before.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import library
import provision
import stops
import strace
from kernels import kernel_of
from machines import MACHINES
from prepare import prepare

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CHANGED_TOO = ("s390",)  # that tests/change/change-util.c knows as changeprog32
BOUND = 240  # seconds for a machine; the slowest needs 5 on one that is idle


## What runs there

def tables(directory):
    """The C that arch/'s build makes of its text."""
    out = os.path.join(directory, "pink-arch-tables.c")
    provision.run([sys.executable, f"{TOP}/arch/gen-syscalls.py", f"{TOP}/arch/syscalls.txt", out])
    return out


def decode_tables(directory):
    """The same of arch/decode/, with a header beside it."""
    out, decode = os.path.join(directory, "pink-decode-tables.c"), f"{TOP}/arch/decode"
    provision.run([sys.executable, f"{decode}/gen-decode.py", out, f"{directory}/pink-decode-ids.h",
                   f"{TOP}/arch/syscalls.txt", f"{decode}/calls.txt", *sorted(glob.glob(f"{decode}/flags/*.txt")),
                   *sorted(glob.glob(f"{decode}/structs/*.txt")), f"{decode}/unions.txt"])
    return out


def compile_static(program, sources, out, *flags):
    # GNU's C has macros of the names of architectures.
    provision.run([*program.compiler, "-static", "-O1", "-std=c11", "-D_GNU_SOURCE", "-Wall", f"-I{TOP}/arch",
                   f"-I{HERE}", *flags, *provision.own_headers(program), "-fno-strict-aliasing", "-o", out, *sources],
                  env=provision.environment())


def marked_programs(machine, directory):
    for program in machine.programs:
        marked = os.path.join(directory, "marked-" + program.abi)
        compile_static(program, [f"{HERE}/marked.c"], marked)
        yield f"/marked-{program.abi}={marked}"


def recorded_programs(machine, directory):
    """The recorder, and for each ABI what it and strace look at."""
    recorder, decode = os.path.join(directory, "recorder"), f"{TOP}/arch/decode"
    compile_static(machine.programs[0],
                   [f"{HERE}/recorder.c", *glob.glob(f"{TOP}/arch/*.c"), *glob.glob(f"{decode}/*.c"),
                    tables(directory), decode_tables(directory)], recorder, "-I" + decode, "-I" + directory)
    yield f"/recorder={recorder}"
    for program in machine.programs:
        calls = os.path.join(directory, "calls-" + program.abi)
        compile_static(program, glob.glob(f"{HERE}/calls*.c"), calls)
        yield f"/calls-{program.abi}={calls}"
        yield f"/strace-{program.abi}={strace.place_of(program)}"


def initramfs(machine, directory):
    init = os.path.join(directory, "init")
    compile_static(machine.programs[0], [f"{HERE}/tracer.c", *glob.glob(f"{TOP}/arch/*.c"), tables(directory)],
                   init)
    image = os.path.join(directory, "initramfs")
    provision.run([sys.executable, f"{HERE}/initramfs.py", image, f"/init={init}",
                   *marked_programs(machine, directory), *recorded_programs(machine, directory)])
    return image


def change_programs(machine, directory):
    """What the suites of changing and injecting trace beside programs of the machine's own ABI."""
    for program in machine.programs:
        if program.abi in CHANGED_TOO:
            changeprog = os.path.join(directory, "changeprog32")
            compile_static(program, [f"{TOP}/tests/change/changeprog.c"], changeprog)
            yield f"/bin/changeprog32={changeprog}"


def library_initramfs(machine, directory):
    init = os.path.join(directory, "suite-init")
    compile_static(machine.programs[0], [f"{HERE}/suite-init.c"], init)
    image = os.path.join(directory, "library-initramfs")
    provision.run([sys.executable, f"{HERE}/initramfs.py", image, f"/init={init}",
                   *marked_programs(machine, directory), *change_programs(machine, directory),
                   *library.files(machine.library)])
    return image


## Booting

def data_folders():
    """Where QEMU finds its firmware: unpacked, or the system's."""
    for top in (provision.TOOLS + "/usr/share", "/usr/share"):
        for name in ("qemu", "seabios", "openbios", "slof", "qemu/firmware"):
            if os.path.isdir(f"{top}/{name}"):
                yield from ("-L", f"{top}/{name}")


def boot(machine, cpu, kernel, image):
    """What it printed until it switched itself off, and whether it did."""
    command = ["qemu-system-" + machine.qemu, *data_folders(), *machine.options.split(),
               *(["-cpu", cpu] if cpu else []), "-nographic", "-no-reboot", "-nic", "none",
               "-kernel", kernel, "-initrd", image,
               "-append", machine.append + " quiet panic=-1"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=BOUND, env=provision.environment())
        text, ended = done.stdout, done.returncode == 0
    except subprocess.TimeoutExpired as late:
        text, ended = late.stdout or b"", False
    return text.decode(errors="replace").replace("\r", ""), ended


## The report

RESULT = re.compile(r"(not )?ok \d+ (?:- )?(.*)")


class Report:
    """One TAP stream of what several machines say."""

    def __init__(self):
        self.count = self.failed = 0

    def case(self, good, name):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)

    def machine(self, name, text, ended):
        planned = counted = 0
        for line in text.splitlines():
            found = RESULT.match(line)
            plan = re.match(r"1\.\.(\d+)$", line)
            if found:
                counted += 1
                self.case(not found[1], f"{name}: {found[2]}")
            elif plan:
                planned += int(plan[1])
            elif "# host " in line or "# library, " in line:
                print(line[line.index("# "):])
            elif line.startswith(("# single-step", "Bail out!")):
                print("# " + line.lstrip("# "))
        whole = ended and planned > 0 and planned == counted
        self.case(whole, f"{name}: came to its end, {counted} of {planned} cases seen")
        if not whole:
            print("\n".join("# " + line for line in text.splitlines()[-40:]))


def compare_calls(name, text, report):
    """Of 100 lines 95 are to be strace's; which are not is told."""
    for recording in stops.recordings(text):
        differing, total = recording.differing(), len(list(recording.pairs()))
        good = recording.is_whole and 100 * len(differing) <= 5 * total
        report.case(good, f"{name}: {recording.abi}: {total - len(differing)} of {total} lines are strace's")
        for theirs, ours in differing:
            print(f"# -{theirs}\n# +{ours}")


def run_machine(name, machine, cpu, kernel, image, report):
    text, ended = boot(machine, cpu, kernel, image)
    reports = os.path.join(provision.CACHE, "reports")
    os.makedirs(reports, exist_ok=True)
    with open(os.path.join(reports, name), "w", encoding="utf-8") as out:
        out.write(text)
    report.machine(name, text, ended)
    compare_calls(name, text, report)


def emulate(name, report):
    machine = MACHINES[name]
    prepare([machine])
    kernel = kernel_of(machine)
    with tempfile.TemporaryDirectory(prefix="pinktrace-emulate-") as directory:
        image = initramfs(machine, directory)
        for cpu in machine.cpus:
            run_machine(f"{name}:{cpu}" if cpu else name, machine, cpu, kernel, image, report)
        if machine.library is not None:
            run_machine(name + ",library", machine, machine.cpus[0], kernel,
                        library_initramfs(machine, directory), report)


def main():
    words = sys.argv[1:]
    just_prepare = words[:1] == ["--prepare"]
    names = words[just_prepare:] or list(MACHINES)
    for name in names:
        if name not in MACHINES:
            sys.exit(f"emulate: there is no machine '{name}': {', '.join(MACHINES)}")
    if just_prepare:
        prepare([MACHINES[name] for name in names])
        return
    report = Report()
    for name in names:
        emulate(name, report)
    print(f"1..{report.count}")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
