"""The table of optimisers as JavaScript, for the page: plain functions, read off the same texts.

methods_script()        the text of `const METHODS = {…}`: for each method its settings, state, `point` and `step`

`step(w, g, state, settings, t)` has a coordinate, its gradient, its state and the settings by name, and the number of
the step from 1; it returns `{ w, m, v }`, the new coordinate and the new state. `point(w, state, settings, t)` says
where the gradient is taken; it is null where that is w itself. What the texts call stands in the page's `MATHS` and
`power` (`widgets/tape.js`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..table.javascript import JavaScript
from ..text.expression import ATOM
from .methods import Method, methods


def methods_script(rows: Iterable[Method] = tuple(methods.values())) -> str:
    """The text of the page's table."""
    return "".join(["const METHODS = {\n", *map(_row, rows), "};\n"])


def _row(method: Method) -> str:
    texts, numbers = (
        {"title": method.title, "source": method.source},
        {"settings": method.settings, "state": method.state},
    )
    facts: dict[str, Any] = {**texts, **{key: dict(x) for key, x in numbers.items()}}
    parts = [f"{key}: {json.dumps(x, ensure_ascii=False)}" for key, x in facts.items()]
    reading = JavaScript("")
    reading.names = {key: (f"settings.{key}", ATOM) for key in method.settings}
    reading.names |= {key: (f"state.{key}", ATOM) for key in method.state}
    at = reading.of(method.at)[0]
    parts.append(f"point: {f'(w, state, settings, t) => {at}' if method.looks_ahead else 'null'}")
    body, known = [], {"w"}
    for key, text in method.lines:
        written = reading.of(text)[0]
        body.append(f"{key} = {written};" if key in known else f"let {key} = {written};")
        known.add(key)
        reading.names.pop(key, None)  # from here on the new one
    result = ", ".join(("w", *method.state))
    parts.append(f"step: (w, g, state, settings, t) => {{ {' '.join(body)} return {{ {result} }}; }}")
    return f"  {method.name}: {{\n    {f',{chr(10)}    '.join(parts)},\n  }},\n"
