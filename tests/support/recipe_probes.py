"""What a new part of the lab can do; run by tests/package/test_recipes.py in a copy of the tree where it was added."""

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.film.race import film_of
from backprop_lab.widgets.settings import changed, options


def test_recipe_operation():
    """In the table, in all modes, in the formula, in the drawing, in a compiled program; its slope by differences."""
    assert "recipe_gauss" in bl.primitives and "recipe_gauss" in bl.__all__

    def f(x):
        y = bl.recipe_gauss(x)
        return y

    difference = (np.exp(-((0.5 + 1e-6) ** 2)) - np.exp(-((0.5 - 1e-6) ** 2))) / 2e-6
    graph = bl.trace(f, 0.5)
    assert bl.grad(f)(0.5) == bl.jvp(f, (0.5,), (1.0,))[1] == pytest.approx(difference, rel=1e-8)
    assert bl.adjoint_sweep(graph).result["x"] == bl.tangent_sweep(graph, x=1.0).result["y"] == bl.grad(f)(0.5)
    assert bl.compile(f, 0.5).value_and_grad(0.5) == bl.value_and_grad(f)(0.5)
    assert np.allclose(bl.grad(lambda x: np.sum(f(x)))(np.array([0.5, 0.5])), difference, rtol=1e-8)
    z = 0.3 + 0.2j
    assert bl.grad(lambda z: np.real(f(z)))(z) == pytest.approx(-2 * z * np.exp(-z * z))
    assert graph["y"].formula == "exp(−x²)" and "= exp(−x²)" in graph._repr_svg_()


def test_recipe_misconception():
    graph = bl.examples["strang"].trace()
    turn = bl.diagnose(graph, "x", 35)[0]
    assert turn.name == "recipe of halves" and turn.sentence.startswith("35 comes out when only half of")


def test_recipe_example():
    player = bl.examples["recipe-example"].step()
    assert player.graph["q"].value == 8.0 and "recipe-example" in repr(bl.examples)


def test_recipe_view():
    """The page is looked at in a browser by who started this."""
    bl.step(lambda x, y: (x * y + x) ** 2, 2.0, 3.0, views=("known",)).to_html("view.html")


def test_recipe_setting():
    def steps(x):
        for _ in range(60):
            x = x * 0.5 + x
        return x

    graph = bl.trace(steps, 1.0)
    arguments = {"mode": "reverse", "wrt": None, "output": None, "seed": 1.0, "fold": True}
    film = film_of(graph, **arguments)
    assert options(film, False)["fold"] == "parts" and options(film, False)["choices"]["fold"] == ["parts", "all nodes"]
    other = film_of(graph, **changed(arguments, {"fold": "all nodes"}))
    assert options(other, False)["fold"] == "all nodes" and len(film.scene) < len(graph) and other.scene is None
