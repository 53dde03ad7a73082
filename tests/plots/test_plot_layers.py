"""The histograms of adjoints by layer: what they count, what is told, and what cannot be drawn."""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.plots.layers import BINS

LAYERS = [np.array([1e-4, -1e-4, 0.0, 0.0]), np.array([[0.1, 0.2], [-0.3, 4.0]])]


def test_what_it_shows():
    plot = bl.plots.adjoint_histograms({"relu": LAYERS, "other": LAYERS[1:]})
    assert "relu: the middle one is 1e−4 in layer 1 and 0.25 in layer 2; 25 % are 0." in plot.alt
    assert "other: the middle one is 0.25 in layer 1 and 0.25 in layer 1." in plot.alt
    first, other = plot.figure.axes
    texts = [text.get_text() for text in first.texts]
    assert texts == ["50 % are 0"] and not other.texts, "only where there are zeros"
    assert [text.get_text() for text in (first.title, first._left_title)] == ["", "relu"]
    counted = [patch.get_data() for patch in first.patches]
    for row, (values, edges, baseline) in enumerate(counted, start=1):
        counts, _ = np.histogram(np.abs(LAYERS[row - 1]), bins=edges)
        assert baseline == row and np.allclose(values, row + 0.8 * counts / counts.max()), "heights are counts"
    assert len(counted) == 2 and len(first.patches[1].get_data().values) <= BINS
    svg = plot.svg()
    assert "layer: the first is at the bottom" in svg
    paths = " ".join(re.findall(r' d="([^"]*)"', svg))
    assert not re.search(r"\.\d{3}", paths), "two decimals of a point are enough"


def test_a_layer_without_anything_but_zeros():
    plot = bl.plots.adjoint_histograms({"dead": [np.zeros(4), np.ones(4)]})
    assert "dead: the middle one is 0 in layer 1 and 1 in layer 2; 50 % are 0." in plot.alt
    assert "all" not in plot.alt and "100 % are 0" in plot.svg()
    assert bl.plots.adjoint_histograms({"all dead": [np.zeros(3)]}).svg()


@pytest.mark.parametrize(
    "nets", [{}, {"a": []}, {"a": None}, None, [LAYERS], {"a": [["x"]]}, dict.fromkeys("abcde", LAYERS)]
)
def test_what_are_no_nets(nets):
    with pytest.raises(bl.ArgumentError, match="give one to 4 nets by name, and for each a list"):
        bl.plots.adjoint_histograms(nets)


@pytest.mark.parametrize("layer", [np.array([1.0, np.nan]), np.array([np.inf]), np.zeros(0)])
def test_a_layer_that_cannot_be_drawn(layer):
    with pytest.raises(bl.ArgumentError, match="layer 2 of relu has no adjoints, or some are inf or nan"):
        bl.plots.adjoint_histograms({"relu": [LAYERS[0], layer]})
