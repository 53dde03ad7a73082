"""The playground in Python and in node: bad input, branches and holes, and the page's runs against bl.descend.

What is seen and dragged is tested in a browser (test_descent_page.py).
"""

import json
import math
import re
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.drawing.relief import levels
from backprop_lab.film.surface import MOST_ROWS, Surface
from backprop_lab.widgets import ground_page, page

XS = np.linspace(0.5, 1.5, 12)
YS = 1.5 * XS + 0.3 * np.cos(9 * XS)


def valley(x, y):
    return (1 - x) ** 2 + 20 * (y - x**2) ** 2


def line(w, b, x, y):
    return (w * x + b - y) ** 2


def scale(w, x, y):
    return (w * x - y) ** 2


def bend(x, y):
    if x > 0:
        return bl.log(x) ** 2 + y * y
    return x * x + bl.sqrt(1 - y)


def wave(x):
    return bl.sin(3 * x) + 0.3 * x**2


# ---- what a page computes

PLAYED = """
const ways = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(ways.map(({ surface, runs, steps, points }) => {
  const terrain = new Terrain(surface);
  const text = (x) => (Number.isFinite(x) ? x : String(x));
  return {
    courses: runs.map((run) => {
      const course = courseOf(terrain, run, steps);
      const made = course.steps.map(({ at, loss, slope }) => [at.map(text), text(loss), slope.map(text)]);
      return { ...course, said: endOf(course, surface), climbs: climbs(course), steps: made };
    }),
    spots: points.map((point) => [terrain.measure(point), text(terrain.value(point))]),
    heights: heightsOf(terrain.grid(9, 7, 0).values, 6),
  };
})));
"""
FILES = ("parts", "maths", "tape", "playground/terrain", "playground/levels", "playground/courses")


def played(*grounds):
    """What the page makes of playgrounds, each with some points: values there, and its runs step by step."""
    node = shutil.which("node")
    assert node, "node comes with npm"
    given = [
        {"surface": ground.surface, "runs": ground.runs, "steps": ground.steps, "points": points}
        for ground, points in grounds
    ]
    code = "".join(page.text(f"{name}.js") for name in FILES) + ground_page.tables() + PLAYED
    done = subprocess.run([node, "-e", code], input=json.dumps(given), capture_output=True, text=True)
    assert not done.returncode, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_the_page_goes_as_bl_descend_does():
    """All methods, on two parameters, on one, on batches of data, and over a kink from one way to the other."""
    every = list(bl.methods)
    grounds = [
        *(bl.Descent(valley, (-1.2, 0.9), rate=0.002, runs=some, steps=40) for some in (every[:5], every[5:])),
        bl.Descent(line, (0.0, 1.0), "nadam", 0.05, 50, data=(XS, YS), batch=5, seed=3),
        bl.Descent(scale, 3.0, "nesterov", 0.05, 30, data=(XS, YS), batch=1, gamma=0.5),
        bl.Descent(wave, 2.0, runs=["sgd", "adam"]),
        bl.Descent(lambda x, y: abs(x) + bl.maximum(x, y) ** 2, (1.0, 0.5), runs=["sgd", "rmsprop"]),
    ]
    for ground, found in zip(grounds, played(*((ground, []) for ground in grounds)), strict=True):
        for k, course in enumerate(found["courses"]):
            run = ground.run(k)
            path = np.array(run.path).reshape(len(run.path), -1)
            at, losses, slopes = zip(*course["steps"], strict=True)
            assert len(at) == ground.steps + 1 and np.ptp(path) > 1e-3
            np.testing.assert_allclose(np.array(at), path, rtol=1e-9, atol=1e-12, err_msg=ground.runs[k]["method"])
            gradients = np.array(run.gradients).reshape(len(run.gradients), -1)
            np.testing.assert_allclose(np.array(slopes)[:-1], gradients, rtol=1e-8, atol=1e-10)
            surface = Surface(ground._surface.function, ground.start, ground._data)
            assert losses[-1] == pytest.approx(surface.value(at[-1]), rel=1e-9, abs=1e-12)


def test_how_a_run_ends():
    steep = bl.Descent(valley, (-1.2, 0.9), rate=0.1)
    slow = bl.Descent(lambda x: 1.2 * x * x, 1.0, rate=1.0, steps=20)
    left = bl.Descent(lambda x: x - bl.sqrt(x), 1.0, rate=1.0, runs=[{"rate": 4.0}])
    rest = bl.Descent(lambda x: x * x, 1.0, rate=0.4)
    one, two, three, four = (found["courses"][0] for found in played(*((g, []) for g in (steep, slow, left, rest))))
    assert one["ends"] == steep.run().ended == "diverged" and one["steps"][-1][0][0] == pytest.approx(
        steep.run().path[-1][0]
    )
    assert re.match(r"it diverged: at step \d the loss is", one["said"])
    assert two["ends"] == "steps" and two["climbs"] and "the loss grew from 1.2 to" in two["said"]
    assert three["ends"] == "trouble" and "has no value at x = −1" in three["said"] and left.run().ended == "domain"
    assert "come to rest" in four["said"] and not four["climbs"]


