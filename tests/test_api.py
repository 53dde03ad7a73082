"""The public names, what importing the package loads, and which module may know which."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import backprop_lab as bl

PACKAGE = Path(bl.__file__).parent
HEAVY = ("anywidget", "ipywidgets", "traitlets", "graphviz", "matplotlib", "IPython", "wasmtime")


def in_a_fresh_process(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_importing_loads_nothing_heavy():
    loaded = set(in_a_fresh_process("import sys, backprop_lab; print(*sys.modules)"))
    assert "numpy" in loaded and "backprop_lab.trace" in loaded
    assert not [name for name in HEAVY if name in loaded]
    assert not [name for name in loaded if name.startswith(("backprop_lab.widgets", "backprop_lab.drawing"))]


def test_tracing_and_differentiating_load_nothing_heavy():
    code = (
        "import sys, backprop_lab as bl; f = lambda x: bl.sin(x) * x; g = bl.trace(f, 1.0); bl.grad(f)(1.0)\n"
        "print(str(g) and [s.sentence for s in bl.adjoint_sweep(g)] and '', *sys.modules)"
    )
    loaded = set(in_a_fresh_process(code))
    assert not [name for name in HEAVY if name in loaded]


def test_all_is_sorted_complete_and_resolvable():
    assert bl.__all__ == sorted(set(bl.__all__)) and dir(bl) == bl.__all__
    for name in bl.__all__:
        assert getattr(bl, name) is not None
    imported = {name for name, x in vars(bl).items() if not name.startswith("_") and not inspect.ismodule(x)}
    assert imported - set(bl.__all__) <= {"Any", "annotations", "import_module", "TYPE_CHECKING"}
    with pytest.raises(AttributeError, match="has no nothing_like_this"):
        bl.nothing_like_this  # noqa: B018


def public(module):
    return [(name, x) for name, x in vars(module).items() if name in getattr(module, "__all__", ())]


MODULES = sorted(p.stem for p in PACKAGE.glob("*.py") if p.stem not in ("__init__", "__main__"))


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_has_a_docstring(name):
    module = __import__(f"backprop_lab.{name}", fromlist=["*"])
    assert module.__doc__ and module.__doc__.splitlines()[0].endswith((".", ":", "?"))
    for key in getattr(module, "__all__", ()):
        assert hasattr(module, key), f"{name}.__all__ names {key}, which is not there"
    for key, x in public(module):
        if inspect.isclass(x) or inspect.isfunction(x):
            assert x.__doc__, f"{name}.{key} has no docstring"
        if inspect.isclass(x) and x.__module__ == module.__name__:
            for method, function in vars(x).items():
                if (
                    inspect.isfunction(function)
                    and not method.startswith("_")
                    and function.__code__.co_filename != "<string>"
                ):
                    assert function.__doc__ or len(inspect.getsource(function).splitlines()) <= 3, f"{key}.{method}"


DOOR = {"entry"}  # the decorator of all functions that students call
# Each module, and the modules of the package that it may import when it is loaded. Downward only.
MAY_IMPORT = {
    "errors": {"noticed", "source"},
    "idioms": set(),
    "explain": {"errors", "idioms", "refusals", "source", "trees", "values"},
    "entry": {"errors", "explain", "source"},
    "files": {"errors"},
    "notation": set(),
    "source": set(),
    "values": set(),
    "trees": {"source"},
    "arrays": {"errors", "source"},
    "primitive": {"errors", "source", "values"},
    "primitives": {"arrays", "primitive", "source", "values"},
    "rules": {"primitives", "source", "values"},
    "tips": {"primitives", "source", "values"},
    "noticed": set(),
    "other_ways": {"errors", "notation", "noticed", "recording", "source", "trees", "values"},
    "node": {"notation", "primitives", "source"},
    "graph": {"errors", "node", "notation", "primitives", "source", "values"},
    "calls": {"source"},
    "tape": {"calls", "errors", "node", "primitives", "source", "values"},
    "refusals": {"errors", "idioms", "primitives", "source", "values"},
    "recording": {"errors", "node", "notation", "noticed", "primitives", "refusals", "source", "tape", "values"},
    "lists": {"errors", "primitives", "recording", "source", "values"},
    "handlers": {"errors", "lists", "primitives", "recording", "refusals", "source", "values"},
    "ufuncs": {"errors", "handlers", "lists", "recording", "refusals", "source", "values"},
    "reductions": {"errors", "handlers", "recording", "rules", "source", "values"},
    "shapes": {"errors", "handlers", "lists", "recording", "rules", "source", "values"},
    "choices": {"errors", "handlers", "recording", "source", "tape", "values"},
    "products": {"errors", "handlers", "recording", "reductions", "shapes", "source", "values"},
    "elementwise": {"choices", "errors", "handlers", "primitives", "recording", "shapes", "source", "values"},
    "fourier": {"errors", "handlers", "source", "values"},
    "dispatch": {
        "choices", "elementwise", "errors", "fourier", "handlers", "idioms", "products", "recording", "refusals",
        "rules", "source", "ufuncs", "values",
    },
    "arguments": {"dispatch", "errors", "graph", "recording", "source", "tape", "values"},
    "numerics": {"node", "notation", "primitives", "values"},
    "custom_rules": {"arguments", "dispatch", "errors", "primitive", "primitives", "source", "values"},
    "complex_numbers": {"arguments", "derive", "errors", "source", "trees", "values"},
    "checkpointing": {"arguments", "custom_rules", "derive", "primitive", "source", "sweeps", "trace", "trees"},
    "trace": {
        "numerics", "arguments", "errors", "graph", "lists", "noticed", "other_ways", "recording", "source", "tape",
        "trees",
    },
    "infinite": {"arrays", "primitives", "source", "values"},
    "sweeps": {"errors", "graph", "infinite", "notation", "primitives", "values"},
    "derive": {
        "arguments", "errors", "infinite", "lists", "noticed", "other_ways", "primitive", "primitives", "recording",
        "source", "tape", "trees",
        "values",
    },
    "array_rules": {"graph", "notation", "values"},
    "formulas": {"array_rules", "graph", "notation", "sweeps", "values"},
    "example": {"errors", "graph", "trace", "trees"},
    "catalogue": {"errors", "example", "primitives"},
    "paths": {"errors", "graph", "node", "notation", "values"},
    "jacobians": {"arguments", "derive", "errors", "primitives", "source", "trees", "values"},
    "differences": {"arguments", "derive", "errors", "notation", "source", "tape", "trace", "trees", "values"},
    "broken_sweep": {"errors", "graph", "primitive", "primitives", "source", "sweeps", "values"},
    "misconceptions": {"broken_sweep", "errors", "notation", "source", "values"},
    "array_misconceptions": {
        "array_rules", "broken_sweep", "misconceptions", "primitive", "rules", "source", "values",
    },
    "diagnosis": {
        "array_misconceptions", "array_rules", "broken_sweep", "errors", "graph", "misconceptions", "notation",
        "source", "values",
    },
    "separation": {
        "arguments", "array_misconceptions", "broken_sweep", "diagnosis", "errors", "graph", "notation",
        "source", "trace", "trees", "values",
    },
    "unrolled": {
        "arguments", "custom_rules", "errors", "graph", "infinite", "lists", "noticed", "other_ways", "primitives",
        "recording", "source", "tape", "trees", "values",
    },
    "emit_constants": {"notation"},
    "emit_domains": {"primitives"},
    "emit_arrays": {
        "arrays", "emit_constants", "emit_domains", "graph", "primitive", "primitives", "values",
    },
    "program_parts": {
        "arguments", "choices", "derive", "errors", "graph", "primitives", "recording", "source", "trees",
    },
    "array_program": {
        "arguments", "emit_arrays", "emit_constants", "errors", "graph", "primitives", "program_parts", "recording",
        "source", "sweeps", "trees", "unrolled", "values",
    },
    "emit_functions": {"primitives"},
    "emit_floats": {"emit_functions", "graph", "primitives"},
    "emit": {"emit_constants", "emit_domains", "emit_functions", "graph", "node", "notation", "primitives"},
    "program": {
        "array_program", "arguments", "derive", "emit", "emit_constants", "emit_domains", "emit_floats",
        "emit_functions", "errors", "graph", "primitives", "program_parts", "recording", "source", "sweeps", "trace",
        "trees", "unrolled", "values",
    },
}


def imports_of(path):
    """The package's own modules that a file imports at its top level."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_layers(name):
    assert imports_of(PACKAGE / f"{name}.py") <= MAY_IMPORT[name] | DOOR


