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

from . import answer_cells
from .catalogue import examples
from .derive import grad, jvp, value_and_grad, vjp
from .errors import ArgumentError, DivisionError, DomainError, DrawingError, LabError, LabWarning, SaveError, TraceError
from .example import Example
from .graph import Graph, Node
from .paths import Path, count_paths, paths
from .primitives import Primitive, primitives
from .sweeps import Step, Sweep, adjoint_sweep, tangent_sweep, value_sweep
from .trace import trace

if TYPE_CHECKING:
    from . import exercises, plots
    from .checkpointing import checkpoint
    from .complex_numbers import wirtinger
    from .custom_rules import Custom, custom
    from .diagnosis import WrongTurn, diagnose, wrong_turns
    from .differences import GradientError, GradReport, check_grad, numerical_grad
    from .exercises import Exercise, Report, check, progress, seed
    from .jacobians import hessian, hvp, jacobian
    from .program import Program, compile
    from .separation import separating_inputs
    from .widgets.player import Player, step

# What is loaded when it is first used, so that importing the package costs little more than importing NumPy.
_LAZY = {
    name: module
    for module, names in {
        ".complex_numbers": ("wirtinger",),
        ".custom_rules": ("Custom", "custom"),
        ".checkpointing": ("checkpoint",),
        ".differences": ("GradReport", "GradientError", "check_grad", "numerical_grad"),
        ".diagnosis": ("WrongTurn", "diagnose", "wrong_turns"),
        ".exercises": ("Exercise", "Report", "check", "exercises", "progress", "seed"),
        ".plots": ("plots",),
        ".jacobians": ("hessian", "hvp", "jacobian"),
        ".program": ("Program", "compile"),
        ".separation": ("separating_inputs",),
        ".widgets.player": ("Player", "step"),
    }.items()
    for name in names
}
_functions = {  # NumPy has the others under names of its own
    name: op.function
    for name, op in primitives.items()
    if op.elementwise and name not in ("mul", "add", "sub", "div", "neg")
    or name in ("softmax", "log_softmax", "logsumexp", "cross_entropy")
}
globals().update(_functions)  # bl.sin, bl.relu …: the table decides which there are
answer_cells.watch()

__all__ = sorted([
    "ArgumentError", "Custom", "DivisionError", "DomainError", "DrawingError", "Example", "Exercise", "GradReport",
    "GradientError", "Graph", "LabError", "LabWarning", "Node", "Path", "Player", "Primitive", "Program", "Report",
    "SaveError", "Step", "Sweep", "TraceError", "WrongTurn", "adjoint_sweep", "check", "check_grad", "checkpoint",
    "compile", "count_paths", "custom", "diagnose", "examples", "exercises", "grad", "hessian", "hvp", "jacobian",
    "jvp", "numerical_grad", "paths", "plots", "primitives", "progress", "seed", "separating_inputs", "step",
    "tangent_sweep", "trace", "value_and_grad", "value_sweep", "vjp", "wirtinger", "wrong_turns",
    *_functions,
])  # fmt: skip
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        module = import_module(_LAZY[name], __name__)
        return module if _LAZY[name] == f".{name}" else getattr(module, name)  # exercises and plots are packages
    if name.startswith("__"):  # Python itself asks
        raise AttributeError(f"backprop_lab has no {name}")
    from .errors import AttributeTraceError
    from .idioms import LAB_NAMES

    advice = f"write {LAB_NAMES[name]}" if name in LAB_NAMES else "dir(backprop_lab) lists what there is"
    raise AttributeTraceError(f"backprop_lab has no {name}; {advice}")


def __dir__() -> list[str]:
    return __all__
