"""`bl.script`: what a lecturer prints. Its numbers are the player's."""

import pytest

import backprop_lab as bl
from backprop_lab.exercises.scripts import SCRIPTS


def test_every_lesson_has_a_script():
    assert {id.split(".")[0] for id in bl.exercises} == set(SCRIPTS)
    for lesson in SCRIPTS:
        lines = bl.script(lesson).lines
        assert len(lines) >= 3 and all(line.ask.endswith("?") and line.right in line.formula for line in lines[:3])
        assert [line.at for line in lines] == sorted({line.at for line in lines})


def test_what_a_script_says():
    text = str(bl.script("reverse"))
    for words in ("  9  ", "→ 140", "132: keeps the first arrival", "1056: multiplies the arrivals"):
        assert words in text, words
    table = bl.script("reverse")._repr_html_()
    assert "<caption>" in table and table.count("<tr>") == len(bl.script("reverse").lines) + 1
    with pytest.raises(bl.LabError, match="no script is called 'revers'.*there are start"):
        bl.script("revers")
