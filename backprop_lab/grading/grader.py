"""Grade one notebook: here are the exercises, the hidden inputs and the right answers; the student's code is elsewhere.

An exercise's own declaration judges, as it does for `bl.check`; it sees the answer through `session.Answer`. The inputs
for code are drawn from a secret, the student and the exercise, so an answer that is right on the notebook's inputs only
is not right here. Numbers are those that the student's seed gave.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from ..exercises import _registry, base, cells
from ..exercises.base import Exercise
from ..exercises.books import exercises
from ..exercises.code import Written
from ..exercises.handle import Strange
from ..exercises.report import Report, shown
from ..source import frames
from ..version import __version__
from .limits import LIMITS, Limits
from .notebooks import Notebook, parse
from .process import Started
from .session import DISTURBED, Answer, Session
from .wire import Late

SCHEMA = 1


class Graded(NamedTuple):
    """A record, and what it took: the latter differs from run to run."""

    record: dict[str, Any]
    took: dict[str, Any]


class Task(NamedTuple):
    """What is to be graded, and how.

    Attributes
    ----------
    student, place : whose notebook this is, and where it lay
    data : its bytes; or why there are none
    secret : what hidden inputs are drawn from
    ids : the exercises of the assignment; empty for all of the lessons that the notebook is about
    only : of these the ones to grade now; empty for all
    name, number : of the student on a platform
    """

    student: str
    place: str
    data: bytes | str
    secret: bytes
    ids: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    name: str = ""
    number: str = ""


def grade(task: Task, started: Started, limits: Limits = LIMITS) -> Graded:
    """Grade a notebook.

    Parameters
    ----------
    task : the notebook, and what is asked of it
    started : gives processes for the student's code
    limits : what these may use

    Returns
    -------
    Graded : the record as plain data, always: whatever is wrong with the notebook stands in it
    """
    began = time.monotonic()
    record = _begun(task, started.tier)
    try:
        if isinstance(task.data, str):
            raise ArgumentError(task.data)
        notebook = parse(task.data, exercises())
    except ArgumentError as problem:
        record["problems"].append(f"{problem}")
        notebook = Notebook()
    record["problems"] += notebook.problems
    asked = [exercises()[id] for id in expected(notebook, task.ids)]
    took: dict[str, Any] = {}
    _graded(record, took, notebook, [e for e in asked if not task.only or e.id in task.only], task, started, limits)
    if not asked:
        record["problems"].append("no exercise of the course was found in it")
    total(record)
    took["seconds"] = round(time.monotonic() - began, 4)
    return Graded(record, took)


frames.checks.add(grade.__code__)  # no sentence names a line of whoever calls it


def _begun(task: Task, tier: str) -> dict[str, Any]:
    data = task.data if isinstance(task.data, bytes) else task.data.encode()
    return {
        "schema": SCHEMA,
        "student": task.student,
        "name": task.name or task.student,
        "number": task.number,
        "submission": task.place,
        "sha256": hashlib.sha256(data).hexdigest(),
        "version": __version__,
        "fence": tier,
        "seed": "",
        "secret": fingerprint(task.secret),
        "assignment": list(task.ids),
        "exercises": {},
        "problems": [],
        "total": 0.0,
        "of": 0.0,
    }


def total(record: dict[str, Any]) -> None:
    """Put the sums into a record."""
    results = record["exercises"].values()
    record["total"] = round(sum(found["points"] for found in results), 4)
    record["of"] = round(sum(found["of"] for found in results), 4)


def fingerprint(secret: bytes) -> str:
    """What tells one secret from another and gives neither away."""
    return hashlib.sha256(b"backprop_lab secret " + secret).hexdigest()[:16]


def hidden_seed(secret: bytes, student: str, id: str) -> str:
    """The seed of the inputs on which a student's code is tried."""
    return hmac.new(secret, f"{student}\0{id}".encode(), hashlib.sha256).hexdigest()[:24]


def expected(notebook: Notebook, ids: Collection[str]) -> list[str]:
    """The exercises of the assignment, in the order of the course: those named, or all of the notebook's lessons."""
    if ids:
        return [id for id in exercises() if id in ids]
    lessons = {exercises()[id].notebook for id in notebook.ids}
    return [id for id, exercise in exercises().items() if exercise.notebook in lessons]


def _graded(
    record: dict[str, Any],
    took: dict[str, Any],
    notebook: Notebook,
    asked: list[Exercise],
    task: Task,
    started: Started,
    limits: Limits,
) -> None:
    wanted = {e.id: [e.variable, cells.answer_source(e)] for e in asked}
    session = Session(started, limits, notebook.cells, wanted, _question)
    try:
        if asked and notebook.cells:
            session.ready()
        for exercise in asked:
            began = time.monotonic()
            report, answer = _judged(exercise, session, task)
            record["exercises"][exercise.id] = _result(exercise, report, answer, session, task)
            took.setdefault("exercises", {})[exercise.id] = {"seconds": round(time.monotonic() - began, 4)}
    finally:
        session.stop()
    record["seed"] = session.seed
    record["problems"] += session.ends + session.notes
    took |= {"processor": round(session.seconds, 4), "memory_mb": session.memory, "processes": session.begun}


