"""Exercises of 06_the_order_matters on chains of matrices: the price of an order, and the order with the lowest price."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ...catalogue.entries import examples
from ...graph.sweeps import value_sweep
from ...graph.trace import trace
from ..base import Book
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("06_the_order_matters")


def sides_of_three(m, n, p, q):
    return m, n, p, q


@lru_cache(maxsize=1000)
def _multiplied(*sides: int) -> tuple[float, float]:
    factors = [np.ones(pair) for pair in zip(sides, sides[1:], strict=False)]
    orders = (examples[name].function for name in ("matrix-chain", "matrix-chain-left"))
    right, left = (value_sweep(trace(f, *factors)).counts["multiplications"] for f in orders)
    return right, left


ORDERS = ("A(BC)", "(AB)C")


def _orders(right: float, left: float) -> dict[str, float]:
    return dict(zip(ORDERS, (right, left), strict=True))


def slips_in_sides_of_three(m, n, p, q):
    return {
        "orders exchanged": _orders(m * n * p + m * p * q, n * p * q + m * n * q),
        "only the first product": _orders(n * p * q, m * n * p),
        "only the second product": _orders(m * n * q, m * p * q),
        "products multiplied": _orders(n * p * q * m * n * q, m * n * p * m * p * q),
        "entries counted": _orders(n * q + m * q, m * p + m * q),
        "all sides at once": _orders(m * n * p * q, m * n * p * q),
        "additions counted": _orders(
            n * q * (2 * p - 1) + m * q * (2 * n - 1), m * p * (2 * n - 1) + m * q * (2 * p - 1)
        ),
    }


BOOK.add(
    Predict,
    "order.1",
    "Two orders, two prices",
    """
Three matrices are multiplied. How many multiplications of numbers does each order take? One of them is the cheaper one.
""",
    points=2,
    was="05.costs.2",
    hints=(
        "An (r×s) matrix times an (s×t) matrix has r·t entries, and each takes s multiplications.",
        ("A(BC)", "For A(BC) first count BC, which is (n×p) times (p×q). Its result is n×q."),
        ("A(BC)", "Then A times that result is (m×n) times (n×q). Add the two numbers."),
        (
            "(AB)C",
            "For (AB)C first count AB, which is (m×n) times (n×p). Its result is m×p, and meets C, which is p×q. Add.",
        ),
    ),
    function=sides_of_three,
    listing="""
