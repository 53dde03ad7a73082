"""Notebooks that are broken or hostile, each with the points that are fair; for the tests of the grader.

An honest notebook answers three exercises: numbers for 4 points, a function for 2, a reason for 1. Each case changes
something. Where code is in the way of an exercise, that exercise brings nothing, and the others bring what they did.
"""

import base64
import json
from typing import NamedTuple

import backprop_lab as bl
from backprop_lab.exercises.cells import answer_source

IDS = ("reverse.1", "reverse.3", "reverse.6")
SEED = "ada"
NUMBERS, CODE, REASON = IDS
GOOD = """
def divide_backward(a, b, bar):
    return bar / b, -bar * a / b**2
"""
WRONG = GOOD.replace("-bar", "bar")


class Case(NamedTuple):
    """A notebook's bytes, the fair points of its three exercises, and words that its record must have."""

    data: bytes
    numbers: float
    code: float
    reason: float
    says: str = ""

    @property
    def points(self):
        return dict(zip(IDS, self[1:4], strict=True))


def honest(seed=SEED):
    """The text of each cell of an honest notebook, by name."""
    exercises = bl.exercises
    return {
        "setup": "import numpy as np\n\nimport backprop_lab as bl",
        "seed": f"bl.seed({seed!r})",
        NUMBERS: f"# exercise: {NUMBERS}\nreverse_1 = {exercises[NUMBERS].model_answer(seed)}",
        CODE: f"# exercise: {CODE}{GOOD}",
        REASON: f"# exercise: {REASON}\nreverse_6 = {exercises[REASON].model_answer(seed)!r}",
    }


