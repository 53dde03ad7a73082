"""How fast a film may be played: where a node, or a whole part of the run, is done; and what it has cost so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.sweeps import Step
from ..table.table import Cost
from ..table.values import size_of


def stops(steps: list[Step], phase: Callable[[Step], str]) -> dict[str, list[int]]:
    """The positions at which one comes to rest: "node" when a node has had its turn, "phase" when a part is over.

    A node's turn in a reverse sweep is everything it sends, with the sums that this completes; forwards it is its
    value, and its tangent. The granularity "edge" rests at every step.
    """
    turn = [_turn(step) for step in steps]
    part = [phase(step) for step in steps]
    last = len(steps)
    return {
        "node": [k for k in range(1, last + 1) if k == last or (turn[k], part[k]) != (turn[k - 1], part[k - 1])],
        "phase": [k for k in range(1, last + 1) if k == last or part[k] != part[k - 1]],
    }


def _turn(step: Step) -> Any:
    if step.edge is not None:
        return step.edge[0].id, step.sweep
    return step.node.id, "seed" if step.kind == "seed" else None


def ahead(steps: list[Step], edges: Callable[[Step], list[str]], at: int) -> list[str]:
    """The edges that the sweep under way after `at` steps has still to pass; `edges` says which ones a step uses."""
    begins = [k for k in range(len(steps)) if not k or steps[k].kind == "seed" != steps[k - 1].kind]
    start = max((k for k in begins if k < at), default=0)
    end = min((k for k in begins if k > start), default=len(steps))
    passed = {key for step in steps[start:at] for key in edges(step)}
    return [key for step in steps[at:end] for key in edges(step) if key not in passed]


def costs(steps: list[Step], holds: bool) -> list[list[int]]:
    """What the run has taken at each position 0 … len(steps), as rows of numbers.

    For the values: multiplications, additions, function calls. Then how many numbers are stored for later; which
    sweep for derivatives is running (0: none yet); its multiplications, additions and function calls with those of
    the sweeps before it; and how many of its numbers are zeros that were carried along. `holds` says whether values
    have to be kept for a pass back; forward mode keeps nothing.
    """
    first = steps[0].node.graph if steps else None
    stored = sum(size_of(n.value) for n in first.nodes if n.primitive is None) if first is not None and holds else 0
    values, before, now = Cost(), Cost(), Cost()
    sweep, number, zeros = None, 0, 0
    rows = [[*values, stored, number, *now, zeros]]
    for step in steps:
        if step.sweep is not sweep and step.kind != "value":
            sweep, number, before, zeros = step.sweep, number + 1, now, 0
        if step.kind == "value":
            values = step.cost
            stored += size_of(step.after) if holds else 0
        else:
            now = before.plus(step.cost)
            zeros += step.sweep.mode == "tangent" and not np.any(step.after)
        rows.append([*values, stored, number, *now, int(zeros)])
    return rows
