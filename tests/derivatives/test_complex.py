"""Complex inputs: both Wirtinger partials, and the gradient's convention, against differences in both directions."""

import cmath

import numpy as np
import pytest

import backprop_lab as bl

Z = 0.8 - 0.6j
W = np.array([1 + 2j, -0.5 + 0.25j, 2 - 1j])


def differences(f, z, h=1e-6):
    """(df/dz, df/dz̄) by central differences along the real and the imaginary axis."""
    across = (f(z + h) - f(z - h)) / (2 * h)
    along = (f(z + 1j * h) - f(z - 1j * h)) / (2 * h)
    return (across - 1j * along) / 2, (across + 1j * along) / 2


FUNCTIONS = {
    "z z̄": (lambda z: z * np.conj(z), lambda z: (z.conjugate(), z)),
    "z²": (lambda z: z**2, lambda z: (2 * z, 0)),
    "exp": (lambda z: np.exp(z), lambda z: (cmath.exp(z), 0)),
    "sin z̄": (lambda z: np.sin(np.conj(z)), lambda z: (0, cmath.cos(z.conjugate()))),
    "|z|": (lambda z: abs(z), lambda z: (z.conjugate() / (2 * abs(z)), z / (2 * abs(z)))),
    "Re z": (lambda z: z.real if isinstance(z, complex) else np.real(z), lambda z: (0.5, 0.5)),
    "Im z": (lambda z: z.imag if isinstance(z, complex) else np.imag(z), lambda z: (-0.5j, 0.5j)),
    "1 / z": (lambda z: 1 / z, lambda z: (-1 / z**2, 0)),
    "log z": (lambda z: np.log(z), lambda z: (1 / z, 0)),
    "sqrt z": (lambda z: np.sqrt(z), lambda z: (0.5 / cmath.sqrt(z), 0)),
    "z^(1+i)": (lambda z: z ** (1 + 1j), lambda z: ((1 + 1j) * z**1j, 0)),
    "tanh": (lambda z: np.tanh(z), lambda z: (1 - cmath.tanh(z) ** 2, 0)),
    "angle": (lambda z: np.angle(z), lambda z: (-0.5j / z, 0.5j / z.conjugate())),
    "mixed": (lambda z: z**2 * np.conj(z) + 3 * z - 1j, lambda z: (2 * z * z.conjugate() + 3, z**2)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_both_partials(name):
    f, exact = FUNCTIONS[name]
    found = bl.wirtinger(f, Z)
    assert np.allclose(found, exact(Z), rtol=1e-12, atol=1e-12)
    assert np.allclose(found, differences(f, Z), rtol=1e-6, atol=1e-8)
    value, dot = bl.jvp(f, (Z,), (0.3 + 0.7j,))
    assert np.allclose(value, f(Z)) and np.allclose(
        dot, found[0] * (0.3 + 0.7j) + found[1] * (0.3 - 0.7j), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("name", ["z²", "exp", "1 / z", "log z", "sqrt z", "z^(1+i)", "tanh"])
def test_analytic_functions_do_not_depend_on_the_conjugate(name):
    assert abs(bl.wirtinger(FUNCTIONS[name][0], Z)[1]) < 1e-15


def test_of_a_real_function_df_is_twice_the_real_part():
    f = lambda z: np.real(np.exp(z) * np.conj(z) ** 2) + abs(z) ** 2  # noqa: E731
    by_z, by_conj = bl.wirtinger(f, Z)
    assert by_conj == pytest.approx(by_z.conjugate())
    dz = 1e-6 * (0.3 + 0.4j)
    assert f(Z + dz) - f(Z) == pytest.approx(2 * (by_z * dz).real, rel=1e-4)


def test_the_gradient_of_a_real_function():
    """du/dx - i du/dy, which is twice df/dz; its conjugate points uphill."""
    f = lambda z: abs(z) ** 2 + 3 * np.real(z)  # noqa: E731
    g = bl.grad(f)(Z)
    assert isinstance(g, complex) and g == pytest.approx(2 * Z.conjugate() + 3)
    assert g == pytest.approx(2 * bl.wirtinger(f, Z)[0])
    h = 1e-6
    by_x, by_y = (f(Z + h) - f(Z - h)) / (2 * h), (f(Z + 1j * h) - f(Z - 1j * h)) / (2 * h)
    assert g == pytest.approx(by_x - 1j * by_y, rel=1e-6)
    z = Z
    for _ in range(200):
        z = z - 0.1 * bl.grad(f)(z).conjugate()
    assert z == pytest.approx(-1.5, abs=1e-8)


def test_arrays():
    by_z, by_conj = bl.wirtinger(lambda w: np.sum(w * np.conj(w)), W)
    assert np.allclose(by_z, W.conj()) and np.allclose(by_conj, W)
    by_z, by_conj = bl.wirtinger(lambda w: w**2 + np.conj(w), W)
    assert np.allclose(by_z, np.diag(2 * W)) and np.allclose(by_conj, np.eye(3))
    a = np.array([[1j, 2.0, 0], [1, 1 - 1j, 3]])
    loss = lambda w: np.sum(np.abs(a @ w - 1) ** 2)  # noqa: E731
    assert np.allclose(bl.grad(loss)(W), 2 * np.conj(a.conj().T @ (a @ W - 1)))
    assert np.allclose(bl.wirtinger(loss, W)[1], a.conj().T @ (a @ W - 1))


def test_real_inputs_of_a_complex_computation_have_real_derivatives():
    f = lambda x: np.real(np.exp(1j * x) * (2 + 1j))  # noqa: E731
    assert type(bl.grad(f)(0.4)) is float
    assert bl.grad(f)(0.4) == pytest.approx(-2 * np.sin(0.4) - np.cos(0.4))
    x = np.array([0.1, 0.2])
    g = bl.grad(lambda x: np.sum(np.abs(x * 1j + 1) ** 2))(x)
    assert g.dtype == float and np.allclose(g, 2 * x)


def test_second_derivatives():
    f = lambda z: np.abs(z) ** 4  # noqa: E731
    v = 0.3 - 0.2j
    product = bl.hvp(f, (Z,), (v,))
    h = 1e-6
    assert product == pytest.approx((bl.grad(f)(Z + h * v) - bl.grad(f)(Z - h * v)) / (2 * h), rel=1e-6)


def test_on_the_graph():
    def f(z):
        w = z * np.conj(z)
        return w

    graph = bl.trace(f, 3 + 4j)
    assert graph["z"].value == 3 + 4j and graph.value == 25 + 0j
    assert "3 + 4i" in str(graph)
    assert graph.replay(1j).value == 1
    bars = bl.adjoint_sweep(bl.trace(lambda z: np.real(z * np.conj(z)), 3 + 4j))
    assert bars.result["z"] == 6 - 8j
    dots = bl.tangent_sweep(graph, z=1j)
    assert dots.numbers[graph.output_ids[0]] == pytest.approx(8)


def test_bad_input():
    with pytest.raises(bl.ArgumentError, match="the argument z of"):
        bl.wirtinger(lambda z: z, "a")
    with pytest.raises(bl.ArgumentError, match="returns several values"):
        bl.wirtinger(lambda z: (z, z), 1j)
    with pytest.raises(bl.TraceError, match="complex numbers have no order"):
        bl.grad(lambda z: np.abs(bl.relu(z)))(1j)


@pytest.mark.parametrize("f", [lambda z: abs(1 / z), lambda z: np.real(np.log(z)), lambda z: np.real(1j / z**2)])
def test_at_a_pole_a_derivative_is_not_a_number(f):
    """As the value is, on the graph too: domains of complex numbers are not checked."""
    with pytest.warns(bl.LabWarning):
        graph = bl.trace(f, 0j)
    assert np.isnan(bl.grad(f)(0j)) and np.isnan(bl.adjoint_sweep(graph).result["z"])


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (np.imag, 1 + 2j, -1j),
        (np.real, 1 + 2j, 1),
        (np.abs, 3 + 4j, 0.6 - 0.8j),
        (lambda z: z * z, 1 + 2j, 2 + 4j),
        (lambda x: x * (1 + 2j), 3.0, 1 + 2j),
        (lambda z: z * np.conj(z), 1 + 2j, None),
        (np.conj, 1 + 2j, None),
        (lambda z: np.real(z) * 1j, 1 + 2j, None),
        (lambda z: np.imag(z) ** 2, np.array([1 + 2j, 3 - 1j]), np.diag([-4j, 2j])),
        (lambda z: np.exp(z), np.array([1 + 2j, 3 - 1j]), np.diag(np.exp([1 + 2j, 3 - 1j]))),
    ],
)
def test_a_jacobian_along_both_axes_is_the_same_in_both_modes_or_refused(f, at, expected):
    for mode in ("forward", "reverse"):
        if expected is None:
            with pytest.raises(bl.ArgumentError, match="no single complex derivative here.*use bl.wirtinger"):
                bl.jacobian(f, mode)(at)
        else:
            assert np.allclose(bl.jacobian(f, mode)(at), expected, atol=1e-14)


def test_complex_numbers_stand_in_brackets_where_they_are_multiplied():
    sweep = bl.adjoint_sweep(bl.trace(lambda z: z * np.conj(z), 1 + 2j))
    assert "= (1 + 0i) · (1 − 2i) = 1 − 2i" in str(sweep)
    told = [step.formula + step.sentence for step in bl.step(lambda z: z * np.conj(z), z=1 + 2j).steps]
    assert any("sends (1 + 0i) · (1 − 2i) = 1 − 2i to z" in words for words in told), told
