"""Functions of PyTorch's and JAX's, and what they recorded of them as JSON: for tests where neither is installed.

python tests/support/programs.py torch|jax      records anew, in an environment that has the library
"""

import json
import sys
import types
import warnings
from pathlib import Path

import numpy as np

from backprop_lab.others import aten, lax
from backprop_lab.others.program import Program, Ref, Step, flat, needed
from support.places import ROOT

__all__ = ["RULES", "ends_of", "in_jax", "in_torch", "read"]

RULES = {"torch": aten.RULES, "jax": lax.RULES}
RECORDED = {library: ROOT / f"tests/golden/{library}_programs.json" for library in RULES}


def _numbers(*shape):
    some = np.arange(1.0, 1.0 + np.prod(shape, dtype=int))
    return np.sin(some * 1.7 + len(shape)).reshape(shape)


def in_torch(torch):
    """By name, a function of tensors and the arrays to call it with."""
    F = torch.nn.functional
    target, picked = torch.tensor([0, 2, 1]), torch.tensor([1, 3, 1])

    def two_layers(x, W1, b1, W2, b2):
        h = torch.tanh(F.linear(x, W1, b1))
        out = F.linear(h, W2, b2)
        loss = ((out - 1.0) ** 2).mean()
        return loss

    def cross_entropy(z):
        return F.cross_entropy(z, target)

    def layer_norm(x, w, b):
        y = F.layer_norm(x, (4,), w, b)
        return (y * y * y).sum()

    def attention(x, Wq, Wk, Wv):
        q, k, v = x @ Wq, x @ Wk, x @ Wv
        scores = q @ k.transpose(-2, -1) / 2.0
        future = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
        a = torch.softmax(scores.masked_fill(future, -1e9), -1)
        return (a @ v).pow(2).sum()

    def embedding(E):
        e = F.embedding(picked, E)
        return (e.mean(0) ** 2).sum()

    def branchy(x):
        y = x
        for _ in range(3):
            y = torch.log(y) + x if y > 1 else y * y + x
        return y

    return _with_numbers(two_layers, cross_entropy, layer_norm, attention, embedding, branchy)


def in_jax(jax):
    """The same in JAX."""
    jnp = jax.numpy
    target, picked = jnp.array([0, 2, 1]), jnp.array([1, 3, 1])

    def two_layers(x, W1, b1, W2, b2):
        h = jnp.tanh(x @ W1.T + b1)
        out = h @ W2.T + b2
        loss = ((out - 1.0) ** 2).mean()
        return loss

    def cross_entropy(z):
        return -(jax.nn.log_softmax(z) * jax.nn.one_hot(target, 4)).sum(-1).mean()

    def layer_norm(x, w, b):
        y = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5) * w + b
        return (y * y * y).sum()

    def attention(x, Wq, Wk, Wv):
        q, k, v = x @ Wq, x @ Wk, x @ Wv
        scores = jnp.where(jnp.tril(jnp.ones((3, 3))) > 0, q @ k.T / 2.0, -1e9)
        return ((jax.nn.softmax(scores, -1) @ v) ** 2).sum()

    def embedding(E):
        e = jax.nn.one_hot(picked, 5) @ E
        return (e.mean(0) ** 2).sum()

    def branchy(x):
        y = x
        for _ in range(3):
            y = jax.lax.cond(y > 1, lambda y: jnp.log(y) + x, lambda y: y * y + x, y)
        return jax.nn.relu(y)

    return _with_numbers(two_layers, cross_entropy, layer_norm, attention, embedding, branchy)


def _with_numbers(*functions):
    shapes = {
        "two_layers": [(4, 3), (5, 3), (5,), (2, 5), (2,)],
        "cross_entropy": [(3, 4)],
        "layer_norm": [(3, 4), (4,), (4,)],
        "attention": [(3, 4), (4, 2), (4, 2), (4, 2)],
        "embedding": [(5, 2)],
    }
    return {f.__name__: (f, [_numbers(*s) for s in shapes.get(f.__name__, [])] or [np.array(0.7)]) for f in functions}


def ends_of(program):
    """The number that a program gives, and its gradients of its inputs, in order."""
    value = next(step.value for step in program.steps if step.result == program.output)
    return value, [program.grads[k] for k in program.inputs]


# --- as JSON ---------------------------------------------------------------------------------------------------------


def _plain(x):
    if isinstance(x, Ref):
        return {"ref": x.number}
    if isinstance(x, np.ndarray):
        return {"array": _plain(x.tolist()), "kind": x.dtype.kind, "shape": list(x.shape)}
    if isinstance(x, dict):
        return {"dict": {key: _plain(y) for key, y in x.items()}}
    if isinstance(x, list | tuple):
        return [_plain(y) for y in x]
    if isinstance(x, float) and not np.isfinite(x):
        return {"float": repr(x)}
    return x if isinstance(x, bool | int | float | str | None) else {"other": str(x)}


def _again(x):
    if isinstance(x, list):
        return [_again(y) for y in x]
    if not isinstance(x, dict):
        return x
    if "ref" in x:
        return Ref(x["ref"])
    if "array" in x:
        return np.array(_again(x["array"]), dtype={"f": float, "i": int, "b": bool}[x["kind"]]).reshape(x["shape"])
    if "dict" in x:
        return {key: _again(y) for key, y in x["dict"].items()}
    return float(x["float"]) if "float" in x else types.SimpleNamespace(name=x["other"])


def _written(program):
    steps = needed(program)
    used = {x.number for s in steps for x in flat((s.args, s.options)) if isinstance(x, Ref)}
    constants = {str(k): _plain(x) for k, x in program.constants.items() if k in used}
    return {
        "inputs": {str(k): [name, _plain(x)] for k, (name, x) in program.inputs.items()},
        "constants": constants,
        "steps": [[s.op, _plain(s.args), _plain(s.options), s.result, _plain(s.value)] for s in steps],
        "output": program.output,
        "grads": {
            str(k): _plain(g) for k, g in program.grads.items() if k in program.inputs or k in used | {program.output}
        },
    }


def read(library):
    """The programs that were recorded, by name."""
    found = {}
    for name, data in json.loads(RECORDED[library].read_text("utf-8")).items():
        steps = [
            Step(op, tuple(_again(args)), _again(options), k, _again(y)) for op, args, options, k, y in data["steps"]
        ]
        found[name] = Program(
            name,
            {int(k): (name, _again(x)) for k, (name, x) in data["inputs"].items()},
            {int(k): _again(x) for k, x in data["constants"].items()},
            steps,
            data["output"],
            {int(k): _again(g) for k, g in data["grads"].items()},
        )
    return found


def main(library):
    warnings.simplefilter("ignore")
    programs = {}
    if library == "torch":
        import torch

        from backprop_lab.others.pytorch import recorded

        for name, (f, arrays) in in_torch(torch).items():
            programs[name] = recorded(torch, f, tuple(torch.tensor(x) for x in arrays))[0]
    else:
        import jax

        from backprop_lab.others.jaxprs import recorded

        jax.config.update("jax_enable_x64", True)
        for name, (f, arrays) in in_jax(jax).items():
            programs[name] = recorded(jax, f, tuple(arrays))[0]
    text = json.dumps({name: _written(program) for name, program in programs.items()})
    Path(RECORDED[library]).write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
