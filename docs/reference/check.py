#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Build the manual in a folder of its own, and check that it is whole.

Looked for are warnings of gtk-doc's, symbols that are not described or in no section, and
places where the chapters no longer fit the examples. The build folder that the tests are
run from need not have the option gtk_doc.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
import tap_unittest

MODULE = "pinktrace-glib"
NEEDED = "gtkdoc-scan", "gtkdoc-check", "xsltproc", "ninja"
OPTIONS = ("--buildtype=plain", "-Dgtk_doc=true", "-Dtests=false", "-Dexamples=false",
           "-Dintrospection=disabled", "-Dvapi=disabled")


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return file.read()


def sections():
    """What the sections file names, without its markup."""
    text = re.sub(r"<(TITLE|FILE|INCLUDE)>.*?</\1>|<[^>]*>|#.*", "", read(HERE, f"{MODULE}-sections.txt"))
    return set(text.split())


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


class Manual(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        missing = [tool for tool in NEEDED if shutil.which(tool) is None]
        cls.missing = f"the manual cannot be built without {', '.join(missing)}" if missing else None
        if missing:
            return
        cls.build = tempfile.mkdtemp(prefix="pinktrace-docs.")
        cls.addClassCleanup(shutil.rmtree, cls.build, ignore_errors=True)
        run(os.environ.get("MESON", "meson"), "setup", cls.build, ROOT, *OPTIONS)
        cls.output = run("ninja", "-C", cls.build, f"{MODULE}-doc")
        cls.docs = os.path.join(cls.build, "docs", "reference")
        cls.html = os.path.join(cls.docs, "html")

    def setUp(self):
        if self.missing:
            self.skipTest(self.missing)

    def test_no_warnings(self):
        said = self.output.split("Building documentation for", 1)[1]
        complaints = [line for line in said.splitlines()
                      if re.search("warning|error|fail|can't|cannot|could not", line, re.IGNORECASE)]
        self.assertEqual(complaints, [])

    def test_all_described(self):
        text = read(self.docs, f"{MODULE}-undocumented.txt")
        self.assertRegex(text, "^100% symbol docs coverage", text)
        self.assertIn("\n0 symbols incomplete.\n0 not documented.", text)

    def test_sections_fit_headers(self):
        for kind in "undeclared", "unused":
            with self.subTest(kind):
                self.assertEqual(read(self.docs, f"{MODULE}-{kind}.txt").strip(), "")

    def test_exported_symbols(self):
        library = os.path.join(self.build, MODULE, "libpinktrace-glib-1.0.so")
        exported = {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}
        self.assertTrue(exported)
        self.assertEqual(exported - sections(), set(), "exported, but in no section")
        types = {name for name in exported if name.endswith("_get_type")}
        listed = set(re.findall(r"^\w+$", read(HERE, f"{MODULE}.types"), re.MULTILINE))
        self.assertEqual(listed, types, "the list of types is not that of the library")

    def test_private_is_not_shown(self):
        self.assertEqual(sorted(name for name in sections() if name.startswith("_")), [])
        for path in glob.glob(os.path.join(self.html, "*.html")):
            with self.subTest(os.path.basename(path)):
                text = read(path)
                self.assertNotRegex(text, r"\b_?pink_(engine|slot|task|keeper|inbox|arch)_\w")
                self.assertNotIn(ROOT, text)
                self.assertNotIn(self.build, text)

    def test_since(self):
        def symbols(pattern):
            found = set()
            for path in glob.glob(os.path.join(self.docs, "xml", pattern)):
                found |= set(re.findall(r'<link linkend="([^"]*)"', read(path)))
            return found

        everything = symbols("api-index-full.xml")
        self.assertTrue(everything)
        self.assertEqual(everything - symbols("api-index-[0-9]*.xml"), set(), "without Since:")

    def test_links_lead_somewhere(self):
        pages = {os.path.basename(path): read(path) for path in glob.glob(os.path.join(self.html, "*.html"))}
        lost = set()
        for name, text in pages.items():
            for link in re.findall(r'<a [^>]*href="([^"]*)"', text):
                page, _, anchor = link.partition("#")
                if page.startswith("https://"):
                    continue
                if page.startswith("api-index-"):
                    anchor = "" # of an index by version, the stylesheets do not make it
                target = pages.get(page or name)
                if target is None or (anchor and not re.search(f'(name|id)="{re.escape(anchor)}"', target)):
                    lost.add(f"{name}: {link}")
        self.assertEqual(sorted(lost), [])

    def test_examples_are_shown(self):
        text = re.sub(r"<[^>]*>", "", read(self.html, "first-trace.html"))
        for escaped, plain in ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"):
            text = text.replace(escaped, plain)
        for path in sorted(glob.glob(os.path.join(ROOT, "examples", "print-opens.*"))):
            with self.subTest(os.path.basename(path)):
                self.assertTrue(read(path).strip() in text, "not shown as it is")

    def test_explanations_fit_examples(self):
        n_explained = 0
        for explained in ElementTree.parse(os.path.join(HERE, "first-trace.xml")).iter("variablelist"):
            name = explained.get("role")
            example = read(ROOT, "examples", name)
            for term in explained.iter("term"):
                with self.subTest(example=name):
                    self.assertIn(re.sub(r"\\([%#])", r"\1", term.findtext("code")), example)
                n_explained += 1
        self.assertGreater(n_explained, 0)


if __name__ == "__main__":
    tap_unittest.main()
