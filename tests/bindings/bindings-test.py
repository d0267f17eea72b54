#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as Python sees it, by real traces."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap_unittest
from tracer_case import BOUND, TracerCase

import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import Gio, GLib, GObject, PinkTrace

AT_FDCWD = -100


class TraceCase(TracerCase):
    """With an error for every exception that a handler lets out."""

    def tearDown(self):
        self.assertEqual(self.thrown, [])
        self.assertEqual(self.tracer.props.n_tracees, 0)

    def file(self, name="file", contents=b""):
        path = os.path.join(os.fsencode(self.folder), os.fsencode(name))
        with open(path, "wb") as file:
            file.write(contents)
        return os.fsdecode(path)

    def collect(self, signal_name, take):
        """Connect a handler that keeps what take(event) makes of each emission's argument."""
        kept = []
        self.tracer.connect(signal_name, lambda tracer, event, *rest: kept.append(take(event, *rest)))
        return kept

    def trace(self, *argv):
        tracee = self.tracer.spawn(argv)
        self.run_tracer()
        return tracee


class Calls(TraceCase):
    def test_detail(self):
        path = self.file()
        entered = self.collect("syscall-enter::openat", lambda call: call.props.name)
        left = self.collect("syscall-exit::openat", lambda call: call.props.name)
        tracee = self.trace("/bin/cat", path)
        self.assertGreaterEqual(len(entered), 2)        # libc.so and the file
        self.assertEqual(set(entered), {"openat"})
        self.assertEqual(entered, left)
        self.assertEqual(tracee.props.exit_code, 0)

    def test_no_detail(self):
        entered = self.collect("syscall-enter", lambda call: call.props.name)
        left = self.collect("syscall-exit", lambda call: call.props.name)
        self.trace("/bin/cat", self.file())
        self.assertEqual(entered[0], "execve")
        self.assertEqual(entered[-1], "exit_group")
        self.assertEqual(left, entered[:-1])
        self.assertLessEqual({"openat", "read", "close"}, set(entered))

    def test_numbers(self):
        path = self.file()
        kept = []

        def on_exit(tracer, call):
            if call.read_string(1) == path:
                kept.append(call)
        self.tracer.connect("syscall-exit::openat", on_exit)
        before = GLib.get_real_time()
        tracee = self.trace("/bin/cat", path)
        after = GLib.get_real_time()

        self.assertEqual(len(kept), 1)
        call, props = kept[0], kept[0].props
        self.assertEqual(props.name, "openat")
        self.assertEqual(props.abi, PinkTrace.Abi.get_native())
        self.assertEqual(props.number, PinkTrace.syscall_from_name(props.abi, "openat"))
        self.assertEqual(PinkTrace.syscall_name(props.abi, props.number), "openat")
        self.assertEqual(props.n_arguments, 4)
        self.assertIs(props.tracee, tracee)
        self.assertEqual(call.get_argument_signed(0), AT_FDCWD)
        self.assertEqual(call.get_argument(0) & 0xffffffff, AT_FDCWD & 0xffffffff)
        self.assertEqual(call.get_argument_hex(1), hex(call.get_argument(1)))
        self.assertEqual(call.get_argument_text(0), "AT_FDCWD")
        self.assertGreaterEqual(props.return_value, 3)
        self.assertEqual(props.error_code, 0)
        self.assertIsNone(props.error_name)
        self.assertLessEqual(before, props.time)
        self.assertLessEqual(props.time, after)
        self.assertGreaterEqual(props.duration, 0)
        self.assertLessEqual(props.duration, after - before)
        self.assertGreater(props.instruction_pointer, 0)
        self.assertGreater(props.stack_pointer, 0)
        self.assertEqual(props.state, PinkTrace.SyscallState.FINISHED)

    def test_of_any_abi(self):
        abi = PinkTrace.Abi.from_name("riscv64")
        calls = {}
        call = PinkTrace.SyscallInfo.first(abi)
        while call is not None:
            calls[call.get_name()] = call
            call = call.next()
        openat = calls["openat"]
        self.assertEqual(openat.get_number(), 56)
        self.assertEqual([openat.get_argument_name(i) for i in range(openat.get_n_arguments())],
                         ["dirfd", "pathname", "flags", "mode"])
        self.assertIn("file", openat.get_classes())
        self.assertEqual(PinkTrace.SyscallInfo.lookup(abi, 56).get_name(), "openat")
        self.assertIsNone(PinkTrace.SyscallInfo.lookup(abi, 99999))
        self.assertEqual(PinkTrace.Abi.get_word_size(abi), 8)
        self.assertEqual(PinkTrace.Abi.errno_from_name(PinkTrace.Abi.MIPS_O32, "ENOSYS"), 89)

    def test_error(self):
        missing = os.path.join(self.folder, "missing")
        errors = self.collect("syscall-exit::openat", lambda call: (
            call.read_path(1), call.props.return_value, call.props.error_code,
            call.props.error_name, call.to_string()))
        tracee = self.trace("/bin/sh", "-c", f"{{ : < {missing}; }} 2> /dev/null")
        path, value, code, name, text = errors[-1]
        self.assertEqual((path, value, code, name), (missing, -1, 2, "ENOENT"))
        self.assertTrue(text.startswith(f'openat(AT_FDCWD, "{missing}", '), text)
        self.assertTrue(text.endswith(" = -1 ENOENT (No such file or directory)"), text)
        self.assertNotEqual(tracee.props.exit_code, 0)

    def test_text_and_variant(self):
        path = self.file()
        said = self.collect("syscall-exit::openat", lambda call: (
            call.to_string(), call.get_call_text(), call.get_result_text(), call.to_variant()))
        self.trace("/bin/cat", path)
        text, call_text, result_text, variant = said[-1]
        self.assertRegex(text, rf'^openat\(AT_FDCWD, "{re.escape(path)}", [^)]*\) = 3$')
        self.assertTrue(text.startswith(call_text))
        self.assertTrue(text.endswith(result_text))
        self.assertEqual(variant.get_type_string(), "a{sv}")
        self.assertEqual(variant.unpack()["name"], "openat")

    def test_details(self):
        said = self.collect("syscall-exit::openat", lambda call: call.to_variant().unpack())
        path = self.file()
        self.trace("/bin/cat", path)
        dirfd, pathname, flags = said[-1]["details"][:3]
        self.assertEqual(dirfd, {"argument": "dirfd", "descriptor": -100, "name": "AT_FDCWD"})
        self.assertEqual(pathname["string"], path)
        self.assertIn("O_RDONLY", flags["names"])
        self.assertEqual(flags["flags"], said[-1]["arguments"][2] & 0xffffffff)
        self.assertEqual(said[-1]["result-details"], {"descriptor": 3})

    def test_text_flags(self):
        self.tracer.props.text_flags = PinkTrace.TextFlags.NUMBERS
        said = self.collect("syscall-exit::openat", lambda call: call.to_string())
        path = self.file()
        self.trace("/bin/cat", path)
        self.assertRegex(said[-1], rf'^openat\(-100, "{re.escape(path)}", [0-9x]+\) = 3$')

    def test_states(self):
        entered = self.collect("syscall-enter::openat", lambda call: (
            call.props.state, call.props.tracee.props.state, call.props.duration))
        left = self.collect("syscall-exit::openat", lambda call: (
            call.props.state, call.props.tracee.props.state))
        tracee = self.trace("/bin/cat", self.file())
        stopped = PinkTrace.TraceeState.STOPPED
        self.assertEqual(set(entered), {(PinkTrace.SyscallState.ENTRY, stopped, -1)})
        self.assertEqual(set(left), {(PinkTrace.SyscallState.EXIT, stopped)})
        self.assertEqual(tracee.props.state, PinkTrace.TraceeState.EXITED)

    def test_command(self):
        names = self.collect("syscall-enter::openat", lambda call: call.props.tracee.props.command)
        self.trace("/bin/cat", self.file())
        self.assertEqual(set(names), {"cat"})

    def test_attributes_stay(self):
        counts = []

        def on_enter(tracer, call):
            call.mark = len(counts)

        def on_exit(tracer, call):
            counts.append(call.mark)
        self.tracer.connect("syscall-enter::openat", on_enter)
        self.tracer.connect("syscall-exit::openat", on_exit)
        self.trace("/bin/cat", self.file())
        self.assertGreaterEqual(len(counts), 2)
        self.assertEqual(counts, list(range(len(counts))))


