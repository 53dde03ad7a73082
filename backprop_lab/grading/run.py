"""Grade many notebooks: by processes of this machine, or by any `concurrent.futures.Executor`; what stops, goes on.

A record is written as soon as its notebook is graded. A second run takes up what is missing or has changed. A worker
that dies loses nothing: what it had in hand is graded again.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from typing import Any, NamedTuple

from ..errors import ArgumentError, SaveError
from ..version import __version__
from .fence import TIERS
from .grader import Graded, Task, fingerprint, grade
from .limits import LIMITS, Limits
from .notebooks import Submission, parse
from .process import Forked, Spawned, Started
from .records import Folder, merged

AHEAD = 3  # notebooks in hand for each worker
DEATHS = 3  # of workers, with the same notebook in hand
_alone = threading.Lock()  # the lab's tape and clocks are one for a process
_started: dict[tuple[Limits, str], Started] = {}


class Done(NamedTuple):
    """What a run came to: how many were graded, how many were there already, and how many wrong answers are right for
    somebody else."""

    graded: int
    kept: int
    copies: int


def work(tasks: Sequence[Task], limits: Limits = LIMITS, most: str = TIERS[0]) -> list[Graded]:
    """Grade some notebooks, in a worker: the warm process is begun with the first and stays."""
    with _alone:
        return [_one(task, limits, most) for task in tasks]


def _one(task: Task, limits: Limits, most: str) -> Graded:
    for again in (False, True):
        try:
            return grade(task, _process(limits, most), limits)
        except OSError:
            stopped = _started.pop((limits, most), None)  # the warm process has gone; a new one may do
            if stopped is not None:
                with contextlib.suppress(OSError):
                    stopped.close()
            if again:
                raise
    raise AssertionError


def _process(limits: Limits, most: str) -> Started:
    key = limits, most
    if key not in _started:
        new: Started = Forked(limits, most) if hasattr(os, "fork") and most != "spawned" else Spawned(limits)
        _started[key] = new
        atexit.register(new.close)
    return _started[key]


def end_processes() -> None:
    """End the warm processes of this one."""
    while _started:
        _, started = _started.popitem()
        atexit.unregister(started.close)
        started.close()


def by_student(found: Iterable[Submission]) -> list[Submission]:
    """The submissions, if nobody has two for the same exercises; of two that are the same, the first.

    Raises
    ------
    ArgumentError : somebody has
    """
    found = list(found)
    many = {name for name, count in Counter(s.student for s in found).items() if count > 1}
    seen: dict[tuple[str, str], Submission] = {}
    copies: dict[tuple[str, str], Submission] = {}
    for submission in (s for s in found if s.student in many):
        data = _data(submission)
        same = submission.student, _digest(data)
        if isinstance(data, bytes) and copies.setdefault(same, submission) is not submission:
            found.remove(submission)  # the same once more, as `03 (1).ipynb`
            continue
        for id in _ids(data):
            other = seen.setdefault((submission.student, id), submission)
            if other is not submission:
                raise ArgumentError(
                    f"{submission.student} has two notebooks with {id}, {other.place} and {submission.place}; keep one"
                )
    return found


def _data(submission: Submission) -> bytes | str:
    """Its bytes; or why there are none."""
    try:
        return submission.read()
    except ArgumentError as problem:
        return str(problem)


def _digest(data: bytes | str) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def _ids(data: bytes | str) -> list[str]:
    from ..exercises.books import exercises

    try:
        return parse(data, exercises()).ids if isinstance(data, bytes) else []
    except ArgumentError:
        return []


def run(
    found: Sequence[Submission],
    folder: Folder,
    secret: bytes,
    *,
    ids: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    student: Collection[str] = (),
    executor: Executor | None = None,
    jobs: int = 0,
    limits: Limits = LIMITS,
    most: str = TIERS[0],
    report: Callable[[int, int], None] = lambda done, of: None,
) -> Done:
    """Grade what is not graded yet and write the records.

    Parameters
    ----------
    found : the notebooks
    folder : where the records are
    secret : what hidden inputs are drawn from
    ids : the exercises of the assignment; all of each notebook's lessons if empty
    only, student : grade these exercises, or these students, again; all that is missing if empty
    executor : runs `work`; processes of this machine if not given, as many as `jobs`, or one for each processor
    limits, most : as for `work`
    report : is told how many are done, of how many

    Raises
    ------
    SaveError : a record cannot be written
    ArgumentError : nobody has the name of `student`
    """
    nobody = set(student) - {s.student for s in found} - {s.name for s in found}
    if nobody:
        raise ArgumentError(f"nobody is called {sorted(nobody)[0]}; the names are those of the folders or files")
    chosen = [s for s in found if not student or {s.student, s.name} & set(student)]
    again = bool(only or student)
    tasks = (_task(s, folder, secret, ids, only, again) for s in chosen)
    graded = kept = 0
    for task, result in _all(tasks, executor, jobs or _processors(), limits, most):
        if result is None:
            kept += 1
        else:
            record = merged(folder.read(task.student, task.place), result.record) if only else result.record
            folder.write(record, result.took)
            graded += 1
        report(graded + kept, len(chosen))
    return Done(graded, kept, folder.note_copies())


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _task(
    submission: Submission, folder: Folder, secret: bytes, ids: tuple[str, ...], only: tuple[str, ...], again: bool
) -> tuple[Task, bool]:
    """What there is to do for a submission, and whether it is done already."""
    student, place, name, number = submission.student, submission.place, submission.name, submission.number
    task = Task(student, place, _data(submission), secret, ids, only, name=name, number=number)
    old = None if again else folder.read(task.student, task.place)
    return task, old is not None and _is_done(old, task)


def _is_done(old: dict[str, Any], task: Task) -> bool:
    same = _digest(task.data), __version__, fingerprint(task.secret), list(task.ids)
    return same == tuple(old.get(key) for key in ("sha256", "version", "secret", "assignment"))


def _all(
    tasks: Iterable[tuple[Task, bool]], executor: Executor | None, jobs: int, limits: Limits, most: str
) -> Iterator[tuple[Task, Graded | None]]:
    """Every task with its result, None where there was nothing to do; never many in hand at once."""
    pool = _Pool(executor, jobs, limits, most)
    tasks = iter(tasks)
    try:
        while True:
            for task, done in tasks:
                if done:
                    yield task, None
                    continue
                pool.submit(task)
                if len(pool.running) >= AHEAD * jobs:
                    break
            if not pool.running:
                return
            yield from pool.finished()
    finally:
        pool.close()


class _Pool:
    """An executor, made anew where its workers die."""

    def __init__(self, executor: Executor | None, jobs: int, limits: Limits, most: str) -> None:
        self.given, self.jobs, self.limits, self.most = executor, jobs, limits, most
        self.executor = executor if executor is not None else self._new()
        self.running: dict[Future[list[Graded]], Task] = {}
        self.deaths: Counter[str] = Counter()

    def _new(self) -> Executor:
        context = multiprocessing.get_context("spawn" if sys.platform in ("win32", "darwin") else "forkserver")
        return ProcessPoolExecutor(self.jobs, mp_context=context, initializer=_begin)

    def submit(self, task: Task) -> None:
        self.running[self.executor.submit(work, [task], self.limits, self.most)] = task

    def finished(self) -> Iterator[tuple[Task, Graded]]:
        done, _ = wait(self.running, return_when=FIRST_COMPLETED)
        broken: list[tuple[Task, Exception]] = []
        for future in done:
            task = self.running.pop(future)
            try:
                yield task, future.result()[0]
            except BrokenExecutor as error:
                broken.append((task, error))
            except Exception as error:
                if type(error).__name__ not in ("KilledWorker", "CancelledError", "FutureCancelledError"):
                    raise
                broken.append((task, error))
        if broken:
            self._mend(broken)

    def _mend(self, broken: list[tuple[Task, Exception]]) -> None:
        """Grade again what dead workers had in hand."""
        again = [task for task, _ in broken]
        if self.given is None:
            again += self.running.values()
            self.running.clear()
            self.executor.shutdown(wait=False, cancel_futures=True)
            self.executor = self._new()
        for task in again:
            self.deaths[task.place] += 1
            if self.deaths[task.place] > DEATHS * self.jobs * AHEAD:
                raise SaveError(f"the grader's own processes end again and again, the last time with {task.place}")
            self.submit(task)

    def close(self) -> None:
        if self.given is None:
            self.executor.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """In a new worker: Ctrl-C is for the one who waits, and where that one has been killed, nobody goes on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    above = multiprocessing.parent_process()

    def watch() -> None:
        multiprocessing.connection.wait([above.sentinel])  # type: ignore[union-attr]
        os._exit(1)  # the warm process hears that, ends what runs, and removes its folder

    if above is not None:
        threading.Thread(target=watch, daemon=True).start()


def progress(total: int, quiet: bool = False) -> Callable[[int, int], None]:
    """What shows how many are done, with the rate and the time left: tqdm's bar, or a line now and then."""
    if quiet or not total:
        return lambda done, of: None
    try:
        from tqdm import tqdm
    except ImportError:
        return _lines()
    bar = tqdm(total=total, unit="notebook", file=sys.stderr, smoothing=0.05)

    def show(done: int, of: int) -> None:
        bar.update(done - bar.n)
        if done >= of:
            bar.close()

    return show


def _lines() -> Callable[[int, int], None]:
    began = told = time.monotonic()

    def show(done: int, of: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= 5 or done >= of:
            told, rate = now, done / max(now - began, 1e-9)
            print(f"{done} of {of}, {rate:.1f} a second, {(of - done) / rate:.0f} s left", file=sys.stderr)

    return show
