"""The class `Value` of 08_build_your_own_engine with all slips, and the text of it that each of the five steps has."""

from __future__ import annotations

from ..slips import text_of


def value_class(slip=""):
    """The whole class, or the same with a slip in it."""

    class Value:
        """A number that remembers how it was made."""

        def __init__(self, data, parents=(), partials=()):
            ### BEGIN SOLUTION
            if slip == "parents forgotten":
                parents = ()
            elif slip == "parents swapped":
                parents = parents[::-1]
            elif slip == "each parent kept once":
                parents = list(dict.fromkeys(parents))
            elif slip == "partials forgotten":
                partials = ()
            self.data, self.parents, self.partials, self.grad = data, parents, partials, 0.0

        def node(self, x):
            return x if isinstance(x, Value) else Value(x)

        def __add__(self, other):
            if slip == "plain numbers as parents":
                return Value(self.data + self.node(other).data, (self, other))
            if slip != "no plain numbers":
                other = self.node(other)
            if slip == "the result is a number":
                return self.data + other.data
            if slip == "changes its operand":
                self.data, self.parents = self.data + other.data, (self, other)
                return self
            return Value(self.data + other.data, (self, other), (1.0, 1.0))

        def __mul__(self, other):
            if slip == "plain numbers as parents":
                return Value(self.data * self.node(other).data, (self, other))
            if slip != "no plain numbers":
                other = self.node(other)
            if slip == "the result is a number":
                return self.data * other.data
            if slip == "adds where it should multiply":
                return Value(self.data + other.data, (self, other))
            if slip == "factors not swapped":
                return Value(self.data * other.data, (self, other), (self.data, other.data))
            if slip == "partials are Values":
                return Value(self.data * other.data, (self, other), (other, self))
            return Value(self.data * other.data, (self, other), (other.data, self.data))

        if slip not in ("no number left of + and *", "no number left of a sum"):
            __radd__ = __add__
        if slip not in ("no number left of + and *", "no number left of a product"):
            __rmul__ = __mul__

        def __sub__(self, other):
            if slip == "made of two operations":
                return self + self.node(other) * -1
            other = self.node(other)
            return Value(self.data - other.data, (self, other), (1.0, 1.0 if slip == "minus lost" else -1.0))

        def __truediv__(self, other):
            if slip == "made of two operations":
                return self * self.node(other) ** -1
            other = self.node(other)
            if slip == "treated as a product":
                return Value(self.data / other.data, (self, other), (other.data, self.data))
            if slip == "quotient without minus":
                return Value(self.data / other.data, (self, other), (1 / other.data, self.data / other.data**2))
            if slip == "quotient without square":
                return Value(self.data / other.data, (self, other), (1 / other.data, -self.data / other.data))
            return Value(self.data / other.data, (self, other), (1 / other.data, -self.data / other.data**2))

        if slip != "no number left of - and /":

            def __rsub__(self, other):
                if slip in ("number on the wrong side", "difference the wrong way round"):
                    return self - other
                return self.node(other) - self

            def __rtruediv__(self, other):
                if slip in ("number on the wrong side", "quotient the wrong way round"):
                    return self / other
                return self.node(other) / self

        def __pow__(self, n):
            if slip == "power loses the exponent":
                return Value(self.data**n, (self,), (self.data ** (n - 1),))
            if slip == "power keeps its exponent":
                return Value(self.data**n, (self,), (n * self.data**n,))
            if slip == "exponent without brackets":
                return Value(self.data**n, (self,), (n * self.data**n - 1,))
            return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

        def order(self):
            if slip in ("recursion too deep", "nodes twice, by recursion"):
                found, seen = [], set()

                def visit(node):
                    if slip == "recursion too deep":
                        if id(node) in seen:
                            return
                    seen.add(id(node))
                    for parent in node.parents:
                        visit(parent)
                    found.append(node)

                visit(self)
                return found
            if slip == "by distance":
                found, seen = [self], {id(self)}
                for node in found:
                    for parent in node.parents:
                        if id(parent) not in seen:
                            seen.add(id(parent))
                            found.append(parent)
                return found[::-1]
            if slip in ("in the order of meeting", "met, but before its parents"):
                found, seen, waiting = [], set(), [self]
                while waiting:
                    node = waiting.pop()
                    if id(node) not in seen:
                        seen.add(id(node))
                        found.append(node)
                        waiting += node.parents
                return found[::-1] if slip == "in the order of meeting" else found
            found, seen, todo = [], set(), [(self, False)]
            while todo:
                node, parents_done = todo.pop()
                if parents_done:
                    found.append(node)
                elif id(node) not in () if slip == "nodes twice" else id(node) not in seen:
                    seen.add(id(node))
                    todo.append((node, True))
                    todo += [(parent, False) for parent in node.parents]
            if slip == "users before parents":
                return found[::-1]
            if slip == "itself missing":
                return found[:-1]
            if slip == "inputs missing":
                return [node for node in found if node.parents]
            return found

        if slip == "passes on at each arrival":

            def pull_back(self):
                for parent, partial in zip(self.parents, self.partials):
                    parent.grad += partial * self.grad
                    parent.pull_back()

        def backward(self):
            nodes = self.order()
            if slip not in ("nothing zeroed", "seed added"):
                for node in nodes:
                    if slip == "only inputs zeroed":
                        node.grad = node.grad if node.parents else 0.0
                    elif slip == "inputs not zeroed":
                        node.grad = 0.0 if node.parents else node.grad
                    else:
                        node.grad = 0.0
            if slip == "seed added":
                self.grad += 1.0
            elif slip != "seed forgotten":
                self.grad = self.data if slip == "seeded with the value" else 1.0
            if slip == "passes on at each arrival":
                self.pull_back()
                return
            if slip == "a reused node pulled back twice":
                todo = [self]
                while todo:
                    node = todo.pop()
                    for parent, partial in zip(node.parents, node.partials):
                        parent.grad += partial * node.grad
                        todo.append(parent)
                return
            if slip in ("passed on before it is complete", "passed on before it is complete, from the end"):
                todo, seen = [self], set()
                while todo:
                    node = todo.pop(0 if slip == "passed on before it is complete" else -1)
                    if id(node) not in seen:
                        seen.add(id(node))
                        for parent, partial in zip(node.parents, node.partials):
                            parent.grad += partial * node.grad
                            todo.append(parent)
                return
            for node in nodes if slip == "forward order" else reversed(nodes):
                for parent, partial in (
                    dict(zip(node.parents, node.partials)).items()
                    if slip == "each parent pulled back once"
                    else zip(node.parents, node.partials)
                ):
                    if slip == "keeps the last arrival":
                        parent.grad = partial * node.grad
                    elif slip == "upstream factor lost":
                        parent.grad += partial
                    elif slip == "first partial for all":
                        parent.grad += node.partials[0] * node.grad
                    else:
                        parent.grad += partial * node.grad

        ### END SOLUTION

    return Value


