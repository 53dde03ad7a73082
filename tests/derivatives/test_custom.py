"""Functions with rules of their own: black boxes, solvers, and rules that are wrong."""

import copy
import math
import pickle

import numpy as np
import pytest
from scipy import optimize

import backprop_lab as bl


def box(x, y):
    """A black box: it insists on plain floats."""
    return math.sin(x) * y


def box_jvp(primals, tangents):
    (x, y), (dx, dy) = primals, tangents
    return np.sin(x) * y, np.cos(x) * y * dx + np.sin(x) * dy


def box_vjp(x, y):
    return np.sin(x) * y, lambda bar: (bar * np.cos(x) * y, bar * np.sin(x))


RULES = {"jvp": {"jvp": box_jvp}, "vjp": {"vjp": box_vjp}, "both": {"jvp": box_jvp, "vjp": box_vjp}}


@pytest.mark.parametrize("rules", RULES)
def test_either_rule_is_enough(rules):
    f = bl.custom(box, **RULES[rules])

    def plain(x, y):
        return np.sin(x) * y

    at = (1.2, 0.7)
    assert f(*at) == box(*at) and f.name == "box" and rules in repr(f) or rules == "both"
    assert f(*at) == pytest.approx(plain(*at)) and bl.grad(f)(*at) == pytest.approx(bl.grad(plain)(*at))
    assert bl.jvp(f, at, (0.3, -2.0)) == pytest.approx(bl.jvp(plain, at, (0.3, -2.0)))
    for mode in ("forward", "reverse"):
        assert bl.jacobian(f, mode=mode)(*at) == pytest.approx(bl.jacobian(plain, mode=mode)(*at))
    assert np.allclose(bl.hessian(f)(*at), bl.hessian(plain)(*at))
    third = bl.grad(lambda x: bl.grad(lambda x: bl.grad(lambda x: f(x, 0.7))(x))(x))(1.2)
    assert third == pytest.approx(-math.cos(1.2) * 0.7)
    report = bl.check_grad(f, *at)
    assert report.passed, str(report)
    assert f"the {'vjp' if rules == 'vjp' else 'jvp'} rule of box with respect to x" in [c.what for c in report.checks]


def test_on_the_graph_it_is_one_node_with_its_own_name():
    f = bl.custom(box, vjp=box_vjp)

    def g(x):
        y = f(x, 2.0)
        return y * x

    graph = bl.trace(g, 1.0)
    assert graph["y"].op == "custom" and graph["y"].formula == "box(x, 2)" and graph["y"].line
    assert graph.replay(0.5).value == pytest.approx(g(0.5))
    assert bl.adjoint_sweep(graph).result["x"] == pytest.approx(bl.grad(g)(1.0))
    assert "box" in str(graph)
    sent = [step.formula for step in bl.adjoint_sweep(graph) if "pullback" in step.formula]
    assert len(sent) == 2 and sent[0].endswith(") = 1.0806") and "rule" not in "".join(sent)


def test_arrays():
    def sort(x):
        return np.sort(x)

    def sort_vjp(x):
        order = np.argsort(x)
        return np.sort(x), lambda bar: bar[np.argsort(order)]

    f = bl.custom(sort, vjp=sort_vjp)
    x = np.array([3.0, 1.0, 2.0])
    w = np.array([1.0, 10.0, 100.0])
    assert np.array_equal(bl.grad(lambda x: np.sum(w * f(x)))(x), [100.0, 1.0, 10.0])
    assert np.array_equal(bl.jvp(f, (x,), (np.array([0.1, 0.2, 0.3]),))[1], [0.2, 0.3, 0.1])

    def sort_jvp(primals, tangents):
        return np.sort(primals[0]), tangents[0][np.argsort(primals[0])]

    g = bl.custom(sort, jvp=sort_jvp)
    assert np.array_equal(bl.grad(lambda x: np.sum(w * g(x)))(x), [100.0, 1.0, 10.0])


def test_a_result_kept_in_a_buffer_is_copied():
    buffer = np.zeros(2)

    def doubled(x):
        np.multiply(x, 2.0, out=buffer)
        return buffer

    f = bl.custom(doubled, vjp=lambda x: (2 * x, lambda bar: 2 * bar))
    graph = bl.trace(lambda x: np.sum(f(x) * f(3 * x)), np.array([1.0, 2.0]))
    assert graph.value == 2 * 6 + 4 * 12
    assert np.array_equal(bl.grad(lambda x: np.sum(f(x) * f(3 * x)))(np.array([1.0, 2.0])), [24.0, 48.0])


# --- wrong rules ------------------------------------------------------------------------------------------------------

