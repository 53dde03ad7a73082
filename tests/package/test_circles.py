"""What `make test` takes of a walk: every value of every axis, and all that there is to have."""

import time

import conftest
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.circles import a_cover, chosen, each_once
from support.strategies import examples


def taken(decorator):
    """The parameters of a walk, and those of them that are not wide."""
    params = decorator.args[1]
    return [param.values for param in params], [param.values for param in params if not param.marks]


@examples(20)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_each_value_of_each_axis_is_taken(sizes):
    axes = [range(size) for size in sizes]
    rows, sample = taken(each_once(",".join("abcd"[: len(axes)]), *axes))
    assert len(rows) == len({*rows}) and all(len({row[k] for row in sample}) == size for k, size in enumerate(sizes))
    assert len(sample) == max(sizes), "and no more than that takes"


@examples(50)
@given(st.lists(st.sets(st.integers(0, 9)), max_size=12))
def test_a_cover_has_all_that_there_is(rows):
    found = chosen(rows)
    assert set().union(*(rows[k] for k in found)) == set().union(*rows) and len(found) == len({*found})
    assert all(rows[k] - set().union(*(rows[j] for j in found[:n])) for n, k in enumerate(found)), (
        "each brings something"
    )


def test_short_axes_meet_in_all_ways():
    _, sample = taken(each_once("name, mode, size", range(12), ["value", "both"], {"small": 1, "large": 2}))
    assert {row[1:] for row in sample} == {("value", 1), ("value", 2), ("both", 1), ("both", 2)}


def test_what_there_is_not_is_not_taken():
    walk = each_once(
        "name, mode", ["graph", "array"], ["value", "both"], where=lambda name, mode: name != mode != "both"
    )
    assert taken(walk)[0] == [("graph", "value"), ("array", "value")]


def test_ids_are_names_and_the_first_of_equals_is_taken():
    params = a_cover("make", {"one": min, "two": max, "three": len}, lambda f: [f in (min, max)]).args[1]
    assert [param.id for param in params] == ["one", "two", "three"]
    assert [bool(param.marks) for param in params] == [False, True, False]
    assert [mark.name for mark in pytest.param(*params[1].values, marks=params[1].marks).marks] == ["wide"]


def test_after_the_end_no_test_begins(monkeypatch, request):
    now = time.time()
    monkeypatch.setenv("TESTS_END", str(now + 3600))
    conftest.pytest_runtest_setup(request.node)
    monkeypatch.setenv("TESTS_END", str(now - 1))
    with pytest.raises(pytest.skip.Exception, match="test_circles.py was not reached before"):
        conftest.pytest_runtest_setup(request.node)
