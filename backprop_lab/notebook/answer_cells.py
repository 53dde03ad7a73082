"""Notice in a notebook what became of an answer cell, so that its check grades no answer that the cell did not give.

Where a cell stops with a SyntaxError, nothing in it has run: the name that the check hands over is undefined, or still
means what an earlier cell made of it. Importing the package begins to watch, if there is a notebook; `before_check`
says what is wrong with an answer before anybody looks at it. It needs IPython's events only.
"""

from __future__ import annotations

import re
import sys
from types import FunctionType
from typing import Any

MARK = re.compile(r"# exercise: (\S+)\s*$")
CHECK = re.compile(r"""bl\.check\(\s*["']([^"']+)["']\s*,\s*([^\W\d]\w*)\s*\)""")


class _Nothing:
    """Stands for an answer while a check runs whose name nobody has defined."""

    def __repr__(self) -> str:
        return "nothing yet"


NOTHING = _Nothing()


class _Watch:
    """Of each exercise's answer cell, if it stopped the last time: with what, and the values that names had before."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.stopped: dict[str, tuple[str, dict[str, Any]]] = {}
        self.before: dict[str, Any] = {}
        self.lent = ""  # the name that stands for nothing while this cell runs

    def begin(self, info: Any) -> None:
        """Before a cell: an undefined name that it checks stands for nothing; what an answer cell finds is kept."""
        names = self.shell.user_ns
        check = CHECK.search(info.raw_cell)
        if check and check[2] not in names:
            self.lent = check[2]
            names[self.lent] = NOTHING
        kept = {k: x for k, x in names.items() if isinstance(x, dict | type | FunctionType)}  # what an answer may be
        self.before = kept if _answered(info) else {}

    def end(self, result: Any) -> None:
        """After a cell: note why an answer cell stopped, or that it did not."""
        if self.lent and self.shell.user_ns.get(self.lent) is NOTHING:
            del self.shell.user_ns[self.lent]
        self.lent = ""
        answered = _answered(result.info) if result.info is not None else None
        if answered:
            error = result.error_before_exec or result.error_in_exec
            self.stopped.pop(answered, None)
            if error is not None:
                self.stopped[answered] = _told(error), self.before
        self.before = {}


def _answered(info: Any) -> str | None:
    """The exercise whose answer cell this is."""
    first, _, rest = (info.raw_cell or "").lstrip().partition("\n")
    mark = MARK.match(first)
    return mark[1] if mark and not rest.lstrip().startswith("bl.check(") else None


def _told(error: BaseException) -> str:
    line = f" (line {error.lineno}: {(error.text or '').strip()})" if isinstance(error, SyntaxError) else ""
    words = (error.msg if isinstance(error, SyntaxError) else str(error).strip().split("\n")[0][:200]) or ""
    return f"{type(error).__name__}{': ' if words else ''}{words}{line}"


_watch: _Watch | None = None


def watch() -> None:
    """Watch the cells of this notebook from now on; nothing where there is none."""
    global _watch
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if shell is not None and (_watch is None or _watch.shell is not shell):
        _watch = _Watch(shell)
        shell.events.register("pre_run_cell", _watch.begin)
        shell.events.register("post_run_cell", _watch.end)


def before_check(exercise: str, variable: str, answer: Any) -> str | None:
    """What keeps an answer from being looked at: its cell has not run, or stopped before it gave another one."""
    words, names = _watch.stopped.get(exercise, ("", {})) if _watch is not None else ("", {})
    if words and (answer is NOTHING or answer is names.get(variable)):
        older = "" if answer is NOTHING or answer is None else "; what was defined before is not graded in its place"
        return f"the answer cell stopped with {words}: mend it and run it, then this one{older}"
    if answer is NOTHING:
        return f"{variable} is not defined yet; run the answer cell first, then this one"
    return None
