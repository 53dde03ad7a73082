"""Which wrong turn of an engine gives these gradients: in the start, the order, the sums, or one operation's rule.

A turn is tried as the whole engine with that one mistake, on all nodes. Most are told by *local* rules: with the turn
in it, a node's gradient follows from those of the nodes that use it, so the first node that does not fit ends the
trial. What breaks the order of the sweep is played instead, in the order in which the engine walks its own parents.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..graph.graph import Node
from ..mistakes.sweep import Use
from ..recording.tape import INPUT
from ..table.table import BY_CODE
from ..text.notation import in_words, number
from .beside import Beside
from .edges import Edges
from .gathers import Gathers, once_each, one_of, overwritten
from .orders import wrong_orders
from .partials import WRONG, Wrong, in_all, kin
from .sequences import Walks

Sends = Callable[[Use, float], float]
MOST_RUNS = 5


class Turn(NamedTuple):
    """A wrong turn that gives their numbers: a short name, a sentence, the first wrong node, and the operation whose
    rule it is in, if it is in one alone."""

    name: str
    sentence: str
    where: Node
    op: str | None = None


def turns_of(graph: Beside, edges: Edges, wrong: Sequence[int]) -> list[Turn]:
    """The wrong turns that give all of their numbers, the likeliest first; none is told that leaves one open."""
    trial = _Trial(graph, edges, wrong)
    groups: tuple[tuple[Callable[[], Iterator[Turn]], ...], ...] = (
        (trial.starts,),
        (trial.repeats,),
        (trial.links,),
        (trial.sums, trial.overwrites, trial.orders, trial.rules, trial.owns),
        (trial.losses,),
        (trial.remains,),
    )
    for kinds in groups:
        found: dict[str, Turn] = {}
        for kind in kinds:
            for turn in kind():
                found.setdefault(turn.name, turn)
        if found:
            return list(found.values())
    return []


def bar_of(graph: Beside, id: int) -> float:
    """What goes back from a node in their engine: their gradient of it, or ours where they keep none."""
    theirs = graph.theirs.get(id)
    return graph.ours[id] if theirs is None else theirs


class _Trial:
    """Tries wrong turns on one graph."""

    def __init__(self, graph: Beside, edges: Edges, wrong: Sequence[int]) -> None:
        self.graph, self.edges, self.wrong = graph, edges, list(wrong)
        self.theirs = {id: bar for id in edges.order if (bar := graph.theirs.get(id)) is not None}
        self.first, self.right, self.scale = wrong[0], edges.right, edges.sizes
        self.node, self.walks = graph.nodes[wrong[0]], Walks(graph, edges)

    # --- does it fit? -------------------------------------------------------------------------------------------------

    def close(self, found: float, theirs: float, scale: float) -> bool:
        """Whether a number is theirs but for rounding."""
        if found == theirs:
            return True
        return abs(found - theirs) <= self.graph.precision * max(abs(found), abs(theirs), scale) + 1e-300

    def fits(self, bars: Sequence[float]) -> bool:
        """Whether an engine's gradients are theirs, at all nodes that have one."""
        return all(self.close(bars[id], theirs, self.scale[id]) for id, theirs in self.theirs.items())

    def follows(self, sends: Sends, gathers: Gathers | None = None, seed: float = 1.0) -> bool:
        """Whether their gradients follow from each other by these rules, from the output back."""
        bars = [0.0] * len(self.graph)
        for id in self.edges.order:
            uses = self.edges.uses[id]
            came = [sends(use, bars[use.child]) for use in uses]
            theirs = self.theirs.get(id)
            options = (
                [seed] if id == self.edges.output else [math.fsum(came)] if gathers is None else gathers(came, uses)
            )
            if theirs is None:
                bars[id] = next(iter(options), 0.0)
                continue
            scale = max(sum(map(abs, came)), self.scale[id] if gathers is None else 0.0)
            if not any(self.close(found, theirs, scale) for found in options):
                return False
            bars[id] = theirs
        return True

    def turn(self, name: str, sentence: str, op: str | None = None) -> Turn:
        """A turn that begins at the first wrong node."""
        return Turn(name, sentence, self.node, op)

    # --- where it starts ----------------------------------------------------------------------------------------------

    def starts(self) -> Iterator[Turn]:
        """Nothing at all, or all of it times something."""
        output = self.graph.labels[self.edges.output]
        seed = self.theirs.get(self.edges.output)
        if not any(self.theirs.values()):
            yield self.turn(
                "not seeded",
                f"all gradients are 0: backward() was not called, or nothing sets the gradient of {output} to 1 "
                "before it",
            )
            return
        below = [bar for id, bar in self.theirs.items() if id != self.edges.output]
        if seed == 1 and below and not any(below):
            yield self.turn(
                "nothing goes back", f"only {output} has a gradient: the rules of the operations are not called"
            )
            return
        if seed is None:
            ratios = [bar / self.right[id] for id, bar in self.theirs.items() if self.right[id]]
            seed = ratios[0] if ratios else 1.0
        if seed != 1 and self.fits([seed * bar for bar in self.right]):
            value = self.graph.value
            if self.close(seed, value, 0.0):
                words = (
                    f"the sweep starts from {number(value)}, the value of {output}, and not from 1: an output changes "
                    "as fast as itself"
                )
                yield self.turn("seeded with the value", words)
            else:
                yield self.turn(
                    "wrong seed",
                    f"the sweep starts from {number(seed)} at {output}; it starts from 1, and all gradients are "
                    f"{number(seed)} times too large",
                )

    # --- what was there before ----------------------------------------------------------------------------------------

    def repeats(self) -> Iterator[Turn]:
        """Sweeps that add to what earlier ones left."""
        for runs in range(2, MOST_RUNS + 1):
            for restarts in (True, False):
                if self.fits(self._run(runs * [self.edges.output], restarts)):
                    yield self.turn(
                        "not zeroed",
                        f"the sweep ran {_times(runs)} and nothing was set to 0 in between: each run adds to what "
                        "the one before left",
                    )
                    return
            leaves = [runs * bar if self.graph.records[id][0] < 0 else bar for id, bar in enumerate(self.right)]
            if self.fits(leaves):
                yield self.turn(
                    "inputs not zeroed",
                    f"the inputs hold what {_often(runs - 1)} left there, and this one adds to it: set their "
                    "gradients to 0 first",
                )
                return

        starts = [self.first, self.edges.output]
        for way in (starts, starts[::-1]):
            if self.first != self.edges.output and self.fits(self._run(way, True)):
                yield self.turn(
                    "not zeroed",
                    f"a sweep ran from {self.node.label}, too, and nothing was set to 0 in between: what the first "
                    "one left is still in these gradients",
                )
                return

    def _run(self, starts: Sequence[int], restarts: bool) -> list[float]:
        """What sweeps from these nodes leave, one after the other."""
        bars = [0.0] * len(self.graph)
        for start in starts:
            bars[start] = 1.0 if restarts else bars[start] + 1.0
            below = {start}
            for child in self.edges.order:
                for id, use in self.edges.sends[child] if child in below else ():
                    bars[id] += bars[child] * use.slope
                    below.add(id)
        return bars

    # --- how arrivals become one --------------------------------------------------------------------------------------

    def sums(self) -> Iterator[Turn]:
        """Arrivals that are not added up."""
        if len(self.edges.uses[self.first]) < 2:
            return
        arrive = self._arrive()
        if self.follows(_right, one_of):
            yield self.turn(
                "assigned instead of added", f"{arrive}, and only one of them is kept: a rule has = where it needs +="
            )
            return
        if self.follows(_right, once_each):
            yield self.turn(
                "counted once",
                f"{arrive}; what is used twice by one operation gets two arrivals, and a set of parents counts them "
                "once",
            )
        if self.follows(_right, lambda came, uses: [math.prod(came)]):
            yield self.turn("multiplies the arrivals", f"{arrive}, and they are multiplied; they add up")
        if self.follows(_right, lambda came, uses: [math.fsum(came) / max(len(came), 1)]):
            yield self.turn("averages the arrivals", f"{arrive}, and their mean is taken; they add up")

    def _arrive(self) -> str:
        uses = self.edges.uses[self.first]
        came = [
            f"{number(bar_of(self.graph, use.child) * use.slope)} from {self.graph.labels[use.child]}" for use in uses
        ]
        return (
            f"at {self.node.label} arrive {in_words(came if len(came) < 6 else [*came[:4], f'{len(came) - 4} more'])}"
        )

    def overwrites(self) -> Iterator[Turn]:
        """One operation's rule does not add to what is there: played in the order in which the engine goes."""
        sequence = self.walks.postorder()
        for op, slots in self._rules_here():
            if self.fits(self._played(sequence, op, slots, lambda before, sent, slope: sent)):
                yield self._assigned(op)

    def owns(self) -> Iterator[Turn]:
        """One operation's rule takes the operand's own gradient, as far as it has come, for that of the result."""
        sequence = self.walks.postorder()
        for op, slots in self._rules_here():
            if self.fits(self._played(sequence, op, slots, lambda before, sent, slope: before + before * slope)):
                yield self.turn(
                    "own gradient for the result's",
                    f"the rule of {op} multiplies the local partial by what {self.node.label} itself has got by "
                    "then; it is multiplied by the gradient of the result",
                    op,
                )
                return

    def losses(self) -> Iterator[Turn]:
        """The same where their order is not known: an arrival of that operation, and any of the others."""
        if len(self.edges.uses[self.first]) > 1:
            for op in dict.fromkeys(kin(use.op) for use in self.edges.uses[self.first]):
                if self.follows(_right, overwritten(op)):
                    yield self._assigned(op)

    def _assigned(self, op: str) -> Turn:
        return self.turn(
            "assigned instead of added",
            f"{self._arrive()}, and the rule of {op} overwrites what came before it: it has = where it needs +=",
            op,
        )

    def _rules_here(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The operations that send something to the first wrong node, with all of their operands or one."""
        here = self.edges.uses[self.first]
        for op in dict.fromkeys(kin(use.op) for use in here):
            slots = sorted({use.slot for use in here if kin(use.op) == op})
            yield op, tuple(range(9))
            if any(use.op.arity > 1 for use in here if kin(use.op) == op):
                yield from ((op, (slot,)) for slot in slots)

    def _played(
        self, sequence: Sequence[int], op: str, slots: tuple[int, ...], put: Callable[[float, float, float], float]
    ) -> list[float]:
        bars = [0.0] * len(self.graph)
        bars[self.edges.output] = 1.0
        for child in sequence:
            for id, use in self.edges.sends.get(child, ()):
                sent = bars[child] * use.slope
                wrong = kin(use.op) == op and use.slot in slots
                bars[id] = put(bars[id], sent, use.slope) if wrong else bars[id] + sent
        return bars

    # --- in which order -----------------------------------------------------------------------------------------------

    def links(self) -> Iterator[Turn]:
        """A right engine, whose operations do not name all of their parents."""
        parents = self.graph.links.parents
        lost = [
            (child, id)
            for child in self.edges.order
            for id in set(self.graph.operand_ids(child))
            if parents and id not in parents.get(child, (id,)) and self.graph.theirs.get(id) is not None
        ]
        if lost and self.fits(self.edges.walked(self.walks.postorder())):
            child, id = lost[0]
            op = self.graph.nodes[child].op
            yield self.turn(
                "detached",
                f"{self.graph.labels[child]} is computed from {self.graph.labels[id]} and does not name it among its "
                "parents, so "
                f"the sweep never comes to {self.graph.labels[id]} from there: {op} has to pass all operands on",
                op,
            )

    def orders(self) -> Iterator[Turn]:
        """Sweeps in an order that is none, or not to all nodes."""
        for name, sentence in wrong_orders(self):
            yield self.turn(name, sentence)

    # --- one operation's rule -----------------------------------------------------------------------------------------

    def rules(self) -> Iterator[Turn]:
        """A wrong rule of one operation, then of all."""
        here = self.edges.uses[self.first]
        for op, which in self._rules_here():
            for wrong in WRONG:
                sends = wrong.in_rule(op, which, self)
                if sends is not None and self._gives_first(sends) and self.follows(sends):
                    yield self._told(wrong, next(use for use in here if kin(use.op) == op and use.slot in which), sends)
        for name, sentence, sends in in_all(self.node.label):
            if self._gives_first(sends) and self.follows(sends):
                yield self.turn(name, sentence)

    def nodes_of(self, op: str) -> list[int]:
        """The nodes that an operation computed, the last one first."""
        records, used = self.graph.records, self.edges.uses
        return [
            id
            for id in range(len(self.graph) - 1, -1, -1)
            if id in used and records[id][0] >= 0 and kin(BY_CODE[records[id][0]]) == op
        ]

    def _gives_first(self, sends: Sends) -> bool:
        """Whether their number at the first wrong node comes of these rules; most do not, and this is quick."""
        came = [sends(use, bar_of(self.graph, use.child)) for use in self.edges.uses[self.first]]
        scale = sum(map(abs, came))
        theirs = self.theirs.get(self.first)
        return theirs is not None and self.close(math.fsum(came), theirs, scale)

    def _told(self, wrong: Wrong, use: Use, sends: Sends) -> Turn:
        graph, bar = self.graph, bar_of(self.graph, use.child)
        child = graph.nodes[use.child]
        sent = sends(use, bar)
        line = graph.links.rules.get(use.child)
        where = f" Their rule for it begins in line {line[1]}." if line else ""
        sentence = (
            f"{wrong.words} {child.label} = {child.formula} sends {graph.labels[self._operand(use)]} {number(sent)}, "
            "and the rule is "
            f"{number(bar)} · {number(use.slope)} = {number(bar * use.slope)}.{where}"
        )
        return self.turn(wrong.name, sentence, kin(use.op))

    def _operand(self, use: Use) -> int:
        return self.graph.operand_ids(use.child)[use.slot]

    # --- what is left -------------------------------------------------------------------------------------------------

    def remains(self) -> Iterator[Turn]:
        """Inputs that held something before; one operation whose rule is wrong, whatever is wrong in it."""
        graph = self.graph
        inputs = [id for id in self.theirs if graph.records[id][0] == INPUT]
        blamed = [op for op in dict.fromkeys(kin(use.op) for use in self.edges.uses[self.first]) if self._only(op)]
        hold = set(self.wrong) == {id for id in inputs if self.right[id]} and len(inputs) > 1
        if not any(self.theirs[id] for id in self.wrong) and not set(self.wrong) & set(inputs):
            yield self.turn(
                "cleared after use",
                f"the inputs are right, and what lies between holds 0, {self.node.label} first: something clears "
                "these gradients after they were passed on; look at them before that",
            )
        elif hold and not blamed:
            yield self.turn(
                "inputs not zeroed",
                f"all but the inputs is right, and each of these holds something more, {self.node.label} "
                f"{number(self.theirs[self.first] - self.right[self.first])}: an earlier sweep left it, so set their "
                "gradients to 0 first",
            )
        elif len(blamed) == 1 and not hold and self._alone(blamed[0]):
            op = blamed[0]
            use = next(use for use in self.edges.uses[self.first] if kin(use.op) == op)
            child = graph.nodes[use.child]
            line = graph.links.rules.get(use.child)
            where = f" It begins in line {line[1]}." if line else ""
            yield self.turn(
                "wrong rule",
                f"wherever {op} sends nothing, all is right, and wherever the first node differs it does: look at "
                "its rule. "
                f"Of {child.label} = {child.formula} the local partial for {self.node.label} is "
                f"{number(use.slope)}.{where}",
                op,
            )

    def _only(self, op: str) -> bool:
        """Whether all nodes to which this operation sends nothing follow from those before."""
        bars = [0.0] * len(self.graph)
        for id in self.edges.order:
            uses, theirs = self.edges.uses[id], self.theirs.get(id)
            if theirs is None:
                return False
            bars[id] = theirs
            if any(kin(use.op) == op for use in uses):
                continue
            came = [bars[use.child] * use.slope for use in uses]
            found = 1.0 if id == self.edges.output else math.fsum(came)
            if not self.close(found, theirs, max(sum(map(abs, came)), self.scale[id])):
                return False
        return True

    def _alone(self, op: str) -> bool:
        """Whether this operation is wrong at some node to which it alone sends, and not where nothing at all is sent
        while it is right elsewhere: such a node was left out, whatever its operation."""
        right, lost = False, []
        for id in self.edges.order[1:]:
            uses, theirs = self.edges.uses[id], self.theirs[id]
            if any(kin(use.op) != op for use in uses):
                continue
            came = [bar_of(self.graph, use.child) * use.slope for use in uses]
            if self.close(math.fsum(came), theirs, sum(map(abs, came))):
                right = right or any(came)
            else:
                lost.append(theirs == 0)
        return bool(lost) and not (right and all(lost))


def _right(use: Use, bar: float) -> float:
    sent: float = bar * use.slope
    return sent


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _often(count: int) -> str:
    return "an earlier sweep" if count == 1 else f"{count} earlier sweeps"
