# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fetches and builds what machines need and the cache does not have: the compilers first,
then all else, side by side.
"""

import os
import shutil
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import kernels
import library
import provision
import sources
import strace


def tools(machines, new_kernels):
    """The packages for this machine: QEMU, cross compilers, and what builds with them."""
    yield from (machine.package for machine in machines)
    yield from (package for machine in machines for program in machine.programs for package in program.needs)
    yield "make"
    if new_kernels:
        yield from kernels.TOOLS


def jobs(machines, new_kernels, without_strace, scratch):
    """None needs another one's work. What takes longest comes first; of the straces the first
    does, since the others have its answers."""
    if without_strace:
        top = sources.unpacked("strace", scratch)
        yield strace.build, without_strace[0], top
    if new_kernels:
        yield kernels.build_all, new_kernels
    libraries = dict.fromkeys(machine.library for machine in machines if machine.library is not None)
    for debian in sorted(libraries, key=lambda one: one not in library.FROM_SOURCES):
        yield library.build, debian
    for program in without_strace[1:]:
        yield strace.build, program, top
    for machine in machines:
        yield kernels.kernel_of, machine


def side_by_side(work):
    """More than there are processors: one may be waiting for the net, or configuring."""
    with ThreadPoolExecutor(os.cpu_count() + 1) as pool:
        try:
            running = [pool.submit(*job) for job in work]
            for one in wait(running, return_when=FIRST_EXCEPTION).done:
                one.result()
        except BaseException:
            provision.GIVE_UP.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def prepare(machines):
    provision.need_apt()
    machines = list(dict.fromkeys(machines))
    with provision.Lock():
        shutil.rmtree(provision.WORK, ignore_errors=True)  # somebody was killed
        new_kernels, without_strace = list(kernels.to_build(machines)), strace.missing(machines)
        provision.install(tools(machines, new_kernels))
        with provision.work_folder() as scratch:
            side_by_side(jobs(machines, new_kernels, without_strace, scratch))
