#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library, installed: what is where, and whether it can be built against and used.

Arguments: meson, the build folder, its prefix, the folder of Python's overrides in it (or
nothing), and the words of the C compiler.
"""
import os
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
import tap_unittest

MESON, BUILD, PREFIX, OVERRIDES, *CC = sys.argv[1:]
PACKAGE = "pinktrace-glib-1.0"
INTROSPECTED = os.path.exists(os.path.join(BUILD, "introspection", "PinkTrace-1.0.typelib"))
VAPI = os.path.exists(os.path.join(BUILD, "introspection", PACKAGE + ".vapi"))


def output_of(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120, **options)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(command)} returned {done.returncode}:\n{done.stdout}")
    return done.stdout.strip()


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.destination = place.name
        output_of(MESON, "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.destination)
        folders = [folder for folder, _folders, files in os.walk(cls.destination)
                   if PACKAGE + ".pc" in files]
        assert len(folders) == 1, folders
        cls.pc_environment = {**os.environ, "PKG_CONFIG_PATH": folders[0],
                              "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1",
                              "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1"}
        cls.libdir = cls.inside(cls.pkg_config("--variable=libdir"))
        cls.environment = {
            **os.environ,
            "LD_LIBRARY_PATH": cls.libdir,
            "GI_TYPELIB_PATH": os.path.join(cls.libdir, "girepository-1.0"),
            "PYTHONPATH": os.path.dirname(os.path.dirname(cls.inside(OVERRIDES))),
        }

    @classmethod
    def inside(cls, path):
        return cls.destination + path

    @classmethod
    def pkg_config(cls, *words):
        return output_of("pkg-config", *words, PACKAGE, env=cls.pc_environment)

    def flags(self, *words):
        """pkg-config's flags, with the folders that are ours taken from the destination."""
        flags = []
        for flag in shlex.split(self.pkg_config(*words)):
            path = self.inside(flag[2:])
            flags.append(flag[:2] + path if flag[:2] in ("-I", "-L") and os.path.isdir(path)
                         else flag)
        return flags

    def test_package(self):
        self.assertEqual(self.pkg_config("--variable=prefix"), PREFIX)
        version = self.pkg_config("--modversion")
        with open(os.path.join(ROOT, "meson.build")) as file:
            self.assertIn(f"version: '{version}'", file.read())
        self.assertIn("-lpinktrace-glib-1.0", self.flags("--libs"))

    def test_headers(self):
        """Every public header, those that are made included, and no private one."""
        folder = self.inside(f"{PREFIX}/include/{PACKAGE}/pinktrace-glib")
        public = [name for name in os.listdir(os.path.join(ROOT, "pinktrace-glib"))
                  if name.endswith(".h") and not name.endswith("-private.h")]
        self.assertEqual(sorted(os.listdir(folder)),
                         sorted([*public, "pink-version.h", "pink-enum-types.h"]))

    def test_library(self):
        self.assertEqual(
            sorted(name for name in os.listdir(self.libdir) if name.startswith("libpink")),
            ["libpinktrace-glib-1.0.so", "libpinktrace-glib-1.0.so.0",
             "libpinktrace-glib-1.0.so.0.0.0"])

    if INTROSPECTED:
        def test_introspection(self):
            for path in (f"{self.libdir}/girepository-1.0/PinkTrace-1.0.typelib",
                         self.inside(f"{PREFIX}/share/gir-1.0/PinkTrace-1.0.gir")):
                self.assertTrue(os.path.isfile(path), path)

    def test_tool(self):
        version = self.pkg_config("--modversion")
        tool = self.inside(f"{PREFIX}/bin/pinktrace")
        self.assertIn(version, output_of(tool, "-V", env=self.environment))

    def build(self, source):
        program = os.path.join(self.destination, "program")
        output_of(*CC, "-Wall", "-Werror", "-o", program, source,
                  *self.flags("--cflags"), *self.flags("--libs"))
        return program

    def check(self, *command):
        said = output_of(*command, "/bin/cat", "/dev/null", env=self.environment)
        self.assertRegex(said, r'(?m)^\d+ openat\(AT_FDCWD, "/dev/null", .* = 3$')

    def test_c(self):
        self.check(self.build(os.path.join(ROOT, "examples", "print-opens.c")))

    def test_only_the_one_header(self):
        source = os.path.join(self.destination, "direct.c")
        with open(source, "w") as file:
            file.write("#include <pinktrace-glib/pink-tracer.h>\nint main (void) { return 0; }\n")
        with self.assertRaisesRegex(AssertionError, "can be included directly"):
            self.build(source)

    if VAPI:
        def test_vala(self):
            program = os.path.join(self.destination, "vala-program")
            vapidir = self.inside(f"{PREFIX}/share/vala/vapi")
            flags = [word for flag in (*self.flags("--cflags"), *self.flags("--libs"))
                     for word in ("-X", flag)]
            self.assertTrue(os.path.isfile(f"{vapidir}/{PACKAGE}.deps"))
            output_of("valac", "--vapidir", vapidir, "--pkg", PACKAGE, "-X", "-w", *flags,
                      "-o", program, os.path.join(ROOT, "examples", "print-opens.vala"),
                      env=self.pc_environment)
            self.check(program)

    if OVERRIDES:
        def test_python(self):
            self.check(sys.executable, os.path.join(ROOT, "examples", "print-opens.py"))
            override = output_of(sys.executable, "-c", "import gi, sys; "
                                 "gi.require_version('PinkTrace', '1.0'); "
                                 "from gi.repository import PinkTrace; "
                                 "print(sys.modules['gi.overrides.PinkTrace'].__file__)",
                                 env=self.environment)
            self.assertEqual(override, self.inside(f"{OVERRIDES}/PinkTrace.py"))


if __name__ == "__main__":
    del sys.argv[1:]
    tap_unittest.main()