@pytest.mark.parametrize("scale", [1e-4, 1.0, 30.0])
def test_the_frame_is_as_large_as_the_way(scale):
    """Start and minimum stand in it, apart from each other: at whatever size things happen."""
    ground = bl.Descent(lambda x, y: ((x - scale) / scale) ** 2 + 2 * (y / scale) ** 2, (-scale, scale), rate=0.1)
    for (low, high), inside in zip(ground.surface["span"], ([-scale, scale], [0.0, scale]), strict=True):
        assert low < min(inside) and max(inside) < high < 10 * scale and high - low < 12 * scale
    assert bl.Descent(lambda x: x**2, 0.0).surface["span"][0][1] > 0.5, "a start at rest has some room around it"


def test_ways_and_holes():
    """Two ways through a function, each with a value and slopes of its own; where one has none, it is said."""
    ground = bl.Descent(bend, (1.0, 0.5), span=((-2, 2), (-2, 2)))
    assert len(ground.surface["ways"]) == 2 and not ground.surface["missing"]
    points = [[1.5, 1.5], [-0.5, -1.0], [-0.5, 1.5]]
    (found,) = played((ground, points))
    for point, (spot, value) in zip(points[:2], found["spots"], strict=False):
        height, slopes = bl.value_and_grad(bend)(*point)
        assert spot["loss"] == value == pytest.approx(height, rel=1e-14)
        assert spot["slope"] == pytest.approx(slopes, rel=1e-14) and not spot["trouble"]
    assert found["spots"][2][1] == "NaN" and found["spots"][2][0]["trouble"] == "bend has no value at x = −0.5, y = 1.5"
    grid = ground._surface.heights(np.array([1.5, -0.5]), np.array([1.5, -1.0]))
    assert (
        np.isnan(grid[0, 1])
        and grid[0, 0] == pytest.approx(bend(1.5, 1.5))
        and grid[1, 1] == pytest.approx(bend(-0.5, -1))
    )
    assert "hole" in ground.svg()

    def turns(x, y):
        total, k = 0.0, 0
        while k * 0.05 < x + 2:
            total, k = total + (x - k) ** 2, k + 1
        return total + y

    many = bl.Descent(turns, (-1.0, 0.0), span=((-2, 2), (-1, 1)))
    assert many.surface["missing"] and len(many.surface["ways"]) == 32
    (found,) = played((many, [[1.9, 0.0]]))
    assert "takes a way at x = 1.9, y = 0 that was not sent to this page" in found["spots"][0][0]["trouble"]


def test_heights_part_the_picture_evenly_and_are_round():
    (found,) = played((bl.Descent(valley, (-1.0, 1.0)), []))
    heights = found["heights"]
    assert heights == sorted(set(heights)) and len(heights) >= 4
    assert all(len(f"{x:g}".replace(".", "").strip("0")) <= 2 for x in heights), heights
    assert len(levels(np.arange(100.0))) == 9 and levels(np.full(4, np.nan)) == []


# ---- what is asked for


