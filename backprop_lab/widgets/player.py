"""The player: step through the passes over a graph, in a notebook or on a page of its own.

    bl.step(f, x=3, y=5)                      the graph of f at these inputs, ready to step
    bl.step(f, x=3, y=5, mode="forward")      forward mode for the first input, or wrt="y"
    bl.step(f, x=3, y=5, mode="both")         forward and reverse mode side by side, with what each costs
    bl.step(f, x=3, y=5, predict=True)        type each number before you see it; "sweep": pick the nodes as well;
                                              "partials": only the local partials, on the edges
    bl.step(f, x=3, y=5, mystery="Friday")    a reverse sweep with one rule broken: find out which
    bl.step(f, x=3, y=5, fold=False)          a large graph with all its nodes at once, not folded
    bl.step(f, x=3, y=5, open=["turn 3"])     a folded graph with this part open
    bl.step(f, x=3, y=5, views=("paths",))    what stands open beside the graph: here its paths, one by one
    bl.step(f, x=3, y=5).to_html("f.html")    one file that steps offline
    bl.step(f, x=3, y=5).embed()              an output that steps in any page that is made of the notebook
    bl.step(f, x=3, y=5).save("f.pdf")        a step as .svg .png .pdf .tex, the run as .gif .html .txt

The picture and all steps are sent to the browser once; a step is played there and needs no kernel.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakSet

import traitlets

from ..drawing.document import as_picture
from ..errors import ArgumentError, LabError, SaveError
from ..export import stills
from ..export.tikz import tikz
from ..files import write_whole
from ..film.film import Film
from ..film.mystery import MysteryFilm
from ..film.opening import called, named, opened, scenes
from ..film.race import Race, film_of
from ..film.told import packed
from ..graph.graph import Graph
from ..graph.sweeps import Step
from ..recording.door import entry
from ..text.notation import in_words, number
from . import again, asked, lifetime, page, settings

# What is known of a prediction, in the order of a spreadsheet's columns.
PREDICTION = "step node kind typed number right tries wrong_turn revealed seconds run when".split()


class Player(lifetime.Lasting):
    """Steps through a run over a graph.

    Attributes
    ----------
    at : how many steps are done, from 0 to len(steps); may be set
    steps : the run's `Step`s
    graph : the graph they walk over
    inputs : the numbers of its inputs, by name, of small arrays as lists; may be set, some of them or all
    opened : the names of the parts that are open in a folded graph; `bl.step(..., open=player.opened)` opens the same
    predictions : what was typed with `predict=True`, or chosen in a mystery, in order: dicts with step, node, kind (of
        the step, or "turn", "partial", "mystery"), typed, number (of an array its entries or its shape, as lists; in a
        mystery the place in the list), right (at the first try), tries, wrong_turn (its name or None), revealed,
        seconds (from the question to the answer), run (how often the player had been given other inputs or another
        mode by then) and when (date and time of the answer, in UTC). An empty list makes the player ask again
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    _anywidget_id = traitlets.Unicode(f"{__name__}.Player").tag(sync=True)
    _kind = "player"
    film = traitlets.Dict().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    predictions: Any = traitlets.List().tag(sync=True)
    inputs: Any = traitlets.Dict().tag(sync=True, to_json=again.to_json, from_json=again.from_json)
    group = traitlets.Unicode().tag(sync=True)  # of players whose inputs move together
    request = traitlets.Dict().tag(sync=True)  # what the page asks for: other inputs, another mode, output, seed
    trouble = traitlets.Dict().tag(sync=True)  # why a request cannot be met
    scene = traitlets.Dict().tag(sync=True)  # a folded graph with the parts open that the page asked for

    @traitlets.default("_esm")
    def _script(self) -> str:
        return page.script()  # made where it is asked for: a page without a kernel has it

    @traitlets.default("_css")
    def _style(self) -> str:
        return page.style()

    # ipywidgets 7 (Colab) shows widgets by it, and then never asks for _repr_mimebundle_, the path of both
    _ipython_display_ = None

    def __init__(
        self,
        graph: Graph,
        mode: str = "reverse",
        at: int = 0,
        predict: bool | str = False,
        call: again.Call | None = None,
        views: Iterable[str] | None = None,
        open: Iterable[str] | None = None,
        **options: Any,  # as `step` has them: wrt, output, seed, fold, constants, mystery
    ) -> None:
        asked.check(mode, predict, options.get("constants"))
        again.check_size(graph, options.get("fold", True))
        if options.get("mystery") is not None:
            asked.check_mystery(predict, mode, options.get("seed", 1.0), views)
            views = () if views is None else views
        self._views, self._how = asked.opening_views(views), {"mode": mode, **options}
        self._played: Film | Race | None = film_of(graph, **self._how)
        if open is not None:
            self._film.open = named(self._film.tree, open)
        self._traced, self._call, self._predict, self._run = graph, call, predict, 0
        super().__init__(film=self._data(""), at=at, inputs=again.numbers_of(graph))
        self._linked: WeakSet[Player] = WeakSet([self])
        lifetime.made(self)

    def add_traits(self, **traits: Any) -> None:
        """Nothing, where they are there; anywidget would make a class for each player."""
        new = {name: trait for name, trait in traits.items() if not self.has_trait(name)}
        if new:
            super().add_traits(**new)

    @property
    def _film(self) -> Film | Race:
        """The film; of a player that is closed, made again when somebody asks for it."""
        if self._played is None:
            self._played = film_of(self._traced, **self._how, **self._case)
            self._played.open = self._open_parts
        return self._played

    @_film.setter
    def _film(self, film: Film | Race) -> None:
        self._played = film

    def _parted(self) -> None:
        film = self._film
        self._open_parts = film.open
        self._case: dict[str, Any] = {"kept": film.kept} if isinstance(film, MysteryFilm) else {}
        film.forget()
        self._played, self.film = None, {}

    def _data(self, announce: str) -> dict[str, Any]:
        """The film for the page, with what can be asked for instead."""
        predict = self._predict if self._film.mode != "both" else False
        known = self._film.mode == "reverse" or (predict, self._film.mode) == ("partials", "forward")
        data = self._noted(self._film.data(predict if known or not predict else True))
        data = data if "large" in data else packed(data)
        options = settings.options(self._film, bool(self._predict))
        return data | {"options": options, "run": self._run, "announce": announce, "views": self._views}

    def _noted(self, data: dict[str, Any]) -> dict[str, Any]:
        """A film's data with what somebody has to say of its steps: nothing here."""
        return data

    @traitlets.observe("request")
    def _requested(self, change: dict[str, Any]) -> None:
        """Another film, as the page asks; what cannot be done is said there, and the film stays."""
        asked = change["new"]
        if not asked:
            return
        try:
            if "open" in asked:
                self._open(asked)
            elif "save" in asked:
                self._hand_over(asked)
            else:
                self._remake(asked)
        except LabError as error:
            self.trouble = {"text": str(error), "request": asked.get("id"), "open": "open" in asked}
        except Exception as error:  # the student's own function, called again with other numbers
            self.trouble = {"text": f"{type(error).__name__}: {error}", "request": asked.get("id")}

    def _open(self, asked: dict[str, Any]) -> None:
        """The picture with other parts open. The film stays in the page; only the picture is sent."""
        film = self._film
        if film.tree is None:
            return
        film.open = opened(film.tree, asked["open"], film.open)
        self.scene = {"open": sorted(film.open), "svgs": film.svgs(film.open), "run": self._run, "id": asked.get("id")}

    def _hand_over(self, asked: dict[str, Any]) -> None:
        """A file of the step that is shown, for the page to save."""
        with TemporaryDirectory() as folder:
            (path,) = self.save(Path(folder) / f"picture{asked['save']}", asked["at"])
            self.send({"saved": asked["name"], "id": asked.get("id")}, [path.read_bytes()])

    def _remake(self, asked: dict[str, Any]) -> None:
        graph, announce = again.traced(self._traced, self._call, asked.get("inputs", {}))
        self._renew(graph, settings.changed(self._how, asked), announce, asked.get("at", self.at))

    def _renew(self, graph: Graph, how: dict[str, Any], announce: str, at: int) -> None:
        """Another film."""
        was, now = self._film, film_of(graph, **how)
        if was.tree is not None and now.tree is not None and was.tree.alike(now.tree):
            now.open = was.open
        self._film, self._traced, self._how = now, graph, how
        self._run += 1
        with self.hold_sync():
            self.trouble = {}
            self.film = self._data(announce)
            self.at = again.same_place(was, at, now)
            self.inputs = again.numbers_of(graph)

    @traitlets.validate("inputs")
    def _all_inputs(self, proposal: dict[str, Any]) -> dict[str, Any]:
        """All of them, some with other numbers."""
        return again.with_others(self._traced, proposal["value"])

    @traitlets.observe("inputs")
    def _inputs_moved(self, change: dict[str, Any]) -> None:
        """Follow with what stands here. The page follows by itself; it gets a film where that is another one."""
        if again.same(change["new"], again.numbers_of(self._traced)):
            return
        try:
            graph, announce = again.traced(self._traced, self._call, change["new"])
        except Exception as error:  # also one of the student's own function
            if "inputs" not in self._property_lock:  # set here and not by the page, which knows it
                self.inputs = again.numbers_of(self._traced)
                raise
            self.trouble = {"text": str(error) if isinstance(error, LabError) else f"{type(error).__name__}: {error}"}
            return
        if self._film.tape and again.alike(graph, self._traced):
            kept: dict[str, Any] = {"kept": self._film.case} if isinstance(self._film, MysteryFilm) else {}
            was, self._film = self._film, film_of(graph, **self._how, **kept)
            self._traced = graph
            if was.tree is not None:
                self._film.open = was.open
        else:
            self._renew(graph, self._how, announce, self.at)

        for other in self._linked - {self}:
            own = {name: x for name, x in self.inputs.items() if name in other.inputs}
            try:
                other.inputs = own
            except LabError as error:
                other.trouble = {"text": str(error)}

    def link(self, other: Player) -> None:
        """From now on the inputs of this player, and of all that are linked with it, move with another one's.

        Raises
        ------
        ArgumentError : something that is no player, or one that has no input of the same name
        """
        if not isinstance(other, Player):
            raise ArgumentError(f"link={other!r:.40} is no player; write link=player, with one that bl.step gave")
        if not self.inputs.keys() & other.inputs.keys():
            ours, theirs = (in_words(list(player.inputs)) or "none" for player in (self, other))
            raise ArgumentError(
                f"these players have no number in common that could move: the inputs are {ours} here and {theirs} "
                "there; name the arguments alike"
            )
        linked = self._linked | other._linked
        group = other.group or other.model_id or f"linked {id(other)}"
        for player in linked:
            player._linked, player.group = linked, group
        self.inputs = {name: x for name, x in other.inputs.items() if name in self.inputs}

    @traitlets.validate("at")
    def _stay_inside(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), len(self._film)))

    @property
    def graph(self) -> Graph:
        return self._film.graph

    @property
    def opened(self) -> list[str]:
        return called(self._film.tree, self._film.open) if self._film.tree is not None else []

    @property
    def steps(self) -> list[Step]:
        return self._film.steps

    def svg(self, at: int | None = None) -> str:
        """The picture after `at` steps (after all of them if not given) as SVG text."""
        at = len(self._film) if at is None else self._stay_inside({"value": at})
        return self._film.picture.svg(self._film.texts(at), self._film.classes(at), maps=self._film.maps(at))

    def save(self, path: str | Path, at: stills.At = None, *, caption: bool = True, seconds: float = 2.5) -> list[Path]:
        """Take the run away; the ending of the file name says how.

        `.svg`, `.png`, `.pdf`, `.tex` hold one step, `.gif` and `.txt` the whole run, `.html` steps by itself.

            player.save("slide.svg")              the step where the player stands
            player.save("slide.pdf", at=14)       the picture after 14 steps
            player.save("slide.svg", at="all")    slide-000.svg, slide-001.svg …; the same for .png
            player.save("slides.pdf", at="all")   one file, a page a step; with .tex a slide a step (beamer)

        Parameters
        ----------
        path : the file; its folder must exist. What stands there is replaced
        at : after how many steps; the current step if not given; "all" for every step
        caption : whether the step's formula and sentence stand above the picture (not for .html and .txt)
        seconds : how long a .gif shows each step

        Returns
        -------
        list : the files that were written

        Raises
        ------
        SaveError : an unknown ending, a missing folder, a place that may not be written
        ArgumentError : no such step
        """
        step, every = stills.position(self._film, at, self.at, path)
        return stills.Stills(self._film, caption).save(path, step, every, self._page, seconds)

    def to_tikz(self, path: str | Path | None = None, at: stills.At = None) -> str:
        """The picture in TikZ: a file that compiles alone and that a document can `\\input`.

        Parameters
        ----------
        path : where to write it; None only returns the text
        at : after how many steps; the current step if not given; "all" makes a beamer slide for each
        """
        step, every = stills.position(self._film, at, self.at, "x.tex")
        if isinstance(self._film, Race):
            raise SaveError(stills.NO_TIKZ)
        written = tikz(self._film, None if every else step)
        if path is not None:
            write_whole(path, written)
        return written

    def write_predictions(self, path: str | Path) -> Path:
        """Write what was predicted to a file: `.json`, or `.csv` for a spreadsheet.

        Raises
        ------
        SaveError : another ending, a missing folder, a place that may not be written
        """
        kind = Path(path).suffix.lower()
        if kind == ".json":
            return write_whole(path, json.dumps(self.predictions, indent=1, ensure_ascii=False) + "\n")
        if kind != ".csv":
            raise SaveError(f"predictions are written as .json or .csv, not as {kind or 'a file without ending'}")
        text = io.StringIO()
        table = csv.DictWriter(text, PREDICTION, restval="", extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(self.predictions)
        return write_whole(path, text.getvalue())

    def to_text(self) -> str:
        """The run as plain text: the nodes with their numbers, then a formula and a sentence for each step."""
        return stills.text(self._film)

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained page that steps offline, from the same front-end file as the notebook.

        The page as text; it is also written to `path`, if one is given.
        """
        text = self._page(self.at)
        if path is not None:
            write_whole(path, text)
        return text

    def _page(self, at: int) -> str:
        state = self._state() | {"at": at}
        title = state["film"]["about"].partition(", value ")[0]  # which changes with the inputs
        return page.document(title, state)

    def _state(self) -> dict[str, Any]:
        film = self.film or self._data("")  # a player that is closed keeps none
        if self._film.tree is not None:  # other parts may be open now
            film = film | {"fold": film["fold"] | {"open": sorted(self._film.open)}, "scenes": scenes(self._film)}
            now = self._film.svgs(self._film.open)
            panes = [pane | drawn for pane, drawn in zip(film.get("panes", ()), now, strict=False)]
            film |= {"panes": panes} if panes else now[0]
        state = {"film": film, "at": self.at, "predictions": self.predictions}
        return state | {"inputs": again.to_json(self.inputs), "group": self.group}

    def __repr__(self) -> str:
        result = ", ".join(n.label if self._predict else f"{n.label} = {number(n.value)}" for n in self.graph.outputs)
        return f"<Player: {len(self._film)} steps over {len(self.graph)} nodes, {result}>"

    def _still(self, **kwargs: Any) -> dict[str, str]:
        """The picture for viewers without a kernel."""
        if self._predict and isinstance(self._film, Film):  # a picture in a file would give the answers away
            picture, about = self._film.unanswered(self._predict)
        else:
            picture, about = self.svg(), self._film.picture.describe(self._film.texts(len(self._film)))
        return {"text/plain": repr(self), "text/html": as_picture(picture, about), "image/svg+xml": picture}


@entry("bl.step(f, 3.0)")
def step(
    f: Callable[..., Any] | Graph,
    /,
    *args: Any,
    mode: str = "reverse",
    wrt: str | None = None,
    predict: bool | str = False,
    output: str | None = None,
    seed: float = 1.0,
    fold: bool = True,
    open: Iterable[str] | None = None,
    views: Iterable[str] | None = None,
    constants: bool | None = None,
    mystery: str | None = None,
    link: Player | None = None,
    **kwargs: Any,
) -> Player:
    """Trace a function and step through the passes over its graph.

    Parameters
    ----------
    f : a function of numbers, or a `Graph`
    args, kwargs : its arguments: the numbers to trace it at; for a graph, new numbers for its inputs
    mode : "value" (forward pass alone), "forward" (values and tangents), "reverse" (values, then adjoints) or "both"
        (forward sweeps for all inputs beside the reverse sweep)
    wrt : in forward mode, the input that moves
    output : the node to differentiate, by name; the function's result if not given
    seed : what a derivative pass starts from
    predict : True asks for each number before it is shown; "sweep" also asks which node's turn it is in the reverse
        pass; "partials" asks for the local partials, forwards or in reverse, and shows the rest. What was typed and
        picked is in `.predictions`
    mystery : any text: it draws a rule, and the player shows a reverse sweep in which that rule is broken. Who watches
        picks it from a list; what was picked is in `.predictions`. The same text breaks the same rule
    fold : whether a graph of more than 40 nodes is folded by calls and loops, to be opened on a click; False shows all
        nodes at once
    open : the parts of a folded graph that are open at first, by their names: ["turn 3"], or ["turn 1 to 10 > turn 3"]
        for the one in the other. What somebody opens is in `.opened`; as much as gives a clear picture if not given
    constants : True shows all constants, False none; if not given, those are hidden that only count the turns of a
        loop, or that three turns or more repeat. Formulas have their numbers anyway
    views : what stands open beside the graph at first, any of "code", "table", "costs", "paths" (paths light up one by
        one, and their products add up) and "jacobian" (the same as matrices); code and table if not given
    link : another player, whose inputs move with this one's where they have the same names

    Returns
    -------
    Player

    Raises
    ------
    ArgumentError : a wrong call, mode, input or view
    DrawingError : the graph is too large to draw, or there is no Graphviz
    """
    if isinstance(f, Graph):
        graph, call = f.replay(*args, **kwargs) if args or kwargs else f, None
    else:
        graph, call = again.recorded(f, args, kwargs), again.Call(f, args, kwargs)
    if not len(graph):
        raise ArgumentError("this graph is empty; trace a function that computes something")
    how: dict[str, Any] = {"wrt": wrt, "output": output, "seed": seed, "fold": fold}
    shown: dict[str, Any] = {"predict": predict, "views": views, "open": open}
    made = Player(graph, mode, call=call, constants=constants, mystery=mystery, **shown, **how)
    if link is not None:
        made.link(link)
    return made
