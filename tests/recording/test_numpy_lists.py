"""Arrays made of traced numbers: `np.array([x, y])`, NumPy's functions of lists, in all modes; nothing is left over."""

import threading

import numpy as np
import pytest
from numpy import array  # a name that no wrapper of np.array can reach

import backprop_lab as bl

W = np.arange(6.0).reshape(3, 2)
NUMPYS = {name: getattr(np, name) for name in ("array", "asarray", "asanyarray", "full")}
# Functions of two numbers as a student writes them: what they give without tracing is the right answer.
WORK = {
    "np.sum([x, y])",
    "np.mean([x, y * y])",
    "np.max([x, y])",
    "np.min([x, y]) * y",
    "np.std([x, y, 0.5])",
    "np.prod([x, y])",
    "np.dot([x, y], [y, 2.0])",
    "np.array([x, y]) @ np.array([y, x])",
    "np.sum(np.exp([x, y]))",
    "np.sum(np.tanh(array([x, y])))",
    "np.sum(np.exp(np.array([x, 1.0])))",
    "np.linalg.norm([x, y])",
    "np.linalg.norm(np.array([x, y]))",
    "np.array([x, y])[1] * x",
    "np.linalg.det(np.array([[x, 1.0], [2.0, y]]))",
    "np.sum(np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]]) @ np.array([1.0, y]))",
    "np.sum(np.where(np.array([x, y]) > 1.5, 1.0, 2.0) * x)",
    "np.sum(np.array([x, y], dtype=float))",
    "np.cumsum([x, y])[1]",
    "np.sum(np.outer([x, y], [x, 2.0]))",
    "np.asarray([x, y]).sum()",
    "np.array([[x, y]]).T.sum() * x",
    "np.sort([y, x])[0]",
    "[x, y][np.argmax([x, y])]",
    "np.sum(np.concatenate([[x, y], [1.0, 2.0]]) ** 2)",
    "np.sum(np.hstack([x, [y, 2.0]]))",
    "np.sum(np.vstack([[x, y], [1.0, 2.0]]))",
    "np.sum(bl.tanh([x, y]))",
    "np.sum(W @ [x, y])",
    "np.sum(W @ array([x, y]))",
    "np.sum(np.array([x, y]) * W)",
    "np.sum(W * array([x, y]))",
    "np.einsum('i,i', [x, y], [1.0, 2.0])",
    "np.polyval([x, y, 1.0], 2.0)",
    "np.sum(np.full(2, x)) * y",
    "np.sum(np.linspace(x, y, 3))",
    "np.sum(np.append([x], [y]))",
    "np.sum(np.diag([x, y]))",
    "np.sum(np.clip([x, y], 0, 1.5))",
    "x * y if np.allclose([x, y], [1.3, 2.1]) else x",
    "np.sum(np.array([np.array([x, y]), [y, 3]]))",
    "np.sum(np.array([x * np.ones(2), np.ones(2) * y])[0]) * y",
    "np.sum(array([x * np.ones(2), [y, 1.0]]) ** 2)",
}
# Where NumPy asks nobody, the sentence has the line to write.
SENTENCES = {
    "np.sum(np.exp([x, 1.0]))": "make an array of them before",
    "np.linalg.det([[x, 1.0], [2.0, y]])": "np.stack([a, b])",
    "np.sum(np.fft.fft([x, y]).real)": "np.stack([a, b])",
    "np.sum(array([x, y], dtype=float))": "np.stack([a, b])",
    "np.sum(np.array([x, y]).astype(int))": "whole numbers jump",
}


