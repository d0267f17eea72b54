#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole library for another machine, with GLib of Debian's packages, or built from its
sources, in a folder of its own, and what an initramfs needs to run its suites there.

As a command, library.py i386 FOLDER: prints the name of a cross file with which this
machine's compiler makes 32-bit programs, which run here with libraries in that folder.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

import provision
import sources
from machines import TRIPLETS

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

# What is in the build folder → its name there. "library" is signals from a GMainLoop.
SUITES = {"tests/abi-test": "abi", "tests/syscall-test": "syscall", "tests/arch/library-test": "library",
          "tests/change/change-entry-test": "entry", "tests/change/change-verdict-test": "verdict",
          "tests/change/change-inject-test": "inject", "tests/change/change-rule-test": "rule",
          "tests/change/change-reading-test": "reading", "tests/log/log-foreign-test": "foreign"}
LIBRARY = "pinktrace-glib/libpinktrace-glib-1.0.so"
TRACED = ("testprog", "changeprog")
APPLETS = ("cat", "echo", "sh", "true")

FAMILIES = {"arm64": ("aarch64", "little"), "armhf": ("arm", "little"), "mips64el": ("mips64", "little"),
            "powerpc": ("ppc", "big"), "ppc64": ("ppc64", "big"), "ppc64el": ("ppc64", "little"),
            "riscv64": ("riscv64", "little"), "s390x": ("s390x", "big")}
# Their C library is the cross compiler's own.
FROM_SOURCES = ("powerpc", "ppc64", "riscv64")


def sysroot(debian):
    place = os.path.join(provision.CACHE, "sysroot", debian)
    if debian in FROM_SOURCES:
        sources.install(debian, place, lambda path: cross_file(debian, place, path))
    else:
        provision.install(["libglib2.0-dev", "libjson-glib-dev", "libc6-dev", "busybox-static"], debian, place)
    return place


def library_folders(debian, root):
    triplet = TRIPLETS[debian]
    if debian in FROM_SOURCES:
        return [f"{root}/usr/lib/{triplet}", f"{provision.TOOLS}/usr/{triplet}/lib"]
    return [f"{root}/usr/lib/{triplet}", f"{root}/lib/{triplet}", f"{root}/lib"]


def cross_file(debian, root, path):
    triplet, (family, endian) = TRIPLETS[debian], FAMILIES[debian]
    folders = library_folders(debian, root)
    if debian in FROM_SOURCES:
        c_args = [f"-I{root}/usr/include"]
        link_args = []
    else:
        c_args = [f"--sysroot={root}", "-isystem", f"{root}/usr/include/{triplet}"]
        link_args = [f"--sysroot={root}"]
    link_args += [*(f"-L{one}" for one in folders), "-Wl,-rpath-link," + ":".join(folders)]
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"""[binaries]
c = '{triplet}-gcc'
ar = '{triplet}-ar'
strip = '{triplet}-strip'
pkgconfig = 'pkg-config'
[built-in options]
c_args = {c_args}
c_link_args = {link_args}
[properties]
sys_root = '{root}'
pkg_config_libdir = '{root}/usr/lib/{triplet}/pkgconfig:{root}/usr/share/pkgconfig'
[host_machine]
system = 'linux'
cpu_family = '{family}'
cpu = '{family}'
endian = '{endian}'
""")


def build(debian):
    """The build folder, beside the tree's other ones. It goes on from where it was."""
    root = sysroot(debian)
    place = os.path.join(TOP, "build-emulate", debian)
    env = provision.environment()
    if not os.path.exists(place + "/build.ninja"):
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        cross_file(debian, root, place + ".cross")
        provision.run(["meson", "setup", place, TOP, "--cross-file", place + ".cross", "-Dtests=true",
                       "-Dexamples=false", "-Dintrospection=disabled", "-Dvapi=disabled"], env=env)
    provision.run(["ninja", "-C", place, *SUITES, *(f"tests/{one}" for one in TRACED)], env=env)
    if any(name.startswith("libatomic.") for name in needed(debian, f"{place}/{LIBRARY}")):
        raise SystemExit("emulate: the library needs libatomic, whose locks a task that is killed leaves locked")
    return place


