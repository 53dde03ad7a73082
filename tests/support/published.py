"""The test functions of Moré, Garbow and Hillstrom, Testing Unconstrained Optimization Software (ACM TOMS 7, 1981).

Each of the 35 is a sum of squares, written here as its residuals: a function of a namespace that has exp, sin ... (the
lab, or another library as the oracle) and of numbers. PROBLEMS has them by name, in the paper's order, each with the
paper's start, the sum of squares there, and the minimum that least squares reach from there; where the paper leaves
the size open, at sizes for which values are published.

Values with more digits than the paper's: a norm squared is from the reference outputs of MINPACK's own tests, which
run 24 of the functions; the others at a start are those of the tests of Gonum's functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split()))


BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)
_RISE = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521)
GAUSS = (*_RISE, 0.3989, *reversed(_RISE))
MEYER = (34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872)
KOWALIK = (0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)
KOWALIK_AT = (4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)
OSBORNE_1 = _numbers("""
0.844 0.908 0.932 0.936 0.925 0.908 0.881 0.850 0.818 0.784 0.751 0.718 0.685 0.658 0.628 0.603
0.580 0.558 0.538 0.522 0.506 0.490 0.478 0.467 0.457 0.448 0.438 0.431 0.424 0.420 0.414 0.411
0.406
""")
OSBORNE_2 = _numbers("""
1.366 1.191 1.112 1.013 0.991 0.885 0.831 0.847 0.786 0.725 0.746 0.679 0.608 0.655 0.616 0.606
0.602 0.626 0.651 0.724 0.649 0.649 0.694 0.644 0.624 0.661 0.612 0.558 0.533 0.495 0.500 0.423
0.395 0.375 0.372 0.391 0.396 0.405 0.428 0.429 0.523 0.562 0.607 0.653 0.672 0.708 0.633 0.668
0.645 0.632 0.591 0.559 0.597 0.625 0.739 0.710 0.729 0.720 0.636 0.581 0.428 0.292 0.162 0.098
0.054
""")


def rosenbrock(lib, a, b):
    return 10 * (b - a**2), 1 - a


def freudenstein_roth(lib, a, b):
    return a - 13 + ((5 - b) * b - 2) * b, a - 29 + ((b + 1) * b - 14) * b


def powell_badly_scaled(lib, a, b):
    return 1e4 * a * b - 1, lib.exp(-a) + lib.exp(-b) - 1.0001


def brown_badly_scaled(lib, a, b):
    return a - 1e6, b - 2e-6, a * b - 2


def beale(lib, a, b):
    return tuple(y - a * (1 - b**k) for k, y in enumerate((1.5, 2.25, 2.625), 1))


def jennrich_sampson(lib, a, b):
    return tuple(2 + 2 * k - (lib.exp(k * a) + lib.exp(k * b)) for k in range(1, 11))


def helical_valley(lib, a, b, c):
    """The angle of (a, b) in turns, by two branches: the arctan alone has only half the circle."""
    turns = lib.arctan(b / a) / (2 * math.pi)
    if a < 0:
        turns = turns + 0.5
    return 10 * (c - 10 * turns), 10 * (lib.sqrt(a**2 + b**2) - 1), c


def bard(lib, a, b, c):
    return tuple(y - (a + k / ((16 - k) * b + min(k, 16 - k) * c)) for k, y in enumerate(BARD, 1))


def gaussian(lib, a, b, c):
    return tuple(a * lib.exp(-b * ((8 - k) / 2 - c) ** 2 / 2) - y for k, y in enumerate(GAUSS, 1))


def meyer(lib, a, b, c):
    return tuple(a * lib.exp(b / (45 + 5 * k + c)) - y for k, y in enumerate(MEYER, 1))


def gulf(lib, a, b, c):
    """The residuals that the paper means: in print, |y - b| has become a product."""
    ts = [k / 100 for k in range(1, 100)]
    return tuple(lib.exp(-(lib.abs(25 + (-50 * math.log(t)) ** (2 / 3) - b) ** c) / a) - t for t in ts)


def box(lib, a, b, c):
    ts = [k / 10 for k in range(1, 11)]
    return tuple(lib.exp(-t * a) - lib.exp(-t * b) - c * (math.exp(-t) - math.exp(-10 * t)) for t in ts)


def powell_singular(lib, a, b, c, d):
    """The Hessian is singular at the minimum."""
    return a + 10 * b, math.sqrt(5) * (c - d), (b - 2 * c) ** 2, math.sqrt(10) * (a - d) ** 2


def wood(lib, a, b, c, d):
    ends = math.sqrt(10) * (b + d - 2), (b - d) / math.sqrt(10)
    return 10 * (b - a**2), 1 - a, math.sqrt(90) * (d - c**2), 1 - c, *ends


def kowalik_osborne(lib, a, b, c, d):
    return tuple(y - a * (u**2 + u * b) / (u**2 + u * c + d) for u, y in zip(KOWALIK_AT, KOWALIK, strict=True))


def brown_dennis(lib, a, b, c, d):
    ts = [k / 5 for k in range(1, 21)]
    return tuple((a + t * b - math.exp(t)) ** 2 + (c + d * math.sin(t) - math.cos(t)) ** 2 for t in ts)


def osborne_1(lib, a, b, c, d, e):
    return tuple(y - (a + b * lib.exp(-10 * k * d) + c * lib.exp(-10 * k * e)) for k, y in enumerate(OSBORNE_1))


def biggs(lib, a, b, c, d, e, f):
    found = []
    for t in [k / 10 for k in range(1, 14)]:
        y = math.exp(-t) - 5 * math.exp(-10 * t) + 3 * math.exp(-4 * t)
        found.append(c * lib.exp(-t * a) - d * lib.exp(-t * b) + f * lib.exp(-t * e) - y)
    return tuple(found)


def osborne_2(lib, *x):
    heights, rates, middles = x[:4], x[4:8], x[8:]
    found = []
    for t, y in [(k / 10, y) for k, y in enumerate(OSBORNE_2)]:
        model = heights[0] * lib.exp(-t * rates[0])
        for height, rate, middle in zip(heights[1:], rates[1:], middles, strict=True):
            model = model + height * lib.exp(-((t - middle) ** 2) * rate)
        found.append(y - model)
    return tuple(found)


def watson(lib, *x):
    found = []
    for t in [k / 29 for k in range(1, 30)]:
        slope = sum(j * t ** (j - 1) * x[j] for j in range(1, len(x)))
        found.append(slope - sum(t**j * xj for j, xj in enumerate(x)) ** 2 - 1)
    return *found, x[0], x[1] - x[0] ** 2 - 1


def extended_rosenbrock(lib, *x):
    return tuple(r for k in range(0, len(x), 2) for r in rosenbrock(lib, *x[k : k + 2]))


def extended_powell_singular(lib, *x):
    return tuple(r for k in range(0, len(x), 4) for r in powell_singular(lib, *x[k : k + 4]))


def penalty_1(lib, *x):
    return *(math.sqrt(1e-5) * (xj - 1) for xj in x), sum(xj**2 for xj in x) - 0.25


def penalty_2(lib, *x):
    e, root = [lib.exp(xj / 10) for xj in x], math.sqrt(1e-5)
    pairs = [root * (e[k] + e[k - 1] - (math.exp((k + 1) / 10) + math.exp(k / 10))) for k in range(1, len(x))]
    whole = sum((len(x) - k) * xj**2 for k, xj in enumerate(x)) - 1
    return x[0] - 0.2, *pairs, *(root * (ek - math.exp(-0.1)) for ek in e[1:]), whole


def variably_dimensioned(lib, *x):
    weighted = sum(k * (xj - 1) for k, xj in enumerate(x, 1))
    return *(xj - 1 for xj in x), weighted, weighted**2


def trigonometric(lib, *x):
    total = len(x) - sum(lib.cos(xj) for xj in x)
    return tuple(total + k * (1 - lib.cos(xj)) - lib.sin(xj) for k, xj in enumerate(x, 1))


def brown_almost_linear(lib, *x):
    total = sum(x)
    return *(xj + total - (len(x) + 1) for xj in x[:-1]), math.prod(x) - 1


def _mesh(size):
    return tuple(k / (size + 1) for k in range(1, size + 1))


def discrete_boundary_value(lib, *x):
    h, ends = 1 / (len(x) + 1), (0.0, *x, 0.0)
    return tuple(
        2 * ends[k] - ends[k - 1] - ends[k + 1] + h**2 * (ends[k] + t + 1) ** 3 / 2
        for k, t in enumerate(_mesh(len(x)), 1)
    )


def discrete_integral_equation(lib, *x):
    h, ts = 1 / (len(x) + 1), _mesh(len(x))
    cubes = [(xj + t + 1) ** 3 for xj, t in zip(x, ts, strict=True)]
    found = []
    for k, t in enumerate(ts):
        before = sum(s * c for s, c in zip(ts[: k + 1], cubes, strict=False))
        after = sum((1 - s) * c for s, c in zip(ts[k + 1 :], cubes[k + 1 :], strict=True))
        found.append(x[k] + h * ((1 - t) * before + t * after) / 2)
    return tuple(found)


def broyden_tridiagonal(lib, *x):
    ends = (0.0, *x, 0.0)
    return tuple((3 - 2 * ends[k]) * ends[k] - ends[k - 1] - 2 * ends[k + 1] + 1 for k in range(1, len(x) + 1))


def broyden_banded(lib, *x):
    found = []
    for k, xk in enumerate(x):
        near = [xj for j, xj in enumerate(x) if k - 5 <= j <= k + 1 and j != k]
        found.append(xk * (2 + 5 * xk**2) + 1 - sum(xj * (1 + xj) for xj in near))
    return tuple(found)


def linear_full_rank(lib, *x, m=10):
    less = 2 * sum(x) / m + 1
    return *(xj - less for xj in x), *(-less for _ in range(m - len(x)))


def linear_rank_1(lib, *x, m=10):
    weighted = sum(j * xj for j, xj in enumerate(x, 1))
    return tuple(i * weighted - 1 for i in range(1, m + 1))


def linear_rank_1_with_zeros(lib, *x, m=10):
    """Zero columns and rows: the first and the last argument, and the first and the last residual, move nothing."""
    weighted = sum(j * xj for j, xj in enumerate(x[1:-1], 2))
    return -1.0, *(i * weighted - 1 for i in range(1, m - 1)), -1.0


def chebyquad(lib, *x):
    found, before, now = [], [1.0] * len(x), [2 * xj - 1 for xj in x]
    for k in range(1, len(x) + 1):
        found.append(sum(now) / len(x) + (0 if k % 2 else 1 / (k**2 - 1)))
        before, now = now, [2 * (2 * xj - 1) * t - b for xj, t, b in zip(x, now, before, strict=True)]
    return tuple(found)


class Problem(NamedTuple):
    """One of the 35: its residuals, its start, the sum of squares there, the minimum from there and where it is."""

    residuals: Callable[..., tuple[Any, ...]]
    start: tuple[float, ...]
    at_start: float
    minimum: float
    minimiser: tuple[float, ...] | None = None

    def vector(self, lib: Any) -> Callable[..., tuple[Any, ...]]:
        """The residuals as a function of numbers alone."""
        return lambda *x: self.residuals(lib, *x)

    def squares(self, lib: Any) -> Callable[..., Any]:
        """The sum of squares as a function of numbers."""
        return lambda *x: sum(r**2 for r in self.residuals(lib, *x))


_ARCH = tuple(t * (t - 1) for t in _mesh(10))
_CURVE = _numbers("""
-0.04316498 -0.08157716 -0.1144857 -0.1409736 -0.1599087 -0.1698772 -0.1690900 -0.1552495 -0.1253559
-0.07541653
""")
PROBLEMS = {
    "Rosenbrock": Problem(rosenbrock, (-1.2, 1.0), 24.2, 0.0, (1.0, 1.0)),
    "Freudenstein and Roth": Problem(
        freudenstein_roth, (0.5, -2.0), 400.5, 6.99887517584575**2, (11.41278, -0.8968053)
    ),
    "Powell badly scaled": Problem(powell_badly_scaled, (0.0, 1.0), 1.0654866**2, 0.0, (1.098159e-5, 9.106147)),
    "Brown badly scaled": Problem(brown_badly_scaled, (1.0, 1.0), 999998000003.0, 0.0, (1e6, 2e-6)),
    "Beale": Problem(beale, (1.0, 1.0), 14.203125, 0.0, (3.0, 0.5)),
    "Jennrich and Sampson": Problem(
        jennrich_sampson, (0.3, 0.4), 64.5856498144943**2, 11.1517793413499**2, (0.257825, 0.257825)
    ),
    "helical valley": Problem(helical_valley, (-1.0, 0.0, 0.0), 2500.0, 0.0, (1.0, 0.0, 0.0)),
    "Bard": Problem(bard, (1.0,) * 3, 6.45613629515967**2, 0.0906359603390466**2, (0.08241056, 1.133036, 2.343695)),
    "Gaussian": Problem(gaussian, (0.4, 1.0, 0.0), 3.88810699116688e-6, 1.12793e-8, (0.3989561, 1.000019, 0.0)),
    "Meyer": Problem(
        meyer, (0.02, 4000.0, 250.0), 41153.4665543031**2, 9.37794514651874**2, (0.005609636, 6181.346, 345.2236)
    ),
    "Gulf research": Problem(gulf, (5.0, 2.5, 0.15), 12.11070582556949, 0.0, (50.0, 25.0, 1.5)),
    "Box, three arguments": Problem(box, (0.0, 10.0, 20.0), 32.1115837449572**2, 0.0, (1.0, 10.0, 1.0)),
    "Powell singular": Problem(powell_singular, (3.0, -1.0, 0.0, 1.0), 215.0, 0.0, (0.0,) * 4),
    "Wood": Problem(wood, (-3.0, -1.0, -3.0, -1.0), 19192.0, 0.0, (1.0,) * 4),
    "Kowalik and Osborne": Problem(
        kowalik_osborne,
        (0.25, 0.39, 0.415, 0.39),
        0.0728915102882945**2,
        0.017535837721129**2,
        (0.1928069, 0.1912823, 0.1230565, 0.1360623),
    ),
    "Brown and Dennis": Problem(
        brown_dennis,
        (25.0, 5.0, -5.0, -1.0),
        2815.43839161816**2,
        85822.2016,
        (-11.59444, 13.20363, -0.4034395, 0.2367788),
    ),
    "Osborne 1": Problem(
        osborne_1,
        (0.5, 1.5, -1.0, 0.01, 0.02),
        0.937564021037838**2,
        0.00739249260904843**2,
        (0.3754101, 1.935847, -1.464687, 0.01286753, 0.02212270),
    ),
    "Biggs EXP6": Problem(
        biggs, (1.0, 2.0, 1.0, 1.0, 1.0, 1.0), 0.77907007565597, 0.0, (1.0, 10.0, 1.0, 5.0, 4.0, 3.0)
    ),
    "Osborne 2": Problem(
        osborne_2,
        (1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5),
        1.44686540984712**2,
        0.20034404483314**2,
        (
            1.309977,
            0.4315538,
            0.6336617,
            0.5994305,
            0.7541832,
            0.9042886,
            1.365812,
            4.823699,
            2.398685,
            4.568875,
            5.675341,
        ),
    ),
    "Watson, 6": Problem(
        watson,
        (0.0,) * 6,
        30.0,
        0.0478295939097601**2,
        (-0.01572509, 1.012435, -0.2329916, 1.260430, -1.513729, 0.9929964),
    ),
    "Watson, 9": Problem(
        watson,
        (0.0,) * 9,
        30.0,
        0.00118311459212420**2,
        (-1.53070e-5, 0.9997897, 0.01476396, 0.1463423, 1.000821, -2.617731, 4.104403, -3.143612, 1.052626),
    ),
    "Watson, 12": Problem(watson, (0.0,) * 12, 30.0, 2.17310402535861e-5**2),
    "extended Rosenbrock": Problem(extended_rosenbrock, (-1.2, 1.0) * 5, 5 * 24.2, 0.0, (1.0,) * 10),
    "extended Powell singular": Problem(
        extended_powell_singular, (3.0, -1.0, 0.0, 1.0) * 3, 3 * 215.0, 0.0, (0.0,) * 12
    ),
    "penalty I, 4": Problem(penalty_1, (1.0, 2.0, 3.0, 4.0), 885.06264, 2.24997750e-5, (0.2500075,) * 4),
    "penalty I, 10": Problem(
        penalty_1, tuple(float(k) for k in range(1, 11)), 148032.56535, 7.08765147e-5, (0.1581223,) * 10
    ),
    "penalty II, 4": Problem(
        penalty_2, (0.5,) * 4, 2.34000880546302, 9.37629301e-6, (0.1999993, 0.1913167, 0.4801015, 0.5188454)
    ),
    "penalty II, 10": Problem(penalty_2, (0.5,) * 10, 162.65277656596712, 2.93660537e-4),
    "variably dimensioned": Problem(
        variably_dimensioned, tuple(1 - k / 10 for k in range(1, 11)), 2198551.1625, 0.0, (1.0,) * 10
    ),
    "trigonometric": Problem(trigonometric, (0.1,) * 10, 0.00707575946622261, 2.795056121876575e-5),
    "Brown almost-linear": Problem(
        brown_almost_linear, (0.5,) * 10, 16.5302162063499**2, 0.0, (0.979430303349862,) * 9 + (1.20569696650138,)
    ),
    "discrete boundary value": Problem(discrete_boundary_value, _ARCH, 0.028080582**2, 0.0, _CURVE),
    "discrete integral equation": Problem(discrete_integral_equation, _ARCH, 0.25182701**2, 0.0, _CURVE),
    "Broyden tridiagonal": Problem(broyden_tridiagonal, (-1.0,) * 10, 21.0, 0.0),
    "Broyden banded": Problem(
        broyden_banded,
        (-1.0,) * 10,
        360.0,
        0.0,
        (
            -0.4283029,
            -0.4765964,
            -0.5196525,
            -0.5580993,
            -0.5925062,
            -0.6245037,
            -0.6232395,
            -0.6213938,
            -0.6204536,
            -0.5864693,
        ),
    ),
    "linear, full rank": Problem(linear_full_rank, (1.0,) * 5, 25.0, 5.0, (-1.0,) * 5),
    "linear, rank 1": Problem(linear_rank_1, (1.0,) * 5, 291.521868819476**2, 15 / 7),
    "linear, rank 1 with zeros": Problem(linear_rank_1_with_zeros, (1.0,) * 5, 126.03968**2, 62 / 17),
    "Chebyquad, 8": Problem(chebyquad, _mesh(8), 0.196513862833975**2, 0.0593032355046727**2),
    "Chebyquad, 9": Problem(
        chebyquad,
        _mesh(9),
        0.16994993465202**2,
        0.0,
        (0.04420535, 0.1994907, 0.2356191, 0.4160469, 0.5, 0.5839531, 0.7643809, 0.8005093, 0.9557947),
    ),
    "Chebyquad, 10": Problem(chebyquad, _mesh(10), 0.183747831178711**2, 0.0806471004038253**2),
}
