"""Published test functions of optimisation: every way to a derivative gives the literature's.

Definitions and minima: Moré, Garbow and Hillstrom, Testing Unconstrained Optimization Software (1981), and the usual
collections of test functions. The gradients are written out by hand here; Rosenbrock's come from SciPy.
"""

import math

import numpy as np
import pytest
from scipy import optimize

import backprop_lab as bl


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def beale_gradient(x, y):
    r = [c - x + x * y**k for k, c in enumerate((1.5, 2.25, 2.625), 1)]
    by_x = sum(2 * r[k - 1] * (y**k - 1) for k in (1, 2, 3))
    return by_x, sum(2 * r[k - 1] * x * k * y ** (k - 1) for k in (1, 2, 3))


def booth(x, y):
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def booth_gradient(x, y):
    return 10 * x + 8 * y - 34, 8 * x + 10 * y - 38


def himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def himmelblau_gradient(x, y):
    a, b = x * x + y - 11, x + y * y - 7
    return 4 * x * a + 2 * b, 2 * a + 4 * y * b


def ackley(x, y):
    far = bl.exp(-0.2 * bl.sqrt(0.5 * (x**2 + y**2)))
    return -20 * far - bl.exp(0.5 * (bl.cos(2 * math.pi * x) + bl.cos(2 * math.pi * y))) + math.e + 20


def ackley_gradient(x, y):
    r = math.sqrt(0.5 * (x * x + y * y))
    wave = math.exp(0.5 * (math.cos(2 * math.pi * x) + math.cos(2 * math.pi * y)))
    return tuple(2 * math.exp(-0.2 * r) * t / r + math.pi * wave * math.sin(2 * math.pi * t) for t in (x, y))


def rastrigin(*x):
    return 10 * len(x) + sum(t**2 - 10 * bl.cos(2 * math.pi * t) for t in x)


def rastrigin_gradient(*x):
    return tuple(2 * t + 20 * math.pi * math.sin(2 * math.pi * t) for t in x)


def rosenbrock(*x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:], strict=False))


def powell_singular(a, b, c, d):
    """Number 13 of Moré, Garbow and Hillstrom: the Hessian is singular at the minimum."""
    return (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4


def powell_gradient(a, b, c, d):
    p, q, r, s = a + 10 * b, c - d, (b - 2 * c) ** 3, (a - d) ** 3
    return 2 * p + 40 * s, 20 * p + 4 * r, 10 * q - 8 * r, -10 * q - 40 * s


def wood(a, b, c, d):
    """Number 14 of Moré, Garbow and Hillstrom."""
    first = 100 * (b - a**2) ** 2 + (1 - a) ** 2 + 90 * (d - c**2) ** 2 + (1 - c) ** 2
    return first + 10 * (b + d - 2) ** 2 + (b - d) ** 2 / 10


def wood_gradient(a, b, c, d):
    return (
        -400 * a * (b - a * a) - 2 * (1 - a),
        200 * (b - a * a) + 20 * (b + d - 2) + (b - d) / 5,
        -360 * c * (d - c * c) - 2 * (1 - c),
        180 * (d - c * c) + 20 * (b + d - 2) - (b - d) / 5,
    )


# function, gradient, one of its minima
FUNCTIONS = {
    "beale": (beale, beale_gradient, (3.0, 0.5)),
    "booth": (booth, booth_gradient, (1.0, 3.0)),
    "himmelblau": (himmelblau, himmelblau_gradient, (3.0, 2.0)),
    "ackley": (ackley, ackley_gradient, None),  # its minimum, 0, is a kink of the square root
    "rastrigin": (rastrigin, rastrigin_gradient, (0.0, 0.0)),
    "rosenbrock": (rosenbrock, lambda *x: tuple(optimize.rosen_der(x)), (1.0,) * 6),
    "powell singular": (powell_singular, powell_gradient, (0.0,) * 4),
    "wood": (wood, wood_gradient, (1.0,) * 4),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient_by_every_way(name):
    f, by_hand, minimum = FUNCTIONS[name]
    size = len(minimum or (0, 0))
    points = np.random.default_rng(7).uniform(-2, 2, (10, size))
    program = bl.compile(f, *map(float, points[0]))
    for x in points:
        at = tuple(map(float, x))
        expected = pytest.approx(by_hand(*at), rel=1e-11, abs=1e-10)
        assert bl.grad(f)(*at) == expected
        assert bl.jacobian(f, "forward")(*at) == expected
        assert tuple(bl.adjoint_sweep(bl.trace(f, *at)).numbers[:size]) == expected
        assert program.value_and_grad(*at)[1] == expected
        assert bl.vjp(f, *at)[1](1.0) == expected


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if FUNCTIONS[n][2]])
def test_nothing_moves_at_the_minimum(name):
    f, _, minimum = FUNCTIONS[name]
    assert f(*minimum) == pytest.approx(0.0, abs=1e-25)
    assert bl.grad(f)(*minimum) == pytest.approx((0.0,) * len(minimum), abs=1e-12)
    curvature = np.linalg.eigvalsh(np.array(bl.hessian(f)(*minimum)))
    assert curvature.min() >= -1e-9


def test_rosenbrock_hessian_and_its_product():
    x, v = np.random.default_rng(3).uniform(-2, 2, (2, 8))
    at, along = tuple(map(float, x)), tuple(map(float, v))
    np.testing.assert_allclose(bl.hessian(rosenbrock)(*at), optimize.rosen_hess(x), rtol=1e-12, atol=1e-10)
    np.testing.assert_allclose(bl.hvp(rosenbrock, at, along), optimize.rosen_hess_prod(x, v), rtol=1e-11)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_derivatives_are_the_slopes_of_the_gradient(name):
    f, by_hand, minimum = FUNCTIONS[name]
    at = [0.3 + 0.17 * k for k in range(len(minimum or (0, 0)))]
    h = 1e-5
    for k, row in enumerate(bl.hessian(f)(*at)):
        ahead, behind = (by_hand(*[x + s * h * (j == k) for j, x in enumerate(at)]) for s in (1, -1))
        slopes = [(a - b) / (2 * h) for a, b in zip(ahead, behind, strict=True)]
        assert row == pytest.approx(slopes, rel=1e-6, abs=1e-5)
