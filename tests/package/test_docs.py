"""The site of docs/: its pages say what is true, and step; what a release and a visitor of the repository find."""

import re
import runpy
import subprocess
import sys
import tomllib

import pytest
import yaml
from support.machine import python_of
from support.places import ROOT

import backprop_lab as bl

DOCS = ROOT / "docs"
REFERENCE = (DOCS / "reference.md").read_text("utf-8")
PLAYER = re.compile(r"^```\{player\}\n(.*?)\n```$", re.M | re.S)
CELLS = [(path.name, code) for path in sorted(DOCS.rglob("*.md")) for code in PLAYER.findall(path.read_text("utf-8"))]


def test_every_public_name_is_told_once():
    told = re.findall(r":: backprop_lab\.(\w+)", REFERENCE) + re.findall(r"^\* `bl\.(\w+)`", REFERENCE, re.M)
    of_the_table = {op.name for op in bl.primitives.values() if getattr(bl, op.name, None) is op.function}
    assert sorted(told) == sorted(set(told)) and set(told) == set(bl.__all__) - of_the_table


@pytest.mark.parametrize(("page", "code"), CELLS, ids=[f"{page}-{k}" for k, (page, _) in enumerate(CELLS)])
def test_what_a_page_runs_gives_something_that_lives(page, code):
    *before, last = code.rstrip().splitlines()
    space = {"bl": bl}
    exec("\n".join(before), space)
    html = eval(last, space).embed(code=False).html
    assert "bl-live" in html and "data:image/svg+xml" in html


def test_there_are_cells():
    assert len(CELLS) >= 3


def test_snippets_for_class_servers_fit_the_project():
    page = (DOCS / "classes.md").read_text("utf-8")
    (values,) = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", page, re.S))
    opened = values["singleuser"]["defaultUrl"].partition("/lab/tree/")[2]
    assert (ROOT / opened).is_file() and values["singleuser"]["memory"] == {"guarantee": "256M", "limit": "512M"}
    for path in re.findall(r"notebooks/[\w.]+\.ipynb", page + (DOCS / "docker/Dockerfile").read_text("utf-8")):
        assert (ROOT / path).is_file(), path
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert "lab" in extras and "backprop-lab[lab]" in page
    docker = (DOCS / "docker/Dockerfile").read_text("utf-8")
    python = re.search(r"^FROM python:3\.(\d+)-slim$", docker, re.M)
    assert int(python[1]) >= 11 and "-r requirements.txt" in docker and "docs/docker/Dockerfile" in page
    assert ".venv" in (DOCS / "docker/Dockerfile.dockerignore").read_text("utf-8").split()


def test_the_note_has_what_the_benchmarks_print():
    """Its tables have the form that they are made in, verdicts fit their numbers, and every row is one of a script."""
    page = (DOCS / "note.md").read_text("utf-8")
    found = re.findall(r"(?:^\|.*\|\n)+", page, re.M)
    tables = [[line.strip("| ").split(" | ") for line in table.splitlines()] for table in found]
    engine, machine, goals = [[head, *rows] for head, _, *rows in tables]
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "benchmarks").glob("bench_*.py"))
    assert engine[0] == ["function", "micrograd", "autograd"]
    assert machine[0] == ["function", "numbers", "array", "text", "CasADi's buffers"]
    for what, *ratios in engine[1:] + machine[1:]:
        assert all(re.fullmatch(r"\d+(\.\d+)?|–", ratio) for ratio in ratios) and len(set(ratios)) > 1, what
        assert re.sub(r"(30|100),000", "", what).split(",")[0].split("(")[0].strip() in scripts, what
    for what, goal, least, _, verdict in goals[1:]:
        sign, limit = goal.split()
        met = float(least) >= float(limit) if sign == "≥" else float(least) <= float(limit)
        assert verdict.split() == ["not", "met"][met:], what
        assert f'"{"<=" if sign == "≤" else ">="} {limit}"' in scripts, what
    cited = {int(k) for k in re.findall(r"\[(\d+)\](?!\()", page)}
    listed = [int(k) for k in re.findall(r"^(\d+)\. ", page, re.M)]
    assert listed == list(range(1, len(listed) + 1)) and cited == set(listed), "every source is cited, and there"


def test_the_notes_tables_are_made_of_what_scripts_print():
    made = runpy.run_path(str(ROOT / "benchmarks/note_tables.py"))
    printed = """not installed, left out: torch
chain of 30,000, micrograd / ours                         >= 6      11.5x      11.4x
chain of 30,000, autograd / ours                                    45.3x      41.5x
bytes an operation, traced graph                        <= 200        178        178
1,000 inputs: array / plain                             <= 0.3     0.445x     0.495x  MISSED
"""
    engine, machine, goals = made["tables"](printed)
    assert engine == [["function", "micrograd", "autograd"], ["chain of 30,000", "11.4", "41.5"]]
    assert made["written"](machine) == "| function | array |\n| --- | --: |\n| 1,000 inputs | 0.495 |"
    assert [row[-1] for row in goals[1:]] == ["met", "not\u00a0met"]


def test_memory_in_the_table_adds_up():
    """The rows for classes are those for a student, times as many."""
    page = (DOCS / "classes.md").read_text("utf-8")
    each = int(re.search(r"plan (\d+) MB", page)[1])
    rows = re.findall(r"^\| ([\d,]+) \| (\d+) GB", page, re.M)
    assert len(rows) == 3
    for many, memory in rows:
        assert int(many.replace(",", "")) * each / 1000 == pytest.approx(int(memory), rel=0.1)


def test_what_a_repository_shows():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert cited["license"] == project["license"] and cited["cff-version"] == "1.2.0" and cited["authors"]
    assert cited["authors"][0]["name"] == project["authors"][0]["name"] and "version" not in cited, "one place for it"
    steps = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]["tests"]["steps"]
    assert steps[-1] == {"run": ".ci/run"} and (ROOT / ".ci/run").stat().st_mode & 0o100
    for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml"):
        form = yaml.safe_load(path.read_text("utf-8"))
        needed = {part["id"] for part in form["body"] if part.get("validations", {}).get("required")}
        assert needed & {"cell", "figure"}, "a failing cell, or a figure"
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for hook in hooks:
        words = [word for word in hook["entry"].split()[1:] if word not in ("-m", "--force-exclude", "--check")]
        assert hook["language"] == "system" and all(word in makefile for word in words), "as in make check"
    assert (ROOT / "backprop_lab/py.typed").is_file()


@pytest.mark.nightly
def test_a_wheel_runs_its_first_example_in_a_bare_environment(tmp_path):
    release = runpy.run_path(str(ROOT / "tests/support/release.py"))
    release["run"](sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    assert release["first_example"](sys.executable, wheel, tmp_path).split()[-1] == bl.__version__


@pytest.mark.wide
def test_the_site_is_made_without_a_warning_and_lives_offline(page, tmp_path):
    made = subprocess.run(
        [
            python_of("pages", "Sphinx is"),
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-q",
            "-b",
            "html",
            "docs",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "index.html").as_uri())
    player = page.locator(".bl-player")
    player.press("ArrowRight")
    assert player.get_attribute("data-at") == "1"
    operations = (tmp_path / "primitives.html").read_text("utf-8")
    assert set(re.findall(r'id="op-(\w+)"', operations)) == set(bl.primitives)
    assert "<math>" in operations and "mathjax" not in operations.lower()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked), asked
