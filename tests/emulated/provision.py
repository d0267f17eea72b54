# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the emulated machines are made of, in a cache of the user's: Debian's packages,
unpacked and never installed.

Debian's cross compilers cannot be installed beside gcc-multilib, which the tests of
this machine need; unpacked, they live together.
"""

import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "pinktrace-glib", "emulate")
TOOLS = os.path.join(CACHE, "tools")
WORK = os.path.join(CACHE, "work")  # what is half done


def say(text):
    print("emulate: " + text, file=sys.stderr, flush=True)


GIVE_UP = threading.Event()


def run(command, **more):
    """Runs it; what it says is shown when it fails. Nothing more is begun once all is given up."""
    if GIVE_UP.is_set():
        raise SystemExit("emulate: given up")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", **more)
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-8000:])
        raise SystemExit("emulate: failed: " + " ".join(command))
    return done.stdout


def need_apt():
    if shutil.which("apt-get") is None:
        raise SystemExit("emulate: the machines are made of Debian's packages; there is no apt-get here")


class Lock:
    """One process at a time fills the cache."""

    def __enter__(self):
        os.makedirs(CACHE, exist_ok=True)
        self.file = open(os.path.join(CACHE, "lock"), "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *unused):
        self.file.close()


def work_folder():
    os.makedirs(WORK, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=WORK)


def multiarch():
    """This machine's triplet, as in the names of folders."""
    return run(["gcc", "-print-multiarch"]).strip()


def environment():
    """Finds what is unpacked; what the system has is found after it."""
    usr = os.path.join(TOOLS, "usr")
    env = dict(os.environ)
    env["PATH"] = os.path.join(usr, "bin") + ":" + env["PATH"]
    env["LD_LIBRARY_PATH"] = ":".join(
        [os.path.join(usr, "lib", multiarch()), os.path.join(TOOLS, "lib", multiarch())]
        + [old for old in [env.get("LD_LIBRARY_PATH")] if old])
    if os.path.exists(os.path.join(usr, "bin", "m4")):
        env["M4"] = os.path.join(usr, "bin", "m4")
    if os.path.exists(os.path.join(usr, "share", "bison")):
        env["BISON_PKGDATADIR"] = os.path.join(usr, "share", "bison")
    return env


def own_headers(program):
    """What a program for this machine's compiler is compiled with: Debian's gcc-N-multilib,
    unlike gcc-multilib, makes no link /usr/include/asm."""
    return [] if program.debian else ["-idirafter", "/usr/include/" + multiarch()]


## Packages

APT_LOCKS = {}


def one_apt(state):
    """Held by the thread that uses the apt of that name: it has one folder for what it fetches."""
    return APT_LOCKS.setdefault(state, threading.RLock())


def apt_options(debian):
    """An apt with a state of its own: this machine's (None), or one that has nothing installed."""
    state = os.path.join(CACHE, "apt", debian or "own")
    for name in ("lists/partial", "archives/partial"):
        os.makedirs(os.path.join(state, name), exist_ok=True)
    status = os.path.join(state, "status") # apt's lock lies beside it
    options = ["-q", f"-oDir::State::Lists={state}/lists", f"-oDir::Cache={state}",
               f"-oDir::State::status={status}", "-oAPT::Sandbox::User="]
    if debian is None:
        shutil.copyfile("/var/lib/dpkg/status", status)
    else:
        open(status, "a").close()
        options += [f"-oAPT::Architecture={debian}", f"-oAPT::Architectures={debian}"]
    if not any(name.endswith(("_Packages", "_Packages.lz4")) for name in os.listdir(state + "/lists")):
        say("fetching the lists of packages" + (f" of {debian}" if debian else ""))
        # Where a part of them is missing for an architecture it says 100, and has the others.
        subprocess.run(["apt-get", *options, "update"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return state, options


def unpack(directory, into):
    os.makedirs(into, exist_ok=True)
    for name in sorted(os.listdir(directory)):
        if name.endswith(".deb"):
            run(["dpkg-deb", "-x", os.path.join(directory, name), into])
            os.unlink(os.path.join(directory, name))


def relative_links(top):
    """Links that begin at the root would leave the folder."""
    for directory, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(directory, name)
            if os.path.islink(path) and os.readlink(path).startswith("/"):
                target = top + os.readlink(path)
                os.unlink(path)
                os.symlink(os.path.relpath(target, directory), path)


def relative_scripts(top):
    """libc.so and its like are texts that name files from the root on."""
    for path in glob.glob(f"{top}/usr/*-linux-*/lib*/*.so"):
        with open(path, "rb") as file:
            text = file.read(20000)
        if text.startswith(b"/* GNU ld script"):
            with open(path, "wb") as file:
                file.write(re.sub(rb"/usr/[\w-]+-linux-\w+/lib\w*/", b"", text))


def install(packages, debian=None, into=TOOLS):
    """With what they depend on; in `into` there is a stamp for each."""
    stamps = os.path.join(into, ".have")
    missing = [name for name in dict.fromkeys(packages) if not os.path.exists(os.path.join(stamps, name))]
    if not missing:
        return
    with one_apt(debian):
        state, options = apt_options(debian)
        say("fetching " + " ".join(missing))
        run(["apt-get", *options, "-y", "--no-install-recommends", "--download-only", "install", *missing])
        unpack(state + "/archives", into)
    relative_links(into)
    relative_scripts(into)
    os.makedirs(stamps, exist_ok=True)
    for name in missing:
        open(os.path.join(stamps, name), "w").close()


def download(package, debian, into):
    """Of one package, not of what it depends on; a package that stands for another is followed."""
    with one_apt(debian):
        state, options = apt_options(debian)
        depends = run(["apt-cache", *options, "depends", package])
        real = re.search(r"Depends: (linux-image-[0-9]\S*)", depends)
        name = real[1] if real else package
        say("fetching " + name)
        run(["apt-get", *options, "download", name], cwd=state + "/archives")
        unpack(state + "/archives", into)