WRONG = [
    (
        {"vjp": lambda x, y: (0, lambda bar: (bar * np.cos(x) * y, 2 * bar * np.sin(x)))},
        "the vjp rule of box with respect to y",
    ),
    (
        {"vjp": lambda x, y: (0, lambda bar: (np.cos(x) * y, np.sin(x) * bar + 0.01))},
        "the vjp rule of box with respect to x",
    ),
    (
        {"jvp": lambda p, t: (0, np.sin(p[0]) * p[1] * t[0] + np.sin(p[0]) * t[1])},
        "the jvp rule of box with respect to x",
    ),
    (
        {"jvp": box_jvp, "vjp": lambda x, y: (0, lambda bar: (-bar * np.cos(x) * y, bar * np.sin(x)))},
        "the vjp rule of box with respect to x",
    ),
]


@pytest.mark.parametrize(("rules", "words"), WRONG)
def test_a_wrong_rule_is_caught_and_named(rules, words):
    f = bl.custom(box, **rules)

    def uses(x, y):
        z = x * y
        return f(z, y) ** 2

    report = bl.check_grad(uses, 0.8, 1.5, order=1)
    assert not report.passed
    first = next(c for c in report.checks if not c.passed)
    assert words in first.what and "(line " in first.what and first.error > first.allowed
    with pytest.raises(bl.GradientError, match=words) as caught:
        report.raise_if_wrong()
    assert "by differences" in str(caught.value) and "off by" in str(caught.value)


def test_a_rule_on_plain_numbers_is_checked_to_first_order():
    f = bl.custom(box, vjp=lambda x, y: (0, lambda bar: (bar * math.cos(x) * y, bar * math.sin(x))))
    report = bl.check_grad(lambda x: f(x, 2.0), 0.5)
    assert report.passed and "second derivatives were not compared" in str(report)


X = np.ones(3)
BAD = [
    (lambda: bl.custom(box), "a custom box needs a rule", "give jvp= or vjp="),
    (lambda: bl.custom(3.0, vjp=box_vjp), "must be a function, not float 3.0", "without calling it"),
    (lambda: bl.custom(box, vjp=3), "vjp= must be a function, not int", "write a def"),
    (
        lambda: bl.grad(bl.custom(box, vjp=lambda x, y: 3.0))(1.0, 2.0),
        "vjp rule must return (value, pullback)",
        "return the value and a function",
    ),
    (
        lambda: bl.grad(bl.custom(box, vjp=lambda x, y: (0, lambda bar: bar)))(1.0, 2.0),
        "returns 1 adjoints for 2 arguments",
        "one for each",
    ),
    (
        lambda: bl.jvp(bl.custom(box, jvp=lambda p, t: 3.0), (1.0, 2.0), (1.0, 0.0)),
        "must return (value, tangent)",
        "return both",
    ),
    (
        lambda: bl.grad(lambda x: np.sum(bl.custom(np.sort, vjp=lambda x: (x, lambda bar: bar[:2]))(x)))(X),
        "adjoint number 1 of sort's vjp rule has shape (2,), and its argument has shape (3,)",
        "the shape of what it belongs to",
    ),
    (
        lambda: bl.jvp(bl.custom(np.sort, jvp=lambda p, t: (p, 1.0)), (X,), (X,)),
        "the tangent of sort's jvp rule has shape (), and the value has shape (3,)",
        "the shape of what it belongs to",
    ),
    (lambda: bl.grad(bl.custom(lambda x: None, vjp=box_vjp))(1.0), "returns nothing", "end it with return"),
]


@pytest.mark.parametrize(("call", "words", "instead"), BAD)
def test_bad_rules_get_a_sentence(call, words, instead):
    with pytest.raises(bl.ArgumentError) as caught:
        call()
    assert words in str(caught.value) and instead in str(caught.value)


# --- worked uses: the implicit function theorem and the eigenvalue of a symmetric matrix ------------------------------


def test_implicit_differentiation_of_a_root_solver():
    """u solves g(u, p) = 0, so g_u du + g_p dp = 0: one linear solve, whatever the solver did."""

    def equation(u, p):
        return u**3 + p[0] * u - p[1]

    def root(p):
        return optimize.brentq(lambda u: equation(u, p), -10, 10, xtol=1e-14)

    def root_jvp(primals, tangents):
        p = primals[0]
        u = solve(p)
        by_u = bl.grad(lambda u: equation(u, p))(u)
        return u, -bl.jvp(lambda p: equation(u, p), (p,), tangents)[1] / by_u

    solve = bl.custom(root, jvp=root_jvp)
    p = np.array([2.0, 5.0])
    u = solve(p)
    assert bl.grad(solve)(p) == pytest.approx(np.array([-u, 1.0]) / (3 * u**2 + 2))
    assert bl.check_grad(solve, p).passed
    assert np.allclose(bl.hessian(solve)(p), bl.hessian(solve)(p).T)


