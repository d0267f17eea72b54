#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Say what the runs of the test suite come to; the last line is "N passed, N failed".

    summary.py FILE

FILE has a line a run: its name, a tab, and the JSON log that `meson test` wrote (more
than one line may have the same name); or two tabs, and what is wrong with the run. Test cases are counted where a test speaks TAP,
else tests. A skipped one counts as failed, unless allowed-skips.txt has its reason; a
run without a log is one failure, and so is a test program that ends badly after cases
that all passed. What failing tests printed is shown. The exit status is 1 if anything
failed, or if nothing ran.
"""
import json
import os
import re
import sys

SHOWN_LINES = 100
PASSED, FAILED, SKIPPED, ALLOWED = "passed", "failed", "skipped", "allowed"

RESULT = re.compile(
    r"(?P<indent> *)(?P<not>not )?ok\b *(?P<number>[0-9]+)?(?P<name>[^#]*)"
    r"(?:# *(?P<directive>skip\S*|todo)\b *(?P<reason>.*))?", re.IGNORECASE)
PLAN = re.compile(r" *1\.\.(?P<count>[0-9]+)(?: *# *skip\S* *(?P<reason>.*))?", re.IGNORECASE)


def tap_cases(text):
    """Yield (name, result, reason) of each case in TAP output."""
    deeper = {}  # the indentation of a subtest's cases → how many since the last line that sums one up
    for line in text.splitlines():
        found = RESULT.match(line)
        if not found:
            plan = PLAN.match(line)
            if plan and plan["count"] == "0":
                yield "everything", SKIPPED, (plan["reason"] or "").strip()
            continue
        indent = len(found["indent"])
        inner = sum(count for level, count in deeper.items() if level > indent)
        deeper = {level: count for level, count in deeper.items() if level <= indent}
        deeper[indent] = deeper.get(indent, 0) + 1
        if inner:
            continue  # sums up the subtest whose cases were above
        name = found["name"].strip(" -") or found["number"] or "?"
        directive = (found["directive"] or "").lower()
        reason = (found["reason"] or "").strip()
        if directive.startswith("skip") and not found["not"]:
            yield name, SKIPPED, reason
        elif directive == "todo":
            yield name, PASSED if found["not"] else FAILED, "expected to fail"
        else:
            yield name, FAILED if found["not"] else PASSED, ""


def test_cases(test):
    """Yield (name, result, reason) of each case of one line of meson's log."""
    name, result = test["name"], test["result"]
    output = test.get("stdout") or ""
    cases = []
    if any(PLAN.fullmatch(line) for line in output.splitlines()):
        cases = list(tap_cases(output))
        yield from ((f"{name}: {case}", outcome, reason) for case, outcome, reason in cases)
    good = result in ("OK", "SKIP", "EXPECTEDFAIL")
    if not good and not any(outcome == FAILED for _, outcome, _ in cases):
        yield name, FAILED, f"{result}, exit status {test.get('returncode')}"
    elif not cases and result == "SKIP":
        said = (output + (test.get("stderr") or "")).strip().splitlines()
        yield name, SKIPPED, said[-1].strip() if said else ""
    elif not cases:
        yield name, PASSED, ""


def read_allowed(path):
    """The rules of allowed-skips.txt: (pattern of the run, pattern of the reason)."""
    def pattern(text):
        return re.compile(".*".join(re.escape(part) for part in text.split("*")))

    rules = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line and not line.startswith("#"):
                run, reason = re.fullmatch(r"(?:\[([^]]*)\])?\s*(.*)", line).groups()
                rules.append((pattern(run or "*"), pattern(reason)))
    return rules


def show_output(run, test):
    print(f"---- {run}: {test['name']}: what it printed, the last {SHOWN_LINES} lines of each")
    for stream in "stdout", "stderr":
        for line in (test.get(stream) or "").splitlines()[-SHOWN_LINES:]:
            print(f"{stream}: {line}")
    print()


def read_run(run, path, wrong, allowed):
    """All cases of a run, skipped ones judged, and how long it took."""
    if not path:
        return [("the run itself", FAILED, wrong)], 0
    try:
        with open(path, encoding="utf-8") as file:
            tests = [json.loads(line) for line in file if line.strip()]
    except (OSError, ValueError) as error:
        return [("the run itself", FAILED, f"it left no log: {error}")], 0

    cases = []
    for test in tests:
        test_results = list(test_cases(test))
        if any(result == FAILED for _, result, _ in test_results):
            show_output(run, test)
        for name, result, reason in test_results:
            if result == SKIPPED:
                good = any(where.fullmatch(run) and why.fullmatch(reason) for where, why in allowed)
                result = ALLOWED if good else FAILED
                reason = f"skipped: {reason or 'no reason given'}"
            cases.append((name, result, reason))
    begin = min((test["starttime"] for test in tests), default=0)
    end = max((test["starttime"] + test["duration"] for test in tests), default=0)
    return cases, end - begin


def main(path):
    allowed = read_allowed(os.path.join(os.path.dirname(os.path.abspath(__file__)), "allowed-skips.txt"))
    runs = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            run, log, wrong = (line.rstrip("\n").split("\t") + [""])[:3]
            cases, seconds = read_run(run, log, wrong, allowed)
            all_cases, all_seconds = runs.get(run, ([], 0))
            runs[run] = all_cases + cases, all_seconds + seconds

    def count(cases, wanted):
        return sum(result == wanted for _, result, _ in cases)

    print(f"{'run':12} {'passed':>7} {'failed':>7} {'skipped':>7} {'seconds':>8}")
    for run, (cases, seconds) in runs.items():
        print(f"{run:12} {count(cases, PASSED):7} {count(cases, FAILED):7} {count(cases, ALLOWED):7} {seconds:8.1f}")
    for title, wanted in ("skipped, as tests/allowed-skips.txt allows", ALLOWED), ("failed", FAILED):
        lines = [f"  {run}: {name}" + (f" ({reason})" if reason else "")
                 for run, (cases, _) in runs.items()
                 for name, result, reason in cases if result == wanted]
        if lines:
            print(f"\n{title}:", *dict.fromkeys(lines), sep="\n")

    everything = [case for cases, _ in runs.values() for case in cases]
    passed, failed = count(everything, PASSED), count(everything, FAILED)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
