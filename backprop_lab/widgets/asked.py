"""What `bl.step` is asked for: what makes no sense gets its sentence before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import ArgumentError
from . import page


def check(mode: str, predict: bool | str, constants: Any) -> None:
    """Whether constants may be shown so, and whether this may be asked in this mode."""
    if constants not in (True, False, None):
        raise ArgumentError(f"constants={constants!r}: write constants=True to show all, constants=False for none")
    if predict not in (True, False, "sweep", "partials"):
        raise ArgumentError(f'predict={predict!r} is neither True nor "sweep" nor "partials"; write predict=True')
    if predict and mode == "both":
        raise ArgumentError(
            'mode="both" shows two sweeps at once, and a question is about one of them; write mode="reverse", or '
            'mode="forward", and compare the two afterwards'
        )
    if predict == "sweep" and mode != "reverse" or predict == "partials" and mode not in ("forward", "reverse"):
        sweeps = "the reverse sweep" if predict == "sweep" else "a sweep of derivatives"
        raise ArgumentError(f'predict="{predict}" is for {sweeps}; write mode="reverse", or predict=True')


def check_mystery(predict: bool | str, mode: str, seed: float, views: Iterable[str] | None) -> None:
    """A mystery is a reverse sweep that nobody has predicted."""
    telling = [view for view in opening_views(views) if view in ("paths", "jacobian")]
    for given, leave, why in (
        (predict, "one of the two", f"predict={predict!r} asks for the right numbers, and a mystery has wrong ones"),
        (mode != "reverse", "mode", f"mode={mode!r} has no place in a mystery, which is a reverse sweep"),
        (seed != 1, "seed", f"seed={seed!r} has no place in a mystery, which may break the seed, too"),
        (telling, " and ".join(telling), f"views={telling} would show the local partials, which a mystery keeps"),
    ):
        if given:
            raise ArgumentError(f"{why}; leave {leave} out")


def opening_views(views: Iterable[str] | None) -> list[str]:
    """The views that stand open at first; one may be named without a list around it."""
    known = ", ".join(f'"{view}"' for view in page.VIEWS)
    if views is not None and not isinstance(views, Iterable):
        raise ArgumentError(f'views={views!r} is no list of views; write views=("paths",), with any of {known}')
    wanted = ["code", "table"] if views is None else [views] if isinstance(views, str) else list(views)
    for name in wanted:
        if name not in page.VIEWS:
            raise ArgumentError(f'there is no view {name!r}; write views=("paths",), say, with any of {known}')
    return wanted
