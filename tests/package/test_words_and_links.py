"""Links to files and headings of this project, checked by lychee; spelling is checked by codespell in `make check`.

lychee reads Markdown; the Markdown cells of a notebook stand beside it as a file when it looks.
"""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import nbformat
import pytest
from support.places import ROOT

BIN = Path(sysconfig.get_path("scripts"))
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "node_modules")


def told(tool, *options, cwd):
    """What a tool says, and whether it is content."""
    run = subprocess.run([BIN / tool, *options], cwd=cwd, capture_output=True, text=True, timeout=120)
    return run.returncode == 0, run.stdout + run.stderr


def misspelt(folder):
    return told("codespell", "--toml", str(ROOT / "pyproject.toml"), cwd=folder)


def broken(folder):
    """Links in the folder's Markdown files that lead nowhere; nothing is asked of other hosts."""
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.md"))
    return told("lychee", "--offline", "--include-fragments", "--no-progress", *files, cwd=folder)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project, with the Markdown cells of each notebook in a file beside it."""
    folder = tmp_path_factory.mktemp("project") / "copy"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    for path in folder.glob("notebooks/*.ipynb"):
        cells = nbformat.read(path, 4).cells
        words = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        path.with_suffix(".md").write_text(words, encoding="utf-8")
    return folder


def test_links(copy):
    assert "(01_functions_are_graphs.ipynb)" in (copy / "notebooks/00_start_here.md").read_text(encoding="utf-8")
    content, words = broken(copy)
    assert content and "0 Errors" in words, words


def test_the_tools_find_what_is_wrong(tmp_path):
    words = "# Two words\n\nT\u0065h end. [a](b.md) [b](#two-words) [c](#three) [d](a.md#four)\n"
    (tmp_path / "a.md").write_text(words)
    content, words = misspelt(tmp_path)
    assert not content and "==> The" in words
    content, words = broken(tmp_path)
    assert not content and "3 Errors" in words and "b.md" in words and "#three" in words and "#four" in words
