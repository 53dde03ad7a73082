"""Each recipe of CONTRIBUTING, followed on a copy of the tree: it touches the files that it names, and what it adds
works.

All recipes are followed on one copy, and one run of pytest there shows what they added; that is quicker than one each.
What is added has "recipe" in its name. `tests/support/recipe_probes.py` has what the copy's own tests do not ask.
"""

import fnmatch
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from support.places import ROOT
from support.recipes import FOLLOWED, RECIPES

COPIED = ("backprop_lab", "tests", "notebooks", "docs", "pyproject.toml")
LEFT_OUT = ("__pycache__", ".hypothesis", "*.pyc", "ran.xml", "view.html")  # what running leaves behind
# What needs a network, and what is no more than a sentence.
BY_HAND = {
    "Another version of nbgrader, Otter or Notebook 7",
    "A picture for the documentation",
    "Other versions of Colab's packages",
    "Another version of Sphinx, MyST-NB or marimo",
    "Another version of axe-core, of the widget manager or of TypeScript",
    "An operation's value or slope changed; or the machine that plays tapes",
    "A key of the player",
    "A control on the player's page",
}
each = pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.wide) for name in FOLLOWED])


def listed(name, what):
    """The code spans in a recipe's line of files, or in its line of what to run."""
    line = re.search(rf"^\* {what}: ((?:.|\n )+)", RECIPES[name], re.M)[1]
    return re.findall("`([^`]+)`", " ".join(line.split()))


def patterns(name):
    """The files that a recipe names; `NN_name` and `name` stand for any."""
    return [re.sub(r"\bname\b", "*", file.replace("NN_name", "[0-9][0-9]_*")) for file in listed(name, "Files")]


def named(name, path):
    return [pattern for pattern in patterns(name) if fnmatch.fnmatchcase(path, pattern)]


def contents(tree):
    found = {p.relative_to(tree).as_posix(): p for p in tree.rglob("*") if p.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).digest()
        for name, path in found.items()
        if not any(fnmatch.fnmatchcase(part, pattern) for part in name.split("/") for pattern in LEFT_OUT)
    }


def changed(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


class House:
    """A copy of the tree in which all recipes have been followed: what each of them touched, and how the tests went."""

    def __init__(self, tree):
        self.tree = tree
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, tree / name)
        self.touched, at_first = {}, contents(tree)
        before = at_first
        for name, (follow, _) in FOLLOWED.items():
            follow(tree)
            after = contents(tree)
            self.touched[name], before = changed(before, after), after
        self.run({line for name in FOLLOWED for line in listed(name, "Run")})
        self.made = changed(before, contents(tree))
        self.tests = {
            f"{case.get('classname')}::{case.get('name')}": [part.tag for part in case if part.tag != "properties"]
            for case in ET.parse(tree / "ran.xml").iter("testcase")
        }

    def run(self, commands):
        """What the recipes say, all in one: the notebooks that were written, then the tests of what was added."""
        there = {p.stem for p in (self.tree / "notebooks").glob("*.ipynb")}
        new = sorted(p.stem for p in (self.tree / "notebooks/text").glob("*.py") if p.stem not in there)
        assert "make notebooks ARGS=NN_name" in commands and new
        self.python("docs/sync_notebooks.py", *new)
        tests = [shlex.split(line)[-1].removeprefix("ARGS=") for line in commands if "make test " in line]
        files = sorted({file for line in tests for file in line.split()})
        words = sorted({word for _, shown in FOLLOWED.values() for word in shown})
        options = ("-q", "-p", "no:cacheprovider", "--junitxml=ran.xml", "-k", " or ".join(words))
        self.python("-m", "pytest", *options, "tests/support/recipe_probes.py", *files)

    def python(self, *arguments):
        paths = os.pathsep.join([str(self.tree), str(self.tree / "tests/quick")])  # how tests start kernels is there
        environment = os.environ | {"PYTHONPATH": paths, "UPDATE_GOLDEN": "1"}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("house"))


def test_every_recipe_is_followed():
    assert {*FOLLOWED, *BY_HAND} == {*RECIPES}


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_a_recipe_for_hands_names_files_that_are_there(name):
    assert [file for file in patterns(name) if not list(ROOT.glob(file))] == [] and listed(name, "Run")


@each
def test_a_recipe_touches_the_files_that_it_names_and_no_others(house, name):
    touched = house.touched[name] | {path for path in house.made if named(name, path)}
    assert [path for path in touched if not named(name, path)] == []
    assert {pattern for path in touched for pattern in named(name, path)} == {*patterns(name)}


@pytest.mark.wide
def test_what_is_run_writes_no_other_files(house):
    assert [path for path in house.made if not any(named(name, path) for name in FOLLOWED)] == []


@each
def test_what_a_recipe_adds_works(house, name):
    for word in FOLLOWED[name][1]:
        ran = {test: marks for test, marks in house.tests.items() if word in test}
        assert ran, f"no test has {word} in its name"
        assert not any(ran.values()), f"{word}: {ran}"


@pytest.mark.wide
def test_a_new_misconception_changes_no_students_inputs(house):
    """The numbers that were recorded are those of today; only new exercises got any."""
    old, new = (json.loads((root / "tests/golden/draws.json").read_text("utf-8")) for root in (ROOT, house.tree))
    assert {seed: {id: new[seed][id] for id in kept} for seed, kept in old.items()} == old
    assert all(len(new[seed]) > len(old[seed]) for seed in old)


@pytest.mark.wide
def test_a_new_view_is_drawn(house, page):
    """Its button stands among the others, and it follows the steps."""
    page.goto((house.tree / "view.html").as_uri())
    button = page.get_by_role("button", name="known", exact=True)
    assert button.get_attribute("aria-pressed") == "true"
    view = page.get_by_label("known values")
    assert view.inner_text() == "2 values of 5"
    page.locator(".bl-player").press("ArrowRight")
    assert view.inner_text() == "3 values of 5"
    button.click()
    assert not view.is_visible()
