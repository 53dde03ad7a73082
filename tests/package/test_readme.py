"""What README, documentation and docstrings show is true: code prints what it says, pictures are the lab's own."""

import doctest
import importlib
import re
import runpy
import xml.etree.ElementTree as ET

import pytest
from support.places import ROOT

README = ROOT / "README.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


EXAMPLE = re.compile(r"^ *>>> ", re.MULTILINE)


def with_examples(*paths):
    found = (path.relative_to(ROOT).as_posix() for path in paths if EXAMPLE.search(path.read_text("utf-8")))
    return sorted(found)


@pytest.mark.parametrize("name", with_examples(*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
def test_code_prints_what_it_says(name):
    text = (ROOT / name).read_text("utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, name, str(ROOT / name), 0)
    assert doctest.DocTestRunner(optionflags=FLAGS).run(test).failed == 0


@pytest.mark.parametrize("name", with_examples(*ROOT.glob("backprop_lab/**/*.py")))
def test_docstrings_print_what_they_say(name):
    module = importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    ran = doctest.testmod(module, optionflags=FLAGS)
    assert ran.attempted and not ran.failed


def texts(svg):
    return [(t.get("data-key"), "".join(t.itertext())) for t in ET.fromstring(svg).iter() if t.tag.endswith("}text")]


@pytest.mark.parametrize("name", runpy.run_path(str(ROOT / "docs/make_pictures.py"))["PICTURES"])
def test_pictures_are_the_labs_own(name):
    """Texts only: where things stand depends on the machine's Graphviz."""
    make = runpy.run_path(str(ROOT / "docs/make_pictures.py"))["PICTURES"][name]
    assert f"docs/{name}" in README.read_text("utf-8")
    assert texts((ROOT / "docs" / name).read_text("utf-8")) == texts(make())


def test_commands_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in ("lab", "test"):
        assert f"make {command} " in README.read_text("utf-8")
        assert f"\n{command}:" in makefile


def test_what_the_gate_asks_of_make_has_a_rule():
    """On a developer's machine an environment that stands already hides a rule that is gone."""
    makefile, gate = ((ROOT / name).read_text("utf-8") for name in ("Makefile", ".ci/run"))
    rules = set(re.findall(r"^([.\w/-]+)::?(?!=)", makefile, re.MULTILINE))
    asked = set(re.findall(r"\.venv/\.\w+", makefile + gate))
    asked.update(re.findall(r"^(?:begin \w+ )?make ([\w-]+)", gate, re.MULTILINE))
    assert len(asked) > 10 and not asked - rules


def test_links_lead_somewhere():
    for name in ("docs/design.md", "CONTRIBUTING.md", "benchmarks", "notebooks/text"):
        assert name in README.read_text("utf-8") and (ROOT / name).exists()
