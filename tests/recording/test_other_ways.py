"""Functions that go another way when they are traced: it is noticed, said with the line, never of the wrong ones."""
# ruff: noqa: E722  (as students write it)

import math
import warnings

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.recording import other_ways

OPERATORS = {
    "grad": lambda f, *xs: bl.grad(f)(*xs),
    "jvp": lambda f, *xs: bl.jvp(f, xs, xs),
    "vjp": lambda f, *xs: bl.vjp(f, *xs),
    "jacobian": lambda f, *xs: bl.jacobian(f)(*xs),
    "hvp": lambda f, *xs: bl.hvp(f, xs, xs),
    "trace": lambda f, *xs: bl.trace(f, *xs),
    "compile": lambda f, *xs: bl.compile(f, *xs),
    "checkpoint": lambda f, *xs: bl.grad(lambda *ys: bl.checkpoint(f)(*ys) * 1.0)(*xs),
    "inside": lambda f, *xs: bl.grad(lambda *ys: ys[0] * bl.grad(f)(*ys))(*xs),
}


def asked(x):
    return x * 2 if isinstance(x, (int, float)) else x * 3


def by_type(x):
    return x * 2 if type(x) is float else x * 3


def by_class(x):
    return x * 2 if x.__class__ is float else x * 3


def matched(x):
    match x:
        case float():
            return x * 2
        case _:
            return x * 3


def has_shape(x):
    return x * 3 if hasattr(x, "_record_") else x * 2


def in_a_helper(x):
    return asked(x) + 1.0


class Layer:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return self.scaled(x) if isinstance(x, float) else x * 3

    def scaled(self, x):
        return x * self.w


LAYER = Layer(2.0)


def in_an_object(x):
    return LAYER(x) * x


def swallowed(x):
    try:
        return math.sin(x)
    except TypeError:
        return 3 * x


def swallowed_by_all(x):
    try:
        return math.exp(x)
    except:
        return 3 * x


def swallowed_inside(x):
    def inner(y):
        try:
            return float(y) * x
        except Exception:
            return 5 * y * x

    return inner(x)


def as_text(x):
    return x * 2 if str(x) == "1.5" else x * 3


def formatted(x):
    return x * 2 if f"{x}" == "1.5" else x * 3


def in_a_set(x):
    return x * 2 if x in {1.5, 2.0} else x * 3


ASTRAY = {
    asked: "asks for a type",
    by_type: "asks for a type",
    by_class: "asks for a type",
    matched: "asks for a type",
    has_shape: "asks for a type",
    in_a_helper: "asks for a type",
    in_an_object: "asks for a type",
    swallowed: "swallows this error: math.sin turns",
    swallowed_by_all: "swallows this error: math.exp turns",
    swallowed_inside: "swallows this error: float turns",
    as_text: "makes a text",
    formatted: "makes a text",
    in_a_set: "looks a traced value up in a set",
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("f", ASTRAY, ids=lambda f: f.__name__)
def test_a_function_that_goes_another_way_is_told(f, operator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(bl.TraceError, match=r"goes another way when it is traced.*line \d+") as told:
            OPERATORS[operator](f, 1.5)
    assert ASTRAY[f] in str(told.value) and "; " in str(told.value)


def test_arrays_are_asked_for_too():
    f = lambda x: np.sum(x * 2) if isinstance(x, np.ndarray) else np.sum(x) * 3  # noqa: E731
    with pytest.raises(bl.TraceError, match="on plain numbers it comes to 4, traced to 6"):
        bl.grad(f)(np.ones(2))


def printed(x):
    print("x is", x, f"{x:.2f}")
    return x * x


def harmless(x):
    return x * 2 if not isinstance(x, str) else x * 3


def either(x):
    try:
        return math.sin(x)
    except TypeError:
        return np.sin(x)


def drawn(x):
    return x * np.random.default_rng().random() if isinstance(x, object) else x


def logged(x, seen=[]):  # noqa: B006
    seen.append(repr(x))
    return x * len(seen)


def raised(x):
    try:
        return math.sqrt(-1.0 - x) if isinstance(x, float) else x * 3
    finally:
        pass


@pytest.mark.parametrize("f", [printed, harmless, either, drawn, logged, raised], ids=lambda f: f.__name__)
@pytest.mark.parametrize("operator", [o for o in OPERATORS if o not in ("inside", "hvp", "checkpoint")])
def test_a_function_that_goes_the_same_way_is_left_alone(f, operator, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        OPERATORS[operator](f, 1.5)
    lines = capsys.readouterr().out.splitlines()
    assert all("traced" in line for line in lines), "the second run is not heard"


def test_ordinary_functions_run_once(monkeypatch):
    """Without a reason there is no second run; a net of arrays, a branch, a list and a nested derivative give none."""
    runs = []
    monkeypatch.setattr(other_ways, "_plainly", lambda f, *rest: runs.append(f))

    def net(W, b, x):
        h = np.maximum(W @ x + b, 0.0)
        y = np.concatenate([h, np.stack([h[0], np.mean(h)])])
        return np.sum(np.where(y > 0.5, y, 0.1 * y) ** 2) + np.linalg.norm(W)

    def branch(x, y):
        return sum(a * x for a in (x, y)) if x > y else abs(y) ** 2.5

    args = (np.ones((2, 3)), np.zeros(2), np.arange(3.0))
    bl.grad(net)(*args)
    bl.trace(net, *args)
    bl.compile(net, *args)
    bl.hvp(branch, (1.0, 2.0), (1.0, 0.0))
    bl.grad(lambda x: x * bl.grad(lambda y: x * y * y)(2.0))(3.0)
    bl.grad(bl.compile(branch, 2.0, 1.0).value)(2.0, 1.0)  # whose own text asks for floats
    assert not runs
    bl.grad(harmless)(1.0)
    assert len(runs) == 1


def test_what_reaches_nothing_needs_no_looking_after():
    """Without names, closure and defaults a function has its arguments alone: neither NumPy nor who asks for a type."""
    from backprop_lab.recording.other_ways import reaches_nothing

    one = 1.0
    assert reaches_nothing(lambda x, y: 2 * x * y + (x - 1) ** 2)
    assert reaches_nothing(lambda x: [t * t for t in (x, x)][-1])
    for f in (
        lambda x: np.sum(x),
        lambda x: x * one,
        lambda x, g=lambda x: isinstance(x, float): x * g(x),
        lambda x, *, np=np: x,
        lambda x: x.real,
        lambda x: (lambda y: abs(y))(x),
        bl.sin,
        np.sin,
        math.hypot,
    ):
        assert not reaches_nothing(f)
    with pytest.raises(bl.TraceError, match="makes a text"):
        bl.grad(lambda x: x * 2.0 if f"{x}" == "3.0" else x)(3.0)
    assert bl.grad(lambda x: x * 2.0 if f"{x:.1f}" == "3.0" else x)(3.0) == 2.0
    assert bl.grad(lambda x: [x, 3.0 * x][1])(2.0) == 3.0
    with pytest.raises(bl.ArgumentError, match="returns 2 values"):
        bl.grad(lambda x: (x, x))(2.0)
    with pytest.raises(bl.ArgumentError):
        bl.grad(lambda x: x)(2.0, 3.0)
    with pytest.raises(bl.DivisionError, match="other than 0"):
        bl.grad(lambda x: 1 / x)(0.0)
