"""Functions made of text, which can be looked into: `inspect.getsource` works on them, and tracebacks show their lines.

    square = function_from("def square(x):\\n    return x * x\\n", "square", {})

Whoever makes Python out of text makes it here. `space` has the names that the text may use, and becomes the globals of
the functions, whose frames are the lab's machinery. The text is kept as long as a function with these globals lives.
"""

from __future__ import annotations

import linecache
import weakref
from collections import Counter
from typing import Any

from ..source import frames

_KEPT = "__written__"  # a name in a space: what dies with it
_given: Counter[str] = Counter()


class _Kept:
    """Lives as long as a space does, which is a dict and cannot tell."""


def run_text(source: str, space: dict[str, Any], label: str, into: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run statements in a space, under the file name `<label>`; what they define is put there, or into another dict."""
    _given[label] += 1
    file = f"<{label}>" if _given[label] == 1 else f"<{label} {_given[label]}>"
    frames.machinery[file] = True
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)  # no time: `checkcache` leaves it alone
    for known in (linecache.cache, frames.machinery):
        weakref.finalize(space.setdefault(_KEPT, _Kept()), known.pop, file, None).atexit = False
    made = space if into is None else into
    exec(compile(source, file, "exec"), space, made)
    return made


def function_from(source: str, name: str, space: dict[str, Any], label: str = "") -> Any:
    """The function called `name` that a source text defines; the space stays as it is."""
    return run_text(source, space, label or f"backprop_lab: {name}", {})[name]
