"""Hold a student's answer at arm's length: call it with plain data, get plain data back, whatever it does.

The tests of an exercise see only this handle, so the same tests serve in the notebook, where the answer is an object of
the same process, and for a grader that keeps the student's code in another one.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import gc
import io
import linecache
import math
import signal
import threading
import time
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from ..errors import LabError
from ..recording import tape
from ..source import frames

SECONDS = 3.0  # of processor time for one call of a student's function
WAIT = 20  # how many times as long a call may wait: beside busy programs, on a slow disk
AGAIN = 0.1  # seconds from one look at the clock to the next
LATE = "no answer within"  # begins the sentence for one that took longer
OUTPUT = 20_000  # characters of output that are kept
DEEPEST = 100  # of the calls that led to an error, those that are looked at: one inside another may be a thousand
ITEMS = 100_000  # numbers in one answer
# Exactly these kinds: a class derived from one of them might answer anything when it is asked for its value. Of lists,
# tuples and dicts a derived class will do, because `list`, `tuple` and `dict` themselves go through it.
_NUMPYS = np.typecodes["AllInteger"] + np.typecodes["Float"]
_NUMBERS = {int, float, Fraction, Decimal, *(np.dtype(code).type for code in _NUMPYS)}


class Outcome(NamedTuple):
    """What a call came to: plain data, or a sentence that says why there is none. `output` is what was printed."""

    value: Any
    trouble: str | None = None
    output: str = ""


class Strange(str):
    """Stands for a part of an answer that is not plain data, and says what it is."""

    __slots__ = ()


class NotPlain(Exception):
    """The answer holds something that is not plain data."""


class TimeUp(BaseException):
    """The time is up. Not an Exception, so that `except Exception` in a student's loop does not catch it."""


class _Waited(TimeUp):
    """The same, after hardly any computing."""


def plain_number(x: Any) -> float | None:
    """A number of any honest kind as a float: int, NumPy's scalars, Fraction, Decimal, `"2/3"`, 2 + 0j; None else."""
    kind = type(x)
    if kind is str:
        return _spelled(x)
    if kind is complex or kind is np.complex128:  # such as the sum of a number and its conjugate
        return float(x.real) if x.imag == 0 else None
    if kind in _NUMBERS:
        try:
            return float(x)
        except OverflowError:
            return math.inf
        except ValueError:  # a signalling Decimal
            return math.nan
    if kind is np.ndarray and x.ndim == 0 and x.dtype.kind in "iuf":
        return float(x)
    return None


def _spelled(text: str) -> float | None:
    """A number written out, as `0.5`, `0,5`, `1e-3`, `−4` or `2/3`: what a player's box takes."""
    text = text.strip().replace("−", "-").replace("–", "-")
    text = text.replace(",", ".") if text.count(",") <= 1 + text.count("/") else text
    if not 0 < len(text) <= 40 or set(text) - set("0123456789+-.eE/ "):
        return None
    try:
        top, slash, bottom = text.partition("/")
        return float(top) / float(bottom) if slash else float(top)
    except (ValueError, ZeroDivisionError):
        return None


def plain(x: Any, depth: int = 0) -> Any:
    """An answer as plain data: floats, texts, None, lists, tuples, dicts and arrays of numbers, all of our own making.

    Nothing of the student's decides what comes out: an object with its own `==` or `float` does not pass.

    Raises
    ------
    NotPlain : with words for what is not plain
    """
    if depth > 20:
        raise NotPlain("lists nested more than 20 deep")
    kind = type(x)
    if kind is Strange:
        return x
    if x is None or kind is bool or kind is np.bool_:
        return None if x is None else bool(x)
    if kind is str:
        return x[:10_000]
    number = plain_number(x)
    if number is not None:
        return number
    if kind is np.ndarray and x.dtype.kind in "biuf":
        if x.size > ITEMS:
            raise NotPlain(f"an array of {x.size} numbers")
        return np.array(x, dtype=bool if x.dtype.kind == "b" else float)
    if kind in (set, frozenset):  # sorting it would do what an exercise asks for
        raise NotPlain("a set, which has no order")
    base: Any = next((base for base in (list, tuple, dict, deque) if issubclass(kind, base)), None)
    if base is None:
        raise NotPlain(f"an object of type {kind.__name__}")
    if (many := base.__len__(x)) > ITEMS:
        raise NotPlain(f"a {base.__name__} of {many} parts")
    if base is dict:
        return {plain_key(k): plain(v, depth + 1) for k, v in dict.items(x)}
    parts = [plain(part, depth + 1) for part in base.__iter__(x)]
    return tuple(parts) if base is tuple else parts


