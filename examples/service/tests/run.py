"""Runs the tests below a folder and writes a JUnit report: python3 tests/run.py tests/unit reports/unit.xml

The standard library has no writer for these reports, and CodeBuild wants one to show test results.
"""

import os
import sys
import time
import unittest
from xml.etree import ElementTree


class Results(unittest.TextTestResult):
    """The usual results, with each test's time and its way into the report."""

    def __init__(self, *values, **named):
        super().__init__(*values, **named)
        self.cases = []
        self.began = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def note(self, test, kind=None, text=""):
        took = time.monotonic() - self.began
        suite, _, name = test.id().rpartition(".")
        case = ElementTree.Element("testcase", classname=suite, name=name, time=f"{took:.3f}")
        if kind:
            last = text.strip().rpartition("\n")[2]
            ElementTree.SubElement(case, kind, message=printable(last)).text = printable(text)
        self.cases.append(case)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, "failure", self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, "error", self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.note(test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "failure", "this test was expected to fail")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            failed = issubclass(error[0], test.failureException)
            kept = self.failures if failed else self.errors
            self.note(test, "failure" if failed else "error", kept[-1][1])


def printable(text):
    """XML has no place for control characters."""
    return "".join(c for c in text if c in "\t\n" or c.isprintable())


def main(folder, report):
    began = time.monotonic()
    tests = unittest.defaultTestLoader.discover(folder, top_level_dir=os.getcwd())
    results = unittest.TextTestRunner(stream=sys.stdout, resultclass=Results, verbosity=2).run(tests)
    kinds = [next((child.tag for child in case), None) for case in results.cases]
    suite = ElementTree.Element(
        "testsuite",
        name=folder,
        tests=str(len(kinds)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=f"{time.monotonic() - began:.3f}",
    )
    suite.extend(results.cases)
    os.makedirs(os.path.dirname(report) or ".", exist_ok=True)
    ElementTree.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)
    # A folder without tests proves nothing.
    return 0 if results.wasSuccessful() and results.cases else 1


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    sys.exit(main(*sys.argv[1:]))
