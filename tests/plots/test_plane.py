"""The plot of walks on the complex plane: it says where they end, and bad input gets a sentence."""

import pytest

import backprop_lab as bl


def test_what_it_shows():
    plot = bl.plots.plane(lambda z: abs(z) ** 2, {"down": [2, 1 + 1j, 0.5j], "up": [2, 3j]}, title="|z|²")
    assert "from 2 + 0i on: down goes in 2 steps to 0 + 0.5i, where |z|² is 0.25" in plot.alt
    assert "up goes in 1 steps to 0 + 3i, where |z|² is 9" in plot.alt
    texts = plot.svg()
    assert "imaginary part" in texts and "level lines of |z|²" in texts and ">down<" in texts


@pytest.mark.parametrize("paths", [{}, {"a": []}, {"a": [1, complex("nan")]}])
def test_what_cannot_be_drawn(paths):
    with pytest.raises(bl.ArgumentError, match="one finite number or more each .*; stop a walk before it diverges"):
        bl.plots.plane(abs, paths)
