"""Steps with one thing wrong: what each misconception about an optimiser comes to, and what a wrong number comes from.

    run = bl.descend(f, 4.0, "momentum", rate=0.25, gamma=0.5, steps=2)
    run.numbers()                     {"g_1": …, "v_1": …, "w_1": …, "g_2": …}: gradient, state, point after each step
    run.wrong_turns(["w_2"])          for each misconception that shows there, its number
    run.diagnose("w_2", 1.5)          which of them a typed number fits, with a sentence each, the likeliest first

A misconception is a row of the table of methods with a text changed, or a rule of the walk broken: so it answers for
all methods, and to add one is to add an entry and a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, LabError
from ..mistakes.diagnosis import tolerance
from ..mistakes.sweep import EXACT, is_told, same
from ..recording.operands import REAL
from ..table.table import primitives
from ..table.values import is_array
from ..text.expression import Value, renamed
from ..text.notation import number
from .methods import Method
from .plan import Plan

Numbers = dict[str, Any]


@dataclass(frozen=True)
class Misstep:
    """One way to get a step wrong.

    Attributes
    ----------
    name, sentence : what it is called, and what somebody does who takes it: {wrong} is the line as they have it, and
        {right} as it is
    method : from a method to the one that they have
    breaks : the rule of the walk that they break: "carries" the state on, "renews" the gradient, "averages" over the
        batch, moves all coordinates "together"
    drawn : whether inputs of exercises are drawn such that it can be told apart: not what is added later, or students'
        numbers would change
    """

    name: str
    method: Callable[[Method], Method] = lambda method: method
    breaks: str = ""
    sentence: str = ""
    drawn: bool = True

    def applies(self, plan: Plan) -> bool:
        """Whether a walk can go wrong in this way; it need not show."""
        able = {
            "carries": bool(plan.method.state),
            "renews": True,
            "averages": plan.problem.count > 1,
            "together": len(plan.problem.names) > 1,
        }
        return able[self.breaks] if self.breaks else self.method(plan.method) != plan.method

    def told(self, method: Method) -> str:
        """What is said, with the first line that differs."""
        theirs, words = self.method(method), " ".join(self.sentence.split())
        pairs = zip((("point", theirs.at), *theirs.lines), (("point", method.at), *method.lines), strict=False)
        for wrong, right in pairs:
            if wrong != right:
                return words.format(wrong=Method.formula(*wrong), right=Method.formula(*right))
        return words


def _sub(*pairs: str) -> Callable[[Method], Method]:
    """A change of lines: pattern, replacement, pattern, replacement. What is not `^(rate` leaves the decay as it is."""

    def line(key: str, text: str) -> tuple[str, str]:
        whole = f"{key} = {text}"
        for pattern, by in zip(pairs[::2], pairs[1::2], strict=True):
            if key != "rate" or pattern.startswith("^(rate"):
                whole = re.sub(pattern, by, whole)
        key, text = whole.split(" = ", 1)
        return key, text

    return lambda method: replace(method, lines=tuple(line(*pair) for pair in method.lines))


def _renamed(names: Mapping[str, str], only: str = "") -> Callable[[Method], Method]:
    """A change of names, in all lines or in those of one name."""

    def changed(method: Method) -> Method:
        lines = ((key, renamed(text, names) if only in ("", key) else text) for key, text in method.lines)
        return replace(method, lines=tuple(lines))

    return changed


def _moves_first(method: Method) -> Method:
    """The point moves by the velocity that was there, which is renewed afterwards."""
    return replace(method, lines=(*method.lines[:-2], *method.lines[:-3:-1])) if _has_velocity(method) else method


def _has_velocity(method: Method) -> bool:
    return method.lines[-1] == ("w", "w - v")


def _at(change: Callable[[str], str], ahead: bool = True) -> Callable[[Method], Method]:
    """A change of where the gradient is taken, of those with a velocity that look ahead, or that do not."""

    def changed(method: Method) -> Method:
        meant = _has_velocity(method) and method.looks_ahead == ahead
        return replace(method, at=change(method.at)) if meant else method

    return changed


def _decayed_twice(method: Method) -> Method:
    texts = dict(method.lines)
    return _renamed({"rate": f"({texts['rate']})"}, "rate")(method) if "rate" in texts else method


def _not_decayed(method: Method) -> Method:
    return replace(method, lines=tuple(("rate", "rate") if key == "rate" else (key, x) for key, x in method.lines))


UNCORRECTED = (r"hat = (\w) / \(.*", r"hat = \1", r"hat = b \* m / .*", "hat = b * m + (1 - a) * g")
DECAY = r"\b(gamma|rho|beta1|beta2)"
SENTENCES = {
    "step uphill": "the step goes uphill, along the gradient: {wrong}, in place of {right}",
    "rate forgotten": "the rate is forgotten: {wrong}, in place of {right}",
    "momentum's sign": "the old part has the wrong sign: {wrong}, in place of {right}",
    "state not carried over": "each step begins with a new state: what the step before left is forgotten",
    "gradient of the start": "all steps go by the gradient at the start: each step needs a new one, at its own point",
    "gradient not averaged": "the gradients of the examples are added up: their mean is to be taken",
    "one coordinate after the other": """the gradient is computed again after the first coordinate has moved: all
        coordinates move at once, by the gradient at the old point""",
    "old part not damped": "the old part is kept whole: {wrong}, in place of {right}",
    "weights exchanged": "the old part and the new one have each other's weight: {wrong}, in place of {right}",
    "new part not weighted": "the new part has no weight: {wrong}, in place of {right}",
    "betas exchanged": "β₁ and β₂ are exchanged: {wrong}, in place of {right}",
    "bias correction left out": "the bias is not corrected: {wrong}, in place of {right}",
    "bias corrected as in step 1": "the bias is corrected with t = 1 in each step: {wrong}, in place of {right}",
    "square forgotten": "the gradient is not squared: {wrong}, in place of {right}",
    "root forgotten": "the root is forgotten: {wrong}, in place of {right}",
    "epsilon inside the root": "ε stands inside the root: {wrong}, in place of {right}",
    "not divided": "the step is not divided by what belongs to this coordinate: {wrong}, in place of {right}",
    "rate applied twice": "the rate is multiplied in twice: {wrong}, in place of {right}",
    "moves before the velocity is renewed": """the point moves by the old velocity, and that is renewed afterwards:
        first comes {right}""",
    "gradient at the new point": """the gradient is taken where the velocity leads, as Nesterov does: momentum takes it
        at w itself""",
    "does not look ahead": "the gradient is taken at w: Nesterov looks ahead and takes it at {right}",
    "looks back": "the gradient is taken on the other side: {wrong}, in place of {right}",
    "looks too far": "γ is forgotten where the gradient is taken: {wrong}, in place of {right}",
    "step for the point": "the step is taken for the new point: {wrong}, in place of {right}",
    "rate decayed twice": "the decay is applied to a rate that has decayed already: {wrong}, in place of {right}",
    "rate not decayed": "the rate stays what it was at first: it is to be {right}",
    "decay counted from 0": "the first step has t = 0 here: {wrong}, in place of {right}, with t = 1 in the first step",
}
# The likeliest first.
MISSTEPS = tuple(
    replace(turn, sentence=SENTENCES[turn.name])
    for turn in (
        Misstep("step uphill", _sub(r"^w = w - ", "w = w + ")),
        Misstep("rate forgotten", _sub(r"\brate \* ", "")),
        Misstep("momentum's sign", _sub(rf"^([vm]) = {DECAY} \* \1 \+ (.*g)$", r"\1 = \3 - \2 * \1")),
        Misstep("state not carried over", breaks="carries"),
        Misstep("gradient of the start", breaks="renews"),
        Misstep("gradient not averaged", breaks="averages"),
        Misstep("one coordinate after the other", breaks="together"),
        Misstep("old part not damped", _sub(rf"{DECAY} \* ([a-z])\b(?! /)", r"\2")),
        Misstep("weights exchanged", _sub(rf"{DECAY} \* (\w) \+ \(1 - \1\)", r"(1 - \1) * \2 + \1")),
        Misstep("new part not weighted", _sub(rf"\+ \(1 - {DECAY}\) \* ", "+ ")),
        Misstep("betas exchanged", _renamed({"beta1": "beta2", "beta2": "beta1"})),
        Misstep("bias correction left out", _sub(*UNCORRECTED)),
        Misstep("bias corrected as in step 1", _sub(r"\*\*t\b", "**1")),
        Misstep("square forgotten", _sub(r"\b([gd])\*\*2", r"\1")),
        Misstep("root forgotten", _sub(r"sqrt\((\w+)\)", r"\1", r"sqrt\((\w \+ eps)\)", r"(\1)")),
        Misstep("epsilon inside the root", _sub(r"sqrt\((\w+)\) \+ eps", r"sqrt(\1 + eps)")),
        Misstep("not divided", _sub(r"(rate \* \w+) / .*", r"\1")),
        Misstep("rate applied twice", _sub(r"^w = w - rate \* ", "w = w - rate**2 * ", "w - v$", "w - rate * v")),
        Misstep("moves before the velocity is renewed", _moves_first),
        Misstep("gradient at the new point", _at(lambda at: "w - gamma * v", ahead=False)),
        Misstep("does not look ahead", _at(lambda at: "w")),
        Misstep("looks back", _at(lambda at: at.replace("w - ", "w + "))),
        Misstep("looks too far", _at(lambda at: at.replace("gamma * ", ""))),
        Misstep("step for the point", _sub(r"^w = w - (.*)", r"w = -(\1)")),
        Misstep("rate decayed twice", _decayed_twice),
        Misstep("rate not decayed", _not_decayed),
        Misstep("decay counted from 0", _sub(r"^(rate = .*)\bt\b", r"\1(t - 1)")),
    )
)


# --- the walk, number by number ---------------------------------------------------------------------------------------


def trail(
    plan: Plan, steps: int, misstep: Misstep | None = None, since: int = 1, typed: Mapping[str, Any] | None = None
) -> Numbers:
    """Every number of a walk by name: `g_1`, the state and the lines in between, `w_1`, `g_2` and so on.

    The point is called as the function calls it. Of several parameters, what belongs to `x` is called `g_x_1`, `x_1`.

    Parameters
    ----------
    plan : how the steps go
    steps : how many
    misstep, since : what goes wrong, and from which step on
    typed : numbers that somebody has in place of the right ones, by name: each is computed from those before it
    """
    problem, typed, found = plan.problem, typed or {}, Numbers()
    names, now, old = problem.names, list(problem.values), list[Any]()
    state = [dict(plan.method.state) for _ in names]
    for t, places in zip(range(1, steps + 1), plan.sampler(), strict=False):
        wrong = misstep if misstep is not None and t >= since else RIGHT
        method, batch = wrong.method(plan.method), problem.batch(places)
        if wrong.breaks == "carries":
            state = [dict(plan.method.state) for _ in names]
        settings = {**plan.settings, "rate": plan.rate(t), "t": t}
        ahead = [_read(method.at, {**settings, **s, "w": w}) for s, w in zip(state, now, strict=True)]
        slopes = old if wrong.breaks == "renews" and old else _slopes(plan, ahead, batch)
        old = old or slopes
        if wrong.breaks == "averages" and batch:
            slopes = [g * len(batch[0]) for g in slopes]
        for k, name in enumerate(names):
            if k and wrong.breaks == "together":
                slopes = _slopes(plan, now, batch)
            space = {**settings, **state[k], "w": now[k]}
            for key, text in (("g", "g"), *method.lines):
                called = _called(key, name, names, t, plan.method)
                computed = slopes[k] if key == "g" else _read(text, space)
                found[called] = computed
                space[key] = typed.get(called, computed)
            now[k], state[k] = space["w"], {key: space[key] for key in state[k]}
    return found


RIGHT = Misstep("")


def _slopes(plan: Plan, at: list[Any], batch: tuple[Any, ...]) -> list[Any]:
    return plan.problem.parts(plan.slopes(plan.problem.coordinates(at), batch)[1])


def _called(key: str, name: str, names: list[str], t: int, method: Method) -> str:
    if key == "w":
        return f"{name}_{t}"
    own = {"g", *(line for line, _ in method.lines)} - {"w"}
    return f"{key}_{name}_{t}" if len(names) > 1 or name in own else f"{key}_{t}"


def _read(text: str, space: Mapping[str, Any]) -> Any:
    """A text's value, for a number or an array."""
    return Value({**_functions(is_array(space["w"])), **space}).of(text)


