"""All exercises, gathered from the modules of the lessons. To add a lesson, add its module to `BOOKS`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from .base import Book, Exercise

BOOKS = ["start", "graphs", "forward", "reverse", "fan_out", "costs", "matrix_chains", "triangular", "numerical"]
BOOKS += ["gradient_checks", "engine", "layers", "layer_modules", "breaking", "dying", "descent", "stochastic"]
BOOKS += ["training", "second", "own_rules", "complex_numbers", "adjoint_method", "step_a_gpt"]


@cache
def books() -> dict[str, Book]:
    """Every module's exercises, by its name. A bundled lesson brings its own modules only."""
    there = (name for name in BOOKS if find_spec(f".lessons.{name}", __package__))
    return {name: import_module(f".lessons.{name}", __package__).BOOK for name in there}


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by its id, in the order of the course."""
    found: dict[str, Exercise] = {}
    for book in books().values():
        found |= book.exercises
    return dict(sorted(found.items(), key=lambda pair: (pair[1].notebook, pair[0])))


@cache
def renamed() -> dict[str, str]:
    """The ids of the first edition, which carried the lesson's number, with those of today."""
    return {exercise.was: id for id, exercise in exercises().items() if exercise.was}
