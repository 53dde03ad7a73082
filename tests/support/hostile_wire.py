"""More notebooks that are broken or hostile: against the parser, the wire, the kernel's memory, and who waits.

Each was found by trying: without what stands against it, it took the run, the neighbours, or the machine with it.
"""

from .hostile import _cells, _code, _made
from .hostile import cases as others

CHANNEL = """
import gc, os, struct, time
from backprop_lab.grading import child, wire
channel = next(x for x in gc.get_objects() if type(x) is wire.Channel)
"""
DRIP = """
channel.end.sendall(struct.pack("!II", 30_000_000, 100))
while True:
    channel.end.sendall(b"x")
    time.sleep(0.03)
"""
ASKS = """
while True:
    channel.send(["ask", "question", "reverse.1", str(time.time())])
    channel.receive()
"""
PLACES = """
for x in gc.get_objects():
    if type(x) is child.Room:
        x.channel.send(["done", [{}, {"reverse.1": [4] * 300_000}, ["<b>"] * 9_999, "ada"]])
"""
SEGMENTS = """
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype, libc.shmdt.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
got = 0
for _ in range(8):
    number = libc.shmget(0, 60_000_000, 0o1600)
    place = libc.shmat(number, None, 0) if number >= 0 else None
    if place not in (None, 2**64 - 1):
        ctypes.memset(place, 1, 60_000_000)
        libc.shmdt(place)
        got += 60
assert got < 400, f"LEAK {got} MB of memory that nobody counts"
"""
IN_MEMORY = """
import os
got = 0
try:
    for _ in range(50):
        got += os.write(os.memfd_create("x"), bytes(10_000_000)) // 1_000_000
except OSError:
    pass
assert got < 400, f"LEAK {got} MB of memory that nobody counts"
"""
TOGETHER = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        mine = bytearray(b"x") * 150_000_000
        time.sleep(99)
time.sleep(99)
"""
SHELL = """
get_ipython().run_line_magic("matplotlib", "inline")
found = !ls
"""
VFORK = """
import ctypes, os, time
if ctypes.PyDLL(None).vfork() == 0:
    time.sleep(30)  # whoever called it neither runs nor sleeps meanwhile
    os._exit(0)
"""


def more():
    """The cases by name."""
    deep = "x = " + "-" * 90_000 + "1"
    return {
        "halves of characters": _made(
            numbers_="reverse_1 = {'\\ud800': 1.0, 'x': '\\ud800'}",
            code_="def divide_backward(a, b, bar):\n    raise ValueError('\\ud800')",
            reason_="reverse_6 = '\\ud800'",
            numbers=0.0,
            code=0.0,
            reason=0.0,
        ),
        "too deep to be read": _code(deep, code=0.0, says="ended in cell 4"),
        "too deep, and no answer": _cells(lambda c: [*c.values(), deep], 4.0, 2.0, 1.0, says="cell 6"),
        "Windows line ends": _cells(lambda c: [text.replace("\n", "\r\n") for text in c.values()], 4.0, 2.0, 1.0),
        "a byte now and then": _code(CHANNEL + DRIP, code=0.0, says="no end in cell 4"),
        "asks without end": _code(CHANNEL + ASKS, code=0.0, says="no end in cell 4"),
        "forges where the cells are": _code(CHANNEL + PLACES, numbers=0.0, code=0.0, reason=0.0),
        "asks for the shell": _cells(
            lambda c: [SHELL + c["setup"], *list(c.values())[1:], "%%bash\nrm -rf ~", "!rm -rf ~"], 4.0, 2.0, 1.0
        ),
        "memory of System V": _code(SEGMENTS),
        "files in memory": _code(IN_MEMORY),
        "memory of many processes": _code(TOGETHER, code=0.0, says="all of its processes together"),
        "neither runs nor sleeps": _code(VFORK),
    }


def cases(secret, neighbour, outside):
    """These and all others, as in `hostile`."""
    return {**others(secret, neighbour, outside), **more()}
