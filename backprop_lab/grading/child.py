"""The student's side: runs a notebook's cells in order, then does what the grader asks of the answers.

Nothing here decides anything. Once the first cell runs, all of this process may be the student's doing, and what it
answers is only data.
"""

from __future__ import annotations

import copy
import inspect
import io
import linecache
import os
import sys
import types
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

from ..errors import LabError
from ..exercises import base
from ..exercises.handle import LATE, Handle, Outcome, Strange, TimeUp, limited, told_error
from .limits import Limits
from .mirror import traced_there
from .needed import Looked, look, needed
from .ship import unpacked
from .standins import put_in
from .wire import Channel, Gone, Mark, WireError

NOTHING = object()


class Room:
    """A notebook's namespace, the answers that its cells gave, and the things that the grader holds by number."""

    def __init__(self, channel: Channel, limits: Limits) -> None:
        self.channel, self.limits, self.pid = channel, limits, os.getpid()
        self.main = types.ModuleType("__main__")
        self.answers: dict[str, Any] = {}
        self.spaces: dict[str, dict[str, Any]] = {}  # what the names meant right after the answer's cell
        self.handle: Handle | None = None
        self.held: list[Any] = []

    def serve(self) -> None:
        """Answer until the grader hangs up."""
        sys.modules["__main__"] = self.main
        self.main.__dict__.update(get_ipython=_Shell, display=lambda *_, **__: None, __builtins__=__builtins__)
        put_in(self.ask)
        self.channel.send(["ready"])
        while True:
            self._answer(self.channel.receive())

    def _answer(self, request: list[Any]) -> None:
        name, *given = request
        try:
            found = getattr(self, f"do_{name}")(*given)
        except KeyboardInterrupt as error:  # nobody sits at this keyboard
            found = ["outcome", None, told_error(error), ""]
        self._alone()
        self._send("done", found)

    def _alone(self) -> None:
        """End here, if this is a copy that the student's code has made of this process."""
        if os.getpid() != self.pid:
            os._exit(0)

    def _send(self, *words: Any) -> None:
        try:
            self.channel.send(list(words))
        except WireError as error:
            trouble = f"the answer holds {error}; return numbers, or lists, tuples and dicts of them"
            self.channel.send(["done", ["outcome", None, trouble, ""]])

    def ask(self, *words: Any) -> Any:
        """Ask the grader something in the middle of a call; it may ask back before it answers."""
        self.channel.send(["ask", *words])
        while True:
            kind, *rest = self.channel.receive()
            if kind == "told":
                return rest[0]
            if kind == "refused":
                raise LabError(rest[0])
            self._answer([kind, *rest])

    # --- cells --------------------------------------------------------------------------------------------------------

    def do_run(self, cells: list[list[Any]], wanted: dict[str, list[Any]], left_out: list[int]) -> Any:
        """Run the cells that answers need.

        Parameters
        ----------
        cells : number in the notebook, text, and the ids of the exercises that it answers
        wanted : by the exercise's id the name of its answer, and the text of an empty answer cell
        left_out : the numbers of cells that ended an earlier process
        """
        looked = [self._looked(cell, left_out) for cell in cells]
        places, notes = self._places(cells, looked, wanted)
        troubles: dict[str, str] = {}
        for k in needed(looked, [k for some in places.values() for k in some]):
            number, ids = cells[k][0], [id for id, some in places.items() if k in some]
            if number in left_out:
                continue
            self.channel.send(["at", number, ids])
            words = self._run(looked[k], number)
            if words and not ids:
                notes.append(f"cell {number}, which an answer uses, stopped with {words}")
            for id in ids:
                troubles.pop(id, None)
                self.answers[id] = NOTHING
                if words:
                    troubles[id] = words
                else:
                    self.spaces[id] = dict(self.main.__dict__)
                    self.answers[id] = self.spaces[id].get(wanted[id][0], NOTHING)
        return [troubles, {id: [cells[k][0] for k in some] for id, some in places.items()}, notes, base.current_seed()]

    def _looked(self, cell: list[Any], left_out: list[int]) -> Looked:
        """A cell looked at; each is told of before, if one has ended an earlier process while it was looked at."""
        number, source, ids = cell
        if number in left_out:
            return Looked("")
        if 0 in left_out:
            self.channel.send(["at", number, ids])
        return look(source)

    def _places(
        self, cells: list[list[Any]], looked: list[Looked], wanted: dict[str, list[Any]]
    ) -> tuple[dict[str, list[int]], list[str]]:
        """For each exercise the places of its answer cells: by id, or where none has it, by the name that is given."""
        found: dict[str, list[int]] = {id: [] for id in wanted}
        notes = []
        for k, (_, _, ids) in enumerate(cells):
            for id in ids:
                if id in found:
                    found[id].append(k)
        names = [name for name, _ in wanted.values()]
        for id, (name, empty) in wanted.items():
            if not found[id] and names.count(name) == 1:
                found[id] = [k for k, cell in enumerate(looked) if name in cell.gives and not cells[k][2]][-1:]
                if found[id]:
                    number = cells[found[id][0]][0]
                    notes.append(f"{id}: no cell says that it answers it; cell {number} gives {name} and was taken")
            if len(found[id]) > 1:
                full = [k for k in found[id] if cells[k][1].strip() != empty.strip()]
                many = len(found[id])
                found[id] = full or found[id][-1:]
                last = cells[found[id][-1]][0]
                notes.append(f"{id}: {many} cells answer it; the last one with an answer counts, cell {last}")
        return found, notes

    def _run(self, cell: Looked, number: int) -> str:
        """Run a cell; what stopped it in words."""
        if cell.error is not None:
            line = f" (line {cell.error.lineno}: {(cell.error.text or '').strip()})" if cell.error.lineno else ""
            return f"SyntaxError: {cell.error.msg}{line}"
        name = f"<cell {number}>"
        linecache.cache[name] = (len(cell.source), None, cell.source.splitlines(True), name)
        try:
            with redirect_stdout(_Deaf()), redirect_stderr(_Deaf()), limited(self.limits.cell):
                exec(compile(cell.source, name, "exec"), self.main.__dict__)
        except TimeUp:
            return f"{LATE} {self.limits.cell:g} seconds; look for a loop that never ends"
        except BaseException as error:
            return told_error(error) if not isinstance(error, SystemExit) else "SystemExit: it leaves Python"
        finally:
            self._alone()
        return ""

    # --- answers ------------------------------------------------------------------------------------------------------

    def do_open(self, id: str, allow_engine: bool) -> list[Any]:
        """Take up an exercise's answer: whether there is one, whether it can be called, whether it is a class."""
        answer = self.answers.get(id, NOTHING)
        if id in self.spaces:  # a class that a later cell extends is here what it was: its check stood below it
            self.main.__dict__.clear()
            self.main.__dict__.update(self.spaces[id])
        self.handle, self.held = Handle(answer, allow_engine), [answer]
        return [answer is not NOTHING, callable(answer), isinstance(answer, type), *_called(answer)]

    def do_value(self) -> list[Any]:
        return _told(self._handle.value())

    def do_parts(self) -> list[Any]:
        return _told(self._handle.parts())

    def do_call(self, args: Any, seconds: float) -> list[Any]:
        return _told(self._handle.run(lambda answer, *args: answer(*args), *self._real(args), seconds=seconds))

    def do_probe(self, shipped: Any, args: Any, seconds: float) -> list[Any]:
        return _told(self._handle.run(unpacked(shipped), *args, seconds=seconds))

    def do_apply(self, number: int, args: Any, seconds: float) -> list[Any]:
        """Call something that the grader holds; what is not plain in the result is held too. The arguments go back."""

        def work(_: Any, *args: Any) -> None:
            kept.append(self._packed(self.held[number](*args), 0))
            kept.append([_plain_or_none(x) for x in args])

        kept: list[Any] = []
        return self._kept(kept, self._handle.run(work, *self._real(args), seconds=seconds))

    def do_trace(self, number: int, args: Any, seconds: float) -> list[Any]:
        """The records of a function that the grader holds, at these arguments."""

        def work(_: Any, *args: Any) -> None:
            kept.extend((traced_there(self.held[number], args), None))

        kept: list[Any] = []
        return self._kept(kept, self._handle.run(work, *args, seconds=seconds))

    def _kept(self, kept: list[Any], outcome: Outcome) -> list[Any]:
        if len(kept) == 2:
            return ["applied", kept[0], None, outcome.output, kept[1]]
        return ["applied", None, outcome.trouble or "no answer came", outcome.output, self._handle.raised]

    @property
    def _handle(self) -> Handle:
        assert self.handle is not None
        return self.handle

    def _real(self, x: Any) -> Any:
        """Arguments in which marks have become functions: the grader's own are asked, the student's are taken."""
        if type(x) is Mark:
            return self.held[x.number] if x.kind == "held" else self._asked(x.number)
        if type(x) in (list, tuple):
            return type(x)(self._real(part) for part in x)
        return {k: self._real(v) for k, v in x.items()} if type(x) is dict else x

    def _asked(self, number: int) -> Callable[..., Any]:
        def function(*args: Any) -> Any:
            return self.ask("function", number, [self._packed(x, 0) for x in args])

        return function

    def _packed(self, x: Any, depth: int) -> Any:
        """Plain data as it is; anything else as a mark by which it can be asked for."""
        kind = type(x)
        if x is None or kind in (bool, int, float, complex, str) or isinstance(x, np.generic):
            return x
        if kind is np.ndarray and x.dtype.kind in "biufc":
            return x
        if depth < 20 and kind in (list, tuple):
            return kind(self._packed(part, depth + 1) for part in x)
        if depth < 20 and kind is dict:
            return {k: self._packed(v, depth + 1) for k, v in x.items()}
        self.held.append(x)
        return Mark("held", len(self.held) - 1, kind.__name__)


def _called(answer: Any) -> list[Any]:
    """The name of a function and of its parameters."""
    try:
        return [str(getattr(answer, "__name__", "")), list(inspect.signature(answer).parameters)]
    except (TypeError, ValueError):
        return ["", []]


def _plain_or_none(x: Any) -> Any:
    """An argument as it is after the call, if the grader may want to see whether it was changed."""
    return copy.copy(x) if type(x) in (list, dict, np.ndarray) else None


def _told(outcome: Outcome) -> list[Any]:
    return ["outcome", _with_strange(outcome.value), outcome.trouble, outcome.output]


def _with_strange(x: Any) -> Any:
    if type(x) is Strange:
        return Mark("strange", 0, str(x))
    return {k: _with_strange(v) for k, v in x.items()} if type(x) is dict else x


class _Shell:
    """Stands for IPython's shell, of which cells ask for magics and plots: whatever it is told, nothing happens."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class _Deaf(io.StringIO):
    """Takes what cells print, and keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def serve(channel: Channel, limits: Limits) -> None:
    """Serve one notebook, then end this process, whatever happens."""
    try:
        Room(channel, limits).serve()
    except Gone:
        pass
    finally:
        os._exit(0)
