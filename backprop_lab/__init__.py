"""backprop_lab: see backpropagation. Trace a Python function, draw its graph, step both passes.

    >>> import backprop_lab as bl
    >>> def f(x, y):
    ...     return 2*x*y + (x - 1)**2
    >>> bl.value_and_grad(f)(3, 5)
    (34.0, (14.0, 6.0))

Start with `bl.step(f, x=3, y=5)` in a notebook. Importing the package loads neither widgets nor Graphviz nor
matplotlib; they come when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import display as _display
from .derivatives.passes import grad, jvp, value_and_grad, vjp
from .errors import ArgumentError, DivisionError, DomainError, DrawingError, LabError, LabWarning, SaveError, TraceError
from .graph.graph import Graph, Node
from .graph.sweeps import Step, Sweep, adjoint_sweep, tangent_sweep, value_sweep
from .graph.trace import trace
from .notebook import answer_cells
from .table.table import Primitive, primitives
from .version import __version__ as __version__

if TYPE_CHECKING:
    from . import exercises, plots
    from .catalogue.entries import examples
    from .catalogue.example import Example
    from .compiled.program import Program, compile
    from .derivatives.custom import Custom, checkpoint, custom
    from .derivatives.differences import GradientError, GradReport, check_grad, numerical_grad
    from .derivatives.jacobians import hessian, hvp, jacobian, wirtinger
    from .descent import experiments
    from .descent.downhill import descend
    from .descent.methods import Method, methods
    from .descent.run import Run
    from .exercises import Exercise, Report, check, guess, hint, progress, script, seed
    from .graph.paths import Path, count_paths, paths
    from .mistakes.diagnosis import WrongTurn, diagnose, wrong_turns
    from .mistakes.separation import separating_inputs
    from .others.jaxprs import from_jax
    from .others.pytorch import from_torch
    from .others.values import from_values
    from .widgets.player import Player, step
    from .widgets.playground import Descent

# What is loaded when it is first used, so that importing the package costs little more than importing NumPy.
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
_functions = {  # NumPy has the others under names of its own
    name: op.function
    for name, op in primitives.items()
    if op.elementwise and op.family != "arithmetic" or op.family == "classification"
}
globals().update(_functions)  # bl.sin, bl.relu …: the table decides which there are
answer_cells.watch()

_here = "grad jvp primitives value_and_grad vjp Graph Node Primitive Step Sweep adjoint_sweep tangent_sweep trace"
_errors = "ArgumentError DivisionError DomainError DrawingError LabError LabWarning SaveError TraceError"
__all__ = sorted([*_here.split(), "value_sweep", *_errors.split(), *_LAZY, *_functions])


def __getattr__(name: str) -> Any:
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
    return __all__
