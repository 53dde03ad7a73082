"""What the benchmarks share: timing in turn within one run, and a table with targets.

What counts is the ratio of things that ran side by side, in the processor's time: a busy machine slows them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


class Table:
    """Rows of what was measured, with the target where there is one."""

    def __init__(self) -> None:
        self.missed: list[str] = []
        print(f"{'what':52} {'target':>9} {'min':>10} {'median':>10}")

    def row(self, what: str, least: float, middle: float, target: str = "", unit: str = "") -> None:
        """One row; a target is `>= 3` or `<= 200`, and the minimum must meet it."""
        verdict = ""
        if target:
            sign, limit = target.split()
            good = least >= float(limit) if sign == ">=" else least <= float(limit)
            verdict = "" if good else "  MISSED"
            if not good:
                self.missed.append(what)
        show = lambda x: f"{x:.3g}{unit}" if x < 1000 else f"{x:.0f}{unit}"  # noqa: E731
        print(f"{what:52} {target:>9} {show(least):>10} {show(middle):>10}{verdict}", flush=True)

    def end(self) -> None:
        print(f"\nmissed: {', '.join(self.missed)}" if self.missed else "\nall targets met")


def timed(run: Callable[[], Any], times: int) -> float:
    """Seconds of the processor for one call, on average."""
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times
