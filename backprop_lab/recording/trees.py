"""Arguments and results that are lists, tuples and dicts of numbers and arrays, such as a network's parameters.

A tree's *leaves* are what is not a list, tuple or dict. The derivative with respect to a tree is a tree of the same
structure (JAX calls them pytrees).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

SEQUENCES = (list, tuple)
CONTAINERS = (list, tuple, dict)


def is_tree(x: Any) -> bool:
    """Whether this is a list, a tuple or a dict."""
    return isinstance(x, CONTAINERS)


def mapped(f: Callable[[Any, str], Any], tree: Any, name: str = "") -> Any:
    """A tree of the same structure with f(leaf, name of the leaf) as leaves; names are written as in Python."""
    if isinstance(tree, dict):
        return {key: mapped(f, x, f"{name}[{key!r}]") for key, x in tree.items()}
    if isinstance(tree, SEQUENCES):
        return _sequence(tree, [mapped(f, x, f"{name}[{k}]") for k, x in enumerate(tree)])
    return f(tree, name)


def _sequence(tree: Any, parts: list[Any]) -> Any:
    if isinstance(tree, list):
        return parts
    return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)


def leaves(tree: Any) -> list[Any]:
    """The leaves from left to right."""
    found: list[Any] = []
    _gather(tree, found)
    return found


def _gather(tree: Any, found: list[Any]) -> None:
    if isinstance(tree, CONTAINERS):
        for x in tree.values() if isinstance(tree, dict) else tree:
            _gather(x, found)
    else:
        found.append(tree)


def leaves_as(structure: Any, tree: Any) -> list[Any] | None:
    """The leaves of a tree in the order of another tree of the same structure; None if the structures differ."""
    found: list[Any] = []
    return found if _gather_as(structure, tree, found) else None


def _gather_as(structure: Any, tree: Any, found: list[Any]) -> bool:
    if isinstance(structure, dict):
        fits = isinstance(tree, dict) and structure.keys() == tree.keys()
        return fits and all(_gather_as(x, tree[key], found) for key, x in structure.items())
    if isinstance(structure, SEQUENCES):
        fits = isinstance(tree, SEQUENCES) and len(structure) == len(tree)
        return fits and all(_gather_as(x, part, found) for x, part in zip(structure, tree, strict=True))
    if isinstance(tree, CONTAINERS):
        return False
    found.append(tree)
    return True


def like(tree: Any, values: Iterator[Any]) -> Any:
    """A tree of the same structure with the next values as leaves."""
    if isinstance(tree, dict):
        return {key: like(x, values) for key, x in tree.items()}
    return _sequence(tree, [like(x, values) for x in tree]) if isinstance(tree, SEQUENCES) else next(values)
