"""Exercises in which the student is the sweep: every node's number, in an order that the sweep may take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from ..errors import ArgumentError
from ..graph.graph import Graph, Node
from ..mistakes.sweep import Reverse, Use
from ..mistakes.table import MISCONCEPTIONS
from ..table.values import is_array
from ..text.notation import in_words
from .base import KEPT, Exercise, Question, WrongTurn, current_seed
from .handle import Handle
from .hints import Clue
from .named import Answers, Came
from .predict import Predict
from .programs import function_of, listing_of, traced, with_operations
from .report import Item, Report

ORDER, MISSING = "the order", "missing"
TURNED = "not in an order of the sweep"


# Wrong turns of a forward sweep. Not all of them show in each graph, so none is drawn against.
TANGENTS = {
    slip: WrongTurn(sentence, slip, drawn=False)
    for slip, sentence in {
        "everything moves": "You let every input move. Here one moves, at rate 1, and the others have the tangent 0.",
        "the other input moves": "This is the sweep for the other input. Which one moves here? It has the tangent 1.",
        "seeded with the value": "You started with the input's value. Its tangent is how fast it moves, and that is 1.",
        "only the first operand moves": "Only first operands move here. Both may: add what each of them sends on.",
        "factors not swapped": "In a product each tangent is multiplied by the OTHER factor's value.",
        "exponent lost": "The exponent of a power comes down as a factor: uⁿ moves n·uⁿ⁻¹ times as fast as u.",
        "minus lost": "In a difference the second tangent is taken away.",
    }.items()
}
SLOPES = {rule.name: rule for rule in MISCONCEPTIONS if rule.name in TANGENTS}


class Went(NamedTuple):
    """What came of an answer: the numbers, what is wrong with their order, if anything, and what asks for them."""

    came: Came
    disorder: str
    posed: Predict


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Sweep(Exercise):
    """Every adjoint of a graph, or every tangent, in order: a dict from node to number, as the sweep gets to them.

    Every student has a graph of their own: one of the programs, at inputs of their own. `on` gives the same exercise on
    any function.

    Attributes
    ----------
    programs : texts such as `"u = x * y; z = u + x"`, each line one operation
    inputs : of the first program, for the empty seed
    of : "adjoint" or "tangent"
    wrt : for tangents, the input that moves; the first one if not given
    low, high, largest : bounds for the drawn inputs, and for all numbers
    function : what `on` was called with, in place of the programs
    """

    programs: Sequence[str] = ()
    inputs: Mapping[str, float] = field(default_factory=dict)
    of: str = "adjoint"
    wrt: str = ""
    low: int = 1
    high: int = 9
    largest: float = 1000.0
    function: Callable[..., Any] | None = None
    _posed: dict[str, Predict] = field(default_factory=dict, init=False)

    def on(self, function: Callable[..., Any], **inputs: float) -> Sweep:
        """The same exercise on a function of the student's own: `bl.check(bl.exercises[id].on(f, x=2, y=3), answer)`.

        Parameters
        ----------
        function : of numbers, with one number as its result
        inputs : where to sweep, by name

        Returns
        -------
        Sweep : an exercise; what it brings is not kept

        Raises
        ------
        ArgumentError : a function that computes nothing from its inputs, or has several results
        """
        at = {name: float(x) for name, x in inputs.items()}
        graph = with_operations(traced(function, **at), in_words(list(at)))
        if len(graph.output_ids) != 1 or any(map(is_array, graph.values)):
            raise ArgumentError("this exercise is for a function of numbers with one number as its result; return one")
        return replace(self, title=f"{self.title}, on your own function", inputs=at, function=function)

    def posed(self, seed: str | None = None) -> Predict:
        """The numbers that are asked for, as an exercise on this student's graph."""
        seed = current_seed() if seed is None else seed
        key = "" if self.function is not None else seed
        if key not in self._posed:
            if len(self._posed) > KEPT:
                self._posed.clear()
            self._posed[key] = self._drawn(key)
        return self._posed[key]

    def _drawn(self, seed: str) -> Predict:
        if self.function is not None:
            return self._on(self.function, "")
        programs = list(self.programs)
        if seed:
            self.random(seed).shuffle(programs)
        for text in programs:
            listing = listing_of(text, *self.inputs, name="f")
            posed = self._on(function_of(listing, f"<{self.id}: {text}>"), listing)
            try:
                posed.draw(seed)
            except ArgumentError:  # there are no inputs for this one within the bounds
                continue
            return posed
        raise ArgumentError(f"no graph for {self.id} with the seed {seed!r}; give more programs")

    def _on(self, function: Callable[..., Any], listing: str) -> Predict:
        graph = traced(function, **self.inputs)
        wrt = (self.wrt or next(iter(self.inputs))) if self.of == "tangent" else ""
        return Predict(
            self.id,
            self.title,
            self.spec,
            points=self.points,
            hints=[(node.name, self._rule(node, wrt)) for node in _in_order(graph, self.of)],
            was=self.was,
            function=function,
            of=self.of,
            wrt=wrt,
            ask=[node.name for node in _in_order(graph, self.of)],
            inputs=self.inputs,
            low=self.low,
            high=self.high,
            largest=self.largest,
            listing=listing,
            wrong=TANGENTS if self.of == "tangent" else {},
            slipped=partial(_slipped, function, wrt),
        )

    def _rule(self, node: Node, wrt: str) -> str:
        """What to do at a node, without numbers."""
        graph = node.graph
        if self.of == "tangent":
            if node.primitive is None:
                return f"{node.name} is an input: its tangent is 1 if it moves, else 0. Here {wrt} moves."
            operands = in_words(list(dict.fromkeys(p.label for p in node.parents)))
            return f"{node.name} is made of {operands}: each one's tangent, times its local partial; then add."
        users = list(dict.fromkeys(graph.names[child] for child, _ in graph.uses[node.id]))
        if node.id in graph.output_ids:
            return f"The sweep starts at {node.name}: how fast does it change with itself?"
        if len(graph.uses[node.id]) == 1:
            return f"{node.name} is used once, by {users[0]}: take its adjoint, times the local partial on that edge."
        times = len(graph.uses[node.id])
        return (
            f"{node.name} is used {times} times, by {in_words(users)}. From each use comes the user's adjoint, times "
            "the local partial on that edge; then add."
        )

    @property
    def clues(self) -> list[Clue]:
        """The exercise's own, and what to do at each node of this student's graph."""
        return [*self._clues, *self.posed().clues]

    @property
    def is_listed(self) -> bool:
        return self.function is None

    @property
    def has_halves(self) -> bool:
        return True

    def question(self, seed: str | None = None) -> Question:
        posed = self.posed(seed)
        shown = posed.question(seed)
        text = f"{shown.text.rpartition(' Fill in ')[0].rstrip('.')}. {self._wanted(posed)}"
        if self.is_listed:
            own = f'`own = bl.exercises["{self.id}"].on(f, x=2, y=3)`'
            text += f"\n\nThe same on a function of your own, without points: {own}, then `own.question()`."
        return Question(text, shown.inputs)

    def _wanted(self, posed: Predict) -> str:
        more = "" if self.of == "adjoint" else f", when {posed.wrt} moves at rate 1"
        many = f"{len(posed.ask)} numbers, those of the inputs too"
        return f"Give every node's {self.of}{more}: {many}, in an order that the sweep may take."

    def model_answer(self, seed: str | None = None) -> dict[str, float]:
        return self.posed(seed).model_answer(seed)

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        posed, right = self.posed(seed), self.model_answer(seed)
        found: dict[str, Any] = {}
        for name, answer in posed.wrong_answers(seed).items():
            if not any(all(posed.same(answer[k], other[k]) for k in answer) for other in found.values()):
                found[name] = answer
        return found | {TURNED: dict(reversed(right.items()))}

    def solution(self) -> str:
        begin = self.posed("").ask[0]
        return (
            f'{self.variable} = {{"{begin}": None}}  # go on: each node and its number, in the order of the sweep\n'
            "### BEGIN SOLUTION\n"
            f'{self.variable} = bl.exercises["{self.id}"].model_answer()\n'
            "### END SOLUTION\n"
        )

    def traced(self, seed: str | None = None) -> Graph:
        """The graph at the drawn inputs: `bl.step(exercise.traced(), predict="sweep")` asks for the same."""
        return self.posed(seed).traced(seed)

    def answer_cell(self, predictions: Sequence[Mapping[str, Any]]) -> str:
        """What was typed into that player as the code of an answer cell, as `Predict.answer_cell` has it."""
        return self.posed().answer_cell(predictions)

    def write_answer(self, predictions: Sequence[Mapping[str, Any]]) -> str:
        """Put that code into a new cell below, where the notebook allows it; returns the code in any case."""
        return self.posed().write_answer(predictions)

    def show(self, answer: Any, seed: str | None = None) -> Any:
        """The graph with the answer's numbers on it."""
        return self.posed(seed).show(answer, seed)

    def came(self, handle: Handle, seed: str) -> Went | str:
        posed = self.posed(seed)
        found = posed.came(handle, seed)
        if isinstance(found, str):
            return found
        return Went(found, self._disorder(posed.graph(found.inputs), list(found.given)), posed)

    def _disorder(self, graph: Graph, names: list[str]) -> str:
        """What is wrong with an order of names; empty if nothing is."""
        place = {name: k for k, name in enumerate(names)}
        for node in _in_order(graph, self.of):
            if node.name not in place:
                return f"{node.name} is {MISSING}"
            for other in node.parents if self.of == "tangent" else (graph.nodes[c] for c, _ in graph.uses[node.id]):
                if other.op != "constant" and place.get(other.name, -1) > place[node.name]:
                    needs = "is made of it" if self.of == "tangent" else "gets something from it"
                    return f"{other.name} comes after {node.name}, which {needs}"
        return ""

    def items(self, came: Went) -> Iterable[Item]:
        numbers = list(came.posed.items(came.came))
        share = self.points / (len(numbers) + 1)
        counts = 2 * sum(item.right for item in numbers) >= len(numbers)
        trouble = came.disorder or (None if counts else "counts when half of the numbers are right")
        yield Item(ORDER, share * (trouble is None), share, trouble=trouble)
        for item in numbers:
            yield replace(item, points=share * item.points / item.worth, worth=share)

    def note(self, report: Report, came: Went) -> None:
        came.posed.note(report, came.came)

    def diagnosed(self, report: Report, came: Went) -> tuple[str | None, str]:
        """Of the numbers, if one is wrong; else of the order."""
        name, hint = came.posed.diagnosed(report, came.came)
        if came.disorder and not came.came.off and not came.disorder.endswith(MISSING):
            report.about = ORDER
            first = "its users" if self.of == "adjoint" else "its operands"
            return TURNED, f"{came.disorder}. A node's turn comes after all {first}."
        if not hint and report.about:
            hint = next(clue.text for clue in came.posed.clues if report.about in clue.about)
        return name, hint


