# SPDX-License-Identifier: LGPL-2.1-or-later
"""strace for each ABI: static, and from its source, since Debian has packages for half of
them, and those do not read the structures of the other ABIs of their machines.
"""

import os
import tempfile

import provision
import sources
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


def build(program):
    place = place_of(program)
    if os.path.exists(place):
        return
    os.makedirs(os.path.dirname(place), exist_ok=True)
    env = provision.environment()
    with tempfile.TemporaryDirectory(dir=provision.CACHE) as folder:
        top = sources.unpacked("strace", folder)
        provision.say("building strace for " + program.abi)
        compiler = " ".join([*program.compiler, *provision.own_headers(program)])
        provision.run([top + "/configure", "--host=" + host(program), "--build=x86_64-linux-gnu", "CC=" + compiler,
                       *CONFIGURE], cwd=top, env=env)
        provision.run(["make", f"-j{os.cpu_count()}", "-C", "src"], cwd=top, env=env)
        os.rename(top + "/src/strace", place)


def prepare(machine):
    """Builds those of its ABIs that are not there yet, a minute each."""
    with provision.Lock():
        if any(not os.path.exists(place_of(program)) for program in machine.programs):
            provision.install(["make"])
        for program in machine.programs:
            build(program)
