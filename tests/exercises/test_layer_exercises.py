"""Exercises with arrays: what counts as an answer, shapes in words, and other people's right solutions."""

import math

import numpy as np
import pytest
from support.own_folder import own_folder  # noqa: F401
from support.strategies import many

import backprop_lab as bl
from backprop_lab.exercises.arrays import PredictArrays
from backprop_lab.exercises.base import as_array, misfit
from backprop_lab.exercises.cells import answer_source

STUDENTS = many(8, most=500)
ARRAYS = [e for e in bl.exercises.values() if isinstance(e, PredictArrays)]
each = pytest.mark.parametrize("exercise", ARRAYS, ids=[e.id for e in ARRAYS])


def test_what_is_an_array():
    for x in ([[1, 2], [3, "4"]], ((1.0, 2), [3, 4]), np.array([[1, 2], [3, 4]]), [np.array([1, 2]), [3, 4]]):
        assert as_array(x).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert as_array(3).shape == () and as_array([]).shape == (0,) and as_array("2/4") == 0.5
    for x in (None, [[1, 2], [3]], [1, None], "three", [True], np.array([True]), {1: 2}, [[1], 2]):
        assert as_array(x) is None


def test_a_wrong_shape_in_words():
    W = np.ones((2, 3))
    assert misfit(W, W.T.tolist()) == "this has shape (3, 2), and it must have shape (2, 3)"
    assert misfit([W, (W, W)], [W, (W, 3)]) == "this[1][1] has shape (), and it must have shape (2, 3)"
    assert misfit(W, 5 * W) is None and misfit(W, "no array") is None and misfit(3.0, W) is None


@each
def test_arrays_come_in_many_kinds(exercise):
    right = exercise.model_answer()
    ways = [
        np.asarray,
        lambda x: np.asarray(x).tolist(),
        lambda x: tuple(x) if np.ndim(x) else x,
        lambda x: np.asarray(x, dtype=np.float32),
        lambda x: np.asarray(x, dtype=int),
        lambda x: [f"{part:g}" for part in x] if np.ndim(x) == 1 else x,
    ]
    for way in ways:
        assert bl.check(exercise.id, {name: way(x) for name, x in right.items()}).passed
    odd = (None, "x", [None], math.nan, [[1], [2, 3]], {}, object())
    for name in exercise.ask:
        for bad in (np.asarray(right[name]) + 1, [right[name]], *odd):
            report = bl.check(exercise.id, dict(right) | {name: bad})
            assert not report.passed and report.score == pytest.approx(1 - 1 / len(exercise.ask)), (name, bad)
    assert bl.check(exercise.id, dict(right) | {"q": 1}).passed


@pytest.mark.drawn
@each
def test_students_one_by_one(exercise):
    """For every seed the numbers are within bounds and all wrong turns can be told apart."""
    assert exercise.tells_apart(exercise.inputs), "the lesson's own numbers"
    seen = set()
    for k in range(STUDENTS):
        seed = f"student {k}"
        inputs = exercise.draw(seed)
        assert str(inputs) == str(exercise.draw(seed)) and list(inputs) == list(exercise.inputs)
        right = exercise.model_answer(seed)
        assert all(np.abs(x).max(initial=0) <= exercise.largest for x in right.values())
        assert all((np.asarray(x) % 1 == 0).all() for x in right.values()), "whole numbers, to be done by hand"
        assert exercise.check(right, seed).passed
        for name, answer in exercise.wrong_answers(seed).items():
            assert exercise.check(answer, seed).wrong_turn == name, (name, seed)
        seen.add(str(inputs))
    assert len(seen) > STUDENTS / 5


def test_what_a_student_reads():
    assert "# Put a shape in place of each None;" in answer_source("layers.1")
    assert "# Put a number or an array in place of each None;" in answer_source("layers.2")
    shapes = bl.check("layers.1", {"Z": (8, 4), "W1": (3, 4), "b1": 4, "W2": (4, 2)})
    assert shapes.points == 0.5 and shapes.wrong_turn == "weights turned round" and shapes.where == "W1"
    assert "(4) is a number in Python; a shape with one axis is written (4,)" in str(shapes)
    assert "b2: no shape yet" in str(shapes)
    hint = bl.check("modules.1", lambda: None).hint
    assert "`forward` has to remember z: write `self.z = z`." in hint
    shown = bl.check("modules.1", lambda: None)._repr_html_()
    assert "<code>forward</code> has to remember z: write <code>self.z = z</code>." in shown
    right = bl.exercises["layers.2"].model_answer()
    report = bl.check("layers.2", right | {"W1": right["z"] * np.array([1, 2]), "b2": None})
    assert report.wrong_turn == "outer product forgotten" and report.points == 3
    assert "this has shape (2,), and it must have shape (2, 2)" in str(report) and "no number yet" in str(report)
    report = bl.check("layers.2", right | {"W3": [1], "x": [9, 9]})
    assert report.wrong_turn is None and "'W3' is not asked for" in report.hint


