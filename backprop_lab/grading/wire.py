"""What passes between the grader and a student's process: plain data in frames, checked piece by piece; never a pickle.

A frame is a header in JSON and the bytes of its arrays. Exactly the built-in kinds pass, NumPy's numbers and arrays,
and `Mark`, which stands for something that stays where it is.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

HEADER, FRAME, DEPTH = 4_000_000, 32_000_000, 40  # bytes of JSON, bytes in all, lists in lists
LONG = 16  # from this length on, a list of floats goes as bytes
BITS = 10_000  # of a whole number
TICK = 0.05  # seconds from one look at a process to the next
KINDS = "biufc"
_KNOWN = {np.dtype(code).newbyteorder("=").str for code in "?bhilqBHILQefdFD"}


class WireError(Exception):
    """What came is no frame, or what should go has no place in one."""


class Late(Exception):
    """The other side did not answer in time, or took too much; with a word for what it took."""


class Gone(Exception):
    """The other side is no longer there."""


class Mark(NamedTuple):
    """Stands for what stays on one side: what it is, its number there, and the name of its type."""

    kind: str
    number: int
    name: str = ""


def encode(x: Any) -> bytes:
    """A frame.

    Raises
    ------
    WireError : something in it is not plain data, or there is too much of it
    """
    blobs: list[bytes] = []
    header = json.dumps(_packed(x, blobs, 0)).encode()
    size = len(header) + sum(map(len, blobs))
    if len(header) > HEADER or size > FRAME:
        raise WireError(f"{size} bytes are too much for one answer")
    return struct.pack("!II", size, len(header)) + header + b"".join(blobs)


def _packed(x: Any, blobs: list[bytes], depth: int) -> Any:
    kind = type(x)
    if x is None or kind in (bool, str, float):
        return x
    if kind is int:
        return x if abs(x) < 2**53 else ["i", hex(x)]
    if depth > DEPTH:
        raise WireError(f"lists nested more than {DEPTH} deep")
    if kind in (list, tuple):
        if len(x) >= LONG and all(type(part) is float for part in x):
            blobs.append(np.array(x, dtype=float).tobytes())
            return ["F" if kind is list else "T", len(x)]
        return ["l" if kind is list else "t", [_packed(part, blobs, depth + 1) for part in x]]
    if kind is dict:
        return ["d", [[_packed(k, blobs, depth + 1), _packed(v, blobs, depth + 1)] for k, v in x.items()]]
    if kind is complex:
        return ["c", x.real, x.imag]
    if kind is bytes:
        blobs.append(x)
        return ["b", len(x)]
    if kind is Mark:
        return ["m", x.kind, x.number, x.name]
    if kind is np.ndarray or isinstance(x, np.generic):
        array = np.asarray(x)
        if array.dtype.kind in KINDS and array.dtype.newbyteorder("=").str in _KNOWN:
            blobs.append(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="))).tobytes())
            return ["a" if kind is np.ndarray else "n", array.dtype.newbyteorder("=").str, list(array.shape)]
    raise WireError(f"an object of type {kind.__name__}")


def decode(frame: bytes, header: int) -> Any:
    """What a frame says, made anew of nothing but its bytes.

    Raises
    ------
    WireError : it does not hold what it says
    """
    try:
        found = json.loads(frame[:header])
        reader = _Reader(memoryview(frame)[header:])
        result = reader.read(found, 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"not a frame: {type(error).__name__}") from None
    if reader.place != len(reader.bytes):
        raise WireError("not a frame: bytes are left")
    return result


def whole(text: str) -> str:
    """A text that a file can hold: halves of a character, as `"\\ud800"` is one, become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class _Reader:
    """Reads a header; the bytes of arrays come in its order."""

    def __init__(self, data: memoryview) -> None:
        self.bytes, self.place = data, 0

    def take(self, size: int) -> bytes:
        if type(size) is not int or not 0 <= size <= len(self.bytes) - self.place:
            raise WireError("not a frame: bytes are missing")
        self.place += size
        return bytes(self.bytes[self.place - size : self.place])

    def read(self, x: Any, depth: int) -> Any:
        if x is None or type(x) in (bool, float, int):
            return x
        if type(x) is str:
            return whole(x)
        if type(x) is not list or depth > DEPTH + 2:
            raise WireError("not a frame: lists nested too deep")
        read = getattr(self, f"_{x[0]}", None) if type(x[0]) is str and len(x[0]) == 1 else None
        if read is None:
            raise WireError("not a frame: an unknown mark")
        return read(x, depth)

    def _l(self, x: Any, depth: int) -> list[Any]:
        return [self.read(part, depth + 1) for part in x[1]]

    def _t(self, x: Any, depth: int) -> tuple[Any, ...]:
        return tuple(self._l(x, depth))

    def _d(self, x: Any, depth: int) -> dict[Any, Any]:
        return {self.read(k, depth + 1): self.read(v, depth + 1) for k, v in x[1]}

    def _i(self, x: Any, depth: int) -> int:
        if len(x[1]) > BITS // 4:
            raise WireError(f"a whole number of more than {BITS} bits")
        return int(x[1], 16)

    def _c(self, x: Any, depth: int) -> complex:
        return complex(float(x[1]), float(x[2]))

    def _b(self, x: Any, depth: int) -> bytes:
        return self.take(x[1])

    def _m(self, x: Any, depth: int) -> Mark:
        if type(x[1]) is not str or type(x[2]) is not int or type(x[3]) is not str:
            raise WireError("not a frame: a broken mark")
        return Mark(x[1], x[2], whole(x[3][:60]))

    def _F(self, x: Any, depth: int) -> list[float]:  # noqa: N802
        found: list[float] = np.frombuffer(self.take(8 * x[1])).tolist()
        return found

    def _T(self, x: Any, depth: int) -> tuple[float, ...]:  # noqa: N802
        return tuple(self._F(x, depth))

    def _a(self, x: Any, depth: int) -> Any:
        _, code, shape = x
        if code not in _KNOWN or type(shape) is not list or any(type(n) is not int or n < 0 for n in shape):
            raise WireError("not a frame: an unknown array")
        if len(shape) > 32:
            raise WireError("an array of more than 32 axes")
        dtype = np.dtype(code)
        return np.frombuffer(self.take(dtype.itemsize * math.prod(shape)), dtype).reshape(shape).copy()

    def _n(self, x: Any, depth: int) -> Any:
        return self._a(x, depth)[()]


