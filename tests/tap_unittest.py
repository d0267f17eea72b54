# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the unittest cases of a file and reports them as TAP, a line a case.

    if __name__ == "__main__":
        tap_unittest.main()

Arguments choose cases by name, as unittest's own do. "# SKIP" has a reason.
"""
import sys
import unittest


def take_commands():
    """Takes "--language LANGUAGE COMMAND…", for each of them, from the arguments."""
    commands = {}
    for word in sys.argv[1:]:
        if word == "--language":
            words = []
        else:
            words.append(word)
            commands[words[0]] = words[1:]
    del sys.argv[1:]
    return commands


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.ok = True
        self.comment = ""

    def startTest(self, test):
        super().startTest(test)
        self.ok = True
        self.comment = ""

    def stopTest(self, test):
        # Here and not in addSuccess() and its like: a test with subtests, or one
        # whose cleanup fails too, has more than one outcome.
        super().stopTest(test)
        self.count += 1
        name = test.id().removeprefix("__main__.")
        print(f"{'ok' if self.ok else 'not ok'} {self.count} - {name}{self.comment}", flush=True)

    def fail(self, text):
        self.ok = False
        for line in text.rstrip().splitlines():
            print(f"# {line}", flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        self.fail(self.errors[-1][1])
        if not isinstance(test, unittest.TestCase):
            # setUpClass() and its like: none of the class is going to be run.
            print(f"Bail out! {test}", flush=True)
            sys.exit(1)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.fail(self.failures[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.fail(f"{subtest}\n{self._exc_info_to_string(err, test)}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.comment = f" # SKIP {reason}"

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.fail("expected to fail, and did not")


def load(names):
    loader = unittest.TestLoader()
    module = sys.modules["__main__"]
    return loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)


def main():
    suite = load(sys.argv[1:])
    print(f"1..{suite.countTestCases()}", flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
