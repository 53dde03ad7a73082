"""What can be changed in a player that has a kernel: what each setting is now, and what may be chosen.

A new setting is an entry here, named as the argument of `film_of` that it changes, and an object in `asking.js` that
has its words. Other inputs make another graph, so they are no such setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..film.film import MODES, Film
from ..film.mystery import MysteryFilm
from ..film.race import Race, is_large
from ..film.routes import exact

MOST_OUTPUTS = 60  # in the list from which one picks the node to differentiate
SHOWN = {"all": True, "but counters": None, "none": False}  # constants, as the page names what is shown of them


class Setting(NamedTuple):
    """One setting. For its choices an empty list asks for a number, and None offers nothing."""

    name: str  # the argument of `film_of`
    now: Callable[[Film | Race], Any]  # what it is in a film, as the page has it
    choices: Callable[[Film | Race, bool], Sequence[str] | None]  # in a film, where numbers are predicted or not
    read: Callable[[Any], Any] = lambda chosen: chosen  # the argument's value, of what the page sends


def _inputs(film: Film | Race, predicts: bool) -> Sequence[str] | None:
    names = film.graph.input_names
    return names if film.mode == "forward" and len(names) > 1 else None


def _outputs(film: Film | Race, predicts: bool) -> Sequence[str] | None:
    names = [n.label for n in film.graph.nodes if n.primitive is not None and isinstance(n.value, float)]
    return names if film.mode != "value" and 1 < len(names) <= MOST_OUTPUTS else None


def _constants(film: Film | Race, predicts: bool) -> Sequence[str] | None:
    return list(SHOWN) if any(n.op == "constant" for n in film.graph.nodes) else None


SETTINGS = (
    Setting("mode", lambda film: film.mode, lambda film, predicts: [m for m in MODES if m != "both" or not predicts]),
    Setting("wrt", lambda film: film.wrt, _inputs),
    Setting("output", lambda film: film.graph.outputs[0].label if len(film.graph.outputs) == 1 else None, _outputs),
    Setting("constants", lambda film: next(k for k, v in SHOWN.items() if v is film.constants), _constants, SHOWN.get),
    Setting("seed", lambda film: exact(film.seed), lambda film, predicts: [] if film.mode != "value" else None),
)


def options(film: Film | Race, predicts: bool) -> dict[str, Any]:
    """For the page: what everything is now, and by setting the choices that there are."""
    fixed = isinstance(film, MysteryFilm) or is_large(
        film
    )  # what else is changed would make another mystery, or takes long
    offered = () if fixed else SETTINGS
    choices = {setting.name: setting.choices(film, predicts) for setting in offered}
    numbers = [n for n in film.graph.inputs if isinstance(n.value, float) and not is_large(film)]
    return {
        **{setting.name: setting.now(film) for setting in SETTINGS},
        "choices": {name: list(some) for name, some in choices.items() if some is not None},
        "inputs": [{"name": n.name, "value": exact(n.value)} for n in numbers],
    }


def changed(arguments: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `film_of` with what the page asks for; an input moves in forward mode alone."""
    made = {**arguments, **{s.name: s.read(asked[s.name]) for s in SETTINGS if s.name in asked}}
    return made if made["mode"] == "forward" else made | {"wrt": None}