# The modules of drawing, and which of the others each may import: from DOT text up to files.
MAY_DRAW_WITH = {
    "dot": set(),
    "layout": set(),
    "tex": set(),
    "corners": {"layout"},
    "heat": set(),
    "squares": {"heat"},
    "strokes": {"corners", "layout"},
    "parts": set(),
    "fold": {"dot", "parts"},
    "sheets": {"dot", "fold", "parts", "strokes"},
    "picture": {"corners", "dot", "fold", "heat", "layout", "parts", "sheets", "squares", "strokes"},
    "array_questions": {"heat"},
    "questions": {"array_questions"},
    "pace": set(),
    "routes": set(),
    "matrices": set(),
    "film": {"dot", "fold", "heat", "matrices", "pace", "picture", "questions", "routes"},
    "race": {"film", "fold", "heat", "picture"},
    "opening": {"film", "fold", "race"},
    "packing": set(),
    "flat": {"picture"},
    "paint": {"flat"},
    "tikz": {"dot", "film", "flat", "fold", "layout", "parts", "picture", "sheets", "strokes", "tex"},
    "stills": {"film", "flat", "picture", "race", "strokes"},  # paint and tikz when they are needed
}


def test_layers_of_drawing():
    folder = PACKAGE / "drawing"
    assert {p.stem for p in folder.glob("*.py")} == {"__init__", *MAY_DRAW_WITH}
    for name, allowed in MAY_DRAW_WITH.items():
        assert imports_of(folder / f"{name}.py") <= allowed, name
        upwards = re.findall(r"^from \.\.(\w+)", (folder / f"{name}.py").read_text(), re.M)
        assert not {"widgets", "exercises", "grading"} & set(upwards), name


def test_the_engine_never_imports_what_shows_it():
    for path in PACKAGE.glob("*.py"):
        if path.stem not in ("__init__", "__main__", "cli"):
            assert not imports_of(path) & {"widgets", "drawing", "exercises", "grading"}, path.name
    for path in (PACKAGE / "recording.py", PACKAGE / "trace.py", PACKAGE / "graph.py"):
        text = path.read_text()
        assert "import derive" not in text and "from .derive" not in text and "from .sweeps" not in text


def test_importing_prints_and_warns_nothing():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import backprop_lab"], capture_output=True, text=True, check=True
    )
    assert done.stdout == done.stderr == ""
