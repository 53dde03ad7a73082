"""The plot of a trained net: what it says is counted, and bad input gets a sentence."""

import numpy as np
import pytest

import backprop_lab as bl

POINTS, LABELS = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, -1.0], [2.0, -2.0]]), [1, 1, -1, 1]


def test_what_it_shows():
    plot = bl.plots.boundary(lambda x, y: y, POINTS, LABELS, [2.0, 0.5])
    assert "4 points" in plot.alt and "0: 3 of them are on the right side" in plot.alt
    assert "2 steps, from 2.00 to 0.50" in plot.alt
    texts = plot.svg()
    assert "right: 3 of 4" in texts and "label −1" in texts and "second coordinate" in texts

    at_once = bl.plots.boundary(lambda rows: rows[:, 1], POINTS, LABELS, [2.0, 0.5], rows=True)
    assert at_once.svg() == texts
    with pytest.raises(bl.ArgumentError, match="the score of 1604 points has the shape"):
        bl.plots.boundary(lambda rows: rows[0, 1], POINTS, LABELS, [2.0, 0.5], rows=True)


@pytest.mark.parametrize(
    ("points", "labels", "losses"),
    [(POINTS, LABELS[:3], [1, 2]), (POINTS[:, :1], LABELS, [1, 2]), (POINTS, LABELS, [1])],
)
def test_what_cannot_be_drawn(points, labels, losses):
    with pytest.raises(bl.ArgumentError, match="points must have a row of two numbers each"):
        bl.plots.boundary(lambda x, y: y, points, labels, losses)
