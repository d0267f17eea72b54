#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program's calls out of a log, as Python sees it."""
import gc
import json
import os
import sys
import weakref

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap_unittest
from tracer_case import TracerCase

import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import Gio, GLib, PinkTrace


class Log(TracerCase):
    def record(self, *argv, **properties):
        log = PinkTrace.SyscallLog(**properties)
        self.tracer.add_log(log)
        self.tracer.spawn(argv)
        self.run_tracer()
        return log

    def test_list(self):
        log = self.record("/bin/cat", "/dev/null")
        names = [call.props.name for call in log]
        self.assertEqual(names[0], "execve")
        self.assertEqual(names[-1], "exit_group")
        self.assertEqual(len(log), log.props.n_items)
        opens = [call.read_string(1) for call in log if call.props.name == "openat"]
        self.assertIn("/dev/null", opens)
        self.assertIn("openat(AT_FDCWD, \"/dev/null\", O_RDONLY) = 3", [call.to_string() for call in log])

    def test_bounds(self):
        log = self.record("/bin/cat", "/dev/null", max_rows=5)
        self.assertEqual(len(log), 5)
        self.assertGreater(log.props.n_dropped, 5)
        self.assertEqual(log[-1].props.name, "exit_group")

    def test_same_object(self):
        log = self.record("/bin/true")
        row = log[3]
        row.mark = "mine"
        self.assertEqual(log[3].mark, "mine")
        gone = weakref.ref(row)
        del row
        gc.collect()
        self.assertIsNone(gone())
        self.assertFalse(hasattr(log[3], "mark"))

    def test_deciding(self):
        log = self.record("/bin/true")
        with self.assertRaises(GLib.Error) as caught:
            log[1].deny("EPERM")
        self.assertTrue(caught.exception.matches(PinkTrace.TracerError.quark(), PinkTrace.TracerError.WRONG_STATE))

    def test_notified(self):
        log = PinkTrace.SyscallLog(update_interval=1)
        counted = []
        log.connect("items-changed", lambda log, position, removed, added: counted.append(added - removed))
        log.connect("notify::n-items", lambda log, spec: counted.append(0))
        self.tracer.add_log(log)
        self.tracer.spawn(["/bin/true"])
        self.run_tracer()
        self.assertEqual(sum(counted), len(log))
        self.assertIn(0, counted)

    def test_files(self):
        log = self.record("/bin/sh", "-c", "cat /etc/passwd > /dev/null")
        file = Gio.File.new_for_path(os.path.join(self.folder, "log"))
        log.save(file)
        back = PinkTrace.SyscallLog()
        back.load(file)
        self.assertEqual([call.to_string() for call in back], [call.to_string() for call in log])
        with self.assertRaises(GLib.Error) as caught:
            back.load(Gio.File.new_for_path("/etc/passwd"))
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_DATA))

    def test_files_async(self):
        log = self.record("/bin/true")
        file = Gio.File.new_for_path(os.path.join(self.folder, "log"))
        back = PinkTrace.SyscallLog()
        loop = GLib.MainLoop()
        errors = []

        def saved(log, result):
            log.save_finish(result)
            back.load_async(file, None, loaded)

        def loaded(back, result):
            back.load_finish(result)
            back.load_async(Gio.File.new_for_path("/etc/passwd"), None, failed)

        def failed(back, result):
            try:
                back.load_finish(result)
            except GLib.Error as error:
                errors.append(error)
            loop.quit()
        log.save_async(file, None, saved)
        self.bounded(loop.run, loop.quit)
        self.assertEqual([call.to_string() for call in back], [call.to_string() for call in log])
        self.assertTrue(errors[0].matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_DATA))

    def test_json(self):
        log = self.record("/bin/sh", "-c", "ls -l /usr > /dev/null")
        path = os.path.join(self.folder, "json")
        log.export_json(Gio.File.new_for_path(path))
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual([line["text"] for line in lines], [call.to_string() for call in log])
        try:
            import jsonschema
        except ImportError:
            return                              # the tool's own test has skipped, and said so
        with open(os.environ["PINK_SCHEMA"], encoding="utf-8") as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        for line in lines:
            self.assertTrue(validator.is_valid(line), line)

    def test_filter(self):
        """A GtkFilterListModel over a log that grows, by what only the exit tells."""
        try:
            gi.require_version("Gtk", "4.0")
        except ValueError:
            return                              # "./dev test" has it
        from gi.repository import Gtk
        log = PinkTrace.SyscallLog(update_interval=1)
        failed = Gtk.FilterListModel.new(log, Gtk.CustomFilter.new(lambda call: call.props.error_code != 0))
        sizes = []
        failed.connect("items-changed", lambda *change: sizes.append(len(failed)))
        self.tracer.add_log(log)
        for _ in range(2):
            self.tracer.spawn(["/bin/sh", "-c", "for i in 1 2 3 4; do : < /nowhere; done 2> /dev/null"])
            self.run_tracer()
        self.assertEqual([call.to_string() for call in failed],
                         [call.to_string() for call in log if call.props.error_code != 0])
        self.assertGreaterEqual(sum(call.props.error_name == "ENOENT" for call in failed), 8)
        self.assertGreater(len(sizes), 1)

    def test_empty(self):
        log = PinkTrace.SyscallLog()
        self.assertEqual((len(log), log.props.n_bytes, log.get_item(0)), (0, 0, None))
        self.assertEqual(log.get_item_type(), PinkTrace.SyscallEvent.__gtype__)


if __name__ == "__main__":
    tap_unittest.main()
