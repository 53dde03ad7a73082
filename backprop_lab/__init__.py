"""backprop_lab: see backpropagation. Trace a Python function, draw its graph, step both passes.

    >>> import backprop_lab as bl
    >>> def f(x, y):
    ...     return 2*x*y + (x - 1)**2
    >>> bl.value_and_grad(f)(3, 5)
    (34.0, (14.0, 6.0))

Start with `bl.step(f, x=3, y=5)` in a notebook. Importing the package loads next to nothing: the engine comes with the
first name that is used, and widgets, Graphviz and matplotlib with what needs them.
"""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any

from .notebook import answer_cells
from .version import __version__ as __version__

if TYPE_CHECKING:
    from . import exercises, plots
    from .catalogue.entries import examples
    from .catalogue.example import Example
    from .compiled.program import Program, compile
    from .derivatives.custom import Custom, checkpoint, custom
    from .derivatives.differences import GradientError, GradReport, check_grad, numerical_grad
    from .derivatives.jacobians import hessian, hvp, jacobian, wirtinger
    from .derivatives.passes import grad, jvp, value_and_grad, vjp
    from .descent import experiments
    from .descent.downhill import descend
    from .descent.methods import Method, methods
    from .descent.run import Run
    from .errors import (
        ArgumentError,
        DivisionError,
        DomainError,
        DrawingError,
        LabError,
        LabWarning,
        SaveError,
        TraceError,
    )
    from .exercises import Exercise, Report, check, guess, hint, progress, script, seed
    from .graph.graph import Graph, Node
    from .graph.paths import Path, count_paths, paths
    from .graph.sweeps import Step, Sweep, adjoint_sweep, tangent_sweep, value_sweep
    from .graph.trace import trace
    from .mistakes.diagnosis import WrongTurn, diagnose, wrong_turns
    from .mistakes.separation import separating_inputs
    from .others.jaxprs import from_jax
    from .others.pytorch import from_torch
    from .others.values import from_values
    from .table.table import Primitive, primitives
    from .widgets.player import Player, step
    from .widgets.playground import Descent

# Names of the engine by their modules: all of them are there as soon as one is used.
_ENGINE = {
    ".derivatives.passes": "grad jvp value_and_grad vjp",
    ".errors": "ArgumentError DivisionError DomainError DrawingError LabError LabWarning SaveError TraceError",
    ".graph.graph": "Graph Node",
    ".graph.sweeps": "Step Sweep adjoint_sweep tangent_sweep value_sweep",
    ".graph.trace": "trace",
    ".table.table": "Primitive primitives",
}
# What is loaded when it is itself used.
_LAZY = {
    name: module
    for module, names in {
        ".catalogue.entries": ("examples",),
        ".catalogue.example": ("Example",),
        ".graph.paths": ("Path", "count_paths", "paths"),
        ".derivatives.custom": ("Custom", "checkpoint", "custom"),
        ".derivatives.differences": ("GradReport", "GradientError", "check_grad", "numerical_grad"),
        ".mistakes.diagnosis": ("WrongTurn", "diagnose", "wrong_turns"),
        ".descent": ("experiments",),
        ".descent.methods": ("Method", "methods"),
        ".descent.run": ("Run",),
        ".descent.downhill": ("descend",),
        ".exercises": ("Exercise", "Report", "check", "exercises", "guess", "hint", "progress", "script", "seed"),
        ".plots": ("plots",),
        ".derivatives.jacobians": ("hessian", "hvp", "jacobian", "wirtinger"),
        ".compiled.program": ("Program", "compile"),
        ".mistakes.separation": ("separating_inputs",),
        ".others.jaxprs": ("from_jax",),
        ".others.pytorch": ("from_torch",),
        ".others.values": ("from_values",),
        ".widgets.player": ("Player", "step"),
        ".widgets.playground": ("Descent",),
    }.items()
    for name in names
}
_lock, _loaded = RLock(), False


def _load() -> None:
    """Put the engine's names in their places, once."""
    global _loaded
    with _lock:
        if _loaded:
            return
        _loaded = True  # a module that asks for a name while it is being loaded gets no answer
        import_module(".display", __name__)  # how a graph shows itself
        found = {
            name: getattr(import_module(module, __name__), name) for module, x in _ENGINE.items() for name in x.split()
        }
        found |= {  # bl.sin, bl.relu …: the table decides which there are; NumPy has the others under names of its own
            name: op.function
            for name, op in found["primitives"].items()
            if op.elementwise and op.family != "arithmetic" or op.family == "classification"
        }
        globals().update(found, __all__=sorted([*found, *_LAZY]))


answer_cells.watch()


def __getattr__(name: str) -> Any:
    if name == "__all__" or not name.startswith("__"):
        _load()
    if name in globals():
        return globals()[name]
    if name in _LAZY:
        try:
            module = import_module(_LAZY[name], __name__)
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith(__name__):
                raise  # a package that is not installed
            from .errors import not_brought

            raise not_brought(f"bl.{name}") from None
        return module if _LAZY[name] == f".{name}" else getattr(module, name)  # exercises and plots are packages
    if name.startswith("__"):  # Python itself asks
        raise AttributeError(f"backprop_lab has no {name}")
    from .errors import AttributeTraceError
    from .recording.sentences.idioms import LAB_NAMES

    advice = f"write {LAB_NAMES[name]}" if name in LAB_NAMES else "dir(backprop_lab) lists what there is"
    raise AttributeTraceError(f"backprop_lab has no {name}; {advice}")


def __dir__() -> list[str]:
    _load()
    names: list[str] = globals()["__all__"]
    return names
