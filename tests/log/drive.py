# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs an example with a list, scrolls through it while it grows, and closes its window:
drive.py EXAMPLE ARGUMENT…. Says on standard error what it saw."""
import os
import random
import runpy
import sys

import gi
gi.require_version("Gtk", "4.0")
from gi.repository import GLib, Gtk

ROWS = int(os.environ["ROWS"])                  # that there are to be at the end
steps = 0
given_up = 5000                                 # if they do not come
while_growing = 0
last_time = GLib.get_monotonic_time()
longest = 0


def widgets(widget):
    yield widget
    child = widget.get_first_child()
    while child is not None:
        yield from widgets(child)
        child = child.get_next_sibling()


def step():
    global steps, while_growing, last_time, longest, given_up
    now = GLib.get_monotonic_time()
    longest = max(longest, now - last_time)
    last_time = now
    windows = [window for window in Gtk.Window.list_toplevels() if window.get_mapped()]
    if not windows:
        return True
    all_of_it = list(widgets(windows[0]))
    view = next(widget for widget in all_of_it if isinstance(widget, Gtk.ColumnView))
    scrolled = next(widget for widget in all_of_it if isinstance(widget, Gtk.ScrolledWindow))
    n = view.get_model().get_n_items()
    adjustment = scrolled.get_vadjustment()
    steps += 1
    given_up -= 1
    if n < ROWS and given_up > 0:
        while_growing += n > 100
        adjustment.set_value(random.random() * (adjustment.get_upper() - adjustment.get_page_size()))
        steps = 0
        return True
    # Everything is there: a look at the end, which is drawn when the display comes to it.
    labels = [widget.get_label() for widget in all_of_it if isinstance(widget, Gtk.Label) and widget.get_mapped()]
    if given_up > 0 and (steps < 10 or not any(label.startswith("exit_group") for label in labels)):
        # GTK 4.8 now and then shows an empty list until one scrolls once more.
        adjustment.set_value(adjustment.get_upper() - adjustment.get_page_size() - (200 if steps % 50 == 49 else 0))
        return True
    print(f"scrolled {while_growing} times while it grew; longest pause {longest // 1000} ms", file=sys.stderr)
    for label in labels:
        print(f"shown: {label}", file=sys.stderr)
    windows[0].close()
    return False


# Not before what is to be drawn, nor before the calls that are to come.
GLib.timeout_add(10, step, priority=GLib.PRIORITY_LOW)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
