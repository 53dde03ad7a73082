"""A run over a graph as a film: one frame a step, with everything that a player or a still needs to show it.

A film is plain data: it goes to the browser once and is played there. A frame says which step it is and what to say;
what lights up, and which numbers are used, follows from that (`lit`, `uses`; `widgets/frames.js` for the page).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import groupby
from typing import Any

import numpy as np

from ..drawing.folding.fold import Scene, Tree, tree_of
from ..drawing.heat import Heat, Map, lying
from ..drawing.keys import edge_id, node_id
from ..drawing.picture import NARROW, WIDE, Picture
from ..drawing.texts import cell, roomy
from ..errors import ArgumentError
from ..graph.array_rules import rule_formula, rule_words
from ..graph.entries import Entries
from ..graph.formulas import sentence
from ..graph.graph import Edge, Graph, Node
from ..graph.slopes import partial_formula, partial_label
from ..graph.sweeps import Step, Sweep, adjoint_sweep, tangent_sweep, value_sweep
from ..source.functions import name_of
from ..table.values import shape_of
from ..text.notation import PLAIN, Target, in_words
from .blank import in_its_widths, outer_product
from .live import entries_of, moved, moved_pane, tape_of
from .matrices import matrices
from .pace import ahead, costs, stops
from .questions import chained, questions, turns
from .routes import exact, routes
from .told import TEMPLATES, TEXTS, Pens, equation, explained, place_of, theirs, total

MODES = ("value", "forward", "reverse", "both")
MOST_PICTURES = 50  # that are kept, of a folded graph with other parts open
PHASES = {"values": "values", "seed": "seed", "tangents": "values and tangents", "adjoints": "adjoints"}
SIGNS = {"value": "v", "seed": "s", "tangent": "t", "contribution": "c", "sum": "+"}  # of steps, for the page
SECOND = {"value": None, "forward": "tangent", "sweeps": "tangent", "reverse": "adjoint"}


class Film:
    """The steps of one mode over one graph, and what each shows.

    Parameters
    ----------
    graph : the traced function
    mode : "value", "forward" or "reverse"; also "sweeps", the values and then a forward sweep for each input
    wrt : in forward mode, the name of the input that moves; the first one if not given
    output : the node to differentiate, by name; the function's result if not given
    seed : what a derivative pass starts from
    constants : whether constants are shown; None hides those that only count the turns of loops
    fold : whether a large graph is folded; `open` has the numbers of the parts that are open, and may be set
    like : a film over the same graph with the same options: values, parts and places are taken over from it

    Raises
    ------
    ArgumentError : an unknown mode, input or node, or several outputs in reverse mode
    """

    def __init__(
        self,
        graph: Graph,
        mode: str = "reverse",
        wrt: str | None = None,
        output: str | None = None,
        seed: float = 1.0,
        fold: bool = True,
        constants: bool | None = None,
        like: Film | None = None,
    ) -> None:
        if mode not in SECOND:
            likely = next((m for m in MODES if isinstance(mode, str) and m[0] == mode[:1].lower()), "reverse")
            raise ArgumentError(f'there is no mode {mode!r} but {", ".join(MODES)}; write mode="{likely}"')
        if wrt is not None and mode not in ("forward", "sweeps"):
            raise ArgumentError(f'wrt={wrt!r} is for a forward sweep alone; write mode="forward"')
        if wrt is not None and wrt not in graph.input_names:
            names = ", ".join(graph.input_names)
            raise ArgumentError(f'wrt={wrt!r} is not one of the inputs {names}; write wrt="{graph.input_names[0]}"')
        graph = graph if output is None or like is not None else graph.toward(output)
        self.graph: Graph = like.graph if like is not None else graph.showing(constants)
        self.like = like
        self.mode, self.seed, self.constants = mode, seed, constants
        self.wrt = wrt or (graph.input_names[0] if graph.input_names and mode == "forward" else None)
        len(self)  # what cannot be stepped through is said at once
        self.fold, self.tight = fold, False  # two pictures, one above the other, stand closer
        self.tree: Tree | None = like.tree if like is not None else tree_of(self.graph) if fold else None
        self.open = self.tree.at_first if self.tree is not None else frozenset[int]()
        self._pictures: dict[tuple[frozenset[int], float], Picture] = {}

    @cached_property
    def steps(self) -> list[Step]:
        """The steps; what nobody sees is not told."""
        return [s for s in self._whole if s.node.id not in self.graph.hidden]

    @cached_property
    def _whole(self) -> list[Step]:
        return list(self._steps())

    def _steps(self) -> Iterator[Step]:
        told = value_sweep(self.graph) if self.like is None else self.like._whole
        values = [s for s in told if s.kind == "value" and s.node.op != "input"]
        if self.mode == "forward":
            tangents = {s.node.id: s for s in self._tangents(self.wrt or "")}
            yield from (tangents[n.id] for n in self.graph.inputs)
            for step in values:
                yield step
                yield tangents[step.node.id]
            return
        yield from values
        if self.mode == "sweeps":
            for name in self.movers():
                yield from self._tangents(name)
        if self.mode == "reverse":
            self._check_output()
            yield from adjoint_sweep(self.graph, self.seed)

    def movers(self) -> Sequence[str]:
        """The inputs that move in forward sweeps, one in each."""
        return [self.wrt] if self.wrt else self.graph.input_names

    def _tangents(self, wrt: str) -> Sweep:
        """The forward sweep for one input; all numbers of an array move at the same rate."""
        known = wrt in self.graph.input_names
        shape = shape_of(self.graph[wrt].value) if known else ()
        return tangent_sweep(self.graph, **{wrt: np.full(shape, self.seed) if shape else self.seed})

    def _check_output(self) -> None:
        outputs = self.graph.outputs
        if len(outputs) > 1:
            names = ", ".join(n.label for n in outputs)
            raise ArgumentError(
                f"the function returns {len(outputs)} numbers ({names}), and the reverse pass "
                f'starts from one; return that one alone, or write output="{outputs[0].label}"'
            )
        shape = shape_of(outputs[0].value)
        if shape:
            raise ArgumentError(
                f"{outputs[0].label} is an array of shape {shape}, and the reverse pass starts from one number; "
                'return its sum, say, or step with mode="value"'
            )

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def tape(self) -> dict[str, Any] | None:
        """What the page plays at other inputs (`live.py`), from templates; None where it cannot follow them."""
        return tape_of(self.graph, self.entries)

    @cached_property
    def entries(self) -> Entries | None:
        """The numbers of small arrays, for the page to play."""
        return entries_of(self.graph, self.steps) if self.like is None else self.like.entries

    @property
    def pens(self) -> Pens:
        """How the page is told."""
        return TEMPLATES if self.tape else TEXTS

    @property
    def second(self) -> str | None:
        """What the right cell of a node holds."""
        return SECOND[self.mode]

    @property
    def sweep(self) -> Sweep | None:
        """The derivative pass whose numbers stand in the right cells at the end; None with mode "value"."""
        return self.steps[-1].sweep if self.second and self.steps else None

    @cached_property
    def changes(self) -> list[dict[str, str]]:
        """For each position 0 … len(film), the texts that change on arriving there from the one before."""
        first: dict[str, str] = {f"p{n.id}": cell(n.value) for n in self.graph.nodes if n.primitive is None}
        found = [first] if self.like is None else self.like.changes[: self._shared]
        before = None
        for step in self.steps[len(found) - 1 :]:
            found.append(self._changes(step))
            if self.mode == "sweeps" and step.kind == "seed" and before is not None and step.sweep is not before:
                found[-1] = {f"a{n.id}": "" for n in self.graph.nodes} | found[-1]  # the next sweep starts empty
            before = step.sweep if step.kind in ("seed", "tangent") else before
        return found

    @cached_property
    def heat(self) -> Heat:
        """The heat maps of the arrays, position by position."""
        if not any(isinstance(y, np.ndarray) for y in self.graph.values):
            return Heat([{}] * (len(self) + 1))  # then tangents and adjoints are numbers too
        begun = self.like.heat.changes[: self._shared] if self.like is not None else []
        return Heat([self._numbers(at) for at in range(len(self) + 1)], lying(self.graph), begun)

    def _numbers(self, at: int) -> dict[str, Any]:
        """The numbers that arrive in the cells at a position; None for a cell that is emptied."""
        if at == 0:
            return {f"p{n.id}": n.value for n in self.graph.nodes if n.primitive is None}
        step = self.steps[at - 1]
        emptied = {key: None for key, text in self.changes[at].items() if not text}
        if step.kind == "contribution" and step.edge in self._summed:
            return emptied  # it waits: the number does not change before the sum
        return emptied | {gives(step): outer_product(step) or step.after}

    def maps(self, at: int) -> dict[str, Map]:
        """All heat maps that stand in the picture after `at` steps, by key."""
        return self.heat.at(at)

    def _changes(self, step: Step) -> dict[str, str]:
        id = step.node.id
        if step.kind == "value":
            texts = {f"p{id}": cell(step.after)}
            return texts | {f"w{id}_{k}": partial_label(step.node, k) for k in range(len(step.node.parents))}
        waits = step.kind == "contribution" and step.edge in self._summed
        return {f"a{id}": _pending(step) if waits else cell(step.after)}

    @property
    def _shared(self) -> int:
        """How many positions two films like each other begin with: those of the values."""
        return 1 + sum(step.kind == "value" for step in self.steps)

    @cached_property
    def _summed(self) -> set[tuple[Node, int] | None]:
        """The edges whose contribution waits for a sum, because another one came before."""
        return {s.edge for s in self.steps if s.kind == "sum"}

    @cached_property
    def last(self) -> Mapping[str, str]:
        """All texts that stand in the cells at the end."""
        return {key: text for change in self.changes for key, text in change.items()}

    def texts(self, at: int) -> dict[str, str]:
        """All texts that stand in the picture after `at` steps."""
        shown = {key: text for change in self.changes[: at + 1] for key, text in change.items()}
        return shown | (self.scene.progress(self.turns, at) if self.scene is not None else {})

    @cached_property
    def turns(self) -> list[tuple[int, str]]:
        """For each step, the node whose turn it is and the part of the run: a contribution is its sender's doing."""
        return [(s.edge[0].id if s.edge is not None else s.node.id, self.phase(s)) for s in self.steps]

    @property
    def scene(self) -> Scene | None:
        """What is seen of a folded graph; None if all of it is."""
        return self.picture_of(self.open).scene if self.tree is not None else None

    def classes(self, at: int) -> dict[str, list[str]]:
        """What is lit after `at` steps: classes for what the picture shows."""
        lit = self.lit(at)
        for key in ahead(self.steps, self.lit_edges, at):
            lit[key] = ["bl-ahead"]
        lit = lit if self.scene is None else self.scene.lit(lit)
        if not at:
            return lit
        step = self.steps[at - 1]
        mapped = self.maps(at)  # an array's map would not be seen on a filled ground
        return lit | {k: ["bl-used"] for k in self.uses(step) if k not in mapped} | {gives(step): ["bl-result"]}

    def lit(self, at: int) -> dict[str, list[str]]:
        """What is lit after `at` steps: classes for the graph's nodes and edges."""
        if at == 0:
            return {}
        step = self.steps[at - 1]
        lit = {node_id(n.id): ["bl-read"] for n in step.reads if n.id not in self.graph.hidden}
        lit |= {node_id(step.node.id): ["bl-write"]}
        lit |= {e: ["bl-lit"] for e in self.lit_edges(step)}
        back = self.mode == "reverse" and self.phase(step) in ("seed", "adjoints")
        return lit | {"svg": ["bl-reverse"] if back else []}

    def lit_edges(self, step: Step) -> list[str]:
        """The edges that a step uses."""
        if step.edge is not None:
            return [edge_id(step.edge[0].id, step.edge[1])]
        parents = step.node.parents if step.kind in ("value", "tangent") else ()
        return [edge_id(step.node.id, k) for k, p in enumerate(parents) if p.id not in self.graph.hidden]

    def uses(self, step: Step) -> list[str]:
        """The numbers that a step takes up, by the keys of the picture."""
        if step.kind == "contribution" and step.edge is not None:
            child, slot = step.edge
            return [f"a{child.id}", f"w{child.id}_{slot}"]
        if step.kind == "sum":
            return [gives(step)]
        seen = [(k, p) for k, p in enumerate(step.reads) if p.id not in self.graph.hidden]
        if step.kind == "value":
            return list(dict.fromkeys(f"p{p.id}" for _, p in seen))
        moving = [(k, p) for k, p in seen if p.op != "constant"]  # a constant's tangent is 0, and nobody writes it
        return list(dict.fromkeys(key for k, p in moving for key in (f"w{step.node.id}_{k}", f"a{p.id}")))

    def phase(self, step: Step) -> str:
        """The part of the run that a step belongs to."""
        if self.second == "tangent" and (self.mode == "forward" or step.kind != "value"):
            return "seed" if step.kind == "seed" else "tangents"
        return {"value": "values", "seed": "seed"}.get(step.kind, "adjoints")

    @cached_property
    def room(self) -> Mapping[str, str]:
        """The longest text that ever stands in each place."""
        return roomy(*self.changes)

    @cached_property
    def rooms(self) -> dict[str, list[Map]]:
        """All heat maps that ever stand in each cell."""
        return self.heat.rooms

    @property
    def picture(self) -> Picture:
        """The drawing, with room for every text of the film."""
        return self.picture_of(self.open)

    def picture_of(self, open: frozenset[int], widest: float | None = None) -> Picture:
        """The drawing with these parts open, in rows that are at most so wide; of a folded graph as wide as a page."""
        if (open, widest := widest or (NARROW if self.tree is None else WIDE)) not in self._pictures:
            for old in list(self._pictures)[: -MOST_PICTURES + 1]:
                del self._pictures[old]
            scene = self.tree.scene(open) if self.tree is not None else None
            drawn = next((picture for (parts, _), picture in self._pictures.items() if parts == open), None)
            like = self.like.picture_of(open, widest) if self.like is not None else drawn
            self._pictures[open, widest] = Picture(
                self.graph, self.second, self.room, self.rooms, scene, False, self.tight, widest, like, self.last
            )
        return self._pictures[open, widest]

    def forget(self) -> None:
        """Let go of what can be made again."""
        self._pictures.clear()
        self.graph.operands_told.clear()
        for name in ("steps", "_whole", "changes", "last", "heat", "turns", "costs", "room", "rooms", "_summed"):
            self.__dict__.pop(name, None)

    def svgs(self, open: frozenset[int]) -> list[dict[str, Any]]:
        """The empty picture with these parts open, for the page, in its widths."""
        return [{"narrow": None, **in_its_widths(partial(self.picture_of, open), {}, self.pens.plain)}]

    @cached_property
    def costs(self) -> list[list[int]]:
        """What the run has cost at each position; see `pace.costs`."""
        rows = costs(self._whole, holds=self.second != "tangent")
        if not self.graph.hidden:
            return rows
        seen = [k for k, step in enumerate(self._whole, 1) if step.node.id not in self.graph.hidden]
        return [rows[k - 1] for k in (*seen, len(rows))]  # what is done for constants counts, too, once it is over

    def words(self, at: int) -> tuple[str, str]:
        """The formula and the sentence of the step that leads to position `at`, in plain text."""
        return (self.steps[at - 1].formula, sentence(self.steps[at - 1])) if at else ("", self.given())

    def opening(self, pen: Target = PLAIN) -> str:
        """What to say before the first step."""
        return f"{self.given(pen)} The right arrow key steps."

    def given(self, pen: Target = PLAIN) -> str:
        """What is known before the first step."""
        inputs = [f"{n.label} = {n.number(pen).text}" for n in self.graph.inputs]
        given = in_words(inputs if len(inputs) <= 12 else [*inputs[:12], f"{len(inputs) - 12} more"])
        return f"Given: {given or 'no inputs'}. Every other value waits for its operands."

    def unanswered(self, ask: bool | str = True) -> tuple[str, str]:
        """The picture for who predicts, before the first answer, and in words; asked cells are empty."""
        keys = [question["key"] for asked in questions(self.steps, ask) for question in chained(asked)]
        asked = {f"e{key[1:]}" if key[0] == "w" else key: ["bl-asked"] for key in keys}
        for key, names in self.classes(0).items():
            asked[key] = [*asked.get(key, ()), *names]
        return self.picture.svg(self.texts(0), asked, maps=self.maps(0)), self.picture.describe(self.texts(0))

    def data(self, ask: bool | str = False) -> dict[str, Any]:
        """The whole film as JSON-ready data, for the player's page; with `ask`, a question before each number, and with
        "sweep" also which node's turn it is, with "partials" one before each local partial instead."""
        return {
            **({"asks": questions(self.steps, ask, bool(self.tape), self.entries)} if ask else {}),
            **(turns(self.steps) if ask == "sweep" else {}),
            **self.pane({} if ask else {f"p{n.id}": cell(n.value) for n in self.graph.nodes}),
            **self.common(),
            **({} if ask else theirs(self)),
            **({"about": f"Graph of {name_of(self.graph.function)}: {len(self.graph)} nodes"} if ask else {}),
            **moved(self),
            "frames": [{"say": self.opening(self.pens.plain)}, *map(self.frame, range(1, len(self) + 1))],
            "phases": self._phases(),
            "stops": stops(self.steps, self.phase),
        }

    def pane(self, about: Mapping[str, str]) -> dict[str, Any]:
        """What belongs to one picture; `about` has the numbers that its description may tell."""
        return {
            **in_its_widths(partial(self.picture_of, self.open), about, self.pens.plain),
            "mode": self.mode,
            "second": self.second,
            **moved_pane(self),
            "costs": self.costs,
            "routes": routes(self.graph, None if self.tape else self.sweep, self.seed),
            "matrices": matrices(self.graph, self.steps, self.second),
        }

    def common(self) -> dict[str, Any]:
        """What two pictures of one graph have in common."""
        graph = self.graph
        return {
            **({"fold": self.tree.data() | {"open": sorted(self.open)}} if self.tree is not None else {}),
            "about": graph.about(self.pens.plain),
            "rows": [self._row(n) for n in graph.nodes],
            "code": [{"name": b.name, "lines": list(b.lines)} for b in graph.blocks],
            "names": {n.id: n.label for n in graph.nodes},
            "edges": [self._edge(e) for e in graph.edges if e.parent.id not in graph.hidden],
        }

    def _edge(self, edge: Edge) -> dict[str, Any]:
        """An edge, for whoever asks what its local partial is; the number stands in the picture once it is known."""
        words = rule_words(edge.child, edge.slot)
        rule = {"rule": rule_formula(edge.child, edge.slot), "words": words} if words else {}
        return {
            **rule,
            **(explained(edge, self.pens) if self.second else {}),  # the values alone use no partials
            "id": edge_id(edge.child.id, edge.slot),
            "from": edge.parent.id,
            "to": edge.child.id,
            "formula": partial_formula(edge.child, edge.slot, self.pens.plain),
            "partial": exact(edge.child.partials[edge.slot]),
        }

    def frame(self, at: int) -> dict[str, Any]:
        """What the page cannot know of a step: which it is, as `v5`, or `c4_0` for what an edge brings; what to say."""
        step = self.steps[at - 1]
        place = edge_id(step.edge[0].id, step.edge[1])[1:] if step.edge is not None else step.node.id
        return {
            "does": f"{SIGNS[step.kind]}{place}",
            **({"node": step.node.name} if step.node.name != step.node.label else {}),
            "formula": equation(step, [gives(step), *self.uses(step)], self.pens),
            **total(step, self.steps[at] if at < len(self) else None, self.pens.plain),
            "say": sentence(step, self.pens.plain),
        }

    def _row(self, node: Node) -> dict[str, Any]:
        hidden = {"hidden": True} if node.id in self.graph.hidden else {}
        return {"node": node.id, "name": node.label, "is": node.formula, **place_of(node), **hidden}

    def _phases(self) -> list[dict[str, Any]]:
        runs = groupby(PHASES[self.phase(step)] for step in self.steps)
        return [{"name": name, "steps": len(list(run))} for name, run in runs]


def gives(step: Step) -> str:
    """The number that a step makes, by the key of the picture."""
    return f"{'p' if step.kind == 'value' else 'a'}{step.node.id}"


def _pending(step: Step) -> str:
    """A sum that the next step will carry out: `10 + 4`, or `10 − 4` where a negative number arrives."""
    amount = cell(step.amount)
    return f"{cell(step.before)} − {amount[1:]}" if amount.startswith("−") else f"{cell(step.before)} + {amount}"
