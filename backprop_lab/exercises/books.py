"""All exercises, gathered from the modules of the lessons. To add a lesson, add its module to `BOOKS`."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .base import Exercise

BOOKS = (
    "start", "graphs", "forward", "reverse", "fan_out", "costs", "matrix_chains", "numerical", "gradient_checks",
    "engine", "layers", "layer_modules",
)  # fmt: skip


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by its id, sorted."""
    found: dict[str, Exercise] = {}
    for name in BOOKS:
        found |= import_module(f".lessons.{name}", __package__).BOOK.exercises
    return dict(sorted(found.items()))