def function(text):
    return eval(f"lambda x, y: {text}", {"np": np, "bl": bl, "array": array, "W": W})


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")  # the smaller one of two is not used
@pytest.mark.parametrize("text", sorted(WORK))
def test_lists_of_traced_numbers_work_in_every_mode(text):
    f, at = function(text), (1.3, 2.1)
    value, slopes = bl.value_and_grad(f)(*at)
    assert np.isclose(value, f(*at), rtol=1e-14)
    for k, unit in enumerate(((1.0, 0.0), (0.0, 1.0))):
        step = 1e-6 * np.array(unit)
        near = (f(*(at + step)) - f(*(at - step))) / 2e-6 if "allclose" not in text else slopes[k]
        assert np.isclose(slopes[k], near, atol=1e-7)
        assert np.isclose(bl.jvp(f, at, unit)[1], slopes[k], rtol=1e-12)
    assert np.allclose(bl.trace(f, *at).value, value)
    program = bl.compile(f, *at)
    assert np.allclose([program.value(*at), *program.value_and_grad(*at)[1]], [value, *slopes])
    hessian = np.array(bl.hessian(f)(*at))
    assert np.allclose(hessian, hessian.T)


@pytest.mark.parametrize("text", SENTENCES)
def test_where_numpy_asks_nobody_a_sentence_has_the_line_to_write(text):
    for run in (bl.trace, lambda f, *at: bl.grad(f)(*at)):
        with pytest.raises(bl.LabError) as caught:
            run(function(text), 1.3, 2.1)
        assert SENTENCES[text] in str(caught.value) and "(line 1" in str(caught.value)


def test_writing_into_an_array_gets_our_sentence():
    def f(x):
        out = np.zeros(2)
        out[0] = x
        return out.sum()

    for run in (bl.trace, lambda f, x: bl.grad(f)(x)):
        with pytest.raises(bl.LabError, match=r"line \d+ of f: out\[0\] = x"):
            run(f, 2.0)


def test_one_array_of_a_list_is_one_node():
    def net(x, w):
        h, states = np.zeros(2), []
        for _ in range(3):
            h = np.tanh(w @ h + x)
            states.append(h)
        states = np.array(states)
        return np.mean((states - 1) ** 2)

    graph = bl.trace(net, np.ones(2), np.eye(2) / 2)
    assert [node.op for node in graph.nodes].count("stack") == 1 and graph["states"].value.shape == (3, 2)
    assert "index" not in [node.op for node in graph.nodes]
    v = bl.trace(lambda x, y: np.array([[x, y], [y, 1.0]]), 1.0, 2.0)
    assert v.value.tolist() == [[1.0, 2.0], [2.0, 1.0]] and len(v) == 5  # two inputs, the 1, a stack, a reshape


def test_an_array_of_objects_is_lifted_where_it_is_returned_or_meets_the_lab():
    def f(x, y):
        out = np.empty((2, 1), dtype=object)
        out[:, 0] = x, y * x
        return out

    assert bl.jvp(f, (2.0, 3.0), (1.0, 0.0))[1].tolist() == [[1.0], [3.0]]
    assert bl.grad(lambda x, y: np.sum(bl.softplus(f(x, y)) * np.ones((2, 1))))(2.0, 3.0)[1] > 0


def patched():
    return [name for name, original in NUMPYS.items() if getattr(np, name) is not original]


def test_nothing_stays_patched():
    inside = []

    def f(x):
        inside.append(patched())
        return np.sum(np.array([x, bl.grad(lambda t: np.sum(np.array([t, x])))(x)]))

    def fails(x):
        raise KeyError(x)

    for run in (
        lambda f: bl.grad(f)(2.0),
        lambda f: bl.trace(f, 2.0),
        lambda f: bl.compile(f, 2.0),
        lambda f: bl.vjp(f, 2.0),
    ):
        run(f)
        assert not patched()
        with pytest.raises(KeyError):
            run(fails)
        assert not patched()
    assert list(NUMPYS) in inside and all(
        names in ([], list(NUMPYS)) for names in inside
    )  # [] in a run without tracing
    assert np.array([1, 2]).dtype == int


def test_threads_do_not_take_it_from_each_other():
    begun, go_on = threading.Event(), threading.Event()
    found = []

    def slow(x):
        begun.set()
        go_on.wait(60)
        return np.sum(np.array([x, 2 * x]))

    thread = threading.Thread(target=lambda: found.append(bl.grad(slow)(1.0)))
    thread.start()
    begun.wait(60)
    assert bl.grad(lambda x: np.sum(np.array([x, x * x])))(3.0) == 7.0  # this ends before the other
    assert np.array([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    go_on.set()
    thread.join()
    assert found == [3.0] and not patched()
