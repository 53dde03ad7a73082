"""Arrays as pictures side by side: the text says what is largest and where, and bad input gets a sentence."""

import numpy as np
import pytest

import backprop_lab as bl


def test_what_it_shows():
    plot = bl.plots.fields({"u": np.arange(6.0).reshape(2, 3), "v": [[0, -2, 7], [1, 1, 1]]})
    assert "Pictures of 2 by 3 places. u: from 0 to 5, largest in row 2, column 3" in plot.alt
    assert "v: from -2 to 7, largest in row 1, column 3" in plot.alt
    assert ">u<" in plot.svg() and "image/png;base64" in plot.svg()
    assert "largest in row 1, column 1" in bl.plots.fields({"alone": [[1.0]]}).alt


@pytest.mark.parametrize("arrays", [{}, {"u": [1, 2]}, {"u": [[1, np.nan]]}, {"u": [[]]}])
def test_what_cannot_be_drawn(arrays):
    with pytest.raises(bl.ArgumentError, match="must be an array of finite numbers with two axes"):
        bl.plots.fields(arrays)