# A is m×n, B is n×p, C is p×q
A @ (B @ C)    # A(BC)
(A @ B) @ C    # (AB)C
""",
    of=lambda m, n, p, q: _orders(*_multiplied(int(m), int(n), int(p), int(q))),
    called="multiplications",
    ask=ORDERS,
    inputs={"m": 2.0, "n": 3.0, "p": 4.0, "q": 5.0},
    low=2,
    largest=2000.0,
    slipped=slips_in_sides_of_three,
    wrong={
        "orders exchanged": "The numbers are right, and exchanged. In A(BC) the product of B and C comes first.",
        "only the first product": "You counted the first product of each order. Its result meets the third matrix: count that product too, and add.",
        "only the second product": "You counted the second product of each order. The one in the brackets costs too: add it.",
        "products multiplied": "You multiplied the prices of the two products. One is done after the other: add.",
        "entries counted": "You counted the entries of the results. Each entry takes as many multiplications as the inner side is long.",
        "all sides at once": "m·n·p·q would be each entry of the result by all ways from A to C. In two steps it takes far fewer.",
        "additions counted": "You counted the additions too: an entry takes one less of them than multiplications. Here only multiplications count.",
    },
)


def _cheapest(sides: Sequence[int]) -> int:
    """The fewest multiplications for a chain, over all places of the last product."""

    @cache
    def least(i: int, j: int) -> int:
        if j - i < 2:
            return 0
        return min(least(i, k) + least(k, j) + sides[i] * sides[k] * sides[j] for k in range(i + 1, j))

    return least(0, len(sides) - 1)


def _three(random: Any) -> list[tuple[Any, ...]]:
    """Chains of one, two and three matrices; of the three, both orders are the cheaper one once."""
    found = []
    for sign in (1, -1):
        while True:
            m, n, p, q = (random.randint(2, 12) for _ in range(4))
            if sign * (n * p * q + m * n * q - m * n * p - m * p * q) > 0:
                break
        found.append(([m, n, p, q],))
    return [*found, ([m, n, p],), ([m, n],)]


def cheapest_order(slip=""):
    def chain_cost(sides):
        """The fewest multiplications for a chain of matrices with these sides."""
        ### BEGIN SOLUTION
        if slip in ("from the left", "from the right", "the better end"):
            inner = range(1, len(sides) - 1)
            left = sum(sides[0] * sides[k] * sides[k + 1] for k in inner)
            right = sum(sides[k - 1] * sides[k] * sides[-1] for k in inner)
            return left if slip == "from the left" else right if slip == "from the right" else min(left, right)
        if slip in ("cheapest product first", "longest side first"):
            sides, total = list(sides), 0
            while len(sides) > 2:
                if slip == "longest side first":
                    k = max(range(1, len(sides) - 1), key=lambda k: sides[k])
                else:
                    k = min(range(1, len(sides) - 1), key=lambda k: sides[k - 1] * sides[k] * sides[k + 1])
                total += sides[k - 1] * sides[k] * sides[k + 1]
                del sides[k]
            return total
        best = {}
        for long in range(1, len(sides)):
            for i in range(len(sides) - long):
                j = i + long
                ways = [best[i, k] + best[k, j] + sides[i] * sides[k] * sides[j] for k in range(i + 1, j)]
                if slip == "halves left out":
                    ways = [sides[i] * sides[k] * sides[j] for k in range(i + 1, j)]
                best[i, j] = (max if slip == "dearest order" else min)(ways, default=0)
        return best[0, len(sides) - 1]
        ### END SOLUTION

    return chain_cost


# Rules that are not always best, at chains where none of them finds the best order: frozen, as all that is drawn against.
DRAWN_AGAINST = ("from the left", "from the right", "the better end", "cheapest product first", "longest side first")


def _chains(random: Any) -> list[tuple[Any, ...]]:
    """Chains of five and six matrices at which no simple rule finds the best order."""
    found: list[tuple[Any, ...]] = []
    while len(found) < 4:
        sides = [random.randint(1, 12) for _ in range(6 + len(found) % 2)]
        if all(cheapest_order(slip)(sides) > _cheapest(sides) for slip in DRAWN_AGAINST):
            found.append((sides,))
    return found


def _long_chains(random: Any) -> list[tuple[Any, ...]]:
    return [([random.randint(1, 30) for _ in range(31)],)]


BOOK.add(
    Code,
    "order.4",
    "The cheapest order of a long chain, an extra",
    """
Write `chain_cost(sides)`: the fewest multiplications for a whole chain of matrices, in the best order of its products.
Matrix number i has `sides[i]` rows and `sides[i + 1]` columns, so `[m, n, p, q]` is A (m×n), B (n×p), C (p×q). A single matrix
costs 0. Thirty matrices can be multiplied in some 10¹⁵ orders, so do not try them one by one.
""",
    points=5,
    was="05.costs.6",
    hints=(
        "One product comes last. It splits the chain in two: try every place k for it, and take the cheapest.",
        "The last product at k costs sides[0] · sides[k] · sides[-1]. Before it, each half was done in its own best order.",
        (
            "thirty matrices",
            "Every piece of the chain from i to j is needed many times. Keep its cost in a dict, short pieces first.",
        ),
    ),
    make=cheapest_order,
    parts=(
        Part("up to three matrices", _three, _cheapest),
        Part("five and six matrices", _chains, _cheapest, worth=2),
        Part("thirty matrices", _long_chains, _cheapest, worth=2),
    ),
    late=(
        "Short chains are right, but you compute the same pieces again and again. Keep the cost of each piece in a dict, "
        "and look there first."
    ),
    wrong={
        "from the left": "You multiply from left to right. Try every place for the last product, and take the cheapest.",
        "from the right": "You multiply from right to left. Try every place for the last product, and take the cheapest.",
        "the better end": "You take the better of left to right and right to left. With more than three matrices the best order may begin inside.",
        "cheapest product first": "You do the product that is cheapest now. That may make the later ones dear: compare whole orders, by their last product.",
        "longest side first": "You get rid of the longest side first. That is often good, not always best: compare whole orders, by their last product.",
        "dearest order": "This is the dearest order. Take the minimum over the places of the last product.",
        "halves left out": "You counted the last product alone. The two halves cost too, each in its own best order.",
    },
)
