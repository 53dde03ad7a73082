"""Sweeps that go in a wrong order, or not to all nodes: played along the parents that their engine keeps.

for name, sentence in wrong_orders(trial): …       those that give all of their numbers
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def wrong_orders(trial: Any) -> Iterator[tuple[str, str]]:
    """Names and sentences of the orders that give the numbers of a trial (`turns.py`)."""
    walks, edges, label = trial.walks, trial.edges, trial.node.label
    if trial.fits(edges.walked(edges.order[::-1])):
        yield (
            "order not reversed",
            f"the rules run from the inputs to the output, so {label} was done before anything had arrived: go "
            "through the order from its end",
        )
        return
    for flip in (False, True):
        for broad in (False, True):
            for marks in (False, True):
                if trial.fits(edges.walked(walks.met(flip, broad, marks))):
                    how = "level by level" if broad else "as soon as the first user has sent"
                    yield (
                        "no topological order",
                        f"nodes pass on what they have {how}; a node has to wait until all that use it are done. "
                        f"What arrives later never gets from there to {label}",
                    )
                    return
    for flip in (False, True):
        for at_once in (False, True):
            bars = walks.recursed(flip, at_once)
            if bars is not None and trial.fits(bars):
                yield (
                    "recursion",
                    "each node passes its running total on at each arrival, and so passes earlier arrivals on "
                    "again; it has to wait until all that use it are done, and pass on once",
                )
                return
    yield from _not_to_all(trial)


def _not_to_all(trial: Any) -> Iterator[tuple[str, str]]:
    """Walks that leave nodes out, whose rules are then never called."""
    walks, edges, labels = trial.walks, trial.edges, trial.graph.labels
    values = trial.graph.values
    if len({values[id] for id in edges.order}) < len(edges.order):
        sequence = walks.postorder(of=values.__getitem__)
        if trial.fits(edges.walked(sequence)):
            left = next(id for id in edges.order if id not in set(sequence))
            twin = next(id for id in sequence if values[id] == values[left])
            yield (
                "equal numbers taken for one node",
                f"{labels[left]} and {labels[twin]} have the same number, and the walk that makes the order takes "
                f"them for one node, so the rule of one is never called: it has to look at objects, not at numbers",
            )
            return
    for some in (slice(1), slice(-1, None)):
        if trial.fits(edges.walked(walks.postorder(some=some))):
            yield (
                "one parent visited",
                "the walk that makes the order goes from each node to one of its parents only, so the rules of the "
                "others are never called",
            )
            return
    end = ended(trial)
    if end is not None:
        yield (
            "ends too early",
            f"the sweep ends before {labels[end]}: from there on the rules of the operations are not called",
        )


def ended(trial: Any) -> int | None:
    """The node before which a sweep must end to give their numbers; None if it need not, or if none does."""
    bars = [0.0] * len(trial.graph)
    bars[trial.edges.output] = 1.0
    off = {id for id, theirs in trial.theirs.items() if not trial.close(bars[id], theirs, 0.0)}
    for child in trial.walks.postorder():
        if not off:
            return int(child)
        for id, use in trial.edges.sends.get(child, ()):
            bars[id] += bars[child] * use.slope
            if id in trial.theirs:
                (off.discard if trial.close(bars[id], trial.theirs[id], trial.scale[id]) else off.add)(id)
    return None
