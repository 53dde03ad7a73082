"""A function of PyTorch's tensors as our graph, with PyTorch's gradients beside ours; PyTorch is loaded only here.

graph = bl.from_torch(loss, W, x)            each operation that ran, with the line that it stands in
bl.step(graph)                               in our player
print(graph.compare())                       that both engines agree
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..recording.arguments import bind
from ..recording.door import entry
from ..recording.trees import is_tree, mapped
from ..source import frames
from ..source.calls import CallLog
from ..source.functions import name_of
from ..source.places import Place, place_of
from .aten import RULES
from .graph import TheirGraph
from .program import Program, Ref, Step, flat, graph_of, library
from .values import around
from .watch import names_in

PRECISION = {"float64": 1e-9, "float32": 1e-4, "float16": 1e-2, "bfloat16": 5e-2}


@entry("bl.from_torch(f, x)")
def from_torch(fn: Callable[..., Any], /, *tensors: Any) -> TheirGraph:
    """The graph of a function of tensors, as PyTorch ran it, with its gradients beside ours.

    Parameters
    ----------
    fn : a function of tensors that returns one number; a module will do. It is called once
    tensors : its arguments: tensors, numbers, or lists, tuples and dicts of them. Those of floats become inputs, and so
        do parameters that it uses

    Returns
    -------
    TheirGraph : each operation made of ours. One that has no counterpart is a node with PyTorch's own rule, and its
        number stands in `.own`. If fn fails, the graph ends at the operation that did, and `.failed` says why

    Raises
    ------
    ArgumentError : PyTorch is not installed, no function, no tensor of floats, or a result that is no
        tensor of one number
    """
    torch = library("torch", "PyTorch")
    if isinstance(fn, torch.Tensor):
        raise ArgumentError("a tensor does not tell its lines; give the function that computes it: bl.from_torch(f, x)")
    program, precision = recorded(torch, fn, tensors)
    return graph_of(program, RULES, fn if hasattr(fn, "__code__") else None, precision)


def recorded(torch: Any, fn: Callable[..., Any], tensors: tuple[Any, ...]) -> tuple[Program, float]:
    """What ran when the function was called, as a program of ATen's operations, and how exact its numbers are."""
    module = isinstance(fn, torch.nn.Module)
    parameters = ["x"] if module else list(bind(fn, tensors, {}).arguments)
    recorder = _Recorder(torch, type(fn).__name__ if module else name_of(fn))
    args = [mapped(recorder.input, x, name) for x, name in zip(tensors, _named(parameters, len(tensors)), strict=True)]
    recorder.find_names(fn)
    result = _run(recorder, fn, args)
    program = recorder.program
    if not program.inputs:
        raise ArgumentError(f"{name_of(fn)} uses no tensor of floats; give it torch.tensor(2.0), say")
    if not program.failed:
        if not isinstance(result, torch.Tensor) or id(result) not in recorder.numbers:
            raise ArgumentError(
                f"{name_of(fn)} returns {type(result).__name__} {result!r:.40}; return the tensor that it computes"
            )
        if result.numel() != 1:
            raise ArgumentError(
                f"{name_of(fn)} returns a tensor of shape {tuple(result.shape)}, and a gradient is one number's; "
                "return its sum, say"
            )
        program.output = recorder.numbers[id(result)]
        recorder.differentiate(result)
    kinds = {str(t.dtype).removeprefix("torch.") for t in recorder.kept if t.is_floating_point()}
    return program, max(PRECISION.get(kind, 1e-9) for kind in kinds)


def _named(names: list[str], count: int) -> list[str]:
    return [*names, *(f"{names[-1] if names else 'x'}[{k}]" for k in range(count - len(names)))][:count]


def _run(recorder: _Recorder, fn: Callable[..., Any], args: list[Any]) -> Any:
    try:
        with recorder.mode():
            return fn(*args)
    except Exception as error:  # theirs: the graph ends there
        recorder.fail(error)
        return None


frames.boundary(_run)


