# SPDX-License-Identifier: LGPL-2.1-or-later
"""GLib, what it needs, and busybox, for machines of which Debian has compilers and no
packages: built from Debian's sources, into a folder that looks like the others' sysroots.
"""

import glob
import os

import provision
from machines import TRIPLETS

STATE = os.path.join(provision.CACHE, "apt", "sources")
MESON = {
    "glib2.0": ["-Dtests=false", "-Dlibmount=disabled", "-Dselinux=disabled", "-Dxattr=false", "-Dlibelf=disabled",
                "-Dnls=disabled", "-Dman=false"],
}
CONFIGURE = {
    "libffi": ["--disable-static", "--disable-docs", "--disable-multi-os-directory"],
    "pcre2": ["--disable-static", "--enable-unicode"],
}
BUSYBOX = ("STATIC", "LFS", "ASH", "SH_IS_ASH", "CAT", "ECHO", "TRUE")


## Fetching

def source_options():
    """An apt that knows of sources only, where the system has its packages from."""
    lists = os.path.join(STATE, "lists")
    for name in (lists + "/partial", STATE + "/archives/partial"):
        os.makedirs(name, exist_ok=True)
    entry = STATE + "/sources.list"
    options = ["-q", f"-oDir::State::Lists={lists}", f"-oDir::Cache={STATE}", f"-oDir::Etc::SourceList={entry}",
               "-oDir::Etc::SourceParts=/dev/null", "-oAPT::Sandbox::User="]
    if not glob.glob(lists + "/*_Sources*"):
        provision.say("fetching the lists of sources")
        with provision.one_apt(None):
            where = provision.run(["apt-get", *provision.apt_options(None)[1], "indextargets",
                                   "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                                   "Created-By: Packages", "Origin: Debian", "Component: main"])
        with open(entry, "w", encoding="utf-8") as out:
            # Not its updates: what these change are Debian's changes, which are left out here.
            out.writelines(f"deb-src {line}\n" for line in where.splitlines() if "-" not in line.split()[1])
        provision.run(["apt-get", *options, "update"])
    return options


def archive_of(package):
    """As its authors published it, without Debian's changes."""
    place = os.path.join(provision.CACHE, "sources", package)
    with provision.one_apt("sources"):
        if not os.path.isdir(place):
            options = source_options()
            provision.say("fetching the source of " + package)
            with provision.work_folder() as folder:
                os.makedirs(folder + "/new")
                provision.run(["apt-get", *options, "--download-only", "--tar-only", "--only-source", "source",
                               package], cwd=folder + "/new")
                os.makedirs(os.path.dirname(place), exist_ok=True)
                os.rename(folder + "/new", place)
    [archive] = glob.glob(f"{place}/*.orig.tar.*[!c]") # beside it may lie a signature, .asc
    return archive


def unpacked(package, into):
    """The folder in `into`, which is empty."""
    provision.run(["tar", "-xf", archive_of(package), "-C", into])
    [top] = [entry.path for entry in os.scandir(into) if entry.is_dir()]
    return top


## Building

class Builder:
    """For one machine: what is built goes into `root`, as it would lie on its disk."""

    def __init__(self, debian, root, cross_file):
        self.root, self.triplet, self.cross_file = root, TRIPLETS[debian], cross_file
        self.jobs = f"-j{os.cpu_count()}"
        self.env = provision.environment()
        self.lib = "/usr/lib/" + self.triplet

    def make(self, top, *words, **more):
        provision.run(["make", self.jobs, *words], cwd=top, env={**self.env, **more})

    def configured(self, package, top):
        provision.run(["./configure", "--host=" + self.triplet, "--prefix=/usr", "--libdir=" + self.lib,
                       *CONFIGURE[package]], cwd=top, env=self.env)
        self.make(top)
        self.make(top, "install", "DESTDIR=" + self.root)

    libffi = pcre2 = configured

    def zlib(self, package, top):
        env = {**self.env, "CHOST": self.triplet}
        provision.run(["./configure", "--prefix=/usr", "--libdir=" + self.lib], cwd=top, env=env)
        self.make(top)
        self.make(top, "install", "DESTDIR=" + self.root)

    def glib(self, package, top):
        env = {**self.env, "DESTDIR": self.root}
        provision.run(["meson", "setup", top + "/build", top, "--cross-file", self.cross_file, "--prefix=/usr",
                       f"--libdir=lib/{self.triplet}", "--buildtype=release", "-Doptimization=1", *MESON[package]], env=env)
        provision.run(["ninja", "-C", top + "/build", self.jobs, "install"], env=env)

    def busybox(self, package, top):
        words = ["ARCH=" + self.triplet.split("-", maxsplit=1)[0], f"CROSS_COMPILE={self.triplet}-"]
        self.make(top, *words, "allnoconfig")
        with open(top + "/.config", encoding="utf-8") as old:
            lines = old.read().splitlines()
        for name in BUSYBOX:
            lines = [line for line in lines if f"CONFIG_{name}=" not in line and f"CONFIG_{name} " not in line]
            lines.append(f"CONFIG_{name}=y")
        with open(top + "/.config", "w", encoding="utf-8") as new:
            new.write("\n".join(lines) + "\n")
        self.make(top, *words, "silentoldconfig")
        self.make(top, *words)
        os.makedirs(self.root + "/bin", exist_ok=True)
        os.replace(top + "/busybox", self.root + "/bin/busybox")


def without_json(root, triplet):
    """The tool alone needs JSON-GLib, and is not built there; meson asks for it nonetheless."""
    with open(f"{root}/usr/lib/{triplet}/pkgconfig/json-glib-1.0.pc", "w", encoding="utf-8") as out:
        out.write("Name: JSON-GLib\nDescription: Stands in for it\nVersion: 1.6.6\nRequires: gio-2.0\n")


def install(debian, root, cross_file):
    """What is there is not built again; cross_file makes the file for meson, where it is told to."""
    stamps = root + "/.have"
    os.makedirs(stamps, exist_ok=True)
    for package, how in (("zlib", Builder.zlib), ("libffi", Builder.libffi), ("pcre2", Builder.pcre2),
                         ("glib2.0", Builder.glib), ("busybox", Builder.busybox)):
        if os.path.exists(f"{stamps}/{package}"):
            continue
        with provision.work_folder() as place:
            top = unpacked(package, place)
            provision.say(f"building {package} for {debian}")
            cross_file(place + "/cross")
            how(Builder(debian, root, place + "/cross"), package, top)
        open(f"{stamps}/{package}", "w").close()
    without_json(root, TRIPLETS[debian])
