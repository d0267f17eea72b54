# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machines' kernels: Debian's, and those that no package has, built from its source."""

import os
import shutil
import subprocess

from machines import TRIPLETS, DebianKernel
from provision import CACHE, download, environment, run, say, work_folder

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = "linux-source-6.1"
TOOLS = ("flex", "bison", "bc", "m4")  # beside make and the machine's compiler


def first_kernel(directory):
    boot = os.path.join(directory, "boot")
    found = [name for name in sorted(os.listdir(boot)) if name.startswith("vmlinu")]
    return os.path.join(boot, found[-1])


def debian_kernel(kernel):
    place = os.path.join(CACHE, "kernels", kernel.debian)
    if not os.path.isdir(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with work_folder() as new:
            download(kernel.package, kernel.debian, new + "/tree")
            shutil.rmtree(new + "/tree/lib")  # its modules
            os.rename(new + "/tree", place)
    return first_kernel(place)


def at_hand(kernel, place):
    """PINK_KERNELS is a folder of kernels that were built before."""
    given = os.environ.get("PINK_KERNELS")
    path = given and os.path.join(given, kernel.file + ".xz")
    if not path or not os.path.exists(path):
        return False
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place + ".new", "wb") as out:
        subprocess.run(["xz", "-dc", path], stdout=out, check=True)
    os.rename(place + ".new", place)
    return True


# What no kernel here is made of, and half of the source's files.
LEFT_OUT = ("Documentation/*/*", "drivers/gpu/*.[ch]", "drivers/net/*/*.[ch]", "sound/*.[ch]", "tools/testing/*")


def unpacked_source(into):
    download(SOURCE, None, into)
    say("unpacking it")
    run(["tar", "-xf", f"{into}/usr/src/{SOURCE}.tar.xz", "-C", into,
         *(f"--exclude={SOURCE}/{pattern}" for pattern in LEFT_OUT)])
    return f"{into}/{SOURCE}"


def place_of(kernel):
    return os.path.join(CACHE, "kernels", kernel.file)


def build(kernel, source):
    say(f"building a kernel for {kernel.name}, which takes some minutes")
    env, place = environment(), place_of(kernel)
    with work_folder() as folder:
        make = ["make", "-C", source, "O=" + folder, "ARCH=" + kernel.arch,
                "CROSS_COMPILE=" + TRIPLETS[kernel.debian] + "-"]
        run([*make, "tinyconfig"], env=env)
        run(["scripts/kconfig/merge_config.sh", "-m", "-O", folder, folder + "/.config",
             f"{HERE}/kernels/common.config", f"{HERE}/kernels/{kernel.name}.config"],
            env=env, cwd=source)
        run([*make, "olddefconfig"], env=env)
        run([*make, f"-j{os.cpu_count()}", os.path.basename(kernel.target)], env=env)
        if kernel.target == "vmlinux":
            run([TRIPLETS[kernel.debian] + "-strip", folder + "/vmlinux"], env=env)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(os.path.join(folder, kernel.target), place + ".new")
    os.rename(place + ".new", place)


def to_build(machines):
    """The kernels of our own that are neither there nor at hand."""
    for kernel in dict.fromkeys(machine.kernel for machine in machines):
        if not isinstance(kernel, DebianKernel):
            place = place_of(kernel)
            if not os.path.exists(place) and not at_hand(kernel, place):
                yield kernel


def build_all(kernels):
    """One after another: they share a source of more than a gigabyte."""
    with work_folder() as folder:
        source = unpacked_source(folder)
        for kernel in kernels:
            build(kernel, source)


def kernel_of(machine):
    """Where it lies; Debian's is fetched first."""
    if isinstance(machine.kernel, DebianKernel):
        return debian_kernel(machine.kernel)
    return place_of(machine.kernel)
