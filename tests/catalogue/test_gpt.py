"""The GPT of the catalogue: on lists and on arrays the same, and as differences and another library have it."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.catalogue import gpt


@pytest.fixture(scope="module")
def both():
    """Weights that are not small, so that scores, norms and units matter; and what the lists' gradient of them is."""
    p = gpt.parameters(seed=5, spread=0.4)
    value, bars = bl.value_and_grad(lambda p: gpt.loss(p, "anna"))(p)
    return gpt.arrays(p), value, gpt.arrays(bars)


def flat(p):
    return np.concatenate([p[part].ravel() for part in p])


def test_its_size_and_that_everybody_has_the_same():
    p = gpt.parameters()
    assert flat(gpt.arrays(p)).size == 4064 and p == gpt.parameters() != gpt.parameters(seed=2)
    assert gpt.lists(gpt.arrays(p)) == p and bl.examples.gpt is gpt
    assert round(flat(gpt.arrays(p)).std(), 3) == 0.08 and abs(gpt.loss(p, "jo") - np.log(27)) < 0.3
    assert len({*gpt.NAMES}) == len(gpt.NAMES) > 50 and all(gpt.spelled(name) for name in gpt.NAMES)
    assert gpt.sample(p, 3) == gpt.sample(p, 3) != gpt.sample(p, 4)


def test_lists_and_arrays_agree(both):
    p, value, bars = both
    found, slopes = bl.value_and_grad(gpt.array_loss, argnums=0)(p, *gpt.one_hot("anna"))
    assert found == pytest.approx(value, rel=1e-13)
    assert all(np.allclose(slopes[part], bars[part], rtol=1e-10, atol=1e-14) for part in p)
    program = bl.compile(gpt.array_loss, p, *gpt.one_hot("anna"), argnums=0)
    assert np.allclose(flat(program.value_and_grad(p, *gpt.one_hot("anna"))[1]), flat(bars), rtol=1e-10, atol=1e-14)


def test_by_differences(both):
    """Of the loss on lists, in plain numbers, for some of each part; and all at once in a random direction."""
    p, _, bars = both

    def moved(part, k, h):
        other = {name: matrix.copy() for name, matrix in p.items()}
        other[part].flat[k] += h
        return gpt.loss(gpt.lists(other), "anna")

    for part in p:
        for k in map(int, np.argsort(-np.abs(bars[part]).ravel())[[0, 7]]):
            assert (moved(part, k, 1e-5) - moved(part, k, -1e-5)) / 2e-5 == pytest.approx(bars[part].flat[k], rel=1e-6)
    random = np.random.default_rng(0)
    way = {part: random.normal(size=matrix.shape) for part, matrix in p.items()}
    ends = [gpt.loss(gpt.lists({part: p[part] + h * way[part] for part in p}), "anna") for h in (1e-6, -1e-6)]
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(float(flat(bars) @ flat(way)), rel=1e-7)


def test_as_another_library_has_it(both, monkeypatch):
    p, value, bars = both
    monkeypatch.setattr(gpt, "np", anp)
    monkeypatch.setattr(gpt, "relu", lambda x: anp.maximum(x, 0.0))
    x, y = gpt.one_hot("anna")
    assert gpt.array_loss(p, x, y) == pytest.approx(value, rel=1e-13)
    assert np.allclose(flat(autograd.grad(gpt.array_loss)(p, x, y)), flat(bars), rtol=1e-10, atol=1e-14)


def test_what_a_letter_hears(both):
    """Only letters that are read have a row that gets something; all 27 are asked for; nobody looks ahead."""
    p, _, bars = both
    assert [bool(row.any()) for row in bars["letter"]] == [letter in ".an" for letter in gpt.LETTERS]
    assert all(row.any() for row in bars["next"])
    assert [bool(row.any()) for row in bars["place"]] == [place < 5 for place in range(gpt.PLACES)]
    scores = gpt.array_scores(p, gpt.one_hot("anna")[0]), gpt.array_scores(p, gpt.one_hot("anton")[0])
    assert np.array_equal(scores[0][:3], scores[1][:3]) and not np.allclose(scores[0][3], scores[1][3])


def test_several_names_are_all_of_their_letters():
    p = gpt.parameters(seed=3)
    losses, counts = zip(*((gpt.loss(p, name), len(name) + 1) for name in ("jo", "emma")), strict=True)
    found = gpt.array_loss(gpt.arrays(p), *gpt.one_hot("jo", "emma"))
    assert found == pytest.approx(np.dot(losses, counts) / sum(counts), rel=1e-13)


def test_it_learns():
    x, y = gpt.one_hot(*gpt.NAMES[:12])
    run = bl.descend(gpt.array_loss, gpt.arrays(gpt.parameters()), "adam", rate=0.02, data=(x, y), batch=6, epochs=20)
    assert run.values[0] > 3.2 and run.values[-1] < 1.6
    assert set(gpt.sample(gpt.lists(run.path[-1]), 1)) <= set("".join(gpt.NAMES))


@pytest.mark.parametrize("name", ["", "Mia", "jo ", "maximili", "ü"])
def test_a_name_that_it_cannot_read(name):
    with pytest.raises(bl.ArgumentError, match="a name has 1 to 7 letters from a to z"):
        gpt.loss(gpt.parameters(), name)


def test_its_parts_are_parts_of_the_graph():
    graph = bl.trace(lambda p: gpt.loss(p, "jo"), gpt.parameters())
    names = set(graph.names)
    assert {"p['letter']['j'][0]", "p['query'][5][12]", "p['next']['z'][15]"} <= names
    assert {f"score_{k}" for k in range(2, 25)} <= names and "score_25" not in names  # 4 heads at 1, 2 and 3 places
    assert "factor_9" in names and len(graph) > 20_000
