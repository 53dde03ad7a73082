"""Random graphs of arrays with sharing, against a second library: gradients, Hessian products, compiled programs."""

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad as autograd_grad
from autograd import make_hvp
from hypothesis import given
from support.array_programs import N, programs
from support.strategies import examples

import backprop_lab as bl


def near(a: Any, b: Any) -> None:
    for x, y in zip(a, b, strict=True):
        assert np.shape(x) == np.shape(y)
        assert np.allclose(x, y, rtol=1e-9, atol=1e-9), (x, y)


@examples(30)
@given(programs())
def test_value_and_gradient_of_random_programs(program):
    at = program.inputs()
    value, gradient = bl.value_and_grad(lambda *x: program.run(np, *x))(*at)
    assert value == pytest.approx(program.run(np, *at), rel=1e-12)
    exact = autograd_grad(lambda x: program.run(anp, *x))(at)
    near(gradient, exact)
    compiled = bl.compile(lambda *x: program.run(np, *x), *at)
    other = tuple(0.7 * x for x in at)
    near(compiled.value_and_grad(*other)[1], bl.grad(lambda *x: program.run(np, *x))(*other))


@examples(30)
@given(programs())
def test_products_with_the_hessian_of_random_programs(program):
    at = program.inputs()
    v = tuple(np.cos(3 * x) if np.shape(x) else float(np.cos(3 * x)) for x in at)
    product = bl.hvp(lambda *x: program.run(np, *x), at, v)
    flat = np.concatenate([np.ravel(x) for x in at])

    def unflat(x):
        return x[0], x[1 : 1 + N], anp.reshape(x[1 + N :], (N, N))

    exact = make_hvp(lambda x: program.run(anp, *unflat(x)))(flat)[0](np.concatenate([np.ravel(x) for x in v]))
    assert np.allclose(np.concatenate([np.ravel(x) for x in product]), exact, rtol=1e-8, atol=1e-8)


@examples(30)
@given(programs())
def test_sweeps_and_modes_of_random_programs(program):
    at = program.inputs()
    f = lambda *x: program.run(np, *x)  # noqa: E731
    gradient = bl.grad(f)(*at)
    graph = bl.trace(f, *at)
    bars = bl.adjoint_sweep(graph)
    near([bars.numbers[k] for k in range(3)], gradient)
    v = tuple(np.sin(5 * x) if np.shape(x) else float(np.sin(5 * x)) for x in at)
    dot = bl.jvp(f, at, v)[1]
    assert dot == pytest.approx(sum(np.sum(g * d) for g, d in zip(gradient, v, strict=True)), rel=1e-9, abs=1e-9)
    assert bl.tangent_sweep(graph, *v).numbers[graph.output_ids[0]] == pytest.approx(dot, rel=1e-9, abs=1e-9)