class Memory(TraceCase):
    def test_bytes(self):
        contents = bytes(range(256))
        written = self.collect("syscall-enter::write", lambda call: (
            call.get_argument_signed(0), call.get_argument(2),
            call.read_bytes(1, call.get_argument(2)).get_data()))
        launcher = PinkTrace.Launcher()
        ours, theirs = os.pipe()
        launcher.take_fd(theirs, 1)
        launcher.spawn(self.tracer, ["/bin/cat", self.file(contents=contents)])
        launcher.close()
        self.run_tracer()
        self.assertEqual(written, [(1, 256, contents)])
        with open(ours, "rb") as pipe:
            self.assertEqual(pipe.read(), contents)

    def test_launcher(self):
        directories = self.collect("syscall-enter::execve", lambda call: (
            call.read_path(0), call.read_string_array(2)))
        launcher = PinkTrace.Launcher()
        launcher.set_environ(["KEPT=1", "DROPPED=2"])
        launcher.setenv("ADDED", "3", True)
        launcher.unsetenv("DROPPED")
        launcher.set_working_directory("/usr")
        launcher.spawn(self.tracer, ["/bin/sh", "-c", "exec ./bin/env -u _ true"])
        self.run_tracer()
        path, environment = directories[1]
        self.assertRegex(path, r"/bin/env$")
        self.assertIn("KEPT=1", environment)
        self.assertIn("ADDED=3", environment)
        self.assertFalse([word for word in environment if word.startswith("DROPPED")])

    def test_strings_of_execve(self):
        path = self.file()
        argvs = self.collect("syscall-enter::execve", lambda call: (
            call.read_string(0), call.read_string_array(1)))
        self.trace("/bin/sh", "-c", f"exec /bin/cat {path}")
        self.assertEqual(argvs[0], ("/bin/sh", ["/bin/sh", "-c", f"exec /bin/cat {path}"]))
        self.assertEqual(argvs[1], ("/bin/cat", ["/bin/cat", path]))

    def test_relative_path(self):
        self.file()
        launcher = PinkTrace.Launcher()
        launcher.set_working_directory(self.folder)
        seen = self.collect("syscall-enter::openat", lambda call: (
            call.read_string(1), call.read_path(1), call.read_file(1)))
        launcher.spawn(self.tracer, ["/bin/cat", "./file"])
        self.run_tracer()
        string, path, file = seen[-1]
        self.assertEqual(string, "./file")
        self.assertEqual(path, os.path.join(self.folder, "file"))
        self.assertIsInstance(file, Gio.File)
        self.assertEqual(file.get_path(), path)

    def test_any_bytes_are_text(self):
        path = self.file(b"caf\xe9 \\ \xc3\xa9")
        seen = self.collect("syscall-enter::openat", lambda call: (
            call.read_string(1), call.read_path(1), call.read_file(1),
            call.read_bytes(1, len(os.fsencode(path))).get_data(), call.to_string()))
        argvs = self.collect("syscall-enter::execve", lambda call: call.read_string_array(1))
        self.trace("/bin/cat", path)
        string, resolved, file, raw, text = seen[-1]
        self.assertEqual(string, os.path.join(self.folder, r"caf\xe9 \\ é"))
        self.assertEqual(resolved, string)
        self.assertEqual(raw, os.fsencode(path))
        self.assertEqual(file.get_uri(), "file://" + self.folder + "/caf%E9%20%5C%20%C3%A9")
        self.assertIn(r'caf\351 \\ \303\251"', text)
        self.assertEqual(argvs, [["/bin/cat", string]])

    def test_unreadable(self):
        errors = []

        def on_enter(tracer, call):
            for read in (lambda: call.read_string(0), lambda: call.read_path(9)):
                try:
                    read()
                except GLib.Error as error:
                    errors.append(error)
        self.tracer.connect("syscall-enter::close", on_enter)     # its argument is no pointer
        self.trace("/bin/cat", self.file())
        quark = PinkTrace.TracerError.quark()
        self.assertTrue(errors[0].matches(quark, PinkTrace.TracerError.UNREADABLE), errors[0])
        self.assertTrue(errors[1].matches(quark, PinkTrace.TracerError.INVALID_ARGUMENT), errors[1])

    def test_too_late(self):
        kept = self.collect("syscall-enter::openat", lambda call: call)
        self.trace("/bin/cat", self.file())
        with self.assertRaises(GLib.Error) as caught:
            kept[-1].read_string(1)
        self.assertEqual(caught.exception.domain, "pink-tracer-error-quark")
        self.assertIn(caught.exception.code, (PinkTrace.TracerError.GONE,
                                              PinkTrace.TracerError.WRONG_STATE))


