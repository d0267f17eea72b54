# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs an example, and answers its dialogs: answer.py EXAMPLE ARGUMENT…, with $ANSWER."""
import os
import runpy
import sys

import gi
gi.require_version("Gtk", "4.0")
from gi.repository import GLib, Gtk

seen = []


def answer():
    for window in Gtk.Window.list_toplevels():
        if isinstance(window, Gtk.Dialog) and window.get_mapped() and window not in seen:
            seen.append(window)
            print(f"asked: {window.props.text}", file=sys.stderr)
            window.response(getattr(Gtk.ResponseType, os.environ["ANSWER"]))
            break
    return True


GLib.timeout_add(20, answer)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
