"""Every function and method of NumPy that the lab takes, called in every way: NumPy's answer, or a sentence.

`numpy_rows` has a template for each. What fills it, the arrays' ranks, sizes and types are drawn at random. The traced
value must be plain NumPy's in value, shape and kind, or the answer is a LabError; the derivative in both directions
agrees with differences, and a compiled program with both.
"""

import re
import warnings
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.numpy_rows import CUBE, EVEN, FILLING, MATRIX, ROWS, SPD, SQUARE, SYMMETRIC, VECTOR, mask, missing
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.recording.lists import lifted_result
from backprop_lab.recording.trees import leaves
from backprop_lab.table.values import is_traced, plain

SHAPES = {
    VECTOR: [(3,), (1,), (4,)],
    MATRIX: [(2, 3), (3, 3), (1, 2), (3, 2)],
    SQUARE: [(3, 3), (2, 2), (1, 1)],
    CUBE: [(2, 3, 3), (3, 2, 2)],
    EVEN: [(4,), (2, 3), (4, 2), (2, 2, 2)],
    SPD: [(3, 3), (2, 2)],
    SYMMETRIC: [(3, 3), (2, 2)],
    "any": [(3,), (2, 3), (), (2, 1, 3), (1,), (0,), (2, 0), (1, 1), (3, 3)],
}
GRID = -1.63 + 0.37 * np.arange(36)  # apart from each other, and from the numbers that the templates compare with


def numbers(kind, shape, order):
    """An array of its kind: no two numbers are equal, and none is at a kink."""
    x = GRID[order[: int(np.prod(shape))]].reshape(shape)
    if kind in (SQUARE, CUBE):
        return x + 5 * np.eye(shape[-1])
    if kind == SPD:
        return x @ x.T + np.eye(shape[-1])
    return x + x.T + np.diag(np.arange(1.0, shape[-1] + 1)) if kind == SYMMETRIC else x


@cache
def function(text):
    return eval(f"lambda x, w: {text}", {"np": np, "mask": mask})


def flat(result):
    """The numbers and arrays of a result; what NumPy made of lists of traced numbers becomes traced arrays."""
    return [lifted_result(y) for y in leaves(tuple(result) if isinstance(result, tuple) else result)]


def parts(result):
    """The numbers and arrays of a result, and whether each is traced."""
    return [(plain(y), is_traced(y)) for y in flat(result)]


def said(f, x):
    """What the function gives for plain numbers, or the error."""
    try:
        return parts(f(np.float64(x) if not np.shape(x) else x)), None
    except Exception as error:
        return None, error


def total(result):
    """One number that depends on all numbers of a result, traced or not: a function must not go two ways."""
    found = 0.0
    for y in flat(result):
        kind = np.asarray(plain(y)).dtype.kind
        if kind in "fciu":
            weight = np.cos(np.arange(float(np.size(plain(y))))).reshape(np.shape(plain(y)))
            found = found + np.sum(weight * (np.real(y) + np.imag(y) / 2 if kind == "c" else y))
    return found


def agree(found, wanted, text):
    assert len(found) == len(wanted), text
    for (y, _), (z, _) in zip(found, wanted, strict=True):
        kinds = np.asarray(y).dtype.kind, np.asarray(z).dtype.kind.replace("u", "i")
        of_list = "[x, x]" in text and kinds in (("b", "f"), ("i", "f"))  # elements that NumPy never gave a type
        fine = kinds[0] == kinds[1] or kinds == ("f", "i") or of_list
        assert fine, f"{text}: kind {kinds[0]}, and NumPy's is {kinds[1]}"
        assert np.shape(y) == np.shape(z), f"{text}: shape {np.shape(y)}, and NumPy's is {np.shape(z)}"
        assert np.allclose(y, z, rtol=1e-9, atol=1e-9, equal_nan=True), f"{text}: {y}, and NumPy says {z}"


