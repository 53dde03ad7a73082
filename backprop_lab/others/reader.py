"""Reads a graph of their objects into ours: who is there, what each is called, which of our operations made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from ..errors import ArgumentError, LabError
from ..graph.graph import CONSTANT, INPUT
from ..source import frames
from ..source.calls import CallLog
from ..source.places import Place
from ..table.table import primitives
from ..text.notation import in_words, number
from .attributes import Asks, as_number
from .beside import Links
from .graph import TheirGraph
from .operations import COMMUTE, COMPARED, MANY, Fit, black_box, evaluated, fits, known_as, plainly, told_wrong, untold
from .watch import Watch, names_in

MOST = 250_000  # nodes; nobody looks at more
Ops = Mapping[str, Any]


class Reader:
    """Reads a graph of their objects."""

    def __init__(self, asks: Asks, ops: Ops, watch: Watch | None) -> None:
        self.asks, self.ops, self.watch = asks, ops, watch
        self.parents: dict[int, list[Any]] = {}  # of each object, by its id, as they keep them
        self.rules: dict[str, Any] = {}  # of operations that are theirs alone
        self.labels: dict[int, str] = {}
        self.found: dict[int, str] = {}
        self.precision = 1e-9

    # --- who is there -------------------------------------------------------------------------------------------------

    def ordered(self, root: Any) -> list[Any]:
        """All objects behind the root, each after its parents; without recursion, for a chain may be long."""
        order: list[Any] = []
        state: dict[int, int] = {}  # 1: its parents are being looked at, 2: done
        todo: list[tuple[Any, int]] = [(root, 0)]
        while todo:
            x, at = todo.pop()
            if at == 0:
                if state.get(id(x)):
                    continue
                state[id(x)] = 1
                self.parents[id(x)] = self._parents_of(x)
                if len(state) > MOST:
                    raise ArgumentError(
                        f"there are more than {MOST:,} values behind {self.asks.name(root)}, and nobody looks at so "
                        "many; "
                        "compute a smaller case, with fewer examples or turns, or zero and rebuild the graph in each "
                        "step"
                    )
            mine = self.parents[id(x)]
            while at < len(mine) and state.get(id(mine[at])) == 2:
                at += 1
            if at == len(mine):
                state[id(x)] = 2
                order.append(x)
                continue
            if state.get(id(mine[at])) == 1:
                raise self._circle(mine[at], [*(one for one, _ in todo), x])
            todo += [(x, at + 1), (mine[at], 0)]
        if len(order) == 1:
            raise ArgumentError(
                f"{self.asks.name(root)} has no parents, so there is no graph behind it; give the result of a "
                "computation, and "
                "see that its operation passes the operands on"
            )
        return order

    def _circle(self, x: Any, way: list[Any]) -> ArgumentError:
        inside = way[next(k for k, one in enumerate(way) if one is x) :]
        names = [self.asks.name(one) for one in [*inside[:3], x]]
        return ArgumentError(
            f"{names[0]} is computed from itself ({' ← '.join(names)}), and a graph has no circles; see what is given "
            "as parents there"
        )

    def _parents_of(self, x: Any) -> list[Any]:
        given = self.asks.parents(x)
        if given is None:
            return []
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ArgumentError(
                f"the parents of {self.asks.name(x)} are {type(given).__name__} {given!r:.30}; they must be a tuple, "
                "a list or a set of what it was computed from"
            )
        mine = list(given)
        for one in mine:
            if not self.asks.is_node(one) and as_number(one) is None:
                raise ArgumentError(
                    f"a parent of {self.asks.name(x)} is {type(one).__name__} {one!r:.40}, and no {type(x).__name__}; "
                    f"wrap it as {type(x).__name__}(…) in the operation"
                )
        lost = [one for one in self._kept_by_rule(x) if all(one is not p for p in mine) and one is not x]
        return [one for one in mine if self.asks.is_node(one)] + lost if len(mine) + len(lost) <= 2 else mine

    def _rule(self, x: Any) -> Any:
        found = getattr(x, "_backward", None) or getattr(x, "backward_fn", None)
        return found if isinstance(found, FunctionType) else None

    def _cells(self, x: Any) -> dict[str, Any]:
        rule = self._rule(x)
        if rule is None or rule.__closure__ is None:
            return {}
        cells = {}
        for name, cell in zip(rule.__code__.co_freevars, rule.__closure__, strict=True):
            try:
                cells[name] = cell.cell_contents
            except ValueError:
                continue
        return cells

    def _kept_by_rule(self, x: Any) -> list[Any]:
        """The objects that its rule for going back knows as operands: parents that it does not name are lost."""
        cells = self._cells(x)
        return [cells[name] for name in ("self", "other") if self.asks.is_node(cells.get(name))]

    # --- what they are called -----------------------------------------------------------------------------------------

    def find_names(self, places: Sequence[Mapping[str, Any]]) -> None:
        """Their own labels, then the variables that hold them."""
        wanted = set(self.parents)
        for variables in places:
            mine = {k: x for k, x in variables.items() if k not in ("In", "Out", "exit", "quit")}
            more = names_in(mine, wanted - self.found.keys(), wanted)
            self.found.update(more)

    def _name(self, x: Any) -> str:
        made = self.watch.made.get(id(x)) if self.watch is not None else None
        return (
            self.asks.label(x)
            or (made.place.name if made and made.place and made.place.name else "")
            or self.found.get(id(x), "")
        )

    # --- the records --------------------------------------------------------------------------------------------------

    def graph(self, root: Any, nodes: list[Any], function: Callable[..., Any]) -> TheirGraph:
        """Our graph of their objects."""
        made = self.watch.made if self.watch is not None else {}
        if any(type(self.asks.value(x)) in (np.float32, np.float16) for x in nodes[:50]):
            self.precision = 1e-4
        leaves = [x for x in nodes if not self.parents[id(x)]]
        named = {id(x) for x in leaves if self._name(x) and not (id(x) in made and made[id(x)].wrapped)}
        inputs = [x for x in leaves if id(x) in named] or leaves
        order = {one: k for k, one in enumerate(self.found)}
        inputs.sort(key=lambda x: (made[id(x)].serial if id(x) in made else -1, order.get(id(x), len(order))))
        chosen = {id(x) for x in inputs}
        rest = [x for x in nodes if id(x) not in chosen]
        if made:  # in the order in which their code made them, which is that of its lines
            rest.sort(key=lambda x: made[id(x)].serial if id(x) in made else -1)
        records, links = _Rows(), Links({}, {})
        places: list[Place | None] = []
        marks: list[int] = []
        ids: dict[int, int] = {}
        for x in (*inputs, *rest):
            place = self._place(x)
            y = self._number(x)
            mine = self.parents[id(x)]
            if mine:
                record = self._record(
                    x, y, [records.values[ids[id(p)]] for p in mine], [ids[id(p)] for p in mine], records
                )
                places += [None] * (len(records) - len(places))
                marks += [-1] * (len(records) - len(marks))
            else:
                record = (INPUT if id(x) in chosen else CONSTANT, 0, 0, None, None, y)
            ids[id(x)] = len(records)
            records.add(record, y)
            places.append(place)
            marks.append(self._mark(x) if id(x) not in chosen else -1)
        names = _unique([self._name(x) or f"x{k}" for k, x in enumerate(inputs, 1)])
        log = CallLog()
        log.marks.extend(marks)
        log.calls = self.watch.log.calls if self.watch is not None else []
        graph = TheirGraph(records, places, [], names, (ids[id(root)],), True, function, log)
        graph.precision = self.precision
        graph.theirs = {ids[id(x)]: self._grad(x) for x in nodes}
        kept = {id(p): [q for q in self._raw(p) if id(q) in ids] for p in nodes}
        for x in nodes:
            links.parents[ids[id(x)]] = tuple(ids[id(p)] for p in kept[id(x)])  # type: ignore[index]
            rule = self._rule(x)
            if rule is not None and frames.is_students(rule.__code__.co_filename):
                links.rules[ids[id(x)]] = rule.__code__.co_filename, rule.__code__.co_firstlineno  # type: ignore[index]
        graph.links = links
        return graph

    def _raw(self, x: Any) -> list[Any]:
        return [p for p in (self.asks.parents(x) or ()) if self.asks.is_node(p)]

    def _place(self, x: Any) -> Place | None:
        name = self._name(x)
        made = self.watch.made.get(id(x)) if self.watch is not None else None
        if made is not None and made.place is not None:
            return made.place._replace(name=None if made.wrapped and not self.parents[id(x)] else name or None)
        return Place(None, "", 0, name) if name else None

    def _mark(self, x: Any) -> int:
        made = self.watch.made.get(id(x)) if self.watch is not None else None
        return self.watch.log.marks[made.serial] if self.watch is not None and made is not None else -1

    def _number(self, x: Any) -> float:
        y = self.asks.number(x)
        if y - y != 0.0:
            raise ArgumentError(
                f"the number of {self._called(x)} is {number(y)}, and nothing can be compared from there on; see what "
                "its operation got"
            )
        return y

    def _grad(self, x: Any) -> float | None:
        given = self.asks.grad(x)
        if given is None:
            return None
        found = as_number(self.asks.value(given) if self.asks.is_node(given) else given)
        if found is None:
            raise ArgumentError(
                f"the gradient of {self._called(x)} is {type(given).__name__} {given!r:.40}, and no number; give "
                "grad= a "
                "function that finds it"
            )
        return found

    def _called(self, x: Any) -> str:
        return self._name(x) or self.asks.name(x)

    def close(self, found: float, y: float, operands: Any) -> bool:
        """Whether our number is theirs but for rounding."""
        scale = max(abs(found), abs(y), *map(abs, operands)) if len(operands) == 2 else max(abs(found), abs(y))
        return found == y or abs(found - y) <= self.precision * scale

    def _record(self, x: Any, y: float, xs: list[float], ids: list[int], records: _Rows) -> Any:
        """The record of an operation; a plain number that they left out becomes a constant before it."""
        fit = self._fit(x, y, xs)
        if isinstance(fit, Fit):
            places = []
            for p in fit.operands:
                if isinstance(p, int):
                    places.append(ids[p])
                else:
                    records.add((CONSTANT, 0, 0, None, None, p), p)
                    places.append(len(records) - 1)
            return fit.op.record(places, [records.values[p] for p in places], fit.settings, y)
        return primitives["custom"].record(ids, xs, (fit,), y)

    def _fit(self, x: Any, y: float, xs: list[float]) -> Any:
        text = self.asks.op(x)
        partials = self.asks.partials(x)
        partials = [as_number(p) for p in partials] if isinstance(partials, list | tuple) else []
        own = self.ops.get(text) if text else None
        if own is not None and not isinstance(own, str):
            return self._own(x, str(text), own, xs, y)
        name, given = known_as(own or text or "")
        plain = plainly(name, xs, y, partials) if name or not text else None
        if plain is not None:
            return self._in_order(x, [plain], xs)
        if not text:
            options = untold(xs, y, partials, self.close)
            if not options:
                raise self._unknown(x, xs, y)
            return options[0]
        if text.lower() in MANY and len(xs) != 2 or text.lower() == "mean":
            return self._own(x, text, MANY[text.lower()], xs, y)
        if text.lower() in COMPARED and len(xs) == 2:
            return self._own(x, text, COMPARED[text.lower()], xs, y)
        if not name:
            if text.lower() == "sum" and len(xs) == 2:
                name = "add"
            else:
                raise self._unknown(x, xs, y)
        cells = [c for c in map(as_number, self._cells(x).values()) if c is not None]
        options = list(fits(name, given, xs, y, self.close, cells))
        if not options:
            raise self._disagrees(x, name, given, xs, y)
        return self._in_order(x, options, xs)

    def _in_order(self, x: Any, options: list[Fit], xs: list[float]) -> Fit:
        """The one way, or the way that their rule for going back has its operands in; asked for where nobody knows."""
        first, mine = options[0], self.parents[id(x)]
        if len(mine) != 2 or isinstance(self.asks.parents(x), list | tuple):
            return first
        kept = [next((k for k, p in enumerate(mine) if p is one), -1) for one in self._kept_by_rule(x)]
        if first.op.name in COMMUTE:
            return first._replace(operands=tuple(kept)) if sorted(kept) == [0, 1] else first
        both = [fit for fit in options if sorted(map(str, fit.operands)) == ["0", "1"]]
        if len(both) == 2 and len(kept) == 2:
            return next((fit for fit in both if fit.operands == tuple(kept)), first)
        if len(both) == 2:
            names = in_words([self._called(p) for p in mine])
            raise ArgumentError(
                f"the parents of {self._called(x)}, {names}, are a set, and {options[0].op.name} gives the same "
                "number in "
                "both orders; keep them as a tuple, or give parents= a function that has them in order"
            )
        return first

    def _own(self, x: Any, text: str, function: Callable[..., Any], xs: list[float], y: float) -> Any:
        """An operation of theirs as one node."""
        if text not in self.rules:
            self.rules[text] = black_box(text, function)
        try:
            found = as_number(function(*xs))
        except LabError:
            raise
        except Exception as error:
            raise ArgumentError(
                f'ops["{text}"] fails at {in_words(list(map(number, xs)))}: {error}; correct it'
            ) from None
        if found is None or not self.close(found, y, xs):
            raise ArgumentError(
                f'the number of {self._called(x)} is {number(y)}, and ops["{text}"] gives {found!r:.30} there; '
                "correct one "
                "of the two"
            )
        return self.rules[text]

    def _unknown(self, x: Any, xs: list[float], y: float) -> ArgumentError:
        text = self.asks.op(x)
        given = in_words(list(map(number, xs)))
        if not text:
            return ArgumentError(
                f"{self._called(x)} does not tell its operation, and none that we know makes {number(y)} of {given}; "
                "give "
                'op= a function that names it, such as op=lambda v: "*"'
            )
        return ArgumentError(
            f"{self._called(x)} is made by {text!r}, an operation that the lab does not know; give "
            f"ops={{{text!r}: …}}, with a function of "
            f"{'a number' if len(xs) == 1 else f'{len(xs)} numbers'}, say lambda x: x * bl.sigmoid(x)"
        )

    def _disagrees(self, x: Any, name: str, given: float | None, xs: list[float], y: float) -> ArgumentError:
        op = primitives["power"] if name == "pow" and len(xs) == 1 else primitives[name]
        op = primitives["neg"] if name == "sub" and len(xs) == 1 else op
        parents = list(zip(self.parents[id(x)], xs, strict=True))
        kept = self._kept_by_rule(x)
        if len(kept) == 2 and parents[0][0] is kept[1] or not told_wrong(op, xs, y, self.close):
            parents = parents[::-1] if len(kept) == 2 or told_wrong(op, xs[::-1], y, self.close) else parents
        xs = [v for _, v in parents]
        settings = (given,) if op.name == "power" and given is not None else ()
        operands = xs * op.arity if len(xs) == 1 else xs
        fits_in = len(operands) == op.arity and len(settings) == len(op.params)
        numbers = in_words([f"{self._called(p)} = {number(v)}" for p, v in parents])
        ours = f"it is {self.asks.op(x)} of {numbers}"
        if fits_in:
            ours = f"{self.asks.op(x)} of {numbers} is {number(evaluated(op, operands, settings))}"
        why = told_wrong(op, xs, y, self.close)
        return ArgumentError(
            f"the number of {self._called(x)} is {number(y)}, and {ours}{why}; correct the operation, "
            "or read the graph before its numbers are changed by a step"
        )


class _Rows(list[Any]):
    """Records with their values."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[float] = []

    def add(self, record: Any, y: float) -> None:
        """One more."""
        self.append(record)
        self.values.append(y)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Names of inputs, each once."""
    taken = set(names)
    used: set[str] = set()
    found = []
    for name in names:
        k, one = 1, name
        while one in used or k > 1 and one in taken:
            k += 1
            one = f"{name}_{k}"
        used.add(one)
        found.append(one)
    return tuple(found)
