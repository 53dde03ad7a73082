"""How long a player lives: when its cell runs again, what the cell made before is closed.

ipywidgets keeps every widget until it is closed, so a cell that runs a hundred times would keep a hundred films.
`Lasting` is what a player and a playground do alike: they show themselves with a picture, and leave it when closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

import anywidget

from ..notebook.running import Cell, running_cell
from .embedded import Embedded, brings_code, in_a_book

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


class Lasting(anywidget.AnyWidget):
    """A widget with a picture of its own, `_still`: for viewers without a kernel, and for what comes after `close`."""

    _kind = ""  # which element of a page it is (`embedded.KINDS`)

    def open(self) -> None:
        """Speak to the page; but where a book is made nobody listens, and the state would be kept in its pages."""
        if not in_a_book():
            super().open()

    def close(self) -> None:
        """Part with the page: what is shown goes away, and with it what was kept for it. All else still works."""
        layout = self.layout if self.comm is not None else None
        super().close()
        if layout is None:  # it was closed before, or never came to be
            return
        layout.close()
        self._parted()
        self.__dict__["_repr_mimebundle_"] = self._still  # the picture is left

    def _parted(self) -> None:
        """Let go of what was kept for the page."""

    def _still(self, **kwargs: Any) -> dict[str, str]:
        raise NotImplementedError

    def _state(self) -> dict[str, Any]:
        """What a page without a kernel needs of the model."""
        raise NotImplementedError

    def embed(self, *, code: bool = True) -> Embedded:
        """The same as HTML that steps in any page, without kernel, widget manager or network.

        Parameters
        ----------
        code : whether the output brings the code, about 100 kB; False where another output of the page, of a player
            for players and of a playground for playgrounds, does

        Returns
        -------
        Embedded : shows itself in a notebook, and in all that is made of one; `.html` is its text. It shows the step
            where the player stands
        """
        still = self._still()
        return Embedded(self._kind, self._state(), still["text/html"], still["text/plain"], bool(code))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and for viewers without a kernel the finished picture; in books what lives there."""
        if in_a_book():
            return self.embed(code=brings_code(self._kind))._repr_mimebundle_(), {}
        got = super()._repr_mimebundle_(**kwargs)
        if got is None:
            return None
        shown(self)
        data, metadata = got if isinstance(got, tuple) else (got, {})
        return {**data, **self._still()}, metadata
