"""Runs downhill: what they keep, how they are given data, and why they end."""

import math
import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.descent import downhill
from backprop_lab.descent.batches import sampler, updates

X = np.linspace(-1, 1, 10)
Y = 2 * X + 1


def bowl(w):
    return (w - 1) ** 2


def line(w, b, x, y):
    return (w * x + b - y) ** 2


# --- the same descent, whatever its numbers are kept in ---------------------------------------------------------------


def test_numbers_arrays_and_structures_go_the_same_way():
    """Of two numbers: as arguments, a list, an array, a dict, and one complex number."""
    a, b = 3.0, -2.0
    ways = {
        "arguments": (lambda x, y: x**2 + 3 * (y - 1) ** 2, (a, b), lambda p: p),
        "list": (lambda p: p[0] ** 2 + 3 * (p[1] - 1) ** 2, [a, b], lambda p: p),
        "array": (lambda p: p[0] ** 2 + 3 * (p[1] - 1) ** 2, np.array([a, b]), lambda p: p),
        "dict": (lambda p: p["w"] ** 2 + 3 * (p["b"] - 1) ** 2, {"w": a, "b": b}, lambda p: p.values()),
        "mixed": (lambda p: p["w"][0] ** 2 + 3 * (p["b"] - 1) ** 2, {"w": np.array([a]), "b": b}, lambda p: p.values()),
        "complex": (lambda z: z.real**2 + 3 * (z.imag - 1) ** 2, complex(a, b), lambda z: (z.real, z.imag)),
    }
    for method in ("nesterov", "adam"):
        runs = {key: bl.descend(f, start, method, 0.05, 5) for key, (f, start, _) in ways.items()}
        paths = {key: [[float(np.ravel(x)[0]) for x in ways[key][2](p)] for p in run.path] for key, run in runs.items()}
        for key, path in paths.items():
            np.testing.assert_allclose(path, paths["arguments"], rtol=1e-12, err_msg=key)
            assert type(runs[key].path[-1]) is type(ways[key][1])
        assert runs["dict"].states[1].keys() == bl.methods[method].state.keys()
        assert runs["mixed"].states[1]["v"]["w"].shape == (1,)


def test_many_numbers_are_one_array():
    start = [float(k) for k in range(20)]
    run = bl.descend(lambda p: sum(x**2 for x in p), start, rate=0.25, steps=2)
    assert run.plan.problem.arrays and run.path[-1] == [x / 4 for x in start]


def test_what_a_run_keeps():
    run = bl.descend(bowl, 5.0, "momentum", 0.25, 3, gamma=0.5)
    assert run.path == [5.0, 3.0, 1.0, 0.0] and run.values == [16.0, 4.0, 0.0, 1.0]
    assert run.gradients == [8.0, 4.0, 0.0] and run.points == run.path[:-1] and run.rates == [0.25] * 3
    assert run.states == [{"v": 0.0}, {"v": 2.0}, {"v": 2.0}, {"v": 1.0}] and run.steps == 3
    assert repr(run) == "<run momentum, rate 0.25, gamma 0.5: 3 steps; bowl from 16 to 1; steps>"
    assert str(run).splitlines()[0] == "Momentum, 3 steps. It ended because all its steps were made: 3."
    assert str(run).splitlines()[2].split() == ["0", "5", "16", "8"]
    with pytest.raises(bl.LabError, match="a run has no .history.*; write run.values"):
        run.history  # noqa: B018
    ahead = bl.descend(bowl, 5.0, "nesterov", 0.25, 2, gamma=0.5)
    assert ahead.points == [5.0, 2.0] and ahead.path == [5.0, 3.0, 1.5] and ahead.values == [16.0, 4.0, 0.25]
    many = bl.descend(lambda p: np.sum(p**2), np.ones(9), steps=30)
    assert "length of the gradient" in many.table() and len(many.table().splitlines()) == 12


def test_a_long_run_keeps_every_so_many_points(monkeypatch):
    monkeypatch.setattr(downhill, "ENOUGH", 20)
    run = bl.descend(bowl, 5.0, rate=0.1, steps=25)
    assert [made.t for made in run.made] == [3, 6, 9, 12, 15, 18, 21, 24, 25] and len(run.values) == 26
    assert run.values[-1] == bowl(run.path[-1]) and len(run.path) == 10 and run.table()


