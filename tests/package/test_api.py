"""The public names, and what importing the package loads."""

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import backprop_lab as bl

PACKAGE = Path(bl.__file__).parent
HEAVY = ("anywidget", "ipywidgets", "traitlets", "graphviz", "matplotlib", "IPython", "wasmtime")


def in_a_fresh_process(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_a_player_is_imported_without_its_script():
    """Which takes as long as all of its modules together; a page without a kernel never asks for it."""
    asked = "page.script.cache_info().currsize, page.style.cache_info().currsize"
    assert in_a_fresh_process(f"from backprop_lab.widgets import page, player; print({asked})") == ["0", "0"]


def test_importing_loads_nothing_heavy():
    loaded = set(in_a_fresh_process("import sys, backprop_lab; print(*sys.modules)"))
    assert "backprop_lab" in loaded and not {"numpy", "backprop_lab.table", "backprop_lab.graph"} & loaded
    assert not [name for name in HEAVY if name in loaded]
    assert not [name for name in loaded if name.startswith(("backprop_lab.widgets", "backprop_lab.drawing"))]


def test_tracing_and_differentiating_load_nothing_heavy():
    code = (
        "import sys, backprop_lab as bl; f = lambda x: bl.sin(x) * x; g = bl.trace(f, 1.0); bl.grad(f)(1.0)\n"
        "print(str(g) and [s.sentence for s in bl.adjoint_sweep(g)] and '', *sys.modules)"
    )
    loaded = set(in_a_fresh_process(code))
    assert not [name for name in HEAVY if name in loaded]


@pytest.mark.parametrize(
    "first",
    [
        "from backprop_lab import *; x = grad(sin)",
        "import backprop_lab; dir(backprop_lab)",
        "from backprop_lab import relu",
    ],
)
def test_the_engine_comes_with_the_first_name(first):
    there = in_a_fresh_process(f"{first}\nimport backprop_lab as bl\nprint(*vars(bl), *vars(bl.Graph))")
    assert {"grad", "trace", "Graph", "sin", "relu", "ArgumentError", "_repr_svg_"} <= set(there)


def test_all_is_sorted_complete_and_resolvable():
    assert bl.__all__ == sorted(set(bl.__all__)) and dir(bl) == bl.__all__
    for name in bl.__all__:
        assert getattr(bl, name) is not None
    imported = {name for name, x in vars(bl).items() if not name.startswith("_") and not inspect.ismodule(x)}
    assert imported - set(bl.__all__) <= {"Any", "annotations", "import_module", "RLock", "TYPE_CHECKING"}
    with pytest.raises(AttributeError, match="has no nothing_like_this"):
        bl.nothing_like_this  # noqa: B018


def public(module):
    """What other modules may use: what is defined in this one and does not begin with an underscore."""
    own = [(name, x) for name, x in vars(module).items() if getattr(x, "__module__", "") == module.__name__]
    return [(name, x) for name, x in own if not name.startswith("_")]


MODULES = sorted(".".join(p.relative_to(PACKAGE).with_suffix("").parts) for p in PACKAGE.rglob("*.py"))


# What stands there is written as students write.
LIKE_STUDENTS = ("catalogue.entries", "catalogue.gpt", "exercises.lessons.")


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_has_a_docstring(name):
    module = import_module(f"backprop_lab.{name}".removesuffix(".__init__"))
    assert module.__doc__ and module.__doc__.splitlines()[0].endswith((".", ":", "?"))
    for key in getattr(module, "__all__", ()):
        assert hasattr(module, key), f"{name}.__all__ names {key}, which is not there"
    for key, x in public(module) if not name.startswith(LIKE_STUDENTS) else ():
        if inspect.isclass(x) or inspect.isfunction(x):
            assert x.__doc__, f"{name}.{key} has no docstring"
        if inspect.isclass(x) and x.__module__ == module.__name__:
            for method, function in vars(x).items():
                if (
                    inspect.isfunction(function)
                    and not method.startswith("_")
                    and function.__code__.co_filename != "<string>"
                ):
                    assert inspect.getdoc(getattr(x, method)) or len(inspect.getsource(function).splitlines()) <= 3, (
                        f"{key}.{method}"
                    )


def test_importing_prints_and_warns_nothing():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import backprop_lab"], capture_output=True, text=True, check=True
    )
    assert done.stdout == done.stderr == ""
