"""Opening and closing the parts of a folded film: what may be open at once, and the pictures that a page takes along.

A notebook asks its kernel for each picture. A page of its own has no kernel, so it takes pictures along: each part open
with those around it, and everything beside that way folded. The outer parts come first, up to a size.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..drawing.folding.fold import Tree
from .film import Film
from .race import Race

MOST_SEEN = 120  # boxes; when more would be seen, what is not on the way to the part just opened is folded
MOST_SCENES, MOST_LETTERS = 30, 2_000_000  # what a page takes along
LARGE = 10_000  # nodes; each picture of so many takes a while


def opened(tree: Tree, wanted: Iterable[int], before: frozenset[int]) -> frozenset[int]:
    """The parts that are open when these are asked for, and others were open before."""
    asked = tree.with_around(wanted)
    new = asked - before
    if len(tree.scene(asked)) <= MOST_SEEN or not new:
        return asked
    return tree.with_around(new)


def scenes(film: Film | Race) -> dict[str, list[str]]:
    """The pictures for a page, by the numbers of the open parts: `0,2,3`."""
    tree = film.tree
    if tree is None:
        return {}
    found: dict[str, list[str]] = {}
    letters = 0
    most = MOST_SCENES if len(film.graph) < LARGE else MOST_SCENES // 3
    ways = [tree.at_first, *(tree.with_around([p.number]) for p in sorted(tree.parts, key=lambda p: p.depth))]
    for way in dict.fromkeys(ways):
        svgs = film.svgs(way)
        letters += sum(map(len, svgs))
        if len(found) >= most or letters > MOST_LETTERS and found:
            break
        found[",".join(map(str, sorted(way)))] = svgs
    return found