@cache
def _functions(arrays: bool) -> dict[str, Any]:
    return {name: op.array if arrays else op.scalar for name, op in primitives.items() if op.elementwise}


# --- what is told -----------------------------------------------------------------------------------------------------


class WrongStep(NamedTuple):
    """A misconception that a typed number fits: its name, a sentence with the number, and the step where it begins."""

    name: str
    sentence: str
    where: int


def wrong_turns(plan: Plan, steps: int, ask: Iterable[str] | None = None) -> dict[str, Numbers]:
    """For each misconception that shows, its numbers at the names that are asked for: at all points, if none are."""
    right = trail(plan, steps)
    if ask is None:
        ask = [_called("w", name, [], steps, plan.method) for name in plan.problem.names]
    names = [ask] if isinstance(ask, str) else list(ask)
    _check(names, right)
    found = {}
    for turn in MISSTEPS:
        numbers = gone_wrong(plan, steps, turn)
        if numbers is not None and any(not same(numbers[n], right[n], tolerance(4)) for n in names):
            found[turn.name] = {n: numbers[n] for n in names}
    return found


def gone_wrong(plan: Plan, steps: int, turn: Misstep, since: int = 1) -> Numbers | None:
    """The numbers of a misconception; None where it does not apply, or comes to something that is no number."""
    if not turn.applies(plan):
        return None
    try:
        with np.errstate(all="ignore"):
            numbers = trail(plan, steps, turn, since)
    except (ArithmeticError, ValueError, LabError):  # the root of a negative number, 0 to the power of −1
        return None
    return numbers if all(map(is_told, numbers.values())) else None


