"""Heat maps: what the picture of an array's numbers is, in a node and bigger beside the picture.

    heat_map(W)            what to show of an array, or None of what is none
    heat_map(W).says       "3 by 4, from −0.2 to 1.7, largest in magnitude at row 2, column 3"

Up to six numbers are written as they stand, in rows and columns, and up to twelve short ones of a matrix. An outer
product is a multiplication table, with its factors at its side and on top. More become a Hinton diagram: a square an
entry, its area the magnitude, filled for positive and hollow for negative numbers, so nothing hangs on colour. Beyond 8
rows or columns (16 places of a vector) a square is the mean of a block of entries, and the map says so. A vector stands
as a column, as in W @ x; one that stands left of @ wherever it is used (`lying`) is a row.

A map is plain data: `key` runs over the entries row by row, from −255 to 255 as the share of the largest magnitude; it
is 0 exactly where the number is 0. widgets/heat.js and `drawing.squares` draw the same from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..graph.graph import Graph, Node
from ..table.values import plain, shape_of
from ..text.notation import number, shorter

MOST, MOST_OF_VECTOR = 8, 16  # rows and columns of squares; places of a vector
FEW, FEW_OF_MATRIX = 6, 12  # numbers that are written instead
SHORT = 16  # letters of a row, for more than `FEW` to be written
WIDEST_TEXT = 18  # letters of an array's numbers in a cell
FULL, INFINITE, NAN = 255, 256, 257  # keys: the largest magnitude, inf (and −256 for −inf), nan


class Map(NamedTuple):
    """What is shown of one array."""

    shape: tuple[int, ...]  # the array's
    rows: int  # the map's
    columns: int
    few: bool  # whether the numbers themselves are shown
    keys: tuple[int, ...]  # for each entry of the map, the size and sign of its square
    texts: tuple[str, ...]  # and its number
    lines: tuple[str, ...]  # written below: what a full square stands for, of how many entries each is a mean, the norm
    says: str  # the array in words
    means: str  # how the map is made of the array, in words, where it is not entry by entry
    table: tuple[str, tuple[str, ...], tuple[str, ...]] | None = None  # of an outer product: which factor is an adjoint
    # ("side" or "top"), the factors at the side and on top

    def data(self) -> dict[str, Any]:
        """The map for the page."""
        own: dict[str, Any] = {"rows": self.rows, "columns": self.columns, "texts": self.texts, "says": self.says}
        own |= {"vector": len(self.shape) == 1} | ({"few": True} if self.few else {"keys": self.keys})
        own |= {"table": self.table} if self.table else {}
        return own | {name: value for name, value in (("lines", self.lines), ("means", self.means)) if value}


class Outer(NamedTuple):
    """An outer product with its factors, and which of them is an adjoint: "side" or "top"."""

    product: np.ndarray
    side: np.ndarray
    top: np.ndarray
    adjoint: str


def text_of_array(x: np.ndarray) -> str:
    """An array in a node's cell: a short vector's numbers, else the shape."""
    text = number(x) if x.ndim == 1 and x.size else ""
    if text and len(text) <= WIDEST_TEXT:
        return text
    return "×".join(map(str, x.shape)) if x.ndim > 1 else _many(x)


def _many(x: np.ndarray) -> str:
    return f"{x.size} number{'s' * (x.size != 1)}"


def lying(graph: Graph) -> frozenset[str]:
    """The keys of the arrays that stand as rows: vectors that are multiplied from the left by nothing but `@`."""
    vectors = [n.id for n in graph.nodes if len(shape_of(n.value)) == 1 and graph.uses[n.id]]
    rows = [id for id in vectors if all(k == 0 and multiplies(graph.nodes[c]) for c, k in graph.uses[id])]
    return frozenset(f"{key}{id}" for key in "pa" for id in rows)


def multiplies(node: Node) -> bool:
    """Whether a node is a product of matrices or vectors: with these a net's layers begin."""
    return node.primitive is not None and node.primitive.text == "a @ b"


