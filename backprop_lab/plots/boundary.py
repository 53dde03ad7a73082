"""A trained net on points in the plane: where its score changes sign, and how its loss fell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .figure import COLOURS, LINES, Plot, draw_line, lab_style, new_figure

FINE = 40  # squares along each side


def boundary(score: Callable[..., Any], points: Any, labels: Any, losses: Sequence[float], rows: bool = False) -> Plot:
    """Two pictures: the points of two classes with the line where a score is 0, and the loss against the steps.

    Parameters
    ----------
    score : from the two coordinates of a point to a number, positive for one class and negative for the other
    points : an array with a row of two coordinates for each point
    labels : of each point its class, a number above or below 0
    losses : the loss after each step
    rows : whether the score takes an array with a row for each point, and returns a number for each: all at once

    Raises
    ------
    ArgumentError : points that are no rows of two, another number of labels, fewer than two losses, or a score of rows
        that does not return a number for each
    """
    places, signs = np.asarray(points, dtype=float), np.sign(np.asarray(labels, dtype=float))
    if places.ndim != 2 or places.shape[1] != 2 or signs.shape != places.shape[:1] or len(losses) < 2:
        raise ArgumentError(
            "points must have a row of two numbers each, labels one number for each row, and losses two or more: "
            f"here they have the shapes {places.shape}, {signs.shape}, ({len(losses)},)"
        )
    sides = [np.linspace(low - 0.4, high + 0.4, FINE) for low, high in zip(places.min(0), places.max(0), strict=True)]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    scores = np.concatenate([places, grid])
    scores = _of_rows(score, scores) if rows else np.array([float(score(x, y)) for x, y in scores.tolist()])
    right = int(np.sum(scores[: len(places)] * signs > 0))
    heights = scores[len(places) :].reshape(FINE, FINE)
    with lab_style():
        figure, (plane, curve) = new_figure(10.5, 4.6, columns=2)
        plane.contourf(*sides, heights, levels=[-1e300, 0.0, 1e300], colors=["#e6ecfa", "#fbe9df"])
        plane.contour(*sides, heights, levels=[0.0], colors=[COLOURS["ink"]])
        for sign, name, kind in ((1.0, "label 1", 1), (-1.0, "label −1", 0)):
            how = {"color": LINES[kind]["color"], "marker": LINES[kind]["marker"], "linestyle": "none", "label": name}
            plane.plot(*places[signs == sign].T, **how)
        plane.set(xlabel="first coordinate", ylabel="second coordinate")
        plane.legend(loc="upper right", fontsize=12, frameon=True, framealpha=0.9, edgecolor="none")
        plane.set_title(f"right: {right} of {len(places)}", loc="left")
        draw_line(curve, range(1, len(losses) + 1), losses, "loss", marker="")
        curve.set(xlabel="step", ylabel="loss", ylim=(0, None))
        curve.set_title(f"loss: {losses[0]:.2f} at first, {losses[-1]:.2f} at last", loc="left")
    return Plot(
        figure,
        f"Left, {len(places)} points of two classes and the line where the net's score is 0: {right} of them are "
        f"on the right side. Right, the loss over {len(losses)} steps, from {losses[0]:.2f} to {losses[-1]:.2f}.",
    )


def _of_rows(score: Callable[[Any], Any], points: np.ndarray) -> np.ndarray:
    """The scores of all points by one call."""
    found = np.asarray(score(points), dtype=float)
    if found.size != len(points):
        raise ArgumentError(
            f"the score of {len(points)} points has the shape {found.shape}, and each point must have one number; "
            "write it for all rows at once, as in points @ w + b"
        )
    return found.ravel()
