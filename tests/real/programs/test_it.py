# SPDX-License-Identifier: LGPL-2.1-or-later
import os
import subprocess
import threading
import unittest


class Threads(unittest.TestCase):
    def test_threads(self):
        results = []
        lock = threading.Lock()

        def work(number):
            with open(__file__) as file:
                text = file.read()
            with lock:
                results.append((number, len(text)))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(number for number, _ in results), list(range(20)))


class Processes(unittest.TestCase):
    def test_output(self):
        for number in range(10):
            self.assertEqual(subprocess.check_output(["/bin/echo", str(number)]), b"%d\n" % number)

    def test_pipe(self):
        with subprocess.Popen(["/bin/cat", __file__], stdout=subprocess.PIPE) as first:
            self.assertTrue(subprocess.check_output(["/usr/bin/sort"], stdin=first.stdout))
        self.assertEqual(first.returncode, 0)

    def test_killed(self):
        process = subprocess.Popen(["/bin/sleep", "1000"])
        process.terminate()
        self.assertEqual(process.wait(), -15)

    def test_fork(self):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(writer, b"child")
            os._exit(7)
        self.assertEqual(os.waitpid(pid, 0)[1] >> 8, 7)
        self.assertEqual(os.read(reader, 100), b"child")
        os.close(reader)
        os.close(writer)
