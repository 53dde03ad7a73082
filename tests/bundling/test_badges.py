"""Badges that open notebooks in Colab, and notebooks that install a released version."""

import json

import nbformat
import pytest

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.bundling.badges import Place, write_list
from backprop_lab.bundling.bundle import bundled

OPEN = "https://colab.research.google.com/github/"


@pytest.mark.parametrize(
    ("written", "opens"),
    [
        ("owner/course", "owner/course/blob/main/x.ipynb"),
        ("owner/course/", "owner/course/blob/main/x.ipynb"),
        ("own-er/my.course/lab/week 1".replace(" ", "_"), "own-er/my.course/blob/main/lab/week_1/x.ipynb"),
        ("owner/course@v2.0/lab", "owner/course/blob/v2.0/lab/x.ipynb"),
        ("https://github.com/owner/course.git", "owner/course/blob/main/x.ipynb"),
        ("https://github.com/owner/course/tree/dev/lab", "owner/course/blob/dev/lab/x.ipynb"),
    ],
)
def test_a_badge_for_any_place(written, opens):
    badge = Place.of(written).badge("x")
    assert badge.endswith(f"]({OPEN}{opens})") and badge.startswith("[![Open x in Colab](https://colab.research")


@pytest.mark.parametrize("written", ["", "course", "owner/", "own er/course", "https://example.org/owner", "o/c@/x"])
def test_what_is_no_place(written):
    with pytest.raises(bl.ArgumentError, match="names no repository.*; write --badge owner/course"):
        Place.of(written)


def test_names_are_written_for_an_address():
    assert Place.of("owner/course/läb").badge("my lesson").endswith("/blob/main/l%C3%A4b/my%20lesson.ipynb)")


def notebook(*sources):
    cells = [nbformat.v4.new_markdown_cell(sources[0]), *map(nbformat.v4.new_code_cell, sources[1:])]
    return nbformat.v4.new_notebook(cells=cells)


def test_the_command_lists_what_it_wrote(tmp_path, capsys):
    for name, head in (("b", "# The second | one"), ("a", "No heading.")):
        nbformat.write(notebook(head, "import backprop_lab as bl"), tmp_path / f"{name}.ipynb")
    words = [str(tmp_path / "b.ipynb"), str(tmp_path / "a.ipynb"), "--out", str(tmp_path / "out"), "--released"]
    assert cli.main(["bundle", *words, "--badge", "owner/course/lab"]) == 0
    rows = (tmp_path / "out/README.md").read_text("utf-8").splitlines()[-2:]
    assert [row.split(" | ")[0] for row in rows] == ["| a", "| The second \\| one"]
    assert all(f"{OPEN}owner/course/blob/main/lab/{name}.ipynb" in row for name, row in zip("ab", rows, strict=True))
    assert cli.main(["bundle", *words, "--badge", "owner/course/lab"]) == 0, "its own list is written anew"
    capsys.readouterr()
    for badge in ("--badge", "--badge=course"):
        assert cli.main(["bundle", *words, badge]) == 1 and "names no repository" in capsys.readouterr().err
    (tmp_path / "out/README.md").write_text("# Mine\n", "utf-8")
    with pytest.raises(bl.ArgumentError, match="somebody's own"):
        write_list(tmp_path / "out", Place.of("owner/course"))


def test_a_released_version_is_installed_in_one_cell():
    """Small, pinned to the version that wrote it, and the same cell gives way when the notebook is bundled again."""
    made = bundled(notebook("# A", "import backprop_lab as bl"), released=True)
    first = "".join(made["cells"][0]["source"])
    assert f"\n%pip install --quiet backprop-lab=={bl.__version__}\n" in first and len(json.dumps(made)) < 2000
    nbformat.validate(nbformat.from_dict(made))
    again = bundled(made)
    assert len(again["cells"]) == 3 and "bring_the_lab" in "".join(again["cells"][0]["source"])
