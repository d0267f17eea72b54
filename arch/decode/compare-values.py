#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare the tables of flags and enumerations with the kernel headers that are installed.

    compare-values.py [--missing] [ABI…]

For maintainers, when newer headers came, as ../compare-headers.py, whose compilers
these are: it says how those are found that "./dev emulate" has unpacked. Each name of
a table is compared by the compiler of each ABI with what its headers say, macro or
enumeration. Values that differ are printed, and the exit status is 1 if there was one.
With --missing also the macros that begin as a table's names do and are in no table: a
list to look through, since a prefix stands for more than one thing.
"""
import importlib.util
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.abspath(__file__))
# The first is what MIPS's asm/fcntl.h forgets to include, and looks at.
HEADERS = """
    asm/bitsperlong.h asm/fcntl.h asm/mman.h asm/ioctls.h asm/termbits.h asm/signal.h asm/socket.h asm/poll.h
    asm/resource.h asm/shmbuf.h asm/ipcbuf.h asm/statfs.h asm/prctl.h asm/ldt.h
    linux/fcntl.h linux/fs.h linux/stat.h linux/mount.h linux/openat2.h linux/close_range.h
    linux/memfd.h linux/mman.h linux/mempolicy.h linux/membarrier.h linux/userfaultfd.h linux/sched.h
    linux/sched/types.h linux/wait.h linux/prctl.h linux/seccomp.h linux/capability.h linux/kcmp.h
    linux/pidfd.h linux/personality.h linux/ioprio.h linux/rseq.h linux/ptrace.h linux/signalfd.h
    linux/timerfd.h linux/time.h linux/timex.h linux/eventfd.h linux/eventpoll.h linux/futex.h
    linux/random.h linux/socket.h linux/net.h linux/in.h linux/in6.h linux/ip.h linux/tcp.h linux/udp.h
    linux/if.h linux/if_ether.h linux/if_packet.h linux/if_arp.h linux/neighbour.h linux/netlink.h linux/rtnetlink.h
    linux/un.h linux/ipc.h linux/sem.h linux/shm.h linux/msg.h linux/mqueue.h linux/keyctl.h linux/bpf.h
    linux/filter.h linux/hw_breakpoint.h linux/perf_event.h linux/io_uring.h linux/landlock.h linux/reboot.h linux/module.h linux/kexec.h
    linux/inotify.h linux/fanotify.h linux/quota.h linux/dqblk_xfs.h linux/xattr.h linux/uio.h
    linux/aio_abi.h linux/fiemap.h linux/falloc.h linux/lsm.h linux/errqueue.h linux/tty.h linux/kd.h
    linux/vt.h linux/cdrom.h linux/blkpg.h linux/loop.h linux/sockios.h linux/btrfs.h linux/fsverity.h
    linux/fscrypt.h linux/usbdevice_fs.h linux/input.h linux/watchdog.h linux/rtc.h linux/hdreg.h
    linux/elf.h linux/audit.h linux/resource.h linux/times.h linux/swab.h linux/utsname.h linux/vm_sockets.h
""".split()


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


decode = load("gen_decode", os.path.join(HERE, "gen-decode.py"))
headers = load("compare_headers", os.path.join(HERE, "..", "compare-headers.py"))


def tables():
    world = decode.World()
    folder = os.path.join(HERE, "flags")
    for filename in sorted(os.listdir(folder)):
        for _, head, lines in decode.blocks(os.path.join(folder, filename)):
            texts = []
            decode.read_block(world, head, lines, texts)
            for one in texts:
                one()
    return world.tables


def includes(command):
    """Those that this compiler has, each by itself and all together without an error."""
    found = []
    for header in HEADERS:
        text = "".join(f"#include <{one}>\n" for one in [*found, header])
        done = subprocess.run([*command, "-fsyntax-only", "-x", "c", "-"], input=text, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            found.append(header)
    return "".join(f"#include <{one}>\n" for one in found)


def assertions(known, abi):
    """A line a name: (name, value)."""
    ident = decode.GROUPS[abi][0]
    seen = {}
    for table in known.values():
        for name, values in table.entries:
            if ident in values and re.fullmatch(r"[A-Za-z_]\w*", name):
                seen.setdefault(name, set()).add(values[ident][0] & 0xffffffff)
    return seen


def check(command, include, seen):
    """Names that the headers do not know, and those whose value is another."""
    text = include + "".join(
        f"_Static_assert ({' || '.join(f'(unsigned) ({name}) == {value}u' for value in sorted(values))}, "
        f"\"PINK {name}\");\n" for name, values in seen.items())
    done = subprocess.run([*command, "-fsyntax-only", "-fmax-errors=0", "-x", "c", "-"], input=text, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    differ = set(re.findall(r'static assertion failed: "PINK (\w+)"', done.stderr))
    return differ, set(re.findall(r"error: '(\w+)' undeclared", done.stderr)) & set(seen)


def value_of(command, include, name):
    text = include + f'PINK {name}\n'
    return headers.preprocess(command, text, "-P").rsplit("PINK ", 1)[-1].strip()


def missing(command, include, known, seen):
    macros = set(re.findall(r"^#define ([A-Z]\w+) ", headers.preprocess(command, include, "-dM"), re.MULTILINE))
    for table in known.values():
        if len(table.prefix) < 4 or not re.fullmatch(r"[A-Z_0-9]+", table.prefix):
            continue
        names = sorted(name for name in macros if name.startswith(table.prefix) and name not in seen)
        if names:
            print(f"  {table.name}: {' '.join(names)}")


def main():
    arguments = [one for one in sys.argv[1:] if one != "--missing"]
    known = tables()
    differences = 0
    for abi in arguments or headers.COMPILERS:
        if abi not in headers.COMPILERS:
            sys.exit(f"there is no compiler for '{abi}': {' '.join(headers.COMPILERS)}")
        command = headers.COMPILERS[abi][0].split()
        if shutil.which(command[0]) is None:
            print(f"{abi}: passed by, {command[0]} is not installed")
            continue
        include = includes(command)
        if not include:
            print(f"{abi}: passed by, {' '.join(command)} finds no headers")
            continue
        seen = assertions(known, abi)
        differ, unknown = check(command, include, seen)
        for name in sorted(differ):
            print(f"{abi}: {name} is {value_of(command, include, name)} in the headers, "
                  f"{' or '.join(hex(value) for value in sorted(seen[name]))} in the table")
        print(f"{abi}: {len(seen) - len(unknown)} names in the headers, {len(differ)} differences; "
              f"{len(unknown)} more in the tables")
        if "--missing" in sys.argv:
            missing(command, include, known, seen)
        differences += len(differ)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
