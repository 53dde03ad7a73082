"""Arguments and results that are lists, tuples and dicts of numbers and arrays, such as a network's parameters.

A tree's *leaves* are what is not a list, tuple or dict. The derivative with respect to a tree is a tree of the same
structure (JAX calls them pytrees).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

CONTAINERS = (list, tuple, dict)


def is_tree(x: Any) -> bool:
    """Whether this is a list, a tuple or a dict."""
    return isinstance(x, CONTAINERS)


def mapped(f: Callable[[Any, str], Any], tree: Any, name: str = "") -> Any:
    """A tree of the same structure with f(leaf, name of the leaf) as leaves; names are written as in Python."""
    if isinstance(tree, dict):
        return {key: mapped(f, x, f"{name}[{key!r}]") for key, x in tree.items()}
    if isinstance(tree, list | tuple):
        parts = [mapped(f, x, f"{name}[{k}]") for k, x in enumerate(tree)]
        if isinstance(tree, list):
            return parts
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)
    return f(tree, name)


def leaves(tree: Any) -> list[Any]:
    """The leaves from left to right."""
    found: list[Any] = []
    mapped(lambda x, _: found.append(x), tree)
    return found


def leaves_as(structure: Any, tree: Any) -> list[Any] | None:
    """The leaves of a tree in the order of another tree of the same structure; None if the structures differ."""
    if not is_tree(structure):
        return None if is_tree(tree) else [tree]
    if isinstance(structure, dict):
        fits, keys = isinstance(tree, dict) and structure.keys() == tree.keys(), list(structure)
    else:
        fits, keys = isinstance(tree, list | tuple) and len(structure) == len(tree), list(range(len(structure)))
    parts = [leaves_as(structure[key], tree[key]) for key in keys] if fits else [None]
    return None if None in parts else [x for part in parts for x in part or ()]


def like(tree: Any, values: Iterator[Any]) -> Any:
    """A tree of the same structure with the next values as leaves."""
    return mapped(lambda *_: next(values), tree)