class Running(TraceCase):
    def test_exited(self):
        ends = self.collect("exited", lambda tracee, status: (tracee, status))
        tracee = self.trace("/bin/sh", "-c", "exit 3")
        self.assertEqual(ends, [(tracee, 3 << 8)])
        self.assertEqual(tracee.props.wait_status, 3 << 8)
        self.assertEqual((tracee.props.exit_code, tracee.props.term_signal), (3, 0))

    def test_killed(self):
        ends = self.collect("exited", lambda tracee, status: os.WTERMSIG(status))
        tracee = self.trace("/bin/sh", "-c", "kill -TERM $$")
        self.assertEqual(ends, [signal.SIGTERM])
        self.assertEqual((tracee.props.exit_code, tracee.props.term_signal), (-1, signal.SIGTERM))
        self.assertEqual(PinkTrace.signal_name(tracee.props.term_signal), "SIGTERM")

    def test_run_again(self):
        entered = self.collect("syscall-enter::execve", lambda call: call.read_string(0))
        self.assertTrue(self.trace("/bin/true"))
        self.assertTrue(self.trace("/bin/cat", self.file()))
        self.assertEqual(entered, ["/bin/true", "/bin/cat"])

    def test_run_without_tracees(self):
        self.assertTrue(self.run_tracer())

    def test_several_at_once(self):
        ends = self.collect("exited", lambda tracee, status: tracee)
        tracees = [self.tracer.spawn(["/bin/cat", self.file()]) for _ in range(8)]
        self.assertEqual(self.tracer.props.n_tracees, 8)
        self.run_tracer()
        self.assertEqual(set(ends), set(tracees))

    def test_main_loop(self):
        loop = GLib.MainLoop()
        finished = []
        self.tracer.connect("finished", lambda tracer: (finished.append(tracer), loop.quit()))
        entered = self.collect("syscall-enter::openat", lambda call: call.props.name)
        self.tracer.spawn(["/bin/cat", self.file()])
        self.bounded(loop.run, loop.quit)
        self.assertEqual(finished, [self.tracer])
        self.assertGreater(len(entered), 0)

    def test_run_async(self):
        loop = GLib.MainLoop()
        results = []

        def on_done(tracer, result):
            results.append(tracer.run_finish(result))
            loop.quit()
        self.tracer.spawn(["/bin/cat", self.file()])
        self.tracer.run_async(None, on_done)
        self.bounded(loop.run, loop.quit)
        self.assertEqual(results, [True])

    def test_run_async_cancelled(self):
        loop = GLib.MainLoop()
        cancellable = Gio.Cancellable()
        errors = []

        def on_done(tracer, result):
            try:
                tracer.run_finish(result)
            except GLib.Error as error:
                errors.append(error)
            loop.quit()
        tracee = self.tracer.spawn(["/bin/sleep", "60"])
        self.tracer.run_async(cancellable, on_done)
        GLib.idle_add(cancellable.cancel)
        self.bounded(loop.run, loop.quit)
        self.assertEqual(len(errors), 1)
        self.assertTrue(errors[0].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        os.kill(tracee.props.pid, signal.SIGKILL)
        self.run_tracer()

    def test_quit(self):
        tracee = self.tracer.spawn(["/bin/sleep", "60"])
        GLib.idle_add(self.tracer.quit)
        self.run_tracer()
        self.assertEqual(self.tracer.props.n_tracees, 1)
        os.kill(tracee.props.pid, signal.SIGKILL)
        self.run_tracer()
        self.assertEqual(tracee.props.term_signal, signal.SIGKILL)

    def test_tracer_task_killed(self):
        """From outside: the tracee is lost, the program hears of it and goes on."""
        lost = self.collect("tracee-lost", lambda tracee, error: (tracee, error))
        tracee = self.tracer.spawn(["/bin/sleep", "60"])
        with open(f"/proc/{tracee.props.pid}/status") as file:
            task = int(re.search(r"^TracerPid:\s(\d+)$", file.read(), re.MULTILINE)[1])
        os.kill(task, signal.SIGKILL)
        with self.assertRaises(GLib.Error) as caught:
            self.run_tracer()
        self.assertEqual([each for each, _error in lost], [tracee])
        for error in (lost[0][1], caught.exception):
            self.assertTrue(error.matches(PinkTrace.TracerError.quark(),
                                          PinkTrace.TracerError.TASK_DIED), error)
        self.assertEqual(tracee.props.state, PinkTrace.TraceeState.LOST)
        self.assertTrue(gone(tracee.props.pid), "the tracee lives on")
        self.assertEqual(self.trace("/bin/true").props.exit_code, 0)

    def test_timer_goes_on(self):
        ticks = []
        source = GLib.timeout_add(1, lambda: ticks.append(True) or True)
        self.trace("/bin/sleep", "0.1")
        GLib.source_remove(source)
        self.assertGreater(len(ticks), 5)

    def test_dropped_tracer_ends_the_trace(self):
        tracer = PinkTrace.Tracer()
        pid = tracer.spawn(["/bin/sleep", "60"]).props.pid
        del tracer
        self.assertTrue(gone(pid), "the tracee lives on")


class Handlers(TraceCase):
    def test_throwing(self):
        def on_any(tracer, call):
            raise RuntimeError(call.props.name)
        self.tracer.connect("syscall-enter", on_any)
        self.tracer.connect("syscall-exit", on_any)
        tracee = self.trace("/bin/cat", self.file())
        self.assertEqual(tracee.props.exit_code, 0)
        names = [str(error) for error in self.thrown]
        self.assertEqual((names[0], names[-1]), ("execve", "exit_group"))
        self.thrown.clear()

    def test_connect_and_disconnect(self):
        """With a detail and without one, from a handler, each for three calls of eight."""
        marks, detailed, plain = [], [], []
        ids = []

        def on_openat(tracer, call):
            if call.read_string(1) != "/dev/null":
                return
            marks.append(call)
            if len(marks) == 3:
                ids.append(tracer.connect("syscall-enter::chdir", lambda tracer, call:
                                          detailed.append(len(marks))))
                ids.append(tracer.connect("syscall-enter", lambda tracer, call:
                                          plain.append((call.props.name, len(marks)))))
            elif len(marks) == 6:
                for id in ids:
                    tracer.disconnect(id)
        self.tracer.connect("syscall-enter::openat", on_openat)
        self.trace("/bin/sh", "-c", "cd /; cd /usr; : < /dev/null; " * 8)
        self.assertEqual(len(marks), 8)
        self.assertEqual(detailed, [3, 3, 4, 4, 5, 5])
        self.assertEqual([at for name, at in plain if name == "chdir"], detailed)
        self.assertEqual([at for name, at in plain if name == "openat"], [4, 5])

    def test_connect_while_the_tracee_sleeps(self):
        """The loop sleeps in between; what it next wakes for is the handler's call."""
        ours, theirs = os.pipe()
        null = os.open(os.devnull, os.O_WRONLY)
        launcher = PinkTrace.Launcher()
        launcher.take_fd(ours, 0)
        launcher.take_fd(null, 1)
        launcher.spawn(self.tracer, ["/bin/cat"])
        launcher.close()
        written = []
        steps = iter((
            lambda: ids.append(self.tracer.connect("syscall-enter::write", on_write)),
            lambda: os.write(theirs, b"a"),
            lambda: self.tracer.disconnect(ids.pop()),
            lambda: os.write(theirs, b"bb"),
            lambda: os.close(theirs)))
        ids = []

        def on_write(tracer, call):
            written.append(call.get_argument(2))
            GLib.timeout_add(10, step)

        def step():
            """One step each time the loop wakes up, but for the one that a call follows."""
            todo = next(steps, None)
            if todo is None:
                return False
            return todo() != 1
        GLib.timeout_add(10, step)
        self.run_tracer()
        self.assertEqual(written, [1])


class Errors(TraceCase):
    def assert_spawn_fails(self, argv, code):
        with self.assertRaises(GLib.Error) as caught:
            self.tracer.spawn(argv)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), code), caught.exception)
        return caught.exception.message

    def test_no_program(self):
        message = self.assert_spawn_fails(["/nonexistent/program"], Gio.IOErrorEnum.NOT_FOUND)
        self.assertIn("/nonexistent/program", message)

    def test_not_executable(self):
        self.assert_spawn_fails([self.file()], Gio.IOErrorEnum.PERMISSION_DENIED)

    def test_not_utf8(self):
        """There is an error, and not one about the error's text."""
        for argv in ([b"/tmp/\xff"], [b"\xff"]):
            message = self.assert_spawn_fails(argv, Gio.IOErrorEnum.NOT_FOUND)
            self.assertIn(r"\xff", message)
        launcher = PinkTrace.Launcher()
        launcher.set_working_directory(b"/nonexist\xff")
        with self.assertRaises(GLib.Error) as caught:
            launcher.spawn(self.tracer, ["/bin/true"])
        self.assertIn(r"/nonexist\xff", caught.exception.message)

    def test_string_for_a_list(self):
        message = self.assert_spawn_fails("ls", Gio.IOErrorEnum.NOT_FOUND)
        self.assertIn('"l"', message)

    def test_empty_argv(self):
        with self.assertRaises(GLib.Error) as caught:
            self.tracer.spawn([])
        self.assertTrue(caught.exception.matches(PinkTrace.TracerError.quark(),
                                                 PinkTrace.TracerError.INVALID_ARGUMENT))

    def test_unknown_syscall(self):
        with self.assertRaises(GLib.Error) as caught:
            PinkTrace.syscall_expand(["opennat"])
        self.assertTrue(caught.exception.matches(PinkTrace.TracerError.quark(),
                                                 PinkTrace.TracerError.UNKNOWN_SYSCALL))
        self.assertIn("opennat", caught.exception.message)

    def test_names(self):
        self.assertIn("openat", PinkTrace.syscall_expand(["%file", "!stat"]))
        self.assertNotIn("stat", PinkTrace.syscall_expand(["%file", "!stat"]))
        self.assertEqual(PinkTrace.errno_name(13), "EACCES")
        self.assertEqual(PinkTrace.errno_from_name("EACCES"), 13)
        self.assertEqual(PinkTrace.errno_from_name("EMISSPELT"), -1)
        self.assertEqual(PinkTrace.Abi.get_name(PinkTrace.Abi.X86_64), "x86_64")


