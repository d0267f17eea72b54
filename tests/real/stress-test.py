# SPDX-License-Identifier: LGPL-2.1-or-later
"""stress-ng's stressors, each traced with a handler on everything.

One that exits with 0 untraced does so traced, but for the exceptions below. With
PINK_TEST_LONG all stressors of the classes are run, otherwise a choice. As root
they are run as an ordinary user whom nobody else is. Arguments: names of stressors.
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PINKTRACE = os.environ.get("PINKTRACE", "pinktrace")
CLASSES = ("cpu", "filesystem", "io", "memory", "network", "os", "pipe", "scheduler", "vm")
CHOICE = ("clone", "exec", "pthread", "sigq", "switch", "vfork")
USER = 61234
# Those that cannot be so by their nature.
EXCEPTIONS = {
    "vm-segv": "its child is to be its own tracee, which the kernel refuses where it is ours",
}
# What it exits with when it has not run: not on this system, or no resources.
NOT_RUN = {2: "fails untraced", 3: "no resources", 4: "not implemented here"}
# "resources" makes three million calls before it looks at the clock.
BOUND = 600 if os.environ.get("PINK_TEST_LONG") else 120


def become_user():
    os.setsid()
    # One that takes all there is of memory or of the disk takes this much.
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)


def descendants(ancestor):
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            pass
    found = {ancestor}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def run(directory, *command):
    """Its exit status, or words."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, preexec_fn=become_user)
        try:
            status = process.wait(BOUND)
        except subprocess.TimeoutExpired:
            status = f"not done after {BOUND} s"
            for pid in descendants(process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            process.wait()
        output.seek(0)
        return status, output.read().decode(errors="replace")


def stressors():
    found = {}
    for name in CLASSES:
        text = subprocess.run(["stress-ng", "--class", f"{name}?"], capture_output=True, text=True)
        for stressor in re.search("stressors: (.*)", text.stdout + text.stderr).group(1).split():
            found.setdefault(stressor, name)
    return found


def main():
    known = stressors()
    names = sys.argv[1:] or (sorted(known) if os.environ.get("PINK_TEST_LONG") else
                             [name for name in CHOICE if name in known])
    print(f"1..{len(names)}", flush=True)
    bad = 0
    for number, name in enumerate(names, 1):
        directory = tempfile.mkdtemp(prefix="pinktrace-stress-")
        os.chmod(directory, 0o777)
        # Many files fill a disk, too.
        mounted = os.getuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2g,mode=777", "none", directory],
            stderr=subprocess.DEVNULL).returncode == 0
        command = ["stress-ng", f"--{name}", "1", "--timeout", "1", "--temp-path", directory]
        begin = time.monotonic()
        untraced, said = run(directory, *command)
        between = time.monotonic()
        traced = "-"
        if untraced == 0 and name not in EXCEPTIONS:
            traced, said = run(directory, PINKTRACE, "-f", "-o", "/dev/null", "--kill-on-exit", *command)
        took = f"{between - begin:.1f} s, traced {time.monotonic() - between:.1f} s"
        if mounted:
            subprocess.run(["umount", "-l", directory])
        shutil.rmtree(directory, ignore_errors=True)
        good = untraced != 0 or traced == 0 or name in EXCEPTIONS
        bad += not good
        note = ""
        if untraced != 0:
            note = f": {NOT_RUN.get(untraced, f'untraced {untraced}')}"
        elif name in EXCEPTIONS:
            note = f": {EXCEPTIONS[name]}"
        elif traced != 0:
            note = f": untraced 0, traced {traced}"
            for line in said.splitlines()[-6:]:
                print("#", line)
        print(f"{'ok' if good else 'not ok'} {number} - {known.get(name, '?')}/{name} ({took}){note}",
              flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