def _or_strange(x: Any) -> Any:
    try:
        return plain(x)
    except NotPlain as error:
        return Strange(f"({error})")


def plain_key(key: Any) -> Any:
    """A dict's key: a text, a whole number, or a tuple of them."""
    if type(key) in (str, int, bool):
        return key
    if type(key) is tuple:
        return tuple(map(plain_key, key))
    raise NotPlain(f"a key of type {type(key).__name__}")


def beside(probe: Callable[..., Any]) -> Callable[..., Any]:
    """Say of a probe that it has to run in the answer's own process, because it counts what that one does there."""
    _beside.add(probe)
    return probe


def is_beside(probe: Callable[..., Any]) -> bool:
    """Whether that was said."""
    return probe in _beside


_beside: set[Callable[..., Any]] = set()


class Handle:
    """The student's answer, behind calls with plain data.

    `allow_engine` says whether the answer may use the lab's own derivatives.
    """

    def __init__(self, answer: Any, allow_engine: bool = True, seconds: float = SECONDS) -> None:
        self._answer, self._allow, self._seconds = answer, allow_engine, seconds
        self.is_late = False  # a call did not come to an end
        self.raised = ""  # the kind of the last error

    def value(self) -> Outcome:
        """The answer itself as plain data."""
        return self._guarded(lambda: self._answer, self._seconds)

    def parts(self) -> Outcome:
        """The same; of a dict, a part that is not plain becomes `Strange`, and the others stay."""

        def taken() -> Any:
            answer = self._answer
            if not issubclass(type(answer), dict):
                return answer
            return {plain_key(k): _or_strange(v) for k, v in dict.items(answer)}

        return self._guarded(taken, self._seconds)

    @property
    def is_callable(self) -> bool:
        """Whether the answer is a function or a class."""
        return callable(self._answer)

    def call(self, *args: Any) -> Outcome:
        """What the answer returns for these arguments, of which it gets copies."""
        return self._guarded(lambda: self._answer(*copy.deepcopy(args)), self._seconds)

    def run(self, probe: Callable[..., Any], *args: Any, seconds: float = math.inf) -> Outcome:
        """What a function of ours makes of the answer and the arguments; it runs where the answer is.

        `seconds` is for what takes much less if it is done well.
        """
        return self._guarded(lambda: probe(self._answer, *copy.deepcopy(args)), min(seconds, self._seconds))

    def _guarded(self, work: Callable[[], Any], seconds: float) -> Outcome:
        if self.is_late:
            return Outcome(None, "not tried, because an earlier call did not come to an end")
        printed = _Capped()
        try:
            stdout, stderr = contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed)
            with stdout, stderr, self._engine(), own_garbage(), limited(seconds):
                return Outcome(plain(work()), None, printed.getvalue())
        except NotPlain as error:
            words = f"the answer holds {error}; return numbers, or lists, tuples and dicts of them"
            return Outcome(None, words, printed.getvalue())
        except TimeUp as late:
            self.is_late = True
            words = f"{LATE} {seconds:g} seconds; look for a loop that never ends, or work done again and again"
            if isinstance(late, _Waited):
                words = f"{LATE} {WAIT * seconds:g} seconds, most of them spent waiting; leave out what waits"
            return Outcome(None, words, printed.getvalue())
        except NotImplementedError as error:  # what some tools put in place of a solution
            return Outcome(None, told_error(error) if error.args else None, printed.getvalue())
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            self.raised = type(error).__name__
            return Outcome(None, told_error(error), printed.getvalue())

    @contextlib.contextmanager
    def _engine(self) -> Iterator[None]:
        before = tape.refusal
        if not self._allow:
            tape.refusal = "this exercise asks for your own code, so the lab's derivatives are switched off here"
        try:
            yield
        finally:
            tape.refusal = before


