"""A run over a graph too large for a sentence a step: the page plays its tape, and says of each step what it computes.

`Film.data` makes words for every step, which takes seconds from some thousands of nodes on. Here columns are sent: the
operations, the numbers, the names. `widgets/large.js` makes the steps of them, in the engine's order, and their
numbers, which a test compares with the engine's. Pictures and files are those of any film.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..drawing.heat import Map
from ..drawing.texts import cell, drawn_width
from ..errors import DrawingError
from ..graph.columns import columns, encoded
from ..graph.graph import Graph
from ..graph.sweeps import reverse_order
from ..mistakes.sweep import Reverse
from ..recording.tape import CONSTANT
from ..source.functions import name_of
from ..table.table import BY_CODE
from ..table.walk import back
from ..text.notation import PLAIN, name, token_of
from .blank import in_its_widths
from .film import Film
from .live import still
from .questions import chained, questions, reverse_of, turns
from .routes import exact, routes
from .told import place_of, theirs

MOST_TOLD = 5_000  # nodes of a film whose every step has its own words, where the page can make the steps
MOST_MOVED = 100_000  # nodes in all forward sweeps: of a larger graph the first inputs alone are moved
MOST_FILMED = 20_000  # nodes of a film for which it cannot: a second and 2 MB for each thousand
NO_MATRICES = "So many nodes are too many for a matrix."


def is_played(graph: Graph, mode: str, fold: bool = True, broken: bool = False) -> bool:
    """Whether a film's steps are made in the page: those of a large graph of real numbers, whose rules are the right
    ones."""
    if len(graph) <= MOST_TOLD:
        return False
    can = fold and not broken and columns(graph) is not None
    if not can and len(graph) > MOST_FILMED:
        raise too_large(graph)
    return can


def too_large(graph: Graph) -> DrawingError:
    """The sentence for what is not done with so many nodes."""
    called, most = name_of(graph.function), f"{MOST_FILMED:,}"
    return DrawingError(
        f"the graph of {called} has {len(graph):,} nodes, and one of more than {most} is stepped through folded, "
        "in real numbers and with the right rules; step through a smaller case, "
        "with fewer turns or inputs"
    )


class LargeFilm(Film):
    """A film of values, perhaps with tangents or adjoints, over a large graph of real numbers; see `Film`."""

    def __init__(self, graph: Graph, mode: str = "reverse", *args: Any, **options: Any) -> None:
        self._columns = columns(graph)
        self._ask: bool | str = False
        super().__init__(graph, mode, *args, **options)

    @cached_property
    def tape(self) -> None:
        """None: its page has a tape of its own, and follows no other inputs."""

    @cached_property
    def entries(self) -> None:
        """None, likewise."""

    @cached_property
    def _swept(self) -> tuple[list[tuple[int, int, int, Any]], list[Any]]:
        """What the reverse sweep sends, in order: to which node, from which, as which operand, how much; and what each
        node has in the end, a bar or in forward mode a dot."""
        sent: list[tuple[int, int, int, Any]] = []
        bars: list[Any] = [None] * len(self.graph)
        if self.mode != "reverse":
            return sent, self._dots[-1] if self._dots else bars
        self._check_output()
        for id in self.graph.output_ids:
            bars[id] = self.seed
        for id, child, slot, amount in back(self.graph.records, bars, reverse_order(self.graph), lambda id: True):
            bars[id] = amount if bars[id] is None else bars[id] + amount
            sent.append((id, child, slot, amount))
        return sent, bars

    def movers(self) -> Sequence[str]:
        """Of so many nodes some inputs alone are moved."""
        return super().movers()[: max(1, MOST_MOVED // len(self.graph))]

    @cached_property
    def _dots(self) -> list[list[Any]]:
        """The tangents of each forward sweep; None for constants, which have none."""
        if self.second != "tangent":
            return []
        codes = [code for code, *_ in self.graph.records]
        sweeps = (self._tangents(name).numbers for name in self.movers())
        return [[None if code == CONSTANT else x for x, code in zip(dots, codes, strict=True)] for dots in sweeps]

    def __len__(self) -> int:
        values = sum(code >= 0 for code, *_ in self.graph.records)
        if self.second == "tangent":
            return values + len(self.movers()) * (len(self.graph.input_names) + values)
        if self.mode != "reverse":
            return values
        seen = [id for id, *_ in self._swept[0] if id not in self.graph.hidden]
        sums = len(seen) - len({*seen} - {*self.graph.output_ids})  # each arrival but a node's first is followed by one
        return values + 1 + len(seen) + sums

    @cached_property
    def last(self) -> Mapping[str, str]:
        """All texts that stand in the cells at the end."""
        return Written(self.graph.values, self._swept[1], lambda id: [self._swept[1][id]])

    @cached_property
    def room(self) -> Mapping[str, str]:
        """The widest text of each cell: that at the end, or one of the sums so far of an adjoint."""
        sums: list[list[Any]] = [[] for _ in self.graph.values]
        for id, _, _, amount in self._swept[0]:
            sums[id].append(sums[id][-1] + amount if sums[id] else amount)
        some = [[*sums[id][:-1], *(dots[id] for dots in self._dots)] for id in range(len(sums))]
        return Written(self.graph.values, self._swept[1], lambda id: [self._swept[1][id], *some[id]])

    @cached_property
    def rooms(self) -> dict[str, list[Map]]:
        """None: there are no arrays."""
        return {}

    def maps(self, at: int) -> dict[str, Map]:
        """None, likewise."""
        return {}

    def data(self, ask: bool | str = False) -> dict[str, Any]:
        """The run for the page, in columns."""
        graph, made, self._ask = self.graph, self._columns, ask
        assert made is not None and self.tree is not None
        known = {f"p{id}": self.last[f"p{id}"] for id in (*range(len(graph.input_names)), *graph.output_ids)}
        places, place = lines(graph)
        return {
            "large": {
                **made.data(),
                "values": [exact(y) for y in graph.values],
                "names": graph.labels,
                "full": {k: n for k, n in enumerate(graph.names) if n != graph.labels[k]},
                "is": formulas(graph),
                "places": places,
                "place": place,
                "hidden": sorted(graph.hidden),
                "output": graph.output_ids[0],
                "seed": exact(self.seed),
                "dots": self.dots(),
                "opening": self.opening(),
            },
            **self.pane({} if ask else known),
            **self.asked(self.open),
            "still": still(graph),  # its page has no texts to fill
            **({} if ask else theirs(self)),
            "fold": self.tree.data() | {"open": sorted(self.open)},
            "about": f"Graph of {name_of(graph.function)}: {len(graph)} nodes" if ask else graph.about(PLAIN),
            "code": [{"name": b.name, "lines": list(b.lines)} for b in graph.blocks],
        }

    def pane(self, about: Mapping[str, str]) -> dict[str, Any]:
        """What belongs to one picture."""
        return {
            **in_its_widths(partial(self.picture_of, self.open), about, PLAIN),
            "mode": self.mode,
            "second": self.second,
            "routes": routes(self.graph, None, self.seed),
            "matrices": {"why": NO_MATRICES},
        }

    def svgs(self, open: frozenset[int]) -> list[dict[str, Any]]:
        """The empty picture with these parts open, with what is asked of it."""
        return [drawn | self.asked(open) for drawn in super().svgs(open)]

    def asked(self, open: frozenset[int]) -> dict[str, Any]:
        """The questions of the steps that are seen whole while these parts are open, by the numbers of these steps
        from 0 on; and whose turn it is."""
        if not self._ask or self.tree is None:
            return {}
        scene = self.tree.scene(open)
        shown = {*scene.nodes, *(box.result for box in scene.boxes)}
        numbers = [k for id in shown for k in self._arrivals.get(id, ())]
        some = [k for k in sorted(numbers) if all(node.id in shown for node in self.steps[k].reads)]
        posed = questions([self.steps[k] for k in some], self._ask, sweep=self._right)
        found: dict[str, Any] = {"asks": {k: question for k, question in zip(some, posed, strict=True) if question}}
        if self._ask == "sweep":
            begins, waits = self._turns["turns"], self._turns["waits"]
            found["turns"] = {k: id for k, id in enumerate(begins) if id in shown}
            found["waits"] = {id: [user for user in waits[id] if user in shown] for id in shown if id in waits}
        return found

    @cached_property
    def _arrivals(self) -> dict[int, list[int]]:
        """For each node, the steps that write to it."""
        found: dict[int, list[int]] = {}
        for k, step in enumerate(self.steps):
            found.setdefault(step.node.id, []).append(k)
        return found

    @cached_property
    def _right(self) -> Reverse | None:
        return reverse_of(self.steps)

    @cached_property
    def _turns(self) -> dict[str, Any]:
        return turns(self.steps)

    def unanswered(self, ask: bool | str = True) -> tuple[str, str]:
        """The picture for who predicts, before the first answer, and in words."""
        self._ask = ask
        keys = [one["key"] for question in self.asked(self.open)["asks"].values() for one in chained(question)]
        classes = {f"e{key[1:]}" if key[0] == "w" else key: ["bl-asked"] for key in keys}
        return self.picture.svg(self.texts(0), classes, maps={}), self.picture.describe(self.texts(0))

    def dots(self) -> list[str]:
        """The tangents of each forward sweep, as the page reads them."""
        return [encoded(np.array([x or 0.0 for x in dots])) for dots in self._dots]

    def texts(self, at: int) -> dict[str, str]:
        """All texts after `at` steps; at the end without making the steps."""
        if at < len(self) or self.scene is None:
            return super().texts(at)
        return dict(self.last) | {f"d{box.number}": "1 of 1 steps" for box in self.scene.boxes}

    def classes(self, at: int) -> dict[str, list[str]]:
        """What is lit after `at` steps; at the end nothing, and without making the steps."""
        return super().classes(at) if at < len(self) else {"svg": ["bl-reverse"]} if self.mode == "reverse" else {}


class Widest(Mapping[str, str]):
    """The wider of two films' texts, by key."""

    def __init__(self, one: Mapping[str, str], other: Mapping[str, str]) -> None:
        self._both = one, other

    def __getitem__(self, key: str) -> str:
        found = [texts[key] for texts in self._both if key in texts]
        if not found:
            raise KeyError(key)
        return max(found, key=drawn_width)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for texts in self._both for key in texts))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Written(Mapping[str, str]):
    """What stands in cells, by key: a text is written when somebody asks for it, an adjoint's as the widest of some."""

    def __init__(self, values: Sequence[Any], bars: Sequence[Any], some: Callable[[int], list[Any]]) -> None:
        self._values, self._bars, self._some = values, bars, some

    def __getitem__(self, key: str) -> str:
        id = int(key[1:]) if key[:1] in ("p", "a") else -1
        if not 0 <= id < len(self._values) or key[0] == "a" and self._bars[id] is None:
            raise KeyError(key)
        return cell(self._values[id]) if key[0] == "p" else max(map(cell, self._some(id)), key=drawn_width)

    def __iter__(self) -> Iterator[str]:
        yield from (f"p{id}" for id in range(len(self._values)))
        yield from (f"a{id}" for id, bar in enumerate(self._bars) if bar is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def lines(graph: Graph) -> tuple[list[dict[str, Any]], list[int]]:
    """Where nodes are computed: the distinct places, and for each node which it is."""
    found: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    known: dict[tuple[int, bool], int] = {}
    numbers = []
    for node, place, (code, *_) in zip(graph.nodes, graph.places, graph.records, strict=True):
        key = id(place), code == CONSTANT
        if key not in known:
            row = place_of(node)
            known[key] = found.setdefault(repr(row), len(rows))
            rows += [row] if known[key] == len(rows) else []
        numbers.append(known[key])
    return rows, numbers


FIRST, SECOND = "\ue810", "\ue811"  # stand for the operands in a formula


def formulas(graph: Graph) -> list[str]:
    """How each value is computed, as `Node.formula` has it: one formula an operation, with other names in it."""
    labels, known, found = graph.labels, dict[tuple[int, Any], str](), []
    for node, (code, i, j, _, b, _) in zip(graph.nodes, graph.records, strict=True):
        if code < 0:
            found.append(node.op)
            continue
        op = BY_CODE[code]
        ids = op.ids(i, j)
        names = [labels[k] for k in ids]
        if any(not text[0].isalpha() for text in names):  # a number may need brackets
            found.append(node.formula)
            continue
        key = code, op.settings(b)
        if key not in known:
            tokens = node.operand_tokens(PLAIN) | dict(
                zip(op.args, (name(s, PLAIN) for s in (FIRST, SECOND)), strict=False)
            )
            known[key] = token_of(op.text, PLAIN, tokens).text
        text = known[key].replace(FIRST, names[0])
        found.append(text.replace(SECOND, names[1]) if len(names) > 1 else text)
    return found
