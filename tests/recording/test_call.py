"""A call of a student's function, taken apart and put together again."""

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.recording.call import Call


def f(x, p, *rest, k=2.0, **more):
    return x * p["w"][0] + sum(rest) + k + sum(more.values())


ARGS, KWARGS = (3, {"w": [4.0], "b": np.array([1, 2])}, 5.0, 6.0), {"k": 7.0, "z": 8.0}


def test_names_and_values():
    call = Call.bound(f, ARGS, KWARGS)
    assert call.names == ["x", "p['w'][0]", "p['b']", "rest[0]", "rest[1]", "k", "z"]
    with pytest.warns(bl.LabWarning, match="whole numbers"):
        values = call.values
    assert values[:2] == [3.0, 4.0] and values[2].dtype == float and values[3:] == [5.0, 6.0, 7.0, 8.0]
    with pytest.warns(bl.LabWarning):
        assert bl.trace(f, *ARGS, **KWARGS).input_names == tuple(call.names)


def test_at_other_numbers():
    call = Call.bound(f, ARGS, KWARGS)
    assert call.flat(1.0, 2.0, None, 3.0, 4.0, 5.0, 6.0) == 1.0 * 2.0 + 3.0 + 4.0 + 5.0 + 6.0
    assert call.flat.__name__ == "f"


def test_structures():
    call = Call(f, ARGS, KWARGS, wrt=(1, 3))
    assert call.structured("abc") == ({"w": ["a"], "b": "b"}, "c")
    assert Call(f, ARGS, wrt=(0,)).structured([1.0]) == 1.0
    assert Call(f, ARGS, wrt=(0,)).structured([1.0], alone=False) == (1.0,)
    assert Call(f, ARGS).inputs_of((1, 2)) == [1, 2, 3]


def test_a_function_that_gets_other_defaults_is_called_with_those():
    """What a function takes is kept from one call to the next."""

    def f(x, k=2.0):
        return x * k

    assert bl.trace(f, 3.0).value == 6.0
    f.__defaults__ = (5.0,)
    assert bl.trace(f, 3.0).value == 15.0
