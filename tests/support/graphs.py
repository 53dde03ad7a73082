"""Graphs that several tests look at: of numbers, of arrays, with names that would like to be markup."""

import numpy as np

import backprop_lab as bl


def program(x, y):
    u = x * y
    w = bl.sin(u) - u / y
    return w * w + bl.relu(u) * 2 - x**3


WITH_ARRAYS = ("matrix-chain", "matrix-chain-left", "two-layer", "deep")

GRAPHS = {name: example.trace for name, example in bl.examples.items() if name not in WITH_ARRAYS} | {
    "program": lambda: bl.trace(program, 1.5, -2.0),
    "input": lambda: bl.trace(lambda x: x, 2.0),
    "constant": lambda: bl.trace(lambda: 2.0),
    "cube": lambda: bl.trace(lambda x: x * x * x, 2.0),
}


def loop(x, y, turns=40):
    s = x
    for _ in range(turns):
        s = s * y + x
    return s


HOSTILE = {
    "<script>": 2.0,
    'a&b"': 3.0,
    "</svg><img src=x onerror=alert(1)>": 1.0,
    "naïve 名": 2.0,
    "back\\slash\n": 1.5,
}


def hostile(**values):
    total = 1.0
    for value in values.values():
        total = total * value
    return total


RNG = np.random.default_rng(7)


def layer(X, W, b, V, Y):
    H = bl.tanh(X @ W + b)
    E = H @ V - Y
    return np.sum(E**2) / 4 + np.sum(H * b)


def kinds(v, M, mask, t):
    u = bl.log(v)  # nan and −inf
    w = u * mask + t * v
    r = np.reshape(M, (4, 3))
    return np.sum(np.where(v > 1, w, v)) + np.sum(r * r) + np.sum(M * t)


LAYER = (RNG.normal(size=(6, 4)), RNG.normal(size=(4, 8)), RNG.normal(size=8), RNG.normal(size=(8, 2)), np.ones((6, 2)))

ODD = (np.array([-1.0, 0.0, 1, 2, 3, 4, 5, 6, 7]), RNG.normal(size=(2, 3, 2)), np.eye(9)[4], 0.5)

MAKE = {
    "two-layer": lambda: bl.examples["two-layer"].step(),
    "layer": lambda: bl.step(layer, *LAYER),
    "odd": lambda: bl.step(kinds, *ODD),
    "forward": lambda: bl.step(layer, *LAYER, mode="forward"),
    "value": lambda: bl.step(kinds, *ODD, mode="value"),
}