class _Recorder:
    """Writes down each operation that PyTorch dispatches."""

    def __init__(self, torch: Any, name: str) -> None:
        self.torch, self.folder = torch, os.path.dirname(torch.__file__) + os.sep
        self.program = Program(name, log=CallLog())
        self.numbers: dict[int, int] = {}  # by the ids of tensors
        self.kept: list[Any] = []  # so that no id is used twice
        self.names: Mapping[int, str] = {}
        self._spot: Any = None  # which frame was where
        self._failing: tuple[str, tuple[Any, ...], dict[str, Any], Place | None, int] | None = None

    def number(self, tensor: Any) -> int:
        """A new number for a tensor; one that was changed in place gets another."""
        self.kept.append(tensor)
        self.numbers[id(tensor)] = len(self.kept) - 1
        return len(self.kept) - 1

    def input(self, x: Any, name: str) -> Any:
        """An argument: of floats a leaf of its own, which becomes an input."""
        if not isinstance(x, self.torch.Tensor):
            return x
        if x.is_floating_point():
            x = x.detach().clone().requires_grad_()
            self.program.inputs[self.number(x)] = name, numpy_of(x)
        return x

    def find_names(self, fn: Callable[..., Any]) -> None:
        """What tensors outside are called that the function uses: parameters of modules."""
        if isinstance(fn, self.torch.nn.Module):
            self.names = {id(p): name for name, p in fn.named_parameters()}
            return
        found: dict[int, str] = {}
        for variables in around(fn):
            for name, x in variables.items():
                if isinstance(x, self.torch.nn.Module):
                    found |= {id(p): f"{name}.{inner}" for inner, p in x.named_parameters()}
                elif isinstance(x, self.torch.Tensor):
                    found.setdefault(id(x), name)
                elif is_tree(x):
                    wanted = {id(t) for t in flat(x) if isinstance(t, self.torch.Tensor)}
                    found |= names_in({name: x}, wanted)
        self.names = found

    def mode(self) -> Any:
        """The context in which operations are written down."""
        recorder = self

        class Mode(self.torch.utils._python_dispatch.TorchDispatchMode):  # type: ignore[name-defined, misc]
            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                return recorder.dispatched(func, args, kwargs or {})

        return Mode()

    def dispatched(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run one operation, and write it down."""
        op, place, mark = func.overloadpacket.__name__, *self._where()
        before = self._refs(args), self._refs(kwargs)
        try:
            returned = func(*args, **kwargs)
        except Exception:
            self._failing = op, *before, place, mark
            raise
        results = returned if isinstance(returned, tuple | list) else (returned,)
        for k, y in enumerate(results):
            if isinstance(y, self.torch.Tensor):
                function, vjp = self._own(func, args, kwargs, k)
                name = op.rstrip("_") if not op.startswith("_") else op
                name = name if k == 0 else f"{name}_{k}"
                step = Step(name, *before, self.number(y), numpy_of(y), place, mark, function, vjp, self._spot)
                self.program.steps.append(step)
        return returned

    def _refs(self, tree: Any) -> Any:
        """Operands with numbers in the places of tensors; a tensor from outside becomes an input or a constant."""
        if isinstance(tree, self.torch.Tensor):
            if id(tree) not in self.numbers:
                number = self.number(tree)
                if tree.requires_grad and tree.is_floating_point():
                    name = self.names.get(id(tree), f"parameter{number}")
                    self.program.inputs[number] = name, numpy_of(tree)
                else:
                    self.program.constants[number] = numpy_of(tree)
            return Ref(self.numbers[id(tree)])
        if isinstance(tree, dict):
            return {key: self._refs(x) for key, x in tree.items()}
        if isinstance(tree, list | tuple):
            return type(tree)(self._refs(x) for x in tree)
        return tree

    def _where(self) -> tuple[Place | None, int]:
        """The place of the student's line that led to the operation, and the call that it belongs to."""
        inner: FrameType | None = sys._getframe(2)
        frame = self._outside(inner)
        while inner is not None and inner.f_back is not frame:
            inner = inner.f_back
        called = inner is not None and inner.f_code.co_filename.startswith(self.folder)
        log = self.program.log
        assert log is not None
        log.mark(frame)
        mark = log.marks[-1]
        self._spot = frame and (frame, frame.f_lasti, inner if called else None)
        if frame is None:
            return None, mark
        first = place = place_of(frame.f_code, frame.f_lasti)
        while place.passes_on:
            frame = self._outside(frame.f_back)
            if frame is None:
                return first._replace(name=None, passes_on=False), mark
            place = place_of(frame.f_code, frame.f_lasti)
        return first._replace(name=place.name, passes_on=False), mark

    def _outside(self, frame: FrameType | None) -> FrameType | None:
        while frame is not None and (
            frame.f_code.co_filename.startswith((self.folder, "<"))
            and not frames.is_students(frame.f_code.co_filename)
            or frame.f_code.co_filename.startswith(self.folder)
            or frames.machinery[frame.f_code.co_filename]
        ):
            if frame.f_code in frames.boundaries:
                return None
            frame = frame.f_back
        return frame

    def _own(self, func: Any, args: Any, kwargs: Any, which: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """An operation as a function of arrays, and its own rule for going back."""
        torch = self.torch
        leaves = [x.detach().clone() if isinstance(x, torch.Tensor) else x for x in flat((args, kwargs))]
        places = [k for k, x in enumerate(leaves) if isinstance(x, torch.Tensor) and x.is_floating_point()]

        def tensors(xs: Any) -> list[Any]:
            traced = iter(xs)
            given = list(leaves)
            for k in places:
                given[k] = torch.tensor(np.asarray(next(traced)), dtype=leaves[k].dtype)
            return given

        def value(given: list[Any]) -> Any:
            again = iter(given)
            mine, named = _refilled(args, again), _refilled(kwargs, again)
            returned = func(*mine, **named)
            return returned[which] if isinstance(returned, tuple | list) else returned

        def function(*xs: Any) -> Any:
            return numpy_of(value(tensors(xs)))

        def vjp(*xs: Any) -> Any:
            given = tensors(xs)
            inputs = [given[k].requires_grad_() for k in places]
            with torch.enable_grad():
                y = value(given)

            def pullback(bar: Any) -> list[Any]:
                seed = torch.tensor(np.asarray(bar), dtype=y.dtype)
                sent = (
                    torch.autograd.grad(y, inputs, seed, allow_unused=True, retain_graph=True)
                    if y.requires_grad
                    else [None] * len(inputs)
                )
                return [numpy_of(g) if g is not None else numpy_of(x) * 0.0 for g, x in zip(sent, inputs, strict=True)]

            return numpy_of(y), pullback

        return function, vjp

    def differentiate(self, result: Any) -> None:
        """PyTorch's gradients of all tensors that have one."""
        asked = {k: t for k, t in enumerate(self.kept) if t.requires_grad and self.numbers[id(t)] == k}
        if not result.requires_grad:
            raise ArgumentError(
                f"the result of {self.program.name} does not depend on its inputs; see where it is detached"
            )
        found = self.torch.autograd.grad(result, list(asked.values()), allow_unused=True)
        self.program.grads = {k: numpy_of(g) for k, g in zip(asked, found, strict=True) if g is not None}

    def fail(self, error: Exception) -> None:
        """The program ends at the operation that failed, or after the last one that did not."""
        words = " ".join(str(error).split()) or type(error).__name__
        words = words if len(words) < 200 else f"{words[:199]}…"
        program = self.program
        if self._failing is not None:
            op, args, options, place, mark = self._failing
            self.kept.append(None)
            program.steps.append(Step(op, args, options, len(self.kept) - 1, None, place, mark))
            program.failed = f"{op} fails here: {words}"
        elif program.steps:
            program.failed = f"after this step comes {type(error).__name__}: {words}"
        else:
            raise error
        self.kept = [x for x in self.kept if x is not None]
        program.output = program.steps[-1].result


def numpy_of(tensor: Any) -> Any:
    """A tensor as an array, or as a number where it has no axes; floats are those of NumPy's 64 bits."""
    tensor = tensor.detach()
    if tensor.is_floating_point():
        tensor = tensor.double()
    found = tensor.cpu().numpy().copy()
    return found if found.ndim else found.item()


def _refilled(tree: Any, leaves: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _refilled(x, leaves) for key, x in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(_refilled(x, leaves) for x in tree)
    return next(leaves)
