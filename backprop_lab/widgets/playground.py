"""The playground: runs downhill on a student's surface, to drag, to step and to compare.

    bl.Descent(f, start=(-1.5, 2.0))                         a map of f(x, y), and a run of gradient descent on it
    bl.Descent(f, 2.0, rate=0.3)                             the curve of f(x) with its tangent
    bl.Descent(f, start, method="momentum", gamma=0.9)       another method, with settings of its own
    bl.Descent(f, start, runs=["sgd", "adam"])               several runs at once
    bl.Descent(f, (0, 0), data=(xs, ys), batch=1)            the mean of f(w, b, x, y) over data, an example a step
    bl.Descent(f, start).to_html("descent.html")             one file that plays offline
    bl.Descent(f, start).embed()                             an output that plays in any page made of the notebook

The function goes to the page as a tape and the methods as JavaScript, so whatever is dragged is computed there, at once
and without a kernel: in a notebook that is only looked at, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from ..descent.batches import sampler, updates, whole
from ..descent.downhill import descend
from ..descent.methods import Method, method_of, methods, symbol
from ..descent.run import Run
from ..drawing.document import as_image
from ..drawing.relief import Scene, Trail, still
from ..errors import ArgumentError, SaveError
from ..files import write_whole
from ..film.routes import exact
from ..film.surface import Surface, point_of
from ..recording.arguments import check_function
from ..recording.door import entry
from ..source.functions import name_of
from ..text.notation import MATHML, PLAIN, in_words, number
from . import ground_page, lifetime

MOST_RUNS = 6  # that can be told apart
MOST_STEPS = 2000
MOST_PLACES = 20_000  # of examples, that are sent for batches
USUAL = "bl.Descent(f, start=(-1.5, 2.0))"


class Descent(lifetime.Lasting):
    """A surface with runs on it.

    Attributes
    ----------
    at : the step at which all runs are shown, from 0 to `steps`; may be set
    runs : what each run is, dicts with method, rate, start, batch (0 for all data), settings and style; may be set
    chosen : which of them is changed by what follows, counted from 0; may be set
    start, rate, method : of that run; may be set
    ahead : whether the page shows what is still to come; may be set
    steps : how many steps a run has
    surface : what the page knows of the function
    """

    _esm = ground_page.script()
    _css = ground_page.style()
    _kind = "descent"
    surface = traitlets.Dict().tag(sync=True)
    runs: Any = traitlets.List().tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    ahead = traitlets.Bool(True).tag(sync=True)
    _ipython_display_ = None  # as the player has it

    @entry(USUAL, 'bl.Descent(f, start=(-1.5, 2.0), method="momentum", rate=0.1, steps=60)')
    def __init__(
        self,
        f: Callable[..., Any] | None = None,
        start: Any = None,
        method: str = "sgd",
        rate: float | None = None,
        steps: int = 60,
        *,
        data: Sequence[Any] | None = None,
        batch: int | None = None,
        seed: int = 0,
        runs: Iterable[str | Mapping[str, Any]] | None = None,
        span: Sequence[Any] | None = None,
        at: int = 0,
        ahead: bool = True,
        **settings: float,
    ) -> None:
        """See a function of one or two numbers, and runs downhill on it.

        Parameters
        ----------
        f : an ordinary function of one or two numbers that returns one; with `data`, also of an example's numbers
        start : where the run begins: a number, or two
        method : a name of `bl.methods`
        rate : the step size, of all runs that have none of their own; as is usual for the method if not given, and for
            methods that rescale their gradients large enough to be seen
        steps : how many
        data : lists of numbers, one for each further argument of f, equally long; what is shown is the mean
        batch : how many examples each step takes; all if not given
        seed : draws the batches, without replacement
        runs : several runs, each a method's name or a dict with what differs from the arguments above: method, rate,
            start, batch, and settings by name
        span : what is shown, from and to, for each number; chosen to hold the start and where it leads, if not given
        at : the step that is shown first
        ahead : whether what is still to come is shown
        settings : those of the method, by name

        Raises
        ------
        ArgumentError : what cannot be shown, with what to write instead
        """
        if callable(rate):
            raise ArgumentError(
                "the playground's rate is one number, which can be moved; bl.descend takes a function, too"
            )
        check_function(f)
        found = Surface(f, start, data, span)  # type: ignore[arg-type]  # it is one
        self._surface, self._data, self._seed = found, data, seed
        self._rates = self._usual(method, rate)
        given = {"method": method, "rate": rate, "start": found.start, "batch": batch or 0, **settings}
        if batch is not None:
            whole(batch, "batch", 8)
        wanted = [given] if runs is None else [self._several(given, run) for run in _listed(runs)]
        if len(wanted) > MOST_RUNS:
            raise ArgumentError(f"runs= has {len(wanted)} runs, and {MOST_RUNS} can be told apart; leave some out")
        if whole(steps, "steps", 60) > MOST_STEPS:
            raise ArgumentError(
                f"steps={steps} is more than a page shows; write at most {MOST_STEPS}, or use bl.descend"
            )
        made = [self._checked(run, k) for k, run in enumerate(wanted)]
        super().__init__(surface=self._sent(made, steps), runs=made, at=at, steps=steps, ahead=bool(ahead))
        lifetime.made(self)

    # ---- what a run is

    def _usual(self, method: Any, rate: Any) -> dict[str, float]:
        """A rate to begin with for each method: the usual one, or one that fits the rate that was given.

        A method that rescales its gradients goes about as far as its rate says, whatever the surface: there it is a
        fortieth of what is shown, up to 1."""
        row, side = method_of(method), max(b - a for a, b in self._surface.span)
        found = {}
        for name, other in methods.items():
            usual = other.settings["rate"]
            if _rescales(other):
                usual = max(usual, float(f"{min(1.0, side / 40):.1g}"))
            found[name] = usual
        if isinstance(rate, float | int) and rate > 0:
            share = rate / found[row.name]
            alike = [name for name, other in methods.items() if _rescales(other) == _rescales(row)]
            found |= {name: float(f"{found[name] * share:.3g}") for name in alike}
        return found

    @staticmethod
    def _several(given: dict[str, Any], run: Any) -> dict[str, Any]:
        """One of several runs: what all have, and what is its own."""
        own = {"method": run} if isinstance(run, str | Method) else run
        if not isinstance(own, Mapping):
            raise ArgumentError(
                f"a run is a method's name or a dict, not {run!r:.40}; "
                'write runs=["sgd", {"method": "adam", "rate": 0.1}]'
            )
        other = method_of(own.get("method", given["method"])).name != method_of(given["method"]).name
        kept = ("rate", "start", "batch", *(() if other else given))  # settings are those of their method
        return {key: given[key] for key in dict.fromkeys(kept)} | dict(own)

    def _checked(self, run: Mapping[str, Any], style: int = 0) -> dict[str, Any]:
        """A run as it is kept and sent, whoever wrote it."""
        row = method_of(run.get("method", "sgd"))
        rate = self._rates[row.name] if run.get("rate") is None else run["rate"]
        if isinstance(rate, bool) or not isinstance(rate, float | int) or not 0 < rate < math.inf:
            why = "with a rate of 0 nothing moves" if rate == 0 else "a rate is a number above 0"
            raise ArgumentError(
                f"rate={rate!r:.40} takes nobody downhill, because {why}; write rate={number(self._rates[row.name])}"
            )
        start = point_of(run.get("start"), self._surface.function, len(self._surface))
        rows = len(self._surface.rows)
        batch = run.get("batch") or 0
        if batch and not rows:
            raise ArgumentError("there is no data to take a batch of; give data=(xs, ys) as well")
        if batch and whole(batch, "batch", 8) > rows:
            raise ArgumentError(
                f"a batch of {batch} is more than the {rows} examples that there are; write batch={rows}"
            )
        own = {key: x for key, x in run.items() if key not in ("method", "rate", "start", "batch", "settings", "style")}
        settings = {**(run.get("settings") or {}), **own}
        row.settled(settings)  # a setting that it does not have is told
        return {
            "method": row.name,
            "rate": float(rate),
            "start": [exact(x) for x in start],
            "batch": 0 if batch == rows else batch,
            "settings": {key: float(x) for key, x in settings.items()},
            "style": int(run.get("style", style)) % MOST_RUNS,
        }

    def _sent(self, runs: list[dict[str, Any]], steps: int) -> dict[str, Any]:
        """The surface for the page, with the batches' order, and what is written of methods."""
        rows = len(self._surface.rows)
        orders: list[list[int]] = []
        if rows:
            largest = max([1, *(run["batch"] for run in runs)])
            epochs = min(-(-steps // updates(rows, largest)) + 1, max(1, MOST_PLACES // rows))
            drawn = sampler(rows, rows, "without replacement", self._seed)()
            orders = [[int(k) for k in next(drawn)] for _ in range(epochs)]
        names = {key for row in methods.values() for key in row.settings}
        return self._surface.data() | {
            "orders": orders,
            "begins": runs,
            "rules": {name: "".join(_maths(line) for line in row.formulas(MATHML)) for name, row in methods.items()},
            "symbols": {key: symbol(key, PLAIN).text for key in sorted(names)},
            "rates": self._rates,
        }

    @traitlets.validate("runs")
    def _all_right(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        listed = (run if isinstance(run, Mapping) else {"method": run} for run in _listed(proposal["value"]))
        runs = [self._checked({"start": self._surface.start, **run}, k) for k, run in enumerate(listed)]
        if len(runs) > MOST_RUNS:
            raise ArgumentError(f"these are {len(runs)} runs, and {MOST_RUNS} can be told apart; leave some out")
        return runs

    @traitlets.validate("at")
    def _within(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), self.steps or MOST_STEPS))

    @traitlets.validate("chosen")
    def _there(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), len(self.runs) - 1))

    def _other(self, **what: Any) -> None:
        """Change the chosen run."""
        self.runs = [{**run, **what} if k == self.chosen else run for k, run in enumerate(self.runs)]

    @property
    def start(self) -> Any:
        """Where the chosen run begins: a number, or a tuple of two."""
        found = tuple(float(x) for x in self.runs[self.chosen]["start"])
        return found if len(found) > 1 else found[0]

    @start.setter
    def start(self, start: Any) -> None:
        self._other(start=start)

    @property
    def rate(self) -> float:
        """The chosen run's step size."""
        return float(self.runs[self.chosen]["rate"])

    @rate.setter
    def rate(self, rate: float) -> None:
        self._other(rate=rate)

    @property
    def method(self) -> str:
        """The chosen run's method, by name."""
        return str(self.runs[self.chosen]["method"])

    @method.setter
    def method(self, method: str) -> None:
        self._other(method=method, rate=None, settings={})

    # ---- in Python

    def run(self, k: int | None = None) -> Run:
        """A run as `bl.descend` makes it, the chosen one if no number is given: with its path, values and gradients."""
        run = self.runs[self.chosen if k is None else k]
        start = tuple(map(float, run["start"]))
        return descend(
            self._surface.function,
            start if len(start) > 1 else start[0],
            run["method"],
            run["rate"],
            self.steps,
            data=self._columns(),
            batch=run["batch"] or None,
            seed=self._seed,
            progress=False,
            **run["settings"],
        )

    def _columns(self) -> Any:
        rows = self._surface.rows
        return tuple(np.array(column) for column in zip(*rows, strict=True)) if rows else None

    def svg(self, at: int | None = None) -> str:
        """The picture after `at` steps (after those shown now if not given) as SVG text, in light colours."""
        surface, shown = self._surface, self.at if at is None else at
        two = len(surface) == 2
        grid = surface.heights(*(np.linspace(*span, n) for span, n in zip(surface.span, (286, 206), strict=False)))
        span = list(surface.span)
        if not two:
            grid = surface.heights(np.linspace(*surface.span[0], 300))
            finite = grid[np.isfinite(grid)]
            low, high = (float(finite.min()), float(np.quantile(finite, 0.9))) if finite.size else (0.0, 1.0)
            room = 0.1 * (high - low) or 1.0
            span.append((low - room, high + 3 * room))
        trails = []
        for k, run in enumerate(self.runs):
            path = self.run(k).path[: shown + 1]
            points = [(float(p[0]), float(p[1])) if two else (float(p), surface.value([float(p)])) for p in path]
            trails.append(Trail(points, self._called(run, points), run["style"]))
        height = "loss" if surface.rows else name_of(surface.function)
        names = (surface.names[0], surface.names[1] if two else height)
        return still(Scene(names, span, grid, trails, self._about(shown)))

    def _called(self, run: Mapping[str, Any], points: Sequence[Any]) -> str:
        """A run's words in the picture."""
        batch = f", batch {run['batch']}" if run["batch"] else ""
        last = self._surface.value(points[-1][: len(self._surface)])
        called = f"{methods[run['method']].title}, rate {number(run['rate'])}{batch}"
        return f"{called}: {len(points) - 1} steps, loss {number(last, 4)}"

    def _about(self, shown: int) -> str:
        names = in_words(list(self._surface.names))
        many = f"{len(self.runs)} run{'s' * (len(self.runs) > 1)}"
        return f"{name_of(self._surface.function)} over {names}, with {many} downhill, after {shown} steps"

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained page that plays offline; the text, also written to `path` if one is given."""
        made = ground_page.document(f"Descent on {self.surface['name']}", self._state())
        if path is not None:
            write_whole(path, made)
        return made

    def _state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("surface", "runs", "chosen", "at", "steps", "ahead")}

    def save(self, path: str | Path) -> Path:
        """Take it away: as an `.html` page that plays, or what is shown now as an `.svg` picture.

        Raises
        ------
        SaveError : another ending, a missing folder, a place that may not be written
        """
        match Path(path).suffix.lower():
            case ".html":
                return write_whole(path, self.to_html())
            case ".svg":
                return write_whole(path, self.svg())
            case ending:
                raise SaveError(f"a playground is saved as .html or .svg, not as {ending or 'a file without ending'}")

    def __repr__(self) -> str:
        runs = "; ".join(f"{run['method']}, rate {number(run['rate'])}" for run in self.runs)
        return f"<Descent: {name_of(self._surface.function)} over {in_words(list(self._surface.names))}, {runs}>"

    def _still(self, **kwargs: Any) -> dict[str, str]:
        picture = self.svg(self.at or (self.steps if self.ahead else 0))
        return {
            "text/plain": repr(self),
            "text/html": as_image(picture, self._about(self.at)),
            "image/svg+xml": picture,
        }


def _listed(runs: Any) -> list[Any]:
    """Several runs, or one without a list around it."""
    if isinstance(runs, str | Method | Mapping):
        return [runs]
    if not isinstance(runs, Iterable):
        raise ArgumentError(f'runs={runs!r:.40} is no list of runs; write runs=["sgd", "momentum"]')
    if not (found := list(runs)):
        raise ArgumentError('runs=[] has none; write runs=["sgd", "momentum"]')
    return found


def _rescales(method: Method) -> bool:
    """Whether a first step is about the same for a gradient a thousand times as large."""
    (one, _), (other, _) = method.step(0.0, 1.0), method.step(0.0, 1000.0)
    return abs(other) < 2 * abs(one)


def _maths(formula: str) -> str:
    return formula if formula.startswith("<math") else f"<math>{formula}</math>"