def notebook(cells, **metadata):
    """A notebook with these code cells, as text."""
    made = [
        {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for text in (cells.values() if isinstance(cells, dict) else cells)
    ]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _made(numbers=4.0, code=2.0, reason=1.0, says="", **changes):
    """An honest notebook with other cells: `code_=...` takes the place of the function, `setup_=...` follows it."""
    cells = honest()
    for name, text in changes.items():
        key = {"numbers_": NUMBERS, "code_": CODE, "reason_": REASON, "setup_": "setup", "seed_": "seed"}[name]
        cells[key] = f"# exercise: {key}\n{text}" if key in IDS else f"{cells[key]}\n{text}"
    return Case(notebook(cells).encode(), numbers, code, reason, says)


def _code(before, body=GOOD, after="", **fair):
    """Lines around the function that is asked for."""
    return _made(code_=f"{before}\n{body}\n{after}", **fair)


def _in_function(lines, **fair):
    body = "".join(f"    {line}\n" for line in lines.split("\n"))
    return _made(code_=f"import os, sys, time\ndef divide_backward(a, b, bar):\n{body}", **fair)


def _cells(change, *points, says=""):
    """The cells as a list, changed as a whole."""
    cells = honest()
    return Case(notebook(change(cells) or cells).encode(), *points, says)


def _raw(data, *points, says=""):
    return Case(data if isinstance(data, bytes) else data.encode(), *points, says)


def _with_metadata(cells, entries):
    found = json.loads(notebook(cells))
    for cell, entry in zip(found["cells"], entries, strict=False):
        cell["metadata"] = entry
    return json.dumps(found)


STUBBORN = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
EQUAL = """
class Always(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __sub__
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __hash__(self): return 0
    def __array__(self, *args, **kwargs): return np.zeros(())
    def __array_function__(self, *args): return True
    def __array_ufunc__(self, *args, **kwargs): return True
    def __reduce__(self): return (eval, ("1",))
"""
TWICE = """
class Twice(float):
    count = 0
    def __float__(self):
        Twice.count += 1
        return float(Twice.count)
"""
FORKS = """
import os
for _ in range(500):
    try:
        os.fork()
    except OSError:
        pass
"""
FORGE = """
import json, os, socket, struct
def say(x):
    header = json.dumps(x).encode()
    for fd in range(3, 40):
        try:
            os.write(fd, struct.pack("!II", len(header), len(header)) + header)
        except OSError:
            pass
"""
FRAMES = """
import gc, sys
found = []
frame = sys._getframe()
while frame is not None:
    for name, x in list(frame.f_locals.items()):
        if "secret" in name or "expected" in name or "oracle" in name:
            found.append(x)
    frame = frame.f_back
for x in gc.get_objects():
    if type(x).__name__ in ("Part", "Code", "Predict", "Book"):
        found.append(x)
assert not found, f"LEAK {found!r:.80}"
for name in list(sys.modules):
    assert "exercises.lessons" not in name or sys.modules[name] is None, "LEAK module"
"""
READS = """
import os
for place in (bl.__path__[0] + "/exercises/lessons/reverse.py", "{secret}", "{neighbour}", "/etc/passwd"):
    try:
        text = open(place).read()
    except OSError:
        continue
    raise AssertionError("LEAK " + place)
for number in map(str, range(1, 400)):
    if int(number) != os.getpid():
        try:
            open(f"/proc/{{number}}/environ", "rb").read()
        except OSError:
            continue
        raise AssertionError("LEAK memory of " + number)
"""


def cases(secret, neighbour, outside):
    """All cases by name.

    Parameters
    ----------
    secret, neighbour : files that a student must not read
    outside : a folder in which a student must not write
    """
    write = f"""
for place in ({outside!r} + "/written", "/tmp/backprop-lab-written", "../written"):
    try:
        open(place, "w").write("x")
    except OSError:
        pass
"""
    patch_lab = """
import backprop_lab.exercises as exercises, backprop_lab.exercises.base as base
import backprop_lab.exercises.handle as handle, backprop_lab.exercises.report as report
base.agrees = base.same = lambda *args, **kwargs: True
handle.plain = lambda x, depth=0: x
report.Report.points = report.Report.score = report.Report.passed = property(lambda self: 99.0)
"""
    patch_numpy = """
import builtins, math
np.allclose = np.isclose = np.array_equal = lambda *args, **kwargs: True
builtins.abs = lambda x: 0.0
math.isclose = lambda *args, **kwargs: True
"""
    model = 'bl.exercises["reverse.1"].model_answer()'
    visible = bl.exercises[CODE].parts[0].cases(bl.exercises[CODE].random(SEED, bl.exercises[CODE].parts[0].label))
    table = {case: bl.exercises[CODE].parts[0].oracle(*case) for case in visible}
    half = notebook(honest())
    return {
        "honest": _made(),
        "loop in a cell": _code("while True:\n    pass", code=0.0, says="look for a loop"),
        "loop in a function": _in_function("while True:\n    pass", code=0.0, says="look for a loop"),
        "loop that ignores interrupts": _code(STUBBORN, code=0.0, says="look for a loop"),
        "function that ignores interrupts": _in_function(STUBBORN.strip(), code=0.0, says="look for a loop"),
        "sleeps in a cell": _code("import time\ntime.sleep(1000)", code=0.0, says="waits"),
        "sleeps in a function": _in_function("time.sleep(1000)", code=0.0, says="waits"),
        "memory bomb": _code("x = [0] * 10**10", code=0.0, says="MemoryError"),
        "memory bomb, by and by": _code(
            "x = []\nwhile True:\n    x.append(bytearray(100_000_000))", code=0.0, says="MemoryError"
        ),
        "fork bomb": _code(
            "import os\nfor _ in range(500):\n    try:\n        os.fork()\n    except OSError:\n        pass"
        ),
        "output flood": _code('for _ in range(200):\n    print("x" * 500_000)'),
        "output flood on the file": _code('import os\nfor _ in range(200):\n    os.write(1, b"x" * 500_000)'),
        "os._exit in a cell": _code("import os\nos._exit(0)", code=0.0, says="ended in"),
        "os._exit in a function": _in_function("os._exit(0)", code=0.0, says="ended in"),
        "sys.exit in a cell": _code("import sys\nsys.exit(0)", code=0.0, says="SystemExit"),
        "sys.exit in a function": _in_function("sys.exit(0)", code=0.0, says="SystemExit"),
        "raises BaseException": _code("raise BaseException('no')", code=0.0, says="BaseException"),
        "raises KeyboardInterrupt": _in_function("raise KeyboardInterrupt", code=0.0, says="KeyboardInterrupt"),
        "crashes": _code("import ctypes\nctypes.string_at(0)", code=0.0, says="ended in"),
        "kills its parent": _code(_kill("os.getppid()")),
        "kills everybody": _code(_kill("-1")),
        "threads that go on": _code(
            "import threading\ndef on():\n    while True:\n        pass\n"
            "for _ in range(3):\n    threading.Thread(target=on, daemon=True).start()"
        ),
        "processes that go on": _code(
            "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n"
            "    os._exit(0)"
        ),
        "starts a shell": _code(
            'import subprocess\ntry:\n    subprocess.Popen(["sleep", "997"])\nexcept OSError:\n    pass'
        ),
        "patches NumPy and builtins": _code(patch_numpy, WRONG, code=0.0),
        "patches our checks": _code(patch_lab, WRONG, code=0.0),
        "patches IPython": _made(
            setup_="import IPython.core.inputtransformer2 as t\nt.TransformerManager.transform_cell = lambda s, c: ''"
        ),
        "equal to everything": _code(EQUAL, "def divide_backward(a, b, bar):\n    return Always(), Always()", code=0.0),
        "equal numbers": _made(
            numbers_=f"{EQUAL}\nreverse_1 = dict.fromkeys(('c', 's', 'x', 'y'), Always())", numbers=0.0, says="number"
        ),
        "changes when read twice": _code(
            TWICE, "def divide_backward(a, b, bar):\n    return Twice(), Twice()", code=0.0
        ),
        "reads stack frames": _code(FRAMES),
        "reads files": _code(READS.format(secret=secret, neighbour=neighbour)),
        "forges replies": _code(
            FORGE,
            "def divide_backward(a, b, bar):\n    say(['done', ['outcome', [1.0, 2], None, '']])\n    return 1, 2",
            code=0.0,
        ),
        "forges replies beforehand": _code(
            FORGE, GOOD, "for _ in range(9):\n    say(['done', [True, True, True]])", code=0.0
        ),
        "forges nonsense": _code(
            FORGE, "def divide_backward(a, b, bar):\n    say([[[[[[]]]]]])\n    os._exit(0)", code=0.0
        ),
        "forges with a pickle": _code(
            "import pickle, os\nclass Bad:\n    def __reduce__(self):\n        return os.system, ('touch /tmp/owned',)",
            "def divide_backward(a, b, bar):\n    return pickle.dumps(Bad())",
            code=0.0,
        ),
        "writes results": _code(write.replace('"x"', "'{\"total\": 99}'")),
        "writes outside": _code(write),
        "fills the disk": _code(_quietly("for k in range(400): open(f'{k}', 'wb').write(bytes(10_000_000))")),
        "symbolic link": _code(
            f"import os\ntry:\n    os.symlink({outside!r}, 'out')\n    open('out/linked', 'w').write('x')\n"
            "except OSError:\n    pass"
        ),
        "network": _code(
            "import socket\ntry:\n    socket.create_connection(('1.1.1.1', 53), timeout=1)\nexcept OSError:\n    pass\n"
            "else:\n    raise AssertionError('LEAK network')"
        ),
        "hard-coded visible answers": _code(
            f"TABLE = {table!r}",
            "def divide_backward(a, b, bar):\n    return TABLE[a, b, bar]",
            code=0.0,
            says="KeyError",
        ),
        "right on visible inputs only": _code(
            f"TABLE = {table!r}",
            "def divide_backward(a, b, bar):\n    return TABLE.get((a, b, bar), (0.0, 0.0))",
            code=0.0,
        ),
        "imports the model answers": _code(
            "from backprop_lab.exercises.lessons import reverse", code=0.0, says="ModuleNotFoundError"
        ),
        "asks for the model answer": _made(numbers_=f"reverse_1 = {model}", numbers=0.0, says="closed while grading"),
        "the model answer of code": _made(
            code_='divide_backward = bl.exercises["reverse.3"].model_answer()', code=0.0, says="closed while grading"
        ),
        "recursion bomb": _in_function("return divide_backward(a, b, bar)", code=0.0, says="RecursionError"),
        "nested answer": _made(
            numbers_="x = []\nfor _ in range(100_000):\n    x = [x]\nreverse_1 = {'c': x}", numbers=0.0
        ),
        "huge integer": _in_function("return 10**100_000, 1", code=0.0),
        "huge answer": _in_function("return [0.0] * 10**7", code=0.0, says="10000000"),
        "endless sequence": _in_function(
            "class Endless(list):\n    def __iter__(self):\n        while 1:\n            yield 1.0\nreturn Endless()",
            code=0.0,
        ),
        "NaN answers": _made(numbers_="reverse_1 = dict.fromkeys('csxy', float('nan'))", numbers=0.0, says="finite"),
        "NaN from code": _in_function("return float('nan'), float('nan')", code=0.0),
        "no check cells, other order": _cells(
            lambda c: dict(sorted(c.items(), key=lambda pair: -list(c).index(pair[0]) if pair[0] in IDS else -99)),
            4.0,
            2.0,
            1.0,
        ),
        "an answer cell is deleted": _cells(
            lambda c: {k: v for k, v in c.items() if k != CODE}, 4.0, 0.0, 1.0, says="no cell answers it"
        ),
        "an answer cell twice": _cells(lambda c: [*c.values(), c[CODE]], 4.0, 2.0, 1.0, says="2 cells answer it"),
        "an empty copy below": _cells(
            lambda c: [*c.values(), answer_source(CODE)], 4.0, 2.0, 1.0, says="2 cells answer it"
        ),
        "a wrong copy below": _cells(
            lambda c: [*c.values(), f"# exercise: {CODE}{WRONG}"], 4.0, 0.0, 1.0, says="last one"
        ),
        "without the line that names it": _cells(
            lambda c: {**c, CODE: GOOD}, 4.0, 2.0, 1.0, says="no cell says that it answers it"
        ),
        "another exercise's name": _cells(
            lambda c: {**c, CODE: f"# exercise: reverse.99{GOOD}"}, 4.0, 2.0, 1.0, says="no such exercise"
        ),
        "look-alike in the name": _cells(
            lambda c: {**c, CODE: f"# exercise: reverse.\uff13\u200b{GOOD}"}, 4.0, 2.0, 1.0, says="was read as"
        ),
        "points in the metadata": _raw(
            _with_metadata(
                {**honest(), CODE: f"# exercise: {CODE}{WRONG}"},
                [{"nbgrader": {"points": 100, "grade": True}, "backprop_lab": {"exercise": CODE, "role": "setup"}}] * 5,
            ),
            4.0,
            0.0,
            1.0,
        ),
        "another kernel": _raw(
            notebook(honest(), kernelspec={"name": "ir", "language": "R"}), 4.0, 2.0, 1.0, says="kernel is ir"
        ),
        "another encoding": _raw(
            notebook({**honest(), "note": "# é"}).replace("\\u00e9", "é").encode("cp1252"), 4.0, 2.0, 1.0, says="UTF-8"
        ),
        "UTF-16": _raw(half.encode("utf-16"), 4.0, 2.0, 1.0, says="UTF-8"),
        "half a file": _raw(half[: len(half) // 2], 0.0, 0.0, 0.0, says="ends in the middle"),
        "an empty file": _raw(b"", 0.0, 0.0, 0.0, says="no notebook"),
        "no notebook": _raw(base64.b64decode("iVBORw0KGgo="), 0.0, 0.0, 0.0, says="no notebook"),
        "no cells": _raw("{}", 0.0, 0.0, 0.0, says="no cells"),
        "cells of nonsense": _raw('{"cells": [1, null, {"cell_type": "code", "source": 7}]}', 0.0, 0.0, 0.0),
        "nested JSON": _raw("[" * 100_000, 0.0, 0.0, 0.0, says="no notebook"),
        "a syntax error": _made(code_="def divide_backward(a, b, bar:\n    pass", code=0.0, says="SyntaxError"),
        "deep expression": _made(code_="x = " + "(" * 5_000 + ")" * 5_000, code=0.0, says="SyntaxError"),
        "a null byte": _made(code_="x = 1\0", code=0.0),
        "nothing written": Case(
            notebook([honest()["setup"], honest()["seed"], *map(answer_source, IDS)]).encode(), 0.0, 0.0, 0.0
        ),
        "magics": _made(setup_="%matplotlib inline\n!echo no\n"),
        "magic of a cell": _cells(lambda c: {**c, CODE: f"%%time\n# exercise: {CODE}{GOOD}"}, 4.0, 2.0, 1.0),
        "writes to stderr": _code("import sys, warnings", GOOD.replace(":\n", ":\n    warnings.warn('x')\n", 1)),
    }


def _quietly(line):
    return f"try:\n    {line}\nexcept OSError:\n    pass"


def _kill(whom):
    return "import os, signal\n" + _quietly(f"os.kill({whom}, signal.SIGKILL)")
