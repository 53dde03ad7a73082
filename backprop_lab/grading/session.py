"""A student's notebook while it is graded: its process, begun anew where it hangs or dies, and the answers in it."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

import numpy as np

from ..errors import SaveError
from ..exercises.extend import OnAnother
from ..exercises.handle import LATE, SECONDS, Handle, NotPlain, Outcome, Strange, is_beside, plain, told_error
from ..source import frames
from .limits import Limits
from .mirror import Failed, Mirror, raised
from .process import Running, Started
from .ship import is_lessons, packed
from .wire import Gone, Late, Mark, WireError

LEFT = "Python ended {where}: it left by itself, crashed, or was not given the memory or the files that it asked for"
TAKEN = "more memory was taken {where} than a notebook gets, by all of its processes together"
HUNG = "no end {where} within the time; look for a loop that never ends, or for something that waits"
BROKEN = "what came {where} is no plain data ({why})"
DISTURBED = "the notebook's process ended too often, or took too long in all; what is left was not tried"
MANY = 200  # notes, and places of an exercise, that are kept


class Ended(Exception):
    """The process hangs, has died or talks nonsense; with a sentence."""


class Session:
    """One notebook.

    Parameters
    ----------
    started : gives processes
    limits : as in `limits`
    cells : number, text and ids of each cell, as `child.Room.do_run` takes them
    wanted : by exercise the name of the answer and the text of an empty answer cell
    questions : from an exercise's id and a seed to the text of the question and its inputs
    """

    def __init__(
        self,
        started: Started,
        limits: Limits,
        cells: Sequence[Sequence[Any]],
        wanted: dict[str, list[str]],
        questions: Callable[[str, str], tuple[str, Any]],
    ) -> None:
        self.started, self.limits, self.questions = started, limits, questions
        self.cells, self.wanted = [list(cell) for cell in cells], wanted
        self.running: Running | None = None
        self.left_out: list[int] = []
        self.lost: dict[str, str] = {}  # exercises whose cell ended the process, with a sentence
        self.troubles: dict[str, str] = {}
        self.places: dict[str, list[int]] = {}
        self.notes: list[str] = []
        self.ends: list[str] = []  # sentences about cells that answer nothing and ended the process
        self.seed = ""
        self.begun = 0
        self.turns = -time.process_time()  # seconds of processes that have ended while it was their turn, and our own
        self.memory, self.seconds = 0, 0.0
        self.functions: list[Callable[..., Any]] = []

    # --- the process --------------------------------------------------------------------------------------------------

    def ready(self) -> bool:
        """Have a process in which the cells have run; False if that was tried too often."""
        while self.running is None:
            if self.begun > self.limits.restarts or self.is_over:
                return False
            self.begun += 1
            self.running = self.started.start()
            self._greet(self.running)
            self._run()
        return True

    def _greet(self, running: Running) -> None:
        """Nothing of the student's has run yet: what goes wrong here is this machine's."""
        try:
            said = running.channel.receive()
        except (Late, Gone, WireError) as error:
            said = ["failed", type(error).__name__]
        if said != ["ready"]:
            self.stop()
            raise SaveError(f"a process for a notebook could not be begun: {said[-1]}; nothing of it was run")

    def _run(self) -> None:
        self.now: tuple[int, list[str]] = 0, []
        try:
            said = self.ask("run", self.cells, self.wanted, self.left_out, where=self._in_cell)
            troubles, places, notes, seed = said
            self.troubles = {str(id): str(words)[:400] for id, words in dict(troubles).items()}
            self.places = {str(id): [int(k) for k in some] for id, some in dict(places).items()}
            self.places = {id: some[:MANY] for id, some in self.places.items() if id in self.wanted}
            self.notes, self.seed = [str(note)[:400] for note in notes[:MANY]], str(seed)[:200]
        except (Ended, TypeError, ValueError) as ended:
            number, ids = self.now
            self.left_out.append(number)
            self.ends += [f"{ended}; that cell was left out"] if number and not ids else []
            self.lost |= dict.fromkeys(ids, str(ended))
            self.stop()

    def _in_cell(self) -> str:
        return f"in cell {self.now[0]}" if self.now[0] else "while the cells were looked at"

    def stop(self) -> None:
        """End the process."""
        if self.running is not None:
            self.running.clock.start()
            self.turns += self.running.clock.total
            used = self.started.stop(self.running)
            self.memory, self.seconds = max(self.memory, used["memory"]), self.seconds + used["seconds"]
            self.running = None

    def ask(self, name: str, *args: Any, where: Callable[[], str] = lambda: "in this exercise") -> Any:
        """Ask the process for something.

        Raises
        ------
        Ended : it hangs, has died, or what it says is no plain data; the process is ended
        """
        assert self.running is not None
        channel = self.running.channel
        try:
            channel.send([name, *args])
            while True:
                said = channel.receive()
                if type(said) is not list or not said:
                    raise WireError("no answer")
                match said:
                    case ["done", found]:
                        return found
                    case ["at", int(number), list(ids)]:
                        self.now = number, [id for id in ids if id in self.wanted]
                        self.from_now_on()
                    case ["ask", str(what), *more]:
                        began = time.monotonic()
                        told = self._told(what, more)
                        channel.look(began)  # it waits for what it asked for
                        channel.send(told)
                    case _:
                        raise WireError("no answer")
        except Late as late:
            words = (TAKEN if late.args == ("memory",) else HUNG).format(where=where())
        except Gone:
            words = LEFT.format(where=where())
        except WireError as error:
            words = BROKEN.format(where=where(), why=error)
        self.stop()
        raise Ended(words)

    def from_now_on(self) -> None:
        """Start the clock anew, for a cell or an exercise.

        Raises
        ------
        Late : the notebook as a whole has taken too long
        """
        assert self.running is not None
        self.running.clock.start()
        if self.is_over:
            raise Late("time")

    @property
    def is_over(self) -> bool:
        """Whether the notebook has used up all of its time; what the grader computes for it counts, too."""
        now = self.running.clock.total if self.running is not None else 0.0
        return self.turns + now + time.process_time() >= self.limits.notebook

    def _told(self, what: str, given: list[Any]) -> list[Any]:
        """What the process is told: a question's text, or the result of a function of ours."""
        try:
            if what == "question" and len(given) == 2:
                return ["told", list(self.questions(str(given[0]), str(given[1])))]
            if what == "function" and len(given) == 2:
                return ["told", self.functions[given[0]](*given[1])]
        except Exception as error:
            return ["refused", f"{type(error).__name__}: {error}"[:300]]
        return ["refused", "there is no such thing"]


