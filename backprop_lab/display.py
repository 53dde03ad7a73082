"""How a graph shows itself in a notebook: as its picture, or as the sentence why there is none.

This puts together what stands far apart, graphs and drawings; drawing loads when the first picture is asked for.
"""

from __future__ import annotations

from .errors import LabError
from .graph.graph import Graph
from .table.values import shape_of

_drawn = "_shown"  # a graph keeps what was drawn of it under this name


def _picture(graph: Graph) -> tuple[str, str]:
    """The SVG, and its description or, where there is no picture, an empty text and why."""
    if _drawn not in graph.__dict__:
        from .drawing.picture import Picture

        try:
            an_array = len(graph.output_ids) == 1 and shape_of(graph.outputs[0].value)
            picture = Picture(graph.showing(None), None if an_array else "adjoint")
            graph.__dict__[_drawn] = picture.svg(), picture.describe()
        except LabError as error:
            graph.__dict__[_drawn] = "", str(error)
    return graph.__dict__[_drawn]


def svg_of(graph: Graph) -> str | None:
    """The picture as SVG; None where there is none."""
    return _picture(graph)[0] or None


def html_of(graph: Graph) -> str:
    """What a notebook shows: the picture, never wider than the page, or the sentence why there is none."""
    svg, words = _picture(graph)
    if not svg:
        import html  # slow to load, and rarely needed

        return f"<p>{html.escape(words)}</p>"
    from .drawing.document import as_picture

    return as_picture(svg, words)


Graph._repr_svg_ = svg_of  # type: ignore[attr-defined]
Graph._repr_html_ = html_of  # type: ignore[attr-defined]
