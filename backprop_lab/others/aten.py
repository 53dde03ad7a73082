"""PyTorch's operations (ATen) made of ours: what each computes, by its name there.

What a row cannot honour it refuses, or gives another number; then the operation is a node with PyTorch's own rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..table.table import primitives
from ..table.values import plain, shape_of

_of = {name: op.function for name, op in primitives.items()}
log_softmax, softmax, sigmoid, relu, softplus = (
    _of[name] for name in ("log_softmax", "softmax", "sigmoid", "relu", "softplus")
)


def _axes(dim: Any) -> Any:
    return None if dim is None or dim == [] else tuple(dim) if isinstance(dim, list | tuple) else dim


def _sum(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return np.sum(x, axis=_axes(dim), keepdims=keepdim)


def _mean(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return np.mean(x, axis=_axes(dim), keepdims=keepdim)


def _swapped(x: Any, first: int, second: int) -> Any:
    return np.swapaxes(x, first, second)


def _turned(x: Any) -> Any:
    return np.transpose(x) if len(shape_of(x)) == 2 else x


def _scaled(x: Any, by: float) -> Any:
    return x if by == 1 else x * by


def _addmm(bias: Any, a: Any, b: Any, beta: float = 1, alpha: float = 1) -> Any:
    return _scaled(bias, beta) + _scaled(a @ b, alpha)


def _layer_norm(x: Any, shape: Sequence[int], weight: Any, bias: Any, eps: float) -> Any:
    axes = tuple(range(-len(shape), 0))
    centred = x - np.mean(x, axis=axes, keepdims=True)
    y = centred / np.sqrt(np.mean(centred**2, axis=axes, keepdims=True) + eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _gelu(x: Any, approximate: str = "none") -> Any:
    if approximate != "tanh":
        raise NotImplementedError
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _nll(logp: Any, target: Any, weight: Any, reduction: int, ignored: int) -> Any:
    if weight is not None or np.any(np.equal(target, ignored)):
        raise NotImplementedError
    picked = logp[np.arange(len(target)), target] if len(shape_of(logp)) == 2 else logp[int(target)]
    return -_reduced(picked, reduction)


def _reduced(x: Any, reduction: int) -> Any:
    return x if reduction == 0 or not shape_of(x) else np.mean(x) if reduction == 1 else np.sum(x)


def _slice(x: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Any:
    return x[(*(slice(None),) * (dim % len(shape_of(x))), slice(start, end, step))]


def _select(x: Any, dim: int, index: int) -> Any:
    return x[(*(slice(None),) * (dim % len(shape_of(x))), index)]


def _indexed(x: Any, indices: Sequence[Any]) -> Any:
    return x[tuple(slice(None) if i is None else i for i in indices)]


def _expand(x: Any, size: Sequence[int], implicit: bool = False) -> Any:
    own = (1,) * (len(size) - len(shape_of(x))) + shape_of(x)
    return np.broadcast_to(x, tuple(have if want == -1 else want for want, have in zip(size, own, strict=True)))


def _squeeze(x: Any, dim: Any = None) -> Any:
    shape = shape_of(x)
    dims = range(len(shape)) if dim is None else [dim] if isinstance(dim, int) else dim
    gone = {d % len(shape) for d in dims}
    return np.reshape(x, tuple(n for k, n in enumerate(shape) if k not in gone or n != 1))


def _clamp(x: Any, low: Any = None, high: Any = None) -> Any:
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


RULES: dict[str, Callable[..., Any]] = {
    "add": lambda a, b, alpha=1: a + _scaled(b, alpha),
    "sub": lambda a, b, alpha=1: a - _scaled(b, alpha),
    "rsub": lambda a, b, alpha=1: b - _scaled(a, alpha),
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda x: -x,
    "pow": lambda a, b: a**b,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "square": lambda x: x**2,
    "sum": _sum,
    "mean": _mean,
    "amax": lambda x, dim=None, keepdim=False: np.max(x, axis=_axes(dim), keepdims=keepdim),
    "mm": lambda a, b: a @ b,
    "bmm": lambda a, b: a @ b,
    "mv": lambda a, b: a @ b,
    "dot": lambda a, b: a @ b,
    "addmm": _addmm,
    "addmv": _addmm,
    "t": _turned,
    "transpose": _swapped,
    "permute": lambda x, dims: np.transpose(x, tuple(dims)),
    "view": lambda x, size: np.reshape(x, tuple(size)),
    "_unsafe_view": lambda x, size: np.reshape(x, tuple(size)),
    "reshape": lambda x, size: np.reshape(x, tuple(size)),
    "unsqueeze": lambda x, dim: np.expand_dims(x, dim),
    "squeeze": _squeeze,
    "expand": _expand,
    "select": _select,
    "slice": _slice,
    "index": _indexed,
    "embedding": lambda weight, indices, padding_idx=-1, *rest: weight[indices],
    "cat": lambda xs, dim=0: np.concatenate(xs, axis=dim),
    "stack": lambda xs, dim=0: np.stack(xs, axis=dim),
    "where": lambda condition, a, b: np.where(condition, a, b),
    "masked_fill": lambda x, mask, value: np.where(mask, value, x),
    "maximum": np.maximum,
    "minimum": np.minimum,
    "clamp": _clamp,
    "clamp_min": _clamp,
    "_softmax": lambda x, dim, half=False: softmax(x, dim),
    "_log_softmax": lambda x, dim, half=False: log_softmax(x, dim),
    "logsumexp": lambda x, dim, keepdim=False: _of["logsumexp"](x, _axes(dim), keepdim),
    "nll_loss_forward": _nll,
    "mse_loss": lambda a, b, reduction=1: _reduced((a - b) ** 2, reduction),
    "native_layer_norm": _layer_norm,
    "gelu": _gelu,
    "silu": lambda x: x * sigmoid(x),
    "softplus": lambda x, beta=1, threshold=20: softplus(_scaled(x, beta)) / beta,
    "leaky_relu": lambda x, slope=0.01: np.where(plain(x) > 0, x, slope * x),
    "relu": relu,
    "sigmoid": sigmoid,
    "lift_fresh": lambda x: x,
    "clone": lambda x, **_: x,
    "alias": lambda x: x,
    "_to_copy": lambda x, **_: x,
    "detach": lambda x: plain(x),
}
for _name in "exp log log1p expm1 log2 log10 sqrt sin cos tan sinh cosh tanh abs".split():
    RULES[_name] = getattr(np, _name)
for _name in ("asin", "acos", "atan"):
    RULES[_name] = getattr(np, f"arc{_name[1:]}")
