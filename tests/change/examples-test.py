#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each example that decides and changes does what it says, in each of its languages.

Arguments: --language LANGUAGE COMMAND…, for each that can be run.
"""
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
import tap_unittest

BOUND = 30                                      # seconds that an example may take
ALL = {}
LANGUAGES = {}
SUFFIXES = {"python": "py", "js": "js"}
CLIENT = ("import socket, sys\n"
          "try:\n"
          "    s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
          "    print(s.recv(100).decode())\n"
          "except OSError as e: print(e.strerror)\n")


def example(name, language):
    return os.path.join(ROOT, "examples", f"{name}.{SUFFIXES[language]}")


def run(command, **environment):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=BOUND, env=os.environ | {"LC_ALL": "C"} | environment)
    return done.stdout, done.stderr


@contextlib.contextmanager
def x_server():
    """A display of our own; nothing where there is no Xvfb."""
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-screen", "0", "640x480x24"],
                              pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield ":" + number.readline().strip()
    finally:
        server.terminate()
        server.wait()


class Examples(unittest.TestCase):
    def test_deny_by_argument(self):
        for language, command in LANGUAGES.items():
            with self.subTest(language=language):
                said, complaint = run(command + [example("deny-by-argument", language), "cat", "/etc/passwd"])
                self.assertEqual(said, "")
                self.assertIn("cat: /etc/passwd: Permission denied\n", complaint)
                said, complaint = run(command + [example("deny-by-argument", language), "cat", "/dev/null"])
                self.assertEqual((said, complaint), ("", ""))

    def test_third_write_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "file")
            script = (f"import os; f = os.open('{path}', os.O_CREAT | os.O_WRONLY | os.O_TRUNC)\n"
                      "for i in range(5):\n"
                      "    try: os.write(f, b'%d' % i)\n"
                      "    except OSError as e: os.writev(1, [e.strerror.encode()])")
            for language, command in ALL.items():
                with self.subTest(language=language):
                    if language == "js":
                        continue
                    program = command if language == "c" else command + [example("third-write-fails", language)]
                    said, complaint = run(program + [sys.executable, "-S", "-c", script])
                    self.assertEqual((said, complaint), ("No space left on device", ""))
                    with open(path) as file:
                        self.assertEqual(file.read(), "0134")

    def test_make_a_call(self):
        for language, command in LANGUAGES.items():
            with self.subTest(language=language):
                said, complaint = run(command + [example("make-a-call", language), "echo", "hello"])
                self.assertNotIn("rror", complaint)
                self.assertIn("hello\n", said)
                # GJS prints an array of bytes as text, still, and says that it will not.
                self.assertRegex(said, r"(?m)^uname\(\{sysname=.*\}\) = 0 (Linux|76,105,110,117,120,0)")

    def ask(self, language, command, display, answer):
        with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryDirectory() as home:
            port = server.getsockname()[1]
            pid = os.fork()
            if pid == 0:
                # Greets whoever comes; killed when nobody does.
                while True:
                    client, _address = server.accept()
                    client.sendall(b"welcome")
                    client.close()
            try:
                wrapper = [os.path.join(HERE, "answer.js")] if language == "js" else \
                          [os.path.join(HERE, "answer.py"), example("ask-the-user", language)]
                said, complaint = run(command + wrapper + [sys.executable, "-S", "-c", CLIENT, str(port)],
                                      DISPLAY=display, GDK_BACKEND="x11", GSK_RENDERER="cairo", HOME=home,
                                      XDG_RUNTIME_DIR=home, EXAMPLE=example("ask-the-user", language),
                                      ANSWER=answer, NO_AT_BRIDGE="1", GTK_A11Y="none")
            finally:
                os.kill(pid, 9)
                os.waitpid(pid, 0)
        self.assertIn(f" wants to reach 127.0.0.1:{port}\n", complaint)
        return said

    def test_ask_the_user(self):
        with x_server() as display:
            for language, command in LANGUAGES.items():
                with self.subTest(language=language):
                    self.assertEqual(self.ask(language, command, display, "YES"), "welcome\n")
                    self.assertEqual(self.ask(language, command, display, "NO"), "Permission denied\n")


if __name__ == "__main__":
    ALL.update(tap_unittest.take_commands())
    LANGUAGES = {name: words for name, words in ALL.items() if name in SUFFIXES}
    tap_unittest.main()