class Channel:
    """One end of a socket on which frames go both ways."""

    def __init__(self, end: socket.socket, late: Callable[[float], str] | None = None) -> None:
        self.end, self.late = end, late
        end.settimeout(TICK if late else None)

    def send(self, x: Any) -> None:
        """Send plain data.

        Raises
        ------
        WireError, Late, Gone : see there
        """
        rest = memoryview(encode(x))
        while rest:
            began = time.monotonic()
            try:
                rest = rest[self.end.send(rest) :]
            except TimeoutError:
                pass
            except OSError:
                raise Gone from None
            self.look(began)

    def receive(self) -> Any:
        """What comes next.

        Raises
        ------
        WireError, Late, Gone : see there
        """
        size, header = struct.unpack("!II", self._read(8))
        if size > FRAME or header > min(size, HEADER):
            raise WireError("too much for one answer")
        return decode(self._read(size), header)

    def _read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            began = time.monotonic()
            try:
                part = self.end.recv(min(size - len(found), 1 << 20))
            except TimeoutError:
                self.look(began)
                continue
            except OSError:
                raise Gone from None
            if not part:
                raise Gone
            found += part
            self.look(began)  # also where something comes: a byte now and then is no answer
        return bytes(found)

    def look(self, began: float) -> None:
        """See whether the other side, whose turn it was since then, has taken too much.

        Raises
        ------
        Late : it has
        """
        why = "" if self.late is None else self.late(time.monotonic() - began)
        if why:
            raise Late(why)

    def close(self) -> None:
        """Hang up."""
        self.end.close()


class Clock:
    """Says when a process has taken too much. What it computes counts, and what it sleeps while it is its turn: on a
    busy machine a right answer takes longer, and while the grader works it waits.

    Parameters
    ----------
    pid : whose time counts
    compute, wait, wall : seconds of the processor, seconds asleep, and seconds at most whatever happens
    memory : bytes that it and all that it has started may have in use beyond what it began with
    """

    def __init__(self, pid: int, compute: float, wait: float, wall: float, memory: int) -> None:
        self.pid, self.compute, self.wait, self.wall, self.memory = pid, compute, wait, wall, memory
        self.size, self.turn, self.total = _resident(pid), 0.0, 0.0
        self.start()

    def start(self) -> None:
        """From now on; `total` goes on."""
        self.total += self.turn
        self.turn = self.looked = self.slept = 0.0
        self.computed = self._processor()

    def __call__(self, seconds: float) -> str:
        """What it has taken too much of, if anything, after so many more seconds in which it was its turn."""
        self.turn += seconds
        if self.turn - self.looked < TICK:
            return ""
        if self._sleeps():
            self.slept += self.turn - self.looked
        self.looked = self.turn
        used = self._processor() - self.computed
        if used >= self.compute or self.slept >= self.wait or self.turn >= self.wall:
            return "time"
        return "memory" if sum(max(0, _resident(pid) - self.size) for pid in _tree(self.pid)) > self.memory else ""

    def _processor(self) -> float:
        """The processor time of the process; the clock's on the wall where nobody tells."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)  # Linux: the clock of a process, by its number
        except (OSError, OverflowError, AttributeError):
            return time.monotonic()

    def _sleeps(self) -> bool:
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as file:
                return file.read().rpartition(b") ")[2][:1] not in (b"R", b"D")
        except OSError:
            return True


def _resident(pid: int) -> int:
    """The bytes that a process has in use; 0 where nobody tells."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return 0


def _tree(pid: int) -> list[int]:
    """A process and all that it has started."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children", "rb") as file:
                    found += map(int, file.read().split())
    return found