def _question(id: str, seed: str) -> tuple[str, Any]:
    found = _registry[id].question(seed)
    return found.text, {k: _simple(v) for k, v in found.inputs.items()}


def _simple(x: Any) -> Any:
    return x if isinstance(x, float | int | str | np.ndarray) else np.asarray(x, dtype=float).tolist()


def _judged(exercise: Exercise, session: Session, task: Task) -> tuple[Report, Answer | None]:
    """What an exercise says of its answer in this notebook."""
    id = exercise.id
    if id in session.lost:
        return exercise.failed(session.lost[id]), None
    if not session.cells or not session.ready():
        return exercise.failed(DISTURBED if session.cells else "there is no cell with code in the notebook"), None
    if id in session.lost:
        return exercise.failed(session.lost[id]), None
    if not session.places.get(id):
        return exercise.failed(f"no cell answers it: an answer begins with the line # exercise: {id}"), None
    if id in session.troubles:
        return exercise.failed(f"the answer cell stopped with {session.troubles[id]}"), None
    assert session.running is not None
    session.running.clock.compute = session.limits.exercise
    try:
        session.from_now_on()
    except Late:
        session.stop()
        return exercise.failed(DISTURBED), None
    answer = Answer(session, id, exercise.allow_engine)
    if answer.ended:
        return exercise.failed(answer.ended), answer
    if not answer.is_there:
        return exercise.failed(f"{exercise.variable} is not defined in the answer cell"), answer
    seed = hidden_seed(task.secret, task.student, id) if isinstance(exercise, Written) else session.seed
    try:
        report = exercise.check(answer, seed)
    except OSError:  # the machine's, and not the answer's
        raise
    except Exception as error:
        session.notes.append(f"{id}: the grader could not look at the answer ({type(error).__name__}); look yourself")
        report = exercise.failed(f"the answer could not be looked at ({type(error).__name__}); the teacher is told")
    if answer.ended and not report.passed and not report.trouble and not report.items:
        report = exercise.failed(answer.ended)
    return report, answer


def _result(exercise: Exercise, report: Report, answer: Answer | None, session: Session, task: Task) -> dict[str, Any]:
    """An exercise's part of the record."""
    given = None if answer is None else _json(answer.given)
    found = {
        "title": exercise.title,
        "points": report.points,
        "of": report.worth,
        "passed": report.passed,
        "tried": [_tried(item) for item in report.items],
        "wrong_turn": report.wrong_turn,
        "where": report.where,
        "about": report.about,
        "message": report.hint if not report.passed else "",
        "trouble": report.trouble,
        "remark": report.remark,
        "report": str(report)[:4000],
        "answer": given,
        "cells": session.places.get(exercise.id, []),
        "seed": "hidden" if isinstance(exercise, Written) else session.seed,
    }
    marks = _marks(exercise, report, given, session.seed)
    return found | ({"marks": marks} if marks else {})


def _tried(item: Any) -> dict[str, Any]:
    yours = None if item.yours is None else shown(item.yours)[:200]
    told = {"label": item.label[:400], "mark": item.mark, "points": round(item.points, 4), "of": round(item.worth, 4)}
    return told | {"yours": yours, "trouble": item.trouble and item.trouble[:400]}


def _json(x: Any) -> Any:
    """Plain data as JSON has it; what is too long to keep becomes words."""
    if isinstance(x, Strange):
        return None
    if isinstance(x, np.ndarray):
        return x.tolist() if x.size <= 400 else f"an array of shape {x.shape}"
    if isinstance(x, dict):
        return {str(k)[:100]: _json(v) for k, v in list(x.items())[:100]}
    if isinstance(x, list | tuple):
        return [_json(part) for part in x[:400]]
    return x[:1000] if isinstance(x, str) else x


def _marks(exercise: Exercise, report: Report, given: Any, seed: str) -> dict[str, str] | None:
    """What tells whether a wrong answer is right for somebody else, without saying what is right."""
    if isinstance(exercise, Written) or not isinstance(given, dict | str):
        return None
    try:
        right = _digest(exercise.id, _json(exercise.model_answer(seed)))
    except ArgumentError:  # no numbers for this seed
        return None
    return {"right": right, "given": right if report.passed else _digest(exercise.id, given)}


def _digest(id: str, answer: Any) -> str:
    if isinstance(answer, str):
        return hashlib.sha256(f"{id} {answer.strip().lower()}".encode()).hexdigest()[:16]
    numbers = [f"{name}={part}" for name, part in sorted(_rounded(answer))]
    return hashlib.sha256(f"{id} {numbers}".encode()).hexdigest()[:16]


def _rounded(answer: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """All numbers of an answer to three digits, each with its place."""
    if isinstance(answer, dict | list | tuple):
        parts = answer.items() if isinstance(answer, dict) else enumerate(answer)
        for key, part in parts:
            yield from _rounded(part, f"{name}/{key}")
    else:
        number = answer if isinstance(answer, float | int) and answer is not None else None
        yield name, "–" if number is None else f"{float(number):.2e}"


def known(ids: Iterable[str]) -> tuple[str, ...]:
    """These ids of exercises.

    Raises
    ------
    ArgumentError : there is no such exercise
    """
    return tuple(_registry[id].id for id in ids)


__all__ = ["Graded", "Task", "base", "expected", "fingerprint", "grade", "hidden_seed", "known", "total"]