def needed(debian, path):
    said = subprocess.run([TRIPLETS[debian] + "-readelf", "-d", "-l", path], stdout=subprocess.PIPE, text=True,
                          check=True, env=provision.environment()).stdout
    yield from re.findall(r"\(NEEDED\).*\[(.*)\]", said)
    yield from re.findall(r"program interpreter: /\S*/(\S+)\]", said)


def interpreter(debian, path):
    said = subprocess.run([TRIPLETS[debian] + "-readelf", "-l", path], stdout=subprocess.PIPE, text=True,
                          check=True, env=provision.environment()).stdout
    return re.search(r"program interpreter: (\S+)\]", said)[1]


def libraries(debian, place, programs):
    """The shared libraries of programs: {name: file}."""
    folders = [f"{place}/pinktrace-glib", *library_folders(debian, sysroot(debian))]
    found, queue = {}, list(programs)
    while queue:
        for name in needed(debian, queue.pop()):
            file = next((f"{folder}/{name}" for folder in folders if os.path.exists(f"{folder}/{name}")), None)
            if name not in found and file is not None:
                found[name] = os.path.realpath(file)
                queue.append(found[name])
    return found


def files(debian):
    """The words of initramfs.py for the suites, but for the first program."""
    place = build(debian)
    programs = {f"/suites/{name}": f"{place}/{target}" for target, name in SUITES.items()}
    programs.update({f"/bin/{one}": f"{place}/tests/{one}" for one in TRACED})
    binaries = list(programs.values())
    programs["/share/arch/numbers.csv"] = f"{TOP}/tests/arch/numbers.csv"
    programs.update({f"/share/log/made/{os.path.basename(one)}": one
                     for one in sorted(glob.glob(f"{TOP}/tests/log/made/*.[lt]*"))})
    shared = libraries(debian, place, binaries)
    loader = interpreter(debian, binaries[0])
    words = [f"{path}={file}" for path, file in programs.items()]
    words.append(f"/bin/busybox={sysroot(debian)}/bin/busybox")
    words += [f"/bin/{name}->busybox" for name in APPLETS]
    words += [f"/lib/{name}={file}" for name, file in shared.items()]
    if not os.path.dirname(loader) == "/lib":
        words.append(f"{loader}={shared[os.path.basename(loader)]}")
    return words


def i386_cross_file(folder):
    """Libraries and loader lie beside the build: who runs a test may not read the cache."""
    root = os.path.join(os.path.abspath(folder), "sysroot")
    if not os.path.isdir(root):
        with provision.Lock():
            shutil.rmtree(root + ".new", ignore_errors=True)
            shutil.copytree(sysroot("i386"), root + ".new", symlinks=True)
            os.rename(root + ".new", root)
    folders = [f"{root}/usr/lib/i386-linux-gnu", f"{root}/lib/i386-linux-gnu"]
    path = os.path.join(os.path.abspath(folder), "i386.cross")
    with open(path, "w", encoding="utf-8") as out:
        # An rpath of the older kind holds for the libraries' own libraries, too.
        out.write(f"""[binaries]
c = ['gcc', '-m32']
ar = 'ar'
strip = 'strip'
pkgconfig = 'pkg-config'
[built-in options]
c_args = ['--sysroot={root}', '-isystem', '{root}/usr/include/i386-linux-gnu']
c_link_args = ['--sysroot={root}', '-L{folders[0]}', '-Wl,--disable-new-dtags',
  '-Wl,-rpath,{":".join(folders)}', '-Wl,--dynamic-linker={root}/lib/ld-linux.so.2']
[properties]
sys_root = '{root}'
pkg_config_libdir = '{folders[0]}/pkgconfig:{root}/usr/share/pkgconfig'
needs_exe_wrapper = false
[host_machine]
system = 'linux'
cpu_family = 'x86'
cpu = 'i686'
endian = 'little'
""")
    return path


def main():
    if len(sys.argv) != 3 or sys.argv[1] != "i386":
        sys.exit(__doc__)
    os.makedirs(sys.argv[2], exist_ok=True)
    print(i386_cross_file(sys.argv[2]))


if __name__ == "__main__":
    main()
