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
from functools import cache, partial
from importlib import resources
from importlib.util import find_spec
from struct import Struct
from typing import Any
from weakref import WeakSet

import numpy as np

from ..graph.columns import Columns
from ..recording.tape import INPUT
from ..table.table import primitives

FINE, ODD, ELSEWHERE = range(3)  # as machine.c has them
_PAGE = 1 << 16
_OP, _NODE = 12, 16  # bytes of a row of the tape, and of a value with its adjoint
_MOST = 1 << 31  # bytes of a tape's memory
SOON = 10_000  # nodes that are played in less than a thread waits anyway
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
        text = bytes(exports["memory"].read(store, start, start + _PAGE)).split(b"\0")[0].decode("ascii")
        names, kept = (part.split(",") for part in text.split(";"))
        self.numbers = {name: k for k, name in enumerate(names)}  # what the machine calls operations and pairs of them
        self.kept = [self.numbers[name] for name in kept]  # which keep their slope where their second operand would be
        self.constant = len(names)
        self.pairs = np.full((2, len(names) + 1, len(names) + 1), -1, np.int32)
        for name, number in self.numbers.items():
            if " " in name:
                one, two, slot = name.split()
                self.pairs[int(slot), self.numbers[one], self.numbers[two]] = number

    def rows(self, columns: Columns, out: int, nodes: int) -> tuple[np.ndarray, int]:
        """The tape as it is played, a row for each node, and how many slopes are kept: a number for the operation, and
        where the operands are, if the first node is at `nodes`."""
        numbers = np.array([*(self.numbers[name] for name in columns.ops), self.constant, INPUT], np.int32)
        alone = np.array([*(primitives[name].takes < 2 for name in columns.ops), True, True])[columns.code]
        code, left = numbers[columns.code], columns.left
        right = np.where(alone, left, columns.right)
        squares = code == self.numbers["power"]
        squares[squares] = columns.constants[-1 - right[squares]] == 2.0
        code[squares] = self.numbers["square"]
        keeping = np.flatnonzero(np.isin(code, self.kept))
        found = np.stack([code, left, right], 1)
        found[keeping, 2] = len(columns) + np.arange(len(keeping))
        # Pairs, of the candidates in a row the first, the third …; where a run may pause or begin, there is none.
        before = np.arange(len(columns) - 1)
        by_left, by_right = left[1:] == before, (right[1:] == before) & ~alone[1:]
        pair = np.full(len(before), -1, np.int32)
        for slot, here in enumerate((by_left & ~by_right, by_right & ~by_left)):
            pair[here] = self.pairs[slot, code[:-1][here], code[1:][here]]
        pair[[k for k in (*columns.guards[:, 0], out) if k < len(pair)]] = -1
        fits = pair >= 0
        began = np.maximum.accumulate(np.where(fits & ~np.append(False, fits[:-1]), before, -1))
        taken = np.flatnonzero(fits & ((before - began) % 2 == 0))
        found[taken, 0] = found[taken + 1, 0] = pair[taken]
        found[:, 1:] *= _NODE
        found[:, 1:] += nodes
        return found, len(keeping)


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
    if (_OP + 2 * _NODE) * len(columns) + _NODE * len(columns.constants) + columns.guards.nbytes > _MOST:
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
        count, constants, guards = len(columns), len(columns.constants), columns.guards
        memory = exports["memory"]
        self._tape = exports["__heap_base"].value(self._store) // 64 * 64 + 64
        ops = self._tape + 64
        asked = ops + _OP * count
        found = (asked + guards.nbytes) // 16 * 16 + 16
        given = found + 8 * (self.inputs + 1)
        nodes = (given + 8 * self.inputs) // 16 * 16 + 16 + _NODE * constants
        rows, kept = machine.rows(columns, out, nodes)
        memory.grow(self._store, max(0, -(-(nodes + _NODE * (count + kept)) // _PAGE) - memory.size(self._store)))
        self._memory = memory.get_buffer_ptr(self._store)

        def part(kind: type, start: int, length: int) -> np.ndarray:
            return np.frombuffer(self._memory, kind, length, start)

        part(np.int32, ops, 3 * count)[:] = rows.ravel()
        part(np.int32, asked, guards.size)[:] = guards.ravel()
        part(float, nodes - _NODE * constants, 2 * constants)[::2] = columns.constants[::-1]
        self.values, self.adjoints = part(float, nodes, 2 * count).reshape(count, 2).T
        self._given, self._slopes = part(float, given, self.inputs), part(float, found + 8, self.inputs)
        tape = ops, asked, nodes, count, self.inputs, len(guards), out, given, found
        Struct("<9i").pack_into(self._memory, self._tape, *tape)
        self._ended = ctypes.c_int32.from_buffer(self._memory, self._tape + 36)
        # `give` takes the inputs; after `run_…` comes the value, nan where it did not end well, and `gradient()`
        self.found = ctypes.c_double.from_buffer(self._memory, found)
        floats = Struct(f"{self.inputs}d")
        self.give = partial(floats.pack_into, self._memory, given)
        self.gradient = partial(floats.unpack_from, self._memory, found + 8)
        self.run_value, self.run_both, self._needed = (
            self._call_of(exports[name], count) for name in ("value", "both", "needed")
        )
        _alive.add(self)

    def _call_of(self, function: Any, count: int) -> Callable[[], Any]:
        """A call of one of the machine's functions: without wasmtime's look at types, which takes ten times as long."""
        try:
            from wasmtime import _ffi

            # Without the types of its arguments, which ctypes would look at each time. Other threads wait for what is
            # over soon, because letting them in takes longer.
            library = ctypes.PyDLL if count < SOON else ctypes.CDLL
            call = library(None, handle=_ffi.dll._handle)["wasmtime_func_call_unchecked"]
            call.restype = ctypes.c_void_p
            row, trap = (_ffi.wasmtime_val_raw_t * 1)(), ctypes.c_void_p()
            row[0].i32 = self._tape  # where it stays: nothing is returned
            context = ctypes.cast(self._store._context(), ctypes.c_void_p)
            given = context, ctypes.byref(function._func), row, ctypes.c_size_t(1), ctypes.byref(trap)
        except (ImportError, AttributeError):  # another version of wasmtime
            return partial(function, self._store, self._tape)
        return partial(call, *given)

    def value(self, args: Sequence[float]) -> tuple[int, Any]:
        """How a run at these floats ended; and if well, the value."""
        with self.lock:
            self.give(*args)
            self.run_value()
            value = self.found.value
            return (FINE, value) if value == value else (self._ended.value, None)

    def both(self, args: Sequence[float]) -> tuple[int, Any]:
        """The same with the value and a tuple, the gradient."""
        with self.lock:
            self.give(*args)
            self.run_both()
            value = self.found.value
            return (FINE, (value, self.gradient())) if value == value else (self._ended.value, None)

    def both_of_array(self, x: np.ndarray) -> tuple[int, Any]:
        """The same of an array of floats; the gradient is an array of its own."""
        with self.lock:
            self._given[:] = x
            self.run_both()
            value = self.found.value
            return (FINE, (value, self._slopes.copy())) if value == value else (self._ended.value, None)

    def leading(self) -> np.ndarray:
        """Which nodes the output depends on."""
        with self.lock:
            self._needed()
            return self.adjoints != 0.0

    def drop(self) -> None:
        """Let wasmtime's objects go; nothing can be played any more."""
        del self.values, self.adjoints, self._given, self._slopes, self._memory, self._ended, self.found
        del self.give, self.gradient, self.run_value, self.run_both, self._needed
        self._store.close()


@atexit.register
def _forget() -> None:
    """Let wasmtime's objects go while wasmtime is still there; at the very end they would complain."""
    for player in list(_alive):
        player.drop()
    _machine.cache_clear()
