"""How long a player lives: when its cell runs again, what the cell made before is closed.

ipywidgets keeps every widget until it is closed, so a cell that runs a hundred times would keep a hundred films.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from ..notebook.running import Cell, running_cell

_made: dict[str, tuple[str, list[ref[Any]]]] = {}  # by cell: its last run that made widgets, and these
_places: dict[int, set[str]] = {}  # by widget: the cells that show it


def made(widget: Any, cell: Callable[[], Cell | None] = running_cell) -> None:
    """Note that the running cell made a widget, and close those of its earlier runs that no other cell shows."""
    now = cell()
    if now is None:
        return
    key, run = now
    last, widgets = _made.get(key, (run, []))
    if last != run:
        for old in filter(None, (w() for w in widgets)):
            if _places.get(id(old), set()) <= {key}:
                old.close()
        widgets = []

    def forget(_: Any, number: int = id(widget)) -> None:
        _places.pop(number, None)

    _made[key] = run, [*widgets, ref(widget, forget)]


def shown(widget: Any, cell: Callable[[], Cell | None] = running_cell) -> None:
    """Note that the running cell shows a widget."""
    now = cell()
    if now is not None:
        _places.setdefault(id(widget), set()).add(now[0])
