# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the Python suites that trace have in common."""
import os
import sys
import tempfile
import unittest

import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import GLib, PinkTrace

BOUND = 20                                      # seconds that a trace may take


class TracerCase(unittest.TestCase):
    """A tracer, a folder, and in self.thrown every exception that a handler lets out."""

    def setUp(self):
        self.thrown = []
        hook = sys.excepthook
        sys.excepthook = lambda kind, value, trace: self.thrown.append(value)
        self.addCleanup(setattr, sys, "excepthook", hook)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.tracer = PinkTrace.Tracer()

    def bounded(self, run, stop):
        late = []
        source = GLib.timeout_add_seconds(BOUND, lambda: (late.append(True), stop()) and False)
        result = run()
        self.assertEqual(late, [], "the trace did not end")
        GLib.source_remove(source)
        return result

    def run_tracer(self):
        return self.bounded(self.tracer.run, self.tracer.quit)