class Answer(Handle):
    """An answer in the student's process: what an exercise of ours may ask of it, as of one in the notebook."""

    def __init__(self, session: Session, id: str, allow_engine: bool) -> None:
        super().__init__(None, allow_engine, min(SECONDS, session.limits.exercise))
        self.session, self.id = session, id
        self.given: Any = None  # plain data, for the record
        self.is_there, self._callable, self._class, self.ended = False, False, False, ""
        self.name, self.names = "answer", list[str]()
        match self._ask("open", id, allow_engine):
            case [is_there, is_callable, is_class, str(name), list(names)]:
                self.is_there, self._callable, self._class = is_there is True, is_callable is True, is_class is True
                self.name, self.names = name[:60], [str(n)[:60] for n in names[:20]]

    def _ask(self, *words: Any) -> Any:
        try:
            return self.session.ask(*words)
        except Ended as ended:
            self.is_late, self.ended = True, str(ended)
            return ["outcome", None, str(ended), ""]

    def _outcome(self, *words: Any) -> Outcome:
        if self.is_late:
            return Outcome(None, "not tried, because an earlier call did not come to an end")
        match self._ask(*words):
            case ["outcome", value, None | str() as trouble, str(output)]:
                if trouble is not None and trouble.startswith(LATE):
                    self.is_late = True
                return self._plain(value, trouble, output)
        return Outcome(None, "no answer came")

    def _plain(self, value: Any, trouble: str | None, output: str) -> Outcome:
        try:
            return Outcome(plain(_strange(value)), trouble and trouble[:400], output[:2000])
        except NotPlain as error:
            return Outcome(None, f"the answer holds {error}; return numbers, or lists, tuples and dicts of them")

    def value(self) -> Outcome:
        found = self._outcome("value")
        self.given = found.value
        return found

    def parts(self) -> Outcome:
        found = self._outcome("parts")
        self.given = found.value
        return found

    @property
    def is_callable(self) -> bool:
        return self._callable

    def call(self, *args: Any) -> Outcome:
        return self._outcome("call", list(args), self._seconds)

    def run(self, probe: Callable[..., Any], *args: Any, seconds: float = math.inf) -> Outcome:
        """A class is looked at where it is; a function is called from here, so that nothing there can say what came."""
        seconds = min(seconds, self._seconds)
        if self._class or isinstance(probe, OnAnother) or is_beside(probe) or not is_lessons(probe):
            return self._outcome("probe", packed(probe), list(args), seconds)
        if self.is_late:
            return Outcome(None, "not tried, because an earlier call did not come to an end")
        mirror = Mirror(partial(self._called, seconds, 0), self.names, self.name)
        try:
            return Outcome(plain(probe(mirror, *copy.deepcopy(args))), None, "")
        except NotPlain as error:
            return Outcome(None, f"the answer holds {error}; return numbers, or lists, tuples and dicts of them")
        except Failed as failed:
            return Outcome(None, str(failed))
        except Exception as error:
            return Outcome(None, told_error(error))

    def _called(self, seconds: float, number: int, how: str, args: list[Any]) -> Any:
        """What something there returns for these arguments; what it does to lists and arrays is done to ours."""
        if self.is_late:
            raise Failed(self.ended or "not tried, because an earlier call did not come to an end")
        match self._ask(how, number, [self._sent(x) for x in args], seconds):
            case ["applied", value, None, _, after]:
                for mine, theirs in zip(args, after if type(after) is list else (), strict=False):
                    _put_back(mine, theirs)
                return self._taken(value, seconds)
            case ["applied", _, str(words), _, kind]:
                self.is_late = self.is_late or words.startswith(LATE)
                raise raised(str(kind), words[:400])
            case ["outcome", _, str(words), _]:
                raise Failed(words[:400])
        raise Failed("no answer came")

    def _sent(self, x: Any) -> Any:
        """An argument; a function of ours goes as a number by which the process asks for it."""
        if isinstance(x, _Held):
            return Mark("held", x.number)
        if callable(x):
            self.session.functions.append(x)
            return Mark("ours", len(self.session.functions) - 1)
        return type(x)(map(self._sent, x)) if type(x) in (list, tuple) else x

    def _taken(self, x: Any, seconds: float) -> Any:
        """What came; something that is not plain stays there and can be called."""
        if type(x) is Mark:
            kind = type(x.name if x.name.isidentifier() else "object", (_Held,), {})
            return kind(partial(self._called, seconds, x.number, "apply"), x.number)
        if type(x) in (list, tuple):
            return type(x)(self._taken(part, seconds) for part in x)
        return {k: self._taken(v, seconds) for k, v in x.items()} if type(x) is dict else x


frames.checks.add(Answer.run.__code__)


class _Held:
    """Something of the student's that is not plain data; all that can be done with it is to call it."""

    def __init__(self, ask: Callable[[list[Any]], Any], number: int) -> None:
        self.ask, self.number = ask, number

    def __call__(self, *args: Any) -> Any:
        return self.ask(list(args))


def _put_back(mine: Any, theirs: Any) -> None:
    """Do to a list, dict or array what was done to its copy."""
    if type(mine) is list and type(theirs) is list:
        for a, b in zip(mine, theirs, strict=False):
            _put_back(a, b)
        mine[:] = [a if type(a) in (list, dict, np.ndarray) else b for a, b in zip_longest(mine, theirs)][: len(theirs)]
    elif type(mine) is dict and type(theirs) is dict:
        mine.clear()
        mine.update(theirs)
    elif type(mine) is np.ndarray and type(theirs) is np.ndarray and mine.shape == theirs.shape:
        mine[...] = theirs.astype(mine.dtype)


def _strange(x: Any) -> Any:
    if type(x) is Mark:
        return Strange(x.name)
    if type(x) is dict:
        return {k: _strange(v) for k, v in x.items()}
    return x
