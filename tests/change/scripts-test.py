#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Denying, changing and holding calls, as Python sees it."""
import errno
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap_unittest
from tracer_case import BOUND, TracerCase

import gi
gi.require_version("PinkTrace", "1.0")
from gi.repository import Gio, GLib, PinkTrace


class ChangeCase(TracerCase):
    def file(self, name, contents):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(contents)
        return path

    def trace(self, *argv):
        """What the program says on its standard output, and its exit code."""
        launcher = PinkTrace.Launcher()
        with tempfile.TemporaryFile() as output:
            launcher.take_fd(os.dup(output.fileno()), 1)
            launcher.take_fd(os.dup(output.fileno()), 2)
            launcher.setenv("LC_ALL", "C", True)
            tracee = launcher.spawn(self.tracer, argv)
            self.run_tracer()
            output.seek(0)
            return output.read().decode(), tracee.props.exit_code


class Deciding(ChangeCase):
    def deny(self, error):
        path = self.file("secret", "secret\n")

        def on_openat(tracer, call):
            if call.read_path(1) == path:
                call.deny(error)
        self.tracer.connect("syscall-enter::openat", on_openat)
        said, code = self.trace("/bin/cat", path)
        self.assertEqual(code, 1)
        return said

    def test_deny_by_name(self):
        self.assertIn("Permission denied", self.deny("EACCES"))

    def test_deny_by_number(self):
        self.assertIn("No space left", self.deny(errno.ENOSPC))

    def test_misspelt_errno(self):
        """It denies, and throws."""
        self.assertIn("Operation not permitted", self.deny("EACESS"))
        self.assertEqual(len(self.thrown), 1)
        error = self.thrown[0]
        self.assertTrue(error.matches(PinkTrace.TracerError.quark(), PinkTrace.TracerError.INVALID_ARGUMENT))
        self.assertIn("EACESS", error.message)

    def no_errno(self, number):
        """It denies, and throws with the number that was given."""
        self.assertIn("Operation not permitted", self.deny(number))
        self.assertEqual(len(self.thrown), 1)
        self.assertIn(f"{number} is no errno", self.thrown[0].message)
        with self.assertRaises(GLib.Error) as raised:
            PinkTrace.Rule.new("openat").deny(number)
        self.assertIn(f"{number} is no errno", raised.exception.message)

    def test_negative_errno(self):
        self.no_errno(-5)

    def test_great_errno(self):
        self.no_errno(5000)

    def throwing(self, verdict, *, decide=False):
        path = self.file("file", "hello\n")
        self.tracer.props.default_verdict = verdict
        self.tracer.props.default_error = "EROFS"

        def on_openat(tracer, call):
            if decide:
                call.allow()
            if call.read_path(1) == path:
                raise ValueError("a mistake")
            call.allow()
        self.tracer.connect("syscall-enter::openat", on_openat)
        said, code = self.trace("/bin/cat", path)
        self.assertEqual([type(each) for each in self.thrown], [ValueError])
        return said

    def test_throws_before_it_decides(self):
        self.assertIn("Read-only file system", self.throwing(PinkTrace.Verdict.DENY))

    def test_throws_and_the_default_allows(self):
        self.assertEqual(self.throwing(PinkTrace.Verdict.ALLOW), "hello\n")

    def test_throws_after_it_has_decided(self):
        self.assertEqual(self.throwing(PinkTrace.Verdict.DENY, decide=True), "hello\n")

    def test_too_late(self):
        late = []

        def on_exit(tracer, call):
            with self.assertRaises(GLib.Error) as raised:
                call.deny("EPERM")
            late.append(raised.exception.code)
        self.tracer.connect("syscall-exit::openat", on_exit)
        said, code = self.trace("/bin/cat", self.file("file", "hello\n"))
        self.assertEqual(said, "hello\n")
        self.assertEqual(set(late), {PinkTrace.TracerError.WRONG_STATE})

    def test_values_of_all_sizes(self):
        seen = []

        def on_lseek(tracer, call):
            call.set_argument(1, 2 ** 64 - 1)
            seen.append(call.get_argument_signed(1))
            call.set_argument_hex(1, "0x8000000000000000")
            seen.append(call.get_argument(1))
            call.set_argument_signed(1, -2)
            seen.append(call.get_argument_signed(1))
        self.tracer.connect("syscall-enter::lseek", on_lseek)
        self.trace(sys.executable, "-S", "-c", "import os; os.lseek(0, 5, 0)")
        self.assertEqual(seen[-3:], [-1, 2 ** 63, -2])


