"""What tests cost: seconds of the processor's time by file, of a process and all that it starts.

Seconds on the wall say little on a machine that does something else beside, or where tests wait for a browser. Linux
only, because it reads /proc. `pytest --processor` prints them, and those of single tests.
"""

import ctypes
import os
from collections import Counter
from pathlib import Path

import pytest

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PR_SET_CHILD_SUBREAPER = 36


def adopt():
    """Processes whose parents end become children of this one, so that `spent` goes on counting them."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def spent() -> float:
    """Seconds of this process, of those that descend from it, and of those of them that have ended."""
    parents, seconds = {}, {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            text = Path("/proc", name, "stat").read_text()
        except OSError:  # it has just ended
            continue
        fields = text.rpartition(")")[2].split()
        parents[int(name)] = int(fields[1])
        seconds[int(name)] = sum(map(int, fields[11:15])) / TICK
    mine = {os.getpid()}

    def descends(pid):
        path = []
        while pid in parents and pid not in mine:
            path.append(pid)
            pid = parents[pid]
        if pid in mine:
            mine.update(path)
        return pid in mine

    return sum(seconds[pid] for pid in seconds if descends(pid))


class Spent:
    """A plugin: the seconds of each test, or of the last test of a file for all of the file, go into its reports."""

    def __init__(self, each: bool):
        self.each, self.before = each, None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        if self.before is None:
            adopt()
            self.before = 0.0  # what it took to get here, imports and all, is the first file's
        self.item, self.last = item, nextitem is None or self.each or nextitem.path != item.path
        return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if call.when == "teardown" and self.last:
            now = spent()
            report.user_properties.append(("processor", now - self.before))
            self.before = now
        return report


def by_name(reports) -> tuple[Counter, Counter]:
    """Seconds by file and by test."""
    files, tests = Counter(), Counter()
    for report in reports:
        for what, seconds in getattr(report, "user_properties", ()):
            if what == "processor" and report.when == "teardown":
                file, _, test = report.nodeid.partition("::")
                files[Path(file).stem] += seconds
                tests[f"{Path(file).stem}::{test}"] += seconds
    return files, tests
