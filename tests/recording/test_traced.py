"""What recording values are made of: fast to read, and their operators can be looked into."""

import inspect
import traceback

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.recording.traced import Traced, TracedArray


def test_reading_what_a_traced_value_is_made_of_stays_fast():
    """Python reads the attributes of a class that has `__getattr__` one by one, and specialises none of them."""
    assert not any(hasattr(kind, "__getattr__") for kind in (Traced, TracedArray))
    assert all(isinstance(vars(Traced)[name], property) for name in dir(np.float64) if not name.startswith("_"))


@pytest.mark.parametrize("name", ["add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv"])
def test_operators_made_of_text_show_their_lines(name):
    method = getattr(Traced, f"__{name}__")
    assert inspect.getsource(method).startswith(f"def __{name}__(self, other):\n")
    with pytest.raises(bl.TraceError) as caught:
        bl.trace(lambda x: method(x, "a"), 2.0)
    frames = [f for f in traceback.extract_tb(caught.value.__traceback__) if f.name == f"__{name}__"]
    assert frames and frames[0].line.startswith("return slow(OP, ")
