"""The tables of docs/note.md, from what bench_engine.py and bench_machine.py printed: ratios alone, the bad rows, too.

(python benchmarks/bench_engine.py; python benchmarks/bench_machine.py) | python benchmarks/note_tables.py
"""

import re
import sys

ROW = re.compile(r"(?P<what>\S.*?)\s{2,}(?P<goal>[<>]= [\d.]+)?\s+(?P<least>[\d.]+)x\s+(?P<median>[\d.]+)x")
PAIR = re.compile(r"(?P<program>.*)[,:] (?P<first>.*) / (?P<second>\w+)")


def tables(text: str) -> list[list[list[str]]]:
    """Neighbours in units of ours; ways to run a compiled program in units of the plain function; goals."""
    neighbours: dict[str, dict[str, str]] = {}
    ways: dict[str, dict[str, str]] = {}
    goals = [["ratio", "goal", "least", "median", "now"]]
    for row in map(ROW.match, text.splitlines()):
        if row is None:
            continue
        pair = PAIR.fullmatch(row["what"])
        if pair and pair["second"] in ("ours", "plain"):
            kind = neighbours if pair["second"] == "ours" else ways
            kind.setdefault(pair["program"], {})[pair["first"]] = row["median"]
        if row["goal"]:
            sign, limit = row["goal"].split()
            least = float(row["least"])
            met = least >= float(limit) if sign == ">=" else least <= float(limit)
            goal = f"{'≥' if sign == '>=' else '≤'}\u00a0{limit}"
            goals.append([row["what"], goal, row["least"], row["median"], "met" if met else "not\u00a0met"])
    return [_columns("function", neighbours), _columns("function", ways), goals]


def _columns(head: str, rows: dict[str, dict[str, str]]) -> list[list[str]]:
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    return [[head, *names], *([what, *(row.get(name, "–") for name in names)] for what, row in rows.items())]


def written(rows: list[list[str]]) -> str:
    """A table in Markdown."""
    head, *body = rows
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print("\n\n".join(map(written, tables(sys.stdin.read()))))