class Descriptors(ChangeCase):
    def test_more_tracees_than_descriptors(self):
        """The tracer task keeps one open for each process, while there are some left."""
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
        added = []
        self.tracer.connect("tracee-added", lambda tracer, tracee: added.append(tracee.is_leader()))
        said, code = self.trace("/bin/sh", "-c", "for i in $(seq 100); do /bin/sleep 0.5 & done; wait")
        self.assertGreaterEqual(len(added), 101)
        self.assertTrue(all(added))


class Chosen(ChangeCase):
    def test_chosen(self):
        names = set()
        self.tracer.set_syscalls(["%file", "!execve"])
        self.tracer.connect("syscall-exit", lambda tracer, call: names.add(call.props.name))
        said, code = self.trace("/bin/cat", self.file("file", "hello\n"))
        self.assertEqual(said, "hello\n")
        self.assertIn("openat", names)
        self.assertNotIn("read", names)
        self.assertNotIn("execve", names)

    def test_unknown(self):
        with self.assertRaises(GLib.Error) as raised:
            self.tracer.set_syscalls(["opennat"])
        self.assertTrue(raised.exception.matches(PinkTrace.TracerError.quark(),
                                                 PinkTrace.TracerError.UNKNOWN_SYSCALL))

    def test_rule(self):
        path = self.file("secret", "secret\n")
        rule = PinkTrace.Rule.new("openat")
        rule.match_path(self.folder + "/*")
        rule.deny("EACCES")
        self.tracer.add_rule(rule)
        said, code = self.trace("/bin/cat", path)
        self.assertIn("Permission denied", said)
        self.assertEqual(rule.props.n_matches, 1)
        with self.assertRaises(GLib.Error):
            rule.deny("EACESS")


