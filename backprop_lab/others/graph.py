"""A graph that somebody else's code made: its operations as ours, and their gradient beside our adjoint.

graph.theirs                their gradients by node number; None where they keep none
graph.compare()             where theirs and ours differ, where that begins, and which wrong turn gives their numbers
bl.step(graph)              the player, with a column for their gradient, and a sign where it differs
"""

from __future__ import annotations

from .beside import Beside
from .compare import Compared, compared


class TheirGraph(Beside):
    """A `Graph` of their code; `.theirs` has their gradient of every node that has one, by node number."""

    def compare(self) -> Compared:
        """Where their gradients and ours differ; print it.

        Returns
        -------
        Compared : `.differences` (node, ours, theirs, in the order of the reverse sweep), `.first` (the first wrong
            node or None), `.turn` (the wrong turn that gives their numbers, or None) and `.right` (whether all agree)

        Raises
        ------
        ArgumentError : they have no gradients to compare
        """
        return compared(self)
