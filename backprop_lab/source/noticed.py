"""What has happened that may lead a traced function astray: how often, and the last of it.

`other_ways` compares the count before and after a run of a student's function.
"""

from __future__ import annotations

count = 0
last = ("", "")


def notice(what: str, advice: str) -> None:
    """Note that something may have led a function astray; `what` goes on after "because"."""
    global count, last
    count += 1
    last = what, advice
