"""Opening and closing the parts of a folded film: what may be open at once, and the pictures that a page takes along.

A notebook asks its kernel for each picture. A page of its own has no kernel, so it takes pictures along: each part open
with those around it, and everything beside that way folded. The outer parts come first, up to a size.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import count
from typing import Any

from ..drawing.folding.fold import Tree
from ..drawing.folding.outline import Part
from ..errors import ArgumentError
from .film import Film
from .race import Race

MOST_SEEN = 120  # boxes; when more would be seen, what is not on the way to the part just opened is folded
MOST_SCENES, MOST_LETTERS = 30, 2_000_000  # what a page takes along
LARGE = 10_000  # nodes; each picture of so many takes a while
INSIDE = " > "  # between a part's name and that of one in it


def opened(tree: Tree, wanted: Iterable[int], before: frozenset[int]) -> frozenset[int]:
    """The parts that are open when these are asked for, and others were open before."""
    asked = tree.with_around(wanted)
    new = asked - before
    if len(tree.scene(asked)) <= MOST_SEEN or not new:
        return asked
    return tree.with_around(new)


def scenes(film: Film | Race) -> dict[str, list[dict[str, Any]]]:
    """The pictures for a page, by the numbers of the open parts: `0,2,3`."""
    tree = film.tree
    if tree is None:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    letters = 0
    most = MOST_SCENES if len(film.graph) < LARGE else MOST_SCENES // 3
    ways = [tree.at_first, *(tree.with_around([p.number]) for p in sorted(tree.parts, key=lambda p: p.depth))]
    for way in dict.fromkeys(ways):
        svgs = film.svgs(way)
        letters += sum(len(str(svg)) for svg in svgs)
        if len(found) >= most or letters > MOST_LETTERS and found:
            break
        found[",".join(map(str, sorted(way)))] = svgs
    return found


def called(tree: Tree, open: Iterable[int]) -> list[str]:
    """The names of the innermost open parts: with these, `named` opens the same."""
    parts = {tree.parts[k] for k in open if k}
    outer = {part.parent for part in parts}
    names: dict[Part, str] = {}
    for name, part in _names(tree).items():
        names.setdefault(part, name)
    return [name for part, name in names.items() if part in parts and part not in outer]


def named(tree: Tree | None, names: Iterable[str]) -> frozenset[int]:
    """The parts that have these names, with those around them; of several with one name the outermost, or the first.

    Raises
    ------
    ArgumentError : what is no part, or a graph that has none
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise ArgumentError(f'open={names!r:.60} is no list of parts; write open=["turn 3"], with their names')
    wanted = list(names)
    if tree is None:
        if wanted:
            raise ArgumentError(
                f"open={wanted!r:.60} has no place here, because the whole graph is shown; leave open out"
            )
        return frozenset()
    known = _names(tree)
    for name in wanted:
        if not isinstance(name, str) or name not in known:
            close = difflib.get_close_matches(str(name), known, 3) or [p.label for p in tree.parts[0].groups][:5]
            raise ArgumentError(
                f"this graph has no part {name!r:.60}; write open=[{close[0]!r}], say: there are "
                f"{', '.join(map(repr, close))}, and player.opened names those that are open"
            )
    return tree.with_around(known[name].number for name in wanted)


def _names(tree: Tree) -> dict[str, Part]:
    """What may be said for each part, the shortest first; what is said for an outer one is none of an inner one's."""
    found: dict[str, Part] = {}
    for part in sorted(tree.parts[1:], key=lambda part: part.depth):
        *_, whole = ways = _ways(part)
        others = (f"{whole} #{k}" for k in count(2))
        own = [name for name in ways if name not in found] or [next(name for name in others if name not in found)]
        found |= dict.fromkeys(own, part)
    for part in tree.parts:
        if part.turn:
            found.setdefault(f"turn {part.turn}", part)  # also where it is called by what it computes
    return found


def _ways(part: Part) -> list[str]:
    """A part's name, then with more and more of the parts around it: `turn 3`, `turn 1 to 10 > turn 3`."""
    labels = [p.label for p in part.around() if p.number]
    return [INSIDE.join(reversed(labels[: k + 1])) for k in range(len(labels))]