BAD = [
    (lambda: bl.Descent(lambda x, y, z: x + y + z, (1.0, 2.0, 3.0)), "start has 3 numbers.*one or two; fix the others"),
    (
        lambda: bl.Descent(lambda x, y, z: x + y + z, (1.0, 2.0)),
        "takes 3 numbers to move, and start has 2.*fix the others",
    ),
    (lambda: bl.Descent(valley, 1.0), r"valley \(line \d+\) takes 2 numbers.* start has 1.*; write start="),
    (lambda: bl.Descent(valley), "there is no start.*write start=2.0"),
    (lambda: bl.Descent(), "the first argument must be a function"),
    (lambda: bl.Descent(valley, "here"), "start='here' is a text"),
    (lambda: bl.Descent(valley, (1.0, "two")), "must be a real number"),
    (lambda: bl.Descent(valley, (1.0, math.inf)), "is no place"),
    (lambda: bl.Descent(3.0, 1.0), "the first argument must be a function"),
    (lambda: bl.Descent(lambda x: "high", 1.0), "returns"),
    (lambda: bl.Descent(lambda x: (x, x), 1.0), "returns 2 numbers, and a surface has one height"),
    (lambda: bl.Descent(lambda x: np.array([x, 1.0]) * 2, 1.0), r"returns an array of shape \(2,\)"),
    (lambda: bl.Descent(lambda x: np.sum(np.array([x, 2 * x]) ** 2), 1.0), "no single real number.*with numbers"),
    (lambda: bl.Descent(lambda x: sum(x**k for k in range(400)), 0.5), "more than 500 values"),
    (lambda: bl.Descent(valley, (1.0, 2.0), rate=0), "with a rate of 0 nothing moves; write rate=0.1"),
    (lambda: bl.Descent(valley, (1.0, 2.0), rate=-1), "above 0; write rate="),
    (lambda: bl.Descent(valley, (1.0, 2.0), rate=lambda t: 1 / t), "one number, which can be moved"),
    (lambda: bl.Descent(valley, (1.0, 2.0), "speed"), "no method 'speed'; write one of sgd, momentum, nesterov"),
    (lambda: bl.Descent(valley, (1.0, 2.0), beta1=0.9), "sgd has no setting 'beta1'"),
    (lambda: bl.Descent(valley, (1.0, 2.0), steps=0), "steps must be a whole number above 0"),
    (lambda: bl.Descent(valley, (1.0, 2.0), steps=10**6), "at most 2000"),
    (lambda: bl.Descent(valley, (1.0, 2.0), runs=7), "is no list of runs"),
    (lambda: bl.Descent(valley, (1.0, 2.0), runs=["sgd", 7]), "a run is a method's name or a dict"),
    (lambda: bl.Descent(valley, (1.0, 2.0), runs=7 * ["sgd"]), "7 runs, and 6 can be told apart"),
    (lambda: bl.Descent(valley, (1.0, 2.0), span=(1, 2)), "is no frame for x and y; write span="),
    (lambda: bl.Descent(valley, (1.0, 2.0), batch=3), "no data to take a batch of"),
    (lambda: bl.Descent(scale, 1.0, data=(XS, YS[:-1])), "have 12 and 11 numbers.*cut the longer"),
    (lambda: bl.Descent(scale, 1.0, data=XS), r"a list of numbers for each further argument; write data=\(xs, ys\)"),
    (lambda: bl.Descent(scale, 1.0, data=(["a"], ["b"])), "holds something that is no number"),
    (lambda: bl.Descent(scale, 1.0, data=(np.ones((3, 2)), np.ones(3))), r"each column by itself, as in data="),
    (lambda: bl.Descent(scale, 1.0, data=([], [])), f"has 0 examples.*1 to {MOST_ROWS}"),
    (lambda: bl.Descent(scale, 1.0, data=(XS, YS), batch=13), "a batch of 13 is more than the 12 examples"),
    (lambda: bl.Descent(scale, 1.0, data=(XS, YS), batch=-1), "batch must be a whole number above 0"),
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_cannot_be_shown_gets_a_sentence(number):
    make, said = BAD[number]
    with pytest.raises(bl.LabError, match=said.replace("; ", ".*; ")):  # the student's line stands between
        make()


def test_the_traits():
    ground = bl.Descent(valley, (-1.2, 0.9), "momentum", 0.001, gamma=0.8, runs=["momentum", "adam"])
    assert [(run["method"], run["rate"]) for run in ground.runs] == [("momentum", 0.001), ("adam", 0.001)]
    assert [run["settings"] for run in ground.runs] == [{"gamma": 0.8}, {}]
    assert (ground.start, ground.rate, ground.method, ground.chosen) == ((-1.2, 0.9), 0.001, "momentum", 0)
    ground.rate, ground.start, ground.at = 0.002, (0.0, 2.0), 7
    assert ground.run().path[0] == (0.0, 2.0) and ground.run().settings["rate"] == 0.002 and ground.at == 7
    ground.method = "nadam"
    assert ground.runs[0]["settings"] == {} and ground.rate == ground.surface["rates"]["nadam"] > 0.01
    ground.chosen, ground.at = 9, 10**6
    assert (ground.chosen, ground.at) == (1, 60)
    for name, wrong in (("rate", 0), ("method", "speed"), ("start", 1.0), ("runs", []), ("runs", 7 * ["sgd"])):
        before = ground.runs
        with pytest.raises(bl.LabError):
            setattr(ground, name, wrong)
        assert ground.runs == before
    assert repr(bl.Descent(wave, 1.0)) == "<Descent: wave over x, sgd, rate 0.1>"


def test_it_is_shown_without_scripts_and_taken_away(tmp_path):
    for ground in (bl.Descent(line, (0.0, 0.0), data=(XS, YS), batch=3), bl.Descent(wave, 2.0, runs=["sgd", "adam"])):
        data, _ = ground._repr_mimebundle_()
        assert data["text/html"].startswith("<img alt=") and "application/vnd.jupyter.widget-view+json" in data
        picture = ElementTree.fromstring(data["image/svg+xml"])
        words = " ".join(picture.itertext())
        assert f"{ground.steps} steps, loss" in words and len(data["image/svg+xml"]) < 20_000
        ground.close()
        assert "text/html" in ground._repr_mimebundle_() and "after 5 steps" in ground.svg(5)
        for name in ("a.html", "a.svg"):
            ground.save(tmp_path / name)
        assert "<svg" in (tmp_path / "a.svg").read_text("utf-8") and len((tmp_path / "a.html").read_bytes()) < 120_000
        with pytest.raises(bl.SaveError, match=r"saved as \.html or \.svg, not as \.docx"):
            ground.save(tmp_path / "a.docx")