def test_the_lesson_s_net_agrees_with_its_formulas():
    """The engine's adjoints that the exercise asks for, against differences."""
    exercise = bl.exercises["layers.2"]
    for seed in ("", "Ada", "Emmy"):
        inputs = exercise.draw(seed)
        by_differences = bl.numerical_grad(exercise.function, *inputs.values())
        right = exercise.model_answer(seed)
        for name, slope in zip(inputs, by_differences, strict=True):
            assert name == "y" or np.allclose(right[name], slope, atol=1e-6), name


def test_the_products_of_a_layer_in_another_spelling():
    """Right solutions that look different: einsum, loops, lists in place of arrays."""

    class Linear:
        def __init__(self, W, b):
            self.W, self.b = W, b

        def forward(self, U):
            self.U = U
            return [
                [sum(w * u for w, u in zip(row, x, strict=True)) + b for row, b in zip(self.W, self.b, strict=True)]
                for x in U
            ]

        def backward(self, bar):
            self.W_bar = np.einsum("no,ni->oi", bar, self.U).tolist()
            self.b_bar = [sum(column) for column in zip(*bar, strict=True)]
            return np.einsum("no,oi->ni", bar, self.W).tolist()

    class Relu:
        def forward(self, z):
            self.on = np.where(z > 0, 1.0, 0.0)
            return (self.on * z).tolist()

        def backward(self, bar):
            return np.where(self.on, bar, 0)

    def gradients(Ws, bs, x, y):
        zs, a = [], x
        for W, b in zip(Ws, bs, strict=True):
            zs.append(W @ a + b)
            a = np.where(zs[-1] > 0, zs[-1], 0)
        bar, found = zs[-1] - y, []
        for k in range(len(Ws) - 1, -1, -1):
            below = np.where(zs[k - 1] > 0, zs[k - 1], 0) if k else x
            found.append(([[t * u for u in below] for t in bar], list(bar)))
            if k:
                bar = np.dot(bar, Ws[k]) * np.heaviside(zs[k - 1], 0)
        return [list(part) for part in zip(*found[::-1], strict=True)]

    def weight_gradient(z_bar, u):
        return [[t * x for x in u] for t in z_bar]

    def rank_two(W):
        return np.tanh(W[0] @ W[1]) + W[2, 0]

    def rank_two_by_a_net(W):
        return np.sum(np.tanh(np.array([[1.0, 2.0, 0.0, 0.5], [0.0, 1.0, -1.0, 2.0]]) @ W.T / 9) ** 3)

    answers = {
        "layers.3": weight_gradient,
        "layers.4": rank_two_by_a_net,
        "modules.1": Relu,
        "modules.2": Linear,
        "modules.3": gradients,
    }
    for seed in ("", "Ada", "Emmy", "42"):
        bl.seed(seed)
        for id, answer in answers.items():
            assert bl.check(id, answer).passed, str(bl.check(id, answer))
        assert bl.check("layers.4", rank_two).points == 0, "three rows, so rank three"


def test_a_shape_that_does_not_fit_is_known_in_any_spelling():
    """NumPy words it by the function that was called; the wrong turn is one."""

    class Linear:
        def __init__(self, W, b):
            self.W, self.b = W, b

        def forward(self, U):
            self.U = U
            return np.dot(U, self.W.T) + self.b

        def backward(self, bar):
            self.W_bar, self.b_bar = bar.T.dot(self.U), np.sum(bar, 0)
            return np.dot(bar, self.W.T)

    report = bl.check("modules.2", Linear)
    assert report.wrong_turn == "transpose in the wrong place" and "(batch, outputs)" in report.hint

    def turned(z_bar, u):
        return np.outer(u, z_bar).tolist()

    report = bl.check("layers.3", turned)
    assert report.wrong_turn == "outer product in the wrong order"
    assert "and it must have shape" in str(report)
