"""How to ask somebody's `Value` for its number, its parents, its operation and its gradient.

The usual names are tried, of micrograd (`data`, `_prev`, `_op`, `grad`), microgpt (`_children`, `_local_grads`),
minitorch (`history.inputs`, `derivative`), and of lesson 8 (`parents`, `partials`); a function given in their place
goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from ..text.notation import in_words

Getter = Callable[[Any], Any]
USUAL = {
    "value": ("data", "value", "val", "_data", "_value", "v"),
    "parents": ("_prev", "parents", "_parents", "_children", "prev", "inputs", "operands", "children", "args"),
    "op": ("_op", "op", "operation", "operator"),
    "grad": ("grad", "_grad", "gradient", "derivative", "adjoint"),
    "label": ("label", "_label", "name", "_name"),
    "partials": ("partials", "_local_grads", "local_grads", "local_partials", "_partials"),
}
WORDS = {"value": "number", "parents": "parents", "grad": "gradient", "op": "operation", "label": "label"}
ABSENT = object()


class Asks(NamedTuple):
    """What each of their objects is asked."""

    value: Getter
    parents: Getter
    op: Getter  # a text, or None where it is not told
    grad: Getter  # None where there is none
    label: Getter
    partials: Getter  # of the operation, one a parent; none where it does not keep them
    is_node: Callable[[Any], bool]

    def number(self, x: Any, what: str = "") -> float:
        """The number of one of them as a float; an ArgumentError with the sentence if there is none."""
        y = self.value(x)
        found = as_number(y)
        if found is None:
            name = what or self.name(x)
            shape = getattr(y, "shape", None)
            advice = "give value= a function that finds it"
            if shape:
                raise ArgumentError(
                    f"{name} holds an array of shape {tuple(shape)}, and this reads engines of single numbers; for "
                    "tensors write bl.from_torch(fn, x) or bl.from_jax(fn, x)"
                )
            raise ArgumentError(f"the number of {name} is {type(y).__name__} {y!r:.40}, and no number; {advice}")
        return found

    def name(self, x: Any) -> str:
        """What one of them is called in a sentence: by its label, or as it shows itself."""
        label = self.label(x)
        return label if label else described(x)


def described(x: Any) -> str:
    """An object with its class, as it shows itself."""
    text, kind = short(x), type(x).__name__
    return text if text.startswith(kind) else f"{kind} {text}"


def short(x: Any) -> str:
    """An object as it shows itself, cut; objects that only tell their address are told by their numbers."""
    try:
        text = repr(x)
    except Exception:  # theirs
        return "of which repr fails"
    text = " ".join(text.split())
    if text.startswith("<") and " object at 0x" in text:
        return f"with data = {getattr(x, 'data', '?')!r:.30}"
    return text if len(text) <= 40 else f"{text[:39]}…"


def as_number(y: Any) -> float | None:
    """A real number as a float, also one that NumPy made; None for anything else."""
    if y.__class__ is float:
        return float(y)
    if isinstance(y, np.ndarray) and y.ndim == 0:
        y = y.item()
    if isinstance(y, int | float | np.integer | np.floating | np.bool_):
        try:
            return float(y)
        except OverflowError:
            return None
    return None


def asks_of(root: Any, given: dict[str, Any]) -> Asks:
    """How to ask the class of this object; an ArgumentError says what it does not have.

    `given` has what the caller gave in place of the usual names: functions, or names of attributes.
    """
    kind = type(root)
    history = getattr(root, "history", None)
    minitorch = hasattr(history, "inputs") or hasattr(root, "history") and hasattr(root, "derivative")
    getters: dict[str, Getter] = {}
    for what, names in USUAL.items():
        own = given.get(what)
        if own is not None:
            getters[what] = _given(what, own, kind)
            continue
        found = next((name for name in names if hasattr(root, name) and not callable(getattr(root, name))), None)
        if found is None and what == "parents" and minitorch:
            getters[what] = _history_inputs
        elif found is None and what == "op" and minitorch:
            getters[what] = _history_op
        elif found is not None:
            getters[what] = _attribute(found, what, kind)
        elif what in ("op", "label", "partials"):
            getters[what] = _nothing
        else:
            raise _lacks(root, what)
    getters["label"] = _as_label(getters["label"])
    getters["op"] = _as_op(getters["op"])
    return Asks(**getters, is_node=lambda x: isinstance(x, kind) or type(x).__name__ == kind.__name__)


def _given(what: str, own: Any, kind: type) -> Getter:
    if own is False and what in ("grad", "label", "op"):
        return _nothing
    if isinstance(own, str):
        return _attribute(own, what, kind)
    if not callable(own):
        raise ArgumentError(
            f"{what}= is {type(own).__name__} {own!r:.40}; give a function of one {kind.__name__}, or the name of an "
            f'attribute: {what}="{USUAL[what][0]}"'
        )
    function: Getter = own
    return function


def _attribute(name: str, what: str, kind: type) -> Getter:
    def get(x: Any) -> Any:
        found = getattr(x, name, ABSENT)
        if found is ABSENT:
            if what in ("label", "op", "partials"):
                return None
            raise ArgumentError(
                f"{described(x)} has no attribute {name}, and the others have their {WORDS[what]} "
                "there; "
                f"set it in __init__, or give {what}= a function"
            )
        return found

    return get


def _lacks(root: Any, what: str) -> ArgumentError:
    names, kind = USUAL[what], type(root).__name__
    if what in ("value", "parents"):
        return ArgumentError(
            f"{described(root)} is no value of a graph: it has no attribute for its {WORDS[what]} "
            f"({in_words(list(names[:3]))} …); give the result that your engine computed, "
            f"or {what}= a function that finds them"
        )
    return ArgumentError(
        f"{kind} has no attribute for its gradient ({in_words(list(names[:3]))} …); give grad= a function or its "
        "name, or "
        "grad=False to look at the graph alone"
    )


def _nothing(x: Any) -> None:
    return None


def _history_inputs(x: Any) -> Iterable[Any]:
    return tuple(getattr(x.history, "inputs", None) or ())


def _history_op(x: Any) -> Any:
    return getattr(x.history, "last_fn", None)


def _as_label(get: Getter) -> Getter:
    def label(x: Any) -> str:
        found = get(x)
        if not isinstance(found, str) or found == str(getattr(x, "unique_id", None)):  # minitorch's own number
            return ""
        return found.strip()

    return label


def _as_op(get: Getter) -> Getter:
    def op(x: Any) -> str | None:
        found = get(x)
        if found is None or isinstance(found, str):
            return found or None
        name = getattr(found, "__name__", None) or type(found).__name__
        return str(name)

    return op