def check(text, x, w, rng, symmetric=False):
    """One call: NumPy's answer or a sentence. Says whether there was a derivative to compare."""
    f = function(text)
    seen = []
    if not np.shape(x) and re.search(r"x > |\[1\.0, 2\.0\]|\[x, x\]\) (==|!=) \(x", text):
        return None  # one number compares as Python's floats do, not as NumPy's: with a list it is never equal
    if "[x, x]" in text and ("where=" in text or "bitwise" in text or "logical" in text or not np.size(x)):
        return None  # there NumPy leaves places of an array of Python objects empty, or does not look at them

    def run(x):
        result = f(x, w)
        seen.append(parts(result))
        return total(result) + 0.0 * np.sum(x)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        wanted, error = said(lambda x: f(x, w), x)
        try:
            value, slope = bl.value_and_grad(run)(x)
        except bl.LabError:
            return None
        except Exception:
            if error is not None and ("[x, x]" in text or " in x" in text):
                return None  # of a list, NumPy's own words for what is wrong without the lab, too
            raise
        assert error is None, f"{text}: the answer is {seen[0]}, and NumPy says {error!r}"
        agree(seen[0], wanted, text)
        assert np.shape(slope) == np.shape(x), text
        if not any(traced for _, traced in seen[0]) or not np.size(x) or not np.all(np.isfinite(slope)):
            return False
        v = rng.normal(size=np.shape(x))
        v = v + v.T if symmetric else v if np.ndim(x) else float(v)
        dot = bl.jvp(run, (x,), (v,))[1]
        assert np.isclose(np.sum(slope * v), dot, rtol=1e-8, atol=1e-8), f"{text}: {np.sum(slope * v)}, forward {dot}"
        h = 1e-5
        ahead, behind = (total_of(lambda x: f(x, w), x + s * h * v) for s in (1, -1))
        if ahead is not None and behind is not None and np.isfinite(ahead - behind):
            near = (ahead - behind) / (2 * h)
            close = abs(near) > 1e4 or np.isclose(dot, near, rtol=2e-5, atol=2e-5 * (1 + abs(value)))
            assert close, f"{text}: {dot}, and differences {near}"
        program = bl.compile(run, x)
        at = x + 1e-3 * v
        there = bl.value_and_grad(run)(at)
        for a, b in zip(program.value_and_grad(at), there, strict=True):
            assert np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True), f"{text}: compiled {a}, and not {b}"
    return True


def total_of(f, x):
    """`total` of plain numbers, or None where NumPy has no answer there."""
    try:
        return total(f(np.float64(x) if not np.shape(x) else x))
    except Exception:
        return None


@st.composite
def calls(draw):
    """A row's template, filled, and two arrays for it."""
    kind, template = draw(st.sampled_from(ROWS[draw(st.sampled_from(sorted(ROWS)))]))
    text = re.sub(r"{(\w+)}", lambda place: draw(st.sampled_from(FILLING[place[1]])), template)
    shape = draw(st.sampled_from(SHAPES[kind]))
    other = draw(st.sampled_from([shape, shape, *SHAPES[kind]]))
    seed = draw(st.integers(0, 2**16))
    return text, kind, shape, other, seed


def arrays(kind, shape, other, seed):
    rng = np.random.default_rng(seed)
    x, w = (numbers(kind, s, rng.permutation(36)) for s in (shape, other))
    w = w + 0.013  # no tie between the two
    return x if shape else float(x), w if other else float(w), rng


@examples(100)
@given(calls())
def test_numpys_answer_or_a_sentence(call):
    text, kind, *where = call
    x, w, rng = arrays(kind, *where)
    check(text, x, w, rng, kind in (SPD, SYMMETRIC))


@pytest.mark.parametrize("text", ["np.heaviside(x, 1j)", "np.heaviside.outer(x, 1j)"])
def test_what_many_draws_have_found_is_refused(text):
    with pytest.raises(bl.LabError, match="real numbers"):
        bl.grad(lambda x: function(text)(x, 3.0))(2.0)
    assert check(text, 2.0, 3.0, np.random.default_rng(0)) is None


def test_everything_that_the_lab_takes_has_a_row():
    assert not missing()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_the_plain_call_of_each_row_works(name):
    """The first template with the first of each filling: a table of refusals would pass the other test."""
    kind, template = ROWS[name][0]
    text = re.sub(r"{(\w+)}", lambda place: FILLING[place[1]][0], template)
    x, w, rng = arrays(kind, SHAPES[kind][0], SHAPES[kind][0], 5)
    assert check(text, x, w, rng, kind in (SPD, SYMMETRIC)) is not None or name in REFUSED, text


REFUSED = {"contains"}
