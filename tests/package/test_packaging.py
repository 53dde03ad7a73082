"""What an installed package holds, and that its requirements leave Colab's ipywidgets alone."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.resources import files

import pytest
from support.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


# Names of formats that look like addresses: of drawings, of XML, of question banks.
FORMATS = (
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.imsglobal.org/xsd/ims",
)


def test_the_front_end_is_in_the_package():
    widget = ("player.js", "player.css", "dark.css", "page.html")
    for name in ("drawing/picture.css", *(f"widgets/{file}" for file in widget)):
        assert files("backprop_lab").joinpath(name).is_file(), name


def test_a_wheel_has_the_package_and_its_data(tmp_path):
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = {p.relative_to(ROOT).as_posix() for p in (ROOT / "backprop_lab").rglob("*") if p.is_file()}
    assert {p for p in package if "__pycache__" not in p} <= inside
    assert not any(name.startswith(("tests/", "notebooks/", ".venv")) for name in inside)
    entry = next(name for name in inside if name.endswith("entry_points.txt"))
    assert b"backprop-lab = backprop_lab.cli:main" in zipfile.ZipFile(wheel).read(entry)


def test_colab_keeps_its_ipywidgets():
    required = {re.match(r"[\w-]+", line)[0]: line for line in PROJECT["dependencies"]}
    assert required["ipywidgets"] == "ipywidgets>=7.7" and required["anywidget"] == "anywidget>=0.9.21"
    assert "jupyterlab" not in required and len(required) <= 6


def test_requirements_bring_the_lab_and_the_package():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert "-e ." in lines and any(line.startswith("jupyterlab") for line in lines)
    assert set(PROJECT["optional-dependencies"]["lab"]) <= set(lines), "what the extra has, the checkout has"


@pytest.mark.parametrize("folder", ["backprop_lab", "docs", "notebooks/text", "tests", "benchmarks"])
def test_nothing_is_fetched_at_run_time(folder):
    """No address in the front end; in the rest none but the names of formats."""
    for path in (ROOT / folder).rglob("*"):
        if path.suffix in (".js", ".css", ".html", ".tex") or (folder == "backprop_lab" and path.suffix == ".py"):
            found = set(re.findall(r"https?://[^\s\"'<)]+", path.read_text("utf-8")))
            assert not {url for url in found if not url.startswith(FORMATS)}, (path, found)
