"""Functions made of text can be looked into: their source, their lines in tracebacks; and they leave nothing behind."""

import gc
import inspect
import linecache
import sys
import traceback

import pytest

from backprop_lab.source import frames
from backprop_lab.text.written import function_from, run_text

SOURCE = "def broken(x):\n    y = x + 1\n    return y / 0\n"


def test_source_and_traceback():
    broken = function_from(SOURCE, "broken", {})
    linecache.checkcache()
    assert inspect.getsource(broken) == SOURCE
    with pytest.raises(ZeroDivisionError) as caught:
        broken(1)
    assert "return y / 0" in "".join(traceback.format_exception(caught.value))


def test_two_of_one_name_do_not_take_each_others_lines():
    first = function_from("def f():\n    return 1\n", "f", {}, "twice")
    second = function_from("def f():\n    return 2\n", "f", {}, "twice")
    assert (first(), second()) == (1, 2)
    assert "return 1" in inspect.getsource(first) and "return 2" in inspect.getsource(second)
    assert first.__code__.co_filename == "<twice>"


def test_the_frames_are_machinery():
    here = function_from("def here():\n    return frame()\n", "here", {"frame": sys._getframe})
    inside = here()
    assert frames.machinery[inside.f_code.co_filename] and frames.student_frame(inside) is not inside


def test_the_text_goes_with_the_functions():
    def count():
        return sum("here today" in file for file in linecache.cache)

    space = run_text("def f():\n    return 1\n\ndef g():\n    return f()\n", {}, "here today")
    kept = space["g"]
    del space
    gc.collect()
    assert count() == 1 and kept() == 1
    del kept
    gc.collect()
    assert count() == 0
