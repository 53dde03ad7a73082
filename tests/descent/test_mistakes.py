"""Steps with one thing wrong: the numbers by hand, all methods, and what a typed number is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.descent.mistakes import MISSTEPS, SENTENCES
from backprop_lab.mistakes.sweep import same


def bowl(w):
    return (w - 1) ** 2


def two(x, y):
    return x * x * y + y * y


def of(method, f=bowl, start=5.0, steps=3, **more):
    return bl.descend(f, start, method, steps=steps, **more)


@examples(10)
@given(st.floats(-3, 3), st.floats(0.5, 3), st.floats(0.01, 0.1))
@pytest.mark.parametrize("method", bl.methods)
def test_the_trail_is_the_path(method, x, y, rate):
    """Number by number, by another way than the run's: interpreted, and not Python made of the text."""
    run = bl.descend(two, (x, y), method, rate, 4, clip=2.0, schedule="rate / (1 + t)")
    found = run.numbers()
    for t in range(1, run.steps + 1):
        assert same(found[f"x_{t}"], run.path[t][0], 1e-12) and same(found[f"y_{t}"], run.path[t][1], 1e-12)
        assert found[f"g_x_{t}"] == run.gradients[t - 1][0]
        for key, x in run.states[t].items():
            assert same(found[f"{key}_x_{t}"], x[0], 1e-12)
        assert found[f"rate_x_{t}"] == run.rates[t - 1] == rate / (1 + t)


# By hand: the slope at w is 2 (w − 1); rate ¼, from w = 5. Momentum with γ = ½: v = 2, w = 3, v = 2, w = 1.
MOMENTUM = {
    "step uphill": [7.0, 11.0],
    "rate forgotten": [-3.0, 1.0],
    "momentum's sign": [3.0, 3.0],
    "state not carried over": [3.0, 2.0],
    "gradient of the start": [3.0, 0.0],
    "old part not damped": [3.0, 0.0],
    "rate applied twice": [4.5, 3.8125],
    "moves before the velocity is renewed": [5.0, 3.0],
    "gradient at the new point": [3.0, 1.5],
    "step for the point": [-2.0, 0.5],
}


def test_momentum_by_hand():
    run = of("momentum", steps=2, rate=0.25, gamma=0.5)
    assert run.path == [5.0, 3.0, 1.0]
    assert {key: list(x.values()) for key, x in run.wrong_turns(["w_1", "w_2"]).items()} == MOMENTUM


BY_HAND = [
    ("nesterov", {"rate": 0.25, "gamma": 0.5}, "w_2", "does not look ahead", 1.0),
    ("nesterov", {"rate": 0.25, "gamma": 0.5}, "w_2", "looks back", 0.5),
    ("nesterov", {"rate": 0.25, "gamma": 0.5}, "w_2", "looks too far", 2.0),
    ("adagrad", {"rate": 1.0}, "w_1", "root forgotten", 5 - 8 / 64),
    ("adagrad", {"rate": 1.0}, "w_1", "square forgotten", 5 - 8 / 8**0.5),
    ("adagrad", {"rate": 0.25}, "w_1", "not divided", 3.0),
    ("rmsprop", {"rate": 1.0, "rho": 0.75}, "s_1", "weights exchanged", 48.0),
    ("rmsprop", {"rate": 1.0, "rho": 0.75}, "s_1", "new part not weighted", 64.0),
    ("rmsprop", {"rate": 1.0, "eps": 9.0}, "w_1", "epsilon inside the root", 5 - 8 / (6.4 + 9) ** 0.5),
    ("adam", {"rate": 1.0, "beta1": 0.5, "beta2": 0.75}, "mhat_1", "bias correction left out", 4.0),
    ("adam", {"rate": 1.0, "beta1": 0.5, "beta2": 0.75}, "v_1", "betas exchanged", 32.0),
    ("adam", {"rate": 1.0, "beta1": 0.5, "beta2": 0.75}, "mhat_2", "bias corrected as in step 1", 10.0),
    ("sgd", {"rate": 0.25, "schedule": "rate / t"}, "w_2", "rate decayed twice", 2.75),
    ("sgd", {"rate": 0.25, "schedule": "rate / t"}, "w_2", "rate not decayed", 2.0),
    ("sgd", {"rate": 0.25, "schedule": "rate / (1 + t)"}, "w_1", "decay counted from 0", 3.0),
]