def heat_map(x: Any, row: bool = False) -> Map | None:
    """What is shown of a value; None for a number, and for an array without entries."""
    if isinstance(x, Outer):
        own = heat_map(x.product)
        side, above = (tuple(shorter(v, 3) for v in factor.tolist()) for factor in (x.side, x.top))
        return own._replace(table=(x.adjoint, side, above)) if own and own.few else own
    x = plain(x)
    if not isinstance(x, np.ndarray) or not x.size:
        return None
    sheet, stacked = _sheet(x)
    small, block = _reduced(sheet, x.ndim == 1)
    if row and x.size <= FEW:
        small = small.T
    few = x.size <= (FEW_OF_MATRIX if x.ndim == 2 else FEW) and x.ndim <= 2 and x.dtype.kind != "c"
    entries = (small.astype(float) if small.dtype.kind == "b" else small).ravel().tolist()
    rows, columns = small.shape
    texts = tuple(shorter(v, 3 if few and columns > 1 else 4) for v in entries)
    short = x.dtype.kind == "f" and np.isfinite(x).all() and max(map(len, texts)) * columns <= SHORT
    if few and x.size > FEW and not short:
        few, texts = False, tuple(shorter(v, 4) for v in entries)
    sizes = np.abs(small) if x.dtype.kind == "c" else small
    top = _largest(sizes)
    lines = () if few else _lines(x, top, block)
    means = "; ".join(part for part in (stacked, _means(x, sheet, block)) if part)
    return Map(x.shape, rows, columns, few, _keys(sizes, top), texts, lines, _says(x), means)


def _sheet(x: np.ndarray) -> tuple[np.ndarray, str]:
    """The array as a matrix, and in words how it became one."""
    if x.ndim <= 1:
        return x.reshape(-1, 1), ""
    if x.ndim == 2:
        return x, ""
    axes = ", ".join(map(str, range(x.ndim - 1)))
    return x.reshape(-1, x.shape[-1]), f"the matrices of the axes {axes} stand below each other"


def _reduced(sheet: np.ndarray, vector: bool) -> tuple[np.ndarray, tuple[int, int]]:
    """The matrix with blocks in place of entries where it is too large, and the size of a block."""
    most = MOST_OF_VECTOR if vector else MOST
    tall, wide = (math.ceil(n / m) for n, m in zip(sheet.shape, (most, MOST), strict=True))
    if tall == wide == 1:
        return sheet, (1, 1)
    values = sheet if sheet.dtype.kind == "c" else sheet.astype(float)
    top = _largest(np.abs(values)) or 1.0
    with np.errstate(all="ignore"):  # a block with inf and −inf has the mean nan; scaled, no finite sum overflows
        rows = [values[k : k + tall] / top for k in range(0, sheet.shape[0], tall)]
        found = [[row[:, j : j + wide].mean() * top for j in range(0, sheet.shape[1], wide)] for row in rows]
    return np.array(found), (tall, wide)


def _largest(sizes: np.ndarray) -> float:
    """The largest finite magnitude; 0 if there is none."""
    found = np.abs(sizes.astype(float))
    found = found[np.isfinite(found)]
    return float(found.max()) if found.size else 0.0


def _keys(sizes: np.ndarray, top: float) -> tuple[int, ...]:
    x = sizes.astype(float).ravel()
    with np.errstate(all="ignore"):
        size = np.maximum(1, np.rint(FULL * (np.abs(x) / top)))
        keys = np.sign(x) * np.where(np.isinf(x), INFINITE, size)
    return tuple(np.where(np.isnan(x), NAN, np.where(x == 0, 0, keys)).astype(int).tolist())


def _lines(x: np.ndarray, top: float, block: tuple[int, int]) -> tuple[str, ...]:
    """What the squares mean, in a few letters."""
    scale = "■ True" if x.dtype.kind == "b" and block == (1, 1) else f"■ {shorter(top, 3)}" if top else "all 0"
    if not top and not np.all(np.isfinite(x)):
        scale = "rest 0" if np.any(np.isfinite(x)) else "none finite"
    if x.dtype.kind == "c":
        scale = f"■ |z| = {shorter(top, 3)}"
    if block == (1, 1):
        return (scale,)
    means = f"means of {block[0]}" if x.ndim == 1 else f"means of {block[0]}×{block[1]}"
    with np.errstate(all="ignore"):  # what cancels in a mean is seen in the length of the whole
        length = float(np.sqrt(np.sum(np.abs(x.astype(complex)) ** 2)))
    return scale, means, f"norm {shorter(length, 3)}"