def _slipped(function: Callable[..., Any], wrt: str, **inputs: float) -> dict[str, Answers]:
    """The tangents of each wrong turn, by name; adjoints have those of the engine."""
    graph = traced(function, **inputs)
    ways: dict[str, tuple[Callable[[str], float], Callable[[Use], float]]] = {
        name: (lambda input: float(input == wrt), rule.slope) for name, rule in SLOPES.items()
    }
    ways["only the first operand moves"] = (lambda input: float(input == wrt), lambda use: use.slope * (not use.slot))
    ways["everything moves"] = (lambda input: 1.0, lambda use: use.slope)
    ways["the other input moves"] = (lambda input: float(input != wrt), lambda use: use.slope)
    ways["seeded with the value"] = (lambda input: inputs[input] * (input == wrt), lambda use: use.slope)
    return {slip: _pushed(graph, *way) for slip, way in ways.items() if slip in TANGENTS} if wrt else {}


def _pushed(graph: Graph, seed: Callable[[str], float], slope: Callable[[Use], float]) -> Answers:
    """A forward sweep with other seeds, or with other local partials."""
    dots: list[float] = []
    for node in graph.nodes:
        uses = [Use.of(graph, node.id, slot) for slot in range(len(node.parents))]
        moves = (slope(use) * dots[parent.id] for use, parent in zip(uses, node.parents, strict=True))
        dots.append(sum(moves) if uses else seed(node.name) if node.op == "input" else 0.0)
    return dict(zip(graph.names, dots, strict=True))


def _in_order(graph: Graph, of: str) -> list[Node]:
    """The nodes without the constants, in the order of the sweep."""
    ids = Reverse(graph).uses if of == "adjoint" else range(len(graph))
    return [graph.nodes[id] for id in ids if graph.nodes[id].op != "constant"]
