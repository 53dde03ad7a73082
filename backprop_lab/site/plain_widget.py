"""A widget without Jupyter: what the player and the playground need of anywidget where the page is the front end.

`Alone.stand_in(tell)` takes anywidget's place before a widget is imported. anywidget itself would bring ipywidgets and
IPython, which take longer to load in a browser than all else; what is used of them are traits that two sides share.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, ClassVar

import traitlets


class Alone(traitlets.HasTraits):
    """Traits that are the same here and in the page: changes here are told by `tell`, those there come in by `take`."""

    tell: ClassVar[Callable[[Alone, dict[str, Any]], None]]
    comm: Any = None  # as of a widget that no front end has opened
    layout: Any = None

    def __init__(self, **given: Any) -> None:
        self._property_lock: dict[str, Any] = {}  # what the page has just sent: it is not told that again
        self._held: dict[str, Any] | None = None
        super().__init__(**given)
        self.observe(self._changed, self.keys)

    @classmethod
    def stand_in(cls, tell: Callable[[Alone, dict[str, Any]], None]) -> None:
        """Be `anywidget.AnyWidget` from now on; `tell` gets a widget and those of its traits that have changed."""
        cls.tell = staticmethod(tell)
        module = ModuleType("anywidget")
        module.AnyWidget = cls  # type: ignore[attr-defined]
        sys.modules["anywidget"] = module

    @property
    def keys(self) -> list[str]:
        """The traits that the page has, too."""
        return [name for name in self.traits(sync=True) if not name.startswith("_")]

    @property
    def model_id(self) -> str:
        return f"{id(self):x}"

    def close(self) -> None:
        self.unobserve_all()

    def state(self) -> dict[str, Any]:
        """All that the page needs, as JSON has it."""
        return {name: self._sent(name, getattr(self, name)) for name in self.keys}

    def _sent(self, name: str, value: Any) -> Any:
        to_json = self.trait_metadata(name, "to_json")
        return to_json(value, self) if to_json else value

    def take(self, given: Mapping[str, Any]) -> None:
        """What the page has changed; it hears what follows from that."""
        self._property_lock = dict(given)
        try:
            with self.hold_sync(), self.hold_trait_notifications():
                for name, value in given.items():
                    from_json = self.trait_metadata(name, "from_json")
                    setattr(self, name, from_json(value, self) if from_json else value)
        finally:
            self._property_lock = {}

    @contextmanager
    def hold_sync(self) -> Iterator[None]:
        """Tell all changes inside the block together at its end."""
        if self._held is not None:
            yield
            return
        self._held = {}
        try:
            yield
        finally:
            held, self._held = self._held, None
            if held:
                type(self).tell(self, held)

    def _changed(self, change: dict[str, Any]) -> None:
        name = change["name"]
        sent = self._sent(name, change["new"])
        if name in self._property_lock and self._property_lock[name] == sent:
            return
        with self.hold_sync():
            if self._held is not None:
                self._held[name] = sent

    def _repr_mimebundle_(self, **kwargs: Any) -> None:
        return None
