# SPDX-License-Identifier: LGPL-2.1-or-later
"""strace for each ABI: static, and from its source, since Debian has packages for half of
them, and those do not read the structures of the other ABIs of their machines.
"""

import os
import re
import shutil

import provision
from machines import TRIPLETS

# As configure is to know them, where a compiler has more than one.
HOSTS = {"i386": "i686-linux-gnu", "s390": "s390-linux-gnu", "x32": "x86_64-linux-gnux32"}
CONFIGURE = ("--disable-mpers", "--disable-gcc-Werror", "--disable-dependency-tracking", "--without-libdw",
             "--without-libunwind", "--without-libselinux", "LDFLAGS=-static", "CFLAGS=-O1 -w")


def host(program):
    if program.abi in HOSTS:
        return HOSTS[program.abi]
    return TRIPLETS[program.debian] if program.debian else "x86_64-linux-gnu"


def place_of(program):
    return os.path.join(provision.CACHE, "strace", program.abi)


def missing(machines):
    """The programs of these machines, each once, whose strace is not there yet."""
    programs = {program.abi: program for machine in machines for program in machine.programs}
    return [program for program in programs.values() if not os.path.exists(place_of(program))]


## Building

# What configure finds out by many compilations, and is the same wherever compiler, C library
# and the kernel's headers have one version: most of its time. Which headers there are, and
# what types and registers are like, is not among it: arm has no linux/kvm.h.
SAME = re.compile(r"ac_cv_(member_(struct|union)_bpf_|have_decl_|func_)|gl_cv_warn_")


def remember(cache, answers):
    """Of the answers that one configure had, for the next."""
    with open(cache, encoding="utf-8") as lines:
        same = [line for line in lines if SAME.match(line)]
    with open(cache + ".same", "w", encoding="utf-8") as out:
        out.writelines(same)
    os.rename(cache + ".same", answers)


def build(program, top):
    """Out of the source in `top`, which all of them share."""
    provision.say("building strace for " + program.abi)
    env, place, answers = provision.environment(), place_of(program), top + ".answers"
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with provision.work_folder() as folder:
        cache = folder + "/config.cache"
        if os.path.exists(answers):
            shutil.copyfile(answers, cache)
        compiler = " ".join([*program.compiler, *provision.own_headers(program)])
        provision.run([top + "/configure", "--host=" + host(program), "--build=x86_64-linux-gnu", "CC=" + compiler,
                       "--cache-file=" + cache, *CONFIGURE], cwd=folder, env=env)
        remember(cache, answers)
        provision.run(["make", f"-j{os.cpu_count()}", "-C", "src"], cwd=folder, env=env)
        os.rename(folder + "/src/strace", place)
