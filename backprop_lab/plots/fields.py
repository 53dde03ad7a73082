"""Several quantities on the same grid of places, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .figure import Plot, lab_style, new_figure


def fields(fields: Mapping[str, Any]) -> Plot:
    """Arrays of numbers as pictures side by side: dark is small, light is large, each with a scale of its own.

    Parameters
    ----------
    fields : what each array is called, and the array, with rows from the top and columns from the left

    Raises
    ------
    ArgumentError : no array, or one that has not two axes or has a number in it that is not finite
    """
    found = {name: np.asarray(values, dtype=float) for name, values in fields.items()}
    wrong = next((name for name, x in found.items() if x.ndim != 2 or not x.size or not np.isfinite(x).all()), "")
    if wrong or not found:
        raise ArgumentError(
            f"{wrong or 'fields'} must be an array of finite numbers with two axes; give a dict such as "
            '{"voltages": np.ones((3, 4))}'
        )
    told = []
    with lab_style():
        figure, axes = new_figure(4.2 * len(found), 2.6, columns=len(found))
        for one, (name, x) in zip(np.ravel(axes), found.items(), strict=True):
            image = one.imshow(x, cmap="cividis", aspect="auto")
            one.grid(False)
            one.set(xticks=[], yticks=[])
            one.set_title(name, loc="left", fontsize=13)
            bar = figure.colorbar(image, ax=one, shrink=0.9)
            bar.ax.tick_params(labelsize=10)
            row, column = np.unravel_index(np.argmax(x), x.shape)
            told.append(f"{name}: from {x.min():.3g} to {x.max():.3g}, largest in row {row + 1}, column {column + 1}")
    rows, columns = next(iter(found.values())).shape
    return Plot(figure, f"Pictures of {rows} by {columns} places. {'; '.join(told)}.")
