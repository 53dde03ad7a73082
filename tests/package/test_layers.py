"""The rooms of the package, in order: an import leads to a room above or stays in its room, and nowhere in a circle.

All imports count, those inside functions and those for types as well. Two modules put everything together and may
import whatever they like: the package's `__init__` and `display`.
"""

import ast
import graphlib
import re
from functools import cache
from pathlib import Path

import pytest
from support.places import ROOT

import backprop_lab as bl

PACKAGE = Path(bl.__file__).parent
# What stands in one line knows nothing of the others in it.
ROOMS = """
source notebook
errors version
files text shelf words
table
recording
graph
derivatives mistakes
compiled
others
descent
drawing
film
export plots
widgets
catalogue
exercises
bundling grading site
cli
__main__
"""
FLOOR = {room: floor for floor, line in enumerate(ROOMS.split("\n")) for room in line.split()}
FREE = ("__init__", "display")


@cache
def modules():
    """Each module by its dotted name, with the modules of the package that it names in an import."""
    paths = {".".join(p.relative_to(PACKAGE).with_suffix("").parts): p for p in PACKAGE.rglob("*.py")}
    found = {}
    for name, path in paths.items():
        here = name.split(".")[:-1]
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = here[: len(here) - node.level + 1] + (node.module.split(".") if node.module else [])
                for alias in node.names:
                    found[name] |= {_module([*base, alias.name], paths) or _module(base, paths)} - {None, name}
    return found


def _module(parts, known):
    """The module of this dotted name, or the package's own one."""
    return next((m for m in (".".join(parts), ".".join([*parts, "__init__"])) if m in known), None)


def room(name):
    return name.split(".")[0]


def test_every_module_stands_in_a_room():
    assert {room(name) for name in modules()} == {*FLOOR, *FREE}


def test_every_room_says_what_to_read_first():
    for path in PACKAGE.rglob("*/__init__.py"):
        assert re.search("[Rr]ead `", ast.get_docstring(ast.parse(path.read_text("utf-8")))), path


def test_imports_lead_to_rooms_above():
    for name in set(modules()) - set(FREE):
        others = {used for used in modules()[name] if room(used) != room(name)}
        assert not {used for used in others if used in FREE or FLOOR[room(used)] >= FLOOR[room(name)]}, name


def test_there_is_no_circle():
    inside = {name: used for name, used in modules().items() if name not in FREE}
    graphlib.TopologicalSorter(inside).prepare()


# Who opens a module should see the end of it. The table has one subject and a row for each operation.
LONGEST, MAY_BE_LONGER = 450, {"table.table"}


def test_no_module_is_too_long_to_read():
    lines = {name: _path(name).read_text("utf-8").count("\n") for name in modules()}
    assert {name for name, n in lines.items() if n > LONGEST} <= MAY_BE_LONGER


FENCE = "# " + "fmt: (off|skip)"


def test_the_formatter_has_all_but_the_table():
    places = (
        path for folder in ("backprop_lab", "benchmarks", "docs", "tests") for path in (ROOT / folder).rglob("*.py")
    )
    found = {path.relative_to(ROOT).as_posix() for path in places if re.search(FENCE, path.read_text("utf-8"))}
    assert found == {"backprop_lab/table/table.py"}  # whose columns order it


def test_the_engine_is_read_in_one_sitting():
    """The files that docs/design.md names for that."""
    text = (ROOT / "docs/design.md").read_text("utf-8").partition("To read the engine in one sitting")[2]
    named = re.findall(r"`([\w/]+)\.py`", text.partition("\n\n")[0])
    files = [name.replace("/", ".") for name in named if name != "table/table"]
    assert len(files) == 7 and sum(_path(name).read_text("utf-8").count("\n") for name in files) <= 2500


def _path(name):
    return PACKAGE.joinpath(*name.split(".")).with_suffix(".py")


TESTS = ROOT / "tests"
BESIDE = {"support", "golden", "quick", "schemas", "notebooks", "package"}  # what no room of the package stands for


def test_tests_mirror_the_rooms_and_import_no_other_test():
    assert {p.name for p in TESTS.iterdir() if p.is_dir() and p.name != "__pycache__"} <= {*FLOOR, *BESIDE}
    assert not list(TESTS.glob("test_*.py"))
    for path in TESTS.rglob("*.py"):
        assert not re.search(r"^\s*(from|import) test_", path.read_text("utf-8"), re.M), path.name


@pytest.mark.parametrize("page", ["docs/design.md", "CONTRIBUTING.md"])
def test_what_the_pages_name_is_there(page):
    named = set(re.findall(r"`([\w/]+\.(?:py|js|css|txt))`", (ROOT / page).read_text("utf-8")))
    folders = (ROOT / folder for folder in ("backprop_lab", "tests", "docs", "notebooks"))
    there = [f"/{p.relative_to(ROOT).as_posix()}" for folder in folders for p in folder.rglob("*.*")]
    named = [name for name in named if not re.search(r"NN_|\bname\b", name)]
    assert [name for name in named if not any(p.endswith(f"/{name}") for p in there)] == []


def test_the_map_has_every_room():
    text = (ROOT / "docs/design.md").read_text("utf-8").split("What flows")[0]
    assert [room for room in FLOOR if not re.search(rf"\b{room}(/|\.py)", text)] == []