@pytest.mark.parametrize(("method", "more", "name", "turn", "number"), BY_HAND)
def test_others_by_hand(method, more, name, turn, number):
    run = of(method, **more)
    assert run.wrong_turns([name])[turn][name] == pytest.approx(number, rel=1e-9)
    told = run.diagnose(name, float(f"{number:.5g}"))
    assert turn in [t.name for t in told] and all("comes out when" in t.sentence for t in told)


def test_batches_and_several_numbers():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 8.0])
    run = bl.descend(lambda w, x, y: (w * x - y) ** 2, 1.0, rate=0.1, steps=1, data=(x, y))
    assert run.gradients == [(2 * 1 * -2 + 2 * 2 * -6) / 2] and run.path[-1] == pytest.approx(2.4)
    assert run.wrong_turns()["gradient not averaged"]["w_1"] == pytest.approx(3.8)
    run = bl.descend(two, (1.0, 2.0), rate=0.1, steps=1)
    assert run.path[-1] == pytest.approx((1 - 0.4, 2 - 0.5))
    assert run.wrong_turns()["one coordinate after the other"]["y_1"] == pytest.approx(2 - 0.1 * (0.36 + 4))


def test_every_misconception_shows_somewhere_and_is_told_as_itself():
    """In the fewest methods one shows; each is found again from its own number, with a sentence without holes."""
    shown = set()
    runs = [
        of(m, steps=2, rate=0.25, **({"gamma": 0.5} if "gamma" in x.settings else {})) for m, x in bl.methods.items()
    ]
    runs += [
        of("rmsprop", rate=0.25, rho=0.5, eps=1.0),
        of("sgd", schedule="rate / (1 + t)"),
        of("sgd", two, (1.0, 2.0), steps=2),
    ]
    runs.append(bl.descend(lambda w, x: (w - x) ** 2, 1.0, data=np.array([1.0, 4.0]), steps=2))
    runs.append(of("adam", beta1=0.5, beta2=0.75, steps=2))
    runs += [of(method, **{**more, "steps": int(name[-1])}) for method, more, name, _, _ in BY_HAND if name[0] == "w"]
    for run in runs:
        name = f"{run.plan.problem.names[0]}_{run.steps}"
        for turn, numbers in run.wrong_turns([name]).items():
            told = run.diagnose(name, numbers[name])
            assert turn in [t.name for t in told], (run, turn)
            found = next(t for t in told if t.name == turn)
            assert 1 <= found.where <= run.steps and "{" not in found.sentence and found.sentence.endswith(".")
            shown.add(turn)
    assert shown == set(SENTENCES) == {turn.name for turn in MISSTEPS}


def test_what_is_right_or_in_the_wrong_step():
    run = of("momentum", rate=0.25, gamma=0.5)
    assert run.diagnose("w_2", 1.0) == []
    (last,) = (turn for turn in run.diagnose("w_2", 5.0) if turn.name == "step uphill")
    assert last.where == 2 and last.sentence.startswith("5 comes out when the step goes uphill")
    assert run.diagnose("w_2", 123.0) == []
    run = of("rmsprop", rho=0.5)
    (few,) = run.diagnose("s_2", 32.0)
    assert few.name == "one step too few" and few.sentence == "32 is right for s_1: one step too few."
    with pytest.raises(bl.ArgumentError, match="no number called 'q_1'.*; there is g_1, s_1, w_1"):
        run.wrong_turns(["q_1"])
    with pytest.raises(bl.ArgumentError, match="a schedule is a text of rate and t"):
        of("sgd", schedule="rate / k")
