"""All exercises, gathered from the modules of the lessons. To add a lesson, add its module to `BOOKS`."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .base import Exercise

BOOKS = ["start", "graphs", "forward", "reverse", "fan_out", "costs", "matrix_chains", "triangular", "numerical"]
BOOKS += ["gradient_checks", "engine", "layers", "layer_modules", "breaking", "dying"]
BOOKS += ["own_rules", "complex_numbers"]


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by its id, in the order of the course."""
    found: dict[str, Exercise] = {}
    for name in BOOKS:
        found |= import_module(f".lessons.{name}", __package__).BOOK.exercises
    return dict(sorted(found.items(), key=lambda pair: (pair[1].notebook, pair[0])))


@cache
def renamed() -> dict[str, str]:
    """The ids of the first edition, which carried the lesson's number, with those of today."""
    return {exercise.was: id for id, exercise in exercises().items() if exercise.was}