class Empty(unittest.TestCase):
    """Objects that no tracer made: everything on them returns or throws, nothing crashes."""
    ARGUMENTS = {"index": 0, "length": 1, "environment": [], "variable": "V", "value": "1",
                 "overwrite": True, "directory": "/", "source_fd": -1, "target_fd": 1,
                 "argv": ["/nonexistent"], "cancellable": None, "callback": None,
                 "user_data": None, "priority": 0, "limit": 0, "measure_cpu": False, "observe_only": True,
                 "follow_forks": True, "exit_kill": True, "pid": 0, "leave_stopped": False,
                 "mode": PinkTrace.ResumeMode.SYSCALL, "number": 1, "note_type": 1,
                 "info": GLib.Bytes.new(b""), "registers": GLib.Bytes.new(b""),
                 "offset": 0, "address": 0, "word": 0, "user": None, "bytes": GLib.Bytes.new(b""),
                 "descriptor": 0, "first": 1,
                 "last": 0, "step": 1, "per_tracer": True, "names": ["read"], "mask": 1, "bits": 1,
                 "comparison": PinkTrace.Comparison.LESS, "pattern": "/x", "enter": 0, "leave": 0, "string": "x", "arguments": None, "name": "getpid", "text": "0x1",
                 "max_rows": 1, "max_bytes": 1, "drop_newest": True, "milliseconds": 1,
                 "file": Gio.File.new_for_path("/nonexistent/file"),
                 "verdict": PinkTrace.Verdict.DENY, "flags": PinkTrace.TextFlags.VERBOSE}

    def check(self, kind):
        thing = kind()
        for spec in GObject.list_properties(kind):
            if spec.flags & GObject.ParamFlags.READABLE:
                with self.subTest(property=spec.name):
                    thing.get_property(spec.name)
        for method in kind.__info__.get_methods():
            if not method.is_method() or method.get_name().endswith("_finish"):
                continue
            with self.subTest(method=method.get_name()):
                arguments = [self.argument(argument) for argument in method.get_arguments()
                             if argument.get_direction() != gi._gi.Direction.OUT]
                try:
                    getattr(thing, method.get_name())(*arguments)
                except GLib.Error:
                    pass

    def argument(self, argument):
        name = argument.get_name()
        if name == "tracer":
            return PinkTrace.Tracer()
        if name == "log":
            return PinkTrace.SyscallLog()
        if name == "rule":
            return PinkTrace.Rule.new("read")
        if name == "name" and argument.get_container().get_name().endswith("default_error"):
            return "EPERM"
        if name == "value" and argument.get_container().get_container().get_name() != "Launcher":
            return 1
        return self.ARGUMENTS[name]

    def test_tracee(self):
        self.check(PinkTrace.Tracee)

    def test_rule(self):
        self.check(PinkTrace.Rule)

    def test_syscall_log(self):
        self.check(PinkTrace.SyscallLog)

    def test_syscall_event(self):
        self.check(PinkTrace.SyscallEvent)

    def test_launcher(self):
        self.check(PinkTrace.Launcher)

    def test_tracer(self):
        self.check(PinkTrace.Tracer)

    def test_signal_event(self):
        self.check(PinkTrace.SignalEvent)