def diagnose(plan: Plan, steps: int, name: str, typed: Any, digits: int = 4) -> list[WrongStep]:
    """Which misconceptions give this number at a name, the likeliest first.

    Those that go wrong in all steps come before those that do in the last one alone, exact fits before rounded ones.
    """
    if not isinstance(typed, REAL):
        raise ArgumentError(f"the answer must be a number, not {typed!r:.40}; give what somebody has, such as 1.5")
    right, near = trail(plan, steps + 1), tolerance(digits)
    _check([name], right)
    last = int(name.rpartition("_")[2])
    if same(typed, right[name], near):
        return []
    fits: dict[str, tuple[tuple[bool, bool, int], WrongStep]] = {}
    for rank, turn in enumerate(MISSTEPS):
        for since in dict.fromkeys((1, last)):
            numbers = gone_wrong(plan, last, turn, since)
            if turn.name not in fits and numbers is not None and same(typed, numbers[name], near):
                said = f"{number(typed)} comes out when {turn.told(plan.method)}."
                where = next(int(n.rpartition("_")[2]) for n in numbers if not same(numbers[n], right[n], EXACT))
                order = since > 1, not same(typed, numbers[name], EXACT), rank
                fits[turn.name] = order, WrongStep(turn.name, said, where)
    told = [turn for _, turn in sorted(fits.values(), key=lambda fit: fit[0])]
    for other, words in ((last - 1, "few"), (last + 1, "many")):
        elsewhere = f"{name.rpartition('_')[0]}_{other}"
        if not told and elsewhere in right and same(typed, right[elsewhere], near):
            said = f"{number(typed)} is right for {elsewhere}: one step too {words}."
            told.append(WrongStep(f"one step too {words}", said, other))
    return told


def _check(names: Iterable[str], known: Mapping[str, Any]) -> None:
    for name in names:
        if name not in known:
            raise ArgumentError(f"there is no number called {name!r:.40}; there is {', '.join(list(known)[:12])}")
