"""Pages of HTML that need nothing else: no script, no fetched file, light and dark, and on paper."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; } h2 { font-size: 1.2em; margin: 2em 0 .3em; } h3 { font-size: 1em; margin: 1.2em 0 .3em; }
table { border-collapse: collapse; margin: .6em 0; }
td, th { border: 1px solid #8888; padding: .2em .7em; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.hint { border-left: 4px solid #b35900; padding: .2em .8em; }
.passed { border-left: 4px solid #1a7f37; padding: .2em .8em; }
img { max-width: 100%; background: #fff; border-radius: 8px; } .soft { opacity: .75; }
.wide { overflow-x: auto; }
@media print { section { break-inside: avoid; } body { margin: 0; } }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page; the parts are HTML."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{e(title)}</title>'
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def e(text: object) -> str:
    """A text in which nothing is markup."""
    return html.escape(str(text))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()) -> str:
    """A table; columns in `numbers` stand at the right."""
    right = set(numbers)

    def cells(tag: str, row: Sequence[object], scope: str = "") -> str:
        return "".join(f"<{tag}{scope}{' class=n' * (k in right)}>{e(x)}</{tag}>" for k, x in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    head = cells("th", heads, ' scope="col"')
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def points(number: float) -> str:
    """Points as a person writes them."""
    return f"{round(number, 2):g}"
