"""What the README shows is true: its code runs and prints what it says, its picture is the lab's own."""

import doctest
import re
import runpy
import xml.etree.ElementTree as ET

import pytest
from support.places import ROOT

README = ROOT / "README.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("name", ["README.md", "docs/custom_rules.md", "docs/grading.md", "docs/start.md"])
def test_code_prints_what_it_says(name):
    text = (ROOT / name).read_text("utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, name, str(ROOT / name), 0)
    assert len(test.examples) >= 5
    assert doctest.DocTestRunner(optionflags=FLAGS).run(test).failed == 0


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