def test_implicit_differentiation_of_a_fixed_point_against_differentiating_the_iterations():
    def step(u, a):
        return np.cos(a * u)

    def iterate(a):
        u = 0.5
        for _ in range(200):
            u = step(u, a)
        return u

    def rule(a):
        u = fixed_point(a)
        by_u, by_a = bl.grad(step)(u, a)
        return u, lambda bar: bar * by_a / (1 - by_u)

    fixed_point = bl.custom(iterate, vjp=rule)
    assert bl.grad(fixed_point)(0.8) == pytest.approx(bl.grad(iterate)(0.8), rel=1e-12)
    assert len(bl.trace(iterate, 0.8)) > 400 and len(bl.trace(lambda a: fixed_point(a), 0.8)) == 2
    second = bl.grad(lambda a: bl.grad(fixed_point)(a))(0.8)
    assert second == pytest.approx(bl.grad(lambda a: bl.grad(iterate)(a))(0.8), rel=1e-10)
    assert bl.check_grad(fixed_point, 0.8).passed


def test_the_adjoint_method_takes_one_extra_solve():
    """Strang's example: g(u) with A(p) u = b, here for 50 parameters."""
    rng = np.random.default_rng(1)
    n = 50
    base, c, b = rng.normal(size=(n, n)) + 10 * np.eye(n), rng.normal(size=n), rng.normal(size=n)
    solves = []

    def counted(a, b):
        solves.append(1)
        return np.linalg.solve(a, b)

    def rule(a, b):
        u = counted(a, b)

        def pullback(bar):
            lam = counted(a.T, bar)
            return -np.outer(lam, u), lam

        return u, pullback

    solver = bl.custom(counted, vjp=rule)

    def g(p):
        return np.sum(c * solver(base + np.diag(p), b))

    p = rng.normal(size=n)
    gradient = bl.grad(g)(p)
    assert len(solves) == 3  # the value, the value again for the rule, and the adjoint: not one for each parameter
    lam = np.linalg.solve((base + np.diag(p)).T, c)
    assert np.allclose(gradient, -lam * np.linalg.solve(base + np.diag(p), b))
    assert np.allclose(gradient, bl.grad(lambda p: np.sum(c * np.linalg.solve(base + np.diag(p), b)))(p))


def test_the_eigenvalue_of_a_symmetric_matrix():
    """The change of an eigenvalue is qᵀ dA q (Edelman and Johnson)."""

    def largest(a):
        return np.linalg.eigvalsh((a + a.T) / 2)[-1]

    def rule(a):
        values, vectors = np.linalg.eigh((a + a.T) / 2)
        q = vectors[:, -1]
        return values[-1], lambda bar: bar * np.outer(q, q)

    by_hand = bl.custom(largest, vjp=rule)
    a = np.array([[2.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 1.0]])
    built_in = bl.grad(lambda a: np.linalg.eigvalsh(a)[-1])(a)
    assert np.allclose(bl.grad(by_hand)(a), built_in)
    assert bl.check_grad(lambda s, t: by_hand(a * s + np.eye(3) * t), 1.0, 0.3, order=1).passed


def test_rules_go_into_a_pickle_by_their_names():
    for given in RULES.values():
        rule = bl.custom(box, **given)
        graph = bl.trace(lambda x, y: rule(x, y) * x, 2.0, 3.0)  # noqa: B023
        opened = pickle.loads(pickle.dumps(graph))
        assert bl.adjoint_sweep(opened).result == bl.adjoint_sweep(graph).result
        assert bl.adjoint_sweep(opened.replay(1.0)).result == bl.adjoint_sweep(graph.replay(1.0)).result
        assert copy.deepcopy(rule) is rule


def test_a_rule_without_a_name_is_told():
    of_lambda = bl.custom(lambda x, y: x * y, jvp=box_jvp)
    with_lambda = bl.custom(box, jvp=lambda primals, tangents: box_jvp(primals, tangents))
    for rule, words in (
        (
            of_lambda,
            r"the lambda in line \d+ cannot be pickled, because .* its function has none .*; write it with def",
        ),
        (with_lambda, "box cannot be pickled, because .* its jvp rule has none .*; write it with def at the top"),
    ):
        for f in (rule, lambda x, y, rule=rule: bl.checkpoint(lambda x, y: rule(x, y))(x, y)):
            with pytest.raises(bl.ArgumentError, match=words):
                pickle.dumps(bl.trace(f, 2.0, 3.0))