class Override(TraceCase):
    def interrupt_when_asleep(self, tracee):
        """Send ourselves SIGINT when the tracee sleeps, and so does the loop."""
        def work():
            wait_for(tracee.props.pid, lambda name, state: name == "sleep" and state == "S")
            os.kill(os.getpid(), signal.SIGINT)
        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def interrupt(self, run):
        """What run() does when Ctrl-C comes while the loop sleeps."""
        tracee = self.tracer.spawn(["/bin/sleep", "60"])
        timer = self.interrupt_when_asleep(tracee)
        with self.assertRaises(KeyboardInterrupt):
            self.bounded(run, self.tracer.quit)
        timer.join()
        os.kill(tracee.props.pid, signal.SIGKILL)
        self.run_tracer()
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_keyboard_interrupt(self):
        self.interrupt(self.tracer.run)

    def test_keyboard_interrupt_in_main_loop(self):
        self.interrupt(GLib.MainLoop().run)

    def test_keyboard_interrupt_twice(self):
        self.interrupt(self.tracer.run)
        self.interrupt(self.tracer.run)

    def test_keyboard_interrupt_before_the_loop(self):
        """Ctrl-C when run() was called, and its loop has yet to begin."""
        @contextlib.contextmanager
        def interrupt():
            os.kill(os.getpid(), signal.SIGINT)
            yield
        tracee = self.tracer.spawn(["/bin/sleep", "60"])
        late = []
        def stop():
            late.append(True)
            self.tracer.quit()
        with unittest.mock.patch("gi.overrides.PinkTrace.wakeup_on_signal", interrupt):
            with self.assertRaises(KeyboardInterrupt):
                self.bounded(self.tracer.run, stop)
        self.assertEqual(late, [])
        os.kill(tracee.props.pid, signal.SIGKILL)
        self.run_tracer()

    def test_own_handler(self):
        """A program's own handler of SIGINT is called while run() sleeps."""
        seen = []
        old = signal.signal(signal.SIGINT, lambda number, frame: (seen.append(number),
                                                                  self.tracer.quit()))
        self.addCleanup(signal.signal, signal.SIGINT, old)
        tracee = self.tracer.spawn(["/bin/sleep", "60"])
        timer = self.interrupt_when_asleep(tracee)
        self.run_tracer()
        timer.join()
        self.assertEqual(seen, [signal.SIGINT])
        os.kill(tracee.props.pid, signal.SIGKILL)
        self.run_tracer()

    def test_without_private_helpers(self):
        """A PyGObject that no longer has them: Ctrl-C ends the program, the rest is the same."""
        script = """if True:
            import gi, signal, sys
            gi.require_version("PinkTrace", "1.0")
            from gi.repository import Gio
            sys.modules["gi._ossighelper"] = None
            from gi.repository import PinkTrace
            tracer = PinkTrace.Tracer()
            tracer.spawn(["/bin/true"])
            assert tracer.run()
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            print(tracer.spawn(["/bin/sleep", "60"]).props.pid, flush=True)
            tracer.run()
            """
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
            pid = int(process.stdout.readline())
            wait_for(pid, lambda name, state: name == "sleep" and state == "S")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(BOUND), -signal.SIGINT)
        self.assertTrue(gone(pid), "the tracee lives on")

    def test_subclass(self):
        class Mine(PinkTrace.Tracer):
            pass
        tracer = Mine()
        tracer.spawn(["/bin/true"])
        self.assertTrue(self.bounded(tracer.run, tracer.quit))

    def test_other_thread(self):
        """Where signals are none of the thread's business, run() is just run()."""
        results = []

        def work():
            context = GLib.MainContext.new()
            context.push_thread_default()
            tracer = PinkTrace.Tracer()
            tracee = tracer.spawn(["/bin/true"])
            results.append((tracer.run(), tracee.props.exit_code))
            context.pop_thread_default()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(BOUND)
        self.assertEqual(results, [(True, 0)])


def wait_for(pid, is_so):
    """Whether within 5 s a process's name and state (proc_pid_stat(5)) are as asked."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat") as file:
                name, state = re.match(r"\d+ \((.*)\) (.)", file.read(), re.DOTALL).groups()
        except (FileNotFoundError, ProcessLookupError):
            name, state = "", "X"
        if is_so(name, state):
            return True
        time.sleep(0.01)
    return False


def gone(pid):
    """Whether a process goes; a zombie that its new parent has yet to reap has gone."""
    return wait_for(pid, lambda name, state: state in "ZX")


if __name__ == "__main__":
    tap_unittest.main()