def _means(x: np.ndarray, sheet: np.ndarray, block: tuple[int, int]) -> str:
    if block == (1, 1):
        return "each square is the magnitude of a complex number" if x.dtype.kind == "c" else ""
    uneven = sheet.shape[0] % block[0] or sheet.shape[1] % block[1]
    size = f"{block[0]}" if x.ndim == 1 else f"{block[0]}×{block[1]}"
    fewer = ", of fewer at the end" if uneven else ""
    return f"each square is the {'magnitude of the ' * (x.dtype.kind == 'c')}mean of {size} entries{fewer}"


def _says(x: np.ndarray) -> str:
    """The array in words: for whoever does not see it, and for the inspector."""
    shape = " by ".join(map(str, x.shape)) if x.ndim != 1 else _many(x)
    if x.dtype.kind == "b":
        return f"{shape}, {int(x.sum())} of {x.size} are True"
    sizes = np.abs(x)
    good = np.isfinite(sizes)
    odd = [(int(np.isnan(sizes).sum()), "not a number"), (int(np.isinf(sizes).sum()), "infinite")]
    strange = "".join(f", {count} {'is' if count == 1 else 'are'} {what}" for count, what in odd if count)
    if not good.any():
        return f"{shape}, none of them finite{strange}"
    at = np.unravel_index(int(np.argmax(np.where(good, sizes, -1.0))), x.shape)
    shown = (sizes if x.dtype.kind == "c" else x)[good]
    low, high = number(shown.min()), number(shown.max())
    if x.dtype.kind == "c":
        return f"{shape}, complex, magnitudes from {low} to {high}, largest {_place(at)}{strange}"
    if x.size == 1:
        return f"{shape}: {low}"
    if low == high and not strange:
        return f"{shape}, all {low}"
    if np.count_nonzero(x) == 1 and not strange:
        return f"{shape}, all 0 but {number(float(x[at]))} {_place(at)}"
    return f"{shape}, from {low} to {high}, largest in magnitude {_place(at)}{strange}"


def _place(at: tuple[Any, ...]) -> str:
    """Where an entry stands, counted from 1 in words and from 0 as an index."""
    index = list(map(int, at))
    if len(at) == 1:
        return f"at place {at[0] + 1}, index {index}"
    return f"at row {at[0] + 1}, column {at[1] + 1}, index {index}" if len(at) == 2 else f"at index {index}"


class Heat:
    """The heat maps of a film.

    `values` has for each position what changes on arriving there, by the picture's text key; None goes away. The
    vectors with the keys `rows` stand as rows. `begun` has the maps of the first positions, where they are known.
    """

    def __init__(
        self,
        values: list[Mapping[str, Any]],
        rows: frozenset[str] = frozenset(),
        begun: Sequence[Mapping[str, Map | None]] = (),
    ) -> None:
        self.changes: list[dict[str, Map | None]] = []  # for each position, the maps that change on arriving there
        self.rooms: dict[str, list[Map]] = {}  # for each key that ever has a map, all its maps
        now: dict[str, Map | None] = {}
        for at, change in enumerate(values):
            known = at < len(begun)
            made = dict(begun[at]) if known else {key: heat_map(x, key in rows) for key, x in change.items()}
            self.changes.append({key: own for key, own in made.items() if own is not None or now.get(key) is not None})
            now |= made
            for key, own in made.items():
                if own is not None:
                    self.rooms.setdefault(key, []).append(own)

    def at(self, position: int) -> dict[str, Map]:
        """All maps that are shown at a position."""
        shown: dict[str, Map | None] = {}
        for change in self.changes[: position + 1]:
            shown |= change
        return {key: own for key, own in shown.items() if own is not None}

    def data(self) -> dict[str, Any]:
        """The maps for the page, each once; `changes` has their numbers, and null where one goes away."""
        numbers: dict[Map, int] = {}
        changes = [
            {key: None if own is None else numbers.setdefault(own, len(numbers)) for key, own in change.items()}
            for change in self.changes
        ]
        return {"maps": [own.data() for own in numbers], "changes": changes}