# --- rates ------------------------------------------------------------------------------------------------------------


def test_rates():
    by_text = bl.descend(bowl, 5.0, rate=0.4, steps=4, schedule="rate / t")
    by_function = bl.descend(bowl, 5.0, rate=lambda t: 0.4 / t, steps=4)
    assert by_text.path == by_function.path and by_text.rates == by_function.rates == [0.4, 0.2, 0.4 / 3, 0.1]
    assert bl.descend(bowl, 5.0, steps=1).rates == [0.1]
    assert bl.descend(bowl, 5.0, rate=0.4, steps=4, schedule="rate / sqrt(t)").rates[3] == 0.2
    clipped = bl.descend(lambda x, y: 3 * x + 4 * y, (0.0, 0.0), rate=1.0, steps=1, clip=1.0)
    assert clipped.path[-1] == pytest.approx((-0.6, -0.8)) and clipped.gradients[0] == pytest.approx((0.6, 0.8))


# --- data -------------------------------------------------------------------------------------------------------------


@examples(20)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 5))
def test_batches_are_what_they_are_called(count, batch, seed):
    batch = min(batch, count)
    per_epoch = updates(count, batch)
    for sampling in ("without replacement", "in order", "with replacement"):
        draw = sampler(count, batch, sampling, seed)
        first, again = ([next(each) for each in [draw()] for _ in range(2 * per_epoch)] for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
        for epoch in (first[:per_epoch], first[per_epoch:]) if sampling != "with replacement" else ():
            assert sorted(np.concatenate(epoch)) == list(range(count))
        assert all(0 <= k < count for places in first for k in places)
        assert {len(places) for places in first} <= {batch, count % batch}


def test_128_examples_give_1_128_and_4_updates_an_epoch():
    x = np.linspace(-1, 1, 128)
    for batch, many in ((None, 1), (1, 128), (32, 4)):
        run = bl.descend(line, (0.0, 0.0), rate=0.1, data=(x, 2 * x), batch=batch, epochs=2)
        assert run.updates == many and run.steps == 2 * many and len(run.losses) == 3
        assert [t for t, _ in run.losses] == [0, many, 2 * many]


def test_a_loss_of_the_batch_and_a_loss_of_each_example():
    each = bl.descend(line, (0.0, 0.0), rate=0.3, data=(X, Y), batch=4, epochs=3)
    mean = bl.descend(
        lambda w, b, x, y: np.mean(line(w, b, x, y)), (0.0, 0.0), rate=0.3, data=(X, Y), batch=4, epochs=3
    )
    assert each.path == mean.path and [len(p) for p in each.batches[:3]] == [4, 4, 2]
    first = each.batches[0]
    assert each.gradients[0] == pytest.approx((np.mean(-2 * X[first] * Y[first]), np.mean(-2 * Y[first])))
    assert each.losses[0] == (0, pytest.approx(np.mean(Y**2)))
    other = bl.descend(line, (0.0, 0.0), rate=0.3, data=(X, Y), batch=4, epochs=3, seed=1)
    assert other.path != each.path and other.seed == 1
    assert str(other).startswith("Gradient descent, 9 steps, batches of 4 without replacement, seed 1. It ended")
    rows = bl.descend(lambda w, x: (x @ w - 1) ** 2, np.zeros(3), data=np.eye(3), rate=0.1, steps=2)
    assert rows.path[-1].shape == (3,)


def test_without_a_program():
    """A function that answers differently each time."""
    random = np.random.default_rng(0)
    noisy = bl.descend(lambda w: (w - random.normal()) ** 2, 0.0, rate=0.1, steps=3, compiled=False)
    assert len({g - 2 * w for g, w in zip(noisy.gradients, noisy.path[:-1], strict=True)}) == 3


# --- ends -------------------------------------------------------------------------------------------------------------


def test_why_it_ends():
    assert bl.descend(bowl, 5.0, rate=0.5, tolerance=1e-9).ended == "tolerance"
    far = bl.descend(bowl, 5.0, rate=1.5, steps=500)
    assert far.ended == "diverged" and far.diverged and "A smaller rate may help" in far.sentence
    assert abs(far.values[-1]) > 1e12 * 16 and far.steps < 100 and len(far.values) == len(far.path)
    beyond = bl.descend(lambda w: w**4, 10.0, rate=1.0)
    assert beyond.ended == "diverged" and len(beyond.path) == len(beyond.values)
    left = bl.descend(lambda w: bl.log(w), 1.0, rate=0.5)
    assert left.ended == "domain" and left.steps == 2 and "step 3 could not be made: the argument of" in left.sentence
    assert left.path == [1.0, 0.5, -0.5] and np.isnan(left.values[-1])
    told = []
    stopped = bl.descend(bowl, 5.0, rate=0.25, stop=lambda t, w, value: told.append((t, w, value)) or w < 2.5)
    assert stopped.ended == "stopped" and told == [(1, 3.0, 16.0), (2, 2.0, 4.0)] and stopped.values[-1] == 1.0
    worse = (X, Y + 10 * X)  # the better the fit, the worse this
    run = bl.descend(line, (9.0, 0.0), rate=0.3, data=(X, Y), batch=5, epochs=99, validation=worse, patience=3)
    assert run.ended == "patience" and run.best == run.path[2 * run.checks.index(min(run.checks, key=lambda c: c[1]))]
    assert len(run.checks) == run.steps // 2 + 1 < 99 and "for 3 epochs" in run.sentence


@pytest.mark.parametrize("compiled", [True, False])
def test_an_interrupt_loses_nothing(compiled, monkeypatch):
    def stop(t, w, value):
        if t == 5:
            raise KeyboardInterrupt
        return False

    run = bl.descend(bowl, 5.0, rate=0.1, stop=stop, compiled=compiled)
    assert run.ended == "interrupted" and run.steps == 5 and len(run.path) == len(run.values) == 6


@pytest.mark.parametrize("who", ["function", "rate", "stop"])
def test_an_error_in_the_middle_loses_nothing(who):
    """It is the student's own, and is told: as a warning, in the run's sentence, and as what was raised."""

    def fails(t, *rest):
        if t == 5:
            raise ValueError("no such thing")
        return 0.1 if not rest else False

    calls = []

    def f(w):
        calls.append(w)
        return bowl(w) if len(calls) < 6 else calls[99]

    more = {"function": {"f": f, "compiled": False}, "rate": {"rate": fails}, "stop": {"stop": fails}}[who]
    with pytest.warns(
        bl.LabWarning, match="ran into an error after step [45]; (ValueError: no such|calls has 6 parts)"
    ):
        run = bl.descend(**{"f": bowl, "start": 5.0, "rate": 0.1, "steps": 50, **more})
    assert run.ended == "error" and str(run.error) in run.sentence and run.steps in (4, 5)
    assert len(run.path) == run.steps + 1 and str(run)


def test_a_rate_that_is_none():
    """A rate that becomes nan or negative later ends the run, and is not called a divergence."""
    for rate in (math.nan, -1.0, math.inf):
        run = bl.descend(bowl, 5.0, rate=lambda t, rate=rate: 0.1 if t < 4 else rate)
        assert (
            run.ended == "domain" and run.steps == 3 and "step 4 could not be made: its rate would be" in run.sentence
        )


def test_a_bar_where_tqdm_is(monkeypatch, recwarn):
    seen = []

    class Bar:
        def __init__(self, total, initial=0, **options):
            seen.append([total, initial])

        def update(self):
            seen[-1][1] += 1

        def close(self):
            seen.append("closed")

    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", types.SimpleNamespace(tqdm=Bar))
    bl.descend(bowl, 5.0, steps=7, progress=True)
    assert seen == [[7, 7], "closed"]
    bl.descend(bowl, 5.0, steps=7)
    assert len(seen) == 2, "a short run has none"
    monkeypatch.setattr(downhill, "SOON", -1.0)
    bl.descend(bowl, 5.0, steps=7)
    assert seen[2:] == [[7, 7], "closed"]
    bl.descend(bowl, 5.0, steps=7, progress=False)
    assert len(seen) == 4
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert bl.descend(bowl, 5.0, steps=7).steps == 7 and not recwarn.list
    with pytest.warns(bl.LabWarning, match="pip install tqdm"):
        bl.descend(bowl, 5.0, steps=7, progress=True)


# --- what is not meant ------------------------------------------------------------------------------------------------

BAD = [
    ({"rate": 0.0}, "the rate must be a number above 0, not 0.*; write rate=0.1"),
    ({"rate": "fast"}, "the rate must be a number, not 'fast'"),
    ({"rate": lambda t: "x"}, "the rate of step 1 must be a number"),
    ({"steps": 0}, "steps must be a whole number above 0, not 0.*; write steps=100"),
    ({"steps": 5, "epochs": 1}, "steps and epochs say the same"),
    ({"batch": 4}, "no data to take a batch of.*; give data="),
    ({"gamma": 0.9}, "sgd has no setting 'gamma'.*; it has rate"),
    ({"method": "sdg"}, "no method 'sdg'.*; write one of sgd, momentum"),
    ({"tolerance": -1}, "tolerance must be a number above 0"),
    ({"sampling": "random"}, "no sampling 'random'.*; write sampling=\"without replacement\" or"),
    ({"seed": "Ada"}, "seed must be a whole number"),
    ({"patience": 3}, "validation and patience belong together"),
    ({"schedule": "1 / t"}, "a schedule is a text of rate and t"),
    ({"start": "5"}, "the argument w of bowl must be a number or an array, not str '5'"),
    ({"start": (1.0, 2.0)}, r"bowl takes \(w\), and start has 2 of these.*; give start a tuple"),
    ({"f": line, "data": (X, Y)}, r"line takes \(w, b, x, y\), and start has 1 of these and 2 of data"),
    ({"f": lambda w, x: w * x > 0, "data": X}, "does not return one real number"),
    ({"start": np.nan}, "bowl is nan at the start"),
    ({"lr": 0.5}, "sgd has no setting 'lr'.*; write rate=0.5"),
    ({"momentum": 0.9}, 'write method="momentum", gamma=0.9'),
    ({"method": "nesterov", "momentum": 0.9}, "; write gamma=0.9"),
    ({"stop": 3}, "stop must be a function of the number of the step.*; write stop=lambda t, point, value"),
    ({"stop": lambda t, point: True}, "given as stop gets the number of the step, the point and the value"),
    ({"rate": lambda: 0.1}, "given as rate gets the number of the step.*; write rate=lambda t"),
    ({"rate": lambda t: -t}, "the rate of step 1 is −1"),
    ({"method": 0.1}, "no method 0.1.*; write rate=0.1, or one of sgd"),
    ({"sampling": ["in order"]}, "no sampling"),
    ({"seed": -1}, "seed must be a whole number, 0 or above, not -1"),
    ({"gamma": None, "method": "momentum"}, "the setting gamma must be a number, not None"),
    ({"beta1": 1.0, "method": "adam"}, "beta1 must be a number from 0 to below 1, not 1"),
    ({"f": lambda: 1.0, "start": ()}, "start has no number"),
    ({"validation": X, "patience": 1}, "there is no data.*; give data="),
    ({"f": 3.0}, "the first argument must be a function"),
    ({"f": lambda w: "x"}, "returns str 'x'"),
    ({"f": lambda w: np.log(w), "start": -1.0}, "the argument of log must be a positive number"),
]


@pytest.mark.parametrize(("more", "said"), BAD, ids=[" ".join(more) for more, _ in BAD])
def test_bad_input_gets_a_sentence(more, said):
    with pytest.raises(bl.LabError, match=said):
        bl.descend(**{"f": bowl, "start": 5.0, **more})


def test_bad_data_gets_a_sentence():
    for data, more, said in [
        ((X, Y[:3]), {}, r"equally many: here the shapes are \(10,\), \(3,\)"),
        ((X, "abc"), {}, "data must be arrays of numbers, not 'abc'"),
        ((X, Y), {"batch": 11}, "a batch of 11 is more than the 10 examples"),
        ((X, Y), {"batch": 0}, "batch must be a whole number above 0"),
        ((X, Y * np.nan), {}, "has nan in row 0 of array 1.*; leave out such rows"),
        ([X, Y], {}, r"and start has 2 of these and 1 of data.*; give data a tuple"),
        ((X, Y), {"validation": (X,), "patience": 1}, r"validation has the shapes \(10,\), and data \(10,\), \(10,\)"),
        ((X,), {}, r"line takes \(w, b, x, y\), and start has 2 of these and 1 of data"),
    ]:
        with pytest.raises(bl.ArgumentError, match=said):
            bl.descend(line, (0.0, 0.0), data=data, **more)
