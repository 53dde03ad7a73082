"""The machine that plays a tape in the kernel: an interpreter in WebAssembly, run by the wasmtime that Graphviz needs.

    player = player_of(columns(graph), out)        None where there is no wasmtime
    player.both((3.0, 5.0))                        the value and the gradient; None where somebody else has to look

`machine.c` is its source. It is compiled once in a process; each tape has a memory of its own, in which its inputs,
values and adjoints stand. Calls from several threads wait for each other.
"""

from __future__ import annotations

import atexit
import ctypes
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib import resources
from importlib.util import find_spec
from struct import Struct
from typing import Any
from weakref import WeakSet

import numpy as np

from ..graph.columns import Columns
from ..recording.tape import INPUT

FINE, ODD, ELSEWHERE = range(3)  # as machine.c has them
_PAGE = 1 << 16
_MOST = 1 << 31  # bytes of a tape's memory
_alive: WeakSet[Player] = WeakSet()


class _Machine:
    """The machine's code, compiled for this computer."""

    def __init__(self) -> None:
        import wasmtime

        config = wasmtime.Config()
        with suppress(wasmtime.WasmtimeError):  # nowhere to write: compile each time, in 0.03 s
            config.cache = True
        self.engine = wasmtime.Engine(config)
        self.module = wasmtime.Module(self.engine, (resources.files(__package__) / "machine.wasm").read_bytes())
        store = wasmtime.Store(self.engine)
        exports: Any = wasmtime.Instance(store, self.module, []).exports(store)
        start = exports["names"](store)
        names = bytes(exports["memory"].read(store, start, start + _PAGE)).split(b"\0")[0].decode("ascii").split(",")
        self.numbers = {name: k for k, name in enumerate(names)}  # what the machine calls the operations


@cache
def _machine() -> _Machine | None:
    try:
        return _Machine() if sys.byteorder == "little" else None
    except Exception:  # no wasmtime, or one that this computer cannot run
        return None


def there() -> bool:
    """Whether this computer may have the machine; nothing is loaded yet."""
    return find_spec("wasmtime") is not None


def player_of(columns: Columns, out: int) -> Player | None:
    """What plays a tape for the node `out`; None where there is no wasmtime, or the tape is too much for it."""
    machine = _machine()
    if machine is None or not all(name in machine.numbers for name in columns.ops):
        return None
    if 28 * len(columns) + 8 * len(columns.constants) + columns.guards.nbytes > _MOST:
        return None
    return Player(machine, columns, out)


class Player:
    """A tape in a memory of the machine's.

    Attributes
    ----------
    values, adjoints : views of all nodes' numbers, as the last run left them
    """

    def __init__(self, machine: _Machine, columns: Columns, out: int) -> None:
        import wasmtime

        self.inputs, self.lock = columns.inputs, threading.RLock()
        self._store = wasmtime.Store(machine.engine)
        exports: Any = wasmtime.Instance(self._store, machine.module, []).exports(self._store)
        numbers = np.array([*(machine.numbers[name] for name in columns.ops), len(machine.numbers), INPUT], np.int32)
        nodes, constants = len(columns), len(columns.constants)
        parts = [numbers[columns.code], columns.left, columns.right, columns.guards.ravel()]
        parts += [np.append(columns.constants[::-1], np.zeros(nodes)), np.zeros(constants + nodes)]
        memory = exports["memory"]
        at, places = exports["__heap_base"].value(self._store) // 64 * 64 + 64, []
        self._tape, at = at, at + 64
        for part in parts:
            places.append(at)
            at = (at + part.nbytes) // 8 * 8 + 8
        memory.grow(self._store, max(0, -(-at // _PAGE) - memory.size(self._store)))
        self._memory = memory.get_buffer_ptr(self._store)
        for part, place in zip(parts, places, strict=True):
            np.frombuffer(self._memory, part.dtype, part.size, place)[:] = part
        *ints, v, g = places
        v, g = v + 8 * constants, g + 8 * constants
        Struct("<10i").pack_into(self._memory, self._tape, *ints, v, g, nodes, self.inputs, len(columns.guards), out)
        self.values, self.adjoints = (np.frombuffer(self._memory, float, nodes, place) for place in (v, g))
        self._v, self._g, self._result = v, g, ctypes.c_double.from_buffer(self._memory, v + 8 * out)
        self._floats = Struct(f"{self.inputs}d")
        self._value, self._both, self._needed = map(
            self._call_of, map(exports.__getitem__, ("value", "both", "needed"))
        )
        _alive.add(self)

    def _call_of(self, function: Any) -> Callable[[], int]:
        """A call of one of the machine's functions: without wasmtime's look at types, which takes ten times as long."""
        store, tape = self._store, self._tape
        try:
            from wasmtime import _ffi

            row = (_ffi.wasmtime_val_raw_t * 1)()
            trap = ctypes.POINTER(_ffi.wasm_trap_t)()
            given = store._context(), ctypes.byref(function._func), row, 1, ctypes.byref(trap)
            call, first = _ffi.dll.wasmtime_func_call_unchecked, row[0]
        except (ImportError, AttributeError):  # another version of wasmtime
            return lambda: function(store, tape)

        def run() -> int:
            first.i32 = tape
            if call(*given):
                return ODD
            return int(first.i32)

        return run

    def value(self, args: Sequence[float]) -> tuple[int, Any]:
        """How a run at these floats ended; and if well, the value."""
        with self.lock:
            self._floats.pack_into(self._memory, self._v, *args)
            ended = self._value()
            return ended, None if ended else self._result.value

    def both(self, args: Sequence[float]) -> tuple[int, Any]:
        """The same with the value and a tuple, the gradient."""
        with self.lock:
            self._floats.pack_into(self._memory, self._v, *args)
            ended = self._both()
            return ended, None if ended else (self._result.value, self._floats.unpack_from(self._memory, self._g))

    def both_of_array(self, x: np.ndarray) -> tuple[int, Any]:
        """The same of an array of floats; the gradient is an array of its own."""
        with self.lock:
            self.values[: self.inputs] = x
            ended = self._both()
            return ended, None if ended else (self._result.value, self.adjoints[: self.inputs].copy())

    def leading(self) -> np.ndarray:
        """Which nodes the output depends on."""
        with self.lock:
            self._needed()
            return self.adjoints != 0.0

    def drop(self) -> None:
        """Let wasmtime's objects go; nothing can be played any more."""
        del self.values, self.adjoints, self._memory, self._result
        self._value = self._both = self._needed = lambda: ODD
        self._store.close()


@atexit.register
def _forget() -> None:
    """Let wasmtime's objects go while wasmtime is still there; at the very end they would complain."""
    for player in list(_alive):
        player.drop()
    _machine.cache_clear()
