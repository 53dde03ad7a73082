"""What runs behind the plain page, in the browser's Python: a text becomes a function, and its player's state goes out.

The page's worker calls `begin` once, `run` when a person wants to see a function, and `take` with what the player on
the page has changed. Answers are JSON. Whatever a student's text does, `run` answers with one sentence and a line.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import json
import linecache
import math
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import backprop_lab as bl

from ..errors import ArgumentError, LabError, LabWarning
from ..source import frames
from ..text.notation import in_words
from .plain_widget import Alone

FILE = "your_function.py"
MODES = ("reverse", "forward", "both", "value")
_shown: dict[str, Alone] = {}  # the widget on the page


def begin(post: Callable[[str], None]) -> None:
    """Get ready: widgets tell the page of their changes by `post`, which takes JSON."""

    def tell(widget: Alone, changes: dict[str, Any]) -> None:
        if _shown.get("widget") is widget:
            post(json.dumps({"kind": "changes", "id": widget.model_id, "changes": changes}))

    Alone.stand_in(tell)
    from ..widgets import player  # noqa: F401  (while a person still writes)


def take(id: str, given: str) -> None:
    """Pass on what the page has changed, if it is still about the widget that is shown."""
    widget = _shown.get("widget")
    if widget is not None and widget.model_id == id:
        widget.take(json.loads(given))


def run(source: str, inputs: str, mode: str = "reverse", predict: bool = False) -> str:
    """The player on the last function of a text, as JSON: `state`, or `error` with a `line` (0 if there is none).

    Parameters
    ----------
    source : what the person wrote; `bl`, `np` and `math` are there
    inputs : the function's arguments as in a call, "x=3, y=5"
    mode, predict : as `bl.step` has them
    """
    printed = io.StringIO()
    answer: dict[str, Any] = {}
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            widget = _player(source, inputs, mode, predict)
            _shown["widget"] = widget
            answer = {"state": widget.state(), "id": widget.model_id}
        except BaseException as error:  # also SystemExit: nothing of a student's ends the page's Python
            answer = {"error": _sentence(error), "line": _line(error)}
    answer["printed"] = printed.getvalue()[-5000:]
    answer["warnings"] = list(dict.fromkeys(str(w.message) for w in warned if issubclass(w.category, LabWarning)))
    return json.dumps(answer)


frames.checks.add(run.__code__)  # what calls it is no part of anybody's function


def _player(source: str, inputs: str, mode: str, predict: bool) -> Any:
    from ..widgets.player import step  # after `begin`

    if not source.strip():
        raise ArgumentError("there is no function yet; write one, as in def f(x, y): return x * y")
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)  # errors and pictures quote its lines
    tree = ast.parse(source, FILE)
    space: dict[str, Any] = {"bl": bl, "np": np, "math": math, "__name__": "__main__"}
    exec(compile(tree, FILE, "exec"), space)
    f = _last_function(tree, space)
    args, kwargs = _arguments(inputs, space)
    _check_call(f, args, kwargs)
    return step(f, *args, mode=mode, predict=predict, **kwargs)


def _last_function(tree: ast.Module, space: dict[str, Any]) -> Any:
    """The function that is defined last, by `def` or as a lambda with a name."""
    found = None
    for node in tree.body:
        names = [node.name] if isinstance(node, ast.FunctionDef) else []
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        found = next((space[name] for name in names if inspect.isfunction(space.get(name))), found)
    if found is None:
        raise ArgumentError("there is no function here; write one, as in def f(x, y): return x * y")
    return found


def _arguments(inputs: str, space: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What stands in the field of the inputs, as arguments."""
    try:
        call = ast.parse(f"_given({inputs}\n)", "your inputs", "eval")
    except SyntaxError:
        raise ArgumentError(
            f"the inputs {inputs!r} cannot be read; write them as in a call, x=3, y=5, with a point in numbers: 0.5"
        ) from None
    given = {**space, "_given": lambda *args, **kwargs: (args, kwargs)}
    args, kwargs = eval(compile(call, "your inputs", "eval"), given)
    return args, kwargs


def _check_call(f: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Say which inputs are missing, or not the function's, in terms of the page's field."""
    signature = inspect.signature(f)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as wrong:
        known = list(signature.parameters)
        example = ", ".join(f"{name}={k}" for k, name in enumerate(known, 2)) or "nothing"
        names = f"{in_words(known)}" if known else "no inputs"
        raise ArgumentError(f"{f.__name__} takes {names}: {wrong}; write into the inputs, say, {example}") from None


def _sentence(error: BaseException) -> str:
    if isinstance(error, LabError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"Line {error.lineno} is not Python: {error.msg}."
    if isinstance(error, MemoryError):
        return "There is not enough memory for this; choose fewer or smaller inputs."
    words = str(error)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _line(error: BaseException) -> int:
    """The line of the person's text where it went wrong; the innermost one."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    return lines[-1] if lines else 0