END = "    ### END SOLUTION\n"
NEXT = {1: "    def __sub__", 2: "    def order", 3: "    def backward", 4: END, 5: END}  # begins the step after
ZEROING = """\
        for node in nodes:
            node.grad = 0.0
"""
EXTENDED = {
    3: 'class Value(Value):\n    """A Value that also knows its order."""\n\n',
    4: 'class Value(Value):\n    """A Value that also goes back."""\n\n',
    5: 'class Value(Value):\n    """A Value that may go back again."""\n\n',
}
# What a step does not have yet.
NOT_YET = {
    1: (", partials=()", ", self.partials, self.grad", ", partials, 0.0", ", (1.0, 1.0)", ", (other.data, self.data)"),
    2: (", self.grad", ", 0.0"),
    3: (", self.grad", ", 0.0"),
    4: (ZEROING,),
}


def step_text(step: int) -> str:
    """The whole class as far as it has got after a step, between the markers."""
    text = text_of(value_class)
    text = text[: text.index(NEXT[step])]
    for later in NOT_YET.get(step, ()):
        if later not in text:
            raise ValueError(f"{later!r} is not in the solution")
        text = text.replace(later, "")
    before = "" if step == 1 else "# The class of the step before, with partials in all that it had.\n"
    return before + text.strip() + "\n" + END


def step_in_place(step: int) -> str:
    """What a step from the third on adds to the class, as the answer cell has it: the class is extended in place.

    The method's first line stands above the hole, so that an empty one has the method, and it does nothing. In step 4
    that would be what comes of a forgotten seed, so there the hole is all of it.
    """
    text = step_text(step)
    method = text[text.index(NEXT[2 if step == 3 else 3]) : text.index(END)].strip()
    if step == 4:
        return f"{EXTENDED[step]}    ### BEGIN SOLUTION\n    grad = 0.0\n\n    {method}\n{END}"
    first, _, body = method.partition("\n")
    inner = " " * 8
    return f"{EXTENDED[step]}    {first}\n{inner}### BEGIN SOLUTION\n{body}\n{inner}### END SOLUTION\n"