frames.checks.add(Handle._guarded.__code__)


class _Capped(io.StringIO):
    """Keeps the first part of what is printed."""

    def write(self, text: str) -> int:
        room = OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def told_error(error: BaseException) -> str:
    """An exception in a sentence, with the student's own line."""
    words = str(error).strip().split("\n")[0][:300]
    what = words if isinstance(error, LabError) else f"{type(error).__name__}{': ' if words else ''}{words}"
    trail = traceback.extract_tb(error.__traceback__, limit=-DEEPEST)
    own = [f for f in trail if not f.filename.startswith("<probe>") and frames.is_students(f.filename)]
    if not own or "(line " in what:
        return what
    line = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return f"{what} (line {own[-1].lineno}{': ' + line if line else ''})"


@contextlib.contextmanager
def own_garbage() -> Iterator[None]:
    """What lay in memory before is not searched for garbage at an answer's cost: late in a session it takes seconds."""
    if gc.get_freeze_count():  # a grader's child has what its parent froze
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Interrupt the block with `TimeUp` when its thread has computed for so long, or waited for much longer.

    The time of the processor counts, not the clock on the wall: beside other programs a right answer takes longer.
    """
    stop = _alarm(seconds) or _watcher(seconds)
    if stop is None:
        _Unlimited.noticed = True
    try:
        yield
    finally:
        if stop is not None:
            stop()


def _clock(thread: int) -> Callable[[], float]:
    """The processor time of a thread, to be read from any other; of the process where there is no such clock."""
    try:
        return partial(time.clock_gettime, time.pthread_getcpuclockid(thread))
    except (AttributeError, OSError, OverflowError):  # not on macOS, nor on Windows
        return time.process_time


def _verdict(seconds: float, thread: int) -> Callable[[], type[TimeUp] | None]:
    """Says at any moment whether a thread's time from now on is up, and which one."""
    clock = _clock(thread)
    computed, waited = clock() + seconds, time.monotonic() + WAIT * seconds

    def is_up() -> type[TimeUp] | None:
        return TimeUp if clock() >= computed else _Waited if time.monotonic() >= waited else None

    return is_up


def _alarm(seconds: float) -> Callable[[], None] | None:
    """An alarm clock that rings in the main thread, and the function that turns it off; None where there is none."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return None
    is_up = _verdict(seconds, threading.get_ident())

    def ring(_: int, frame: FrameType | None) -> None:
        late = is_up()
        if late and not _is_dropped(frame):  # if so, the next ring is soon
            raise late

    try:
        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, min(AGAIN, seconds), AGAIN)
    except (OSError, ValueError):
        return None

    def stop() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    return stop


def _watcher(seconds: float) -> Callable[[], None] | None:
    """A thread that asks the interpreter to raise `TimeUp` in this one between bytecodes; None if none can start."""
    ident, done = threading.get_ident(), threading.Event()

    def watch() -> None:
        is_up = _verdict(seconds, ident)
        while not done.wait(min(AGAIN, seconds)):
            late = is_up()
            if late:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(late))

    try:
        threading.Thread(target=watch, daemon=True).start()
    except RuntimeError:
        return None
    return done.set


class _Unlimited:
    """Whether calls go without a limit here, in a browser's Python say, and whether that has been said."""

    noticed = told = False


def remark() -> str:
    """What the first report of a session says where no limit can be kept."""
    if not _Unlimited.noticed or _Unlimited.told:
        return ""
    _Unlimited.told = True
    return "Python keeps no time limit here. If a check does not end, restart the kernel and look for a loop."


def _is_dropped(frame: FrameType | None) -> bool:
    """Whether Python would drop an exception raised here, with a word on stderr: while it collects garbage."""
    collecting = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None:
        if frame.f_code in collecting or frame.f_code.co_filename == weakref.__file__:
            return True
        frame = frame.f_back
    return False