class Thirty(ChangeCase):
    """Jobs that a script of a few lines does."""

    def test_nothing_under_etc(self):
        def on_openat(tracer, call):
            if call.read_path(1).startswith("/etc/"):
                call.deny("EACCES")
        self.tracer.connect("syscall-enter::openat", on_openat)
        said, code = self.trace("/bin/cat", "/etc/passwd")
        self.assertEqual(said, "/bin/cat: /etc/passwd: Permission denied\n")

    def test_third_write_fails(self):
        path = os.path.join(self.folder, "out")
        writes = []

        def on_write(tracer, call):
            if call.get_argument(0) == 3:
                writes.append(call)
                if len(writes) == 3:
                    call.deny("ENOSPC")
        self.tracer.connect("syscall-enter::write", on_write)
        said, code = self.trace(sys.executable, "-S", "-c",
                                "import os; f = os.open('%s', os.O_CREAT | os.O_WRONLY)\n"
                                "for i in range(5):\n"
                                "    try: os.write(f, b'%%d' %% i)\n"
                                "    except OSError as e: print(e.strerror)" % path)
        self.assertEqual(said, "No space left on device\n")
        with open(path) as file:
            self.assertEqual(file.read(), "0134")

    def test_byte_by_byte(self):
        """Reads of one byte, every other one interrupted: grep finds its line."""
        path = self.file("lines", "".join(f"line {i}\n" for i in range(40)))
        reads, fds = [], set()

        def on_open(tracer, call):
            if call.read_path(1) == path and call.props.return_value >= 0:
                fds.add(call.props.return_value)

        def on_read(tracer, call):
            if call.get_argument(0) in fds:
                reads.append(call)
                call.set_argument(2, 1)
                if len(reads) % 2 == 0:
                    call.deny("EINTR")
        self.tracer.connect("syscall-exit::openat", on_open)
        self.tracer.connect("syscall-enter::read", on_read)
        said, code = self.trace("/bin/grep", "line 33", path)
        self.assertEqual(said, "line 33\n")
        self.assertGreater(len(reads), 600)

    def test_other_port(self):
        """Whoever connects to port 80 gets to another."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            def on_connect(tracer, call):
                address = call.read_socket_address()
                if isinstance(address, Gio.InetSocketAddress) and address.get_port() == 80:
                    size = call.get_argument(2)
                    native = bytearray(call.read_bytes(1, size).get_data())
                    native[2:4] = server.getsockname()[1].to_bytes(2, "big")
                    call.set_argument_bytes(1, GLib.Bytes.new(bytes(native)))

            def greet():
                client, _address = server.accept()
                client.sendall(b"welcome")
                client.close()
            self.tracer.connect("syscall-enter::connect", on_connect)
            thread = threading.Thread(target=greet)
            thread.start()
            said, code = self.trace(sys.executable, "-S", "-c",
                                    "import socket\n"
                                    "print(socket.create_connection(('127.0.0.1', 80)).recv(100))")
            thread.join()
        self.assertEqual(said, "b'welcome'\n")

    def test_trash(self):
        """What is removed goes into a folder, under a longer name."""
        path = self.file("precious", "data\n")
        trash = os.path.join(self.folder, "a-trash-folder-with-quite-a-long-name")
        os.mkdir(trash)

        def on_unlinkat(tracer, call):
            gone = call.read_path(1)
            call.set_name("renameat")
            call.set_argument_signed(2, -100)           # AT_FDCWD
            call.set_argument_string(3, os.path.join(trash, os.path.basename(gone)))
        self.tracer.connect("syscall-enter::unlinkat", on_unlinkat)
        self.assertEqual(self.trace("/bin/rm", path), ("", 0))
        self.assertEqual(os.listdir(trash), ["precious"])
        self.assertFalse(os.path.exists(path))

    def test_other_host(self):
        def on_uname(tracer, call):
            if call.props.return_value == 0:
                tracee = call.props.tracee
                tracee.write_memory(call.get_argument(0) + 65, GLib.Bytes.new(b"elsewhere\0"))
        self.tracer.connect("syscall-exit::uname", on_uname)
        self.assertEqual(self.trace("/bin/uname", "-n"), ("elsewhere\n", 0))

    def test_open_files(self):
        """From inside: which descriptors it has, by calls that it makes for us."""
        path = self.file("data", "x\n")
        links = {}

        def ask(call, fd):
            def answered(tracee, result):
                done = tracee.inject_syscall_finish(result)
                if done.props.return_value > 0:
                    links[fd] = done.read_bytes(1, done.props.return_value).get_data().decode()
                if fd < 9:
                    ask(call, fd + 1)
                else:
                    call.release()
            arguments = GLib.Variant("(sayt)", [f"/proc/self/fd/{fd}", bytes(4096), 4096])
            call.props.tracee.inject_syscall_async("readlink", arguments, None, answered)

        def on_exit(tracer, call):
            ask(call, 0)
            call.hold()
        self.tracer.connect("syscall-enter::exit_group", on_exit)
        said, code = self.trace(sys.executable, "-S", "-c", f"import os; os.open('{path}', os.O_RDONLY)")
        self.assertEqual(links[3], path)
        self.assertEqual(code, 0)

    def test_hold_an_execve_while_others_run(self):
        """An execve waits for a thread; a timer ticks, and ten others run on."""
        ticks, others, held = [], [], []

        def on_execve(tracer, call):
            if not call.read_path(0).endswith("/echo"):
                return
            held.append(call)
            call.hold()

        def on_tick():
            ticks.append(True)
            if len(ticks) == 10:
                others.extend(subprocess.Popen(["/bin/true"]) for _ in range(10))
            if len(ticks) < 20 or not held:
                return True
            held[0].allow()
            held[0].release()
            return False
        self.tracer.connect("syscall-enter::execve", on_execve)
        beside = [self.tracer.spawn(["/bin/sh", "-c", "for i in 1 2 3; do /bin/true; done"]) for _ in range(10)]
        ended = []
        self.tracer.connect("exited", lambda tracer, tracee, status: ended.append((tracee, len(held), held and held[0].props.state)))
        GLib.timeout_add(5, on_tick)
        said, code = self.trace("/bin/sh", "-c", "exec /bin/echo through")
        self.assertEqual(said, "through\n")
        self.assertGreaterEqual(len(ticks), 20)
        self.assertEqual([tracee.props.exit_code for tracee in beside], [0] * 10)
        self.assertEqual([process.wait() for process in others], [0] * 10)


if __name__ == "__main__":
    tap_unittest.main()
