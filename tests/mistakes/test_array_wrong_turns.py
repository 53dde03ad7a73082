"""Wrong turns on graphs of arrays: their numbers by hand, their shapes, diagnosis, and inputs that keep them apart."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from support.array_programs import programs
from support.strategies import examples, many

import backprop_lab as bl
from backprop_lab.mistakes.array_table import ARRAY_MISCONCEPTIONS, rules_for
from backprop_lab.mistakes.sweep import RIGHT, Misfit, Reverse, same
from backprop_lab.mistakes.table import MISCONCEPTIONS
from backprop_lab.recording.trees import leaves
from backprop_lab.recording.trees import like as same_tree

DIGITS = 5e-4


def batch_net(X, W, b, V, Y):
    Z = X @ W + b
    A = np.tanh(Z)
    T = A @ V.T
    J = np.sum((T - Y) ** 2)
    return J


def mean_loss(X, w, c):
    t = X @ w + c
    J = np.mean(t * t)
    return J


def rows(w, M):
    u = w @ M
    J = np.sum(u * u)
    return J


def noise(*shape):
    return np.random.default_rng(sum(shape) + len(shape)).uniform(-1, 1, shape)


def batch_inputs(n=4, i=3, h=2, o=2):
    return {"X": noise(n, i), "W": noise(i, h), "b": noise(h), "V": noise(o, h), "Y": noise(n, o)}


def names_of(turns):
    return [turn.name for turn in turns]


# --- the numbers, by hand ---------------------------------------------------------------------------------------------


def by_hand(X, W, b, V, Y, **broken):
    """The adjoints of `batch_net` in plain NumPy, with other rules where they are given."""
    A = np.tanh(X @ W + b)
    T_bar = 2 * broken.get("sum", 1.0) * (A @ V.T - Y)
    Vt_bar = A.T @ T_bar
    A_bar = broken.get("through", lambda bar, M: bar @ M.T)(T_bar, V.T)
    Z_bar = broken.get("slope", lambda bar, A: bar * (1 - A**2))(A_bar, A)
    b_bar = broken.get("repeated", lambda bar: bar.sum(axis=0))(Z_bar)
    return {"b": b_bar, "W": X.T @ Z_bar, "V": Vt_bar.T}


HAND = {
    "slope of the activation forgotten": {"slope": lambda bar, A: bar},
    "slope taken at the adjoint": {"slope": lambda bar, A: bar * (1 - np.tanh(bar) ** 2)},
    "function for its slope": {"slope": lambda bar, A: bar * A},
    "not summed over what was repeated": {"repeated": lambda bar: bar},
    "mean over what was repeated": {"repeated": lambda bar: bar.mean(axis=0)},
    "mean for sum": {"sum": 1 / 8},
}


@pytest.mark.parametrize("name", HAND)
def test_numbers_of_a_batch(name):
    inputs = batch_inputs()
    graph = bl.trace(batch_net, **inputs)
    for key, wanted in by_hand(**inputs, **HAND[name]).items():
        found = bl.wrong_turns(graph, ["b", "W", "V"])[name][key]
        assert np.shape(found) == wanted.shape and np.allclose(found, wanted, rtol=1e-12), key


def test_a_transpose_forgotten_fits_only_where_matrices_are_square():
    inputs = batch_inputs()
    turns = bl.wrong_turns(bl.trace(batch_net, **inputs))["transpose forgotten"]
    wanted = by_hand(**inputs, through=lambda bar, M: bar @ M)  # V is square, the others are not
    assert np.allclose(turns["b"], wanted["b"])
    assert turns["X"] == Misfit((4, 2), (3, 2)) and str(turns["X"]) == "does not fit: (4, 2) and (3, 2)"
    assert turns["W"] == Misfit((4, 2), (4, 3)) and turns["V"] == Misfit((4, 2), (4, 2))
    wide = bl.wrong_turns(bl.trace(batch_net, **batch_inputs(o=5)))["transpose forgotten"]
    assert wide["b"] == Misfit((4, 5), (2, 5)), "it begins at A and comes through to b"
    W, x = noise(3, 2), noise(3)
    back = bl.wrong_turns(bl.trace(lambda W, x: np.sum((W.T @ x) ** 2), W, x))["transpose forgotten"]
    assert np.allclose(back["W"], np.outer(2 * (W.T @ x), x)), "the adjoint of W.T, of shape (2, 3)"


def test_outer_products():
    W, x = noise(3, 2), noise(2)
    graph = bl.trace(lambda W, x: np.sum((W @ x) ** 2), W, x)
    bar = 2 * (W @ x)
    turns = {name: numbers["W"] for name, numbers in bl.wrong_turns(graph).items()}
    assert np.allclose(turns["outer product in the wrong order"], np.outer(x, bar))
    assert turns["outer product forgotten"] == turns["inner product for the outer"] == Misfit((3,), (2,))
    assert np.allclose(turns["upstream factor lost"], np.outer(np.ones(3), x))
    square, x = noise(3, 3), noise(3)
    turns = bl.wrong_turns(bl.trace(lambda W, x: np.sum((W @ x) ** 2), square, x))
    bar = 2 * (square @ x)
    assert np.allclose(turns["outer product forgotten"]["W"], bar * x)
    assert turns["inner product for the outer"]["W"] == pytest.approx(bar @ x)
    assert np.allclose(turns["transpose forgotten"]["x"], square @ bar)
    w, M = noise(3), noise(3, 2)
    turns = bl.wrong_turns(bl.trace(rows, w, M))
    bar = 2 * (w @ M)
    assert turns["transpose forgotten"]["w"] == Misfit((2,), (3, 2))
    assert np.allclose(turns["outer product in the wrong order"]["M"], np.outer(bar, w))


def test_sums_and_means():
    inputs = {"X": noise(4, 3), "w": noise(3), "c": 0.5}
    graph = bl.trace(mean_loss, **inputs)
    t = inputs["X"] @ inputs["w"] + 0.5
    turns = bl.wrong_turns(graph)
    assert np.allclose(turns["sum for mean"]["w"], inputs["X"].T @ (2 * t))
    assert np.allclose(turns["not summed over what was repeated"]["c"], 2 * t / 4)
    assert turns["mean over what was repeated"]["c"] == pytest.approx((2 * t / 4).mean())
    assert turns["all inputs in one forward sweep"]["w"] == pytest.approx(
        sum(np.sum(x) for x in leaves([bl.adjoint_sweep(graph).result[k] for k in inputs]))
    )
    quotient = turns["one-sided difference"]["w"]
    assert np.allclose(quotient, bl.adjoint_sweep(graph).result["w"], rtol=0.5) and quotient.shape == (3,)


def test_the_course_s_own_misconceptions_act_entry_by_entry():
    """The number versions of the same rules, at each entry."""
    a, b = np.array([2.0, -1.0, 0.5]), np.array([3.0, 4.0, -2.0])

    def f(x, y):
        return x**3 * (x + 3 * y) - y / x

    graph = bl.trace(lambda x, y: np.sum(f(x, y)), a, b)
    found = bl.wrong_turns(graph)
    for rule in MISCONCEPTIONS:
        if rule.name in ("seeded with the value", "all inputs in one forward sweep") or rule.runs > 1:
            continue
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            scalar = Reverse(bl.trace(f, float(x), float(y)))
            numbers, _ = scalar.numbers(rule, [0, 1])
            if rule.name in found and "along a path" not in rule.name and np.isfinite(numbers[:2]).all():
                mine = [found[rule.name][name][k] for name in ("x", "y")]
                assert mine == pytest.approx(numbers[:2], rel=1e-6), rule.name
    assert {"exponent lost", "factors not swapped", "keeps the last arrival", "minus lost"} <= set(found)


def test_on_numbers_nothing_changes():
    for name in ("strang", "edelman", "olah"):
        sweep = Reverse(bl.examples[name].trace())
        assert not sweep.arrays and rules_for(sweep) == MISCONCEPTIONS
        sweep.arrays = True  # the general way, with the array rules
        for rule in ARRAY_MISCONCEPTIONS:
            assert sweep.run(rule)[0] == sweep.right, rule.name


# --- diagnosis --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two-layer", "deep"])
def test_diagnosis_over_the_catalogue(name):
    """Each array that a misconception gives is recognised at its node; the right ones have no wrong turn."""
    graph = bl.examples[name].trace()
    right = bl.adjoint_sweep(graph).result
    turns, told = bl.wrong_turns(graph, graph.nodes), 0
    assert len(turns) > 15
    for node in graph.nodes:
        assert bl.diagnose(graph, node, right[node.name]) == []
        for turn, numbers in turns.items():
            answer = numbers[node.name]
            if isinstance(answer, Misfit) or same(answer, right[node.name], DIGITS):
                continue
            found = bl.diagnose(graph, node, np.asarray(answer).tolist())
            assert turn in names_of(found), (turn, node.name)
            assert all("{" not in t.sentence and len(t.sentence) < 400 and t.sentence.endswith(".") for t in found)
            misshapen = np.shape(answer) != np.shape(node.value)
            assert (found[-1].name == "wrong shape") == misshapen
            told += 1
    assert told > 140


def test_sentences_have_names_numbers_and_both_shapes():
    graph = bl.examples["two-layer"].trace()
    (turned, shape) = bl.diagnose(graph, "W1", [[-2, 0, 2], [-4, 0, 4]])
    assert turned.sentence == (
        "[[−2, 0, 2], [−4, 0, 4]] comes out when the product for W1 is turned round, with the shape (2, 3); "
        "W1 has the shape (3, 2)."
    )
    assert shape.sentence == (
        "(2, 3) is the shape of W1 transposed: a derivative has the shape of its variable, and W1 has (3, 2)."
    )
    first = bl.diagnose(graph, "z", [-2, -6, 2])[0]
    assert first.name == "slope of the activation forgotten" and first.where.name == "z"
    assert "a passes its adjoint to z as it is" in first.sentence and "[1, 0, 1]" in first.sentence
    assert bl.diagnose(graph, "W1", np.zeros(3))[-1].sentence == (
        "(3,) is the shape of b1: a derivative has the shape of its variable, and W1 has (3, 2)."
    )
    assert "(7, 7) is another shape: a" in bl.diagnose(graph, "W1", np.zeros((7, 7)))[-1].sentence
    assert "() is what a number has, no axes: a" in bl.diagnose(graph, "W1", 99)[-1].sentence
    assert "b2 has (), one number." in bl.diagnose(graph, "b2", [1, 2])[-1].sentence
    batch = bl.trace(batch_net, **batch_inputs())
    rows = bl.wrong_turns(batch)["not summed over what was repeated"]["b"]
    kept = bl.diagnose(batch, "b", rows)
    assert names_of(kept) == ["not summed over what was repeated", "wrong shape"]
    assert kept[0].sentence == (
        "An array of shape (4, 2) comes out when what comes back from Z keeps the shape (4, 2); broadcasting had "
        "repeated b, of shape (2,), along axis 0, so it is summed over axis 0."
    )
    forgotten = bl.trace(lambda W, x: np.sum(np.tanh(W @ x)), noise(3, 3), noise(3))
    x_bar = bl.wrong_turns(forgotten)["transpose forgotten"]["x"]
    assert "W goes into what x gets as it is, with the shape (3, 3); the rule has its transpose there, of shape " in (
        bl.diagnose(forgotten, "x", x_bar)[0].sentence
    )
    mean = bl.trace(batch_net, **batch_inputs())
    found = bl.diagnose(mean, "V", bl.wrong_turns(mean)["mean for sum"]["V"])[0]
    assert found.name == "mean for sum" and "a sum of 8 entries" in found.sentence


def test_slopes_of_large_arrays_are_told_by_one_entry():
    z = noise(4, 5)
    graph = bl.trace(lambda z: np.sum(np.tanh(z) * z**3), z)
    found = bl.diagnose(graph, "z", bl.wrong_turns(graph)["exponent lost"]["z"])[0]
    assert found.name == "exponent lost" and "at [0, 0], not " in found.sentence


@pytest.mark.wide
@examples(6)
@given(programs())
def test_every_reported_array_is_wrong_and_recognised(program):
    graph = bl.trace(lambda *x: program.run(np, *x), *program.inputs())
    sweep, right = Reverse(graph), bl.adjoint_sweep(graph).numbers
    for mine, truth in zip(sweep.run(RIGHT)[0], right, strict=True):
        assert truth is None or same(mine, truth, 1e-9)
    turns = bl.wrong_turns(graph)
    for node in graph.inputs:
        assert bl.diagnose(graph, node, right[node.id]) == []
        for name, numbers in list(turns.items())[::3]:
            answer = numbers[node.name]
            if not isinstance(answer, Misfit) and not same(answer, right[node.id], DIGITS):
                found = bl.diagnose(graph, node, answer)
                assert name in names_of(found), name
                assert all("{" not in turn.sentence for turn in found)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([[1, 2], [3]], "for W1 must be an array of shape (3, 2), not list [[1, 2], [3]] (line"),
        ("ten", "the answer for W1 must be an array of shape (3, 2), not str 'ten'"),
        (None, "not NoneType None"),
        ([[1, np.nan]], "not list [[1, nan]]"),
        (np.array([True]), "not ndarray"),
        (np.array([1j]), "not ndarray"),
        ([[1, "2"]], "not list"),
        ([10**400], "not list"),
        ({"W1": 1}, "not dict"),
    ],
)
def test_bad_answers(answer, words):
    with pytest.raises(bl.ArgumentError) as caught:
        bl.diagnose(bl.examples["two-layer"].trace(), "W1", answer)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_graphs_without_wrong_turns():
    with pytest.raises(bl.ArgumentError, match=r"and P is an array of shape \(3, 1\) .*; return its sum, say"):
        bl.wrong_turns(bl.examples["matrix-chain"].trace())
    with pytest.raises(bl.ArgumentError, match="graphs of real numbers, and this one is complex"):
        bl.wrong_turns(bl.trace(lambda z: np.real(z * z), 1 + 2j))


# --- drawing inputs ---------------------------------------------------------------------------------------------------

FUNCTIONS = {
    "two-layer": (bl.examples["two-layer"].function, bl.examples["two-layer"].inputs, 25),
    "deep": (bl.examples["deep"].function, bl.examples["deep"].inputs, 20),
    "batch": (batch_net, {k: np.ceil(v * 3) for k, v in batch_inputs(2, 2, 2, 2).items()}, 6),
    "mean": (mean_loss, {"X": np.ones((3, 2)), "w": np.ones(2), "c": 1.0}, 12),
}


def answers(f, inputs):
    """What each misconception and the right way answer for the inputs that are arrays, as far as one can answer it."""
    sweep = Reverse(bl.trace(f, **inputs))
    ids = [n.id for n in sweep.graph.inputs if np.shape(n.value)]
    found = {}
    for rule in (RIGHT, *rules_for(sweep)):
        numbers, _ = sweep.numbers(rule, ids)
        found[rule.name] = {}
        for id in ids:
            rounds = rule.approximate and same(numbers[id], sweep.right[id], 2 * DIGITS)
            if not isinstance(numbers[id], Misfit) and np.isfinite(numbers[id]).all() and not rounds:
                found[rule.name][id] = numbers[id]
    return found


def agree(a, b, tolerance):
    return all(same(a[id], b[id], tolerance) for id in a.keys() & b.keys())


@pytest.mark.drawn
@pytest.mark.parametrize("name", FUNCTIONS)
def test_drawn_arrays_keep_the_wrong_turns_apart(name):
    f, like, seeds = FUNCTIONS[name]
    draw = np.random.default_rng(7)

    def elsewhere():
        shapes = map(np.shape, leaves(dict(like)))
        found = [draw.uniform(-4, 4, shape) if shape else float(draw.uniform(-4, 4)) for shape in shapes]
        return same_tree(dict(like), iter(found))

    @cache
    def generic():
        return [answers(f, elsewhere()) for _ in range(25)]

    seen = set()
    seeds = many(2, most=seeds)
    for seed in range(seeds):
        inputs = bl.separating_inputs(f, f"student {seed}", like=like)
        assert [np.shape(x) for x in leaves(inputs)] == [np.shape(x) for x in leaves(dict(like))]
        for x in leaves(inputs):
            assert np.all((2 * np.asarray(x)) % 1 == 0) and 0.5 <= np.min(np.abs(x)) and np.max(np.abs(x)) <= 4
        seen.add(str(inputs))
        table = answers(f, inputs)
        assert all(np.any(x) for x in table["right"].values())
        for a, b in combinations(table, 2):
            if table[a].keys() & table[b].keys() and agree(table[a], table[b], 2 * DIGITS):
                assert all(agree(t[a], t[b], 1e-9) for t in generic()), (inputs, a, b)
    assert len(seen) == seeds


def test_arrays_to_be_drawn_are_described():
    inputs = bl.separating_inputs(rows, "Ada", like={"w": np.zeros(2), "M": np.zeros((2, 2))}, ask=["M"], low=1, high=9)
    again = bl.separating_inputs(rows, "Ada", like={"w": np.zeros(2), "M": np.zeros((2, 2))}, ask=["M"], low=1, high=9)
    assert str(inputs) == str(again) and inputs["M"].min() >= 1
    with pytest.raises(bl.ArgumentError, match="M"):
        bl.separating_inputs(rows, "Ada", like={"w": np.zeros(2)})
    with pytest.raises(bl.ArgumentError, match="like must be a dict"):
        bl.separating_inputs(rows, "Ada", like=[np.zeros(2)])
    with pytest.raises(bl.ArgumentError, match="low and high must leave room for numbers other than 0"):
        bl.separating_inputs(rows, "Ada", like={"w": np.zeros(2), "M": np.zeros((2, 2))}, low=0, high=0)
